"""The accuracy of the film that a spec rebuilds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedc.decide.align.alignment import Alignment
from vedc.decide.grades.fit.aligned_pairs import clear_of
from vedc.decide.grades.fit.pair_frames import spread
from vedc.decide.grades.perceived import delta_e
from vedc.train.house.film_rows import joints_of, usable
from vedc.workspace.learning.drawn import both

FRAMES: Final = 36
"""Frames of a film that are compared, where one clip is seen."""
_BETWEEN: Final = 12
"""Frames compared in transitions."""
_PEAK: Final = 255.0
_BEST: Final = 99.0
"""Decibels of pictures that are the same."""


@dataclass(frozen=True, slots=True)
class Score:
    """A film beside its rebuilt one, where its material comes from the raw files."""

    explained: float
    """0..1: the share of the film's frames that come from a raw file."""
    psnr: float
    """Decibels, of the mean square error over all frames that were compared outside of transitions:
    luma, and chroma as a codec stores it."""
    worst: float
    """The PSNR of the worst of these frames."""
    difference: float
    """Mean CIEDE2000 of these, of means over 4 x 4 pixels."""
    frames: int
    between: float | None
    """Decibels in transitions; None if there are none."""


def score(found: Alignment, spec: Path) -> Score | None:
    """Render some frames of a rebuilt film and compare them. None where no frame has a raw file.

    Raises what rendering raises.
    """
    shown: list[int] = []
    for number, segment in enumerate(found.segments):
        if usable(segment):
            shown += range(*clear_of(found, number))
    if not shown:
        return None
    between = [
        frame
        for _, following in joints_of(found)
        if following.boundary != "cut"
        for frame in range(*following.boundary_range)
    ]
    shown = sorted(set(shown) - set(between)) or shown
    chosen = [shown[i] for i in spread(0, len(shown) - 1, FRAMES)]
    count = len(chosen)
    chosen += [between[i] for i in spread(0, len(between) - 1, _BETWEEN)] if between else []
    errors: list[float] = []
    far: list[float] = []
    for one, other in zip(*both(found, spec, chosen), strict=True):
        errors.append(_error(one, other))
        far.append(_difference(one, other))
    known = sum(s.end - s.start for s in found.segments if usable(s))
    return Score(
        known / max(found.frames, 1),
        _decibels(float(np.mean(errors[:count]))),
        _decibels(max(errors[:count])),
        float(np.mean(far[:count])),
        count,
        _decibels(float(np.mean(errors[count:]))) if between else None,
    )


_LUMA: Final = np.array([0.2126, 0.7152, 0.0722])


def _error(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean square error over the samples of 4:2:0, in codes of full range."""
    apart = one.astype(np.float64) - other
    luma = apart @ _LUMA
    chroma = [(apart[..., k] - luma) / (2 * (1 - _LUMA[k])) for k in (2, 0)]
    total, samples = float((luma**2).sum()), int(luma.size)
    for plane in chroma:
        rows, columns = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
        small = plane[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))
        total, samples = total + float((small**2).sum()), samples + small.size
    return total / samples


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    def means(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        rows, columns = picture.shape[0] // 4, picture.shape[1] // 4
        cells = picture[: rows * 4, : columns * 4].reshape(rows, 4, columns, 4, 3)
        return np.asarray(cells.mean((1, 3)) / _PEAK)

    return float(delta_e(means(one), means(other)).mean())


def _decibels(error: float) -> float:
    return min(_BEST, 10 * math.log10(_PEAK**2 / error) if error > 0 else _BEST)
