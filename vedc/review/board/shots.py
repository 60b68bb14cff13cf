"""The shots of an edit, with the transition into each and the layers over it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from vedc.edit.contents import Adjustment, Clip, Text
from vedc.edit.model import Edit, TimelineItem, Track


@dataclass(frozen=True, slots=True)
class Shot:
    """An item of a track with its own picture. Frames count in the film."""

    start: int
    end: int
    shows: int
    """The frame that stands for it: in the middle of what no transition covers."""
    track: str
    name: str
    """Of its file, or what is in place of one."""
    source: tuple[Fraction, Fraction] | None
    """Seconds of its file in which it begins and ends; they fall where it plays backwards."""
    transition: str
    """What leads to it: the name of a transition, ``cut``, or ``start`` of the track."""
    transition_frames: int
    titles: tuple[str, ...]
    """Texts that are seen while it is, in one line each."""
    grade: tuple[str, ...]
    effects: tuple[str, ...]


def shots_of(edit: Edit) -> list[Shot]:
    """The shots of a film in the order in which they begin, lower tracks first.

    Where titles are the only pictures, they are the shots.
    """
    found = [shot for track in edit.tracks for shot in _of_track(edit, track, Text, Adjustment)]
    if not found:
        found = [shot for track in edit.tracks for shot in _of_track(edit, track, Adjustment)]
    return sorted(found, key=lambda shot: shot.start)


def _of_track(edit: Edit, track: Track, *without: type) -> list[Shot]:
    shots = []
    for index, item in enumerate(track.items):
        end = min(item.end, edit.duration)
        if isinstance(item.content, without) or item.start >= end:
            continue
        enters = next((t for t in track.transitions if t.right == index), None)
        leaves = next((t for t in track.transitions if t.left == index), None)
        alone = (
            max(item.start, enters.end if enters else item.start),
            min(end, leaves.start if leaves else end),
        )
        first, last = alone if alone[0] < alone[1] else (item.start, end)
        before = index and track.items[index - 1].end == item.start
        name = enters.name if enters else "cut" if before else "start"
        shots.append(
            Shot(
                item.start,
                end,
                (first + last) // 2,
                track.id,
                _name(item),
                _source(item, edit.profile.fps, end),
                name,
                enters.end - enters.start if enters else 0,
                _titles(edit, item, end),
                tuple(call.op for call in item.grade),
                tuple(call.op for call in item.effects),
            )
        )
    return shots


def _name(item: TimelineItem) -> str:
    """The name of an item without its place on the track."""
    place, space, name = item.name.partition(" ")
    return name if space and place.endswith("]") else item.name


def _source(item: TimelineItem, fps: Fraction, end: int) -> tuple[Fraction, Fraction] | None:
    if not isinstance(item.content, Clip):
        return None
    at = item.content.time_map.source_at
    return at(Fraction(0)), at((end - item.start) / fps)


def _titles(edit: Edit, shot: TimelineItem, end: int) -> tuple[str, ...]:
    return tuple(
        " ".join(item.content.text.split())
        for track in edit.tracks
        for item in track.items
        if isinstance(item.content, Text) and item.start < end and item.end > shot.start
    )
