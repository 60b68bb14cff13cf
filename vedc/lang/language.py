"""The language: every key, declared once with its type, default and meaning.

The keys beside the timeline are in ``settings``. ``specs/edit.schema.json``,
``specs/reference.md``, ``vedc validate`` and expansion all use these tables.
"""

from __future__ import annotations

from typing import Final

from vedc.lang.keys import not_yet, other_tools
from vedc.lang.keys.auto import AUTO
from vedc.lang.keys.captions import CAPTION_WORDS, CAPTIONS_VALUE
from vedc.lang.keys.item import keys_of
from vedc.lang.keys.item.picture.decidable_step import shared_grade
from vedc.lang.keys.items import Item, Timeline
from vedc.lang.keys.parts import (
    COMMON,
    MUTE,
)
from vedc.lang.keys.settings import (
    ASSET,
    OUTPUT,
    PROFILE,
    VARIABLE,
)
from vedc.lang.keys.sound.loudness import WHOLE_LOUDNESS
from vedc.lang.records.auto import AUTO_ITEM
from vedc.lang.records.clip import CLIP, IMAGE
from vedc.lang.records.composition import composition, composition_item
from vedc.lang.records.plain import ADJUSTMENT, COLOR, GAP, GENERATOR
from vedc.lang.records.sound import AUDIO, MASTER
from vedc.lang.records.spec import Spec
from vedc.lang.records.text import TEXT
from vedc.lang.records.transition import CHOSEN_ITEM, TRANSITION
from vedc.lang.schema.records import Deferred, Key, ListOf, MapOf, Record, Short
from vedc.lang.schema.repeated import RepeatedList
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Anything, Boolean, Number, Text

VERSION: Final = 1


COMPOSITION: Final = composition(
    Deferred(lambda: TIMELINE),
    Deferred(lambda: ListOf(AUDIO, "audio item")),
    MASTER,
)
COMPOSITION_ITEM: Final = composition_item(COMPOSITION)
ITEM: Final = Item(
    {
        "transition": TRANSITION,
        "auto": AUTO_ITEM,
        "clip": CLIP,
        "composition": COMPOSITION_ITEM,
        "image": IMAGE,
        "text": TEXT,
        "generator": GENERATOR,
        "gap": GAP,
        "adjustment": ADJUSTMENT,
        "color": COLOR,
    },
    CHOSEN_ITEM,
)
_CLIPS: Final = RepeatedList(ITEM, "item", records=tuple(ITEM.kinds.values()), empty="empty-track")
TRACK: Final = Record(
    "track",
    "Items in sequence. Later tracks are above earlier ones.",
    (
        Key("id", Text("a name", like="main"), "A name; by default track-1, track-2, ..."),
        Key("clips", _CLIPS, "The items.", required=True, example="clips: [{clip: beach.mp4}]"),
        Key(
            "captions",
            CAPTIONS_VALUE,
            "[Captions](#captions) that belong to the track: they are left out with it. Times "
            "count from its start, which is that of the film.",
        ),
        shared_grade("the track"),
        *keys_of("track"),
        MUTE,
        Key("enabled", Boolean(), "If false, the track is left out.", True),
        COMMON[1],
    ),
    later=("markers",),
    advice={
        "items": "use `clips`",
        "audio": "music goes under `audio`, beside `timeline`: audio: [{clip: theme.flac}]",
        **dict.fromkeys(("type", "kind"), "leave it out: tracks hold pictures and sound alike"),
        **WHOLE_LOUDNESS,
        **dict.fromkeys(CAPTION_WORDS, "use `captions`"),
    },
)
MARKER: Final = Record(
    "marker",
    "A named moment of the film.",
    (
        Key(
            "time",
            TimeSpan(from_end=True),
            "When, from its start; below 0, from its end.",
            required=True,
            example="time: 10s",
        ),
        Key("name", Text(like="Intro"), "Its name.", required=True, example="name: Intro"),
        COMMON[1],
    ),
    advice={
        "at": "use `time`",
        "start": "use `time`",
        "title": "use `name`",
        "label": "use `name`",
    },
)
TIMELINE: Final[Timeline] = Timeline(
    Record(
        "timeline",
        "The tracks, lowest first.",
        (
            Key(
                "tracks",
                RepeatedList(TRACK, "track", records=[TRACK], empty="empty-timeline"),
                "The tracks, lowest first.",
                required=True,
                example="tracks: [{clips: [{clip: beach.mp4}]}]",
            ),
            shared_grade("the film"),
            *keys_of("timeline"),
            Key(
                "markers",
                RepeatedList(MARKER, "marker", records=[MARKER]),
                "Named moments: the chapters of the film, each until the next one. MP4, MOV, "
                "Matroska and WebM have chapters.",
            ),
        ),
        advice={
            **WHOLE_LOUDNESS,
            "clips": "put them into a track, or make `timeline` a list",
            "audio": "put it beside `timeline`: audio: [{clip: theme.flac}]",
        },
    ),
    RepeatedList(ITEM, "item", records=tuple(ITEM.kinds.values()), empty="empty-timeline"),
)

