"""A chain of named steps with free values: its effect on colours, and the derivatives by the
values.

Values are found by least squares, which needs the chain's derivatives. They are finite differences
through the ops' own bodies, joined by the chain rule: NumPy runs a body for all variations at a
step at once, as rows of an array. Symbolic derivatives of the bodies exist (``vedc.expr``), but
treat a curve as a table, whose points are not variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, Final, cast

import numpy as np

from vedc import ops
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.decide.arrays import Floats
from vedc.decide.grades.shot import Step
from vedc.expr.math import Lut, Scalar, Vec3
from vedc.ops.shared import color_conversion

_DELTA: Final = 0.02
"""Step size of the differences, in spreads."""
_COLOR_DELTA: Final = 1e-3
_NEAR: Final = _COLOR_DELTA * np.eye(3, 4, 1)[..., np.newaxis]
"""Offsets (3, 4, 1) of colours: none, and one along each channel."""
_POINTS: Final = 257
"""Points of the curves' tables: a quarter of a kernel's, and exact to 2e-4."""

Values = Floats
"""(rows, size): values of a step in spreads, 0 where it does nothing."""


@dataclass(frozen=True, slots=True)
class Named:
    """A step that people know, with its free values."""

    op: str
    size: int
    arguments: Callable[[Values], dict[str, Any]]
    """The op's parameters for rows of values: arrays (rows, 1), three where each channel has one,
    or the heights of a curve (rows, points)."""
    written: Callable[[Floats], Step]
    """The step for one row of values, rounded as a person would write it."""


class _Rows(NumpyMath):
    """Rows of values at once: a table is (rows, points)."""

    def _array(self, op: str, args: list[Floats], attr: Any) -> Floats:
        if op != "lut1d":
            return super()._array(op, args, attr)
        table = self.tables[attr[0]]
        last = table.shape[1] - 1
        scaled = np.clip(args[0], 0.0, 1.0) * last
        cell = np.minimum(scaled.astype(np.int64), last - 1)
        fraction = scaled - cell
        if len(table) > 1:
            cell = cell + np.arange(len(table))[:, np.newaxis] * table.shape[1]
        flat = table.ravel()
        low = flat.take(cell)
        return cast(Floats, low + (flat.take(cell + 1) - low) * fraction)


def heights_of(xs: Floats, ys: Floats, periodic: bool) -> Floats:
    """Tables (rows, points) of curves through ``xs`` (k,) and ``ys`` (rows, k).

    The curve of ``vedc.ops.shared.curve``, for many rows at once.
    """
    if periodic:
        xs, ys = np.concatenate([xs - 1, xs, xs + 1]), np.tile(ys, (1, 3))
    width = np.diff(xs)
    chord = np.diff(ys, axis=1) / width
    w1, w2 = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    before, after = chord[:, :-1], chord[:, 1:]
    slope = np.zeros_like(ys)
    with np.errstate(all="ignore"):
        inner = (w1 + w2) / (w1 / before + w2 / after)
    slope[:, 1:-1] = np.where(before * after > 0, inner, 0.0)
    if not periodic:
        slope[:, 0] = _end(chord[:, 0], chord[:, 1], width[0], width[1])
        slope[:, -1] = _end(chord[:, -1], chord[:, -2], width[-1], width[-2])
    by_height, by_slope = _basis(tuple(xs))
    return np.asarray(ys @ by_height + slope @ by_slope, np.float64)


@lru_cache(maxsize=8)
def _basis(xs: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Hermite's basis as matrices (k, points): for the heights at ``xs``, and for the slopes."""
    at = np.linspace(0.0, 1.0, _POINTS)
    piece = np.clip(np.searchsorted(xs, at, side="right") - 1, 0, len(xs) - 2)
    width = np.diff(xs)[piece]
    t = np.clip((at - np.asarray(xs)[piece]) / width, 0.0, 1.0)
    s = 1.0 - t
    by_height, by_slope = np.zeros((2, len(xs), _POINTS))
    points = np.arange(_POINTS)
    by_height[piece, points], by_height[piece + 1, points] = (
        (1 + 2 * t) * s * s,
        (3 - 2 * t) * t * t,
    )
    by_slope[piece, points], by_slope[piece + 1, points] = width * t * s * s, -width * t * t * s
    return by_height, by_slope


def _end(near: Floats, far: Floats, width: float, beyond: float) -> Floats:
    """The slope at an end, from three points, without overshoot."""
    slope = ((2 * width + beyond) * near - width * far) / (width + beyond)
    slope = np.where(slope * near <= 0, 0.0, slope)
    turns = (near * far <= 0) & (np.abs(slope) > 3 * np.abs(near))
    return np.asarray(np.where(turns, 3 * near, slope), np.float64)


def channels_of(arrays: Iterable[Any]) -> Vec3:
    """Three arrays as the colour that bodies take, which are typed for expressions."""
    return Vec3(*cast("tuple[Scalar, ...]", tuple(arrays)))


