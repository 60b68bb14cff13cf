"""Fades: every pixel changes in place, by its own colours and the time."""

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

#: The largest distance of two colours in 0..1: from black to white.
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
        0.2, low=0.01, high=0.99, doc="When the outgoing picture is grey, from 0 to 1."
    ),
) -> Pixel:
    """Dissolve through grey: colour leaves the outgoing picture early and returns late.

    FFmpeg's xfade `fadegrays`. The outgoing picture is grey from `phase` on; the incoming one has
    full colour from `1 - phase` on.
    """
    left = 1.0 - progress
    before = mixed(_grey(m, a), a, m.smoothstep(1.0 - phase, 1.0, left))
    after = mixed(b, _grey(m, b), m.smoothstep(phase, 1.0, left))
    return mixed(before, after, progress)


@transition(family="flash", use="Dissolve without a dark dip: lights, fireworks, titles on black.")
def additive(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    overlap: Scalar = param(1.0, low=0, high=1, doc="How much of both shows halfway; 0 mixes."),
) -> Pixel:
    """Bring the incoming picture up before the outgoing one has gone, like a double exposure.

    With `overlap` 1 both pictures are at full strength halfway; light beyond white is clipped.
    """
    first = m.mix(1.0 - progress, m.min(2.0 - 2.0 * progress, 1.0), overlap)
    second = m.mix(progress, m.min(2.0 * progress, 1.0), overlap)
    both = a * first + b * second
    return Pixel(both.rgb, m.min(both.a, 1.0))


@transition(use="Dissolve what is bright on black: titles, stars, fireworks.")
def non_additive(m: Math, a: Pixel, b: Pixel, progress: Scalar) -> Pixel:
    """Show the lighter of the two pictures: a vision mixer's "NAM" (non-additive mix).

    The outgoing picture fades during the second half only, the incoming one rises during the first
    half only; each channel takes the larger value.
    """
    first = a * m.min(2.0 - 2.0 * progress, 1.0)
    second = b * m.min(2.0 * progress, 1.0)
    return Pixel(first.rgb.zip(second.rgb, m.max), m.max(first.a, second.a))


@transition(use="Dissolve through a dark moment without going to black.")
def multiply_blend(m: Math, a: Pixel, b: Pixel, progress: Scalar) -> Pixel:
    """Pass through the product of the two pictures.

    Modelled on gl-transitions' `multiply_blend`.

    Where one picture is clear, the other is unchanged.
    """
    product = Pixel(
        a.rgb * (1.0 - b.a) + b.rgb * (1.0 - a.a) + a.rgb.zip(b.rgb, lambda x, y: x * y),
        a.a + b.a - a.a * b.a,
    )
    first, second = m.clamp(1.0 - 2.0 * progress), m.clamp(2.0 * progress - 1.0)
    return a * first + b * second + product * (1.0 - first - second)


