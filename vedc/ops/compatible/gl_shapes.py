"""The transitions of gl-transitions in which a shape grows or a hand turns.

The formulas are those of github.com/gl-transitions/gl-transitions.
"""

from __future__ import annotations

import math
from typing import Final

from vedc.expr.math import Pixel, Scalar, Vec3
from vedc.ops.compatible.stage import PI, TIE, Shader, gl
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import point_param
from vedc.ops.shared.pixels import mixed

_POINT: Final = "As fractions of width and height, from the lower left."
_SMOOTH: Final = "Width of the edge."


@gl("angular")
def _angular(
    s: Shader,
    *,
    startingAngle: Scalar = param(
        90.0, low=-3600, high=3600, unit="degrees", doc="Where the hand starts."
    ),
) -> Pixel:
    """Replace the picture behind a hand that sweeps round the middle, counter-clockwise."""
    angle = s.m.atan2(s.y - 0.5, s.x - 0.5) + startingAngle * (PI / 180.0)
    return mixed(s.a, s.b, s.m.step(s.m.fract((angle + PI) / (2.0 * PI)), s.progress))


@gl("Radial")
def _radial(
    s: Shader, *, smoothness: Scalar = param(1.0, low=0.001, high=10, doc=_SMOOTH)
) -> Pixel:
    """Replace the picture behind a soft hand that sweeps round the middle."""
    m = s.m
    turned = m.atan2(s.y * 2.0 - 1.0, s.x * 2.0 - 1.0) - (s.progress - 0.5) * (PI * 2.5)
    return mixed(s.b, s.a, m.smoothstep(0.0, smoothness, turned))


@gl("pinwheel")
def _pinwheel(
    s: Shader, *, speed: Scalar = param(2.0, low=-100, high=100, doc="How fast the blades turn.")
) -> Pixel:
    """Replace the picture behind eight turning blades."""
    m = s.m
    turned = m.atan2(s.y - 0.5, s.x - 0.5) + s.progress * speed
    left = s.sign(s.progress - m.modulo(turned, 3.1415 / 4.0))
    return mixed(s.b, s.a, m.step(left, 0.5))


@gl("circle", family="iris")
def _circle(
    s: Shader,
    *,
    center: tuple[Scalar, Scalar] = point_param(_POINT),
    backColor: Vec3 = param((0.1, 0.1, 0.1), kind="color", doc="The colour around the circle."),
) -> Pixel:
    """Close an oval on the first picture, then open it on the second."""
    away = s.length(s.x - center[0], s.y - center[1])
    radius = s.m.abs(s.progress - 0.5) * math.sqrt(8.0)
    shown = s.where(s.progress < 0.5, s.a, s.b)
    return s.where(away > radius + TIE, s.solid(backColor), shown)


@gl("circleopen", family="iris")
def _circleopen(
    s: Shader,
    *,
    smoothness: Scalar = param(0.3, low=0.001, high=10, doc=_SMOOTH),
    opening: bool = param(True, doc="Whether the oval opens."),
) -> Pixel:
    """Open an oval with a soft edge onto the second picture, or close it on the first."""
    at = s.progress if opening else 1.0 - s.progress
    away = s.length(s.x - 0.5, s.y - 0.5) * math.sqrt(2.0)
    outside = s.m.smoothstep(-smoothness, 0.0, away - at * (smoothness + 1.0))
    return mixed(s.a, s.b, 1.0 - outside if opening else outside)


@gl("CircleCrop", family="iris")
def _circle_crop(
    s: Shader, *, bgcolor: Vec3 = param(0.0, kind="color", doc="The colour in between.")
) -> Pixel:
    """Close a circle on the first picture, then open it on the second."""
    size = s.m.abs(s.progress - 0.5) * 2.0
    away = s.length(s.x - 0.5, (s.y - 0.5) / s.ratio)
    shown = s.where(s.progress < 0.5, s.a, s.b)
    return mixed(shown, s.solid(bgcolor), s.m.step(size * size * size, away))


