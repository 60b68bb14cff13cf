"""Grades by user-drawn curves. The curves themselves are in ``vedc.ops.shared.curve``."""

from __future__ import annotations

from typing import Any

from vedc.expr.math import Lut, Math, Scalar, Vec3
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.grade.hue import rotated
from vedc.ops.shared import hsl
from vedc.ops.shared.declare import grade

STRAIGHT = (0.0, 0.0, 1.0, 1.0)
LEVEL = (0.0, 0.5, 1.0, 0.5)


def value(m: Math, curve: Lut, x: Scalar) -> Scalar:
    """The curve's height at x; beyond 0..1, its end's."""
    return m.lookup(curve, Vec3(x, x, x)).r


def bent(m: Math, curve: Lut, x: Scalar) -> Scalar:
    """x through a tone curve, which continues with slope 1 beyond 0..1.

    So whites above 1 survive a curve that leaves them alone.
    """
    inside = m.clamp(x)
    return value(m, curve, inside) + (x - inside)


@grade(
    use="Shape tone and colour freely: an S for contrast, a bent blue for mood.",
    identity=facts.neutral(
        master=STRAIGHT, red=STRAIGHT, green=STRAIGHT, blue=STRAIGHT, luma=STRAIGHT
    ),
)
def curves(
    m: Math,
    rgb: Vec3,
    *,
    master: Lut = param(
        STRAIGHT,
        kind="curve",
        low=0,
        high=1,
        doc="Of all channels, last.",
        shown=(0.0, 0.0, 0.25, 0.1, 0.75, 0.92, 1.0, 1.0),
    ),
    red: Lut = param(STRAIGHT, kind="curve", low=0, high=1, doc="Of red."),
    green: Lut = param(STRAIGHT, kind="curve", low=0, high=1, doc="Of green."),
    blue: Lut = param(
        STRAIGHT, kind="curve", low=0, high=1, doc="Of blue.", shown=(0.0, 0.2, 1.0, 0.75)
    ),
    luma: Lut = param(STRAIGHT, kind="curve", low=0, high=1, doc="Of luma; chroma stays."),
) -> Vec3:
    """Send each channel through a smooth curve, then all of them through `master`.

    Points are [x, y], with 0 black and 1 white on both axes. A curve is a monotone cubic: it never
    overshoots its points and is level before the first and after the last, as in FFmpeg's
    `curves=interp=pchip`. `luma` comes last: it moves the canvas's luma and leaves Cb and Cr alone.
    Values beyond 0..1 keep their distance from the curve's end.
    """
    each = Vec3(bent(m, red, rgb.r), bent(m, green, rgb.g), bent(m, blue, rgb.b))
    mastered = each.map(lambda x: bent(m, master, x))
    y = m.luma(mastered)
    return mastered + (bent(m, luma, y) - y)


def by_hue(*, doc: str, shown: tuple[float, ...]) -> Any:
    """A parameter: a curve over the hue, level at 0.5."""
    return param(LEVEL, kind="curve", low=0, high=1, periodic=True, doc=doc, shown=shown)


@grade(
    use="Shift some hues and not others: foliage, a dress, a sky.",
    identity=facts.neutral(curve=LEVEL),
)
def hue_vs_hue(
    m: Math,
    rgb: Vec3,
    *,
    curve: Lut = by_hue(
        doc="x: the hue in turns from red; y: 0.5 is no shift, 0 and 1 half a turn.",
        shown=(0.05, 0.5, 0.2, 0.25, 0.4, 0.5),
    ),
) -> Vec3:
    """Rotate each colour by an amount that depends on its hue.

    The hue is HSV's: 0 red, 1/3 green, 2/3 blue. The rotation is the same as in
    `hue`: by `(y - 0.5) * 360` degrees in the plane of Cb and Cr. Greys have no hue
    and stay.
    """
    return rotated(m, rgb, value(m, curve, hsl.hue(m, rgb)) - 0.5)


@grade(use="Strengthen or mute some hues and not others.", identity=facts.neutral(curve=LEVEL))
def hue_vs_sat(
    m: Math,
    rgb: Vec3,
    *,
    curve: Lut = by_hue(
        doc="x: the hue in turns from red; y: 0.5 is unchanged, 0 grey, 1 twice as strong.",
        shown=(0.05, 0.5, 0.2, 0.0, 0.4, 0.5, 0.6, 0.9),
    ),
) -> Vec3:
    """Scale the saturation of each colour by twice the curve's value at its hue.

    The hue is HSV's; saturation is the distance from the grey of equal luma, as in
    `saturation`.
    """
    luma = m.luma(rgb)
    return luma + (rgb - luma) * (2.0 * value(m, curve, hsl.hue(m, rgb)))


@grade(
    use="Lighten or darken some hues: a deeper sky, brighter skin.",
    identity=facts.neutral(curve=LEVEL),
)
def hue_vs_luma(
    m: Math,
    rgb: Vec3,
    *,
    curve: Lut = by_hue(
        doc="x: the hue in turns from red; y: 0.5 is unchanged, 0 black, 1 twice as light.",
        shown=(0.05, 0.5, 0.2, 0.1, 0.4, 0.5, 0.6, 0.9),
    ),
) -> Vec3:
    """Scale each colour by the curve's value at its hue, more for stronger colours.

    The factor is `1 + (2y - 1) * s` with HSV's hue and saturation s: greys, which have no hue,
    stay, and pale colours move little.
    """
    height = value(m, curve, hsl.hue(m, rgb))
    return rgb * (1.0 + (2.0 * height - 1.0) * hsl.saturation(m, rgb))


@grade(
    use="Drain colour from shadows or highlights, or boost the midtones.",
    identity=facts.neutral(curve=LEVEL),
)
def luma_vs_sat(
    m: Math,
    rgb: Vec3,
    *,
    curve: Lut = param(
        LEVEL,
        kind="curve",
        low=0,
        high=1,
        doc="x: luma, 0 black, 1 white; y: 0.5 is unchanged, 0 grey, 1 twice as strong.",
        shown=(0.0, 0.0, 0.4, 0.1, 0.6, 1.0, 1.0, 1.0),
    ),
) -> Vec3:
    """Scale the saturation of each colour by twice the curve's value at its luma."""
    luma = m.luma(rgb)
    return luma + (rgb - luma) * (2.0 * value(m, curve, luma))