other_tools.advise(
    (
        CLIP,
        COMPOSITION_ITEM,
        IMAGE,
        TEXT,
        COLOR,
        GENERATOR,
        ADJUSTMENT,
        AUTO_ITEM,
        TRACK,
        AUDIO,
        MASTER,
    )
)


def _without(record: Record, *names: str) -> Record:
    """The defaults of a type of item: its optional keys except those of place and range."""
    left_out = (*names, "id", "stream", "in", "out", "start", "captions", "enabled", "metadata")
    return Record(
        f"defaults of {record.title}",
        f"Values for every {record.title} that does not give its own.",
        [k for k in record.keys.values() if k.name not in left_out],
    )


DEFAULTS: Final = Record(
    "defaults",
    "Values for every item of a type that does not give its own.",
    (
        Key("clip", _without(CLIP, "clip"), "For clips."),
        Key(
            "composition",
            _without(COMPOSITION_ITEM, "composition", "vars"),
            "For items of compositions.",
        ),
        Key("image", _without(IMAGE, "image"), "For images."),
        Key("text", _without(TEXT, "text"), "For titles."),
        Key("color", _without(COLOR, "color"), "For plain colours."),
        Key("generator", _without(GENERATOR, "generator"), "For generators."),
        Key("transition", _without(TRANSITION, "transition"), "For transitions."),
        Key("audio", _without(AUDIO, "clip", "id"), "For audio items."),
    ),
)
EDIT: Final = Spec(
    "spec",
    "A video edit.",
    (
        Key(
            "version",
            Number(VERSION, VERSION, integer=True),
            "Version of the language: 1.",
            required=True,
            example="version: 1",
        ),
        Key(
            "plugins",
            ListOf(Text("a path", like="ops/duotone.py"), "plugin"),
            "Python files that declare more ops; they run only with --allow-plugins.",
        ),
        Key("profile", PROFILE, PROFILE.doc),
        Key("variables", MapOf(VARIABLE, "variable"), "Values for use in expressions."),
        Key("defaults", DEFAULTS, DEFAULTS.doc),
        Key("assets", MapOf(Short("src", ASSET), "asset"), "Files by id."),
        Key(
            "compositions",
            MapOf(Short("file", COMPOSITION), "composition"),
            "Films within the film, by id; items of `composition` show them.",
        ),
        Key(
            "timeline",
            TIMELINE,
            "A list of items is one track; {tracks: [...]} is several. It may be left out where "
            "all outputs are sound alone: the film is then as long as what is under `audio`.",
        ),
        Key("audio", RepeatedList(AUDIO, "audio item", records=[AUDIO]), AUDIO.doc),
        Key("master", MASTER, MASTER.doc),
        Key(
            "captions",
            CAPTIONS_VALUE,
            "What is said in the film: a file such as talk.srt, or [a mapping](#captions), or a "
            "list of these for several languages.",
        ),
        Key(
            "outputs",
            RepeatedList(OUTPUT, "output", records=[OUTPUT], empty="no-outputs"),
            "The files to write; by default an .mp4 named after the spec.",
        ),
        Key("metadata", Anything(), "Notes for people and tools; vedc ignores them."),
    ),
    advice={
        **WHOLE_LOUDNESS,
        "markers": "put it under `timeline`: {tracks: [...], markers: [{time: 0s, name: Intro}]}",
        "chapters": "use `markers`, under `timeline`",
        "auto": "make it an item: timeline: [{auto: {from: talk.mp4, cut: shots}}]",
        "output": "use `outputs`, a list",
        "tracks": "put it under `timeline`",
        "clips": "use `timeline`, a list",
        "vars": "use `variables`",
        **dict.fromkeys(
            ("audioFilePath", "audio_file_path", "audioTracks", "audio_tracks", "music"),
            "use `audio`, a list: audio: [{clip: theme.flac}]",
        ),
        **dict.fromkeys(
            ("keepSourceAudio", "keep_source_audio"),
            "leave it out: clips keep their sound, unless defaults: {clip: {mute: true}}",
        ),
        **dict.fromkeys(
            ("outPath", "out_path", "out"), "use `outputs`: outputs: [{path: film.mp4}]"
        ),
        "fps": "put it under `profile`",
        "width": "put it under `profile`",
        "height": "put it under `profile`",
        **dict.fromkeys(CAPTION_WORDS, "use `captions`: captions: talk.srt"),
    },
)

not_yet.advise(
    (
        EDIT,
        ASSET,
        TIMELINE.record,
        TRACK,
        AUDIO,
        MASTER,
        OUTPUT,
        AUTO,
        *ITEM.kinds.values(),
    )
)
