"""Taking noise out of a frame, by formulas."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core import facts
from vedc.ops.core.filters import builtin
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import stencil


@stencil(
    use="Clean up a noisy, dark shot. Slow: wavelet_denoise is faster and usually better.",
    identity=facts.neutral(strength=0.0),
    filter=builtin("denoise.nlm"),
    arguments=lambda p: {**p, "strength": max(p["strength"], 1e-4)},
)
def denoise(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    strength: Scalar = param(
        0.05, low=0, high=1, doc="Roughly the noise's standard deviation; white is 1.", shown=0.15
    ),
    patch: int = param(
        2, kind="integer", low=0, high=5, unit="px", doc="Radius of the patches compared."
    ),
    search: int = param(
        5,
        kind="integer",
        low=1,
        high=15,
        unit="px",
        doc="Radius of the search for similar patches.",
    ),
) -> Pixel:
    """Average each pixel with nearby pixels in similar surroundings (non-local means).

    A pixel's weight is `exp(-d / strength**2)`, where d is the mean squared difference of the
    patches around both pixels (Buades, Coll and Morel, 2005).
    """
    return filtered


@stencil(
    use="Clean up a noisy shot: fast, and fine texture stays. Very strong noise is for clean.",
    identity=facts.neutral(strength=0.0),
    filter=builtin("denoise.wavelet"),
)
def wavelet_denoise(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    strength: Scalar = param(
        0.05, low=0, high=1, doc="The noise's standard deviation; white is 1.", shown=0.15
    ),
    chroma: Scalar = param(
        1.5, low=0, high=5, doc="How strongly colours are cleaned, relative to brightness."
    ),
) -> Pixel:
    """Keep details of each size and direction as far as they rise above the noise.

    An undecimated wavelet transform splits the picture into details of three sizes, upright, level
    and slanting; each is attenuated by the Wiener filter for the statistics around the pixel
    (Mihcak and others, 1999). `strength` is the noise itself: 0.04 is 10 of 255. Colours brighter
    than white stay so; others stay between 0 and white, and coverage does not change.
    """

    def within(before: Scalar, after: Scalar | float) -> Scalar:
        kept = m.clamp(after, 0.0, pixel.a)
        return m.select(before > pixel.a, after, m.select(before < 0.0, after, kept))

    return Pixel(pixel.rgb.zip(filtered.rgb, within), pixel.a)
