"""How much of a shot's subject each crop shows.

Salience and independent motion are added, each weighted by its concentration: a uniform map says
nothing. Faces, if they were analysed, count for more than both. Within a crop, content counts for
more the closer it is to the middle, so that the subject is in the middle and not just inside; parts
hidden by a title do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Byte, Floats

PLACES: Final = 121
"""The number of places of a crop to compare: the first and the last touch the edges."""

_SHARPER: Final = 2.0
"""Exponent of salience: one strong place counts for more than many weak ones."""

_MOTION_SECONDS: Final = 0.8
"""Seconds for which recent motion still draws the eye: standard deviation."""

_LEAST_MOTION: Final = 0.05
"""The square root of the speed below which motion counts for less."""

_FACES: Final = 2.0
"""The weight of a certain face: as much as the maximum of the other two together."""

_FACE_SECONDS: Final = 0.5
"""Seconds for which a face missed for a moment still counts: standard deviation."""

PRESENT: Final = 0.75
"""Share of the worth of the best place, or of a path, below which the subject is lost."""

_CENTER: Final = 0.25
"""The weight of the middle if nothing is concentrated."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in fractions."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What draws the eye in a shot."""

    salient: Floats
    """(n, rows, columns): salience, normalised to a sum of 1, times its concentration."""
    moving: Floats
    """The same for motion."""
    rate: float
    """Maps a second."""
    faces: Floats | None = None
    """Faces, normalised to their weight times confidence; None if they were not analysed."""

    @classmethod
    def of(cls, salient: Byte, moving: Byte, rate: float, faces: Byte | None = None) -> Evidence:
        """From the maps of the analyses ``attention`` and ``faces`` (n, rows, columns), n >= 1."""
        stands = (salient / 255.0) ** _SHARPER
        moves = over_time(moving / 255.0, _MOTION_SECONDS * rate)
        top = moves.max(axis=(1, 2))
        return cls(
            _weighed(stands, np.ones(len(stands))),
            _weighed(moves, top / (top + _LEAST_MOTION)),
            rate,
            None if faces is None else _faces(faces, rate),
        )

    @property
    def whole(self) -> Floats:
        """The sum of all evidence (n, rows, columns)."""
        other = self.salient + self.moving
        return other if self.faces is None else other + self.faces

    @property
    def sure(self) -> Floats:
        """Its confidence over time (n,): 0 to 1."""
        sure: Floats = np.minimum(self.whole.sum(axis=(1, 2)), 1.0)
        return sure


def _faces(maps: Byte, rate: float) -> Floats:
    """Maps of faces over time. Large ones count for more than small ones, and many for no more than
    one."""
    seen = over_time(maps / 255.0, _FACE_SECONDS * rate)
    sure = seen.max(axis=(1, 2))
    total = np.maximum(seen.sum(axis=(1, 2)), 1e-12)
    weighed: Floats = seen * (_FACES * sure / total)[:, None, None]
    return weighed


def _weighed(maps: Floats, by: Floats) -> Floats:
    """Maps scaled to a sum of their squared concentration times ``by``."""
    cells = maps.shape[1] * maps.shape[2]
    total = maps.sum(axis=(1, 2))
    squares = (maps**2).sum(axis=(1, 2))
    spread = np.where(squares > 0, total**2 / (cells * np.maximum(squares, 1e-12)), 1.0)
    weight = (1 - spread) ** 2 * by / np.maximum(total, 1e-12)
    weighed: Floats = maps * weight[:, None, None]
    return weighed


def over_time(values: Floats, sigma: float) -> Floats:
    """Values (n, ...) smoothed along the first axis by a Gaussian; the end values are repeated
    beyond."""
    reach = int(3 * sigma)
    if reach < 1 or len(values) < 2:
        return np.asarray(values, np.float64)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    flat = values.reshape(len(values), -1)
    padded = np.pad(flat, ((reach, reach), (0, 0)), mode="edge")
    smooth = sum(weight * padded[k : k + len(flat)] for k, weight in enumerate(kernel))
    made: Floats = np.asarray(smooth).reshape(values.shape)
    return made


@dataclass(frozen=True, slots=True)
class Slide:
    """A crop of fixed size that slides along one axis of a picture."""

    axis: int
    """0 slides across, 1 down."""
    share: float
    """Its length along that axis, in fractions of the picture's."""

    @classmethod
    def fitted(cls, picture: tuple[float, float], box: tuple[float, float]) -> Slide:
        """The largest crop of a picture (width, height) with the aspect ratio of a box."""
        wide = picture[0] / picture[1]
        wanted = box[0] / box[1]
        return cls(0, wanted / wide) if wanted < wide else cls(1, wide / wanted)

    @property
    def room(self) -> float:
        """The largest position of its leading edge."""
        return 1 - self.share

    def edges(self) -> Floats:
        """The leading edges to compare."""
        return np.linspace(0, self.room, PLACES)

    def box(self, edge: float) -> Box:
        """The box that it shows."""
        if self.axis == 0:
            return edge, 0.0, edge + self.share, 1.0
        return 0.0, edge, 1.0, edge + self.share


def shown(maps: Floats, slide: Slide, hidden: Sequence[Sequence[Box]] = ()) -> Floats:
    """How much of maps (n, rows, columns) each crop shows: (n, PLACES).

    ``hidden`` are, for each map, the boxes of titles over the crop, in fractions of it.
    """
    n, rows, columns = maps.shape
    flat = maps.reshape(n, -1)
    made = flat @ _kernel(slide, (rows, columns), ()).T
    alike: dict[tuple[Box, ...], list[int]] = {}
    for number, boxes in enumerate(hidden):
        if boxes:
            alike.setdefault(tuple(boxes), []).append(number)
    for covering, numbers in alike.items():
        made[numbers] = flat[numbers] @ _kernel(slide, (rows, columns), covering).T
    return np.asarray(made, np.float64)


def _kernel(slide: Slide, shape: tuple[int, int], hidden: Sequence[Box]) -> Floats:
    """The weight of each cell in each crop: (PLACES, cells)."""
    rows, columns = shape
    across, down = (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
    along = across if slide.axis == 0 else down
    inside = (along[None] - slide.edges()[:, None]) / slide.share  # 0..1 within the crop
    weight = np.maximum(1 - (2 * inside - 1) ** 2, 0)
    if slide.axis == 0:
        kernel = np.repeat(weight[:, None, :], rows, axis=1)
    else:
        kernel = np.repeat(weight[:, :, None], columns, axis=2)
    for left, top, right, bottom in hidden:
        first, last = (left, right) if slide.axis == 0 else (top, bottom)
        low, high = (top, bottom) if slide.axis == 0 else (left, right)
        fixed = down if slide.axis == 0 else across
        on = (inside >= first) & (inside < last)  # (PLACES, along)
        off = (fixed >= low) & (fixed < high)
        covered = (
            on[:, None, :] & off[None, :, None]
            if slide.axis == 0
            else on[:, :, None] & off[None, None, :]
        )
        kernel = np.where(covered, 0.0, kernel)
    made: Floats = kernel.reshape(PLACES, -1)
    return made


def worth(evidence: Evidence, slide: Slide, hidden: Sequence[Sequence[Box]] = ()) -> Floats:
    """The worth of each crop at each time: (n, PLACES), 0 to about 1."""
    found = shown(evidence.whole, slide, hidden)
    off = np.linspace(-1, 1, PLACES) ** 2
    unsure = (1 - evidence.sure)[:, None]
    made: Floats = found + _CENTER * unsure * (1 - off)[None]
    return made
