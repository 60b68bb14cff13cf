"""Stretches that vedc cuts."""

from __future__ import annotations

from typing import Final

from vedc.lang.keys.auto import AUTO
from vedc.lang.keys.captions import CAPTIONS_VALUE, CaptionedAuto
from vedc.lang.keys.item import keys_of
from vedc.lang.keys.parts import (
    COMMON,
    MUTE,
    place_keys,
)
from vedc.lang.keys.retiming import AUTO_PACE
from vedc.lang.keys.sound.loudness import WHOLE_LOUDNESS
from vedc.lang.records.common import ONE_CROP
from vedc.lang.schema.records import Key
from vedc.lang.schema.values import Text
from vedc.lang.yaml.tree import SpecNode


class GradedAuto(CaptionedAuto):
    """An item whose ``auto`` may say how its clips are graded: a step of the item's grade.

    A style says so, too, unless the item or its ``auto`` has a grade.
    """

    def canonical(self, node: SpecNode) -> SpecNode:
        node = super().canonical(node)
        auto = node["auto"]
        if auto.broken or not isinstance(auto.value, dict):
            return node
        asked = auto.get("grade") or _look_of(auto)
        if asked is None or ("grade" not in auto and "grade" in node):
            return node
        step = SpecNode({"auto": asked}, asked.location)
        given = node.get("grade") or SpecNode([], asked.location, asked.key_location)
        entries = {
            **node.entries,
            "auto": auto.with_value({k: v for k, v in auto.entries.items() if k != "grade"}),
            "grade": given.with_value([step, *given.items]),
        }
        return node.with_value({key: entries[key] for key in self.keys if key in entries})


def _look_of(auto: SpecNode) -> SpecNode | None:
    """The grade step that an item's style asks for."""
    style = auto.get("style")
    if style is None or not isinstance(style.value, dict) or "src" not in style:
        return None
    used = style.get("use")
    if used is not None and "look" not in (part.value for part in used.items):
        return None
    named = style["src"]
    src = SpecNode(named.value, named.location, named.location)
    look = SpecNode({"src": src}, named.location, named.location)
    return SpecNode({"look": look}, named.location, style.key_location)


AUTO_ITEM: Final = GradedAuto(
    "auto item",
    "A stretch of the track that vedc cuts from its sources: it becomes clips, each with a score "
    "and reasons, in vedc.lock. Keys beside `auto` apply to each of those clips.",
    (
        Key("auto", AUTO, AUTO.doc, required=True, example="auto: {from: talk.mp4, cut: silence}"),
        Key("id", Text("a name", like="best-of"), "Name in vedc.lock; by default its position."),
        place_keys("")[0],
        *AUTO_PACE,
        *keys_of("auto"),
        MUTE,
        Key(
            "captions",
            CAPTIONS_VALUE,
            "[Captions](#captions) of the source, of which there must be one: they follow each of "
            "the clips.",
        ),
        *COMMON,
    ),
    later=("markers",),
    either=(ONE_CROP,),
    advice={
        "reframe": "write crop: {auto: reframe}, which applies to each of its clips",
        **WHOLE_LOUDNESS,
        **dict.fromkeys(
            ("loop", "freeze", "time_map", "on_end"),
            "what `auto` chooses plays as its file does",
        ),
        "duration": "put it under `cut`, where it is the total length of the selected pieces",
        "in": "put it under `auto`",
        "out": "put it under `auto`",
        "from": "put it under `auto`",
        "cut": "put it under `auto`",
    },
)
