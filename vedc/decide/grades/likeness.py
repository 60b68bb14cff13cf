"""Where two shots show the same things, whatever their grades.

Shots of one scene share a part of it: another moment, another framing, another camera from nearly
the same place. That part is compared place by place, not by colour totals: two framings with
different contents have different colours under the same grade. Luma is reduced to its rank order,
which a tonal grade does not change, without broad structures; the shift at which two such pictures
agree best is found by normalised correlation (Lewis, "Fast Normalized Cross-Correlation", 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.decide.arrays import Float, Floats, Ints
from vedc.decide.grades.space import Cells

SIZE: Final = (27, 48)
"""Rows and columns of compared pictures."""
_PADDED: Final = (48, 96)
_SHIFT: Final = (9, 18)
"""The furthest shift, in rows and columns."""
_SCALES: Final = (1.0, 0.88, 1.14, 0.78, 1.28, 0.68, 1.45)
"""Scales of the second picture to try, the likeliest first."""
_SURE: Final = 0.8
"""Agreement at which no further scale is tried."""
_TRIED: Final = 3
"""Pictures of each side: the first, the middle and the last one."""
_BROAD: Final = 3.0
"""Standard deviation, in pixels, of the blur that is subtracted."""
_LEAST: Final = 0.02
"""The least detail by which a picture is recognisable: standard deviation of luma's rank order."""
AGREE: Final = 0.6
"""Agreement at which two shots show the same things. Of 1,942 pairs of different sources, from
training and validation, none reached 0.57."""
_LUMA: Final = (0.2126, 0.7152, 0.0722)


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """The part that two shots share."""

    agreement: float
    """Correlation of their structures where they overlap, 0.6 to 1."""
    cells: Cells
    """Colours at the same places in both, averaged over cells of the first one's colours."""


