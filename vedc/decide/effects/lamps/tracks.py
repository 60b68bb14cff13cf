"""Lamps over time: spots of single pictures joined into tracks, and the visible share of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vedc.decide.effects.lamps.blobs import Blob

#: The largest distance of a lamp from its expected position in the next frame, in heights.
NEAR: Final = 0.035
#: The accepted range of a lamp's area, relative to its usual area.
_AREA: Final = (0.15, 4.0)
#: The longest time, in seconds, for which a track may be hidden.
HIDDEN: Final = 0.6
#: The least number of frames, and of seconds, in which a lamp is visible, and the least share of
#: its life.
FRAMES, SECONDS, SHARE = 8, 0.3, 0.6
#: The largest deviation from a smooth path, in heights: glints hop.
HOP: Final = 0.004
#: The largest radius, in heights, of a lamp that motion elongates.
SMALL: Final = 0.04


@dataclass(slots=True)
class Track:
    """A spot in consecutive frames, None where it is not visible."""

    first: int
    spots: list[Blob | None] = field(default_factory=list)
    step: tuple[float, float] = (0.0, 0.0)

    @property
    def last(self) -> Blob:
        return next(spot for spot in reversed(self.spots) if spot is not None)

    @property
    def seen(self) -> list[Blob]:
        return [spot for spot in self.spots if spot is not None]

    @property
    def gap(self) -> int:
        """Frames since it was last visible."""
        return next(n for n, spot in enumerate(reversed(self.spots)) if spot is not None)

    def expected(self) -> tuple[float, float]:
        """Its position in the next frame if its motion continues."""
        ahead = self.gap + 1
        return self.last.x + self.step[0] * ahead, self.last.y + self.step[1] * ahead


class Linker:
    """Links spots, given frame by frame in order, into tracks."""

    def __init__(self, height: int, rate: float) -> None:
        self.height, self.rate = height, rate
        self.open: list[Track] = []
        self.tracks: list[Track] = []
        self.count = 0

    def push(self, spots: Sequence[Blob], moved: tuple[float, float]) -> None:
        """``moved``: the picture's shift since the frame before, in pixels."""
        free = set(range(len(spots)))
        pairs = []
        for number, track in enumerate(self.open):
            usual = float(np.median([s.radius for s in track.seen[-15:]])) ** 2
            x, y = track.expected()
            around = (track.last.x + moved[0], track.last.y + moved[1])
            for n, spot in enumerate(spots):
                if not _AREA[0] <= spot.radius**2 / usual <= _AREA[1]:
                    continue
                away = min(
                    float(np.hypot(spot.x - x, spot.y - y)),
                    float(np.hypot(spot.x - around[0], spot.y - around[1])),
                )
                reach = NEAR * self.height * (1 + 0.5 * min(track.gap, 4)) + 0.5 * spot.radius
                if away <= reach:
                    pairs.append((away, number, n))
        taken: dict[int, int] = {}
        for _, number, n in sorted(pairs):
            if number not in taken and n in free:
                taken[number] = n
                free.discard(n)
        kept = []
        for number, track in enumerate(self.open):
            if number in taken:
                spot, gap = spots[taken[number]], track.gap + 1
                step = (spot.x - track.last.x) / gap, (spot.y - track.last.y) / gap
                old = track.step if len(track.seen) > 1 else step
                track.step = (old[0] + step[0]) / 2, (old[1] + step[1]) / 2
                track.spots.append(spot)
            else:
                track.spots.append(None)
            if track.gap <= HIDDEN * self.rate:
                kept.append(track)
        # Only a spot that may be a lamp starts a track; a spot that continues one need not look
        # like a lamp.
        fresh = [Track(self.count, [spots[n]]) for n in sorted(free) if _may_be(spots[n])]
        self.open = kept + fresh
        self.tracks += fresh
        self.count += 1


@dataclass(frozen=True, slots=True, eq=False)
class Lamp:
    """A lamp of a shot. Arrays have a value for each frame of the shot."""

    x: Any
    y: Any
    """In fractions of width and height; held where it is not visible."""
    light: Any
    """Its visible share, 0 to 1."""
    radius: float
    """In heights."""
    tint: tuple[float, float, float]
    """Linear light of its glow; the strongest channel is 1."""
    score: float
    """How much it looks like a lamp, 0 to 1."""


