"""Fades: every pixel changes in its place, by its own colour and the time."""

from __future__ import annotations

import math
from typing import Final

from vedc.expr.math import (
    Math,
    Pixel,
    Position,
    Scalar,
    Vec3,
    ease,
    premultiply,
    unpremultiply,
)
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import transition
from vedc.ops.shared.pixels import chosen, mixed
from vedc.ops.transition.common import bump, soft_front

#: No colour of 0..1 is farther from another than black from white.
_FARTHEST: Final = 3.0**0.5


def _grey(m: Math, pixel: Pixel) -> Pixel:
    luma = m.luma(pixel.rgb)
    return Pixel(Vec3(luma, luma, luma), pixel.a)


@transition(family="fade", use="Pass through black and white: a memory, a season.")
def fade_grays(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    phase: Scalar = param(
        0.2, low=0.01, high=0.99, doc="How soon the first picture is grey, as a part of all."
    ),
) -> Pixel:
    """Dissolve while the pictures are grey: the first loses its colour early, the second
    regains it late.

    FFmpeg's xfade `fadegrays`. The first picture is grey from `phase` on, the second has all
    its colour from `1 - phase` on.
    """
    left = 1.0 - progress
    before = mixed(_grey(m, a), a, m.smoothstep(1.0 - phase, 1.0, left))
    after = mixed(b, _grey(m, b), m.smoothstep(phase, 1.0, left))
    return mixed(before, after, progress)


@transition(use="Dissolve without a dark dip: lights, fireworks, titles on black.")
def additive(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    overlap: Scalar = param(1.0, low=0, high=1, doc="How much of both is there half-way; 0 mixes."),
) -> Pixel:
    """Fade the second picture in before the first has gone: a film printer's double exposure.

    Half-way, with `overlap` 1, each picture is there in full; light beyond white is cut.
    """
    first = m.mix(1.0 - progress, m.min(2.0 - 2.0 * progress, 1.0), overlap)
    second = m.mix(progress, m.min(2.0 * progress, 1.0), overlap)
    both = a * first + b * second
    return Pixel(both.rgb, m.min(both.a, 1.0))


@transition(use="Dissolve what is bright on black: titles, stars, fireworks.")
def non_additive(m: Math, a: Pixel, b: Pixel, progress: Scalar) -> Pixel:
    """Show the lighter picture while both are bright: a vision mixer's "NAM".

    The first picture fades in the second half only, the second comes in the first half only;
    each channel is the larger of the two.
    """
    first = a * m.min(2.0 - 2.0 * progress, 1.0)
    second = b * m.min(2.0 * progress, 1.0)
    return Pixel(first.rgb.zip(second.rgb, m.max), m.max(first.a, second.a))


@transition(use="Dissolve through a dark moment without going to black.")
def multiply_blend(m: Math, a: Pixel, b: Pixel, progress: Scalar) -> Pixel:
    """Go through the product of the pictures: gl-transitions' `multiply_blend`.

    A clear place of one picture leaves the other as it is.
    """
    product = Pixel(
        a.rgb * (1.0 - b.a) + b.rgb * (1.0 - a.a) + a.rgb.zip(b.rgb, lambda x, y: x * y),
        a.a + b.a - a.a * b.a,
    )
    first, second = m.clamp(1.0 - 2.0 * progress), m.clamp(2.0 * progress - 1.0)
    return a * first + b * second + product * (1.0 - first - second)


@transition(use="Dissolve two shots of one place: what is alike stays calm.")
def difference_fade(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    pace: str = param(
        "fast", choices=("fast", "slow"), doc="Fast: what differs goes first; slow: what is alike."
    ),
) -> Pixel:
    """Dissolve each channel at a pace of its own, by how much the pictures differ in it.

    FFmpeg's xfade `fadefast` and `fadeslow`: the first picture's share is
    `(1 - progress) ** (1 + ln(1 + d))`, where d is the difference, or one minus it.
    """
    left = 1.0 - progress

    def share(x: Scalar, y: Scalar) -> Scalar:
        apart = m.clamp(m.abs(x - y))
        if pace == "slow":
            apart = 1.0 - apart
        return m.pow(left, 1.0 + m.log2(1.0 + apart) * math.log(2.0))

    first, second = (*a.rgb.channels, a.a), (*b.rgb.channels, b.a)
    red, green, blue, alpha = (m.mix(y, x, share(x, y)) for x, y in zip(first, second, strict=True))
    return Pixel(Vec3(red, green, blue), alpha)


@transition(
    family="dissolve", use="Dissolve two shots of one place: the strong differences go first."
)
def distance_dissolve(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    softness: Scalar = param(0.1, low=0.004, high=1, doc="How long one colour takes."),
) -> Pixel:
    """Switch to the second picture where the colours are far apart; dissolve the rest.

    The idea of FFmpeg's xfade `distance` and gl-transitions' `ColourDistance`: the distance
    is Euclid's in R'G'B', that from black to white counted as 1.
    """
    apart = [(x - y) * (x - y) for x, y in zip(a.rgb.channels, b.rgb.channels, strict=True)]
    far = m.clamp(m.sqrt(apart[0] + apart[1] + apart[2]) / _FARTHEST)
    switched = soft_front(m, progress, 1.0 - far, softness)
    return mixed(mixed(a, b, switched), b, progress)


