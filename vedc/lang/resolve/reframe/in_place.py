"""A spec with decided crops in their places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vedc.lang.language import ITEM
from vedc.lang.yaml.tree import SpecNode

Crops = Mapping[tuple[int, int], SpecNode]
"""Canonical crops by the numbers of a track and of a clip in it."""

#: The internal key of an answered output with the crops of its items; never in a user's spec.
ANSWERED: Final = "reframe: answered"


def with_crops(root: SpecNode, crops: Crops) -> SpecNode:
    """The spec with these crops, which fill the boxes of their items."""
    if not crops:
        return root
    timeline = root["timeline"]
    tracks = []
    for number, track in enumerate(timeline["tracks"]):
        clips = [
            _cropped(node, crops[number, place]) if (number, place) in crops else node
            for place, node in enumerate(track["clips"])
        ]
        held = track["clips"].with_value(list[SpecNode](clips))
        tracks.append(track.with_value({**track.entries, "clips": held}))
    held = timeline["tracks"].with_value(list[SpecNode](tracks))
    changed = timeline.with_value({**timeline.entries, "tracks": held})
    return root.with_value({**root.entries, "timeline": changed})


def _cropped(node: SpecNode, crop: SpecNode) -> SpecNode:
    """An item with a crop."""
    entries = {**node.entries, "crop": crop}
    if "fit" not in entries or entries["fit"].text != "cover":
        entries["fit"] = SpecNode("cover", crop.location, crop.key_location)
    record = ITEM.kinds[ITEM.kind_of(node) or "clip"]
    return node.with_value({key: entries[key] for key in record.keys if key in entries})


def with_output_crops(root: SpecNode, crops: Mapping[int, Crops]) -> SpecNode:
    """The spec with the crops of each output beside it; :func:`for_output` puts them in."""
    if not crops:
        return root
    outputs = [
        node.with_value({**node.entries, ANSWERED: _held(crops[number])})
        if number in crops
        else node
        for number, node in enumerate(root["outputs"])
    ]
    held = root["outputs"].with_value(list[SpecNode](outputs))
    return root.with_value({**root.entries, "outputs": held})


def _held(crops: Crops) -> SpecNode:
    entries = {f"{track} {clip}": crop for (track, clip), crop in crops.items()}
    return SpecNode(dict[str, SpecNode](entries))


def for_output(root: SpecNode, output: int) -> SpecNode:
    """The spec as one of its outputs shows it."""
    node = root["outputs"].items[output]
    if node.broken or ANSWERED not in node:
        return root
    crops = {}
    for key, crop in node[ANSWERED].entries.items():
        track, clip = map(int, key.split())
        crops[track, clip] = crop
    return with_crops(root, crops)
