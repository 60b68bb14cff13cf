"""Tone mapping: bringing HDR and scene light into a display's range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedc.expr.math import Math, Scalar, Vec3
from vedc.ops.core.registry import param
from vedc.ops.shared import hdr, hsl
from vedc.ops.shared.declare import linear_grade

Shape = Callable[[Math, Scalar, Scalar, Scalar], Scalar]
"""(m, light, peak, white): light and peak relative to white, white in cd/m2."""


def _reinhard(m: Math, x: Scalar, peak: Scalar, white: Scalar) -> Scalar:
    """Reinhard et al., "Photographic Tone Reproduction for Digital Images", 2002, formula 4."""
    return x * (1.0 + x / (peak * peak)) / (1.0 + x)


def _hable(m: Math, x: Scalar, peak: Scalar, white: Scalar) -> Scalar:
    """Hable, "Uncharted 2: HDR Lighting", 2010."""

    def curve(x: Scalar) -> Scalar:
        a, b, c, d, e, f = 0.15, 0.50, 0.10, 0.20, 0.02, 0.30
        return (x * (a * x + c * b) + d * e) / (x * (a * x + b) + d * f) - e / f

    return curve(x) / curve(peak)


def _aces(m: Math, x: Scalar, peak: Scalar, white: Scalar) -> Scalar:
    """Narkowicz, "ACES Filmic Tone Mapping Curve", 2016: a fit of ACES's output transform."""

    def curve(x: Scalar) -> Scalar:
        return x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)

    return curve(x) / curve(peak)


def _bt2390(m: Math, x: Scalar, peak: Scalar, white: Scalar) -> Scalar:
    """ITU-R BT.2390-10, section 5.4.1: a Hermite spline over PQ, black at 0."""
    to_part = white / hdr.PQ_PEAK
    top = hdr.pq_signal(m, peak * to_part)
    most = hdr.pq_signal(m, to_part) / top
    knee = 1.5 * most - 0.5
    # If the peak is the display's own, the spline has no range and nothing to do.
    room = m.max(1.0 - knee, 1e-6)
    signal = m.min(hdr.pq_signal(m, m.max(x, 0.0) * to_part) / top, 1.0)
    t = m.max((signal - knee) / room, 0.0)
    square = t * t
    cube = square * t
    spline = (
        (2.0 * cube - 3.0 * square + 1.0) * knee
        + (cube - 2.0 * square + t) * room
        + (3.0 * square - 2.0 * cube) * most
    )
    mapped = m.select(signal < knee, signal, spline)
    return hdr.pq_part(m, m.clamp(mapped * top)) / to_part


SHAPES: Final[dict[str, Shape]] = {
    "bt2390": _bt2390,
    "reinhard": _reinhard,
    "hable": _hable,
    "aces": _aces,
}


@linear_grade(use="Show HDR or log footage on an ordinary display without burnt highlights.")
def tone_map(
    m: Math,
    rgb: Vec3,
    *,
    method: str = param("bt2390", choices=tuple(SHAPES), doc="The curve."),
    peak: Scalar = param(
        1000.0, low=100, high=10000, unit="cd/m2", doc="Light that becomes display white."
    ),
    white: Scalar = param(203.0, low=50, high=1000, unit="cd/m2", doc="Light of 1.0."),
    per_channel: bool = param(
        False, doc="Whether to map each channel by itself, so that highlights pale as on film."
    ),
) -> Vec3:
    """Bend light up to `peak` into 0..1.

    `bt2390` is the transform of ITU-R BT.2390: it leaves most of the picture alone and rolls
    the highlights off. `reinhard` is the extended operator of 2002, `hable` the curve of
    Uncharted 2, `aces` Narkowicz's fit of the ACES output; these three change midtones too.
    Each is scaled so that `peak` becomes 1. The curve is that of the largest channel, with
    which the colour is scaled: hue and saturation stay. A `peak` below `white` counts as it.
    """
    shape = SHAPES[method]
    top = m.max(peak / white, 1.0)

    def mapped(x: Scalar) -> Scalar:
        return shape(m, m.max(x, 0.0), top, white)

    if per_channel:
        return rgb.map(mapped)
    light = m.max(hsl.brightest(m, rgb), 1e-6)
    return rgb * (mapped(light) / light)
