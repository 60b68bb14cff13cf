"""Sharpening, glows and mattes: a picture combined with a filtered copy."""

from __future__ import annotations

from typing import Any

from vedc.expr.math import Math, Pixel, Scalar, Vec3, unpremultiply
from vedc.ops.core import facts
from vedc.ops.core.filters import builtin
from vedc.ops.core.registry import param
from vedc.ops.shared import hsl
from vedc.ops.shared.declare import stencil


def _beneath(m: Math, pixel: Pixel, filtered: Pixel) -> Vec3:
    """The filtered colour at the pixel's coverage, so that only colours differ."""
    return filtered.rgb * m.select(filtered.a > 0.0, pixel.a / filtered.a, 0.0)


@stencil(
    use="Make edges crisper, after scaling or for a soft lens.",
    identity=facts.neutral(amount=0.0),
    filter=builtin("gaussian"),
    arguments=lambda p: {"sigma": p["radius"]},
)
def sharpen(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    amount: Scalar = param(0.7, low=-1, high=10, doc="Detail added; negative softens.", shown=3.0),
    radius: Scalar = param(
        1.5, low=0.1, high=100, unit="px", doc="Standard deviation of the blur.", shown=2.5
    ),
    threshold: Scalar = param(
        0.0, low=0, high=1, doc="Detail below this is noise and stays; white is 1."
    ),
) -> Pixel:
    """Unsharp mask: add what a Gaussian blur would remove.

    `x + amount * d` with `d = x - blurred`; a threshold brings d that much closer to 0. Coverage
    does not change.
    """

    def core(detail: Scalar) -> Scalar:
        limit = threshold * pixel.a
        return detail - m.clamp(detail, -limit, limit)

    detail = pixel.rgb - _beneath(m, pixel, filtered)
    return Pixel(pixel.rgb + detail.map(core) * amount, pixel.a)


@stencil(
    use="Give textures and skies more punch without moving black and white.",
    identity=facts.neutral(amount=0.0),
    filter=builtin("gaussian"),
    arguments=lambda p: {"sigma": p["radius"]},
)
def clarity(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    amount: Scalar = param(
        0.4, low=-1, high=4, doc="Strength; negative values give a soft, misty look.", shown=1.2
    ),
    radius: Scalar = param(40.0, low=1, high=500, unit="px", doc="Size of what counts as local."),
) -> Pixel:
    """Raise the local contrast of the midtones.

    Adds `amount * 4 * y * (1 - y)` times the difference between the luma y and its wide Gaussian
    blur to all three channels: most at middle grey, nothing at black and white.
    """
    luma = m.luma(pixel.rgb)
    straight = m.clamp(m.select(pixel.a > 0.0, luma / pixel.a, 0.0))
    difference = luma - m.luma(_beneath(m, pixel, filtered))
    change = difference * (amount * 4.0) * straight * (1.0 - straight)
    return Pixel(pixel.rgb + change, pixel.a)


def bright(m: Math, pixel: Pixel, *, threshold: Scalar, softness: Scalar, **others: Any) -> Pixel:
    """The light that spreads: what exceeds the threshold, with a soft knee below it."""
    brightest = hsl.brightest(m, pixel.rgb)
    level, coverage = threshold * pixel.a, pixel.a
    knee = m.max(level * softness, coverage * 1e-5)
    rising = m.clamp(brightest - level + knee, 0.0, 2.0 * knee)
    above = m.max(rising * rising / m.max(4.0 * knee, 1e-8), brightest - level)
    share = m.max(above, 0.0) / m.max(brightest, 1e-6)
    return pixel * share