def _may_be(spot: Blob) -> bool:
    return all(mark > 0 for name, mark in spot.marks().items() if name != "round")


def judged(
    track: Track, count: int, size: tuple[int, int], rate: float
) -> tuple[Lamp | None, str, float]:
    """The lamp of a track in a shot of ``count`` frames with pictures of ``size`` (height, width).

    Otherwise None, the criterion it fails, and its score.
    """
    high, wide = size
    seen = track.seen
    clear = [spot for spot in seen if not spot.cut] or seen
    marks = [spot.marks() for spot in clear]
    usual = float(np.median([s.radius for s in clear]))
    # Motion elongates a small one, except in the frames in which it moves least.
    part = {"round": 0.8 if usual < SMALL * high else 0.5}
    weak = {
        name: float(np.quantile([m[name] for m in marks], part.get(name, 0.5))) for name in marks[0]
    }
    score = min(weak.values())
    alive = len(track.spots) - track.gap
    least = max(min(FRAMES, count), SECONDS * rate if count > SECONDS * rate else 0)
    if len(seen) < least or len(seen) < SHARE * alive:
        return None, "short-lived", score
    if score < ENOUGH:
        return None, min(weak, key=lambda name: weak[name]), score
    frames = np.array([n for n, s in enumerate(track.spots) if s is not None]) + track.first
    x, y = np.array([s.x for s in seen]), np.array([s.y for s in seen])
    if len(seen) >= 5:
        bend = np.hypot(np.diff(x, 2), np.diff(y, 2))[np.diff(frames, 2) == 0]
        if len(bend) and float(np.median(bend)) > HOP * high * 2:
            return None, "steady path", score
    area = np.array([min((s.radius / usual) ** 2, 1.0) for s in seen])
    whole = ~np.array([s.cut for s in seen])
    x, y = _uncut(x, frames, whole), _uncut(y, frames, whole)
    every = np.arange(count)
    light = np.zeros(count)
    light[frames] = np.minimum(area * 1.15, 1.0)
    tint = np.median([s.tint for s in clear], axis=0)
    found = Lamp(
        np.interp(every, frames, _calm(x, frames)) / wide,
        np.interp(every, frames, _calm(y, frames)) / high,
        faded(light, rate),
        usual / high,
        (float(tint[0]), float(tint[1]), float(tint[2])),
        score,
    )
    return found, "", score


#: The least score of a lamp.
ENOUGH: Final = 0.45


def _uncut(values: Any, frames: Any, whole: Any) -> Any:
    """Positions of a lamp cut by the border, whose visible rest is off centre: fitted to nearby
    frames in which it is whole."""
    if whole.all() or whole.sum() < 3:
        return values
    out, known = values.copy(), np.flatnonzero(whole)
    for n in np.flatnonzero(~whole):
        near = known[np.argsort(np.abs(known - n), kind="stable")[:6]]
        near.sort()
        if near[0] < n < near[-1]:
            out[n] = np.interp(frames[n], frames[near], values[near])
        else:
            slope, base = np.polyfit(frames[near] - frames[n], values[near], 1)
            out[n] = base if np.isfinite(slope) else values[n]
    return out


def _calm(values: Any, frames: Any) -> Any:
    """Positions without codec jitter: parabolas fitted to five frames around each."""
    out = values.copy()
    for n in range(len(values)):
        near = slice(max(0, n - 2), n + 3)
        if len(values[near]) == 5 and frames[near][-1] - frames[near][0] == 4:
            away = frames[near] - frames[n]
            out[n] = np.polyfit(away, values[near], 2)[2]
    return out


def faded(light: Any, rate: float) -> Any:
    """The visible share without jumps: a lamp fades out before it is hidden, over at least a tenth
    of a second, and is dark while it is invisible."""
    reach = max(1, round(0.1 * rate))
    padded = np.pad(light, reach, mode="edge")
    lowest = np.min(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)
    window = np.hanning(2 * reach + 3)[1:-1]
    soft = np.convolve(np.pad(lowest, reach, mode="edge"), window / window.sum(), mode="valid")
    return np.minimum(soft, light)
