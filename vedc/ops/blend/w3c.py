"""Blends: a source laid over a backdrop.

W3C Compositing and Blending, Level 1, with both pictures premultiplied. This file has the
formula that all modes share and the modes that work on each channel by itself; the rest are in
``color`` (all channels together), ``editor_modes`` (other editors' modes) and ``porter_duff``
(Porter and Duff's operators).

A mode defined only between black and white first clamps both colours to 0..1. The others preserve
values beyond.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Final

from vedc.expr.math import Math, Pixel, Scalar, Vec3
from vedc.ops.core.registry import Op, op
from vedc.ops.shared.pixels import straight

#: The spec's word for a mode -> the op. CSS's spelling where CSS has the mode.
BLEND_MODES: Final[dict[str, str]] = {
    "normal": "normal",
    "multiply": "multiply",
    "screen": "screen",
    "overlay": "overlay",
    "darken": "darken",
    "lighten": "lighten",
    "color-dodge": "color_dodge",
    "color-burn": "color_burn",
    "hard-light": "hard_light",
    "soft-light": "soft_light",
    "difference": "difference",
    "exclusion": "exclusion",
    "hue": "blend_hue",
    "saturation": "blend_saturation",
    "color": "blend_color",
    "luminosity": "luminosity",
    "plus-lighter": "plus_lighter",
    "add": "add",
    "subtract": "subtract",
    "divide": "divide",
    "linear-burn": "linear_burn",
    "linear-light": "linear_light",
    "vivid-light": "vivid_light",
    "pin-light": "pin_light",
    "hard-mix": "hard_mix",
    "darker-color": "darker_color",
    "lighter-color": "lighter_color",
    "dissolve": "blend_dissolve",
    "clear": "clear",
    "copy": "copy",
    "destination": "destination",
    "source-over": "normal",
    "destination-over": "destination_over",
    "source-in": "source_in",
    "destination-in": "destination_in",
    "source-out": "source_out",
    "destination-out": "destination_out",
    "source-atop": "source_atop",
    "destination-atop": "destination_atop",
    "xor": "xor",
    "lighter": "plus_lighter",
}

#: Lower bound of divisors: a 12-bit step. Quotients then never turn the last bits of a difference
#: into a colour, and dividing modes have no jump at 0.
STEP: Final = 2.0**-12


def composited(backdrop: Pixel, source: Pixel, mixed: Vec3) -> Pixel:
    """Both pictures, with ``mixed`` where they overlap.

    ``co = cs as (1 - ab) + cb ab (1 - as) + as ab B(cb, cs)``, ``ao = as + ab (1 - as)``: the
    specification's sections 5 and 10 in one.
    """
    alone, below = 1.0 - backdrop.a, 1.0 - source.a
    rgb = source.rgb * alone + backdrop.rgb * below + mixed * (source.a * backdrop.a)
    return Pixel(rgb, source.a + backdrop.a * below)


def separable(
    *, use: str, bounded: bool = False
) -> Callable[[Callable[[Math, Scalar, Scalar], Scalar]], Op]:
    """Declare a mode by what it makes of one channel of the backdrop and of the source.

    ``bounded``: both colours are clamped to 0..1 first.
    """

    def declare(mix: Callable[[Math, Scalar, Scalar], Scalar]) -> Op:
        def body(m: Math, backdrop: Pixel, source: Pixel) -> Pixel:
            cb, cs = straight(m, backdrop), straight(m, source)
            if bounded:
                cb, cs = m.saturate(cb), m.saturate(cs)
            pairs = zip(cb.channels, cs.channels, strict=True)
            return composited(backdrop, source, Vec3(*(mix(m, b, s) for b, s in pairs)))

        return op("blend", space="display", use=use)(update_wrapper(body, mix))

    return declare


@op(
    "blend",
    space="display",
    use="Lay one picture over another.",
)
def normal(m: Math, backdrop: Pixel, source: Pixel) -> Pixel:
    """Source over backdrop, on premultiplied values.

    `source + backdrop * (1 - source alpha)`, the simple alpha compositing of W3C Compositing
    and Blending, Level 1, section 5; display-encoded values are blended, as browsers and
    editors do.
    """
    return source + backdrop * (1.0 - source.a)


@separable(use="Darken with a texture, a shadow or ink: white leaves the backdrop as it is.")
def multiply(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """The product of the two colours: never brighter than either.

    `cb * cs` (W3C Compositing and Blending, Level 1, 10.1).
    """
    return cb * cs


@separable(use="Add light, flares or fog from a dark picture: black is left out.", bounded=True)
def screen(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Multiplied as negatives: never darker than either.

    `cb + cs - cb * cs` (W3C, 10.1).
    """
    return cb + cs - cb * cs


