"""Stencils in time: each frame depends on the frames around it."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core import facts
from vedc.ops.core.filters import builtin
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


@stencil(
    use="Calm what flickers: a style, a filter that jumps, lamps that flicker, old film.",
    identity=lambda values: values["over"] == 0 or facts.neutral(strength=0.0)(values),
    filter=builtin("temporal.steady", (3, 3)),
)
def steady(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    over: int = param(
        3, kind="integer", low=0, high=3, doc="Frames before and after that count.", shown=3
    ),
    strength: Scalar = param(
        0.7, low=0, high=1, doc="How far each frame moves towards the mean.", shown=1.0
    ),
) -> Pixel:
    """Average each frame with its neighbours, moved to where it shows the same things.

    Optical flow at half the size finds what moved where; pixels whose flow does not lead back, or
    whose colour is quite different, do not count. Detail that the average blurs is sharpened again,
    up to 1.3 times. Place it after the op that flickers. No state is carried from frame to frame,
    so any part of the film can be rendered on its own; the ops before it are computed again for
    every frame that counts, so `over: 1` triples their cost, and `over: 3` multiplies it by seven.
    At a cut the neighbours are what the clip's own file has there.
    """
    return filtered
