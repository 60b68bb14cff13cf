"""Cancel what undoes itself: conversions there and back, an op and its own inverse."""

from __future__ import annotations

from vedc import ops
from vedc.ir.graph import Node, rewrite
from vedc.ir.types import STRUCTURAL


def run(root: Node) -> Node:
    return rewrite(root, _cancel)


def _cancel(node: Node) -> Node:
    if not node.inputs:
        return node
    below = node.inputs[0]
    if node.op == "to_linear" and below.op == "to_display":
        # The curve that is undone is the one just applied: `below`'s type names it.
        inner = below.inputs[0]
        return inner if inner.type.primaries == node.type.primaries else node
    if node.op == "to_display" and below.op == "to_linear":
        return below.inputs[0] if below.inputs[0].type == node.type else node
    if node.op == "relabel":
        if below.op == "relabel":
            return _cancel(node.replace(below.inputs))
        return below if below.type == node.type else node
    if node.op == below.op and _undoes(node, below):
        return below.inputs[0]
    return node


def _undoes(node: Node, below: Node) -> bool:
    """Whether an op takes back what the same op has done just before."""
    if node.op in STRUCTURAL:
        return False
    inverse = ops.get(node.op).inverse
    return inverse is not None and inverse(dict(below.params)) == dict(node.params)
