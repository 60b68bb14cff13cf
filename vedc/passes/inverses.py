"""Cancel conversions that undo each other: out of linear light and straight back in."""

from __future__ import annotations

from vedc.ir.graph import Node, rewrite


def run(root: Node) -> Node:
    return rewrite(root, _cancel)


def _cancel(node: Node) -> Node:
    if not node.inputs:
        return node
    below = node.inputs[0]
    if node.op == "to_linear" and below.op == "to_display":
        # Equal only if the curve applied is the curve undone; the type of `below` says which.
        return below.inputs[0] if _same_light(below.inputs[0], node) else node
    if node.op == "to_display" and below.op == "to_linear":
        return below.inputs[0] if below.inputs[0].type == node.type else node
    if node.op == "relabel" and below.op == "relabel":
        return _cancel(node.replace(below.inputs))
    if node.op == "relabel" and below.type == node.type:
        return below
    return node


def _same_light(inner: Node, outer: Node) -> bool:
    return (inner.type.primaries, inner.type.encoding) == (
        outer.type.primaries,
        outer.type.encoding,
    )