@transition(use="Dissolve with a shimmer of colour: music, parties, advertisements.")
def color_phase(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    delay: Vec3 = param(
        (0.0, 0.5, 1.0), kind="rgb", low=0, high=1, doc="When each starts: 0 first, 1 last."
    ),
    length: Scalar = param(
        0.5, low=0.05, high=1, doc="How long a channel takes, as a part of the time."
    ),
) -> Pixel:
    """Dissolve red, green and blue at different times: gl-transitions' `colorphase`."""
    start = delay * (1.0 - length)
    shares = start.map(lambda s: ease(m.clamp((progress - s) / length)))
    return Pixel(a.rgb + (b.rgb - a.rgb).zip(shares, lambda x, t: x * t), m.mix(a.a, b.a, progress))


@transition(use="Flash over: a photograph is taken, a memory returns.")
def overexposure(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    strength: Scalar = param(0.6, low=0, high=8, doc="How far beyond white half-way."),
    color: Vec3 = param(1.0, kind="color", doc="Of the light."),
) -> Pixel:
    """Dissolve through a burst of light: gl-transitions' `overexposure`.

    Each colour is multiplied by up to `1 + 2 * strength`, and light is added on top, until the
    bright parts have burned out. Light adds nothing where a picture is clear.
    """
    seen = mixed(a, b, ease(progress))
    burst = bump(progress)
    burst = burst * burst * strength
    lit = seen.rgb * (1.0 + 2.0 * burst) + color * (burst * 0.5 * seen.a)
    top = m.max(seen.a, 0.0)
    kept = seen.rgb.zip(lit, lambda x, y: m.max(x, m.min(y, top)))
    return Pixel(kept, seen.a)


@transition(family="dissolve", use="Dissolve through a warm glow: fire, heat, desire.")
def burn_dissolve(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    color: Vec3 = param((0.9, 0.4, 0.2), kind="color", doc="Of the glow."),
) -> Pixel:
    """Add a glow to the first picture and take it from the second: gl-transitions' `burn`."""
    first = a.rgb + color * (progress * a.a)
    second = b.rgb + color * ((1.0 - progress) * b.a)
    return mixed(Pixel(first, a.a), Pixel(second, b.a), progress)


@transition(use="Dissolve by brightness: let the lights or the shadows change first.")
def luma_key_fade(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    by: str = param("first", choices=("first", "second"), doc="Whose brightness decides."),
    order: str = param("dark", choices=("dark", "bright"), doc="What changes first."),
    softness: Scalar = param(0.2, low=0.01, high=1, doc="How long one brightness takes."),
) -> Pixel:
    """Reveal the second picture by the brightness of one of the two pictures.

    Luma of the display-encoded colour, cut to 0..1; clear places count as black.
    """
    luma = m.clamp(m.luma((a if by == "first" else b).rgb))
    field = luma if order == "dark" else 1.0 - luma
    return mixed(a, b, soft_front(m, progress, field, softness))


@transition(family="dissolve", use="Shock or unsettle: the negative shows for a moment.")
def negative_dissolve(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    hold: Scalar = param(0.3, low=0, high=0.9, doc="How long it is negative, as a part of all."),
) -> Pixel:
    """Invert the first picture from its lights down, dissolve the negatives, invert back.

    On the way the pictures look solarized: channels above a falling threshold are negative.
    """
    ramp = (1.0 - hold) * 0.5
    amount = m.clamp(m.min(progress, 1.0 - progress) / ramp)
    seen = mixed(a, b, m.smoothstep(0.5 - hold * 0.5, 0.501 + hold * 0.5, progress))

    def channel(x: Scalar) -> Scalar:
        turned = soft_front(m, amount, 1.0 - m.clamp(x), 0.3)
        return m.mix(x, seen.a - x, turned)

    return Pixel(seen.rgb.map(channel), seen.a)


@transition(use="Join shots as at the end of a film roll: weddings, travel, memories.", ramps=True)
def light_leak(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    color: Vec3 = param((1.0, 0.55, 0.2), kind="color", doc="Of the light."),
    strength: Scalar = param(1.0, low=0, high=4, doc="How bright it gets."),
    width: Scalar = param(0.45, low=0.05, high=2, doc="Of the light, in canvas widths."),
) -> Pixel:
    """Sweep a band of warm light over the cut, which is a soft dissolve beneath it.

    The light is screened over the picture, and adds nothing where it is clear.
    """
    middle = progress * (1.0 + 4.0 * width) - 2.0 * width
    off = (at.u - middle + 0.15 * (at.v - 0.5)) / width
    glow = m.exp2(off * off * -2.5) * bump(progress) * strength
    glow = glow + 0.25 * strength * bump(progress) * bump(progress)
    shown = m.smoothstep(-0.6, 0.6, -off)
    ends = m.smoothstep(0.0, 0.25, progress) * shown
    share = m.mix(ends, m.number(1.0), m.smoothstep(0.75, 1.0, progress))
    seen = mixed(a, b, share)
    light = color.map(lambda c: m.min(c * glow, 1.0))
    straight = unpremultiply(m, seen)
    lit = light.zip(straight, lambda c, x: x + c * m.max(1.0 - x, 0.0))
    return chosen(m, bump(progress) > 0.0, premultiply(lit, seen.a), seen)
