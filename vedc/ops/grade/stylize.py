"""Stylising grades: monochrome, inverted, or reduced to few tones."""

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
        (0.2126, 0.7152, 0.0722), kind="rgb", low=-2, high=3, doc="Weights of red, green and blue."
    ),
    filter: Vec3 = param(1.0, kind="color", doc="Filter in front of the lens; white is none."),
    amount: Scalar = param(1.0, low=0, high=1, doc="0 is the picture, 1 without colour."),
) -> Vec3:
    """Replace each colour by a grey: the weighted sum of its channels.

    `filter` works like a filter in front of black and white film: it multiplies the weights, and
    exposure is compensated so that a white object keeps its tone. Red darkens skies. Weights that
    do not add up to 1 make the picture lighter or darker.
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
    """Mix the channels into brown tones, as the W3C's `sepia()` filter function does."""
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
    """Replace each channel x by `1 - x`, as the W3C's `invert()` filter function does."""
    return rgb + (1.0 - 2.0 * rgb) * amount


@grade(use="Reduce the picture to a few tones, like a screen-printed poster.")
def posterize(
    m: Math,
    rgb: Vec3,
    *,
    levels: Scalar = param(4.0, low=2, high=256, doc="Tones in each channel."),
) -> Vec3:
    """Reduce each channel to `levels` evenly spaced values.

    0..1 is cut into `levels` equal parts, each with one value: the discrete transfer function of
    SVG's feComponentTransfer. Fractional `levels` are rounded.
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
    """Make pixels with a luma of at least `level` white, and the rest black."""
    white = soft_step.step(m, level, m.luma(rgb), softness)
    return Vec3(white, white, white)


@grade(use="Turn the highlights negative, like a print exposed in the bath.")
def solarize(
    m: Math,
    rgb: Vec3,
    *,
    level: Scalar = param(0.5, low=0, high=1, doc="The darkest value that is inverted."),
) -> Vec3:
    """Invert each channel where it is at `level` or above.

    The result is x below and `1 - x` above, as in Pillow's `ImageOps.solarize`. At level 0.5 the
    two meet.
    """
    return rgb.map(lambda x: x + (1.0 - 2.0 * x) * soft_step.step(m, level, x))
