"""A canonical spec with the values that depend on its own timelines."""

from __future__ import annotations

from dataclasses import replace

from vedc.lang.files import failure
from vedc.lang.form.deferred import deferred_nodes, without_deferred
from vedc.lang.form.expand import expand
from vedc.lang.form.prune import broken_nodes
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.validate import validate_tree
from vedc.lang.yaml.load import Document


def filled(document: Document, context: CheckContext, *, last: bool = True) -> Document:
    """The spec with these values, in canonical form.

    At ``last``, values that depend on undecided parts are removed. Raises SpecError or MissingError
    with every problem found.
    """
    if not any(True for _ in deferred_nodes(document.root)):
        return document
    from vedc.lang.resolve.references import fill
    from vedc.lang.resolve.resolve import open_scope

    root = fill(document, context, open_scope)
    waiting = {node.location for node in (*deferred_nodes(root), *broken_nodes(root))}
    context.problems += [p for p in validate_tree(root) if p.location not in waiting]
    if context.problems:
        raise failure(context.problems)
    expanded = expand(replace(document, root=root), context.files)
    return replace(expanded, root=without_deferred(expanded.root)) if last else expanded
