"""The language: every key, once, with its type, its default and its meaning.

``specs/edit.schema.json``, ``specs/reference.md``, ``vedc validate`` and expansion are all
read off these tables.
"""

from __future__ import annotations

from typing import Final

from vedc.color import CANVAS_COLORS, MATRICES, PRIMARIES, SDR_VIDEO_TRANSFERS
from vedc.spec.calls import Call, Transition
from vedc.spec.codecs import AUDIO_CODECS, IMAGE_CODECS, VIDEO_CODECS
from vedc.spec.easing import EASINGS
from vedc.spec.items import Item, Timeline, TransitionItem
from vedc.spec.quantities import Bitrate, ColorValue, Pair, Position, Preset, Rate, TimeSpan, Volume
from vedc.spec.records import Animated, Key, ListOf, MapOf, Record, Short
from vedc.spec.values import Anything, Boolean, Number, Text, Word
from vedc.spec.variables import FORMATS, TYPES

VERSION: Final = 1

#: Transfers that a source may have. The others need tone mapping or a log decoder.
TRANSFERS: Final = (*sorted(SDR_VIDEO_TRANSFERS), "iec61966-2-1")
HDR_TRANSFERS: Final = ("smpte2084", "arib-std-b67")
_LOG_TRANSFERS: Final = ("linear", "log3g10", "slog3", "vlog", "logc3", "logc4", "clog3", "dlog")

_SOUND_ADVICE: Final = {
    "fade_in": "it is for sound; fade a picture in with keyframes on opacity",
    "fade_out": "it is for sound; fade a picture out with keyframes on opacity",
    "volume": "only clips and audio items have sound",
}


def _place_keys(duration: str) -> tuple[Key, ...]:
    return (
        Key("start", TimeSpan(), "Where it starts on the timeline; else where the last item ends."),
        Key("duration", TimeSpan(), duration),
    )


_COMMON: Final = (
    Key("enabled", Boolean(), "If false it keeps its time but is neither seen nor heard.", True),
    Key("metadata", Anything(), "Notes for people and tools; not read."),
)
_OPACITY: Final = Key(
    "opacity", Animated(Number(0, 1)), "0 is invisible, 1 covers what lies below.", 1
)
#: The other names of W3C Compositing and Blending, Level 1.
_LATER_BLENDS: Final = (
    "multiply", "screen", "overlay", "darken", "lighten", "color-dodge", "color-burn",
    "hard-light", "soft-light", "difference", "exclusion", "hue", "saturation", "color",
    "luminosity", "plus-lighter",
)  # fmt: skip
_BLEND: Final = Key(
    "blend_mode", Word(("normal",), later=_LATER_BLENDS), "How it meets what lies below.", "normal"
)
GRADE_CALL: Final = Call("grade", "op")
_GRADE: Final = Key("grade", ListOf(GRADE_CALL, "grade op"), "Colour ops, applied in this order.")


def _effects(what: str) -> Key:
    return Key("effects", _GRADE.type, f"Ops applied to {what}, in this order.")


_OVERLAY: Final = (
    _OPACITY,
    _BLEND,
    Key("position", Position(), "The canvas point that the anchor is put on.", "center"),
    Key("anchor", Position(), "The item's own point; by default the same as position."),
    Key("offset", Pair("[x, y] in pixels"), "Moves it right and down, in canvas pixels.", [0, 0]),
    Key("scale", Number(above=0, high=100), "Factor on its size.", 1),
)
_FIT: Final = Key(
    "fit",
    Word(("contain", "cover", "stretch", "none", "contain-blur")),
    "How it fills the canvas: contain shows all of it, cover leaves nothing empty, stretch "
    "ignores its proportions, none keeps its pixels, contain-blur is contain with the same "
    "picture behind it, covering the canvas and blurred.",
    "contain",
)
_LOOK: Final = (*_OVERLAY, _FIT, _GRADE, _effects("the item"))
_SOUND: Final = (
    Key("volume", Volume(), "Gain of the sound.", "0dB"),
    Key("fade_in", TimeSpan(), "The sound rises from silence for this long.", "0s"),
    Key("fade_out", TimeSpan(), "The sound falls to silence for this long.", "0s"),
)
_RANGE: Final = (
    Key("in", TimeSpan(), "Where in the file it begins; frames count the file's rate.", "0s"),
    Key("out", TimeSpan(), "Where in the file it ends, itself excluded; else at its end."),
)
_RANGE_CONFLICT: Final = (
    ("out", "duration"),
    "together with `in` they say the same twice: keep one of them",
)
_LATER_LOOK: Final = ("rotation", "crop", "mask", "match")
_LATER_TIME: Final = ("speed", "time_map", "reverse", "freeze")
_LATER_SOUND: Final = ("duck", "loudness")


