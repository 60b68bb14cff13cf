"""Stencils in time: each frame depends on the frames before it."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import stencil


@stencil(
    use="Let moving things leave a fading trail: a dream, drunkenness, lights at night.",
    identity=lambda values: values["decay"] == 0.0 or values["frames"] == 0,
    past=True,
)
def motion_trail(
    m: Math,
    pixel: Pixel,
    before: Pixel,
    *,
    decay: Scalar = param(
        0.0, low=0, high=0.99, doc="How much of the previous trail remains.", shown=0.7
    ),
    frames: int = param(8, kind="integer", low=0, high=32, doc="Number of earlier frames."),
) -> Pixel:
    """Mix each frame with the trail of the previous one.

    `frame * (1 - decay) + trail * decay`, an exponential average, cut off after `frames` frames.
    Every earlier frame is decoded and graded again, so the cost grows with the length of the
    trail; no state is carried from frame to frame, and any part of the film can be rendered on
    its own. At the start of a clip the trail shows what the file contains before `in`.
    """
    return pixel * (1.0 - decay) + before * decay
