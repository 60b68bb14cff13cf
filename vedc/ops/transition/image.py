"""Wipes whose order a picture gives."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import transition
from vedc.ops.shared.pixels import mixed
from vedc.ops.transition.common import soft_front


@transition(use="Wipe in a pattern of your own, drawn as a grey picture.")
def luma_wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    *,
    src: Pixel = param(kind="picture", doc="A still; its dark places change first."),
    softness: Scalar = param(0.1, low=0, high=1, doc="How long one grey takes, as a part of all."),
    invert: bool = param(False, doc="Bright places change first."),
) -> Pixel:
    """Reveal the second picture in the order of another picture's greys.

    A place changes when `progress` reaches its luma, 0 to 1: the wipe files of MLT and
    Kdenlive (`luma`), and of GES. Coloured pictures count by luma, clear places as black. At
    `softness` 0 an edge is still one step of 8 bits wide.
    """
    luma = m.clamp(m.luma(src.rgb))
    field = 1.0 - luma if invert else luma
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, 1.0 / 255.0)))
