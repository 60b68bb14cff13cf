"""Effects on arrays: the ops' own bodies and filters, without a graph.

A picture is (height, width, 3), display values. If it is a smaller copy of the frame, lengths in
pixels are scaled with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from vedc import ops
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.decide.arrays import Floats
from vedc.decide.grades.shot import Canvas, Step
from vedc.errors import InternalError
from vedc.expr.math import Clock, Pixel, Position, Scalar, Vec3
from vedc.expr.picture import Picture
from vedc.ops.core.registry import Op, Param
from vedc.ops.shared import color_conversion

RATE: Final = 25.0
"""Frames per second if unknown."""


def drawn(
    steps: Sequence[Step],
    picture: NDArray[Any],
    canvas: Canvas | None = None,
    *,
    scale: float = 1.0,
    frame: int = 0,
    rate: float = RATE,
) -> Floats:
    """A picture after effects, not clamped.

    ``scale``: its width relative to the frame whose pixels are the steps' unit. ``frame`` counts
    from the start of the item. Raises InternalError for ops other than grades and stencils of one
    frame.
    """
    canvas = canvas or Canvas()
    shown = np.asarray(picture, np.float64)
    for step in steps:
        shown = _applied(step, shown, canvas, scale, frame, rate)
    return shown


def _applied(
    step: Step, picture: Floats, canvas: Canvas, scale: float, frame: int, rate: float
) -> Floats:
    op = ops.get(step["op"])
    given = {p.name: _argument(p, step.get(p.name, p.default), scale) for p in op.params}
    planes = np.ascontiguousarray(picture.transpose(2, 0, 1))
    m = NumpyMath(canvas.matrix, layers=[planes])
    height, width = picture.shape[:2]
    places: dict[str, Any] = {}
    if op.positional:
        x, y = np.arange(width) + 0.5, np.arange(height)[:, np.newaxis] + 0.5
        places["at"] = Position(*cast("tuple[Scalar, ...]", (x, y, float(width), float(height))))
    if op.timed:
        clock = float(frame), frame / rate
        places["clock"] = Clock(*cast("tuple[Scalar, ...]", clock))
    color = _color(planes)
    with np.errstate(all="ignore"):
        if op.space == "linear":
            color = color_conversion.linearize(m, color, canvas.transfer)
        made = _ran(op, m, color, places, given)
        if op.space == "linear":
            made = color_conversion.delinearize(m, made, canvas.transfer)
    shape = (height, width)
    channels = [np.broadcast_to(np.asarray(c, np.float64), shape) for c in made.channels]
    return np.nan_to_num(np.stack(channels, -1))


def _ran(op: Op, m: NumpyMath, color: Vec3, places: dict[str, Any], given: dict[str, Any]) -> Vec3:
    if op.kind == "grade":
        return cast(Vec3, op.body(m, color, **places, **given))
    pixel = Pixel(color, m.number(1.0))
    if op.kind != "stencil" or op.past or (op.filter is None and not op.samples):
        raise InternalError(f"{op.name} is not an effect of one frame")
    if op.filter is None:
        height, width = m.layers[0].shape[1:]
        seen = Picture(m, 0, float(width), float(height), pixel, alpha=False)
        return cast(Pixel, op.body(m, seen, **places, **given)).rgb
    if op.filter.window != (0, 0):
        raise InternalError(f"{op.name} sees several frames")
    before = pixel if op.prepare is None else op.prepare(m, pixel, **given)
    planes: list[Any] = [*before.rgb.channels, *([] if op.prepare is None else [before.a])]
    layer = np.stack([np.asarray(plane) for plane in planes])
    arguments = given if op.arguments is None else op.arguments(given)
    after = op.filter.cpu(layer.astype(np.float32), **arguments).astype(np.float64)
    coverage = m.number(1.0) if op.prepare is None else after[3]
    filtered = Pixel(_color(after[:3]), cast(Scalar, coverage))
    return cast(Pixel, op.body(m, pixel, filtered, **places, **given)).rgb


def _color(planes: NDArray[Any]) -> Vec3:
    return Vec3(*cast("tuple[Scalar, ...]", tuple(planes)))


def _argument(param: Param, value: Any, scale: float) -> Any:
    """A plain value as a body takes it, with pixels scaled to this picture."""
    factor = scale if param.unit == "px" else 1.0
    match param.kind:
        case "number":
            return float(value) * factor
        case "pair":
            return tuple(float(v) * factor for v in np.broadcast_to(value, 2))
        case "rgb" | "color":
            return _color(np.broadcast_to(np.asarray(value, np.float64), 3))
        case "enum" | "boolean" | "integer" | "text":
            return value
        case _:
            raise InternalError(f"an effect has no parameter of kind {param.kind}")
