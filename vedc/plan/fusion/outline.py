"""Emission of an item's box outline: the share of a pixel within it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from vedc.edit.values import Keyframes
from vedc.expr.math import Math, Scalar
from vedc.ir.graph import Node
from vedc.ops.shared import signed_distance
from vedc.plan.executable import KernelParam, Rect
from vedc.plan.fusion.mapping import way_of

if TYPE_CHECKING:
    from vedc.plan.fusion.kernel_builder import KernelBuilder

#: Points and weights of Gauss-Legendre quadrature on -1..1.
_POINTS: Final = (
    (-0.9602898564975363, 0.1012285362903763),
    (-0.7966664774136267, 0.2223810344533745),
    (-0.5255324099163290, 0.3137066458778873),
    (-0.1834346424956498, 0.3626837833783620),
    (0.1834346424956498, 0.3626837833783620),
    (0.5255324099163290, 0.3137066458778873),
    (0.7966664774136267, 0.2223810344533745),
    (0.9602898564975363, 0.1012285362903763),
)
#: The distance beyond which a Gaussian counts as 0, in standard deviations.
_FAR: Final = 3.5
#: The variance of a pixel's area, over which a matte averages.
_PIXEL: Final = 1.0 / 12.0


def box_matte(k: KernelBuilder, node: Node, rect: Rect) -> Scalar:
    """The part of each pixel within a box."""
    m, at = k.math, k.coordinates.position(rect)
    box = node["box"]
    assert isinstance(box, tuple)
    left, top, width, height = map(m.number, box)
    x, y, wide, high = at.x - left, at.y - top, width, height
    larger: Scalar = m.number(1.0)
    if node.get("pivot") is not None:
        way = way_of(k, node)
        across, down = way.back((at.x, at.y))
        # From the box's own corner, in canvas pixels.
        x = across - (left - way.anchor[0]) * way.scale[0]
        y = down - (top - way.anchor[1]) * way.scale[1]
        wide, high = width * way.scale[0], height * way.scale[1]
    if node.get("zoom") is not None:
        larger = m.min(_number(k, node, "zoom", 0), _number(k, node, "zoom", 1))
    if node.get("shift") is not None:
        x = x - _number(k, node, "shift", 0) * larger
        y = y - _number(k, node, "shift", 1) * larger
    across, down = wide * 0.5, high * 0.5
    u, v = x - across, y - down
    radius = None
    if node.get("radius") is not None:
        side = m.min(wide, high)
        radius = _number(k, node, "radius", 0) * larger + _number(k, node, "radius", 1) * side
        radius = m.clamp(radius, 0.0, m.min(across, down))
    if node.get("blur") is not None:
        deviation = _number(k, node, "blur") * larger * 0.5
        return _blurred(m, u, v, across, down, radius, deviation)
    if node.get("inset") is not None:
        inset = _number(k, node, "inset") * larger
        across, down = across - inset, down - inset
        radius = None if radius is None else m.max(radius - inset, 0.0)
    if radius is None:
        inside = _covered(m, u, across) * _covered(m, v, down)
    else:
        # A box consumed by its inset is empty.
        some = m.clamp(m.min(across, down) * 2.0)
        across, down = m.max(across, 0.0), m.max(down, 0.0)
        inside = m.clamp(0.5 - signed_distance.box(m, u, v, across, down, radius)) * some
    return 1.0 - inside if node.get("invert") else inside


def _number(k: KernelBuilder, node: Node, name: str, channel: int | None = None) -> Scalar:
    value = node[name]
    assert isinstance(value, (float, tuple, Keyframes))
    return k.numbers.uniform(KernelParam(value, channel))


def _covered(m: Math, at: Scalar, half: Scalar) -> Scalar:
    """The part of a pixel at ``at`` that lies within ``half`` of 0, on one axis."""
    size = m.max(half * 2.0, 0.0)
    return m.min(m.clamp(half - m.abs(at) + 0.5), size)


def _blurred(
    m: Math,
    u: Scalar,
    v: Scalar,
    across: Scalar,
    down: Scalar,
    radius: Scalar | None,
    deviation: Scalar,
) -> Scalar:
    """A box of half sizes ``across`` and ``down`` around the origin, convolved with a Gaussian.

    In closed form with square corners. With round ones each row is a line in closed form, and rows
    are summed by Gauss-Legendre quadrature as far as the Gaussian extends.
    """
    spread = m.sqrt(deviation * deviation + _PIXEL)
    unit = 1.0 / spread
    if radius is None:
        return _line(m, u, across, unit) * _line(m, v, down, unit)
    first = m.max(-down, v - spread * _FAR)
    last = m.min(down, v + spread * _FAR)
    middle, reach = (first + last) * 0.5, m.max(last - first, 0.0) * 0.5
    total = m.number(0.0)
    for point, weight in _POINTS:
        row = middle + reach * point
        beyond = m.max(m.abs(row) - (down - radius), 0.0)
        curved = m.sqrt(m.max(radius * radius - beyond * beyond, 0.0))
        away = (row - v) * unit
        bell = m.exp2(away * away * (-0.5 / math.log(2.0)))
        total = total + _line(m, u, across - radius + curved, unit) * bell * weight
    return m.clamp(total * reach * unit * (1.0 / math.sqrt(2.0 * math.pi)))


def _line(m: Math, at: Scalar, half: Scalar, unit: Scalar) -> Scalar:
    """A line of half length ``half`` around 0, convolved with a Gaussian of deviation 1 / unit."""
    return (_erf(m, (half - at) * unit) + _erf(m, (half + at) * unit)) * 0.5


def _erf(m: Math, x: Scalar) -> Scalar:
    """erf(x / sqrt(2)), within 3e-7 (Abramowitz and Stegun 26.2.19)."""
    t = m.min(m.abs(x), 8.0)
    factors = (0.0498673470, 0.0211410061, 0.0032776263, 0.0000380036, 0.0000488906, 0.0000053830)
    total: Scalar = m.number(factors[-1])
    for factor in reversed(factors[:-1]):
        total = total * t + factor
    power = total * t + 1.0
    for _ in range(4):
        power = power * power
    found = 1.0 - 1.0 / power
    return m.select(x < 0.0, -found, found)
