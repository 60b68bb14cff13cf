"""The language: every key, declared once with its type, default and meaning.

The keys beside the timeline are in ``settings``. ``specs/edit.schema.json``,
``specs/reference.md``, ``vedc validate`` and expansion all use these tables.
"""

from __future__ import annotations

from typing import Final

from vedc.edit.text_motion import PRESETS, UNITS
from vedc.lang.composition_keys import composition, composition_item
from vedc.lang.keys import not_yet, other_tools
from vedc.lang.keys.auto import AUTO, JOIN
from vedc.lang.keys.between import BETWEEN
from vedc.lang.keys.captions import CAPTION_WORDS, CAPTIONS_VALUE, CaptionedAuto, Shift
from vedc.lang.keys.item import keys_of
from vedc.lang.keys.items import Item, Timeline, TransitionItem
from vedc.lang.keys.parts import (
    COMMON,
    GENERATOR_CALL,
    ITEM_ID,
    LATER_LOOK,
    MUTE,
    TRANSITION_KEYS,
    place_keys,
    source_key,
)
from vedc.lang.keys.random_pick import TransitionCall
from vedc.lang.keys.retiming import AUDIO_LOOP, CLIP_RULES, CLIP_TIME, PACE, RANGE
from vedc.lang.keys.settings import (
    ASSET,
    OUTPUT,
    PROFILE,
    SEQUENCE_RATE,
    STREAMS,
    VARIABLE,
)
from vedc.lang.keys.sound.loudness import WHOLE_LOUDNESS
from vedc.lang.schema.easings import EasingType
from vedc.lang.schema.lengths import Length, LengthOrNone, Lengths
from vedc.lang.schema.quantities import ColorValue, Pair
from vedc.lang.schema.records import Deferred, Key, ListOf, MapOf, Record, Several, Short
from vedc.lang.schema.repeated import RepeatedList
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Anything, Boolean, Number, OnlyTrue, Text, Word

VERSION: Final = 1

_SOUND_ADVICE: Final = {
    "fade_in": "it is for sound; a picture fades in with enter: {preset: fade, duration: 0.4s}",
    "fade_out": "it is for sound; a picture fades out with exit: {preset: fade, duration: 0.4s}",
    "volume": "only clips and audio items have sound",
}

_PLACE: Final = ("position", "anchor", "offset", "scale", "rotation", "crop", "fit")


