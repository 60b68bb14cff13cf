"""Fold constants: values that never move, opacities of opacities."""

from __future__ import annotations

from vedc.edit.values import Keyframes
from vedc.ir.graph import Node, rewrite
from vedc.ir.image import Param


def run(root: Node) -> Node:
    return rewrite(root, _fold)


def _fold(node: Node) -> Node:
    still: dict[str, Param] = {
        name: value.points[0].value
        for name, value in node.params
        if isinstance(value, Keyframes) and len({p.value for p in value.points}) == 1
    }
    if still:
        node = node.replace(params=still)
    return node.facts.fold(node)
