"""Captions made from speech belong to clips: those of the film or a track are moved to the clips
that speak."""

from __future__ import annotations

from collections.abc import Mapping

from vedc.lang.yaml.tree import SpecNode

#: Items that can have captions made from their speech.
_KINDS = ("clip", "auto")


def is_spoken(captions: SpecNode) -> bool:
    """Whether captions are made from speech."""
    return not captions.broken and ("from" in captions or "script" in captions)


def given_to_clips(entries: dict[str, SpecNode]) -> dict[str, SpecNode]:
    """The entries of an expanded spec. Captions that no clip can take stay where they are."""
    timeline = entries.get("timeline")
    if timeline is None or "tracks" not in timeline:
        return entries
    tracks = timeline["tracks"].items
    ids = [track["id"].text for track in tracks]
    moved: dict[str, list[SpecNode]] = {}
    kept: list[SpecNode] = []
    for each in entries.get("captions") or ():
        of = each["of"].text if is_spoken(each) and "of" in each else None
        of = ids[0] if is_spoken(each) and of is None and ids else of
        if of in ids and _has_clips(tracks[ids.index(of)]):
            moved.setdefault(str(of), []).append(each)
        else:
            kept.append(each)
    made = [_track(track, moved.get(track["id"].text, [])) for track in tracks]
    if all(new is old for new, old in zip(made, tracks, strict=True)):
        return entries
    found = dict(entries)
    held = timeline["tracks"].with_value(list[SpecNode](made))
    found["timeline"] = timeline.with_value({**timeline.entries, "tracks": held})
    if "captions" in entries:
        found.pop("captions")
        if kept:
            found["captions"] = entries["captions"].with_value(kept)
    return found


def _track(track: SpecNode, more: list[SpecNode]) -> SpecNode:
    own = [each for each in track.get("captions") or () if is_spoken(each) and "of" not in each]
    given = [*more, *own]
    if not given or track.broken or not _has_clips(track):
        return track
    entries: Mapping[str, SpecNode] = track.entries
    clips = [_item(item, given) for item in track["clips"]]
    left = [e for e in track.get("captions") or () if not any(e is each for each in own)]
    found = {**entries, "clips": track["clips"].with_value(clips)}
    if "captions" in found:
        found.pop("captions")
        if left:
            found["captions"] = entries["captions"].with_value(left)
    return track.with_value(found)


def _has_clips(track: SpecNode) -> bool:
    return any(kind in item for item in track["clips"] for kind in _KINDS if not item.broken)


def _item(item: SpecNode, given: list[SpecNode]) -> SpecNode:
    if item.broken or item.lost or not any(kind in item for kind in _KINDS):
        return item
    bare = [
        each.with_value({key: node for key, node in each.entries.items() if key != "of"})
        for each in given
    ]
    own = list(item.get("captions") or ())
    where = item["captions"] if "captions" in item else given[0]
    return item.with_value({**item.entries, "captions": where.with_value([*own, *bare])})
