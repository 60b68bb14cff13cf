"""Tone mapping: bringing HDR and scene light into a display's range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedc.expr.math import Math, Scalar, Vec3
from vedc.ops.core.registry import param
from vedc.ops.grade import gamut
from vedc.ops.shared import color_conversion, hdr, hsl, matrix
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
    signal = hdr.pq_signal(m, m.max(x, 0.0) * to_part)
    top, most = (hdr.pq_signal(m, light * to_part) for light in (peak, m.number(1.0)))
    return hdr.pq_part(m, hdr.eetf(m, signal, top, most)) / to_part


SHAPES: Final[dict[str, Shape]] = dict(
    zip(hdr.TONE_CURVES, (_bt2390, _reinhard, _hable, _aces), strict=True)
)


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
    Each is scaled so that `peak` becomes 1. The curve applies to the largest channel, and the
    colour is scaled with it: hue and saturation stay. A `peak` below `white` counts as `white`.
    """
    shape = SHAPES[method]
    top = m.max(peak / white, 1.0)

    def mapped(x: Scalar) -> Scalar:
        return shape(m, m.max(x, 0.0), top, white)

    if per_channel:
        return rgb.map(mapped)
    light = m.max(hsl.brightest(m, rgb), 1e-6)
    return rgb * (mapped(light) / light)


# ---------------------------------------------------------------- from HDR to SDR


def to_sdr(m: Math, rgb: Vec3, method: str, peak: float, source: str, target: str) -> Vec3:
    """Linear HDR light as an SDR display shows it: 0..1 in each channel.

    ``rgb`` is in the primaries ``source``, relative to reference white; ``peak`` is the largest
    light of the film, in cd/m2. The result is in the primaries ``target``, relative to the
    display's white. ``method`` is a key of ``SHAPES``. ``bt2390`` bends the intensity of ICtCp and
    scales chroma with it, as BT.2390 describes, which keeps hues; the others bend the largest
    channel. Colours that the display cannot show are then moved into its gamut
    (:func:`~vedc.ops.grade.gamut.fitted`).
    """
    peak = min(max(peak, hdr.WHITE), hdr.PQ_PEAK)
    if method == "bt2390":
        light = _bent_in_ictcp(m, rgb, peak, source, target)
    else:
        top = m.number(peak / hdr.WHITE)
        brightest = m.max(hsl.brightest(m, rgb), 1e-6)
        bent = SHAPES[method](m, brightest, top, m.number(hdr.WHITE))
        rows = color_conversion.primaries_matrix(source, target)
        light = m.matrix(rows, rgb * (bent / brightest))
    return gamut.fitted(m, light, target)


def _bent_in_ictcp(m: Math, rgb: Vec3, peak: float, source: str, target: str) -> Vec3:
    """BT.2390-10, section 5.4.1, on I of ICtCp, with Ct and Cp scaled by the lesser of I1 / I2
    and I2 / I1.

    L'M'S' are I plus a linear function of Ct and Cp, and the curve only ever darkens: so the scale
    of all three is that of I2 to I1, and the matrix to Ct and Cp is not needed.
    """
    to_part = hdr.WHITE / hdr.PQ_PEAK
    into = matrix.product(hdr.LMS, color_conversion.primaries_matrix(source, "bt2020"))
    out_of = matrix.product(
        color_conversion.primaries_matrix("bt2020", target), matrix.inverse(hdr.LMS)
    )
    light = m.matrix(into, rgb)
    signals = light.map(lambda x: hdr.pq_signal(m, m.max(x * to_part, 0.0)))
    intensity = (signals.r + signals.g) * 0.5
    top, white = (hdr.pq_signal(m, m.number(x / hdr.PQ_PEAK)) for x in (peak, hdr.WHITE))
    scale = hdr.eetf(m, intensity, top, white) / m.max(intensity, 1e-6)
    bent = (signals * scale).map(lambda signal: hdr.pq_part(m, m.min(signal, 1.0)) / to_part)
    return m.matrix(out_of, bent)