@transition(use="Dissolve two shots of one place while common parts stay calm.")
def difference_fade(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    pace: str = param(
        "fast",
        choices=("fast", "slow"),
        doc="Fast: large differences go first; slow: small ones do.",
    ),
) -> Pixel:
    """Dissolve each channel at its own pace, by how much the pictures differ in it.

    FFmpeg's xfade `fadefast` and `fadeslow`: the outgoing picture's share is
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


@transition(family="dissolve", use="Dissolve two shots of one place, strong differences first.")
def distance_dissolve(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    softness: Scalar = param(0.1, low=0.004, high=1, doc="How long a single colour takes."),
) -> Pixel:
    """Switch early where the colours are far apart, and dissolve the rest.

    Modelled on FFmpeg's xfade `distance` and gl-transitions' `ColourDistance`: the Euclidean
    distance in R'G'B', scaled so that black to white is 1.
    """
    apart = [(x - y) * (x - y) for x, y in zip(a.rgb.channels, b.rgb.channels, strict=True)]
    far = m.clamp(m.sqrt(apart[0] + apart[1] + apart[2]) / _FARTHEST)
    switched = soft_front(m, progress, 1.0 - far, softness)
    return mixed(mixed(a, b, switched), b, progress)


@transition(use="Dissolve with a shimmer of colour: music, parties, adverts.")
def color_phase(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    delay: Vec3 = param(
        (0.0, 0.5, 1.0), kind="rgb", low=0, high=1, doc="When each channel starts: 0 first, 1 last."
    ),
    length: Scalar = param(0.5, low=0.05, high=1, doc="Share of the time each channel takes."),
) -> Pixel:
    """Dissolve red, green and blue at different times.

    Modelled on gl-transitions' `colorphase`.
    """
    start = delay * (1.0 - length)
    shares = start.map(lambda s: ease(m.clamp((progress - s) / length)))
    return Pixel(a.rgb + (b.rgb - a.rgb).zip(shares, lambda x, t: x * t), m.mix(a.a, b.a, progress))


@transition(family="flash", use="Flash over: a photograph is taken, a memory returns.")
def overexposure(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    strength: Scalar = param(0.6, low=0, high=8, doc="How far beyond white it is halfway."),
    color: Vec3 = param(1.0, kind="color", doc="The colour of the light."),
) -> Pixel:
    """Dissolve through a burst of light.

    Modelled on gl-transitions' `overexposure`.

    Each colour is multiplied by up to `1 + 2 * strength` and light is added until the bright parts
    burn out. Nothing is added where a picture is clear.
    """
    seen = mixed(a, b, ease(progress))
    burst = bump(progress)
    burst = burst * burst * strength
    lit = seen.rgb * (1.0 + 2.0 * burst) + color * (burst * 0.5 * seen.a)
    top = m.max(seen.a, 0.0)
    clipped = seen.rgb.zip(lit, lambda x, y: m.max(x, m.min(y, top)))
    return Pixel(clipped, seen.a)


@transition(family="dissolve", use="Dissolve through a warm glow: fire, heat, desire.")
def burn_dissolve(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    color: Vec3 = param((0.9, 0.4, 0.2), kind="color", doc="The colour of the glow."),
) -> Pixel:
    """Add a glow to the outgoing picture and take it from the incoming.

    Modelled on gl-transitions' `burn`.
    """
    first = a.rgb + color * (progress * a.a)
    second = b.rgb + color * ((1.0 - progress) * b.a)
    return mixed(Pixel(first, a.a), Pixel(second, b.a), progress)


@transition(use="Dissolve by brightness: lights or shadows change first.")
def luma_key_fade(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    by: str = param("first", choices=("first", "second"), doc="Whose brightness decides."),
    order: str = param("dark", choices=("dark", "bright"), doc="Which tones change first."),
    softness: Scalar = param(0.2, low=0.01, high=1, doc="How long a single brightness takes."),
) -> Pixel:
    """Reveal the incoming picture in order of the brightness of one of the two pictures.

    Uses luma of the display-encoded colour, clamped to 0..1; clear areas count as black.
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
    hold: Scalar = param(0.3, low=0, high=0.9, doc="Share of the time it stays negative."),
) -> Pixel:
    """Invert the outgoing picture from the highlights down, dissolve the negatives, invert back.

    Meanwhile the pictures look solarized: channels above a falling threshold are negative.
    """
    ramp = (1.0 - hold) * 0.5
    amount = m.clamp(m.min(progress, 1.0 - progress) / ramp)
    seen = mixed(a, b, m.smoothstep(0.5 - hold * 0.5, 0.501 + hold * 0.5, progress))

    def channel(x: Scalar) -> Scalar:
        turned = soft_front(m, amount, 1.0 - m.clamp(x), 0.3)
        return m.mix(x, seen.a - x, turned)

    return Pixel(seen.rgb.map(channel), seen.a)


@transition(
    family="light", use="Join shots as at the end of a film roll: weddings, travel.", ramps=True
)
def light_leak(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    color: Vec3 = param((1.0, 0.55, 0.2), kind="color", doc="The colour of the light."),
    strength: Scalar = param(1.0, low=0, high=4, doc="Peak brightness of the light."),
    width: Scalar = param(0.45, low=0.05, high=2, doc="Width of the band, in canvas widths."),
) -> Pixel:
    """Sweep a band of warm light over a soft dissolve.

    The light is screened over the picture; it adds nothing where the picture is clear.
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
