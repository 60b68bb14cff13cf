"""Transitions in which pictures move: the second side pushes the first one out of the frame.

An edge separates both sides, each of which is shown shifted. Edges are tried at all positions in
four directions; they must move evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from vedc.decide.align.best_path import Segment
from vedc.decide.align.matcher import Matcher
from vedc.decide.align.unfound import film_values, reached, side_values
from vedc.decide.arrays import Float, Floats

Way = Literal["left", "right", "up", "down"]
"""Direction of a slide's pictures, or of a wipe's edge."""

WAYS: Final[tuple[Way, ...]] = ("left", "right", "up", "down")
_SHORTEST: Final = 3
"""Frames."""
_PLACES: Final = 48
"""The number of edge positions to try."""
_LEFT: Final = 0.2
"""The largest mean share of a frame's variance that both parts may leave."""
_MOVES: Final = 0.95
"""Least correlation of the edge's position with time."""


def find_slide(
    matchers: Sequence[Matcher], last: Segment, segment: Segment, following: Segment
) -> tuple[int, int, Way] | None:
    """The half-open frames of a slide, and the direction of its pictures, if a segment not found in
    the raw files is one; otherwise None."""
    if last.map is None or following.map is None:
        return None
    frames = np.arange(segment.start, segment.end)
    if len(frames) < _SHORTEST:
        return None
    one, two = matchers[last.map.matcher], matchers[following.map.matcher]
    film = _shaped(one, film_values(one, frames))
    first = _shaped(one, side_values(one, last.map, frames))
    second = _shaped(two, side_values(two, following.map, frames))
    if first.shape != second.shape:
        return None
    best: tuple[float, Floats, Way] | None = None
    for way in WAYS:
        turned = [_turned(pictures, way) for pictures in (film, first, second)]
        left, edge = _edges(*turned, noise=one.noise)
        if best is None or left < best[0]:
            best = left, edge, way
    assert best is not None
    left, edge, way = best
    if left > _LEFT or np.ptp(edge) < 1e-6:
        return None
    if float(np.corrcoef(frames, edge)[0, 1]) < _MOVES:
        return None
    slope, base = np.polyfit(frames, edge, 1)
    begin, end = round(float(-base / slope)), round(float((1 - base) / slope)) + 1
    return *reached(begin, end, (last, segment, following), one), way


def _shaped(matcher: Matcher, values: Float) -> Float:
    return values.reshape(len(values), *matcher.shape)


def _turned(pictures: Float, way: Way) -> Float:
    """Pictures turned so that motion in the direction ``way`` goes to the left."""
    if way in ("up", "down"):
        pictures = pictures.transpose(0, 2, 1)
    return pictures[:, :, ::-1] if way in ("right", "down") else pictures


def _edges(film: Float, first: Float, second: Float, *, noise: float) -> tuple[float, Floats]:
    """For pictures that move to the left: the remaining share of the variance, and the second
    side's share of each frame."""
    count, _, width = film.shape
    varies = np.maximum(film.var((1, 2)), noise + 1)
    least = np.full(count, np.inf)
    share = np.zeros(count)
    for taken in np.unique(np.linspace(1, width - 1, _PLACES).astype(int)):
        stays = width - taken
        rest = ((film[:, :, :stays] - first[:, :, taken:]) ** 2).sum((1, 2))
        rest += ((film[:, :, stays:] - second[:, :, :taken]) ** 2).sum((1, 2))
        rest /= film.shape[1] * width
        better = rest < least
        least[better], share[better] = rest[better], taken / width
    left = np.clip((least - noise - 1) / varies, 0, 1)
    return float(left.mean()), np.asarray(share, np.float64)
