"""Pictures in cells: not a map of the canvas, as each cell shows the mean of what it covers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vedc.expr.math import Math, Pixel
from vedc.ops.core import facts
from vedc.ops.core.filters import builtin
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import stencil
from vedc.ops.shared.plane_geometry import Point


def _cells(values: Mapping[str, Any]) -> dict[str, float]:
    across, down = values["size"]
    return {"across": float(across), "down": float(down)}


@stencil(
    use="Hide a face or a number plate, or imitate an old game.",
    identity=facts.neutral(size=(1.0, 1.0)),
    filter=builtin("mosaic"),
    arguments=_cells,
)
def pixelate(
    m: Math,
    pixel: Pixel,
    filtered: Pixel,
    *,
    size: Point = param(
        (16.0, 16.0), kind="pair", low=1, high=10000, unit="px", doc="Width and height of a cell."
    ),
) -> Pixel:
    """Replace every pixel of a cell by the cell's mean colour.

    One cell is centred on the canvas. Takes the mean of display-encoded values, as FFmpeg's
    `pixelize` does.
    """
    return filtered
