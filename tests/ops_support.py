"""Running any op's body on arrays: the float64 meaning that oracles are compared with.

Pictures are arrays of shape (rows, columns, 4): premultiplied R, G, B, A in 0..1 (R, G, B may
lie beyond). The encoding is whatever the op works in: tests convert themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vedc import ops
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.expr.math import Clock, Lut, Pixel, Position, Vec3
from vedc.expr.picture import Picture
from vedc.ops.core import call

Array = np.ndarray[Any, np.dtype[np.float64]]


def pixel_of(picture: Array) -> Pixel:
    r, g, b, a = (picture[..., c] for c in range(4))
    return Pixel(Vec3(r, g, b), a)  # type: ignore[arg-type]


def array_of(pixel: Pixel, shape: tuple[int, int]) -> Array:
    return np.stack([np.broadcast_to(c, shape) for c in (*pixel.rgb.channels, pixel.a)], axis=-1)


def pair_up(flat: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def apply(
    name: str,
    *pictures: Array,
    canvas: tuple[int, int] | None = None,
    frame: int = 0,
    fps: float = 25.0,
    progress: float | None = None,
    matrix: str = "bt709",
    **params: Any,
) -> Any:
    """The op on the pictures. Returns a picture; a matte (rows, columns) for a mask; arrays
    (x, y) for a geometry op.

    ``canvas`` is (rows, columns) where there is no picture. Parameters take plain values: a
    ``curve`` or ``points`` a flat tuple, a ``picture`` an array, a ``table`` an array as
    ``NumpyMath`` takes it. A stencil's kernel runs by its float64 reference.
    """
    op = ops.get(name)
    rows, columns = pictures[0].shape[:2] if pictures else canvas or (0, 0)
    tables: list[Any] = []
    layers = [np.moveaxis(p, -1, 0) for p in pictures]
    m = NumpyMath(matrix, tables=tables, layers=layers)

    def value(p: ops.Param) -> Any:
        given = params.get(p.name, p.default)
        assert given is not None, f"{name} needs {p.name}"
        if p.kind in ("palette", "picture") and isinstance(given, str):
            return None
        if p.kind in ("table", "palette"):
            tables.append(given)
            return Lut(len(tables) - 1, 3 if np.ndim(given) == 4 else 1, len(given))
        if p.kind == "curve":
            from vedc.ops.shared import curve

            cube = curve.table(given, periodic=p.periodic)
            tables.append(np.array(cube.data, np.float64).reshape(-1, 3))
            return Lut(len(tables) - 1, 1, cube.size, cube.domain_min, cube.domain_max)
        if p.kind == "picture":
            return pixel_of(given)
        if p.kind in ("rgb", "color"):
            return Vec3(*(np.float64(v) for v in np.broadcast_to(given, 3)))  # type: ignore[arg-type]
        if p.kind == "pair":
            return tuple(np.float64(v) for v in given)
        if p.kind == "points":
            return tuple((np.float64(x), np.float64(y)) for x, y in pair_up(given))
        return np.float64(given) if p.kind == "number" else given

    unknown = set(params) - {p.name for p in op.params}
    assert not unknown, f"{name} has no {unknown}"
    scene = call.Scene(
        Position(
            np.arange(columns)[np.newaxis] + 0.5, np.arange(rows)[:, np.newaxis] + 0.5,
            np.float64(columns), np.float64(rows),
        ),  # type: ignore[arg-type]
        Clock(np.float64(frame), np.float64(frame / fps)),  # type: ignore[arg-type]
    )  # fmt: skip
    given = call.arguments(op, {p.name: value(p) for p in op.params}, scene)
    if progress is not None:
        given["progress"] = np.float64(progress)
    seen = [
        Picture(m, i, columns, rows, pixel_of(p)) if op.samples else pixel_of(p)
        for i, p in enumerate(pictures)
    ]
    with np.errstate(all="ignore"):
        if op.kind == "mask":
            if params.get("invert"):
                given["invert"] = True
            return np.broadcast_to(call.matte(op, m, seen[0], given), (rows, columns))
        if op.kind == "geometry":
            x, y = op.body(m, **given)
            return np.broadcast_to(x, (rows, columns)), np.broadcast_to(y, (rows, columns))
        if op.filter is not None:
            plain = {p.name: params.get(p.name, p.default) for p in op.params}
            before = pictures[0]
            if op.prepare is not None:
                before = array_of(op.prepare(m, seen[0], **given), (rows, columns))
            wanted = op.arguments(plain) if op.arguments else plain
            both = [np.moveaxis(p, -1, 0) for p in (before, *pictures[1:])]
            after = op.filter.reference(both if op.filter.several else both[0], **wanted)
            layers.append(after)
            found = pixel_of(np.moveaxis(after, 0, -1))
            shown = Picture(m, len(layers) - 1, columns, rows, found) if op.samples else found
            seen.append(shown)
        return array_of(call.pixel(op, m, seen, given), (rows, columns))
