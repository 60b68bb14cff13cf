"""The language beside the timeline: assets, the canvas, variables, outputs."""

from __future__ import annotations

from typing import Final

from vedc.color import CANVAS_COLORS, MATRICES, PRIMARIES, SPECIAL_MATRICES
from vedc.edit.model import Sheet
from vedc.edit.tables.codecs import AUDIO_CODECS, IMAGE_CODECS, SOUND_ONLY, VIDEO_CODECS
from vedc.lang.expr.variable_types import DATA_TYPES, FORMATS, TYPES
from vedc.lang.keys.parts import COMMON, FACES
from vedc.lang.keys.sound.loudness import LOUDNESS, LOUDNESS_WORDS
from vedc.lang.keys.targets import TARGETS
from vedc.lang.schema.plays import Plays
from vedc.lang.schema.quantities import Bitrate, Preset
from vedc.lang.schema.records import Brief, Key, ListOf, Record, Short
from vedc.lang.schema.times import Rate, TimeSpan
from vedc.lang.schema.true_or import TrueOr
from vedc.lang.schema.values import Anything, Boolean, Json, Number, Text, Word
from vedc.ops.shared import color_conversion

#: Transfers allowed for a source: those with known light.
TRANSFERS: Final = tuple(color_conversion.CURVES)

SOURCE_COLOR: Final = Record(
    "asset color",
    "Corrections to a file's colour tags.",
    (
        Key(
            "primaries",
            Word(tuple(PRIMARIES)),
            "Primaries of red, green and blue; by default as tagged.",
        ),
        Key(
            "transfer",
            Word(TRANSFERS),
            "Transfer curve; by default as tagged.",
        ),
        Key(
            "matrix",
            Word((*MATRICES, *sorted(SPECIAL_MATRICES), "rgb")),
            "Matrix of Y'CbCr; by default as tagged.",
        ),
        Key("range", Word(("limited", "full")), "Range of the samples; by default as tagged."),
        Key(
            "space",
            Text("a colour space", like="ARRI LogC4"),
            "Colour space of its code values, by its name in the config that the profile's `ocio` "
            "names, else in OpenColorIO's built-in studio config: in place of primaries and "
            "transfer.",
        ),
    ),
    either=(
        (("space", "transfer"), "a colour space has a transfer of its own: keep one"),
        (("space", "primaries"), "a colour space has primaries of its own: keep one"),
    ),
    advice={
        "input": "use `space`",
        "colorspace": "use `space`",
        "color_space": "use `space`",
        "gamut": "use `primaries`",
        "curve": "use `transfer`",
    },
)
#: Of assets and of clips.
SEQUENCE_RATE: Final = Key(
    "rate",
    Rate(),
    "Pictures a second of an image sequence; by default the `fps` of the profile.",
)
STREAMS: Final = Record(
    "stream",
    "The streams of a file to use, each by its number among those of its kind, from 0. By default "
    "the first that is flagged as default, else the first. `vedc probe` lists them.",
    (
        Key("video", Number(0, 999, integer=True), "Number of the video stream."),
        Key("audio", Number(0, 999, integer=True), "Number of the audio stream."),
    ),
    advice={"subtitle": "name a caption file with `captions`", "language": "vedc probe lists them"},
)
ASSET: Final = Record(
    "asset",
    "A file.",
    (
        Key(
            "src",
            Text("a path", like="media/talk.mp4"),
            "Path, relative to the spec's folder, or the pattern of an "
            "[image sequence](#image-sequences).",
            required=True,
        ),
        Key("color", SOURCE_COLOR, "Corrections to its colour tags."),
        Key("stream", STREAMS, "The streams to use, such as {video: 1, audio: 2}."),
        SEQUENCE_RATE,
        COMMON[1],
    ),
    later=("proxy", "license"),
    advice={
        "path": "use `src`",
        "file": "use `src`",
        "url": "use `src`",
        "fps": "use `rate`",
        "framerate": "use `rate`",
        "frame_rate": "use `rate`",
    },
)