@stencil(
    space="linear",
    use="Let lamps, windows and skies bleed over their edges.",
    identity=facts.neutral(amount=0.0),
    filter=builtin("gaussian"),
    arguments=lambda p: {"sigma": p["radius"]},
    prepare=bright,
    ramps=True,
)
def halo(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    threshold: Scalar = param(0.8, low=0, high=10, doc="In linear light; white is 1.", shown=0.5),
    radius: Scalar = param(
        24.0, low=0, high=500, unit="px", doc="Standard deviation of the spread.", shown=60.0
    ),
    amount: Scalar = param(
        0.4, low=0, high=10, doc="Share of the spread light that is added.", shown=1.5
    ),
    softness: Scalar = param(
        0.5, low=0, high=1, doc="Width of the knee below the threshold, as a fraction of it."
    ),
) -> Pixel:
    """Bloom: spread the light above `threshold` and add it, in linear light.

    A pixel emits its colour times the share of its brightest channel that exceeds the threshold;
    around the threshold that share follows a parabola. Light falls on transparent areas too:
    there the halo brings its own coverage.
    """
    spread = filtered * amount
    return Pixel(pixel.rgb + spread.rgb, pixel.a + (1.0 - pixel.a) * m.clamp(spread.a))


@stencil(
    use="A dreamy soft-focus look: bright and misty, but not blurred.",
    identity=facts.neutral(amount=0.0),
    filter=builtin("gaussian"),
    arguments=lambda p: {"sigma": p["radius"]},
    ramps=True,
)
def glow(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    amount: Scalar = param(0.5, low=0, high=1, doc="Opacity of the blurred copy."),
    radius: Scalar = param(20.0, low=0, high=500, unit="px", doc="Standard deviation of its blur."),
) -> Pixel:
    """Screen the picture with a blurred copy of itself (M. Orton's sandwich of two slides).

    `x + amount * b * (1 - x)`, where b is the blurred copy and white is 1. Coverage does not
    change.
    """
    veil = m.saturate(unpremultiply(m, filtered)) * amount
    dark = pixel.rgb.map(lambda x: m.clamp(pixel.a - x, 0.0, pixel.a))
    return Pixel(pixel.rgb + veil.zip(dark, lambda v, d: v * d), pixel.a)


@stencil(
    use="Remove specks and dead pixels; larger radii give flat, painted areas.",
    identity=facts.neutral(radius=0),
    filter=builtin("median"),
)
def median(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    radius: int = param(
        1,
        kind="integer",
        low=0,
        high=20,
        unit="px",
        doc="The square's sides are 2 * radius + 1.",
        shown=3,
    ),
) -> Pixel:
    """Replace each channel with the median of the square around the pixel.

    From radius 3 on, values are clamped to 0..1 and exact to half of 1/1020.
    """
    return filtered


@stencil(
    use="Smooth skin and flat areas while edges stay sharp.",
    identity=facts.neutral(spatial=0.0),
    filter=builtin("bilateral"),
    arguments=lambda p: {"spatial": max(p["spatial"], 0.01), "tonal": p["tonal"]},
)
def bilateral(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    spatial: Scalar = param(
        3.0, low=0, high=15, unit="px", doc="Standard deviation over the distance.", shown=8.0
    ),
    tonal: Scalar = param(
        0.1,
        low=0.001,
        high=3,
        doc="Standard deviation over the difference of colours; white is 1.",
        shown=0.4,
    ),
) -> Pixel:
    """Blur with weights that fall off with distance and with difference of colour.

    Tomasi and Manduchi's filter (1998); the difference of two colours is the sum of the
    differences of their channels.
    """
    return filtered


@stencil(
    use="Choke the fringe of a key (below 0), or add a margin to a cut-out (above 0).",
    identity=facts.neutral(radius=0.0),
    filter=builtin("morphology"),
)
def grow_matte(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    radius: Scalar = param(
        -1.0, low=-64, high=64, unit="px", doc="Positive grows, negative shrinks.", shown=-16.0
    ),
) -> Pixel:
    """Move the outline of what is visible outwards or inwards.

    Coverage becomes the maximum (minimum) over a disc of `radius`. Existing colours are kept;
    newly covered pixels take the brightest colour of the disc. An opaque picture does not change.
    """
    kept = m.select(pixel.a > 0.0, m.min(filtered.a / pixel.a, 1.0), 0.0)
    added = m.select(filtered.a > 0.0, 1.0 - m.min(pixel.a / filtered.a, 1.0), 0.0)
    return Pixel(pixel.rgb * kept + filtered.rgb * added, filtered.a)