_CROPS: Final = (("crop", "ken_burns"), "ken_burns is a crop that moves: keep one of them")
OWN_SOUND: Final = Short(
    "from",
    Record(
        "replaced sound",
        "What is heard of a clip instead of its own sound: that of a recorder, or another "
        "language. It follows the range, the speed and the direction of the clip exactly.",
        (
            Key(
                "from",
                Text("an asset's id or a file", like="recorder.wav"),
                "An asset's id or a file.",
                required=True,
                example="from: recorder.wav",
            ),
            Key(
                "offset",
                Shift(),
                "The time in it that belongs to the beginning of the clip's file: above 0 where "
                "the recorder was started first.",
                "0s",
            ),
            Key(
                "stream",
                Short("audio", STREAMS),
                "The number of its audio stream; by default the asset's.",
            ),
        ),
        advice={
            "src": "use `from`",
            "file": "use `from`",
            "clip": "use `from`",
            "start": "use `offset`",
        },
    ),
)
CLIP: Final = Record(
    "clip",
    "A range of a video or sound file, or of an [image sequence](#image-sequences).",
    (
        source_key("clip", "beach.mp4"),
        Key(
            "stream",
            Short("video", STREAMS),
            "The number of the video stream, or {video: 1, audio: 2}; by default the asset's.",
        ),
        SEQUENCE_RATE,
        BETWEEN,
        *RANGE,
        *place_keys("How long it is shown; by default until `out`."),
        *CLIP_TIME,
        *keys_of("clip"),
        MUTE,
        Key(
            "sound",
            OWN_SOUND,
            "A file that is heard instead of its own sound, or [the long form](#replaced-sound) "
            "with an offset: {from: recorder.wav, offset: 2.5s}.",
        ),
        Key(
            "captions",
            CAPTIONS_VALUE,
            "[Captions](#captions) of its file: they count in time of the file and follow the "
            "clip, whatever its range, its speed and its place.",
        ),
        *COMMON,
    ),
    later=(*LATER_LOOK, "duck", "reframe", "markers"),
    either=(*CLIP_RULES, _CROPS),
    advice={
        "loudness": WHOLE_LOUDNESS,
        **dict.fromkeys(CAPTION_WORDS, "use `captions`: captions: talk.srt"),
        "end": "use `out` for a time in the file, or `duration`",
        "from": "use `in`",
        "to": "use `out`",
        "src": "name the file with `clip`",
        "fps": "the rate of an image sequence is `rate`; that of the film is the profile's",
        "framerate": "the rate of an image sequence is `rate`; that of the film is the profile's",
    },
)
IMAGE: Final = Record(
    "image",
    "A still picture or a drawing. [Picture files](#picture-files) lists the formats.",
    (
        source_key("image", "logo.png"),
        BETWEEN,
        *place_keys("How long it is shown; 100% lasts until the end of the timeline."),
        *keys_of("image"),
        *COMMON,
    ),
    later=(*LATER_LOOK, "markers"),
    either=(_CROPS,),
    advice=_SOUND_ADVICE,
)
TEXT_BOX: Final = Record(
    "text box",
    "The room of a title, in canvas pixels or of the canvas's width and height.",
    (
        Key("width", Length(like="80%"), "Its width.", required=True, example="width: 800"),
        Key("height", Length(like="20%"), "Its height.", required=True, example="height: 200"),
    ),
)
TEXT_FILL: Final = Record(
    "text fill",
    "A gradient along a line. Colours are evenly spaced; display-encoded values are interpolated "
    "linearly, premultiplied.",
    (
        Key(
            "colors",
            ListOf(ColorValue(), "colour", empty="empty-list"),
            "The colours, from start to end.",
            required=True,
            example='colors: ["#ffe29f", "#ff719a"]',
        ),
        Key(
            "start",
            Pair("[x, y] in fractions", -10, 10),
            "Position of the first colour, in fractions of the box around the letters.",
            [0, 0],
        ),
        Key("end", Pair("[x, y] in fractions", -10, 10), "Position of the last colour.", [0, 1]),
    ),
)
TEXT_SHADOW: Final = Record(
    "text shadow",
    "A shadow as of `text-shadow` in CSS.",
    (
        Key("color", ColorValue(), "Its colour.", "#000000aa"),
        Key(
            "offset",
            Lengths(Length(1000, low=-1000, like="0.5%"), "[x, y] in pixels or percentages"),
            "To the right and down, in canvas pixels or of the canvas's smaller side.",
            [4, 4],
        ),
        Key(
            "blur",
            Length(500, low=0, like="1%"),
            "How soft it is, in canvas pixels or of the canvas's smaller side: twice the standard "
            "deviation of a Gaussian.",
            8,
        ),
    ),
)
TEXT_SPAN: Final = Record(
    "text span",
    "Some letters of a title that look otherwise.",
    (
        Key(
            "text",
            Text("a part of the text", like="valley"),
            "The letters, as they stand in the text: wherever they do.",
            required=True,
        ),
        Key("nth", Number(1, 10_000, integer=True), "Only where they stand the nth time."),
        Key("color", ColorValue(), "Their colour."),
        Key(
            "size",
            Length(4096, like="150%", percent=1000),
            "Height of their type, in canvas pixels or of the text's size. A line is as high as "
            "the largest type in it.",
        ),
        Key(
            "font",
            Several(Text("a font file or family", like="fonts/Inter-Bold.ttf"), "font"),
            "Their font; what it lacks is taken from the fonts of the text.",
        ),
        Key("bold", Boolean(), "Makes their strokes heavier; a bold `font` looks better.", False),
        Key("italic", Boolean(), "Slants them; an italic `font` looks better.", False),
        Key("underline", Boolean(), "Draws a line under them.", False),
        Key("strike", Boolean(), "Draws a line through them.", False),
    ),
    advice={
        "weight": "use `bold`, or a bold `font`",
        "style": "use `italic` or `bold`",
        "start": "name the letters with `text`",
        "end": "name the letters with `text`",
        "from": "name the letters with `text`",
        "to": "name the letters with `text`",
    },
)
TEXT_MOTION: Final = Record(
    "text motion",
    "One way of a title, in or out.",
    (
        Key(
            "preset",
            Word(tuple(PRESETS)),
            "What it does; see [Text animations](#text-animations).",
            required=True,
            example="preset: rise",
        ),
        Key(
            "duration",
            TimeSpan(),
            "How long it takes for the whole text; a percentage is of the item. By default that of "
            "the preset, but at most half of the item.",
        ),
        Key("easing", EasingType(), "Easing of each unit; by default that of the preset."),
        Key(
            "stagger",
            Number(0, 1),
            "How long a unit waits for the one before: 0 not at all, 1 until that has arrived. By "
            "default that of the preset.",
        ),
    ),
)
_TEXT_WAY: Final = Short("preset", TEXT_MOTION)
TEXT_ANIMATION: Final = Record(
    "text animation",
    "How a title comes and goes.",
    (
        Key("in", _TEXT_WAY, "From its first frame on. At the end of it the title rests."),
        Key("out", _TEXT_WAY, "Up to its last frame."),
        Key(
            "by",
            Word(UNITS),
            "What moves as one: all of the text, a line, a word or a letter. By default as suits "
            "the preset.",
        ),
    ),
)
TEXT: Final = Record(
    "text",
    "A title.",
    (
        Key(
            "text",
            Text("text", like="Spring in the valley"),
            "The text; line breaks are preserved. `vedc validate` warns if the canvas cuts it off "
            "wherever it stands still.",
            required=True,
        ),
        *place_keys("How long it is shown; 100% lasts until the end of the timeline."),
        Key(
            "font",
            Several(Text("a font file or family", like="fonts/Inter.ttf"), "font"),
            "A font file, or a family of this machine such as Inter or Inter Bold, which vedc.lock "
            "pins; by default, vedc's own font. Of several, each character has the first that "
            "shows it; emoji prefer one with colours.",
        ),
        Key(
            "size",
            Length(4096, like="6%"),
            "Height of the type, in canvas pixels or of the canvas's smaller side.",
            "6%",
        ),
        Key("color", ColorValue(), "Colour of the letters.", "#ffffff"),
        Key(
            "fill",
            TEXT_FILL,
            "A gradient through the letters instead of their colour. Emoji keep their own.",
        ),
        Key("align", Word(("left", "center", "right")), "Alignment of the lines.", "center"),
        Key(
            "line_height",
            Number(above=0, high=10),
            "Distance between lines, as a multiple of the size.",
            1.2,
        ),
        Key(
            "box",
            TEXT_BOX,
            "The room that it is set in and placed by. Lines wrap at its width and are aligned in "
            "it; `vedc validate` warns if they need more.",
        ),
        Key(
            "vertical_align",
            Word(("top", "middle", "bottom")),
            "Where the lines stand in a `box` that is higher.",
            "middle",
        ),
        Key(
            "fit",
            Word(("none", "shrink")),
            "`shrink` sets type that does not fit into its `box` smaller, until it does and no "
            "word is broken.",
            "none",
        ),
        Key(
            "letter_spacing",
            Length(1000, low=-1000, like="0.4%"),
            "Added between letters, in canvas pixels or of the canvas's smaller side; below 0 they "
            "stand closer. Ligatures are then set as single letters. Letters that join, as in "
            "Arabic, keep their distance.",
            0,
        ),
        Key(
            "max_width",
            LengthOrNone(like="80%"),
            "Width at which lines wrap, in canvas pixels or of the canvas's width; none does not "
            "wrap. A `box` has its own.",
            "80%",
        ),
        Key(
            "stroke_width",
            Length(256, low=0, like="0.4%"),
            "Width of the outline, in canvas pixels or of the canvas's smaller side.",
            0,
        ),
        Key("stroke_color", ColorValue(), "Colour of the outline.", "#000000"),
        Key("shadow", TEXT_SHADOW, "A shadow of the letters and their outline."),
        Key(
            "background", ColorValue(), "Colour of a box behind the text; by default there is none."
        ),
        Key(
            "padding",
            Length(4096, low=0, like="2%"),
            "Distance from the text to the edge of its box, in canvas pixels or of the canvas's "
            "smaller side.",
            0,
        ),
        Key(
            "spans",
            ListOf(TEXT_SPAN, "span", empty="empty-list"),
            "Letters that look otherwise: [{text: valley, color: orange, bold: true}]. Where two "
            "hold the same letters the later one counts.",
        ),
        Key(
            "animate",
            TEXT_ANIMATION,
            "Brings it in and out by line, word or letter: {in: rise, out: fade, by: word}. "
            "[Text animations](#text-animations) lists the presets.",
        ),
        *keys_of("text"),
        *COMMON,
    ),
    later=("match", "markers", "style"),
    either=(
        (("box", "max_width"), "lines wrap at the width of the box: keep one"),
        (("color", "fill"), "a gradient has its own colours: keep one"),
    ),
    advice={
        **_SOUND_ADVICE,
        "crop": "cut it with `mask`",
    },
)
COLOR: Final = Record(
    "color",
    "A plain colour, as large as the canvas unless it has a `width` and a `height`.",
    (
        Key("color", ColorValue(), "The colour.", required=True),
        *place_keys("How long it is shown; 100% lasts until the end of the timeline."),
        *keys_of("color"),
        *COMMON,
    ),
    later=("match", "markers"),
    advice={
        **_SOUND_ADVICE,
        **dict.fromkeys(
            ("fit", "crop"), "a colour has no picture; for its size write width and height"
        ),
    },
)
GENERATOR: Final = Record(
    "generator",
    "A computed picture, such as bars, gradients or noise. It is as large as the canvas unless it "
    "has a `width` and a `height`.",
    (
        Key(
            "generator",
            GENERATOR_CALL,
            "Name of a generator, or the long form with its parameters.",
            required=True,
            example="generator: checker",
        ),
        *place_keys("How long it is shown; 100% lasts until the end of the timeline."),
        *keys_of("generator"),
        *COMMON,
    ),
    later=("match", "markers"),
    advice={
        **_SOUND_ADVICE,
        **dict.fromkeys(("fit", "crop"), "a generator is drawn as large as its width and height"),
        "size": "parameters go into the long form: generator: {op: checker, size: 40}",
        "color": "parameters go into the long form: generator: {op: checker, size: 40}",
    },
)
ADJUSTMENT: Final = Record(
    "adjustment",
    "An adjustment layer: its grade, effects and mask work on everything below its track while it "
    "lasts. `opacity` and `blend_mode` mix the result with what was there.",
    (
        Key(
            "adjustment",
            OnlyTrue(),
            "true.",
            required=True,
            example="adjustment: true",
        ),
        *place_keys("How long it works; 100% lasts until the end of the timeline."),
        *keys_of("adjustment"),
        *COMMON,
    ),
    later=("match", "markers"),
    advice={
        **_SOUND_ADVICE,
        **dict.fromkeys(_PLACE, "it works on the whole canvas; limit it with `mask`"),
    },
)
GAP: Final = Record(
    "gap",
    "An empty stretch of the track: what is below it is visible.",
    (
        Key("gap", TimeSpan(percent=False), "How long.", required=True),
        ITEM_ID,
        COMMON[1],
    ),
    advice={"duration": "the length is the value of `gap`: {gap: 1s}"},
)
TRANSITION: Final = TransitionItem(
    "transition item",
    "From the item before to the item after. They overlap for its duration, so the track gets "
    "shorter by it; with `placement: centered` it keeps its length.",
    (
        Key(
            "transition",
            TransitionCall(),
            "Name of a transition (case, `_`, `-` and spaces do not count), or the long form; or "
            "random, or [its long form](#random-transition).",
            required=True,
        ),
        *TRANSITION_KEYS,
        COMMON[1],
    ),
    advice={
        "enabled": "remove it or comment it out; without it, the track is longer",
        "direction": "parameters go into the long form: transition: {name: wipe, direction: left}",
        "color": "parameters go into the long form: transition: {name: dip, color: white}",
    },
)
AUTO_ITEM: Final = CaptionedAuto(
    "auto item",
    "A stretch of the track that vedc cuts from its sources: it becomes clips, each with a score "
    "and reasons, in vedc.lock. Keys beside `auto` apply to each of those clips.",
    (
        Key("auto", AUTO, AUTO.doc, required=True, example="auto: {from: talk.mp4, cut: silence}"),
        Key("id", Text("a name", like="best-of"), "Name in vedc.lock; by default its position."),
        place_keys("")[0],
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
    later=(
        *LATER_LOOK,
        "speed",
        "reverse",
        "duck",
        "reframe",
        "markers",
    ),
    either=(_CROPS,),
    advice={
        "loudness": WHOLE_LOUDNESS,
        **dict.fromkeys(("speed", "reverse"), not_yet.ON_CHOSEN),
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
CHOSEN_ITEM: Final = Record(
    "chosen transition item",
    "A transition that vedc chooses between the clips before and after; it is in vedc.lock.",
    (
        Key(
            "transition",
            Short("name", JOIN),
            "auto, or the long form with its options.",
            required=True,
        ),
        COMMON[1],
    ),
    advice={"duration": "put it into the long form: transition: {name: auto, duration: 0.5s}"},
)
MASTER: Final = Record(
    "master",
    "The sound of the whole film, after all tracks and audio items.",
    keys_of("master"),
    either=((("limiter", "loudness"), "a loudness has a ceiling of its own, `tp`: keep one"),),
)
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
    later={},
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
        *keys_of("track"),
        MUTE,
        Key("enabled", Boolean(), "If false, the track is left out.", True),
        COMMON[1],
    ),
    later=("markers",),
    advice={
        "items": "use `clips`",
        "loudness": WHOLE_LOUDNESS,
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
            *keys_of("timeline"),
            Key(
                "markers",
                RepeatedList(MARKER, "marker", records=[MARKER]),
                "Named moments: the chapters of the film, each until the next one. MP4, MOV, "
                "Matroska and WebM have chapters.",
            ),
        ),
        advice={
            "loudness": WHOLE_LOUDNESS,
            "clips": "put them into a track, or make `timeline` a list",
        },
    ),
    RepeatedList(ITEM, "item", records=tuple(ITEM.kinds.values()), empty="empty-timeline"),
)
AUDIO: Final[Record] = Record(
    "audio item",
    "Sound for the whole film, independent of tracks: music or a voice.",
    (
        source_key("clip", "theme.flac"),
        Key("id", Text("a name", like="voice"), "A name, for what refers to it: `duck`."),
        Key(
            "stream",
            Short("audio", STREAMS),
            "The number of the audio stream; by default the asset's.",
        ),
        *RANGE,
        Key(
            "start",
            TimeSpan(from_end=True),
            "Where it starts on the timeline; below 0, from its end.",
            "0s",
        ),
        Key(
            "duration", TimeSpan(), "How long it plays; by default until it ends or the film does."
        ),
        *keys_of("audio"),
        AUDIO_LOOP,
        *PACE,
        Key("enabled", Boolean(), "If false, it is left out.", True),
        COMMON[1],
    ),
    advice={
        "loudness": WHOLE_LOUDNESS,
        "src": "name the file with `clip`",
        "audio": "name the file with `clip`",
    },
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
EDIT: Final = Record(
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
            "A list of items is one track; {tracks: [...]} is several.",
            required=True,
            example="timeline: [{clip: beach.mp4}]",
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
        "loudness": WHOLE_LOUDNESS,
        "markers": "put it under `timeline`: {tracks: [...], markers: [{time: 0s, name: Intro}]}",
        "chapters": "use `markers`, under `timeline`",
        "auto": "make it an item: timeline: [{auto: {from: talk.mp4, cut: shots}}]",
        "output": "use `outputs`, a list",
        "tracks": "put it under `timeline`",
        "clips": "use `timeline`, a list",
        "vars": "use `variables`",
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
