"""Fold constants: values that never move, opacities of opacities."""

from __future__ import annotations

from vedc.edit.model import Keyframes
from vedc.ir.graph import Node, rewrite
from vedc.ir.image import Param


def run(root: Node) -> Node:
    return rewrite(root, _fold)


def _fold(node: Node) -> Node:
    folded = {name: _constant(value) for name, value in node.params}
    if any(folded[name] is not value for name, value in node.params):
        node = node.replace(params=folded)
    return node.facts.fold(node)


def _constant(value: Param) -> Param:
    """Keyframes of one value are that value."""
    if isinstance(value, Keyframes) and len({p.value for p in value.points}) == 1:
        return value.points[0].value
    return value