@separable(
    use="Give a backdrop contrast and texture and keep its lights and shadows.", bounded=True
)
def overlay(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Multiply where the backdrop is dark, screen where it is light.

    Hard light with the pictures exchanged (W3C, 10.1).
    """
    return hard_lit(cs, cb, m)


@separable(use="Keep the darker of two exposures, or dark writing on white.")
def darken(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """The darker value of each channel.

    `min(cb, cs)` (W3C, 10.1).
    """
    return m.min(cb, cs)


@separable(use="Keep the lighter of two exposures: star trails, light painting.")
def lighten(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """The lighter value of each channel.

    `max(cb, cs)` (W3C, 10.1).
    """
    return m.max(cb, cs)


def dodged(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """``cb / (1 - cs)``, at most 1; 0 where cb is 0."""
    return m.min(cb / m.max(1.0 - cs, STEP), 1.0)


def burnt(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """``1 - (1 - cb) / cs``, at least 0; 1 where cb is 1."""
    return 1.0 - m.min((1.0 - cb) / m.max(cs, STEP), 1.0)


@separable(use="Make a backdrop glow where the source is bright.", bounded=True)
def color_dodge(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Brighten the backdrop to reflect the source.

    `min(1, cb / (1 - cs))`, and 0 where the backdrop is 0 (W3C, 10.1). The divisor is at
    least 2**-12, a 12-bit step.
    """
    return dodged(m, cb, cs)


@separable(use="Deepen a backdrop, colours and contrast, where the source is dark.", bounded=True)
def color_burn(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Darken the backdrop to reflect the source.

    `1 - min(1, (1 - cb) / cs)`, and 1 where the backdrop is 1 (W3C, 10.1). The divisor is at
    least 2**-12, a 12-bit step.
    """
    return burnt(m, cb, cs)


def hard_lit(cb: Scalar, cs: Scalar, m: Math) -> Scalar:
    """Multiply by ``2 cs`` up to 1/2, screen by ``2 cs - 1`` above."""
    light = 2.0 * cs - 1.0
    return m.select(cs <= 0.5, cb * (2.0 * cs), cb + light - cb * light)


@separable(use="Light the backdrop as by a harsh lamp: middle grey changes nothing.", bounded=True)
def hard_light(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Multiply where the source is dark, screen where it is light.

    `2 cb cs` for a source up to 1/2, else the screen of `cb` and `2 cs - 1` (W3C, 10.1).
    """
    return hard_lit(cb, cs, m)


@separable(use="Light the backdrop as by a diffuse lamp: gentle contrast, dodge and burn layers.",
           bounded=True)  # fmt: skip
def soft_light(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Darken or lighten gently, by the source.

    `cb - (1 - 2 cs) cb (1 - cb)` for a source up to 1/2, else `cb + (2 cs - 1) (D - cb)` where
    D is `((16 cb - 12) cb + 4) cb` up to 1/4 and the square root of cb above (W3C, 10.1).
    """
    root = m.select(cb <= 0.25, ((16.0 * cb - 12.0) * cb + 4.0) * cb, m.sqrt(m.max(cb, 0.0)))
    light = 2.0 * cs - 1.0
    return cb + light * m.select(cs <= 0.5, cb * (1.0 - cb), root - cb)


@separable(use="Compare two pictures: black is where they agree.")
def difference(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """The absolute difference of the two colours.

    `|cb - cs|` (W3C, 10.1).
    """
    return m.abs(cb - cs)


@separable(use="Invert the backdrop by a pale source, softer than difference.", bounded=True)
def exclusion(m: Math, cb: Scalar, cs: Scalar) -> Scalar:
    """Like difference, with less contrast.

    `cb + cs - 2 cb cs` (W3C, 10.1).
    """
    return cb + cs - 2.0 * cb * cs
