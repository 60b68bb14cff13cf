"""Blends beyond the W3C's, under the names that paint programs and editors use.

Alpha follows the W3C's formula; colours follow the formulas that FFmpeg's ``blend`` filter,
Pillow's ``ImageChops`` and GIMP agree on.
"""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Pixel, Position, Scalar
from vedc.ops.blend.w3c import STEP, burnt, dodged, separable
from vedc.ops.core.registry import op
from vedc.ops.shared.pixels import straight

#: A threshold is a ramp as wide as one step of 8 bits: exact on 8-bit values.
CODES: Final = 255.0


@separable(use="Add light to light; in linear light as two lamps do.")
def add(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """The sum, also known as linear dodge.

    `cb + cs`. Nothing is clamped: light above 1 is preserved for later ops.
    """
    return cb + cs


@separable(use="Take one picture's light away from another: remove a known glow or offset.")
def subtract(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """The backdrop less the source.

    `max(0, cb - cs)`.
    """
    return m.max(cb - cs, 0.0)


@separable(use="Even out uneven light with a picture of the light alone (flat field).")
def divide(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """The backdrop over the source.

    `cb / cs`, clamped to 0..1; the divisor is at least 2**-12, so that black over black is black
    and anything else over black is white.
    """
    return m.clamp(cb / m.max(cs, STEP))


@separable(use="Darken more evenly than multiply does: shadows, ink, vignettes.")
def linear_burn(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """The sum less white.

    `max(0, cb + cs - 1)`.
    """
    return m.max(cb + cs - 1.0, 0.0)


@separable(use="Raise contrast strongly by a texture: middle grey changes nothing.", bounded=True)
def linear_light(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Linear burn where the source is dark, linear dodge where it is light.

    `clamp(cb + 2 cs - 1)`.
    """
    return m.clamp(cb + 2.0 * cs - 1.0)


@separable(use="Raise contrast to the utmost: burn the darks and dodge the lights.", bounded=True)
def vivid_light(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Colour burn where the source is dark, colour dodge where it is light.

    `color_burn(cb, 2 cs)` for a source up to 1/2, else `color_dodge(cb, 2 cs - 1)`.
    """
    return m.select(cs <= 0.5, burnt(m, cb, 2.0 * cs), dodged(m, cb, 2.0 * cs - 1.0))


@separable(use="Replace only what is far off in brightness: special effects.", bounded=True)
def pin_light(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Darken where the source is dark, lighten where it is light.

    `min(cb, 2 cs)` for a source up to 1/2, else `max(cb, 2 cs - 1)`.
    """
    return m.select(cs <= 0.5, m.min(cb, 2.0 * cs), m.max(cb, 2.0 * cs - 1.0))


@separable(use="Reduce a picture to the eight full colours.", bounded=True)
def hard_mix(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Each channel is fully on where the two add up to 1, else off.

    The edge is a ramp one step of 8 bits wide, just below 1: exact on 8-bit values and steady
    on all others.
    """
    return m.clamp((cb + cs - 1.0) * CODES + 1.0)


@op(
    "blend",
    space="display",
    use="Break an overlay's soft edge or fade up into specks.",
)
def blend_dissolve(m: Math, backdrop: Pixel, source: Pixel, at: Position) -> Pixel:
    """Show either the source or the backdrop in each pixel, at random.

    The source's alpha is the probability. The pattern is fixed to the canvas and always the
    same; an alpha of 0 shows nothing and of 1 everything.
    """
    sharp = 4096.0  # over so small a part of the probability both are mixed: rounding is harmless
    chance = m.hash(at.x, at.y)
    shown = m.clamp(source.a * (sharp + 1.0) - chance * sharp)
    return Pixel(straight(m, source), m.number(1.0)) * shown + backdrop * (1.0 - shown)
