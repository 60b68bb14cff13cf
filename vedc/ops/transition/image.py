"""Wipes ordered by a picture."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import transition
from vedc.ops.shared.pixels import mixed
from vedc.ops.transition.common import soft_front


@transition(family="luma", use="Wipe in a pattern of your own, drawn as a greyscale picture.")
def luma_wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    src: Pixel = param(kind="picture", doc="A still picture; its dark areas change first."),
    softness: Scalar = param(0.1, low=0, high=1, doc="Share of the time one grey level takes."),
    invert: bool = param(False, doc="Whether bright areas change first."),
) -> Pixel:
    """Reveal the incoming picture in the order given by a picture's grey levels.

    A pixel changes when `progress` reaches its luma, as with the wipe files of MLT, Kdenlive and
    GES. Coloured pictures are read by luma; clear areas count as black. Even at `softness` 0 an
    edge is one 8-bit step wide.
    """
    luma = m.clamp(m.luma(src.rgb))
    field = 1.0 - luma if invert else luma
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, 1.0 / 255.0)))
