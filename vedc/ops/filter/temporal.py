"""Stencils in time: what a frame owes to the frames before it."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core.registry import op, param


@op(
    "stencil",
    space="display",
    use="Let what moves leave a fading trail: a dream, a drunken head, light at night.",
    identity=lambda values: values["decay"] == 0.0 or values["frames"] == 0,
    past=True,
)
def motion_trail(
    m: Math,
    pixel: Pixel,
    before: Pixel,
    *,
    decay: Scalar = param(
        0.0, low=0, high=0.99, doc="How much of the last frame stays.", shown=0.7
    ),
    frames: int = param(8, kind="integer", low=0, high=32, doc="How many earlier frames count."),
) -> Pixel:
    """Mix each frame with the trail that the one before it left.

    `frame * (1 - decay) + trail * decay`, an exponential average, cut off `frames` frames ago.
    Every earlier frame is decoded and graded again, so long trails cost that many times as
    much; nothing is carried from frame to frame, and any part of the film can be rendered by
    itself. At the start of a clip the trail shows what the file holds before `in`.
    """
    return pixel * (1.0 - decay) + before * decay
