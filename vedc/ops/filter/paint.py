"""Painting: strokes along the edges of a picture, in the colours of another."""

from __future__ import annotations

from vedc.expr.math import Lut, Math, Pixel, Position, Scalar, premultiply, unpremultiply
from vedc.ops.core.filters import builtin
from vedc.ops.core.registry import param
from vedc.ops.shared import lattice_noise
from vedc.ops.shared.declare import stencil

#: The paper's coarse and fine grain, as fractions of the height, and their weights.
_GRAINS = ((1 / 180, 0.6), (1 / 400, 0.4))


@stencil(
    use="Turn footage into a painting: oils, with relief, or water colours without it, on paper.",
    filter=builtin("paint"),
    arguments=lambda p: {"size": p["size"], "relief": p["relief"]},
)
def paint(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    at: Position,
    *,
    size: Scalar = param(
        0.014, low=0.001, high=0.1, doc="Width of the brush, in parts of the height.", shown=0.02
    ),
    relief: Scalar = param(
        0.35, low=0, high=2, doc="How thick the paint is; 0 is flat, as water colours.", shown=0.5
    ),
    paper: Scalar = param(0.0, low=0, high=1, doc="How far the grain of paper shows."),
    src: Lut | None = param("", kind="palette", doc="A painting, whose colours are used."),
    color: Scalar = param(1.0, low=0, high=1, doc="How far the painting's colours are taken."),
    amount: Scalar = param(1.0, low=0, high=1, doc="Opacity of the painting over the picture."),
) -> Pixel:
    """Paint over a picture with strokes that follow its edges.

    An oriented Kuwahara filter makes flat areas of one colour and keeps edges; lines along the
    edges give it strokes, and a relief of bristles in the same direction is lit from above on the
    left. `src`, or `asset`, names a painting: colours move towards the nearest of its palette, by
    one table for the whole film. Nothing depends on the frames around, so what hardly moves hardly
    changes; `steady` calms the rest. The look is the same at every size of the output.
    """
    painted = unpremultiply(m, filtered)
    if src is not None:
        painted = m.mix3(painted, m.lookup(src, painted), color)
    noise: Scalar = m.number(0.0)
    for part, weight in _GRAINS:
        cell = at.height * part
        noise = noise + lattice_noise.gradient(m, at.x / cell, at.y / cell, 17.0) * weight
    painted = painted * (1.0 + (noise - 0.5) * paper * 0.7)
    return pixel * (1.0 - amount) + premultiply(painted, filtered.a) * amount
