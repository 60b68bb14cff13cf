"""Random timelines, and the expected picture in every frame of their films.

The oracle is written from the language's words alone, in fractions, and shares no code with
the compiler:

- an item begins where the one before it ends, or at its ``start``; a transition pulls the item
  after it back by its duration; sums are exact, and each edge is rounded to the nearest frame,
  half up;
- an item's first frame shows the source at ``in``; n frames later the source has gone on by
  n / fps seconds; what is shown of a source at a time is the last frame that has begun;
- at ``speed`` s an item takes what lies ``duration * s`` in its file, and n frames show what has
  begun s * n / fps after ``in``; backwards, they show what was seen just before s * n / fps from
  the end of that range;
- frozen, looped, held and mapped clips are described in ``retimed``, and compositions
  in ``nested``;
- during a transition of k frames, frame j (from 0) mixes both sides at (j + 1) / (k + 1);
- a later track lies over the earlier ones, and where a track has nothing they shine through.

A picture is held as S = (Y - 16) * alpha and alpha, so that mixing and laying over are sums.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.property.nested import nested
from tests.property.numbered import HEIGHT, RATES, SOURCES, WIDTH, Source, written
from tests.property.retimed import Seen, retimed

Floats = NDArray[np.float64]
Layer = tuple[Floats, Floats]
"""S and alpha of every pixel of the canvas."""

CANVAS = 3 * HEIGHT
"""The canvas is as wide as a source, and as high as one or three."""
BLACK = 16.0


def frame_of(seconds: Fraction, fps: Fraction) -> int:
    return math.floor(seconds * fps + Fraction(1, 2))


Pictures = Mapping[str, tuple[NDArray[np.uint8], NDArray[np.uint8]]]
"""By source: its decoded frames, shape (frames, HEIGHT, WIDTH), and those at three quarters of
the size."""


@dataclass
class Item:
    """An item of a track, or a gap (``source`` and ``grey`` None)."""

    keys: dict[str, Any]
    length: Fraction
    source: Source | None = None
    source_in: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    """Seconds of the source a second, above 0."""
    backwards: bool = False
    seen: Seen | None = None
    """What is seen so many seconds after its start, if that is not a range at one speed."""
    grey: int | None = None
    rect: tuple[int, int] = (0, 0)
    small: bool = False
    join: Fraction | None = None
    """Duration of the transition that leads to it."""
    transition: str = ""
    start: Fraction = Fraction(0)

    @property
    def end(self) -> Fraction:
        return self.start + self.length

    def shown(self, gone: Fraction) -> tuple[Fraction, bool]:
        """The source time that is seen so many seconds after its start, and whether what was seen
        before it counts."""
        if self.seen is not None:
            return self.seen(gone)
        if self.backwards:
            return self.source_in + (self.length - gone) * self.speed, True
        return self.source_in + gone * self.speed, False


@dataclass
class Timeline:
    fps: Fraction
    """Of the film."""
    counted: Fraction
    """Of the profile: what times in frames count."""
    high: bool
    """Whether the canvas has room for three tracks one above the other."""
    tracks: list[list[Item]]
    output: dict[str, Any]

    def spec(self) -> dict[str, Any]:
        tracks = []
        for items in self.tracks:
            clips: list[dict[str, Any]] = []
            for item in items:
                if item.join is not None:
                    clips.append({"transition": item.transition, "duration": f"{item.join}s"})
                clips.append(item.keys)
            tracks.append({"clips": clips})
        height = CANVAS if self.high else HEIGHT
        return {
            "version": 1,
            "profile": {"width": WIDTH, "height": height, "fps": str(self.counted)},
            "timeline": {"tracks": tracks},
            "outputs": [self.output],
        }

    @property
    def frames(self) -> int:
        return max(frame_of(items[-1].end, self.fps) for items in self.tracks)

    def picture(self, frame: int, pictures: Pictures) -> Floats:
        """Luma of a frame of the film; NaN where the edge of a wipe runs."""
        total = np.zeros((CANVAS if self.high else HEIGHT, WIDTH))
        for items in self.tracks:
            colour, alpha = self._track(items, frame, total.shape, pictures)
            total = colour + total * (1 - alpha)
        return total + BLACK

    def numbers(self, frame: int) -> list[str]:
        """The contents of each track in a frame, for messages."""
        found = []
        for items in self.tracks:
            here = [i for i in items if self._from(i) <= frame < self._to(i)]
            found.append(
                " and ".join(
                    f"{i.source.name} #{self._shown(i, i.source, frame)}"
                    if i.source
                    else "grey"
                    if i.grey is not None
                    else "gap"
                    for i in here
                )
                or "nothing"
            )
        return found

    def _from(self, item: Item) -> int:
        return frame_of(item.start, self.fps)

    def _to(self, item: Item) -> int:
        return frame_of(item.end, self.fps)

    def _shown(self, item: Item, source: Source, frame: int) -> int:
        """Index of the source's frame that is seen in a frame of the film."""
        time, before = item.shown((frame - self._from(item)) / self.fps)
        return source.shown_before(time) if before else source.shown(time)

    def _track(
        self, items: list[Item], frame: int, shape: tuple[int, ...], pictures: Pictures
    ) -> Layer:
        for left, right in pairwise(items):
            first, end = self._from(right), self._to(left)
            if right.join is not None and first <= frame < end:
                progress = (frame - first + 1) / (end - first + 1)
                a, b = (self._item(item, frame, shape, pictures) for item in (left, right))
                return mix(right.transition, a, b, progress)
        here = [item for item in items if self._from(item) <= frame < self._to(item)]
        if not here:
            return np.zeros(shape), np.zeros(shape)
        assert len(here) == 1
        return self._item(here[0], frame, shape, pictures)

    def _item(self, item: Item, frame: int, shape: tuple[int, ...], pictures: Pictures) -> Layer:
        colour, alpha = np.zeros(shape), np.zeros(shape)
        if item.grey is not None:
            return colour + 219 * item.grey / 255, alpha + 1
        if item.source is None:
            return colour, alpha
        index = self._shown(item, item.source, frame)
        picture = pictures[item.source.name][item.small][index]
        (x, y), (height, width) = item.rect, picture.shape
        left, right = max(x, 0), min(x + width, shape[1])
        seen = picture[:, left - x : right - x].astype(float) - BLACK
        colour[y : y + height, left:right] = seen
        alpha[y : y + height, left:right] = 1
        return colour, alpha