def _resized(picture: NDArray[Any], scale: float = 1.0) -> Float:
    """A scaled picture of ``SIZE``: its middle, or all of it with a border of NaN."""
    import cv2

    size = round(SIZE[1] * scale), round(SIZE[0] * scale)
    kind = cv2.INTER_AREA if picture.shape[0] >= size[1] else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(picture.astype(np.float32), size, interpolation=kind))
    found = np.full((*SIZE, 3), np.nan, np.float32)
    rows, columns = (min(a, b) for a, b in zip(SIZE, scaled.shape, strict=False))
    top, left = ((a - b) // 2 for a, b in zip(SIZE, (rows, columns), strict=True))
    y, x = ((a - b) // 2 for a, b in zip(scaled.shape, (rows, columns), strict=False))
    found[top : top + rows, left : left + columns] = scaled[y : y + rows, x : x + columns]
    return found


def _structure(picture: Float) -> tuple[Float, Float]:
    """The structure that a tonal grade does not change, (rows, columns), and the mask of the
    picture."""
    import cv2

    mask = np.isfinite(picture[..., 0]).astype(np.float32)
    luma = np.nan_to_num(picture) @ np.array(_LUMA, np.float32)
    inside = mask > 0
    ranks = np.zeros(SIZE, np.float32)
    # Equal values get equal ranks: black bars and blown skies are not structure.
    _, place, counts = np.unique(
        np.round(luma[inside] * 255), return_inverse=True, return_counts=True
    )
    middle = np.cumsum(counts) - counts / 2
    ranks[inside] = (middle[place] / inside.sum()).astype(np.float32)
    broad = cv2.GaussianBlur(ranks, (0, 0), _BROAD)
    held = cv2.GaussianBlur(mask, (0, 0), _BROAD)
    detail = np.where(inside, ranks - broad / np.maximum(held, 1e-6), 0).astype(np.float32)
    return detail, mask


class Likeness:
    """A shot, prepared for comparisons."""

    def __init__(self, pictures: NDArray[Any]) -> None:
        numbers = np.unique(np.linspace(0, len(pictures) - 1, _TRIED).round().astype(int))
        self._chosen = [pictures[n] for n in numbers]

    @cached_property
    def _plain(self) -> list[Float]:
        return [_resized(picture) for picture in self._chosen]

    @cached_property
    def spectra(self) -> NDArray[Any]:
        """Spectra (pictures, 3, ...) of structure, its square and its mask."""
        return np.stack([_spectrum(picture) for picture in self._plain])

    @cached_property
    def flat(self) -> bool:
        """Whether it has too little detail."""
        return all(_structure(picture)[0].std() < _LEAST for picture in self._plain)

    @cached_property
    def sketch(self) -> Floats:
        """A few hundred numbers whose products show which shots may be alike."""
        import cv2

        made = []
        for picture in self._plain:
            detail = cv2.GaussianBlur(_structure(picture)[0], (0, 0), 1.5)
            small = cv2.resize(detail, (16, 9), interpolation=cv2.INTER_AREA).ravel()
            made.append(small / max(float(np.linalg.norm(small)), 1e-9))
        while len(made) < _TRIED:
            made.append(made[-1])
        return np.stack(made).astype(np.float64)

    @cached_property
    def scaled(self) -> list[tuple[list[Float], NDArray[Any]]]:
        """Its pictures at other scales, with their spectra."""
        found = []
        for scale in _SCALES[1:]:
            pictures = [_resized(picture, scale) for picture in self._chosen]
            found.append((pictures, np.stack([_spectrum(picture) for picture in pictures])))
        return found

    def common(self, other: Likeness, colors: int) -> Common | None:
        """The shared part; None if there is none, or too little detail.

        ``colors``: the largest number of colours to compare, the most frequent ones.
        """
        if self.flat or other.flat:
            return None
        best = _best(self.spectra, other.spectra), other._plain
        if best[0][0] < _SURE:
            for pictures, spectra in other.scaled:
                found = _best(self.spectra, spectra), pictures
                if found[0][0] > best[0][0]:
                    best = found
        (agreement, i, j, shift), pictures = best
        if agreement < AGREE:
            return None
        cells = _cells(self._plain[i], pictures[j], shift)
        most = np.argsort(-cells.counts, kind="stable")[:colors]
        chosen = Cells(cells.before[most], cells.after[most], cells.counts[most])
        return Common(min(agreement, 1.0), chosen)


def _spectrum(picture: Float) -> NDArray[Any]:
    detail, mask = _structure(picture)
    planes = np.stack([detail, detail * detail, mask])
    return np.asarray(np.fft.rfft2(planes, _PADDED), np.complex64)


def _window() -> Ints:
    rows = np.r_[0 : _SHIFT[0] + 1, _PADDED[0] - _SHIFT[0] : _PADDED[0]]
    columns = np.r_[0 : _SHIFT[1] + 1, _PADDED[1] - _SHIFT[1] : _PADDED[1]]
    return np.asarray((rows[:, np.newaxis] * _PADDED[1] + columns).ravel(), np.int64)


_SHIFTS: Final = _window()


def _best(first: NDArray[Any], second: NDArray[Any]) -> tuple[float, int, int, tuple[int, int]]:
    """The best agreement, its two pictures, and the shift of the second relative to the first."""
    a, b = first[:, np.newaxis], second[np.newaxis].conj()
    products = np.stack(
        [a[:, :, 0] * b[:, :, 0], a[:, :, 1] * b[:, :, 2], a[:, :, 2] * b[:, :, 1],
         a[:, :, 2] * b[:, :, 2]]
    )  # fmt: skip
    maps = np.fft.irfft2(products, _PADDED)
    both, mine, yours, area = maps.reshape(*maps.shape[:3], -1)[..., _SHIFTS]
    held = area >= 0.35 * SIZE[0] * SIZE[1]
    energy = np.sqrt(np.maximum(mine, 0) * np.maximum(yours, 0))
    enough = held & (energy >= _LEAST**2 * np.maximum(area, 1))
    agreement = np.where(enough, both / np.maximum(energy, 1e-9), -1.0)
    # A small overlap agrees more easily by chance.
    judged = agreement * (0.85 + 0.15 * np.clip(area / (SIZE[0] * SIZE[1]), 0, 1))
    i, j, place = (int(v) for v in np.unravel_index(int(judged.argmax()), judged.shape))
    row, column = (int(v) for v in divmod(int(_SHIFTS[place]), _PADDED[1]))
    row -= _PADDED[0] if row > _PADDED[0] // 2 else 0
    column -= _PADDED[1] if column > _PADDED[1] // 2 else 0
    return float(judged[i, j, place]), i, j, (row, column)


def _cells(first: Float, second: Float, shift: tuple[int, int]) -> Cells:
    """Colours where both overlap."""
    row, column = shift
    a = _part(first, row, column)
    b = _part(second, -row, -column)
    seen = np.isfinite(a[..., 0]) & np.isfinite(b[..., 0])
    pairs = _softened(a)[seen], _softened(b)[seen]
    return Cells.of(*pairs)


def _part(picture: Float, row: int, column: int) -> Float:
    rows = slice(max(row, 0), SIZE[0] + min(row, 0))
    return picture[rows, max(column, 0) : SIZE[1] + min(column, 0)]


def _softened(picture: Float) -> Float:
    """Blurred by a pixel, since the two do not lie on one grid."""
    import cv2

    return np.asarray(cv2.GaussianBlur(np.nan_to_num(picture), (0, 0), 0.8))


def candidates(shots: Sequence[Likeness], count: int) -> list[tuple[int, int]]:
    """Pairs of shots worth a comparison: neighbours in time, and those whose sketches agree."""
    sketches = np.stack([shot.sketch for shot in shots])
    pairs = {(i, j) for i in range(len(shots)) for j in range(i + 1, min(i + 3, len(shots)))}
    for i, sketch in enumerate(sketches):
        likely = np.einsum("ak,nbk->nab", sketch, sketches).max((1, 2))
        likely[i] = -2
        for j in np.argsort(-likely, kind="stable")[:count].tolist():
            if i != j:
                pairs.add((min(i, j), max(i, j)))
    return sorted(pairs)
