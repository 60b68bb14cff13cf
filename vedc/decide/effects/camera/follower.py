"""Follows the background of a shot from frame to frame.

Corners spread evenly over a key frame are followed into each frame by pyramidal Lucas and Kanade
(Bouguet 2000), forward and back, in pictures normalised by their local mean and deviation, so that
light does not count as motion. The key frame is first laid where the last motion would bring it, so
that turns and zooms do not matter and only a small rest is left to measure. Another frame becomes
the key when too little of it is seen: errors add up from key to key, not from frame to frame.
Corners where the old key's did not follow, as on somebody who came into the picture, then count
little.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from vedc.decide.arrays import Byte, Float
from vedc.decide.effects.camera.similarity import STILL, Similarity, followed

#: The side of the square, in pixels, that gives one corner.
_CELL: Final = 14
#: The least structure of a corner: the smaller eigenvalue of the mean of the gradient's products,
#: in codes per pixel, squared.
_STRUCTURE: Final = 0.5
#: Side of the square whose mean and deviation normalise a pixel, and the deviation below which they
#: do not do so fully.
_LOCAL, _WEAK = 31, 8.0
_WINDOW: Final = (17, 17)
_LEVELS: Final = 3
#: Pixels by which a corner may miss its start on its way there and back.
_MISSED: Final = 0.5
#: The fewest corners that show a motion, and their least share of those in sight.
_FEWEST, _SHARE = 12, 0.3
#: Their least deviation from their middle, across plus down, in heights of the picture.
_SPREAD: Final = 0.1
#: Shares of a key frame in sight, and of its corners that still follow, below which another one
#: takes over; and its largest zoom, as a logarithm.
_IN_SIGHT, _FAITHFUL, _ZOOMED = 0.6, 0.45, 0.25
#: The picture is divided into as many parts, across and down, and a key frame has structure in so
#: many of them, at least.
_PARTS, _COVERED = 6, 5
#: How firmly zoom and turn are held at what is expected, as a moment of inertia in heights squared.
_FIRM: Final = 0.3
#: How many earlier keys are kept, and the pixels by which one may correct the motion.
_KEPT, _SLIGHT = 3, 1.5
#: Pixels of motion that are noise where a key frame takes over.
_NOISE: Final = 0.1
#: How much a corner counts near others that did not follow, and the distance in pixels.
_DOUBTED, _NEARBY = 0.25, 1.5 * _CELL


class Seen(NamedTuple):
    """A frame."""

    motion: Similarity
    """From the first frame, in pixels from the middle of the picture."""
    share: float
    """How much of its structure follows that; 0 where nothing could be followed."""
    area: float = 0.0
    """The share of the picture's parts that have such structure."""
    across: float = 0.0
    """How far the middle 90% of it reach across, as a share of the picture's width."""


@dataclass(slots=True)
class _Key:
    luma: Byte
    picture: Byte
    """Normalised."""
    motion: Similarity
    corners: Any = None
    """(n,), complex; None: not looked for yet."""
    trust: Any = None
    """(n,): how much each counts, 0 to 1."""
    faithful: float = 0.0
    """The largest share of its corners that followed a motion."""


