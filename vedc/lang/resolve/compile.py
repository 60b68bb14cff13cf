"""From the text of a spec to the resolved edit of every output, with every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from vedc.edit.model import Edit
from vedc.errors import MissingError, Problem, SpecError, sort_problems
from vedc.lang.files import failure
from vedc.lang.form.deferred import without_deferred
from vedc.lang.form.expand import expand
from vedc.lang.form.named_assets import looks_like_path
from vedc.lang.form.prune import prune
from vedc.lang.keys.random_pick import Pick
from vedc.lang.records.spec import without_empty_timeline
from vedc.lang.resolve.checked_form import checked_form
from vedc.lang.resolve.filled import filled
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.questions import asks_anything, questions
from vedc.lang.resolve.resolve import resolve
from vedc.lang.resolve.sections.ladder import renditions
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import SpecNode
from vedc.support.gc_pause import without_gc

Settle = Callable[[Document, CheckContext], Document]
"""Answers the questions of a canonical spec."""


def check(document: Document, context: CheckContext, settle: Settle | None = None) -> list[Edit]:
    """Check, expand and resolve a spec: one edit for each output, in their order.

    ``settle`` answers open decisions; without it they stay open, and the edit serves only for
    its checks.

    Raises MissingError if files or fonts are missing and nothing else is wrong, else
    SpecError; either holds every problem found.
    """
    warnings = _placeholders(document)
    try:
        edits = _checked(document, context, settle)
    except (SpecError, MissingError) as error:
        if not warnings:
            raise
        from vedc.lang.expr.placeholders import with_cures

        raise type(error)(with_cures(error.problems, warnings)) from None
    if not warnings:
        return edits
    return [replace(e, warnings=sort_problems((*e.warnings, *warnings))) for e in edits]


def _placeholders(document: Document) -> Sequence[Problem]:
    """Warnings about placeholders that are no expressions. Only specs with variables load the
    expression language."""
    root = document.root
    if not isinstance(root.value, dict) or "variables" not in root.value:
        return ()
    from vedc.lang.expr.placeholders import placeholders

    return placeholders(root)


def _checked(document: Document, context: CheckContext, settle: Settle | None) -> list[Edit]:
    document = checked_form(document, context)
    if context.problems:
        _check_sound_parts(document, context)
        raise failure(context.problems)
    expanded = filled(expand(document, context.files), context, last=False)
    try:
        settled = settle(expanded, context) if settle is not None else expanded
    except (SpecError, MissingError) as error:
        resolve_all(filled(expanded, context), context)
        if set(context.problems) <= set(error.problems):
            raise
        raise failure((*error.problems, *context.problems)) from None
    edits = resolve_all(filled(settled, context), context, expanded)
    if context.problems:
        raise failure(context.problems)
    return edits


def _check_sound_parts(document: Document, context: CheckContext) -> None:
    """Find semantic problems of a spec that is partly malformed."""
    root, removed = prune(document.root)
    known: set[object] = set()
    if root is not None:
        expanded = expand(replace(document, root=root), context.files)
        expanded = replace(expanded, root=without_deferred(expanded.root))
        questions(expanded.root, context, joins=False)
        if not asks_anything(expanded.root, joins=False):
            questions(expanded.root, context, joins=True)
        resolve_all(expanded, context)
        assets = expanded.root.get("assets")
        held = assets.entries.values() if assets is not None else ()
        known = {asset["src"].value for asset in held if not asset.broken}
    reported = {problem.location for problem in context.problems}
    for node in removed if root is not None else [document.root]:
        for named in _named_files(node):
            if named.location not in reported and named.value not in known:
                context.files.existing(named)


def canonical(
    document: Document, context: CheckContext | None = None, picks: list[Pick] | None = None
) -> Document:
    """The canonical form of a spec, its form checked: what ``vedc config`` prints.

    ``picks`` collects the picks of seeds. Raises SpecError or MissingError with every problem
    found.
    """
    context = context or CheckContext(document.folder)
    tree = checked_form(document, context)
    if context.problems:
        raise failure(context.problems)
    expanded = expand(tree, context.files, picks)
    if context.problems:
        raise failure(context.problems)
    return replace(expanded, root=without_empty_timeline(expanded.root))


#: Keys whose texts name files, or assets where they do not look like a path.
_FILE_KEYS: Final = frozenset({"captions", "clip", "image", "src", "font"})


def _named_files(tree: SpecNode) -> Iterator[SpecNode]:
    """The texts of a spec, well formed or not, that can only be paths of input files."""
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
            elif key == "font" and isinstance(child.value, list):
                names = (font for font in child.value if isinstance(font.value, str))
                yield from (font for font in names if looks_like_path(font.text))
            elif key == "assets" and isinstance(child.value, dict):
                for asset in child.value.values():
                    if isinstance(asset.value, str):
                        yield asset
                    else:
                        yield from _named_files(asset)
            else:
                yield from _named_files(child)


@without_gc
def resolve_all(
    document: Document, context: CheckContext, expanded: Document | None = None
) -> list[Edit]:
    """The edits of all outputs of a canonical spec, and of all renditions of a stream; see
    :func:`~vedc.lang.resolve.resolve.resolve`.

    ``expanded`` is the spec before decisions were put into it: they do not change the canvas.
    """
    undecided = (expanded or document).root["timeline"]
    outputs = document.root["outputs"].items
    # A broken output's settings are unknown; one output is enough to check the timeline.
    sound = [number for number, output in enumerate(outputs) if not output.broken] or [0]
    edits = [
        resolve(document, context, number, undecided, rendition)
        for number in sound
        for rendition in renditions(outputs[number])
    ]
    return [edit for edit in edits if edit is not None]
