"""The boundary between two segments of a film: a cut, or frames that show both.

Both mappings are extended beyond the boundary, and each frame around it is explained as a mixture:
by one share for the whole picture (a dissolve), or by blocks of one or the other (a wipe). A
boundary counts as gradual only if such mixtures explain frames clearly better than a cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.align.best_path import Segment, robust_cost, unexplained_costs
from vedc.decide.align.dips import find_dip
from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.matcher import Matcher
from vedc.decide.align.slides import Way, find_slide
from vedc.decide.analyses.results import BoundaryKind
from vedc.decide.arrays import Array, Float, Ints

_LONGEST: Final = 2.5
"""Seconds of the longest transition."""

_SHORTEST: Final = 3
"""The fewest frames; fewer that show both come from a frame rate conversion."""

_CLEARLY: Final = 40.0
"""The least advantage of a gradual transition over a cut in explaining frames."""

_RISES: Final = 0.75
"""Least correlation with time of a wipe's share of the second side."""

_BLOCK: Final = 8
"""The side of a block in pixels."""


@dataclass(frozen=True, slots=True)
class SegmentBoundary:
    """How a segment begins: the kind, and the half-open range of frames that show both sides."""

    kind: BoundaryKind
    start: int
    end: int
    way: Way | None = None
    """Direction of the wipe's edge, or of the slide's pictures."""


@dataclass(slots=True)
class _Around:
    """Residuals of frames around a boundary, as mixtures of both sides."""

    frames: Ints
    before: Float
    """(n,): mean square residual of the first side alone."""
    cross: Float
    apart: Float
    """(n,): the residual at share a of the second side is before - 2 a cross + a a apart."""
    blocks: Float
    """(n,): the residual with each block from one side or the other."""
    second: Float
    """(n,): the share of blocks that show the second side."""
    centre: Float
    """(n, 2): the mean offset of those to the right of and below the middle, in pictures."""


def find_boundaries(
    matchers: Sequence[Matcher], segments: Sequence[Segment], black: Sequence[bool]
) -> tuple[list[Segment], list[SegmentBoundary]]:
    """The segments and how each begins; a segment that is only a transition is divided between its
    neighbours.

    ``black``: which segments are black.
    """
    out = [segments[0]]
    boundaries = [SegmentBoundary("start", segments[0].start, segments[0].start)]
    k = 1
    while k < len(segments):
        segment, last = segments[k], out[-1]
        following = segments[k + 1] if k + 1 < len(segments) else None
        if following is not None and _may_be_transition(matchers, last, segment, following):
            found = _find_boundary(
                matchers, last, following, segment.start, segment.end, absorbed=segment
            )
            if found is None and segment.map is None:
                found = _unlike_both(matchers, last, segment, following)
            if found is not None:
                middle = (found.start + found.end) // 2
                if black[k]:
                    found = SegmentBoundary("fade", found.start, found.end)
                out[-1] = Segment(last.start, middle, last.map)
                out.append(Segment(middle, following.end, following.map))
                boundaries.append(found)
                k += 2
                continue
        found = _find_boundary(matchers, last, segment, segment.start, segment.start)
        if found is None:
            out.append(segment)
            boundaries.append(SegmentBoundary("cut", segment.start, segment.start))
        else:
            middle = (found.start + found.end) // 2
            out[-1] = Segment(last.start, middle, last.map)
            out.append(Segment(middle, segment.end, segment.map))
            boundaries.append(found)
        k += 1
    return out, boundaries


def _unlike_both(
    matchers: Sequence[Matcher], last: Segment, segment: Segment, following: Segment
) -> SegmentBoundary | None:
    """A transition whose frames are not a mixture of both sides in place."""
    dip = find_dip(matchers, last, segment, following)
    if dip is not None:
        return SegmentBoundary("fade", *dip)
    slide = find_slide(matchers, last, segment, following)
    return None if slide is None else SegmentBoundary("slide", *slide)


def _may_be_transition(
    matchers: Sequence[Matcher], last: Segment, segment: Segment, following: Segment
) -> bool:
    """Whether a segment could be only a transition between its neighbours."""
    if last.map is None or following.map is None:
        return False
    rate = float(matchers[last.map.matcher].film.rate)
    short = segment.end - segment.start < _LONGEST * rate
    return short and (segment.map is None or segment.end - segment.start < 0.7 * rate)


