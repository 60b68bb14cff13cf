"""From the text of a spec to the resolved edit of every output, with every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, Literal, Never, TypeVar

from vedc.edit.media_info import FontProber, ProbeError, Prober
from vedc.edit.model import Edit
from vedc.errors import InternalError, MissingError, Problem, SpecError
from vedc.lang.expr.interpolate import interpolate
from vedc.lang.expr.variables import resolve_variables
from vedc.lang.plugins.activate import activate
from vedc.lang.resolve.expand import expand, looks_like_path
from vedc.lang.resolve.files import Files, failure
from vedc.lang.resolve.resolve import attempt
from vedc.lang.schema.validate import tree_of, validate_tree
from vedc.lang.yaml.load import Document, load
from vedc.lang.yaml.tree import Problems, SpecNode

T = TypeVar("T")

Settle = Callable[[Document, Prober, FontProber], tuple[Document, SpecNode | None]]
"""Answers a canonical spec's questions; gives also its timeline as it was before."""


def check(
    path: Path | Literal["-"],
    given: Mapping[str, str],
    prober: Prober,
    fonts: FontProber,
    *,
    var_file: Path | None = None,
    root: Path | None = None,
    allow: Sequence[Path] = (),
    plugins: bool = False,
) -> list[Edit]:
    """Load, check, expand and resolve a spec: one edit for each output, in their order.

    ``given`` are the texts of ``--set``; ``root`` and ``allow`` are as for ``resolve``; with
    ``plugins`` the Python files that the spec names may run.
    Raises MissingError if files or fonts are missing and nothing else is wrong, else
    SpecError; either holds every problem found.
    """
    variables = load(var_file) if var_file else None
    return check_document(load(path), given, prober, fonts, variables, root, allow, plugins)


def check_document(
    document: Document,
    given: Mapping[str, str],
    prober: Prober,
    fonts: FontProber,
    var_file: Document | None = None,
    root: Path | None = None,
    allow: Sequence[Path] = (),
    plugins: bool = False,
    settle: Settle | None = None,
) -> list[Edit]:
    """As :func:`check`, for a document that is loaded already.

    ``settle`` answers what the spec leaves to be decided; without it that stays open, and an
    edit with open questions is worth nothing but its checks.
    """
    folder = root or _folder(document)
    try:
        long = canonical_document(document, given, var_file, folder, allow, plugins)
    except (SpecError, MissingError) as error:
        # The rest of the checks need a sound form; which files are there does not.
        problems = Problems()
        files = Files(folder, allow, prober, fonts, problems)
        told = {problem.location for problem in error.problems}
        for named in _named_files(tree_of(document)):
            if named.location not in told and "${{" not in named.text:
                files.existing(named)
        raise failure((*error.problems, *problems)) from None
    if settle is None:
        return resolve_all(long, prober, fonts, folder, allow)
    settled, asked = settle(long, prober, fonts)
    return resolve_all(settled, prober, fonts, folder, allow, asked)


def canonical(
    path: Path | Literal["-"],
    given: Mapping[str, str],
    *,
    var_file: Path | None = None,
    plugins: bool = False,
) -> Document:
    """The canonical form of a spec, its form checked: what ``vedc config`` prints.

    Raises SpecError, and MissingError where the spec or the variables file is not there.
    """
    variables = load(var_file) if var_file else None
    return canonical_document(load(path), given, variables, plugins=plugins)


def canonical_document(
    document: Document,
    given: Mapping[str, str],
    var_file: Document | None = None,
    root: Path | None = None,
    allow: Sequence[Path] = (),
    plugins: bool = False,
) -> Document:
    """As :func:`canonical`, for a document that is loaded already."""
    problems = Problems()
    try:
        document = interpolate(document, resolve_variables(document, given, var_file))
    except SpecError as error:
        problems += error.problems
    replaced = not problems
    files = Files(root or _folder(document), allow, _not_asked, _not_asked, problems)
    tree = tree_of(document)
    named = tree.get("plugins") if isinstance(tree.value, dict) else None
    known = activate(named, files, plugins, problems)
    form = _form(document, replaced=replaced)
    problems += [p for p in form if known or p.code != "unknown-op"]
    if problems:
        raise failure(tuple(problems))
    return expand(document)


def _folder(document: Document) -> Path:
    return document.path.parent if document.path else Path.cwd()


def _not_asked(path: Path) -> Never:
    raise InternalError(f"{path} is not to be probed here")


def _form(document: Document, *, replaced: bool) -> list[Problem]:
    """What is wrong with the form of a spec.

    Where expressions could not be replaced nothing is said of the values that hold one.
    """
    tree = tree_of(document)
    if isinstance(tree.value, dict):  # ``resolve_variables`` has judged the declarations
        tree = tree.with_value({k: v for k, v in tree.value.items() if k != "variables"})
    problems = validate_tree(tree)
    if replaced:
        return problems
    unknown = {node.location for node in _texts(tree) if "${{" in node.text}
    return [problem for problem in problems if problem.location not in unknown]


def _texts(node: SpecNode) -> list[SpecNode]:
    if isinstance(node.value, dict):
        return [text for child in node.value.values() for text in _texts(child)]
    if isinstance(node.value, list):
        return [text for child in node.value for text in _texts(child)]
    return [node] if isinstance(node.value, str) else []


#: Keys whose texts name files, or assets where they do not look like a path.
_FILE_KEYS: Final = frozenset({"clip", "image", "src", "font"})


def _named_files(tree: SpecNode) -> Iterator[SpecNode]:
    """The texts of a spec, of whatever form, that can only be the paths of input files."""
    if isinstance(tree.value, list):
        for child in tree.value:
            yield from _named_files(child)
    elif isinstance(tree.value, dict):
        for key, child in tree.value.items():
            if key in ("outputs", "variables", "metadata"):
                continue
            if isinstance(child.value, str):
                if key in _FILE_KEYS and looks_like_path(child.value):
                    yield child
            elif key == "assets" and isinstance(child.value, dict):
                for asset in child.value.values():
                    if isinstance(asset.value, str):
                        yield asset
                    else:
                        yield from _named_files(asset)
            else:
                yield from _named_files(child)


def resolve_all(
    document: Document,
    prober: Prober,
    fonts: FontProber,
    root: Path | None = None,
    allow: Sequence[Path] = (),
    asked: SpecNode | None = None,
) -> list[Edit]:
    """The edits of all outputs of a canonical spec; raises as :func:`check`.

    ``asked`` is its timeline before decisions were put into it.
    """
    folder = root or _folder(document)
    tree = tree_of(document)
    prober, fonts = _once(prober), _once(fonts)
    edits: list[Edit] = []
    problems: list[Problem] = []
    for output in range(len(document.data["outputs"])):
        edit, found = attempt(tree, document, prober, fonts, output, folder, allow, asked)
        edits.append(edit)
        problems += found
    if problems:
        raise failure(problems)
    return edits


def _once(probe: Callable[[Path], T]) -> Callable[[Path], T]:
    """Probe each file once, however many outputs ask; failures included."""

    @cache
    def outcome(path: Path) -> T | ProbeError:
        try:
            return probe(path)
        except ProbeError as error:
            return error

    def asked(path: Path) -> T:
        found = outcome(path)
        if isinstance(found, ProbeError):
            raise ProbeError(found.code, found.message, found.hint)
        return found

    return asked