def _source(word: str, what: str, like: str) -> Key:
    return Key(word, Text(f"{what}", like=like), f"{what[0].upper()}{what[1:]}.", required=True)


CLIP: Final = Record(
    "clip",
    "A stretch of a video file, or of a sound file.",
    (
        _source("clip", "an asset's id or a file", "beach.mp4"),
        *_RANGE,
        *_place_keys("How long it is shown; else up to `out`."),
        *_LOOK,
        *_SOUND,
        Key("mute", Boolean(), "Whether its sound is left out.", False),
        *_COMMON,
    ),
    later=(*_LATER_LOOK, *_LATER_TIME, *_LATER_SOUND, "loop", "reframe", "markers"),
    either=(_RANGE_CONFLICT,),
    advice={
        "end": "use `out` for a place in the file, or `duration`",
        "from": "use `in`",
        "to": "use `out`",
        "src": "name the file with `clip`",
    },
)
IMAGE: Final = Record(
    "image",
    "A still picture.",
    (
        _source("image", "an asset's id or a file", "logo.png"),
        *_place_keys("How long it is shown; 100% is up to the end of the timeline."),
        *_LOOK,
        *_COMMON,
    ),
    later=(*_LATER_LOOK, "markers"),
    advice=_SOUND_ADVICE,
)
TEXT: Final = Record(
    "text",
    "A title.",
    (
        Key(
            "text",
            Text("text", like="Spring in the valley"),
            "What to write; line breaks are kept.",
            required=True,
        ),
        *_place_keys("How long it is shown; 100% is up to the end of the timeline."),
        Key("font", Text("a font file", like="fonts/Inter.ttf"), "Else the font of vedc."),
        Key("size", Number(above=0, high=4096), "Height of the type, in canvas pixels.", 64),
        Key("color", ColorValue(), "Colour of the letters.", "#ffffff"),
        Key("align", Word(("left", "center", "right")), "Of the lines to each other.", "center"),
        Key("line_height", Number(above=0, high=10), "From line to line, times the size.", 1.2),
        Key("max_width", Number(above=0), "Canvas pixels at which lines wrap; else they do not."),
        Key("stroke_width", Number(0, 256), "Width of the outline, in canvas pixels.", 0),
        Key("stroke_color", ColorValue(), "Colour of the outline.", "#000000"),
        Key("background", ColorValue(), "Colour of a box behind the text; else there is none."),
        Key("padding", Number(0, 4096), "From the text to the edge of its box, in pixels.", 0),
        *_OVERLAY,
        _GRADE,
        _effects("the item"),
        *_COMMON,
    ),
    later=(*_LATER_LOOK, "markers", "style", "animation"),
    advice={**_SOUND_ADVICE, "fit": "text has its `size`", "font_size": "use `size`"},
)
COLOR: Final = Record(
    "color",
    "A plain colour over the whole canvas.",
    (
        Key("color", ColorValue(), "The colour.", required=True),
        *_place_keys("How long it is shown; 100% is up to the end of the timeline."),
        _OPACITY,
        _BLEND,
        _GRADE,
        _effects("the item"),
        *_COMMON,
    ),
    later=(*_LATER_LOOK, "markers"),
    advice={**_SOUND_ADVICE, "position": "a colour covers the whole canvas"},
)
GAP: Final = Record(
    "gap",
    "Nothing for a while: what lies below is seen.",
    (
        Key("gap", TimeSpan(percent=False), "How long.", required=True),
        _COMMON[1],
    ),
    advice={"duration": "the length stands at `gap` itself: {gap: 1s}"},
)
_EASING: Final = Key("easing", Word(tuple(EASINGS)), "How its progress runs.", "linear")
_TRANSITION_DURATION: Final = Key(
    "duration", TimeSpan(percent=False), "How long the two neighbours overlap.", "0.5s"
)
TRANSITION_CALL: Final = Transition((_TRANSITION_DURATION, _EASING))
TRANSITION: Final = TransitionItem(
    "transition item",
    "From the item before to the item after. They overlap by its duration, so the track gets "
    "shorter by it.",
    (
        Key(
            "transition",
            TRANSITION_CALL,
            "Which transition, or the long form with its parameters.",
            required=True,
        ),
        _TRANSITION_DURATION,
        _EASING,
        _COMMON[1],
    ),
    advice={
        "enabled": "remove it or comment it out: without it the track gets longer",
        "direction": "parameters go into the long form: transition: {name: wipe, direction: left}",
        "color": "parameters go into the long form: transition: {name: fade, color: white}",
    },
)
ITEM: Final = Item(
    {
        "transition": TRANSITION,
        "clip": CLIP,
        "image": IMAGE,
        "text": TEXT,
        "gap": GAP,
        "color": COLOR,
    },
    later=("auto", "generator", "composition"),
)
_CLIPS: Final = ListOf(ITEM, "item", empty="empty-track")
TRACK: Final = Record(
    "track",
    "Items one after the other. Later tracks lie over earlier ones.",
    (
        Key("id", Text("a name", like="main"), "A name; else track-1, track-2, ..."),
        Key("clips", _CLIPS, "The items.", required=True, example="clips: [{clip: beach.mp4}]"),
        _OPACITY,
        _BLEND,
        _effects("the whole track"),
        Key("mute", Boolean(), "Whether its sound is left out.", False),
        Key("enabled", Boolean(), "If false the track is left out altogether.", True),
        _COMMON[1],
    ),
    later=("mask", "loudness", "volume", "markers"),
    advice={"items": "use `clips`"},
)
TIMELINE: Final = Timeline(
    Record(
        "timeline",
        "The tracks, the lowest first.",
        (
            Key(
                "tracks",
                ListOf(TRACK, "track", empty="empty-timeline"),
                "The tracks, the lowest first.",
                required=True,
                example="tracks: [{clips: [{clip: beach.mp4}]}]",
            ),
            _effects("the whole picture"),
        ),
        later=("markers", "loudness"),
        advice={"clips": "put them into a track, or make `timeline` a list"},
    ),
    ListOf(ITEM, "item", empty="empty-timeline"),
)
AUDIO: Final = Record(
    "audio item",
    "Sound under the whole film, on no track: music, a voice.",
    (
        _source("clip", "an asset's id or a file", "theme.flac"),
        *_RANGE,
        Key("start", TimeSpan(), "Where it starts on the timeline.", "0s"),
        Key("duration", TimeSpan(), "How long it is heard; else to its end or the film's."),
        *_SOUND,
        Key(
            "loop", Boolean(), "Whether it starts over until its duration or the film ends.", False
        ),
        Key("enabled", Boolean(), "If false it is left out.", True),
        _COMMON[1],
    ),
    later=("speed", *_LATER_SOUND),
    advice={"src": "name the file with `clip`", "audio": "name the file with `clip`"},
)
SOURCE_COLOR: Final = Record(
    "asset color",
    "What a file's colour tags should have said.",
    (
        Key("primaries", Word(tuple(PRIMARIES)), "Of red, green and blue; else as tagged."),
        Key(
            "transfer",
            Word(TRANSFERS, later=(*HDR_TRANSFERS, *_LOG_TRANSFERS)),
            "The transfer curve; else as tagged.",
        ),
        Key("matrix", Word((*MATRICES, "rgb")), "Of Y'CbCr; else as tagged."),
        Key("range", Word(("limited", "full")), "Of the samples; else as tagged."),
    ),
)
ASSET: Final = Record(
    "asset",
    "A file.",
    (
        Key(
            "src",
            Text("a path", like="media/talk.mp4"),
            "Its path, from the spec's folder.",
            required=True,
        ),
        Key("color", SOURCE_COLOR, "Overrides of its colour tags."),
        _COMMON[1],
    ),
    later=("proxy", "stream", "license"),
    advice={"path": "use `src`", "file": "use `src`", "url": "vedc never reads the network"},
)
PROFILE: Final = Record(
    "profile",
    "The canvas. What is not given is taken from the first clip.",
    (
        Key("width", Number(2, 16384, integer=True), "Pixels; else as the first clip, made even."),
        Key("height", Number(2, 16384, integer=True), "Pixels; else as the first clip, made even."),
        Key("fps", Rate(), "Frames a second; else as the first clip."),
        Key("color", Word(tuple(CANVAS_COLORS)), "Colour of the canvas; else as the first clip."),
        Key("sample_rate", Number(8000, 192000, integer=True), "Of the sound, in Hz.", 48000),
        Key("channels", Number(1, 2, integer=True), "Of the sound: 1 is mono, 2 stereo.", 2),
    ),
    advice={"size": "give `width` and `height`", "frame_rate": "use `fps`", "rate": "use `fps`"},
)
VARIABLE: Final = Record(
    "variable",
    "A value that `${{ name }}` stands for: a JSON Schema with a default. A variable without "
    "a default must be given with --set or --var-file.",
    (
        Key("type", Word(TYPES), "Of the value.", required=True, example="type: string"),
        Key("default", Anything(), "The value where none is given."),
        Key("description", Text(), "For people."),
        Key("format", Word(FORMATS), "What the text must be."),
        Key("enum", ListOf(Anything(), "value", empty="empty-enum"), "The values allowed."),
        Key("minimum", Number(), "The least number allowed."),
        Key("maximum", Number(), "The greatest number allowed."),
        Key("minLength", Number(0, integer=True), "The least length of the text."),
        Key("maxLength", Number(0, integer=True), "The greatest length of the text."),
        Key("pattern", Text("a regular expression", like="^[A-Z]"), "What the text must match."),
    ),
)
OUTPUT: Final = Record(
    "output",
    "A file to write.",
    (
        Key(
            "path",
            Text("a path", like="out/trip.mp4"),
            "Where, from the spec's folder.",
            required=True,
        ),
        Key(
            "codec",
            Word((*VIDEO_CODECS, *IMAGE_CODECS)),
            "Of the picture; else by the file's extension.",
        ),
        Key("crf", Number(0, 63), "Constant quality; less is better. Else the encoder's default."),
        Key("bitrate", Bitrate(), "Of the picture, in place of crf."),
        Key("preset", Preset(), "The encoder's trade of speed for size, in its own words."),
        Key("pix_fmt", Text("a pixel format", like="yuv420p"), "Else the codec's usual one."),
        Key("width", PROFILE.keys["width"].type, "Overrides the profile for this output."),
        Key("height", PROFILE.keys["height"].type, "Overrides the profile for this output."),
        Key("fps", Rate(), "Overrides the profile for this output."),
        Key("audio_codec", Word((*AUDIO_CODECS, "none")), "Of the sound; none leaves it out."),
        Key("audio_bitrate", Bitrate(), "Of the sound; else the codec's usual one."),
        Key("at", TimeSpan(), "For an image: the moment that it shows.", "0s"),
    ),
    later=("reframe", "target", "loudness", "captions"),
    either=((("crf", "bitrate"), "one asks for a quality, the other for a size: keep one"),),
    advice={"quality": "use `crf`", "format": "the file's extension says it"},
)


