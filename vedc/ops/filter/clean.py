"""Denoising by a network, over a window of frames."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core import facts
from vedc.ops.core.filters import Network
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import stencil


@stencil(
    use="Take strong noise out of dark or old footage; weak noise is for wavelet_denoise.",
    identity=lambda values: (
        facts.neutral(strength=0.0)(values) or facts.neutral(amount=0.0)(values)
    ),
    filter=Network("clean", (1, 1), 1e-4),
    arguments=lambda p: {"strength": p["strength"], "weights": p["src"]},
)
def clean(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    strength: Scalar = param(
        0.05, low=0, high=0.22, doc="The noise's standard deviation; white is 1.", shown=0.15
    ),
    amount: Scalar = param(1.0, low=0, high=1, doc="How much of the noise found is taken away."),
    src: str = param(
        "",
        kind="weights",
        network="clean",
        doc="Weights that `vedc train clean` made, in place of those that come with vedc.",
    ),
) -> Pixel:
    """Take away the noise that a small network finds in a frame and its two neighbours.

    The network (59 thousand weights, its card is models/clean/clean.md) was trained on noise of
    light, sensors and codecs. `strength` tells it how much noise to expect: 10 of 255 is 0.04.
    At 0 the picture does not change. On white noise it beats `denoise` at 30 of 255 and does about
    as well at 20 and at 10; the card has the figures. No state is carried from frame to frame, so
    any part of the film can be rendered on its own; at the ends of a file its outermost frame
    repeats, and at a cut the neighbours are what the clip's own file has there. `--nn` chooses what
    runs it.
    """
    return pixel * (1.0 - amount) + filtered * amount
