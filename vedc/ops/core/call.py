"""Calling an op's body: which arguments it takes, in which order.

The one place that knows how a body is called. Fusion calls it with a tracer, tests and
thumbnails with numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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

#: Parameters that are added to every op of a kind and never reach the body.
HIDDEN = {"mask": "invert", "geometry": "edge"}


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when an op is computed. What an op does not ask for may be left out."""

    at: Position | None = None
    clock: Clock | None = None


def arguments(op: Op, params: Mapping[str, object], scene: Scene) -> dict[str, Any]:
    """What the body is given by name."""
    hidden = HIDDEN.get(op.kind)
    given: dict[str, Any] = {name: value for name, value in params.items() if name != hidden}
    if op.positional:
        if scene.at is None:
            raise InternalError(f"{op.name} needs to know where")
        given["at"] = scene.at
    if op.timed:
        if scene.clock is None:
            raise InternalError(f"{op.name} needs to know when")
        given["clock"] = scene.clock
    return given


def matte(op: Op, m: Math, picture: Pixel | Picture, given: Mapping[str, Any]) -> Scalar:
    """The matte of a mask; ``given`` as from :func:`arguments`, with ``invert`` beside it."""
    body = {name: value for name, value in given.items() if name != "invert"}
    seen = picture if op.samples else unpremultiply(m, _here(picture))
    found: Scalar = op.body(m, seen, **body)
    return 1.0 - found if given.get("invert") else found


def pixel(op: Op, m: Math, pictures: Sequence[Pixel | Picture], given: Mapping[str, Any]) -> Pixel:
    """What an op that gives pixels makes of its pictures.

    ``pictures``: none for a generator; the backdrop and the source for a blend; a and b for a
    transition; the picture, and what the kernel made of it, for a stencil. A transition's
    progress is given by name.
    """
    if op.kind == "grade":
        return on_color(m, _here(pictures[0]), lambda rgb: op.body(m, rgb, **given))
    if op.kind in ("geometry", "mask"):
        raise InternalError(f"{op.kind} {op.name} does not give pixels")
    first = [p if op.samples else _here(p) for p in pictures]
    made: Pixel = op.body(m, *first, **given)
    return made


def on_color(m: Math, pixel: Pixel, change: Callable[[Vec3], Vec3]) -> Pixel:
    """Apply a change of colour to a premultiplied pixel."""
    if pixel.a is m.number(1.0):
        return Pixel(change(pixel.rgb), pixel.a)
    return premultiply(change(unpremultiply(m, pixel)), pixel.a)


def _here(picture: Pixel | Picture) -> Pixel:
    return picture.here if isinstance(picture, Picture) else picture
