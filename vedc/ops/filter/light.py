"""Light of the picture that air and glass scatter, by filters, in linear light.

The length of everything is a fraction of the height: the look is the same at every size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from vedc.expr.math import Math, Pixel, Position, Scalar, Vec3
from vedc.ops.core import facts
from vedc.ops.core.filters import builtin
from vedc.ops.core.registry import param
from vedc.ops.filter.detail import bright
from vedc.ops.shared import color_conversion, hsl, lattice_noise
from vedc.ops.shared.declare import stencil
from vedc.ops.shared.plane_geometry import length


def _lit(m: Math, pixel: Pixel, light: Pixel) -> Pixel:
    """The picture with light added, which brings its own coverage."""
    return Pixel(pixel.rgb + light.rgb, pixel.a + (1.0 - pixel.a) * m.clamp(light.a))


def _rays(p: Mapping[str, Any]) -> dict[str, Any]:
    return {"amount": p["length"], "center": tuple(p["center"])}


@stencil(
    space="linear",
    use="Shafts of light through mist, leaves or a window.",
    identity=facts.neutral(amount=0.0),
    filter=builtin("zoom"),
    arguments=_rays,
    prepare=bright,
    ramps=True,
)
def god_rays(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    center: tuple[Scalar, Scalar] = param(
        (0.5, 0.2),
        kind="pair",
        low=-3,
        high=4,
        relative=True,
        doc="Where the light comes from, in fractions of width and height; it may lie outside.",
    ),
    amount: Scalar = param(1.2, low=0, high=20, doc="Brightness of the shafts.", shown=2.0),
    length: Scalar = param(
        1.5, low=0.05, high=10, doc="How far they reach, in distances from the centre."
    ),
    threshold: Scalar = param(
        0.5, low=0, high=10, doc="Light above this shines, in linear light; white is 1.", shown=0.3
    ),
    softness: Scalar = param(
        0.5, low=0, high=1, doc="Width of the knee below the threshold, as a fraction of it."
    ),
    color: Vec3 = param((1.0, 0.95, 0.85), kind="color", doc="Colour of the air."),
) -> Pixel:
    """Spread the light above `threshold` away from a point and add it, in linear light.

    Each point is lit by the bright parts between the centre and it, so dark parts on that line cast
    a shadow. The light is the mean at all magnifications from 1 to `1 + length`.
    """
    air = color_conversion.linearize(m, color, "bt709")
    return _lit(m, pixel, Pixel(filtered.rgb.zip(air, lambda a, b: a * b), filtered.a) * amount)


#: Cells of the specks, in heights, how many of them have one, and how bright these are.
_SPECKS = ((0.19, 0.4, 0.45), (0.085, 0.22, 0.7), (0.032, 0.08, 1.0))


def _dirt(m: Math, at: Position, seed: int) -> Scalar:
    """Specks of dust out of focus and smears of fingers, 0..about 1, drawn by chance."""
    total = m.number(0.0)
    for layer, (cell, share, light) in enumerate(_SPECKS):
        x, y = at.x / (at.height * cell), at.y / (at.height * cell)
        left, top = m.floor(x), m.floor(y)
        key = float(seed * 7 + layer) + 0.5

        def chance(
            which: float, left: Scalar = left, top: Scalar = top, key: float = key
        ) -> Scalar:
            return m.hash(left + key * 31.0, top, key + which * 101.0)

        radius = 0.14 + 0.2 * chance(1.0)
        dx = x - left - (radius + (1.0 - 2.0 * radius) * chance(2.0))
        dy = y - top - (radius + (1.0 - 2.0 * radius) * chance(3.0))
        inside = length(m, dx, dy) / radius
        soft = m.smoothstep(1.0, 0.72, inside) * (0.6 + 0.4 * m.clamp(inside))
        there = m.select(chance(4.0) < share, 1.0, 0.0)
        total = total + soft * there * (0.3 + 0.7 * chance(5.0)) * light
    turned = at.x * math.cos(0.6) + at.y * math.sin(0.6)
    across = at.y * math.cos(0.6) - at.x * math.sin(0.6)
    smear = lattice_noise.gradient(
        m, turned / (at.height * 0.45), across / (at.height * 0.12), float(seed) + 3.5
    )
    return total * 0.5 + m.smoothstep(0.45, 0.8, smear) * 0.35


@stencil(
    space="linear",
    use="Dust and smears on the glass, which show where lamps shine into it.",
    identity=facts.neutral(amount=0.0),
    filter=builtin("gaussian"),
    arguments=lambda p: {"of_height": p["spread"]},
    prepare=bright,
    ramps=True,
)
def lens_dirt(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    at: Position,
    *,
    amount: Scalar = param(4.0, low=0, high=50, doc="Brightness of the dirt.", shown=5.0),
    threshold: Scalar = param(
        0.6,
        low=0,
        high=10,
        doc="Light above this lights it, in linear light; white is 1.",
        shown=0.4,
    ),
    softness: Scalar = param(
        0.5, low=0, high=1, doc="Width of the knee below the threshold, as a fraction of it."
    ),
    spread: Scalar = param(
        0.14, low=0.005, high=0.5, doc="How far a lamp lights it, relative to the height."
    ),
    seed: int = param(0, kind="integer", low=0, high=1000, doc="Each value gives other dirt."),
    src: Pixel | None = param(
        "", kind="picture", doc="A picture of dirt on black, in place of the drawn one."
    ),
) -> Pixel:
    """Light up specks and smears on the lens where the picture is bright, in linear light.

    The light above `threshold`, spread by a Gaussian, times a texture of dust out of focus and of
    smears. The texture is the same in every frame: it sits on the glass. Your own picture of dirt
    replaces it with its colours, in linear light, stretched over the picture; its black or clear
    parts are clean glass, and `seed` has no effect.
    """
    if src is None:
        return _lit(m, pixel, filtered * (_dirt(m, at, seed) * amount))
    lit = Pixel(
        filtered.rgb.zip(src.rgb, lambda light, dirt: light * dirt),
        filtered.a * hsl.brightest(m, src.rgb),
    )
    return _lit(m, pixel, lit * amount)
