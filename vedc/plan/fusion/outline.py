"""Emission of what follows the outline of an item's box: how much of a pixel is within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedc.expr.math import Math, Scalar
from vedc.ir.graph import Node
from vedc.plan.executable import Rect
from vedc.plan.fusion.mapping import way_of

if TYPE_CHECKING:
    from vedc.plan.fusion.kernel_builder import KernelBuilder


def box_matte(k: KernelBuilder, node: Node, rect: Rect) -> Scalar:
    """The part of each pixel within a box."""
    m, at = k.math, k.coordinates.position(rect)
    box = node["box"]
    assert isinstance(box, tuple)
    left, top, width, height = map(m.number, box)
    x, y, wide, high = at.x - left, at.y - top, width, height
    if node.get("pivot") is not None:
        way = way_of(k, node)
        across, down = way.back((at.x, at.y))
        # From the box's own corner, in canvas pixels.
        x = across - (left - way.anchor[0]) * way.scale[0]
        y = down - (top - way.anchor[1]) * way.scale[1]
        wide, high = width * way.scale[0], height * way.scale[1]
    return _covered(m, x, wide) * _covered(m, y, high)


def _covered(m: Math, at: Scalar, size: Scalar) -> Scalar:
    """The part of a pixel at ``at`` that lies within 0..size, on one axis."""
    return m.min(m.clamp(m.min(at, size - at) + 0.5), size)
