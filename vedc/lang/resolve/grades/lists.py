"""The steps of a film's items as one list each: their own grade, their track's, the timeline's, and
their effects."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

from vedc.lang.keys.item_key import GRADED
from vedc.lang.language import ITEM
from vedc.lang.resolve.grades.question import (
    EFFECTS_LEVEL,
    ITEM_LEVEL,
    TIMELINE_LEVEL,
    TRACK_LEVEL,
    Slot,
)
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.yaml.tree import SpecNode

#: Levels that are an item's own.
OWN: Final = (ITEM_LEVEL, EFFECTS_LEVEL)

Answers = Mapping[Slot, Sequence[SpecNode]]
"""The steps that replace a decided one."""


def decided_steps(root: SpecNode) -> Iterator[SpecNode]:
    """The open steps of the enabled parts of a canonical spec, without compositions."""
    timeline = root["timeline"]
    tracks = [track for track in timeline["tracks"] if enabled(track)]
    items = (item for track in tracks for item in track["clips"] if is_live(item))
    for holder in (*items, *tracks, timeline):
        for steps in ("grade", "effects"):
            yield from (step for step in holder.get(steps) or () if "auto" in step)


def is_live(item: SpecNode) -> bool:
    """Whether an item is intact and enabled."""
    return not item.broken and enabled(item)


def steps_of(root: SpecNode, track: int, clip: int) -> list[tuple[Slot, SpecNode]]:
    """The steps of an item, in the order of application."""
    timeline = root["timeline"]
    holder = timeline["tracks"].items[track]
    item = holder["clips"].items[clip]
    levels = {ITEM_LEVEL: item.get("grade")}
    if ITEM.kind_of(item) in GRADED:
        levels |= {TRACK_LEVEL: holder.get("grade"), TIMELINE_LEVEL: timeline.get("grade")}
    levels[EFFECTS_LEVEL] = item.get("effects")
    return [
        (Slot(track, clip, level, number), step)
        for level, steps in levels.items()
        for number, step in enumerate(steps or ())
    ]


def with_answers(
    root: SpecNode, answers: Answers, pictured: Container[tuple[int, int]]
) -> SpecNode:
    """The spec with answers in place of decided steps.

    A shared grade with such steps becomes part of the grade of each item in ``pictured``, which
    are numbers of tracks and of clips.
    """
    timeline = root["timeline"]
    over_all = _asks(timeline, "grade")
    tracks = []
    for number, track in enumerate(timeline["tracks"]):
        shared = over_all or _asks(track, "grade")
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


def _asks(holder: SpecNode, steps: str) -> bool:
    return any("auto" in step for step in holder.get(steps) or ())


def _item(root: SpecNode, track: int, clip: int, answers: Answers, *, shared: bool) -> SpecNode:
    """An item with its answers; ``shared``: and with the steps that it shares."""
    item = root["timeline"]["tracks"].items[track]["clips"].items[clip]
    if item.broken:
        return item
    asks = {steps: _asks(item, steps) for steps in ("grade", "effects")}
    asks["grade"] |= shared
    made: dict[str, list[SpecNode]] = {steps: [] for steps, any_open in asks.items() if any_open}
    if not made:
        return item
    for slot, step in steps_of(root, track, clip):
        if slot.steps not in made or (slot.level not in OWN and not shared):
            continue
        if "auto" not in step:
            made[slot.steps].append(step)
        elif slot in answers:
            made[slot.steps] += answers[slot]
        elif slot.level in OWN:
            made[slot.steps].append(step)
    entries = dict(item.entries)
    for name, steps in made.items():
        held = item.get(name) or SpecNode([], item.location)
        entries[name] = held.with_value(steps)
    record = ITEM.kinds[ITEM.kind_of(item) or "clip"]
    return item.with_value({key: entries[key] for key in record.keys if key in entries})
