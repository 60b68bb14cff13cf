"""From the text of a spec to the resolved edit of every output, with every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from vedc.edit.model import Edit
from vedc.lang.expr.interpolate import interpolate
from vedc.lang.expr.variables import resolve_variables
from vedc.lang.plugins.activate import activate
from vedc.lang.resolve.context import CheckContext
from vedc.lang.resolve.expand import expand, looks_like_path
from vedc.lang.resolve.files import failure
from vedc.lang.resolve.resolve import resolve
from vedc.lang.schema.validate import validate_tree
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import SpecNode

Settle = Callable[[Document, CheckContext], Document]
"""Answers the questions of a canonical spec."""


def check(document: Document, context: CheckContext, settle: Settle | None = None) -> list[Edit]:
    """Check, expand and resolve a spec: one edit for each output, in their order.

    ``settle`` answers what the spec leaves to be decided; without it that stays open, and an
    edit with open questions is good for nothing but its checks.

    Raises MissingError if files or fonts are missing and nothing else is wrong, else
    SpecError; either holds every problem found.
    """
    tree = _checked_form(document, context)
    if context.problems:
        # The rest of the checks need a sound form; which files are there does not.
        told = {problem.location for problem in context.problems}
        for named in _named_files(document.root):
            if named.location not in told and "${{" not in named.text:
                context.files.existing(named)
        raise failure(context.problems)
    expanded = expand(tree)
    settled = settle(expanded, context) if settle is not None else expanded
    return resolve_all(settled, context, expanded)


def canonical(document: Document, context: CheckContext | None = None) -> Document:
    """The canonical form of a spec, its form checked: what ``vedc config`` prints.

    Raises SpecError or MissingError with every problem found.
    """
    context = context or CheckContext(document.folder)
    tree = _checked_form(document, context)
    if context.problems:
        raise failure(context.problems)
    return expand(tree)


def _checked_form(document: Document, context: CheckContext) -> Document:
    """The spec with its variables filled in and its plugins running; checked for its form."""
    problems = context.problems
    variables = resolve_variables(document.root, context.set_values, context.var_file, problems)
    root = interpolate(document, variables, problems)
    named = root.get("plugins") if isinstance(root.value, dict) else None
    known = activate(named, context.files, context.plugins, problems)
    if isinstance(root.value, dict):  # ``resolve_variables`` has judged the declarations
        root = root.with_value({k: v for k, v in root.value.items() if k != "variables"})
    unknown = {node.location for node in _broken(root)}
    problems += [
        problem
        for problem in validate_tree(root)
        if (known or problem.code != "unknown-op") and problem.location not in unknown
    ]
    return replace(document, root=root)


def _broken(node: SpecNode) -> Iterator[SpecNode]:
    """The values of which nothing is known."""
    if node.broken:
        yield node
    children = node.value
    if isinstance(children, (dict, list)):
        for child in children.values() if isinstance(children, dict) else children:
            yield from _broken(child)


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
    document: Document, context: CheckContext, expanded: Document | None = None
) -> list[Edit]:
    """The edits of all outputs of a canonical spec; raises as :func:`check`.

    ``expanded`` is the spec before decisions were put into it: they do not change the canvas.
    """
    undecided = (expanded or document).root["timeline"]
    outputs = range(len(document.root["outputs"].items))
    edits = [resolve(document, context, output, undecided) for output in outputs]
    if context.problems:
        raise failure(context.problems)
    return edits
