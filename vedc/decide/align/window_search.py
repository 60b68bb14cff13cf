"""Mappings that explain windows of the film, found by comparing all raw frames at once.

Pictures are first projected onto their principal components, which makes the comparison a product
of small matrices.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.matcher import Matcher
from vedc.decide.arrays import Float, Ints

SPEEDS: Final = (*(round(0.5 + 0.05 * k, 2) for k in range(31)), -1.0)
"""Speeds of the first search; ``fit_map`` reaches others from the best of them."""

WINDOWS: Final = ((0.4, 0.2), (1.2, 0.4))
"""Seconds of film per window, and from one window to the next."""

BEST: Final = 3
"""Mappings returned for each window."""

_COMPONENTS: Final = 96


class ProjectedPictures:
    """A matcher's raw and film pictures in the principal components of the raw ones."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher, self.noise = matcher, matcher.noise
        count = len(matcher.raw)
        sample = matcher.raw_pictures(np.unique(np.linspace(0, count - 1, 400).astype(np.int64)))
        self.mean = sample.mean(axis=0)
        centred = sample - self.mean
        values, vectors = np.linalg.eigh(centred @ centred.T)
        order = np.argsort(-values)[:_COMPONENTS]
        order = order[values[order] > 1e-6 * max(values[-1], 1e-9)]
        basis = centred.T @ vectors[:, order]
        self.basis = np.asarray(basis / np.linalg.norm(basis, axis=0), np.float32)
        self.raw, self.raw_size = self._project(np.arange(count), matcher.raw_pictures)
        self.film, self.film_size = self._project(
            np.arange(len(matcher.film)), matcher.film_pictures
        )

    def _project(self, frames: Ints, read: object) -> tuple[Float, Float]:
        coordinates = np.empty((len(frames), self.basis.shape[1]), np.float32)
        size = np.empty(len(frames), np.float32)
        for low in range(0, len(frames), 256):
            part = read(frames[low : low + 256]) - self.mean  # type: ignore[operator]
            coordinates[low : low + 256] = part @ self.basis
            size[low : low + 256] = (part**2).sum(axis=1)
        return coordinates, size

    def table(self, frames: Ints) -> Float:
        """Approximate residuals (mean square): (film frames, raw frames).

        The part of raw pictures outside the components counts as residual.
        """
        cross = self.film[frames] @ self.raw.T
        table = self.film_size[frames, None] + self.raw_size[None] - 2 * cross
        return np.asarray(np.maximum(table / len(self.mean), 0), np.float32)

    def residual(self, film: Ints, raw: Ints) -> Float:
        """Approximates :meth:`Matcher.residual`."""
        inside = np.clip(raw, 0, len(self.raw) - 1)
        cross = np.einsum("ij,ij->i", self.film[film], self.raw[inside])
        rest = (self.film_size[film] + self.raw_size[inside] - 2 * cross) / len(self.mean)
        return np.where(inside != raw, np.inf, np.maximum(rest, 0)).astype(np.float32)


def find_windows(
    projected: ProjectedPictures, index: int, count: int
) -> list[tuple[FrameMap, int, int, float]]:
    """The best mappings of each window of the film's ``count`` frames.

    Yields (mapping, first frame, one past the last, residual).
    """
    rate = projected.matcher.film.rate
    ratio = float(projected.matcher.raw.rate / rate)
    out: list[tuple[FrameMap, int, int, float]] = []
    for low in range(0, count, 256):
        # Windows begin in this block, and may reach beyond it.
        reach = int(max(w for w, _ in WINDOWS) * rate) + 1
        high = min(count, low + 256 + reach)
        table = projected.table(np.arange(low, high))
        for length, hop in WINDOWS:
            size = min(max(4, int(length * rate)), count)
            step = max(1, int(hop * rate))
            for start in range(-(-low // step) * step, min(low + 256, count), step):
                begin = min(start, count - size)
                if begin < low:
                    continue
                window = table[begin - low : begin - low + size]
                out += [
                    (FrameMap(index, begin, at, slope), begin, begin + size, cost)
                    for at, slope, cost in _best_maps(window, ratio)
                ]
    return out


def _best_maps(
    window: Float, ratio: float, frames: Ints | None = None, most: int = BEST
) -> list[tuple[float, float, float]]:
    """(raw frame at the window's start, slope, mean residual) of the best linear mappings.

    ``window`` holds residuals (film frames, raw frames); ``frames`` are the film frames of its
    rows, counted from the window's start, where some are left out.
    """
    size, count = window.shape
    if frames is None:
        frames = np.arange(size)
    found: list[tuple[float, float, float]] = []
    for speed in SPEEDS:
        slope = speed * ratio
        # Half a frame: the mapping passes through the middle of its frames.
        steps = np.floor(0.5 + slope * frames).astype(np.int64)
        low, high = int(steps.min()), int(steps.max())
        room = count - (high - low)
        if room <= 0:
            continue
        total = np.zeros(room, np.float32)
        for k, step in enumerate(steps - low):
            total += window[k, step : step + room]
        total /= size
        for _ in range(2 if speed != 1.0 else most):
            best = int(total.argmin())
            if not np.isfinite(total[best]):
                break
            # Normal speed wins a tie.
            value = float(total[best]) * (1.0 if speed == 1.0 else 1.02)
            found.append((best - low + 0.5, slope, value))
            total[max(0, best - 3) : best + 4] = np.inf
    found.sort(key=lambda f: f[2])
    distinct: list[tuple[float, float, float]] = []
    length = int(frames[-1]) + 1
    for at, slope, value in found:
        middle = at + slope * length / 2
        if all(
            abs(middle - (a + s * length / 2)) > 1.5 or abs(slope - s) * length > 3
            for a, s, _ in distinct
        ):
            distinct.append((at, slope, value))
            if len(distinct) == most:
                break
    return distinct


def find_maps(
    projected: ProjectedPictures, index: int, start: int, end: int, most: int = 12
) -> list[FrameMap]:
    """The best mappings of film frames ``start`` to ``end`` as a whole."""
    frames = np.unique(np.linspace(start, end - 1, 48).astype(np.int64))
    ratio = float(projected.matcher.raw.rate / projected.matcher.film.rate)
    found = _best_maps(projected.table(frames), ratio, frames - start, most)
    return [FrameMap(index, start, at, slope) for at, slope, _ in found]