class Declared(Record):
    """The declaration of a variable: that of a list or a mapping is any JSON Schema."""

    def own_schema(self, shared: Json) -> Json:
        schema = super().own_schema(shared)
        known = {key: schema["properties"][key] for key in ("type", "default", "description")}
        return {
            "if": {"properties": {"type": {"enum": list(DATA_TYPES)}}, "required": ["type"]},
            "then": {"type": "object", "description": self.doc, "properties": known},
            "else": schema,
        }


PROFILE: Final = Record(
    "profile",
    "The canvas. Values that are not given are taken from the first clip.",
    (
        Key(
            "width",
            Number(2, 16384, integer=True),
            "Pixels; by default those of the first clip, rounded to even.",
        ),
        Key(
            "height",
            Number(2, 16384, integer=True),
            "Pixels; by default those of the first clip, rounded to even.",
        ),
        Key("fps", Rate(), "Frames per second; by default those of the first clip."),
        Key(
            "color",
            Word(tuple(CANVAS_COLORS)),
            "Colour space of the canvas; by default that of the first clip, or bt709 where that "
            "is of high dynamic range. An HDR canvas (bt2100-pq, bt2100-hlg) shows the white of "
            "other pictures at 203 cd/m2 and is stored with 10 bits or more.",
        ),
        Key(
            "ocio",
            Text("a config of OpenColorIO", like="studio.ocio"),
            "Colour management by a config of OpenColorIO: a file, or the name of a built-in one "
            "such as studio-config-latest. Pictures are composited and graded as scene light of "
            "its role scene_linear, and the film is that light seen through `view`.",
        ),
        Key(
            "display",
            Text("the name of a display", like="sRGB - Display"),
            "Display of the config that the film is made for; by default the config's own.",
        ),
        Key(
            "view",
            Text("the name of a view", like="ACES 1.0 - SDR Video"),
            "View of that display; by default the config's own.",
        ),
        Key(
            "look",
            Text("the name of a look", like="ACES 1.3 Reference Gamut Compression"),
            "Look of the config that the whole film has, before the view.",
        ),
        Key(
            "sample_rate",
            Number(8000, 192000, integer=True),
            "Sample rate of the sound, in Hz.",
            48000,
        ),
        Key(
            "channels",
            Number(1, 2, integer=True),
            "Channels of the sound: 1 is mono, 2 is stereo.",
            2,
        ),
    ),
    advice={"size": "give `width` and `height`", "frame_rate": "use `fps`", "rate": "use `fps`"},
)
VARIABLE: Final = Declared(
    "variable",
    "A value for `${{ name }}`: a JSON Schema with a default. A variable without "
    "a default must be given with --set or --var-file. One of type array or object takes every "
    "keyword of JSON Schema (draft 2020-12): items, properties, required, ... --set reads its "
    "value as JSON.",
    (
        Key("type", Word(TYPES), "Type of the value.", required=True, example="type: string"),
        Key("default", Anything(), "The value if none is set."),
        Key("description", Text(), "A description for people."),
        Key("format", Word(FORMATS), "Format of the text."),
        Key("enum", ListOf(Anything(), "value", empty="empty-enum"), "The permitted values."),
        Key("minimum", Number(), "The smallest permitted number."),
        Key("maximum", Number(), "The largest permitted number."),
        Key("minLength", Number(0, integer=True), "The shortest permitted length of the text."),
        Key("maxLength", Number(0, integer=True), "The longest permitted length of the text."),
        Key(
            "pattern",
            Text("a regular expression", like="^[A-Z]"),
            "Pattern that a part of the text must match, in RE2's syntax: without look-around, "
            "back-references and possessive parts, so that none takes long.",
        ),
    ),
)
TAGS: Final = Record(
    "output metadata",
    "What players show about a film.",
    (
        Key("title", Text(), "Title of the film."),
        Key("artist", Text(), "Who made it."),
        Key("album", Text(), "The series or collection that it belongs to."),
        Key("date", Text("a date", like='"2026-05-01"'), "When it was made or published."),
        Key("genre", Text(), "Its genre."),
        Key("copyright", Text(), "Who holds the rights in it."),
        Key(
            "cover",
            Text("a path", like="cover.jpg"),
            "Cover art: a .jpg or .png file. MP4, Matroska, M4A, MP3, FLAC, Opus and Ogg have it.",
        ),
    ),
    advice={
        "author": "use `artist`",
        "artwork": "use `cover`",
        "thumbnail": "use `cover`",
        "poster": "use `cover`",
        "year": "use `date`",
        "comment": "vedc keeps there what made the file; use `title` or `album`",
    },
)
MASTERING_DISPLAY: Final = Record(
    "mastering display",
    "The display that an HDR film was finished on (SMPTE ST 2086).",
    (
        Key("primaries", Word(("p3-d65", "bt2020", "bt709")), "Its primaries.", "p3-d65"),
        Key("min", Number(0, 10), "The darkest light that it shows, in cd/m2.", 0.005),
        Key("max", Number(1, 10000), "The brightest light that it shows, in cd/m2.", 1000),
    ),
)
HDR: Final = Record(
    "hdr",
    "What a PQ film says of its light, in hevc and av1 (HDR10).",
    (
        Key("mastering_display", MASTERING_DISPLAY, MASTERING_DISPLAY.doc),
        Key(
            "max_cll",
            Number(0, 10000, integer=True),
            "MaxCLL: the brightest pixel of the film, in cd/m2; 0 is not known.",
        ),
        Key(
            "max_fall",
            Number(0, 10000, integer=True),
            "MaxFALL: the brightest frame on average, in cd/m2; 0 is not known.",
        ),
    ),
    advice={
        "master_display": "use `mastering_display`",
        "maxcll": "use `max_cll`",
        "maxfall": "use `max_fall`",
    },
)
#: Sizes of renditions by their usual names: the shorter side in pixels.
RENDITION_SIZES: Final = {
    f"{side}p": side for side in (2160, 1440, 1080, 720, 540, 480, 360, 240, 144)
}
RENDITION: Final = Record(
    "rendition",
    "One size of an adaptive stream. Only its size may be written, such as 720p.",
    (
        Key(
            "size",
            Word(tuple(RENDITION_SIZES)),
            "The shorter side in pixels; the longer one follows from the output's shape.",
            required=True,
            example="size: 720p",
        ),
        Key("crf", Number(0, 63), "Its constant quality, in place of the output's."),
        Key("bitrate", Bitrate(), "Its bit rate, in place of the output's quality."),
        Key("preset", Preset(), "Its encoder preset, in place of the output's."),
    ),
    either=((("crf", "bitrate"), "one sets a quality, the other a size: keep one"),),
    advice={"height": "use `size`", "width": "use `size`"},
)
SHEET: Final = Record(
    "sheet",
    "A contact sheet: pictures of the film in rows, each with its number, its timecode and its "
    "frame. It is 1600 pixels wide; pictures that do not fit on a page continue on the next, "
    "`sheet-2.jpg` and so on beside `sheet.jpg`.",
    (
        Key("columns", Number(1, 12, integer=True), "Pictures in a row; by default what fits."),
        Key(
            "count", Number(1, 1000, integer=True), "Pictures, spread over the film.", Sheet().count
        ),
        Key(
            "every",
            TimeSpan(),
            "The time from one picture to the next, such as 5s, in place of `count`.",
        ),
    ),
    either=((("count", "every"), "one says how many, the other how far apart: keep one"),),
    advice={
        "rows": "`count` and `columns` say how many there are",
        "interval": "use `every`",
        "number": "use `count`",
        "frames": "use `count`",
        "cols": "use `columns`",
        "width": "a sheet is 1600 pixels wide; `columns` sets the size of its pictures",
    },
)
REFRAME: Final = Record(
    "reframe",
    "How pictures of another shape than the file's fill it.",
    (
        Key("method", Word(("auto",)), "`auto` follows what each shot is about.", "auto"),
        FACES,
    ),
)
OUTPUT: Final = Record(
    "output",
    "A file to write.",
    (
        Key(
            "path",
            Text("a path", like="out/trip.mp4"),
            "Path, relative to the spec's folder.",
            required=True,
        ),
        Key(
            "target",
            Word(tuple(TARGETS)),
            "Where the file goes: fills in the settings below that this output does not give. "
            "`vedc explain target:youtube` lists them with their reasons.",
        ),
        Key(
            "codec",
            Word((*VIDEO_CODECS, *IMAGE_CODECS, SOUND_ONLY)),
            "Video codec; by default that of the file's extension; none leaves the picture out, as "
            "in .wav, .mp3 and other files of sound.",
        ),
        Key(
            "crf",
            Number(0, 63),
            "Constant quality, where lower is better; by default the encoder's own.",
        ),
        Key(
            "quality",
            Number(0, 100),
            "Quality of a lossy picture (.jpg, .webp, .avif), where higher is better: by default "
            "the best of JPEG, else 75. For a film use crf.",
        ),
        Key(
            "lossless",
            Boolean(),
            "Whether a WebP keeps every pixel as it is.",
            False,
        ),
        Key(
            "loop",
            Plays(65_535),
            "How often a GIF, APNG or WebP plays: true is for ever, false is once.",
            True,
        ),
        Key("colors", Number(4, 256, integer=True), "Colours of a GIF.", 256),
        Key("bitrate", Bitrate(), "Video bit rate, in place of crf."),
        Key(
            "passes",
            Number(1, 2, integer=True),
            "How often each stretch of the film is encoded to meet `bitrate`: 2 comes within a few "
            "percent of it, 1 is faster.",
            2,
        ),
        Key("preset", Preset(), "The encoder's own name for its balance of speed and size."),
        Key(
            "pix_fmt",
            Text("a pixel format", like="yuv420p"),
            "Pixel format; by default the codec's usual one.",
        ),
        Key(
            "alpha",
            Boolean(),
            "Whether the file keeps what is transparent. By default as pix_fmt says: in most "
            "files nothing is, and what no item covers is black.",
        ),
        Key(
            "dither",
            Word(("auto", "none", "ordered", "floyd_steinberg", "sierra")),
            "How values between two steps of the output are rounded: ordered spreads them in a "
            "fine pattern, none takes the nearest, auto spreads where the picture has more depth "
            "than the output or smooth ramps. Also how a GIF mixes its colours: floyd_steinberg "
            "and sierra, its auto, pass on what a pixel is off to its neighbours.",
            "auto",
        ),
        Key(
            "copy",
            Word(("auto", "always", "never")),
            "Whether stretches of footage that need no change are copied instead of encoded again, "
            "in h264, hevc, prores and dnxhr: then they look exactly like their source, and take "
            "next to no time. auto does so where the output has no crf, bitrate, preset, target or "
            "hdr, which are wishes for the whole film; with always these hold for the rest. "
            "[docs/copying.md](../docs/copying.md) lists what can be copied.",
            "auto",
        ),
        Key(
            "width",
            PROFILE.keys["width"].type,
            "Width of this file, in place of the profile's. The whole design is as much larger or "
            "smaller as the shorter side, so that half the size shows the same film.",
        ),
        Key(
            "height",
            PROFILE.keys["height"].type,
            "Height of this file, in place of the profile's; the design follows as for `width`.",
        ),
        Key(
            "reframe",
            Brief("method", REFRAME),
            "How pictures of another shape than this file's fill it: `auto` finds, shot by shot, "
            "what each is about, and writes a crop that follows it into vedc.lock. It is for clips "
            "and stills that lie on the whole canvas; those with a `fit` other than cover, a size, "
            "a place or a crop that moves stay as they are. With {faces: yunet.onnx} it follows "
            "faces too. "
            "[docs/reframe.md](../docs/reframe.md) shows how. By default, as each `fit` says.",
        ),
        Key("fps", Rate(), "Frames per second of this file, in place of the profile's."),
        Key(
            "display",
            PROFILE.keys["display"].type,
            "Display of the `ocio` config that this file is made for, in place of the profile's.",
        ),
        Key(
            "view",
            PROFILE.keys["view"].type,
            "View of its display, in place of the profile's; of another display by default that "
            "display's own.",
        ),
        Key(
            "audio_codec", Word((*AUDIO_CODECS, "none")), "Audio codec; none leaves the sound out."
        ),
        Key("audio_bitrate", Bitrate(), "Audio bit rate; by default the codec's usual one."),
        Key(
            "audio_depth",
            Number(16, 32, integer=True),
            "Bits of a sample of lossless sound: 16, 24, or 32, which are floats. By default those "
            "of audio_codec; where that is not given, it picks the codec.",
        ),
        Key(
            "sample_rate",
            PROFILE.keys["sample_rate"].type,
            "Sample rate of this file's sound, in place of the profile's.",
        ),
        Key(
            "channels",
            PROFILE.keys["channels"].type,
            "Channels of this file's sound, in place of the profile's.",
        ),
        Key(
            "loudness",
            LOUDNESS,
            "How loud it is: LUFS, a name such as broadcast, or [{i, tp, lra}](#loudness); by "
            "default that of `master`, else as mixed.",
        ),
        Key(
            "ladder",
            ListOf(Short("size", RENDITION), "rendition", empty="empty-list"),
            "For an adaptive stream (.m3u8 or .mpd): the sizes that players choose from, such as "
            "[1080p, 720p, 360p]; by default the output's own.",
        ),
        Key(
            "segment",
            TimeSpan(),
            "For an adaptive stream: the length of its segments. They are cut at key frames, "
            "which stand at the same times in all renditions, so that some are a little longer.",
            "4s",
        ),
        Key(
            "captions",
            Word(("burn", "stream", "none")),
            "How this file has the [captions](#captions): `burn` draws those of one language into "
            "the picture, that of the default ones or else the first, `stream` draws none, and "
            "`none` leaves all of them out. By default as each says.",
        ),
        Key("hdr", HDR, HDR.doc),
        Key("metadata", TAGS, "What players show about the film: title, artist and so on."),
        Key(
            "at",
            TimeSpan(from_end=True),
            "For an image: the time in the film that it shows; below 0, from its end.",
            "0s",
        ),
        Key(
            "sheet",
            TrueOr(SHEET),
            "Makes the file a contact sheet (.jpg, .png or .webp): true, or "
            "[{columns, count, every}](#sheet). It shows the film on the profile's canvas.",
        ),
        Key(
            "start_number",
            Number(0, 10**9, integer=True),
            "For numbered images (`frames/%05d.png`): the number of the first.",
            1,
        ),
    ),
    either=((("crf", "bitrate"), "one sets a quality, the other a size: keep one"),),
    advice={
        **LOUDNESS_WORDS,
        "loops": "use `loop`",
        "palette": "vedc finds the best one; `colors` says how many it has",
        "format": "the file's extension says it",
        "first_number": "use `start_number`",
        "contact_sheet": "use `sheet`",
        "smart_cut": "use `copy`",
        "stream_copy": "use `copy`",
        "passthrough": "use `copy`",
        "thumbnails": "use `sheet`",
        "transparent": "use `alpha`",
        "bit_depth": "use `audio_depth` for sound, `pix_fmt` for pictures",
        "sample_fmt": "use `audio_depth`",
        "audio_sample_rate": "use `sample_rate`",
    },
)
