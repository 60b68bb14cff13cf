"""A periodic picture of a painting's strokes, by image quilting (Efros and Freeman 2001).

Square patches of the painting's detail are placed so that they overlap. Each is one of those that
match what lies there already, and the seam in the overlap runs where the two differ least. The last
patches of a row and of a column also match the first. Only parts of the painting with strokes of
one direction are taken, as far as that can be seen: neither flat ground nor faces.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Generator

_PATCHES: Final = ((128, 32), (64, 16))
"""The distance of patches and by how much they overlap: the first for which a painting is large
enough. A broad patch keeps more of a painting's swirls."""
_ROOM: Final = 2
"""The least side of a painting, in patches."""
_LIKE: Final = 8
"""One of this many best matches is taken."""
_STROKES: Final = 0.25
"""The share of the painting, that with the clearest strokes, which patches come from."""
_WIDE: Final = 8.0
"""Standard deviation of the surroundings in which strokes have one direction, in pixels."""

_FAINT: Final = 1e-3
"""Energy of gradients, of the painting's mean, below which nothing has a direction."""
_LEAST: Final = 1e-2
"""The clearness below which it makes no difference."""


def quilted(detail: Any, size: tuple[int, int], random: Generator) -> Any:
    """A picture (rows, columns) of ``detail`` (h, w), float32, that continues on its opposite side.

    ``size`` are multiples of 128; ``detail`` has at least 80 pixels a side.
    """
    least = min(detail.shape)
    fit = (p for p in _PATCHES if least >= _ROOM * sum(p))
    step, overlap = next(fit, _PATCHES[-1])
    return _Quilt(np.ascontiguousarray(detail, np.float32), size, step, overlap, random).made()


class _Quilt:
    """A picture under construction, with room beyond its right and lower side for the overlap."""

    def __init__(
        self, detail: Any, size: tuple[int, int], step: int, overlap: int, random: Generator
    ) -> None:
        self.detail, self.size, self.random = detail, size, random
        self.step, self.overlap, self.patch = step, overlap, step + overlap
        beyond = size[0] + overlap, size[1] + overlap
        self.picture, self.known = np.zeros(beyond, np.float32), np.zeros(beyond, bool)
        corners = detail.shape[0] - self.patch + 1, detail.shape[1] - self.patch + 1
        clear = _clear_strokes(detail, self.patch)[: corners[0], : corners[1]]
        self.fit = clear >= np.quantile(clear, 1 - _STROKES)
        self.used = np.zeros(corners, np.int32)

    def made(self) -> Any:
        rows, columns = self.size
        for top in range(0, rows, self.step):
            for left in range(0, columns, self.step):
                self._wrap()
                self._place(top, left)
        self._wrap(back=True)
        return self.picture[:rows, :columns]

    def _wrap(self, back: bool = False) -> None:
        """Copy the first rows and columns beyond the last ones; or ``back``, where seams are."""
        for axis, side in enumerate(self.size):
            near = [slice(None), slice(None)]
            far = [slice(None), slice(None)]
            near[axis], far[axis] = slice(self.overlap), slice(side, side + self.overlap)
            source, target = (far, near) if back else (near, far)
            for array in (self.picture, self.known):
                array[*target] = array[*source]

    def _place(self, top: int, left: int) -> None:
        at = slice(top, top + self.patch), slice(left, left + self.patch)
        there, known = self.picture[at], self.known[at]
        y, x = self._chosen(there, known)
        patch = self.detail[y : y + self.patch, x : x + self.patch]
        off, width = (patch - there) ** 2, self.overlap
        taken = np.ones(off.shape, bool)
        if left:
            taken[:, :width] &= _beyond_seam(off[:, :width])
        if top:
            taken[:width] &= _beyond_seam(off[:width].T).T
        if left + self.step == self.size[1]:
            taken[:, -width:] &= ~_beyond_seam(off[:, -width:])
        if top + self.step == self.size[0]:
            taken[-width:] &= ~_beyond_seam(off[-width:].T).T
        there[:] = np.where(taken | ~known, patch, there)
        known[:] = True
        for number, side in enumerate((top, left)):  # the seam on the far side is kept at once
            if side + self.step == self.size[number]:
                self._wrap(back=True)

    def _chosen(self, there: Any, known: Any) -> tuple[int, int]:
        """The corner of a patch that matches what is known and was used no more than others."""
        import cv2

        if known.any():
            mask = known.astype(np.float32)
            cost: Any = cv2.matchTemplate(self.detail, there, cv2.TM_SQDIFF, mask=mask)
        else:
            cost = self.random.random(self.used.shape)
        least = self.used[self.fit].min()
        cost = np.where(self.fit & (self.used == least), cost, np.inf)
        best = np.argsort(cost, axis=None, kind="stable")[: min(_LIKE, np.isfinite(cost).sum())]
        y, x = (int(v) for v in np.unravel_index(self.random.choice(best), cost.shape))
        near = self.step // 2
        self.used[max(0, y - near) : y + near, max(0, x - near) : x + near] += 1
        return y, x


def _clear_strokes(detail: Any, patch: int) -> Any:
    """How clear strokes of one direction are in the patch at each corner: the mean logarithm of
    their contrast times the structure tensor's coherence, so that a patch is bad if part of it
    is."""
    import cv2

    x, y = (cv2.Sobel(detail, cv2.CV_32F, *d, ksize=3, scale=0.25) for d in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.GaussianBlur(each, (0, 0), _WIDE) for each in (x * x, y * y, x * y))
    energy = xx + yy
    usual = float(energy.mean()) + 1e-12
    coherence = np.hypot(xx - yy, 2 * xy) / (energy + _FAINT * usual)
    clear = np.log(_LEAST + coherence * np.sqrt(energy / usual)).astype(np.float32)
    return cv2.blur(clear, (patch, patch), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)


def _beyond_seam(off: Any) -> Any:
    """True right of the path from the first to the last row of ``off`` (h, w) whose sum is the
    least; each step is down, or down and to a side."""
    total = np.array(off, np.float64)
    for row in range(1, len(total)):
        around = np.pad(total[row - 1], 1, constant_values=np.inf)
        total[row] += np.minimum(np.minimum(around[:-2], around[1:-1]), around[2:])
    found, column = np.zeros(off.shape, bool), int(total[-1].argmin())
    for row in range(len(total) - 1, -1, -1):
        found[row, column:] = True
        if row:
            first = max(0, column - 1)
            column = first + int(total[row - 1, first : column + 2].argmin())
    return found
