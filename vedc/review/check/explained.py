"""Intended content, as the spec declares it: findings that it explains are notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

from vedc.edit.contents import Adjustment, Clip, Generated, Image, Solid, Text
from vedc.edit.model import Composition, Edit, TimelineItem, Track
from vedc.edit.values import Keyframes
from vedc.review.check.core.finding import Finding

Span = tuple[int, int]

_SHORT: Final = 0.5
"""Seconds: an emptier stretch is more likely a mistake than meant."""


class Explained:
    """Explains why findings about one film of a spec are as the spec wants it."""

    def __init__(self, film: Edit) -> None:
        self._film = film
        self._first = film.part[0] if film.part else 0
        self._why: dict[str, Callable[[Span], str | None]] = {
            "black": self._black,
            "freeze": self._still,
            "repeats": self._slow,
            "silence": self._silent,
        }

    def __call__(self, finding: Finding) -> str | None:
        """The reason, in words; None if the spec does not explain it."""
        find = self._why.get(finding.check)
        if find is None:
            return None
        rate = self._film.profile.fps
        if finding.frames is not None:
            first, end = finding.frames
        elif finding.start is not None and finding.end is not None:
            first, end = int(finding.start * rate), int(finding.end * rate)
        else:
            first, end = 0, self._film.duration - self._first
        return find((first + self._first, end + self._first))

    # Each answers for a stretch of the film, in its frames.

    def _black(self, span: Span) -> str | None:
        """Gaps, cards in black and transitions through it; at each frame one of them."""
        film = self._film
        if film.background is not None and max(film.background[:3]) > 0.1:
            return None
        if any(_dark_content(item) is None for item in self._pictures(span)):
            return None
        reasons = set()
        for item in self._pictures(span):
            reasons.add(_dark_content(item) or "")
        empty = self._empty(span)
        if empty and (span[1] - span[0]) / film.profile.fps < _SHORT:
            return None
        if empty:
            reasons.add("the timeline is empty there")
        return _joined(reasons)

    def _pictures(self, span: Span) -> Iterator[TimelineItem]:
        """Items that are fully seen at some frame of a stretch: not only while they fade."""
        for track in self._film.tracks:
            for number, item in enumerate(track.items):
                if _has_picture(item) and not isinstance(item.content, Text | Adjustment):
                    start, end = _whole(track, number, item)
                    if start < span[1] and end > span[0]:
                        yield item

    def _empty(self, span: Span) -> bool:
        """Whether some frame of a stretch has nothing at all to show."""
        taken = [
            (item.start, item.end)
            for track in self._film.tracks
            for item in track.items
            if _has_picture(item) and not isinstance(item.content, Text | Adjustment)
        ]
        return not _covered(span, taken)

    def _still(self, span: Span) -> str | None:
        """Stills, titles, colours and frozen clips."""
        reasons = set()
        for track in self._film.tracks:
            for item in track.items:
                if item.start < span[1] and item.end > span[0] and _has_picture(item):
                    why = _still_content(item, span, self._film.profile.fps)
                    if why is None:
                        return None
                    reasons.add(why)
        return _joined(reasons) or ("the timeline is empty there" if self._empty(span) else None)

    def _slow(self, span: Span) -> str | None:
        """Clips whose frames have to be shown more than once."""
        fps = self._film.profile.fps
        footage = False
        for item in self._items(span):
            content = item.content
            footage |= isinstance(content, Clip | Composition | Generated)
            if isinstance(content, Clip) and content.media.video is not None:
                if content.media.video.rate < fps:
                    return f"{item.name} has {float(content.media.video.rate):.4g} frames a second"
                if min(abs(ramp.slope) for ramp in content.time_map.ramps) < 1:
                    return f"{item.name} is slowed down"
        return None if footage else "nothing there is footage"

    def _silent(self, span: Span) -> str | None:
        """Nothing that sounds is on the timeline."""
        for item in self._items(span):
            content = item.content
            media = content.media if isinstance(content, Clip | Composition) else None
            if isinstance(content, Clip) and content.sound_media is not None:
                media = content.sound_media
            loud = item.sound is not None and _is_audible(item.sound.volume)
            if media is not None and media.audio is not None and loud:
                return None
        for sound in self._film.audio:
            if sound.start < span[1] and sound.end > span[0] and _is_audible(sound.sound.volume):
                return None
        return "nothing on the timeline sounds there"

    def _items(self, span: Span) -> Iterator[TimelineItem]:
        for track in self._film.tracks:
            for item in track.items:
                if item.start < span[1] and item.end > span[0]:
                    yield item


def _covered(span: Span, taken: list[Span]) -> bool:
    """Whether every frame of a stretch lies within one of others."""
    at = span[0]
    for start, end in sorted(taken):
        if start > at:
            break
        at = max(at, end)
    return at >= span[1]


def _joined(reasons: set[str]) -> str | None:
    return " and ".join(sorted(reasons - {""})) or ("a fade" if reasons else None)


def _has_picture(item: TimelineItem) -> bool:
    content = item.content
    return not (isinstance(content, Clip | Composition) and content.media.video is None)


def _whole(track: Track, number: int, item: TimelineItem) -> Span:
    """When an item is seen outside of its transitions."""
    start, end = item.start, item.end
    for join in track.transitions:
        if join.right == number:
            start = max(start, join.end)
        if join.left == number:
            end = min(end, join.start)
    return start, end


def _dark_content(item: TimelineItem) -> str | None:
    """Why an item may be black; None if it should not be."""
    content = item.content
    if isinstance(item.frame.opacity, Keyframes):
        return f"the opacity of {item.name} moves"
    if isinstance(content, Solid):
        return f"{item.name} is that dark" if max(content.color[:3]) <= 0.1 else None
    return None


def _still_content(item: TimelineItem, span: Span, fps: Fraction) -> str | None:
    content = item.content
    if isinstance(content, Image | Solid | Text):
        return f"{item.name} is a still"
    if isinstance(content, Generated):
        return f"{item.name} is a generator"
    if isinstance(content, Clip):
        first, last = max(span[0], item.start), min(span[1], item.end) - 1
        source = {content.time_map.source_at((n - item.start) / fps) for n in (first, last)}
        if len(source) == 1:
            return f"{item.name} is frozen by the spec"
    return None


def _is_audible(volume: object) -> bool:
    return isinstance(volume, Keyframes) or (isinstance(volume, float | int) and volume > -60)
