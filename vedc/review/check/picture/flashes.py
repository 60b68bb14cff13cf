"""Flashes that can harm viewers with photosensitive epilepsy."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.color import HDR_TRANSFERS, MATRICES, Color
from vedc.ops.shared import hdr
from vedc.review.check.core.check import Base, Check, Film, Frame, Limit
from vedc.review.check.core.finding import Finding, Runs

Cells = NDArray[np.float32]

_ACROSS, _DOWN = 16, 9
"""Cells of the picture, each of which flashes or not: with more of them, moving texture would be
taken for flashes."""

_PEAK: Final = 200.0
"""cd/m2 of white on the display that ITU-R BT.1702 assumes for SDR: 20 cd/m2 are 10% of it."""

_CEILING: Final = 0.8
"""Of white: changes between states that are both brighter do not count."""

_AT_ONCE: Final = 3
"""Frames within which cells change together."""

_RED: Final = 20.0
"""Least change of (R - G - B) * 320 of a red flash."""


class _Swings:
    """Counts opposing changes of every cell during the last second.

    Changes in one direction count only if they happen nearly at once over a share of ``area``:
    where few cells change together, something moves, and nothing flashes.
    """

    def __init__(self, frames: int, least: float, ceiling: float, area: float) -> None:
        self._least, self._ceiling, self._area = least, ceiling, area
        self._lately: tuple[deque[NDArray[np.bool_]], ...] = (
            deque(maxlen=_AT_ONCE),
            deque(maxlen=_AT_ONCE),
        )
        """Cells that rose in the last frames, and those that fell, while they do not count."""
        self._low: Cells | None = None
        self._high: Cells | None = None
        self._way: NDArray[np.int8] | None = None
        self._last: deque[NDArray[np.bool_]] = deque(maxlen=frames)
        self.count: NDArray[np.int16] = np.zeros((_DOWN, _ACROSS), np.int16)
        """By cell."""

    def push(self, cells: Cells) -> None:
        if self._low is None or self._high is None or self._way is None:
            self._low, self._high = cells.copy(), cells.copy()
            self._way = np.zeros(cells.shape, np.int8)
            return
        low, high, way = self._low, self._high, self._way
        np.minimum(low, cells, out=low)
        np.maximum(high, cells, out=high)
        rises = (way <= 0) & (cells - low >= self._least) & (low < self._ceiling)
        falls = (way >= 0) & (high - cells >= self._least) & (cells < self._ceiling) & ~rises
        turned = rises | falls
        way[rises], way[falls] = 1, -1
        low[turned] = cells[turned]
        high[turned] = cells[turned]
        turned = self._together(rises, 0) | self._together(falls, 1)
        if len(self._last) == self._last.maxlen:
            self.count -= self._last[0]
        self._last.append(turned)
        self.count += turned

    def _together(self, turned: NDArray[np.bool_], way: int) -> NDArray[np.bool_]:
        """The cells whose change in a direction counts from this frame on."""
        lately = self._lately[way]
        lately.append(turned)
        all_of_them: NDArray[np.bool_] = np.logical_or.reduce([*lately])
        if all_of_them.mean() <= self._area:
            return np.zeros_like(turned)
        lately.clear()
        return all_of_them


class _Flashes(Base):
    def __init__(self, film: Film) -> None:
        super().__init__(film)
        second = max(1, round(film.rate))
        self._most = 2 * film.limit("flashes.rate")
        self._area = film.limit("flashes.area") / 100
        self._light = _Light(film.media.video.color if film.media.video else Color())
        self._second = second
        self._swings = {
            "flashes": _Swings(second, film.limit("flashes.change") / 100, _CEILING, self._area),
            "red": _Swings(second, _RED, np.inf, self._area),
        }
        self._runs = {name: Runs(second) for name in self._swings}
        self._worst = {name: [0.0, 0.0] for name in self._swings}
        self._places: list[tuple[str, tuple[int, int], list[float]]] = []

    def push(self, part: Frame, /) -> None:
        luminance, red = self._light(part.small)
        for name, cells in (("flashes", luminance), ("red", red)):
            swings = self._swings[name]
            swings.push(cells)
            over = swings.count > self._most
            share = float(over.mean())
            self._close(name, self._runs[name].add(part.number, share > self._area))
            if share > self._area:
                worst = self._worst[name]
                worst[0] = max(worst[0], float(swings.count[over].max()) / 2)
                worst[1] = max(worst[1], share)

    def _close(self, name: str, run: tuple[int, int] | None) -> None:
        if run is not None:
            self._places.append((name, run, self._worst[name]))
            self._worst[name] = [0.0, 0.0]

    def finish(self) -> Iterable[Finding]:
        for name, runs in self._runs.items():
            self._close(name, runs.close())
        for name, (first, end), (count, share) in self._places:
            kind = "red flashes" if name == "red" else "flashes"
            yield self.film.found(
                "flashes", "error",
                f"{count:.0f} {kind} in a second over {share:.0%} of the picture",
                (max(0, first - self._second), end), measured=count, unit="flashes a second",
                limit=self.film.limit("flashes.rate"),
                cure="slow them down, lower their contrast, or make them smaller",
            )  # fmt: skip


class _Light:
    """From thumbnails to the luminance of cells, 1 for white, and how red they are."""

    def __init__(self, color: Color) -> None:
        codes: Any = np.arange(256) / 255
        if color.transfer == "smpte2084":
            light: Any = hdr.pq_part(NumpyMath(), codes) * 10_000 / _PEAK
        elif color.transfer in HDR_TRANSFERS:
            scene: Any = hdr.hlg_scene(NumpyMath(), codes)
            light = np.asarray(scene) ** 1.2 * 1000 / _PEAK
        else:
            light = codes**2.4  # ITU-R BT.1886
        self._table: Cells = np.asarray(light, np.float32)
        primaries = "bt2020nc" if color.primaries == "bt2020" else "bt709"
        kr, kb = MATRICES[primaries]
        self._weights = np.array((kr, 1 - kr - kb, kb), np.float32)

    def __call__(self, small: NDArray[np.uint8]) -> tuple[Cells, Cells]:
        light = _cells(self._table[small])
        total = light.sum(-1)
        red, green, blue = np.moveaxis(light, -1, 0)
        saturated = red >= 0.8 * np.maximum(total, 1e-6)
        redness = np.where(saturated, np.maximum(red - green - blue, 0) * 320, 0)
        return light @ self._weights, redness.astype(np.float32)


def _cells(light: Cells) -> Cells:
    """A picture averaged to the grid of cells, whichever way up it is."""
    import cv2

    size = (_ACROSS, _DOWN) if light.shape[1] >= light.shape[0] else (_DOWN, _ACROSS)
    made: Any = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    upright: Cells = made if made.shape[0] == _DOWN else made.transpose(1, 0, 2)
    return upright


FLASHES: Final = Check(
    "flashes",
    "flashes, and flashes of saturated red, that can trigger photosensitive epilepsy",
    "picture",
    "In every cell of a grid of 16 by 9, alternating rises and falls of luminance are counted over "
    "a second, as on a display with a white of 200 cd/m2; two of them are one flash. Changes count "
    "only where cells over more than the area limit change in one direction within three frames. "
    "Red flashes are changes of (R - G - B) * 320 by more than 20 to or from a red with "
    "R / (R + G + B) of 0.8 or more. Motion is not followed: a fast pan over coarse, hard texture "
    "may count. Moving stripes are not looked for.",
    "ITU-R BT.1702 and Ofcom's guidance: more than 3 flashes in a second over more than a quarter "
    "of the screen, of 20 cd/m2 or more where the darker state is below 160 cd/m2. WCAG 2.3.1 says "
    "the same in shares of white, 10% and 0.8; the rule for red is that of WCAG 2.0 and 2.1",
    _Flashes,
    (
        Limit("rate", 3.0, "flashes a second", "flashes in any second that are still allowed"),
        Limit("area", 25.0, "%", "the share of the picture that may flash at any rate"),
        Limit("change", 10.0, "%", "the least change, in parts of white, of a flash"),
    ),
)
