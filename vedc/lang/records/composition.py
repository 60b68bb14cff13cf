"""Compositions: films within the film, as the spec writes them."""

from __future__ import annotations

from typing import Final

from vedc.lang.keys.item import keys_of
from vedc.lang.keys.parts import COMMON, MUTE, place_keys
from vedc.lang.keys.retiming import CLIP_RULES, CLIP_TIME
from vedc.lang.keys.settings import PROFILE
from vedc.lang.records.layout import LAYOUT, check_cells, one_track_each
from vedc.lang.schema.quantities import ColorValue
from vedc.lang.schema.records import Either, Key, MapOf, Record, Short
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Anything, Json, Text, Type
from vedc.lang.yaml.tree import Problems, SpecNode

_ONE_CONTENT: Final = "a composition is either a file or a timeline of its own: keep one"


class CompositionRecord(Record):
    """A composition, which has either a file or a timeline."""

    def check_keys(self, node: SpecNode, problems: Problems) -> None:
        super().check_keys(node, problems)
        if not {"file", "timeline"} & {self.meant(name) for name in node.entries}:
            message = "a composition needs a `timeline` or a `file`"
            hint = "write composition: {timeline: [{clip: beach.mp4}]}, or name a spec"
            problems.add("missing-key", message, node, hint)
        check_cells(node, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        if "layout" in node and "timeline" in node and isinstance(node["timeline"].value, list):
            cells = one_track_each(node["timeline"])
            node = node.with_value({**node.entries, "timeline": cells})
        return super().canonical(node)

    def own_schema(self, shared: Json) -> Json:
        schema = super().own_schema(shared)
        schema["anyOf"] = [{"required": ["file"]}, {"required": ["timeline"]}]
        return schema


def composition(timeline: Type, audio: Type, master: Record) -> CompositionRecord:
    """A composition: a file, or its own tracks."""
    return CompositionRecord(
        "composition",
        "A film within the film: its own tracks and canvas, shown as one picture and heard "
        "as one sound. It is transparent where nothing is shown. However often it is used, it is "
        "drawn "
        "and mixed once.",
        (
            Key(
                "file",
                Text("a path", like="parts/intro.vedc.yaml"),
                "Another spec, whose film it is. That spec's paths are relative to its own folder; "
                "its outputs, its markers and its film's metadata are ignored.",
            ),
            Key(
                "vars",
                MapOf(Anything(), "variable"),
                "Values for the variables that the file declares.",
            ),
            Key(
                "profile",
                PROFILE,
                "Its canvas; by default that of the film it is in. A composition of another "
                "size, rate or colour is converted as a clip is.",
            ),
            Key(
                "background",
                ColorValue(),
                "The colour behind its tracks.",
                "#00000000",
            ),
            Key("layout", LAYOUT, LAYOUT.doc),
            Key("timeline", timeline, "A list of items is one track; {tracks: [...]} is several."),
            Key("audio", audio, "Sound under its tracks."),
            Key("master", master, master.doc),
            COMMON[1],
        ),
        either=(
            Either(("file", "timeline"), _ONE_CONTENT),
            Either(("timeline", "vars"), "its timeline has the variables of this spec"),
            *(
                Either(("file", key), f"the file has its own {key}")
                for key in ("profile", "layout", "audio", "master")
            ),
        ),
        advice={
            "tracks": "put them under `timeline`: {tracks: [...]}",
            "clips": "use `timeline`, a list",
            "items": "use `timeline`, a list",
            "src": "use `file`",
            "path": "use `file`",
            "variables": "a composition of this spec uses its variables: declare them there",
            "outputs": "a composition is shown in the film: only that has outputs",
            "markers": "give them to the film's own timeline",
            "width": "put it under `profile`",
            "height": "put it under `profile`",
            "fps": "put it under `profile`",
        },
    )


def composition_item(record: Record) -> Record:
    """An item that shows a composition."""
    return Record(
        "composition item",
        "A composition as one item of a track, with everything that a clip has.",
        (
            Key(
                "composition",
                Short("file", record),
                "An id of `compositions`, another spec, a [stock one](#stock-compositions), or "
                "the composition itself.",
                required=True,
                example="composition: intro",
            ),
            Key(
                "vars",
                MapOf(Anything(), "variable"),
                "Values for the variables of the spec that is named.",
            ),
            Key(
                "in",
                TimeSpan(from_end=True),
                "Start in the composition, below 0 from its end; frames are counted at its rate.",
                "0s",
            ),
            Key(
                "out",
                TimeSpan(from_end=True),
                "End in the composition, exclusive; below 0, from its end; by default its end.",
            ),
            *place_keys("How long it is shown; by default until `out`."),
            *CLIP_TIME,
            *keys_of("composition"),
            MUTE,
            *COMMON,
        ),
        later=("markers",),
        either=(
            *CLIP_RULES,
            Either(("crop", "ken_burns"), "ken_burns is a crop that moves: keep one of them"),
        ),
        advice={
            "reframe": "give crop: {auto: reframe} to the clips in the film; what a composition "
            "shows is known only when it is drawn",
            "file": "name the spec with `composition`",
            "timeline": "put it inside: {composition: {timeline: [...]}}",
            "tracks": "put them inside: {composition: {timeline: {tracks: [...]}}}",
            "layout": "put it inside: {composition: {layout: {grid: [2, 2]}, timeline: [...]}}",
            "profile": "put it inside: {composition: {profile: {...}, timeline: [...]}}",
            "background": "put it inside: {composition: {background: black, timeline: [...]}}",
            "variables": "use `vars`",
            "end": "use `out` for a time in the composition, or `duration`",
        },
    )
