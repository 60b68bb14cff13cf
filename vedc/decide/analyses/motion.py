"""Motion, the camera's speed and its shake, measured about 15 times a second.

Motion is pi / 2 times the mean normal flow |It| / |grad I| over all structure (Horn and Schunck
1981), because a random direction shows 2 / pi of a speed on average. Pictures are normalised by
their local mean and deviation first, so that light does not count as motion; a running median of
five removes cuts and flashes. The camera's shift is the median over 4 x 4 areas of least squares on
gradients (Lucas and Kanade 1981) or, where that is too fast for them, phase correlation (Kuglin and
Hines 1975) if it holds in most areas.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Byte, Float

_MOTION_RATE: Final = 15
"""Approximate motion measurements per second; each holds until the next."""

_SCALE: Final = 4
"""Reduction of the luma in which motion is measured."""

_LOCAL: Final = 9
"""Side of the square whose mean and deviation normalise a pixel."""

_WEAK: Final = 6.0
"""Deviation, in codes, below which a texture is not normalised to full strength."""

_AT_ONCE: Final = 8
"""Frames at a time: a CPU core's cache holds the intermediate pictures of this many."""

_NOISE: Final = 0.7
"""Codes by which a pixel of the small picture changes without motion."""

_EDGE: Final = 0.15
"""The least gradient of the normalised picture that counts as structure."""

_FAST: Final = 1.0
"""Pixels per frame above which gradients no longer show the shift."""

_PEAK: Final = 0.15
"""The least height of a credible peak of phase correlation; two unlike pictures give about 0.07."""

_AREAS: Final = 4
"""Areas, down and across; most must move alike if the camera moves."""

_HELD: Final = Fraction(1, 6)
"""Seconds for which an unchanged picture may be a repeated frame of a moving one."""

_MEDIAN: Final = 5


