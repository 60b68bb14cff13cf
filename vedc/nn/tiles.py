"""A picture in tiles of one size, with a margin, so that memory does not grow with the picture.

The tiles depend only on the picture's size, so the same picture always gives the same bits. Every
tile has a margin as wide as the network's reach, with the neighbouring pixels or, beyond the
picture's edge, copies of the outermost ones: the kept part of a tile depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

#: The longest side of a tile's kept part, in pixels.
LONGEST: Final = 768


class Part(NamedTuple):
    """A tile: where its input begins, which may be outside the picture, and its kept part."""

    source: tuple[int, int]
    top: int
    left: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Cuts:
    """How a picture is cut into tiles whose inputs all have the same size."""

    inputs: tuple[int, int]
    """Rows and columns of a tile's input."""
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """How a picture is cut."""

    height: int
    width: int
    margin: int
    tile: tuple[int, int]
    """Rows and columns of a tile's kept part; its input has the margin on all sides."""
    corners: tuple[tuple[int, int], ...]
    """Top and left of each tile's kept part. The last ones of a row or column may extend beyond the
    picture."""

    @property
    def inputs(self) -> tuple[int, int]:
        """Rows and columns of a tile's input."""
        return self.tile[0] + 2 * self.margin, self.tile[1] + 2 * self.margin

    def kept(self) -> Iterator[tuple[int, int, int, int]]:
        """Top, left, rows and columns of each tile's part inside the picture."""
        for top, left in self.corners:
            rows = min(self.tile[0], self.height - top)
            yield top, left, rows, min(self.tile[1], self.width - left)

    @property
    def cuts(self) -> Cuts:
        parts = (
            Part((top - self.margin, left - self.margin), top, left, rows, columns)
            for top, left, rows, columns in self.kept()
        )
        return Cuts(self.inputs, tuple(parts))


def grid(height: int, width: int, reach: int, multiple: int, longest: int = LONGEST) -> Grid:
    """The tiles of a picture for a network with this reach, with sides of this ``multiple``."""
    margin = -(-reach // multiple) * multiple
    rows, columns = (_even(side, multiple, longest) for side in (height, width))
    corners = tuple(
        (top, left) for top in range(0, height, rows) for left in range(0, width, columns)
    )
    return Grid(height, width, margin, (rows, columns), corners)


def overlapping(
    height: int, width: int, reach: int, multiple: int, border: int, longest: int
) -> Cuts:
    """The tiles of a picture for a network with a wide reach that has learned to handle edges:
    there is a margin where tiles meet, and about ``border`` pixels around the picture.

    ``longest`` is the longest side of a tile's input, unless margins need more.
    """
    margin = -(-reach // multiple) * multiple
    rows, columns = (_cut(side, margin, multiple, border, longest) for side in (height, width))
    parts = (
        Part((above, before), top, left, below - top, right - left)
        for above, top, below in rows[1]
        for before, left, right in columns[1]
    )
    return Cuts((rows[0], columns[0]), tuple(parts))


def _cut(
    side: int, margin: int, multiple: int, border: int, longest: int
) -> tuple[int, list[tuple[int, int, int]]]:
    """The length of inputs along one side; and for each input its start and the bounds of its kept
    part.

    Inputs start at multiples, counted from the first, and overlap by two margins.
    """
    whole, step = -(-(side + 2 * border) // multiple) * multiple, multiple
    count = 1
    if whole > longest:
        step = max(multiple, (longest - 2 * margin) // multiple * multiple)
        count = max(1, -(-(whole - 2 * margin) // step))
        step = -(-(whole - 2 * margin) // (count * multiple)) * multiple
    taken = whole if count == 1 else step + 2 * margin
    begin = -((whole - side) // 2)
    starts = [begin + min(i * step, whole - taken) for i in range(count)]
    bounds = [0, *(start + margin for start in starts[1:]), side]
    return taken, list(zip(starts, bounds[:-1], bounds[1:], strict=True))


def _even(side: int, multiple: int, longest: int) -> int:
    """The side of tiles that are as equal in size as the multiple allows."""
    parts = -(-side // longest)
    each = -(-side // parts)
    return -(-each // multiple) * multiple


def cut(plane: Any, top: int, left: int, rows: int, columns: int) -> Any:
    """``rows`` and ``columns`` of a plane (h, w) from a corner that may lie outside; beyond the
    edge, its outermost pixels are repeated."""
    height, width = plane.shape
    first, last = max(top, 0), min(top + rows, height)
    begin, end = max(left, 0), min(left + columns, width)
    part = plane[first:last, begin:end]
    beyond = (first - top, top + rows - last), (begin - left, left + columns - end)
    return np.pad(part, beyond, mode="edge") if any(map(any, beyond)) else part
