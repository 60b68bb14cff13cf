"""Fold constants: values that never move, opacities on opacities."""

from __future__ import annotations

from vedc.edit.model import Keyframes
from vedc.ir.graph import Node, rewrite
from vedc.ir.image import Param


def run(root: Node) -> Node:
    return rewrite(root, _fold)


def _still(value: Param) -> Param:
    """Keyframes of one value are that value."""
    if isinstance(value, Keyframes) and len({p.value for p in value.points}) == 1:
        return value.points[0].value
    return value


def _fold(node: Node) -> Node:
    folded = {name: _still(value) for name, value in node.params}
    if any(folded[name] is not value for name, value in node.params):
        node = node.replace(params=folded)
    if node.op == "opacity":
        below, value = node.inputs[0], node["value"]
        if isinstance(value, float) and below.op == "solid":
            color = below["color"]
            assert isinstance(color, tuple)
            return below.replace(params={"color": (*color[:3], color[3] * value)})
        if isinstance(value, float) and below.op == "opacity":
            inner = below["value"]
            if isinstance(inner, float):
                return node.replace(below.inputs, {"value": inner * value})
    return node
