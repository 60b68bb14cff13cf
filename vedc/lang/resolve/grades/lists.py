"""The grades of a film's items as one list each: their own, their track's, the timeline's."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

from vedc.lang.keys.item_key import GRADED
from vedc.lang.language import ITEM
from vedc.lang.resolve.grades.question import Slot
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.yaml.tree import SpecNode

#: Levels of a slot.
ITEM_LEVEL: Final = 0
TRACK_LEVEL: Final = 1
TIMELINE_LEVEL: Final = 2

Answers = Mapping[Slot, Sequence[SpecNode]]
"""The steps that take the place of a decided one."""


def decided_steps(root: SpecNode) -> Iterator[SpecNode]:
    """The steps of a canonical spec that are to be decided, of what is enabled; not those in
    compositions."""
    timeline = root["timeline"]
    tracks = [track for track in timeline["tracks"] if enabled(track)]
    items = (item for track in tracks for item in track["clips"] if _is_live(item))
    for holder in (*items, *tracks, timeline):
        yield from (step for step in holder.get("grade") or () if "auto" in step)


def _is_live(item: SpecNode) -> bool:
    return not item.broken and enabled(item)


def steps_of(root: SpecNode, track: int, clip: int) -> list[tuple[Slot, SpecNode]]:
    """The steps of an item, in the order in which they work."""
    timeline = root["timeline"]
    holder = timeline["tracks"].items[track]
    item = holder["clips"].items[clip]
    levels = [item.get("grade")]
    if ITEM.kind_of(item) in GRADED:
        levels += [holder.get("grade"), timeline.get("grade")]
    return [
        (Slot(track, clip, level, number), step)
        for level, steps in enumerate(levels)
        for number, step in enumerate(steps or ())
    ]


def with_answers(
    root: SpecNode, answers: Answers, pictured: Container[tuple[int, int]]
) -> SpecNode:
    """The spec with answers in the place of decided steps.

    A shared grade with such steps becomes part of the grade of each item in ``pictured``, which
    are numbers of tracks and of clips.
    """
    timeline = root["timeline"]
    over_all = _asks(timeline)
    tracks = []
    for number, track in enumerate(timeline["tracks"]):
        shared = over_all or _asks(track)
        clips = [
            _item(root, number, place, answers, shared=shared and (number, place) in pictured)
            for place in range(len(track["clips"].items))
        ]
        entries = {**track.entries, "clips": track["clips"].with_value(list[SpecNode](clips))}
        if shared:
            entries.pop("grade", None)
        tracks.append(track.with_value(entries))
    entries = {**timeline.entries, "tracks": timeline["tracks"].with_value(tracks)}
    if over_all:
        entries.pop("grade", None)
    return root.with_value({**root.entries, "timeline": timeline.with_value(entries)})


def _asks(holder: SpecNode) -> bool:
    return any("auto" in step for step in holder.get("grade") or ())


def _item(root: SpecNode, track: int, clip: int, answers: Answers, *, shared: bool) -> SpecNode:
    """An item with its answers; ``shared``: and with the steps that it shares."""
    item = root["timeline"]["tracks"].items[track]["clips"].items[clip]
    if item.broken or not (shared or _asks(item)):
        return item
    made: list[SpecNode] = []
    for slot, step in steps_of(root, track, clip):
        if slot.level != ITEM_LEVEL and not shared:
            continue
        if "auto" not in step:
            made.append(step)
        elif slot in answers:
            made += answers[slot]
        elif slot.level == ITEM_LEVEL:
            made.append(step)
    grade = item.get("grade") or SpecNode([], item.location)
    entries = {**item.entries, "grade": grade.with_value(made)}
    record = ITEM.kinds[ITEM.kind_of(item) or "clip"]
    return item.with_value({key: entries[key] for key in record.keys if key in entries})
