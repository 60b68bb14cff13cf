"""Textbook fits to pairs of colours: functions of display values (n, 3)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vedc.decide.arrays import Floats

Method = Callable[[Floats], Floats]

_KNOTS = 9


def matrix(before: Floats, after: Floats) -> Method:
    """A 3 x 4 matrix by ridge regression towards the identity."""
    rows = np.column_stack([before, np.ones(len(before))])
    ridge = 1e-4 * len(before) * np.eye(4)
    found = np.linalg.solve(rows.T @ rows + ridge, rows.T @ (after - before))
    return lambda x: np.clip(x + np.column_stack([x, np.ones(len(x))]) @ found, 0, 1)


def matrix_and_curves(before: Floats, after: Floats) -> Method:
    """The matrix, then a monotone curve of nine knots for each channel."""
    first = matrix(before, after)
    mixed = first(before)
    curves = [_curve(mixed[:, c], after[:, c]) for c in range(3)]
    knots = np.linspace(0, 1, _KNOTS)

    def method(x: Floats) -> Floats:
        y = first(x)
        return np.stack([np.interp(y[:, c], knots, curves[c]) for c in range(3)], -1)

    return method


def _curve(x: Floats, y: Floats) -> Floats:
    knots = np.linspace(0, 1, _KNOTS)
    rows = np.stack([np.interp(x, knots, unit) for unit in np.eye(_KNOTS)], -1)
    bend = np.diff(np.eye(_KNOTS), 2, axis=0)
    normal = rows.T @ rows + 1e-3 * len(x) * bend.T @ bend
    moved = np.linalg.solve(normal + 1e-6 * len(x) * np.eye(_KNOTS), rows.T @ (y - x))
    return np.maximum.accumulate(np.clip(knots + moved, 0, 1))


def plain_lut(before: Floats, after: Floats) -> Method:
    """A table of 9 x 9 x 9 displacements, as smooth as it can be (second differences)."""
    rows = _rows(before)
    eye, bend = np.eye(_KNOTS), np.diff(np.eye(_KNOTS), 2, axis=0)
    rough = bend.T @ bend
    smooth = (
        np.kron(np.kron(rough, eye), eye)
        + np.kron(np.kron(eye, rough), eye)
        + np.kron(np.kron(eye, eye), rough)
    )
    normal = rows.T @ rows + len(before) * (1e-4 * smooth + 1e-7 * np.eye(_KNOTS**3))
    found = np.linalg.solve(normal, rows.T @ (after - before))
    return lambda x: np.clip(x + _rows(x) @ found, 0, 1)


def _rows(x: Floats) -> Floats:
    """Trilinear shares (n, 729)."""
    hats = np.maximum(0, 1 - np.abs(x[..., np.newaxis] * (_KNOTS - 1) - np.arange(_KNOTS)))
    shares = np.einsum("ni,nj,nk->nijk", hats[:, 0], hats[:, 1], hats[:, 2])
    return shares.reshape(len(x), -1)