def mix(name: str, a: Layer, b: Layer, progress: float) -> Layer:
    if name == "dissolve":
        old = np.full(a[0].shape, 1 - progress)
        return a[0] * old + b[0] * (1 - old), a[1] * old + b[1] * (1 - old)
    if name == "dip":
        out, back = max(0.0, 1 - 2 * progress), max(0.0, 2 * progress - 1)
        cover = a[1] * (1 - progress) + b[1] * progress
        return a[0] * out + b[0] * back, a[1] * out + b[1] * back + cover * (1 - out - back)
    assert name == "wipe"
    # An edge one pixel wide runs from left to right; at either end all of it is off the canvas.
    width = a[0].shape[1]
    along = (np.arange(width) + 0.5) / width
    edge = progress * (1 + 1 / width)
    sides = [along > edge, along < edge - 1 / width]
    return np.select(sides, [a[0], b[0]], np.nan), np.select(sides, [a[1], b[1]], np.nan)


# ---------------------------------------------------------------- strategies


def _used(length: Fraction, speed: Fraction) -> Fraction:
    """Seconds of a source that a clip may take, rounding included."""
    return length * speed + Fraction(1, 4) * max(speed, 1)


@st.composite
def _pace(
    draw: st.DrawFn, keys: dict[str, Any], length: Fraction, most: Fraction
) -> tuple[Fraction, bool]:
    """A speed and whether it runs backwards, written into the keys of a clip.

    ``length`` seconds at that speed, and some room, last at most ``most``.
    """
    texts = (None, None, None, "2", "0.5", "1.25", "0.3", "3.7", "1")
    text = draw(st.sampled_from([t for t in texts if _used(length, Fraction(t or 1)) <= most]))
    backwards = draw(st.integers(0, 3)) == 0
    speed = Fraction(text or 1)
    if backwards and draw(st.booleans()):
        keys["speed"] = -float(speed)
        return speed, True
    if text is not None:
        keys["speed"] = float(text)
    if backwards:
        keys["reverse"] = True
    return speed, backwards


@st.composite
def _clip(draw: st.DrawFn, counted: Fraction, length: Fraction, small: bool, high: bool) -> Item:
    """A clip of about ``length`` seconds (at least a frame) from anywhere in a source."""
    source = draw(st.sampled_from(SOURCES))
    own = None if source.milliseconds else source.rate
    keys: dict[str, Any] = {"clip": source.name}
    if draw(st.integers(0, 2)) == 0:
        length, seen = draw(retimed(keys, source, counted, length))
        if high:
            keys["fit"] = "none"
        return Item(keys, length, source, seen=seen, small=small)
    speed, backwards = draw(_pace(keys, length, source.length))
    room = source.length - _used(length, speed)
    length *= speed
    begin = Fraction(draw(st.integers(0, 10_000)), 10_000) * room
    text, source_in = draw(written(begin, own))
    if source_in or draw(st.booleans()):
        keys["in"] = text
    how = draw(st.sampled_from(("duration", "out", "end")))
    if how == "end" and own:
        frames = math.ceil(length * source.rate)
        source_in = source.length - frames / source.rate
        keys["in"] = f"{source.frames - frames}f"
        length = source.length - source_in
    elif how == "out":
        keys["out"], out = draw(written(source_in + length, own, up=True))
        length = out - source_in
    else:
        keys["duration"], length = draw(written(length / speed, counted, up=True))
        length *= speed
    item = Item(
        keys, length / speed, source, source_in, speed=speed, backwards=backwards, small=small
    )
    if high:
        item.keys["fit"] = "none"
    return item