def _crop(s: Shader, bgcolor: Vec3, narrow: Scalar, cut: bool) -> Pixel:
    m = s.m
    size = m.abs(s.progress - 0.5) * 2.0
    narrow = narrow - TIE
    inside = m.step(narrow, s.x + 0.25) * m.step(narrow, s.y + 0.25)
    inside = inside * m.step(narrow, 1.25 - s.x) * m.step(narrow, 1.25 - s.y)
    shown = s.where(s.progress < 0.5, s.a, s.b)
    covered = m.step(size * size * size, 1.0 - inside if cut else inside)
    return mixed(shown, s.solid(bgcolor), covered)


@gl("Rectangle", family="iris")
def _rectangle(
    s: Shader, *, bgcolor: Vec3 = param(0.0, kind="color", doc="The colour in between.")
) -> Pixel:
    """Grow a rectangle of a colour over the first picture, then shrink it over the second."""
    return _crop(s, bgcolor, s.m.abs(1.0 - s.progress * 2.0), cut=False)


@gl("RectangleCrop", family="iris")
def _rectangle_crop(
    s: Shader, *, bgcolor: Vec3 = param(0.0, kind="color", doc="The colour in between.")
) -> Pixel:
    """Close a rectangle on the first picture, then open it on the second."""
    return _crop(s, bgcolor, 1.0 - s.m.abs(s.progress - 0.5) * 2.0, cut=True)


@gl("heart", family="iris")
def _heart(s: Shader) -> Pixel:
    """Open a heart onto the second picture."""
    size = s.m.max(s.progress, 1e-6) * 1.6
    x, y = (s.x - 0.5) / size, (s.y - 0.4) / size
    round_ = x * x + y * y - 0.3
    return mixed(s.a, s.b, s.m.step(round_ * round_ * round_, x * x * y * y * y))


@gl("cannabisleaf", family="iris")
def _cannabisleaf(s: Shader) -> Pixel:
    """Open a leaf onto the second picture."""
    m = s.m
    size = 10.0 * m.max(m.pow(s.progress, 3.5), 1e-9)
    x, y = (s.x - 0.5) / size, (s.y - 0.5) / size + 0.35
    turn = m.atan2(y, x)
    leaf = (m.sin(turn) + 1.0) * 0.18 * (m.cos(turn * 8.0) * 0.9 + 1.0)
    leaf = leaf * (m.cos(turn * 24.0) * 0.1 + 1.0) * (m.cos(turn * 200.0) * 0.05 + 0.9)
    return mixed(s.a, s.b, 1.0 - m.step(1.0 - s.length(x, y) + leaf, 1.0))


@gl("polar_function", family="iris")
def _polar_function(
    s: Shader, *, segments: int = param(5, kind="integer", low=0, high=100, doc="Petals.")
) -> Pixel:
    """Open a flower onto the second picture."""
    m = s.m
    angle = m.atan2(s.y - 0.5, s.x - 0.5) - 0.5 * PI
    radius = (m.cos(angle * float(segments)) + 4.0) / 4.0
    return s.where(s.length(s.x - 0.5, s.y - 0.5) > radius * s.progress, s.a, s.b)


@gl("StarWipe", family="iris")
def _star_wipe(
    s: Shader,
    *,
    border_thickness: Scalar = param(0.01, low=0, high=1, doc="How wide the border is."),
    star_rotation: Scalar = param(0.75, low=-100, high=100, doc="In fifths of a turn."),
    border_color: Vec3 = param(1.0, kind="color", doc="The colour of the border."),
    star_center: tuple[Scalar, Scalar] = point_param(_POINT),
) -> Pixel:
    """Open a star with a border onto the second picture."""
    m, fifth = s.m, 2.0 * PI / 5.0

    def turned(x: Scalar, y: Scalar, by: Scalar) -> tuple[Scalar, Scalar]:
        c, n = m.cos(by), m.sin(by)
        return c * x - n * y, n * x + c * y

    x, y = turned(s.x - star_center[0], s.y - star_center[1], star_rotation * fifth)
    arm = m.floor((m.atan2(y, x) + PI) / fifth) + 0.5
    x, y = turned(x, y, arm * -fifth)
    reach = m.abs(y) - x * 0.3
    size = (border_thickness * 2.0 + 1.0) * s.progress - border_thickness
    beyond = s.where(reach < size + border_thickness, s.solid(border_color), s.a)
    return s.where(reach < size, s.b, beyond)
