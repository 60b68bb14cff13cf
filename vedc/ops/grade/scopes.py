"""Exposure aids that paint over the picture."""

from __future__ import annotations

from typing import Final

from vedc.color import Vec3f
from vedc.expr.math import Math, Position, Scalar, Vec3
from vedc.ops.core.registry import param
from vedc.ops.shared import soft_step
from vedc.ops.shared.declare import grade

#: Lower and upper luma, and colour: the zones of ARRI's cameras ("ALEXA Pocket Guide").
ZONES: Final[tuple[tuple[float, float, Vec3f], ...]] = (
    (-1e6, 0.025, (0.45, 0.10, 0.60)),  # purple: black is crushed
    (0.025, 0.040, (0.10, 0.25, 0.85)),  # blue: just above black
    (0.380, 0.420, (0.15, 0.65, 0.20)),  # green: middle grey
    (0.520, 0.560, (0.95, 0.55, 0.65)),  # pink: skin, one stop above
    (0.970, 0.990, (0.95, 0.90, 0.10)),  # yellow: just below white
    (0.990, 1e6, (0.90, 0.10, 0.10)),  # red: white is clipped
)


@grade(use="Check the exposure of every part of the picture at a glance.")
def false_color(m: Math, rgb: Vec3) -> Vec3:
    """Paint zones of luma in colours and the rest grey.

    Purple below 2.5%, blue to 4%, green 38 to 42% (middle grey), pink 52 to 56% (skin), yellow 97
    to 99%, red above: the zones and colours of ARRI's cameras.
    """
    luma = m.luma(rgb)
    shown = Vec3(luma, luma, luma)
    for low, high, color in ZONES:
        inside = soft_step.between(m, low, high, luma)
        shown = m.mix3(shown, m.color(color), inside)
    return shown


@grade(use="See which parts are about to clip, as in a camera's viewfinder.")
def zebra(
    m: Math,
    rgb: Vec3,
    at: Position,
    *,
    low: Scalar = param(0.95, low=0, high=2, doc="The darkest luma that is marked.", shown=0.6),
    high: Scalar = param(2.0, low=0, high=2, doc="Luma from here on is not marked."),
    size: Scalar = param(12.0, low=2, high=200, unit="px", doc="Distance from stripe to stripe."),
    color: Vec3 = param(0.0, kind="color", doc="Colour of the stripes."),
) -> Vec3:
    """Draw diagonal stripes where luma is between two limits.

    70% with a `high` of 80% marks well-lit skin; 95% marks nearly white areas. Stripes and gaps are
    equally wide.
    """
    # The quarter keeps the stripes' edges away from the centres of pixels.
    along = (at.x + at.y + 0.25) / size
    stripe = m.select(along - m.floor(along) < 0.5, 1.0, 0.0)
    return m.mix3(rgb, color, soft_step.between(m, low, high, m.luma(rgb)) * stripe)