class Curve:
    """Rows of a curve's heights, for the op's parameter of that name."""

    def __init__(self, xs: Floats, ys: Floats, periodic: bool = False) -> None:
        self.table = heights_of(xs, ys, periodic)


def parts_of(steps: Sequence[Named]) -> list[slice]:
    """The slice of each step's values among all values."""
    ends = accumulate((step.size for step in steps), initial=0)
    return [slice(a, b) for a, b in pairwise(ends)]


class Chain:
    """Named steps one after another over fixed colours (n, 3), display values."""

    def __init__(
        self,
        steps: Sequence[Named],
        colors: Floats,
        matrix: str = "bt709",
        transfer: str = "bt709",
    ) -> None:
        self.steps, self._matrix, self._transfer = tuple(steps), matrix, transfer
        self._colors = np.asarray(colors, np.float64).T[:, np.newaxis, :]

    def graded(self, values: Floats) -> Floats:
        """The colours (n, 3) for values (size,)."""
        rows, light = self._colors, False
        for step, part in zip(self.steps, parts_of(self.steps), strict=True):
            rows, light = self._in(rows, ops.get(step.op).space == "linear", light)
            rows = self._step(step, values[part][np.newaxis], rows)
        return _shown(self._in(rows, False, light)[0][:, 0].T)

    def derived(self, values: Floats) -> tuple[Floats, Floats]:
        """The colours (n, 3), and their derivatives (n, 3, size).

        By the chain rule: each step is evaluated for its colours, for those moved along each
        channel, and for each of its values moved.
        """
        rows, light = self._colors[:, 0], False
        slopes = np.zeros((rows.shape[1], 3, 0))
        for step, part in zip(self.steps, parts_of(self.steps), strict=True):
            rows, slopes, light = self._moved_in(
                rows, slopes, ops.get(step.op).space == "linear", light
            )
            own, unmoved = values[part], np.zeros((4, step.size))
            near = own + np.concatenate([unmoved, _DELTA * np.eye(step.size)])
            colors = np.concatenate([_NEAR, np.zeros((3, step.size, 1))], 1)
            graded = self._step(step, near, rows[:, np.newaxis] + colors)
            rows = graded[:, 0]
            away = (graded[:, 1:] - rows[:, np.newaxis]).transpose(2, 0, 1)
            slopes = np.concatenate(
                [away[..., :3] / _COLOR_DELTA @ slopes, away[..., 3:] / _DELTA], 2
            )
        rows, slopes, _ = self._moved_in(rows, slopes, False, light)
        clipped = ~((rows >= 0) & (rows <= 1)).T
        slopes[clipped] = 0.0
        return _shown(rows.T), np.nan_to_num(slopes)

    def _moved_in(
        self, rows: Floats, slopes: Floats, wanted: bool, light: bool
    ) -> tuple[Floats, Floats, bool]:
        """Colours (3, n) and their derivatives, as light or as display values."""
        if wanted == light:
            return rows, slopes, light
        near = np.stack([rows, rows + _COLOR_DELTA], 1)
        shown, light = self._in(near, wanted, light)
        away = (shown[:, 1] - shown[:, 0]).T / _COLOR_DELTA
        return shown[:, 0], slopes * away[..., np.newaxis], light

    def _in(self, rows: Floats, wanted: bool, light: bool) -> tuple[Floats, bool]:
        """Colours (3, rows, n) as light or as display values."""
        if wanted == light:
            return rows, light
        convert = color_conversion.linearize if wanted else color_conversion.delinearize
        m = NumpyMath(self._matrix)
        with np.errstate(all="ignore"):
            color = convert(m, channels_of(rows), self._transfer)
        return np.stack([np.asarray(c, np.float64) for c in color.channels]), wanted

    def _step(self, step: Named, values: Values, rows: Floats) -> Floats:
        """One step for rows of values on colours (3, rows or 1, n)."""
        tables: list[Floats] = []
        m = _Rows(self._matrix, tables=tables)
        given: dict[str, Any] = {}
        for name, value in step.arguments(values).items():
            if isinstance(value, Curve):
                tables.append(value.table)
                given[name] = Lut(len(tables) - 1, 1, _POINTS)
            else:
                given[name] = value
        op = ops.get(step.op)
        for param in op.params:
            if param.name not in given:
                straight = param.kind == "curve"
                given[param.name] = Lut(0, 1, 2, straight=True) if straight else param.default
        with np.errstate(all="ignore"):
            color = op.body(m, channels_of(rows), **given)
        shape = (max(len(values), rows.shape[1]), rows.shape[2])
        return np.stack([np.broadcast_to(c, shape) for c in color.channels])


def _shown(colors: Floats) -> Floats:
    return np.clip(np.nan_to_num(colors), 0.0, 1.0)
