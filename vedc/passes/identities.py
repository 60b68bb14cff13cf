"""Drop what changes nothing: ops at their identity, full opacity, transparent layers."""

from __future__ import annotations

from vedc import ops
from vedc.edit.model import Keyframes
from vedc.ir.graph import Node, rewrite
from vedc.ir.types import STRUCTURAL
from vedc.ops.core.alpha import keeps_backdrop


def run(root: Node) -> Node:
    return rewrite(root, _drop)


def _drop(node: Node) -> Node:
    if node.op == "opacity":
        return node.inputs[0] if node["value"] == 1.0 else node
    if node.op == "over":
        backdrop, layer = node.inputs
        return backdrop if invisible(layer) else node
    if node.op == "place":
        picture = node.inputs[0].type
        size = (picture.width, picture.height)
        whole = size == (node["width"], node["height"]) and node["x"] == node["y"] == 0
        return node.inputs[0] if whole else node
    if node.op == "mixed":
        return node.inputs[0] if node.inputs[0] is node.inputs[1] else node
    if node.op == "masked":
        return node.inputs[0] if invisible(node.inputs[0]) else node
    if node.op in STRUCTURAL:
        return node
    declared = ops.get(node.op)
    if declared.kind == "blend":
        backdrop, layer = node.inputs[:2]
        unseen = invisible(layer) and keeps_backdrop(node.op)
        return backdrop if unseen or declared.identity(dict(node.params)) else node
    if declared.kind in ("generator", "mask"):
        return node
    if declared.kind == "transition":
        left, right = node.inputs[:2]
        return left if left is right and invisible(left) else node
    params = dict(node.params)
    if any(isinstance(v, Keyframes) for v in params.values()):
        return node
    return node.inputs[0] if declared.identity(params) else node


def invisible(node: Node) -> bool:
    """Whether a layer is known to be fully transparent."""
    if node.op == "solid":
        color = node["color"]
        return isinstance(color, tuple) and color[3] == 0.0
    if node.op == "opacity":
        return node["value"] == 0.0 or invisible(node.inputs[0])
    return node.op in ("place", "masked", "to_linear") and invisible(node.inputs[0])
