"""Colour fringes: the motion of each channel, found by registration (Lucas and Kanade, 1981).

A channel moves by a shift and by a part proportional to the distance from the centre. Both are
found from coarse to fine, by least squares on gradients, with the channel's blur as a nuisance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from vedc.decide.arrays import Float, Floats

_LEVELS: Final = (8, 4, 2)
"""The finest scale, chroma's resolution: finer detail in red and blue is luma's, mostly green."""
_ROUNDS: Final = 3
_QUANTILES: Final = 65


class Motion(NamedTuple):
    """The motion of one channel that brings the picture before closest to the one after."""

    right: float
    down: float
    """Pixels."""
    outwards: float
    """Pixels at the corners."""
    errors: Floats
    """(3,) standard errors."""


def motions(before: Sequence[Floats], after: Sequence[Floats]) -> list[Motion]:
    """The motions of red, green and blue between pictures (height, width, 3)."""
    return [_motion([p[..., c] for p in before], [p[..., c] for p in after]) for c in range(3)]


def matched(before: Sequence[Floats], after: Sequence[Floats]) -> list[Floats]:
    """Pictures with the distribution of each channel changed to that of the pictures after: a curve
    for each channel, which does not depend on where its values lie."""
    shares = np.linspace(0, 1, _QUANTILES)
    curves = [
        [np.quantile(np.stack([p[..., c] for p in pictures]), shares) for c in range(3)]
        for pictures in (before, after)
    ]
    return [
        np.stack([np.interp(p[..., c], *_rising(curves[0][c], curves[1][c])) for c in range(3)], -1)
        for p in before
    ]


def _rising(values: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """A curve without repeated values, whose targets are averaged."""
    places, which = np.unique(values, return_inverse=True)
    return places, np.bincount(which, targets) / np.bincount(which)


def _motion(before: Sequence[Floats], after: Sequence[Floats]) -> Motion:
    values = np.zeros(3)
    errors = np.ones(3)
    height, width = before[0].shape
    for level in _LEVELS:
        size = max(16, width // level), max(16, height // level)
        scale = size[0] / width
        small = [[_resized(p, size) for p in pictures] for pictures in (before, after)]
        for _ in range(_ROUNDS):
            step, errors = _step(small[0], small[1], values * scale)
            values = values + step / scale
            if np.abs(step).max() < 0.01:
                break
        errors = errors / scale
    right, down, outwards = (float(v) for v in values)
    return Motion(right, down, outwards, errors)


def _resized(plane: Floats, size: tuple[int, int]) -> Float:
    import cv2

    small = cv2.resize(np.asarray(plane, np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _step(before: Sequence[Float], after: Sequence[Float], values: Floats) -> tuple[Floats, Floats]:
    """The update of the values, and their errors."""
    import cv2

    height, width = before[0].shape
    half = np.hypot(width, height) / 2
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / half
    y = (np.arange(height, dtype=np.float32)[:, np.newaxis] + 0.5 - height / 2) / half
    gram, pull, left, count = np.zeros((4, 4)), np.zeros(4), 0.0, 0
    map_x, map_y = moved_map((height, width), values)
    rim = slice(2, -2), slice(2, -2)
    for a, b in zip(before, after, strict=True):
        shown = cv2.remap(a, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        gx = cv2.Sobel(shown, cv2.CV_32F, 1, 0, scale=0.125)
        gy = cv2.Sobel(shown, cv2.CV_32F, 0, 1, scale=0.125)
        soft = cv2.Laplacian(shown, cv2.CV_32F)
        columns = [-gx, -gy, -(gx * x + gy * y), soft]
        target = b - shown
        target = target - cv2.GaussianBlur(target, (0, 0), 6)  # errors of the grade vary slowly
        rows: Any = np.stack([c[rim].ravel() for c in columns]).astype(np.float64)
        wanted = target[rim].ravel().astype(np.float64)
        slope = np.abs(rows[0]) + np.abs(rows[1]) + 1e-6
        usual = float(slope @ np.abs(wanted)) / float(
            slope.sum()
        )  # where there is something to see
        weight = 1.0 / (1.0 + (wanted / (3 * max(usual, 1e-3))) ** 2)
        gram += (rows * weight) @ rows.T
        pull += (rows * weight) @ wanted
        left += float(weight @ wanted**2)
        count += len(wanted)
    gram += 1e-9 * np.trace(gram) * np.eye(4) + 1e-12 * np.eye(4)
    found = np.linalg.solve(gram, pull)
    noise = max(left - float(found @ pull), 1e-12) / max(count, 1)
    spread = np.sqrt(np.maximum(np.diag(np.linalg.inv(gram)) * noise, 0))
    return np.clip(found[:3], -3, 3), spread[:3]


def moved_map(shape: tuple[int, int], values: Floats) -> tuple[Float, Float]:
    """The position in the picture before of each pixel (height, width) of a moved one."""
    height, width = shape
    half = np.hypot(width, height) / 2
    x = np.arange(width, dtype=np.float32)[np.newaxis].repeat(height, 0)
    y = np.arange(height, dtype=np.float32)[:, np.newaxis].repeat(width, 1)
    out_x, out_y = (x + 0.5 - width / 2) / half, (y + 0.5 - height / 2) / half
    right, down, outwards = (np.float32(v) for v in values)
    moved = x - right - outwards * out_x, y - down - outwards * out_y
    return moved[0].astype(np.float32), moved[1].astype(np.float32)
