"""Tracing an op's body once, so that its mistakes are reported before anything is rendered."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from vedc.errors import InternalError
from vedc.expr.math import Clock, Lut, Pixel, Position, Scalar, Tracer, Vec3
from vedc.expr.nodes import Expr, node
from vedc.expr.picture import Picture
from vedc.ops import Op, Param
from vedc.ops.core import call
from vedc.ops.core.filters import Filter

_WIDTH, _HEIGHT = 64.0, 36.0


def rehearse(op: Op) -> None:
    """Trace the body with its defaults, and with every choice of its words and switches.

    Raises the body's exceptions, and InternalError if its result does not suit the op's kind.
    """
    for words in _choices(op):
        _trace(op, words)
    if op.filter is not None:
        _check_filter(op, op.filter)


def _check_filter(op: Op, used: Filter) -> None:
    """The filter is not run, which would load its libraries; but its signature must fit."""
    values = {p.name: _stand_in(p) if p.required else p.default for p in op.params}
    arguments = values if op.arguments is None else op.arguments(values)
    for name in ("reference", "cpu", "gpu"):
        try:
            inspect.signature(getattr(used, name)).bind(None, **arguments)
        except TypeError as error:
            raise InternalError(f"{name} of its filter: {error}") from error


def _choices(op: Op) -> Iterator[dict[str, object]]:
    yield {}
    for param in op.params:
        values: tuple[object, ...] = param.choices
        if param.kind == "boolean":
            values = (False, True)
        yield from ({param.name: value} for value in values)


def _trace(op: Op, words: dict[str, object]) -> None:
    m = Tracer("bt709")
    scene = call.Scene(
        Position(node("x"), node("y"), m.number(_WIDTH), m.number(_HEIGHT)),
        Clock(m.number(0.0), m.number(0.0)),
    )
    given = call.arguments(op, {p.name: _value(m, p, words) for p in op.params}, scene)
    if op.kind == "transition":
        given["progress"] = m.number(0.5)
    seen = [
        Picture(m, i, _WIDTH, _HEIGHT, _pixel(m)) if op.samples else _pixel(m)
        for i in range({"generator": 0, "blend": 2, "transition": 2}.get(op.kind, 1))
    ]
    if op.kind == "geometry":
        made = op.body(m, **given)
        _expect(isinstance(made, tuple) and len(made) == 2, op, "a pair (x, y)")
    elif op.kind == "mask":
        invert = {"invert": words.get("invert", False)}
        _expect(isinstance(call.matte(op, m, seen[0], given | invert), Expr), op, "a number")
    elif op.kind == "grade":
        made = op.body(m, _pixel(m).rgb, **given)
        _expect(isinstance(made, Vec3), op, "a Vec3")
    else:
        if op.filter is not None:
            seen.append(_pixel(m))
        _expect(isinstance(call.pixel(op, m, seen, given), Pixel), op, "a Pixel")


def _expect(good: bool, op: Op, what: str) -> None:
    if not good:
        raise InternalError(f"the body of a {op.kind} must return {what}")


def _pixel(m: Tracer) -> Pixel:
    """A pixel of the first picture, with unknown values."""
    r, g, b, a = (m.load(0, channel) for channel in range(4))
    return Pixel(Vec3(r, g, b), a)


def _value(m: Tracer, param: Param, words: dict[str, object]) -> Any:
    if param.name in words:
        return words[param.name]
    default = param.default
    if default is None:
        default = _stand_in(param)
    match param.kind:
        case "number":
            assert isinstance(default, (int, float))
            return m.number(float(default))
        case "rgb" | "color":
            return Vec3(*_numbers(m, default))
        case "pair":
            return tuple(_numbers(m, default))
        case "points":
            numbers = _numbers(m, default)
            return tuple(zip(numbers[::2], numbers[1::2], strict=True))
        case "table":
            return Lut(0, 3, 2)
        case "curve":
            return Lut(0, 1, 2)
        case "picture":
            return _pixel(m)
    return default


def _numbers(m: Tracer, values: Any) -> list[Scalar]:
    return [m.number(float(v)) for v in values]


def _stand_in(param: Param) -> Any:
    """Some value for a required parameter."""
    some = param.low if param.low is not None else param.high if param.high is not None else 0.5
    shapes = {"rgb": 3, "color": 3, "pair": 2, "points": 6, "curve": 4}
    if param.kind in shapes:
        return (some,) * shapes[param.kind]
    if param.kind == "enum":
        return param.choices[0]
    return {"boolean": False, "text": "0.5", "integer": int(some)}.get(param.kind, some)