class Follower:
    """Takes the pictures of a shot, 8-bit luma (height, width), one after another.

    ``hold``: frames for which the last speed goes on where nothing can be followed.
    """

    def __init__(self, size: tuple[int, int], hold: int) -> None:
        self._high, self._wide = size
        self._middle = complex(self._wide - 1, self._high - 1) / 2
        self._hold = hold
        self._last: Byte | None = None
        self._before: _Key | None = None
        """The last frame, where it was followed."""
        self._key: _Key | None = None
        self._older: list[_Key] = []
        """Earlier keys, the latest first."""
        self._speed = STILL
        self._lost = 0
        self._ends: tuple[Any, Any] = np.zeros(0), np.zeros(0)
        """Where in the last frame corners are that followed, and that should be and did not."""
        self.frames: list[Seen] = []

    def push(self, picture: Byte) -> None:
        seen = bool(self.frames) and self.frames[-1].share > 0
        if seen and self._last is not None and np.array_equal(picture, self._last):
            self.frames.append(self.frames[-1])
            return
        self._last = picture
        normal = _normalised(picture)
        motion = self.frames[-1].motion if self.frames else STILL
        moving = self._lost < self._hold
        expected = self._speed.after(motion) if moving else motion
        found = self._found(normal, expected, motion)
        if found is None and self.frames:
            self._lose(expected)
            if self._key is None or self._lost > self._hold:
                self._key = self._usable(_Key(picture, normal, expected))
        elif found is None:
            self._key = self._usable(_Key(picture, normal, STILL))
            self.frames.append(Seen(STILL, 1.0 if self._key else 0.0))
        else:
            self._keep(found)
        now = self.frames[-1]
        self._before = _Key(picture, normal, now.motion) if now.share else None

    def path(self) -> list[Seen]:
        """Every frame."""
        return self.frames

    def _keep(self, found: Seen) -> None:
        if self._lost:
            self._bridge(found.motion)
        elif self.frames:
            self._speed = found.motion.after(self.frames[-1].motion.back())
        self._lost = 0
        self.frames.append(found)

    def _lose(self, expected: Similarity) -> None:
        self._lost += 1
        self.frames.append(Seen(expected, 0.0))

    def _bridge(self, motion: Similarity) -> None:
        """Move the lost frames evenly from the last one followed to where this one is."""
        count = self._lost + 1
        start = self.frames[-count].motion
        gain = motion.gain / start.gain
        for n in range(1, count):
            part = n / count
            between = start.gain * cmath.exp(part * cmath.log(gain))
            shift = start.shift + part * (motion.shift - start.shift)
            self.frames[n - count] = Seen(Similarity(between, shift), 0.0)
        self._speed = STILL

    def _found(self, normal: Byte, expected: Similarity, last: Similarity) -> Seen | None:
        """A frame by the key or, where that fails, by the frame before; None if neither shows
        it."""
        if self._key is None:
            return None
        seen = self._by(self._key, normal, expected, last)
        if seen is not None and self._still_good(self._key, seen):
            return seen
        if self._before is None or self._lost:
            return seen
        again = self._again(normal, expected, last)
        if again is not None:
            return again
        other = self._taking_over(self._before)
        if other is None:
            return seen
        self._older = [self._key, *self._older][:_KEPT]
        self._key = other
        return self._by(other, normal, expected, last) or seen

    def _again(self, normal: Byte, expected: Similarity, last: Similarity) -> Seen | None:
        """A frame by an earlier key that is in sight again: what passed in front of it, or how the
        camera swayed, then leaves no error."""
        for key in self._older:
            if self._far(key, expected):
                continue
            ends = self._ends
            seen = self._by(key, normal, expected, last)
            if seen is None or not self._still_good(key, seen):
                self._ends = ends
                continue
            if expected.after(seen.motion.back()).reach(self._middle) < _SLIGHT:
                self._older = [k for k in self._older if k is not key]
                if self._key is not None:
                    self._older.insert(0, self._key)
                self._key = key
                return seen
            self._ends = ends
        return None

    def _far(self, key: _Key, motion: Similarity) -> bool:
        """Whether too little of a key is in sight, or at another size."""
        own = motion.after(key.motion.back())
        inside = float(np.mean(self._inside(own(key.corners))))
        return inside < _IN_SIGHT or abs(math.log(own.scale)) > _ZOOMED

    def _still_good(self, key: _Key, seen: Seen) -> bool:
        key.faithful = max(key.faithful, seen.share)
        return seen.share >= _FAITHFUL * key.faithful and not self._far(key, seen.motion)

    def _taking_over(self, key: _Key) -> _Key | None:
        old = self._key
        if old is not None:
            own = key.motion.after(old.motion.back())
            if own.reach(self._middle) < _NOISE:
                key.motion = old.motion
        if self._usable(key) is None:
            return None
        near = (
            (np.abs(key.corners[:, np.newaxis] - ends) < _NEARBY).sum(axis=1) for ends in self._ends
        )
        key.trust = np.where(np.greater(*reversed([*near])), _DOUBTED, 1.0)
        return key

    def _by(self, key: _Key, normal: Byte, expected: Similarity, last: Similarity) -> Seen | None:
        """Where a key's corners are in a frame."""
        laid = expected.after(key.motion.back())
        places = laid(key.corners)
        inside = self._inside(places)
        start, trust = places[inside], key.trust[inside]
        if len(start) < _FEWEST:
            return None
        there, sure = self._tracked(self._laid(key.picture, laid), normal, start)
        if sure.sum() < _FEWEST:
            return None
        guesses = [STILL, *(known.after(expected.back()) for known in (last, key.motion))]
        area = trust / self._crowd(start)
        firm = _FIRM * self._high**2
        rest, close = followed(start[sure], there[sure], area[sure], trust[sure], guesses, firm)
        follow = sure.copy()
        follow[sure] = close
        share = float(area[follow].sum() / area.sum())
        if follow.sum() < _FEWEST or share < _SHARE or not 0.5 < rest.scale < 2:
            return None
        if np.std(start[follow].real) + np.std(start[follow].imag) < _SPREAD * self._high:
            return None
        self._ends = rest(start[follow]), rest(start[~follow])
        area = float(np.sum(1 / self._crowd(self._ends[0]))) / _PARTS**2
        left, right = np.percentile(self._ends[0].real, (5, 95))
        return Seen(rest.after(expected), share, area, float(right - left) / self._wide)

    def _tracked(self, first: Byte, second: Byte, start: Any) -> tuple[Any, Any]:
        """Where corners (n,) of one picture are in the other, and which are sure."""
        import cv2

        end = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.005)
        follow = partial(cv2.calcOpticalFlowPyrLK, winSize=_WINDOW, maxLevel=_LEVELS, criteria=end)
        points = self._pixels(start)
        there, known, _ = follow(first, second, points, None)
        back, again, _ = follow(second, first, there, None)
        missed = np.hypot(*(np.asarray(back) - points).reshape(-1, 2).T)
        sure = (np.ravel(known) == 1) & (np.ravel(again) == 1) & (missed < _MISSED)
        return self._points(np.asarray(there).reshape(-1, 2)), sure

    def _crowd(self, points: Any) -> Any:
        """How many of the points (n,) are in the same part of the picture as each: a motion is that
        of the camera if it is that of most of the area, however much structure the rest has."""
        parts = np.array([self._wide, self._high]) / _PARTS
        at = points + self._middle
        across, down = (
            np.clip(v // p, 0, _PARTS - 1) for v, p in zip((at.real, at.imag), parts, strict=True)
        )
        _, which, counts = np.unique(
            down * _PARTS + across, return_inverse=True, return_counts=True
        )
        return counts[which]

    def _laid(self, picture: Byte, motion: Similarity) -> Byte:
        import cv2

        if motion == STILL:
            return picture
        matrix = motion.matrix()
        x, y = self._middle.real, self._middle.imag
        matrix[:, 2] += np.array([x, y]) - matrix[:, :2] @ np.array([x, y])
        size = self._wide, self._high
        border = cv2.BORDER_REPLICATE
        # OpenCV's cubic moves what it samples by up to a twentieth of a pixel.
        laid = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)
        return np.asarray(laid, np.uint8)

    def _inside(self, places: Any) -> Any:
        margin = _WINDOW[0] / 2
        x, y = np.abs(places.real), np.abs(places.imag)
        return (x < self._wide / 2 - margin) & (y < self._high / 2 - margin)

    def _pixels(self, points: Any) -> Float:
        at = points + self._middle
        pixels: Float = np.stack([at.real, at.imag], 1).astype(np.float32)[:, np.newaxis]
        return pixels

    def _points(self, pixels: Any) -> Any:
        return pixels[:, 0].astype(np.float64) + 1j * pixels[:, 1] - self._middle

    def _usable(self, key: _Key) -> _Key | None:
        """The key with its corners, if it has enough."""
        if key.corners is None:
            key.corners = self._corners(key.luma)
            key.trust = np.ones(len(key.corners))
        wide = len(key.corners) >= _FEWEST and np.sum(1 / self._crowd(key.corners)) >= _COVERED
        return key if wide else None

    def _corners(self, picture: Byte) -> Any:
        """The strongest corner of each cell that has one."""
        import cv2

        soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
        # OpenCV gives four times the mean over the block, in units of white.
        strength = cv2.cornerMinEigenVal(soft, 5, ksize=3) * np.float32(255.0**2 / 4)
        down, across = self._high // _CELL, self._wide // _CELL
        if not down or not across:
            return np.zeros(0, np.complex128)
        cells = strength[: down * _CELL, : across * _CELL]
        cells = cells.reshape(down, _CELL, across, _CELL).transpose(0, 2, 1, 3)
        flat = cells.reshape(down, across, -1)
        best, high = flat.argmax(axis=2), flat.max(axis=2)
        rows = np.arange(down)[:, np.newaxis] * _CELL + best // _CELL
        columns = np.arange(across)[np.newaxis] * _CELL + best % _CELL
        taken = high > _STRUCTURE
        points = columns[taken] + 1j * rows[taken] - self._middle
        return points[self._inside(points)]


def _normalised(picture: Byte) -> Byte:
    """A picture less its local mean, divided by its local deviation."""
    import cv2

    soft: Any = picture.astype(np.float32)
    side = (_LOCAL, _LOCAL)
    mean = cv2.blur(soft, side)
    square = cv2.sqrBoxFilter(soft, cv2.CV_32F, side)
    spread = np.sqrt(np.maximum(square - mean * mean, 0) + np.float32(_WEAK**2))
    normal: Byte = np.clip(128 + 45 * (soft - mean) / spread, 0, 255).astype(np.uint8)
    return normal
