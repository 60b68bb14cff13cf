"""Masks by colour: confine a change to what looks a certain way."""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Scalar, Vec3
from vedc.ops.core.registry import param
from vedc.ops.shared import hsl
from vedc.ops.shared.declare import mask
from vedc.ops.shared.matte import band, ramp, rgb_distance

#: Chroma (largest minus smallest channel) below which a colour's hue counts less and less.
FAINT_CHROMA: Final = 1.0 / 64.0


@mask(use="Confine a change to the shadows, midtones or highlights.")
def luma_mask(
    m: Math,
    rgb: Vec3,
    *,
    low: Scalar = param(0.5, low=0, high=1, doc="Darkest luma that is fully inside."),
    high: Scalar = param(1.0, low=0, high=1, doc="Brightest luma that is fully inside."),
    softness: Scalar = param(0.1, low=0, high=1, doc="Fade, in luma, beyond both limits."),
) -> Scalar:
    """The parts of the picture within a range of luma.

    Luma is display-encoded, with the canvas's weights, clamped to 0..1.
    """
    return band(m, m.clamp(m.luma(rgb)), low, high, softness)


@mask(use="Weaken a change, or fade it in and out with keyframes.")
def uniform(
    m: Math,
    rgb: Vec3,
    *,
    amount: Scalar = param(
        1.0, low=0, high=1, doc="How much of the op it lets through.", shown=0.5
    ),
) -> Scalar:
    """All of the picture alike: the strength of the op that has it as its mask.

    `{op: curves, luma: [[0, 0], [0.5, 0.6], [1, 1]], mask: {op: uniform, amount: 0.5}}` mixes both
    pictures half and half.
    """
    return amount


@mask(use="Confine a change to everything near one colour.")
def color_range(
    m: Math,
    rgb: Vec3,
    *,
    color: Vec3 = param(
        (0.0, 0.5, 0.0), kind="color", doc="The colour to find.", shown=(0.6, 0.62, 0.12)
    ),
    similarity: Scalar = param(
        0.1, low=0, high=1, doc="Distance that is fully inside.", shown=0.25
    ),
    softness: Scalar = param(0.1, low=0, high=1, doc="Fade, in distance, beyond that."),
) -> Scalar:
    """The parts of the picture within a distance of a colour.

    The distance is the root mean square difference of display-encoded R, G and B: 0 for equal
    colours, 1 between black and white. `color_key` is the same as a key.
    """
    return 1.0 - ramp(m, rgb_distance(m, rgb, color), similarity, softness)


@mask(use="Confine any grade to skin, sky, grass or one red coat.")
def qualifier(
    m: Math,
    rgb: Vec3,
    *,
    hue: Scalar = param(
        0.0, low=-360, high=720, unit="degrees", doc="0 red, 120 green, 240 blue.", shown=230.0
    ),
    hue_width: Scalar = param(
        360.0,
        low=0,
        high=360,
        unit="degrees",
        doc="Hues fully inside, around `hue`; 360 is all.",
        shown=70.0,
    ),
    hue_softness: Scalar = param(
        20.0, low=0, high=180, unit="degrees", doc="Fade, in degrees, on each side."
    ),
    saturation_low: Scalar = param(0.0, low=0, high=1, doc="Palest fully inside.", shown=0.35),
    saturation_high: Scalar = param(1.0, low=0, high=1, doc="Strongest fully inside."),
    saturation_softness: Scalar = param(0.1, low=0, high=1, doc="Fade beyond both."),
    luma_low: Scalar = param(0.0, low=0, high=1, doc="Darkest fully inside."),
    luma_high: Scalar = param(1.0, low=0, high=1, doc="Brightest fully inside."),
    luma_softness: Scalar = param(0.1, low=0, high=1, doc="Fade beyond both."),
) -> Scalar:
    """The parts of the picture within ranges of hue, saturation and luma: the product of all three.

    Hue and saturation are HSV's, saturation being `(max - min) / max` of the channels; luma uses
    the canvas's weights; all are display-encoded. As colours approach grey (max - min below 1/64)
    their hue counts less and less; grey itself is inside only where `hue_width` is 360. Saturation
    is measured against 1/64 where the largest channel is smaller.
    """
    chroma = hsl.chroma(m, rgb)
    turn = m.modulo(hsl.hue(m, rgb) * 360.0 - hue + 180.0, 360.0) - 180.0
    within = 1.0 - ramp(m, m.abs(turn), hue_width * 0.5, m.max(hue_softness, 1.0))
    coloured = m.clamp(chroma * (1.0 / FAINT_CHROMA))
    by_hue = m.max(within * coloured, m.step(360.0, hue_width))
    saturation = m.clamp(chroma / m.max(hsl.brightest(m, rgb), 1.0 / 64.0))
    by_saturation = band(m, saturation, saturation_low, saturation_high, saturation_softness)
    by_luma = band(m, m.clamp(m.luma(rgb)), luma_low, luma_high, luma_softness)
    return by_hue * by_saturation * by_luma
