"""Blends that look at all three channels together: hue, saturation, colour and luminosity.

W3C Compositing and Blending, Level 1, section 10.2, and two modes of other editors that choose
between whole colours. Luminosity has the weights that the specification prescribes, whatever the
canvas's primaries are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Final

from vedc.color import Vec3f
from vedc.expr.math import Math, Pixel, Scalar, Vec3
from vedc.ops.blend.w3c import STEP, composited
from vedc.ops.core.registry import Op, op
from vedc.ops.shared.hsl import brightest, chroma, darkest
from vedc.ops.shared.pixels import FAINT, straight

LUM: Final[Vec3f] = (0.3, 0.59, 0.11)

#: A choice by luminosity goes over within a quarter step of 8 bits: rounding cannot flip it.
SHARP: Final = 1020.0


def _whole(*, use: str) -> Callable[[Callable[[Math, Vec3, Vec3], Vec3]], Op]:
    """Declare a mode by what it makes of two colours, both within 0..1."""

    def declare(mix: Callable[[Math, Vec3, Vec3], Vec3]) -> Op:
        def body(m: Math, backdrop: Pixel, source: Pixel) -> Pixel:
            cb, cs = m.saturate(straight(m, backdrop)), m.saturate(straight(m, source))
            return composited(backdrop, source, mix(m, cb, cs))

        return op("blend", space="display", use=use)(update_wrapper(body, mix))

    return declare


def _clip_color(m: Math, rgb: Vec3) -> Vec3:
    """ClipColor: drawn towards its own luminosity until it lies within 0..1."""
    lum, low, high = m.dot(rgb, LUM), darkest(m, rgb), brightest(m, rgb)
    # Channels at most 1 apart can leave 0..1 on one side only: one of the factors is 1.
    above = m.select(low < 0.0, lum / m.max(lum - low, FAINT), 1.0)
    below = m.select(high > 1.0, (1.0 - lum) / m.max(high - lum, FAINT), 1.0)
    return lum + (rgb - lum) * m.min(above, below)


def _set_lum(m: Math, rgb: Vec3, lum: Scalar) -> Vec3:
    """SetLum: the colour with another luminosity."""
    return _clip_color(m, rgb + (lum - m.dot(rgb, LUM)))


def _set_sat(m: Math, rgb: Vec3, sat: Scalar) -> Vec3:
    """SetSat: smallest channel 0, largest ``sat``, the third in proportion; black for a grey.

    Spreads under a step of 12 bits count as part of that step: noise on grey stays grey.
    """
    return (rgb - darkest(m, rgb)) * (sat / m.max(chroma(m, rgb), STEP))


@_whole(use="Recolour a backdrop: the source's hue, everything else from below.")
def blend_hue(m: Math, cb: Vec3, cs: Vec3) -> Vec3:
    """The hue of the source with the backdrop's saturation and luminosity.

    `SetLum(SetSat(cs, Sat(cb)), Lum(cb))` (W3C Compositing and Blending, Level 1, 10.2).
    """
    return _set_lum(m, _set_sat(m, cs, chroma(m, cb)), m.dot(cb, LUM))


@_whole(use="Take colour strength from the source: grey paint drains the backdrop.")
def blend_saturation(m: Math, cb: Vec3, cs: Vec3) -> Vec3:
    """The saturation of the source with the backdrop's hue and luminosity.

    `SetLum(SetSat(cb, Sat(cs)), Lum(cb))` (W3C, 10.2).
    """
    return _set_lum(m, _set_sat(m, cb, chroma(m, cs)), m.dot(cb, LUM))


@_whole(use="Tint a backdrop, or colour a black-and-white picture.")
def blend_color(m: Math, cb: Vec3, cs: Vec3) -> Vec3:
    """The hue and saturation of the source with the backdrop's luminosity.

    `SetLum(cs, Lum(cb))` (W3C, 10.2).
    """
    return _set_lum(m, cs, m.dot(cb, LUM))


@_whole(use="Take light and shade from the source and keep the backdrop's colours.")
def luminosity(m: Math, cb: Vec3, cs: Vec3) -> Vec3:
    """The luminosity of the source with the backdrop's hue and saturation.

    `SetLum(cb, Lum(cs))` (W3C, 10.2).
    """
    return _set_lum(m, cb, m.dot(cs, LUM))


def _chosen(m: Math, cb: Vec3, cs: Vec3, towards: float) -> Vec3:
    """The source where its luminosity is on the side ``towards`` of the backdrop's."""
    lead = (m.dot(cs, LUM) - m.dot(cb, LUM)) * (towards * SHARP)
    return m.mix3(cb, cs, m.clamp(lead + 0.5))


@_whole(use="Keep the darker picture's colours whole, where darken would mix channels.")
def darker_color(m: Math, cb: Vec3, cs: Vec3) -> Vec3:
    """The colour of lower luminosity, 0.3 R + 0.59 G + 0.11 B.

    Where the two are within half a quarter of an 8-bit step, one blends into the other.
    """
    return _chosen(m, cb, cs, -1.0)


@_whole(use="Keep the lighter picture's colours whole, where lighten would mix channels.")
def lighter_color(m: Math, cb: Vec3, cs: Vec3) -> Vec3:
    """The colour of higher luminosity, 0.3 R + 0.59 G + 0.11 B.

    Where the two are within half a quarter of an 8-bit step, one blends into the other.
    """
    return _chosen(m, cb, cs, 1.0)
