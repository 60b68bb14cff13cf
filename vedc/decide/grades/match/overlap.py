"""Where two small pictures show the same things, whatever their grades, and the colours of both.

Shots of one scene usually share a part of it: another framing, another moment, another camera from
nearly the same place. Where they do, their colours can be compared place by place, which tells the
grade far better than any comparison of what colours there are.

Luma is compared without its local mean and contrast, which grades change; one picture is scaled,
and parts of it are looked for in the other by normalised correlation. What is found counts if the
whole overlap, not the part alone, agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.decide.arrays import Float, Floats

_SIZE: Final = (27, 48)
_SCALES: Final = (1.0, 0.88, 1.14, 0.78, 1.28, 0.68, 1.45, 0.6, 1.65)
"""Of the second picture, the likeliest first."""
_PARTS: Final = (
    (0.2, 0.2, 0.8, 0.8), (0.0, 0.0, 0.6, 0.6), (0.4, 0.0, 1.0, 0.6), (0.0, 0.4, 0.6, 1.0),
    (0.4, 0.4, 1.0, 1.0), (0.0, 0.1, 0.6, 0.9), (0.4, 0.1, 1.0, 0.9),
)  # fmt: skip
"""Left, top, right and bottom of what is looked for, in shares of the picture."""
_LEAST: Final = (9, 14)
"""Rows and columns of the smallest part: fewer agree by chance."""
_AREA: Final = 0.25
"""Share of the picture that an overlap has at least."""
_AGREE: Final = 0.7
"""Correlation of an overlap that counts. Pictures of different scenes reach 0.5."""
_NEARLY: Final = 0.1
"""Overlaps that agree less than the best one by no more than this count with it."""
_TRIED: Final = 3
"""Pictures of each side that are compared with each other."""
_BLUR: Final = 0.7
"""Deviation in pixels, of both pictures: they do not lie on the same grid."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """Colours at the same places of both."""

    agreement: float
    """Correlation of the best overlap, 0.7 to 1."""
    first: Floats
    """(n, 3) display values."""
    second: Floats


def overlap(first: NDArray[Any], second: NDArray[Any]) -> Overlap | None:
    """What two shots share, given pictures (n, height, width, 3) of both; None for nothing."""
    found = [
        pair
        for a, b in product(_chosen(first), _chosen(second))
        if (pair := _matched(a, b)) is not None and pair.agreement >= _AGREE
    ]
    if not found:
        return None
    found.sort(key=lambda pair: -pair.agreement)
    best = found[0].agreement
    kept = [pair for pair in found[:_TRIED] if pair.agreement >= best - _NEARLY]
    return Overlap(
        best, np.concatenate([p.first for p in kept]), np.concatenate([p.second for p in kept])
    )


def _chosen(pictures: NDArray[Any]) -> list[Float]:
    """A few pictures, spread over the shot, in the size of thumbnails."""
    import cv2

    numbers = np.unique(np.linspace(0, len(pictures) - 1, _TRIED).round().astype(int))
    size = _SIZE[::-1]
    return [
        np.asarray(
            cv2.resize(pictures[n].astype(np.float32), size, interpolation=cv2.INTER_AREA),
            np.float32,
        )
        for n in numbers
    ]


def _matched(first: Float, second: Float) -> Overlap | None:
    """The likeliest place of one thumbnail in the other."""
    import cv2

    shape = _structure(first)
    best, found = -1.0, None
    for scale in _SCALES:
        size = round(_SIZE[1] * scale), round(_SIZE[0] * scale)
        kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        scaled = np.asarray(cv2.resize(second, size, interpolation=kind), np.float32)
        inner = _structure(scaled)
        for left, top, right, bottom in _PARTS:
            x, y = int(left * size[0]), int(top * size[1])
            part = inner[y : int(bottom * size[1]), x : int(right * size[0])]
            if any(part.shape[i] < _LEAST[i] or part.shape[i] > _SIZE[i] for i in (0, 1)):
                continue
            likeness = cv2.matchTemplate(shape, part, cv2.TM_CCOEFF_NORMED)
            _, most, _, (column, row) = cv2.minMaxLoc(likeness)
            if most > best:
                best, found = most, (scaled, column - x, row - y)
    return None if found is None else _shared(first, *found)


def _shared(first: Float, second: Float, x: int, y: int) -> Overlap | None:
    """What both show, if the second lies ``x`` and ``y`` right of and below the first's corner."""
    left, top = max(0, x), max(0, y)
    right = min(_SIZE[1], x + second.shape[1])
    bottom = min(_SIZE[0], y + second.shape[0])
    if (right - left) * (bottom - top) < _AREA * _SIZE[0] * _SIZE[1]:
        return None
    a = np.ascontiguousarray(first[top:bottom, left:right])
    b = np.ascontiguousarray(second[top - y : bottom - y, left - x : right - x])
    one, other = _structure(a).ravel(), _structure(b).ravel()
    if one.std() < 1e-6 or other.std() < 1e-6:
        return None  # nothing to see
    agreement = float(np.corrcoef(one, other)[0, 1])
    return Overlap(agreement, _soft(a), _soft(b))


def _structure(picture: Float) -> Float:
    """Luma less its local mean, over its local contrast."""
    import cv2

    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    detail = luma - cv2.GaussianBlur(luma, (0, 0), 4)
    contrast = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), 4) + 1e-4)
    return np.asarray(detail / contrast, np.float32)


def _soft(picture: Float) -> Floats:
    import cv2

    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _BLUR), np.float64).reshape(-1, 3)
