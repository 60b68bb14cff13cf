"""Grades that make a look: without colour, turned round, or in few tones."""

from __future__ import annotations

from typing import Final

from vedc.color import Mat3
from vedc.expr.math import Math, Scalar, Vec3
from vedc.ops.core import facts
from vedc.ops.core.registry import Values, param
from vedc.ops.shared import soft_step
from vedc.ops.shared.declare import grade
from vedc.ops.shared.plane_geometry import nonzero

#: The sepia of the W3C's Filter Effects, section 6.1 (there at amount 1).
SEPIA: Final[Mat3] = (
    (0.393, 0.769, 0.189),
    (0.349, 0.686, 0.168),
    (0.272, 0.534, 0.131),
)


@grade(
    use="Make black and white, and choose how light each colour becomes.",
    identity=facts.neutral(amount=0.0),
)
def monochrome(
    m: Math,
    rgb: Vec3,
    *,
    weights: Vec3 = param(
        (0.2126, 0.7152, 0.0722), kind="rgb", low=-2, high=3, doc="Parts of red, green, blue."
    ),
    filter: Vec3 = param(1.0, kind="color", doc="The glass before the lens; white is none."),
    amount: Scalar = param(1.0, low=0, high=1, doc="0 is the picture, 1 without colour."),
) -> Vec3:
    """Replace each colour by a grey: the weighted sum of its channels.

    `filter` works as a filter before black and white film does: it multiplies the weights,
    and the exposure is put right, so that a white object keeps its tone. Red darkens skies.
    Weights that do not add up to 1 make the picture lighter or darker.
    """
    seen = weights * filter
    gain = (weights.r + weights.g + weights.b) / nonzero(m, seen.r + seen.g + seen.b)
    grey = (rgb.r * seen.r + rgb.g * seen.g + rgb.b * seen.b) * gain
    return rgb + (grey - rgb) * amount


@grade(use="Give the brown of an old print.", identity=facts.neutral(amount=0.0))
def sepia(
    m: Math,
    rgb: Vec3,
    *,
    amount: Scalar = param(1.0, low=0, high=1, doc="0 is the picture, 1 all brown."),
) -> Vec3:
    """Mix the channels to brown tones, as the filter function `sepia()` of the W3C does."""
    return m.mix3(rgb, m.matrix(SEPIA, rgb), amount)


def _invert_back(values: Values) -> dict[str, object] | None:
    amount = facts.number(values["amount"])
    if amount is None or amount == 0.5:
        return None
    return {**values, "amount": amount / (2.0 * amount - 1.0)}


@grade(
    use="Turn a picture into its negative, or a negative into a picture.",
    identity=facts.neutral(amount=0.0),
    inverse=_invert_back,
)
def invert(
    m: Math,
    rgb: Vec3,
    *,
    amount: Scalar = param(1.0, low=0, high=1, doc="0 is the picture, 0.5 all grey."),
) -> Vec3:
    """Replace each channel x by `1 - x`, as the filter function `invert()` of the W3C does."""
    return rgb + (1.0 - 2.0 * rgb) * amount


@grade(use="Reduce the picture to few tones, as on a screen-printed poster.")
def posterize(
    m: Math,
    rgb: Vec3,
    *,
    levels: Scalar = param(4.0, low=2, high=256, doc="Tones in each channel."),
) -> Vec3:
    """Keep only `levels` evenly spread values of each channel.

    0..1 is cut into `levels` equal parts, and each part takes one value: the discrete
    transfer function of SVG's feComponentTransfer. Broken numbers are rounded.
    """
    count = m.floor(levels + 0.5)

    def tone(x: Scalar) -> Scalar:
        return m.min(soft_step.stairs(m, m.clamp(x), count), count - 1.0) / (count - 1.0)

    return rgb.map(tone)


@grade(use="Make pure black and white, for silhouettes, line art and mattes.")
def threshold(
    m: Math,
    rgb: Vec3,
    *,
    level: Scalar = param(0.5, low=0, high=1, doc="The darkest luma that becomes white."),
    softness: Scalar = param(0.0, low=0, high=1, doc="Width of the ramp below `level`."),
) -> Vec3:
    """Make white what has at least the luma `level`, and black the rest."""
    white = soft_step.step(m, level, m.luma(rgb), softness)
    return Vec3(white, white, white)


@grade(use="Turn the highlights into a negative, as light does that falls on a print in the bath.")
def solarize(
    m: Math,
    rgb: Vec3,
    *,
    level: Scalar = param(0.5, low=0, high=1, doc="The darkest value that is inverted."),
) -> Vec3:
    """Invert each channel where it is at `level` or above.

    Below stands x, above `1 - x`, as in Pillow's `ImageOps.solarize`. At the level 0.5 the two
    meet.
    """
    return rgb.map(lambda x: x + (1.0 - 2.0 * x) * soft_step.step(m, level, x))
