"""Calling an op's body: the only place that knows its arguments and their order.

Fusion calls bodies with a tracer, tests with NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vedc.color import Color
from vedc.errors import InternalError
from vedc.expr.math import (
    Clock,
    Math,
    Pixel,
    Position,
    Scalar,
    Vec3,
    premultiply,
    unpremultiply,
)
from vedc.expr.picture import Picture
from vedc.ops.core.registry import Op
from vedc.support.lazy_dataclass import dataclass

#: Parameters that every op of a kind has and that never reach the body.
HIDDEN = {"mask": "invert", "geometry": "edge"}


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when an op is computed. Anything an op does not take may be left out."""

    at: Position | None = None
    clock: Clock | None = None
    canvas: Color | None = None


def arguments(op: Op, params: Mapping[str, object], scene: Scene) -> dict[str, Any]:
    """The body's keyword arguments."""
    hidden = HIDDEN.get(op.kind)
    result: dict[str, Any] = {name: value for name, value in params.items() if name != hidden}
    if op.positional:
        if scene.at is None:
            raise InternalError(f"{op.name} needs a position")
        result["at"] = scene.at
    if op.timed:
        if scene.clock is None:
            raise InternalError(f"{op.name} needs a clock")
        result["clock"] = scene.clock
    if op.colored and scene.canvas is not None:
        result["canvas"] = scene.canvas
    return result


def matte(op: Op, m: Math, picture: Pixel | Picture, arguments: Mapping[str, Any]) -> Scalar:
    """The matte of a mask; ``arguments`` as from :func:`arguments`, and ``invert``."""
    body = {name: value for name, value in arguments.items() if name != "invert"}
    input = picture if op.samples else unpremultiply(m, _here(picture))
    result: Scalar = op.body(m, input, **body)
    return 1.0 - result if arguments.get("invert") else result


def pixel(
    op: Op, m: Math, pictures: Sequence[Pixel | Picture], arguments: Mapping[str, Any]
) -> Pixel:
    """The result of an op that returns pixels.

    ``pictures``: none for a generator; the backdrop and the source for a blend; a and b for a
    transition; the picture for a stencil; then what the filter makes, if there is one. A
    transition's progress is among the arguments.
    """
    if op.kind == "grade":
        return on_color(m, _here(pictures[0]), lambda rgb: op.body(m, rgb, **arguments))
    if op.kind in ("geometry", "mask"):
        raise InternalError(f"{op.kind} {op.name} does not return pixels")
    inputs = [p if op.samples else _here(p) for p in pictures]
    result: Pixel = op.body(m, *inputs, **arguments)
    return result


def on_color(m: Math, pixel: Pixel, change: Callable[[Vec3], Vec3]) -> Pixel:
    """Apply a change of colour to a premultiplied pixel."""
    if pixel.a is m.number(1.0):
        return Pixel(change(pixel.rgb), pixel.a)
    return premultiply(change(unpremultiply(m, pixel)), pixel.a)


def _here(picture: Pixel | Picture) -> Pixel:
    return picture.here if isinstance(picture, Picture) else picture
