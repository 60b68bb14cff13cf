"""A spec with its variables filled in, checked for its form."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Final

from vedc.lang.form.deferred import deferred_nodes, misplaced
from vedc.lang.form.prune import broken_nodes
from vedc.lang.resolve.items.context import CheckContext, no_probing
from vedc.lang.validate import validate_tree
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.gc_pause import without_gc


@without_gc
def checked_form(document: Document, context: CheckContext) -> Document:
    """The spec with its variables filled in and its plugins running; checked for its form."""
    problems = context.problems
    root = _filled_in(document, context)
    named = root.get("plugins") if isinstance(root.value, dict) else None
    known = True
    if context.composed:
        _refuse_plugins(named, problems)
    elif named is not None or _PLUGINS in sys.modules:  # those of another spec must be forgotten
        from vedc.lang.plugins.activate import activate

        known = activate(named, context.files, context.plugins, problems)
    if isinstance(root.value, dict):  # ``resolve_variables`` has checked the declarations
        root = root.with_value({k: v for k, v in root.value.items() if k != "variables"})
    for node in misplaced(root):
        message = "this has to be known before the timeline is laid out"
        hint = "only what is on the timeline, under `audio`, `master` and `captions`, and `at` of "
        problems.add("reference-place", message, node, f"{hint}outputs can refer to it")
    unknown = {node.location for node in (*broken_nodes(root), *deferred_nodes(root))}
    problems += [
        problem
        for problem in validate_tree(root)
        if (known or problem.code != "unknown-op") and problem.location not in unknown
    ]
    return replace(document, root=root)


_PLUGINS: Final = "vedc.lang.plugins.activate"


def _refuse_plugins(named: SpecNode | None, problems: Problems) -> None:
    """The plugins of the film's spec are active; compositions may not add any."""
    if named is not None:
        message = "a spec that is shown as a composition cannot bring plugins of its own"
        hint = "name them under `plugins` of the spec that shows it, and remove them here"
        problems.add("composed-plugins", message, named.key_location, hint)


def _filled_in(document: Document, context: CheckContext) -> SpecNode:
    """The spec with the values of its expressions. The expression language is loaded only if
    needed."""
    root = document.root
    declared = isinstance(root.value, dict) and "variables" in root
    if not (declared or context.set_values or context.var_file or _has_expression(root)):
        return root
    from vedc.lang.expr.interpolate import interpolate
    from vedc.lang.expr.variables import resolve_variables
    from vedc.lang.resolve.file_facts import FileFacts

    problems = context.problems
    variables = resolve_variables(
        root, context.set_values, context.var_file, problems, composed=context.composed
    )
    files = None if context.prober is no_probing else FileFacts(root, context)
    return interpolate(document, variables, problems, files)


_REPEATING: Final = ("repeat", "if")


def _has_expression(node: SpecNode) -> bool:
    value = node.value
    if isinstance(value, str):
        return "${{" in value
    if isinstance(value, dict):
        return any(
            "${{" in key or key in _REPEATING or _has_expression(held)
            for key, held in value.items()
        )
    return isinstance(value, list) and any(map(_has_expression, value))
