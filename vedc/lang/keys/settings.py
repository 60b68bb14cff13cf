"""The language beside the timeline: assets, the canvas, variables, outputs."""

from __future__ import annotations

from typing import Final

from vedc.color import CANVAS_COLORS, MATRICES, PRIMARIES
from vedc.edit.codecs import AUDIO_CODECS, IMAGE_CODECS, VIDEO_CODECS
from vedc.lang.expr.variable_types import FORMATS, TYPES
from vedc.lang.keys.parts import COMMON
from vedc.lang.schema.quantities import Bitrate, Preset, Rate, TimeSpan
from vedc.lang.schema.records import Key, ListOf, Record
from vedc.lang.schema.values import Anything, Number, Text, Word
from vedc.ops.shared import color_conversion

#: Transfers that a source may have: those whose light is known.
TRANSFERS: Final = tuple(color_conversion.CURVES)

SOURCE_COLOR: Final = Record(
    "asset color",
    "What a file's colour tags should have said.",
    (
        Key("primaries", Word(tuple(PRIMARIES)), "Of red, green and blue; else as tagged."),
        Key(
            "transfer",
            Word(TRANSFERS),
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
        COMMON[1],
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
        Key(
            "dither",
            Word(("auto", "none", "ordered")),
            "How values between two steps of the output are rounded: ordered spreads them in a "
            "fine pattern, none takes the nearest, auto spreads where the picture has more depth "
            "than the output or smooth ramps.",
            "auto",
        ),
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