class Motion:
    """Motion, the camera's speed and its shake, from frame to frame about 15 times a second."""

    def __init__(self, rate: Fraction) -> None:
        self._every = max(1, round(rate / _MOTION_RATE))
        self._rate = rate / self._every
        self._flow = _Flow()
        self._parts: list[Float] = []

    def push(self, first: int, small: Float) -> None:
        chosen = small[-first % self._every :: self._every]
        if len(chosen):
            self._parts.append(self._flow.push(chosen))

    def finish(self, difference: Float) -> dict[str, Float]:
        """Curves for as many frames as there are differences of thumbs."""
        speeds = np.concatenate(self._parts, axis=1)
        rate, count = float(self._rate), len(difference)
        # Motion measured at one of our frames happened since the one before.
        place = -(np.arange(count) // -self._every)
        changed: Any = np.bincount(place, difference, speeds.shape[1])
        spread_over_repeats(speeds, changed, max(1, int(_HELD * self._rate)))
        if speeds.shape[1] > 1:
            speeds[:, 0] = speeds[:, 1]  # nothing precedes the first frame
        flow, across, down = (_median(row, _MEDIAN) * rate for row in speeds)
        camera = np.hypot(across, down)
        place = np.minimum(place, speeds.shape[1] - 1)
        return {
            "motion": np.minimum(np.maximum(flow, camera), 1)[place],
            "camera": camera[place],
            "shake": _strays(speeds[1:] * rate, max(3, int(self._rate / 2) | 1))[place],
        }


class _Flow:
    """Speed of the picture in longer sides per frame: of everything, and of the camera alone."""

    def __init__(self) -> None:
        self._last: Float | None = None
        self._window: Float | None = None

    def push(self, small: Float) -> Float:
        """Small pictures (n, height, width) to (3, n): speed, and the camera's in x and y."""
        n, height, width = small.shape
        found = np.zeros((3, n), np.float32)
        if min(height, width) < 4:  # a line rather than a picture
            return found
        for start in range(0, n, _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            pictures, weights = _normalised(small[part])
            before = pictures[:1] if self._last is None else self._last
            self._last = pictures[-1:]
            pair = np.concatenate([before, pictures])
            found[:, part] = self._between(pair, weights[:, 1:-1, 1:-1])
        found /= max(height, width)
        return found

    def _between(self, pair: Float, weights: Float) -> Float:
        """As ``push``, in pixels, from each picture (n + 1, height, width) to the next."""
        change = (pair[1:] - pair[:-1])[:, 1:-1, 1:-1]
        both = pair[1:] + pair[:-1]
        gx = both[:, 1:-1, 2:] - both[:, 1:-1, :-2]
        gy = both[:, 2:, 1:-1] - both[:, :-2, 1:-1]
        gx *= 0.25
        gy *= 0.25
        slope = gx * gx
        slope += gy * gy
        np.sqrt(slope, out=slope)
        structure = (slope > _EDGE).astype(np.float32)
        moved = np.abs(change)
        moved -= _NOISE * weights
        np.maximum(moved, 0, out=moved)
        total = _summed(slope, structure) + 0.01 * slope[0].size
        flow = np.float32(np.pi / 2) * _summed(moved, structure) / total
        gx *= structure
        gy *= structure
        shift = _least_squares(gx, gy, change)
        for i in np.flatnonzero(flow > _FAST):
            shift[i] = self._correlated(pair[i], pair[i + 1])
        found: Float = np.concatenate([flow[None], shift.T])
        return found

    def _correlated(self, before: Float, after: Float) -> Float:
        """Shift in pixels by phase correlation; none if no single shift explains both."""
        none = np.zeros(2, np.float32)
        if self._window is None:
            height, width = before.shape
            self._window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
        a, b = (np.fft.rfft2(picture * self._window) for picture in (before, after))
        cross = b * np.conj(a)
        peaks: Any = np.fft.irfft2(cross / (np.abs(cross) + 1e-6), s=before.shape)
        y, x = divmod(int(np.argmax(peaks)), peaks.shape[1])
        if peaks[y, x] < _PEAK:
            return none
        shift = np.array([_refined(peaks[y], x), _refined(peaks[:, x], y)], np.float32)
        return shift if _holds(before, after, *np.rint(shift).astype(int).tolist()) else none


def quarter_size(luma: Byte) -> Float:
    """Luma (n, height, width) made four times smaller by averaging."""
    import cv2

    n, height, width = luma.shape
    down, across = max(1, height // _SCALE), max(1, width // _SCALE)
    even = luma[:, : down * _SCALE, : across * _SCALE]
    # All frames as one tall picture: one call for a block.
    tall: Any = np.ascontiguousarray(even).reshape(-1, even.shape[2])
    for _ in range(2):
        if tall.shape[0] % (2 * n) == 0 and tall.shape[1] % 2 == 0:
            half = tall.shape[1] // 2, tall.shape[0] // 2
            tall = cv2.resize(tall, half, interpolation=cv2.INTER_AREA)
    small: Float = tall.reshape(n, -1, tall.shape[1]).astype(np.float32)
    return small


def _normalised(small: Float) -> tuple[Float, Float]:
    """Pictures less their local mean, divided by their local deviation; and the latter's
    inverse."""
    import cv2

    side = (_LOCAL, _LOCAL)
    soft, mean, weight = (np.empty_like(small) for _ in range(3))
    for i, one in enumerate(small):
        # Central differences give the slope of smooth pictures only.
        one = cv2.GaussianBlur(one, (5, 5), 0, dst=soft[i])
        cv2.blur(one, side, dst=mean[i])
        cv2.sqrBoxFilter(one, cv2.CV_32F, side, dst=weight[i])
    weight -= mean * mean
    np.maximum(weight, 0, out=weight)
    weight += _WEAK**2
    np.sqrt(weight, out=weight)
    np.reciprocal(weight, out=weight)
    np.subtract(soft, mean, out=mean)
    mean *= weight
    return mean, weight


def _least_squares(gx: Float, gy: Float, change: Float) -> Float:
    """The shift (n, 2) in pixels of most of the picture: the median over areas with structure."""
    xx, yy, xy = _by_areas(gx, gx), _by_areas(gy, gy), _by_areas(gx, gy)
    xt, yt = _by_areas(gx, change), _by_areas(gy, change)
    determinant = xx * yy - xy * xy
    # Both directions must be visible: a single edge does not show motion along itself.
    seen = determinant > 0.02 * (xx + yy) ** 2 + 1e-3
    steady = np.where(seen, determinant, 1)
    shifts = np.stack([xy * yt - yy * xt, xy * xt - xx * yt], axis=-1) / steady[..., None]
    out = np.zeros((len(gx), 2), np.float32)
    for i in np.flatnonzero(seen.sum(axis=(1, 2)) >= _AREAS):
        out[i] = np.median(shifts[i][seen[i]], axis=0)
    return out


def _by_areas(a: Float, b: Float) -> Float:
    """Sums (n, 4, 4) of products of pictures over equal areas; the remainder is left out."""
    n, height, width = a.shape
    down, across = height // _AREAS, width // _AREAS
    shape = n, _AREAS, down, _AREAS, across
    a, b = (p[:, : _AREAS * down, : _AREAS * across].reshape(shape) for p in (a, b))
    sums: Float = np.einsum("nyixj,nyixj->nyx", a, b)
    return sums


def _summed(a: Float, b: Float) -> Float:
    """Sums (n,) of products of pictures."""
    sums: Float = np.einsum("nij,nij->n", a, b)
    return sums


def _holds(before: Float, after: Float, x: int, y: int) -> bool:
    """Whether a shift by whole pixels makes most areas of two pictures more alike."""
    height, width = before.shape
    if abs(x) >= width - _AREAS or abs(y) >= height - _AREAS:
        return False
    rows, columns = slice(max(y, 0), height + min(y, 0)), slice(max(x, 0), width + min(x, 0))
    came = slice(max(-y, 0), height + min(-y, 0)), slice(max(-x, 0), width + min(-x, 0))
    now = after[rows, columns]
    shifted, stood = (np.abs(now - was)[None] for was in (before[came], before[rows, columns]))
    ones = np.ones_like(shifted)
    better = _by_areas(shifted, ones) < _by_areas(stood, ones)
    return bool(better.mean() > 0.6)


def _refined(line: Float, at: int) -> float:
    """The position of the top of a peak on a circular line, by a parabola; signed."""
    n = len(line)
    left, top, right = (float(line[(at + k) % n]) for k in (-1, 0, 1))
    bend = left - 2 * top + right
    place = at + (0.5 * (left - right) / bend if bend < 0 else 0.0)
    return place - n if place > n / 2 else place


def spread_over_repeats(speeds: Float, difference: Float, most: int) -> None:
    """Share a frame's motion with the repeated frames before it, in place.

    ``speeds`` (k, n); a frame whose ``difference`` is zero repeats the one before. More than
    ``most`` repeats in a row are a still picture.
    """
    moving = np.flatnonzero(difference > 0)
    for before, at in pairwise(moving.tolist()):
        run = at - before
        if 1 < run <= most:
            speeds[:, before + 1 : at + 1] = speeds[:, at : at + 1] / run


def _windows(values: Float, size: int) -> Float:
    """Windows (..., n, size) of values (..., n), centred; the end values are repeated beyond."""
    half = size // 2
    pad = [(0, 0)] * (values.ndim - 1) + [(half, half)]
    return np.lib.stride_tricks.sliding_window_view(np.pad(values, pad, mode="edge"), size, axis=-1)


def _median(values: Float, size: int) -> Float:
    """Running median of an odd number of values."""
    middle: Float = np.median(_windows(values, size), axis=-1)
    return middle


def _strays(speeds: Float, size: int) -> Float:
    """Root mean square of the deviation of speeds (2, n) from their running mean."""
    away = speeds - _windows(speeds, size).mean(axis=-1)
    square: Float = _windows((away * away).sum(axis=0), size).mean(axis=-1)
    return np.sqrt(square)