def _place(item: Item, place: str, shift: int, small: bool) -> None:
    width, height = (WIDTH * 3 // 4, HEIGHT * 3 // 4) if small else (WIDTH, HEIGHT)
    if small:
        item.keys["scale"] = 0.75
    if shift:
        item.keys["offset"] = [shift, 0]
    if place != "center":
        item.keys["position"] = place
    y = {"top": 0, "center": (CANVAS - height) // 2, "bottom": CANVAS - height}[place]
    item.rect = ((WIDTH - width) // 2 + shift, y)


@st.composite
def _track(draw: st.DrawFn, fps: Fraction, counted: Fraction, place: str, high: bool) -> list[Item]:
    """``fps``: the slower of the film and the profile, so that no item is less than a frame."""
    small = high and draw(st.booleans())
    items: list[Item] = []
    for _ in range(draw(st.integers(2, 7))):
        # A pair of gaps cannot be joined, and a film that ends in a gap is a film all the same.
        kind = draw(st.sampled_from(("clip",) * 6 + ("gap", "color")))
        frames = draw(st.integers(1, 24))
        length = frames / fps
        left = items[-1] if items else None
        if kind == "clip":
            item = draw(_clip(counted, length, small, high))
            if high:
                _place(item, place, draw(st.sampled_from((0, 0, -7, 5))), small)
            for _ in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2)))):
                inside = copy(item)
                item.keys, item.length, item.seen = draw(
                    nested(inside.keys, inside.length, inside.shown, counted)
                )
        elif kind == "gap":
            text, length = draw(written(length, counted, up=True))
            item = Item({"gap": text}, length)
        else:
            grey = draw(st.sampled_from((64, 128, 255)))
            text, length = draw(written(length, counted, up=True))
            keys = {"color": f"#{grey:02x}{grey:02x}{grey:02x}", "duration": text}
            item = Item(keys, length, grey=grey)
        if left is not None and draw(st.booleans()) and "gap" not in {*item.keys} & {*left.keys}:
            free = left.length - (left.join or 0)
            most = math.floor(min(free, item.length) * fps)
            if most >= 1:
                item.join = draw(st.integers(1, most)) / fps
                item.transition = draw(st.sampled_from(("dissolve", "dissolve", "dip", "wipe")))
        cursor = left.end if left else Fraction(0)
        if item.join is not None:
            item.start = cursor - item.join
        elif kind != "gap" and draw(st.integers(0, 4)) == 0:
            later = cursor + draw(st.integers(0, 12)) / fps
            item.keys["start"], item.start = draw(written(later, counted, up=True))
        else:
            item.start = cursor
        items.append(item)
    return items


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    counted = draw(st.sampled_from(RATES))
    fps = draw(st.sampled_from((counted, counted, *RATES)))
    high = draw(st.booleans())
    places = ["top", "center", "bottom"] if high else ["center"]
    count = draw(st.integers(1, 3 if high else 2))
    if high and draw(st.integers(0, 3)) == 0:
        places = ["center"] * 3  # stacked: only the topmost is seen
    tracks = [
        draw(_track(min(fps, counted), counted, places[number % len(places)], high))
        for number in range(count)
    ]
    output: dict[str, Any] = draw(
        st.sampled_from(
            (
                {"path": "film.mkv", "codec": "ffv1"},
                {"path": "film.mp4", "codec": "h264", "preset": "veryfast", "crf": 0},
                {"path": "film.mkv", "codec": "h264", "preset": "ultrafast", "crf": 0},
            )
        )
    )
    if fps != counted:
        output = {**output, "fps": str(fps)}
    return Timeline(fps, counted, high, tracks, output)


@st.composite
def stills(draw: st.DrawFn) -> tuple[Timeline, int]:
    """A timeline whose output is the picture of one frame; and that frame."""
    timeline = draw(timelines())
    timeline.fps = timeline.counted
    index = draw(st.integers(0, timeline.frames - 1))
    timeline.output = {"path": "still.png", "at": f"{index / timeline.fps}s"}
    return timeline, index