def _find_boundary(
    matchers: Sequence[Matcher],
    last: Segment,
    segment: Segment,
    start: int,
    end: int,
    absorbed: Segment | None = None,
) -> SegmentBoundary | None:
    """The gradual transition between two segments, around frames ``start`` to ``end``."""
    if last.map is None or segment.map is None:
        return None
    matcher = matchers[last.map.matcher]
    reach = int(_LONGEST / 2 * float(matcher.film.rate))
    low = max(last.start, start - reach, last.end - (last.end - last.start) * 2 // 3)
    high = min(segment.end, end + reach, segment.start + (segment.end - segment.start) * 2 // 3 + 1)
    low, high = min(low, start), max(high, end)
    if high - low < _SHORTEST:
        return None
    around = _around(matchers, last.map, segment.map, np.arange(low, high))
    noise = matcher.noise
    cut = min(
        _cost(around, np.where(around.frames < c, 0.0, 1.0), noise) for c in range(start, end + 1)
    )
    if absorbed is not None:  # its cost as a separate run
        inside = np.arange(absorbed.start, absorbed.end)
        if absorbed.map is None:
            alone = unexplained_costs(matcher.variance(inside), noise)
        else:
            own = matchers[absorbed.map.matcher]
            alone = robust_cost(own.residual(inside, absorbed.map.frames(inside)), noise)
        share = np.where(around.frames < start, 0.0, 1.0)
        cut = min(cut, float(alone.sum()) + _cost(around, share, noise, (start, end)))
    best = (np.inf, 0, 0)
    for length in range(_SHORTEST, min(high - low, int(_LONGEST * float(matcher.film.rate))) + 1):
        for first in range(low, high - length + 1):
            share = np.clip((around.frames - first + 0.5) / length, 0, 1)
            share[around.frames < first] = 0
            cost = _cost(around, share, noise)
            if cost < best[0]:
                best = (cost, first, first + length)
    blocks = float(robust_cost(np.maximum(around.blocks, 0), noise).sum())
    mixed = (around.second > 0.04) & (around.second < 0.96)
    rises = np.corrcoef(around.second, around.frames)[0, 1] if np.ptp(around.second) else 0.0
    clear = blocks < best[0] - _CLEARLY and blocks < cut - _CLEARLY
    if clear and mixed.sum() >= _SHORTEST and rises > _RISES:
        shown = around.frames[mixed]
        way = _way(around.centre[mixed])
        return SegmentBoundary("wipe", int(shown[0]), int(shown[-1]) + 1, way)
    if best[0] < cut - _CLEARLY:
        return SegmentBoundary("dissolve", best[1], best[2])
    return None


def _way(centres: Float) -> Way:
    """Direction of a wipe's edge: away from the blocks that already show the second side."""
    across, down = centres[: max(1, len(centres) // 2)].mean(0)
    if abs(across) >= abs(down):
        return "left" if across > 0 else "right"
    return "up" if down > 0 else "down"


def _cost(
    around: _Around, share: Float, noise: float, without: tuple[int, int] | None = None
) -> float:
    left = around.before - 2 * share * around.cross + share**2 * around.apart
    cost = robust_cost(np.maximum(left, 0), noise)
    if without is not None:
        cost = cost[(around.frames < without[0]) | (around.frames >= without[1])]
    return float(cost.sum())


def _around(
    matchers: Sequence[Matcher], first: FrameMap, second: FrameMap, frames: Ints
) -> _Around:
    one, two = matchers[first.matcher], matchers[second.matcher]
    root = np.sqrt(one.tone.weight)
    film = one.film_pictures(frames)
    a = one.raw_pictures(first.frames(frames))
    b = two.raw_pictures(second.frames(frames)) / np.sqrt(two.tone.weight) * root
    if two is not one:
        b += (two.tone.bias - one.tone.bias) * root
    from_a, from_b, apart = film - a, film - b, b - a
    left_a, left_b = _by_blocks(from_a**2, one.shape), _by_blocks(from_b**2, one.shape)
    size = film.shape[1]
    # Blocks alike on both sides say nothing about the position of a wipe.
    differences = _by_blocks(apart**2, one.shape)
    distinct = differences > np.maximum(0.25 * differences.mean(axis=1, keepdims=True), 1e-6)
    shows = distinct & (left_b < left_a)
    second_ = shows.sum(axis=1) / np.maximum(distinct.sum(axis=1), 1)
    grid = -(-one.shape[0] // _BLOCK), -(-one.shape[1] // _BLOCK)
    down, across = (a.ravel() for a in np.meshgrid(*map(_middles, grid), indexing="ij"))
    count = np.maximum(shows.sum(axis=1), 1)
    centre = np.stack([(shows * across).sum(axis=1) / count, (shows * down).sum(axis=1) / count], 1)
    return _Around(
        frames,
        (from_a**2).mean(axis=1),
        (from_a * apart).mean(axis=1),
        (apart**2).mean(axis=1),
        np.minimum(left_a, left_b).sum(axis=1) / size,
        second_.astype(np.float32),
        centre.astype(np.float32),
    )


def _middles(count: int) -> Float:
    """The middles of ``count`` blocks, in pictures from the middle of the picture."""
    return np.asarray((np.arange(count) + 0.5) / count - 0.5, np.float32)


def _by_blocks(square: Array, shape: tuple[int, int]) -> Float:
    """Sums over blocks: (n, blocks)."""
    rows = np.arange(0, shape[0], _BLOCK)
    columns = np.arange(0, shape[1], _BLOCK)
    grid = square.reshape(-1, *shape)
    summed = np.add.reduceat(np.add.reduceat(grid, rows, axis=1), columns, axis=2)
    return np.asarray(summed.reshape(len(square), -1), np.float32)