def _without(record: Record, *names: str) -> Record:
    """The defaults of a type of item: its optional keys, but for where it stands."""
    left_out = (*names, "in", "out", "start", "enabled", "metadata")
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
        Key("image", _without(IMAGE, "image"), "For images."),
        Key("text", _without(TEXT, "text"), "For titles."),
        Key("color", _without(COLOR, "color"), "For plain colours."),
        Key("transition", _without(TRANSITION, "transition"), "For transitions."),
        Key("audio", _without(AUDIO, "clip"), "For audio items."),
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
        Key("profile", PROFILE, PROFILE.doc),
        Key("variables", MapOf(VARIABLE, "variable"), "Values that the spec is made with."),
        Key("defaults", DEFAULTS, DEFAULTS.doc),
        Key("assets", MapOf(Short("src", ASSET), "asset"), "Files by id."),
        Key(
            "timeline",
            TIMELINE,
            "A list of items is one track; {tracks: [...]} is several.",
            required=True,
            example="timeline: [{clip: beach.mp4}]",
        ),
        Key("audio", ListOf(AUDIO, "audio item"), AUDIO.doc),
        Key(
            "outputs",
            ListOf(OUTPUT, "output", empty="no-outputs"),
            "The files to write; else an .mp4 named after the spec.",
        ),
        Key("metadata", Anything(), "Notes for people and tools; not read."),
    ),
    later=("plugins", "captions", "markers", "auto", "loudness"),
    advice={
        "output": "use `outputs`, a list",
        "tracks": "put it under `timeline`",
        "clips": "use `timeline`, a list",
        "vars": "use `variables`",
        "fps": "put it under `profile`",
        "width": "put it under `profile`",
        "height": "put it under `profile`",
    },
)
