"""Blurs, by filters on premultiplied pixels.

Premultiplied colours mix in proportion to their coverage, so transparent pictures get no
fringes; every filter extends the picture beyond its edges, so edges do not darken. Blurs that
model a camera work on linear light, the others on display-encoded values, as in CSS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core import facts
from vedc.ops.core.filters import builtin
from vedc.ops.core.registry import Values, param
from vedc.ops.shared.declare import stencil


@stencil(
    use="Soften a picture: a calm background, a hidden face or number plate.",
    identity=facts.neutral(radius=0.0),
    filter=builtin("gaussian"),
    arguments=lambda p: {"sigma": p["radius"]},
    ramps=True,
)
def gaussian_blur(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    radius: Scalar = param(
        8.0, low=0, high=500, unit="px", doc="Standard deviation, as of CSS's blur()."
    ),
) -> Pixel:
    """Replace each pixel with a Gaussian-weighted mean of its surroundings.

    The weight at distance d is `exp(-d**2 / (2 * radius**2))`, cut off at four radii. A single
    point becomes a spot about five radii wide.
    """
    return filtered


@stencil(
    use="The simplest and fastest blur; bright spots become squares.",
    identity=facts.neutral(radius=0.0),
    filter=builtin("box"),
    ramps=True,
)
def box_blur(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    radius: Scalar = param(
        8.0, low=0, high=500, unit="px", doc="The square's sides are 2 * radius + 1."
    ),
    iterations: int = param(
        1, kind="integer", low=1, high=8, doc="Number of passes; 3 approximate a Gaussian."
    ),
) -> Pixel:
    """Replace each pixel with the mean of the square around it."""
    return filtered


def _short(values: Values) -> bool:
    length = facts.number(values["length"])
    return length is not None and length <= 1.0


@stencil(
    space="linear",
    use="Motion blur along a straight line.",
    identity=_short,
    filter=builtin("directional"),
    ramps=True,
)
def directional_blur(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    length: Scalar = param(
        20.0, low=0, high=500, unit="px", doc="Up to 1 does nothing.", shown=40.0
    ),
    angle: Scalar = param(
        0.0, low=-360, high=360, unit="degrees", doc="Clockwise from the right.", shown=20.0
    ),
) -> Pixel:
    """Replace each pixel with the mean of the light along a line centred on it.

    Light adds up while a shutter is open, so the mean is taken in linear light.
    """
    return filtered


_CENTER: Final = param(
    0.5, kind="pair", low=0, high=1, relative=True, doc="Fixed, in fractions of width and height."
)


def _around_center(p: Mapping[str, Any]) -> dict[str, Any]:
    return {**p, "center": tuple(p["center"])}


@stencil(
    space="linear",
    use="Rush towards a point, as when zooming during the exposure.",
    identity=facts.neutral(amount=0.0),
    filter=builtin("zoom"),
    arguments=_around_center,
    ramps=True,
)
def zoom_blur(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    amount: Scalar = param(0.2, low=0, high=4, doc="0.2 zooms from 100% to 120%."),
    center: tuple[Scalar, Scalar] = _CENTER,
) -> Pixel:
    """Average the light of the picture at all magnifications from 1 to `1 + amount`."""
    return filtered


@stencil(
    space="linear",
    use="Rotational blur about a point: a wheel, a dizzy moment.",
    identity=facts.neutral(angle=0.0),
    filter=builtin("spin"),
    arguments=_around_center,
    ramps=True,
)
def spin_blur(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    angle: Scalar = param(
        10.0, low=-360, high=360, unit="degrees", doc="How far it turns; positive is clockwise."
    ),
    center: tuple[Scalar, Scalar] = _CENTER,
) -> Pixel:
    """Average the light of the picture at all rotations from 0 to `angle`."""
    return filtered


def _brightened(
    m: Math, pixel: Pixel, *, highlights: Scalar, threshold: Scalar, **others: Any
) -> Pixel:
    """The light above the threshold, which scales with coverage, amplified."""
    floor = pixel.a * threshold
    return Pixel(pixel.rgb.map(lambda x: x + m.max(x - floor, 0.0) * highlights), pixel.a)


@stencil(
    space="linear",
    use="Put a picture out of focus as a lens does: lights become discs.",
    identity=facts.neutral(radius=0.0, highlights=0.0),
    filter=builtin("lens"),
    arguments=lambda p: {
        "radius": p["radius"],
        "blades": p["blades"] if p["blades"] >= 3 else 0,
        "rotation": p["rotation"],
    },
    prepare=_brightened,
    ramps=True,
)
def lens_blur(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    radius: Scalar = param(12.0, low=0, high=100, unit="px", doc="Radius of the disc."),
    blades: int = param(
        0,
        kind="integer",
        low=0,
        high=16,
        doc="Corners of the aperture; below 3 it is round.",
        shown=6,
    ),
    rotation: Scalar = param(
        0.0, low=-360, high=360, unit="degrees", doc="Of the aperture, clockwise."
    ),
    highlights: Scalar = param(
        0.0, low=0, high=20, doc="How much the light above the threshold is amplified.", shown=6.0
    ),
    threshold: Scalar = param(0.7, low=0, high=10, doc="In linear light; white is 1."),
) -> Pixel:
    """Spread the light of each pixel over an image of the aperture.

    Film and sensors clip the light of lamps and reflections; `highlights` restores some of it
    before it is spread, so that their discs stand out.
    """
    return filtered
