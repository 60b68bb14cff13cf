"""Transitions through one colour: the first side fades into it, the second fades in from it.

No frame of such a transition is a mixture of both sides, so each is fitted as a share of one of
them, plus a level: ``share * side + level``. The shares must fall, then rise; the transition begins
and ends where they would be 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from vedc.decide.align.best_path import Segment
from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.matcher import Matcher
from vedc.decide.align.unfound import film_values, reached, side_values
from vedc.decide.arrays import Floats, Ints

_SHORTEST: Final = 4
"""Frames."""
_MOVES: Final = 0.7
"""Least correlation of a share with time."""
_DEEP: Final = 0.5
"""The share must fall below this."""
_LEFT: Final = 0.15
"""The largest mean share of a frame's variance that a share of a side may leave."""


def find_dip(
    matchers: Sequence[Matcher], last: Segment, segment: Segment, following: Segment
) -> tuple[int, int] | None:
    """The half-open frames of a transition through one colour, if a segment not found in the raw
    files is one; otherwise None."""
    if last.map is None or following.map is None:
        return None
    frames = np.arange(segment.start, segment.end)
    if len(frames) < _SHORTEST:
        return None
    fall, off = _shares(matchers[last.map.matcher], last.map, frames)
    rise, away = _shares(matchers[following.map.matcher], following.map, frames)
    sums = np.concatenate([[0.0], np.cumsum(off)]), np.concatenate([[0.0], np.cumsum(away)])
    costs = sums[0] + sums[1][-1] - sums[1]
    # If both sides look alike, either explains all frames: the turn is where their shares are
    # least.
    middle = min(max(int(np.argmin(fall + rise)), 2), len(frames) - 2)
    if costs[middle] > _LEFT * len(frames):
        middle = int(np.argmin(costs[2:-2])) + 2 if len(costs) > 4 else len(frames) // 2
    if costs[middle] > _LEFT * len(frames):
        return None
    before, after = fall[:middle], rise[middle:]
    if min(before.min(), after.min()) > _DEEP:
        return None
    begin = _reaches_one(frames[:middle], before, falls=True)
    end = _reaches_one(frames[middle:], after, falls=False)
    if begin is None or end is None:
        return None
    return reached(begin, end, (last, segment, following), matchers[0])


def _shares(matcher: Matcher, mapping: FrameMap, frames: Ints) -> tuple[Floats, Floats]:
    """For each frame, (n,): the share of a side in it, and the remaining share of its variance, 0
    to 1."""
    film, side = film_values(matcher, frames), side_values(matcher, mapping, frames)
    film = film - film.mean(1, keepdims=True)
    side = side - side.mean(1, keepdims=True)
    power = np.maximum((side**2).sum(1), 1e-6)
    share = np.clip((film * side).sum(1) / power, 0.0, 1.2)
    varies = (film**2).mean(1)
    rest = ((film - share[:, None] * side) ** 2).mean(1)
    quiet = matcher.noise + 1.0  # a nearly plain frame has no variance to leave
    left = np.clip((rest - quiet) / np.maximum(varies, quiet), 0.0, 1.0)
    return np.asarray(share, np.float64), np.asarray(left, np.float64)


def _reaches_one(frames: Ints, share: Floats, *, falls: bool) -> int | None:
    """The frame at which a steadily falling or rising share is 1; None if it does neither."""
    if len(frames) < 2:
        return int(frames[0]) if falls else int(frames[-1]) + 1
    slope, base = np.polyfit(frames, share, 1)
    steady = float(np.corrcoef(frames, share)[0, 1]) if np.ptp(share) > 1e-6 else 0.0
    if (-steady if falls else steady) < _MOVES:
        return None
    return round(float((1 - base) / slope)) + (0 if falls else 1)
