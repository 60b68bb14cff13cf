"""``captions``: text from a file or inline, for the film, a track or a clip."""

from __future__ import annotations

from typing import Final

from vedc.edit.times import MAX_CHARACTERS, MAX_SECONDS, format_time, parse_time
from vedc.lang.schema.languages import Language
from vedc.lang.schema.lengths import Length
from vedc.lang.schema.quantities import ColorValue, Position
from vedc.lang.schema.records import Key, ListOf, Record, Several, Short
from vedc.lang.schema.times import TimeSpan, time_pattern
from vedc.lang.schema.values import (
    Anything,
    Boolean,
    Json,
    Number,
    Text,
    Type,
    Word,
    or_expression,
)
from vedc.lang.yaml.tree import Problems, SpecNode


class Shift(TimeSpan):
    """A time offset; negative is earlier."""

    def __init__(self) -> None:
        super().__init__(percent=False)
        self.phrase = "a time such as 2.5s or -250ms"

    def schema(self, shared: Json) -> Json:
        pattern = f"^-?{time_pattern(percent=False)}$"
        rule = {
            "type": ["number", "string"],
            "minimum": -MAX_SECONDS,
            "maximum": MAX_SECONDS,
            "maxLength": MAX_CHARACTERS,
            "pattern": pattern,
        }
        return or_expression(rule, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            try:
                time = parse_time(value, negative=True)
            except ValueError as error:
                problems.add("bad-time", f"{name}: {error}", node)
                return
            if time.needs_parent:
                problems.add("bad-time", f"{name} has no parent to be {value} of", node)
        else:
            self.reject(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        time = parse_time(node.value, negative=True)
        if time.needs_rate or "/" in time.text:
            return node.with_value("".join(time.text.split()))
        text = format_time(abs(time.fixed))
        return node.with_value(f"-{text}" if time.fixed < 0 else text)


class Encoding(Type):
    """The encoding of a text file."""

    phrase = "an encoding such as utf-8, windows-1252 or shift-jis"

    def schema(self, shared: Json) -> Json:
        return or_expression({"type": "string", "minLength": 1}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, str):
            self.reject(node, name, problems)
            return
        import codecs

        try:
            found = codecs.lookup(node.value)
            "".encode(found.name)
        except (LookupError, ValueError):
            self.reject(node, name, problems)


CUE: Final = Record(
    "cue",
    "A caption written in place.",
    (
        Key("start", TimeSpan(), "When it appears.", required=True, example="start: 1s"),
        Key("end", TimeSpan(), "When it disappears.", required=True, example="end: 3s"),
        Key(
            "text",
            Text("text", like="Hello"),
            "What is said; line breaks are preserved, and the tags of SubRip (<i>, <b>, <u>, "
            "<s>, <font color>) are followed.",
            required=True,
            example="text: Hello",
        ),
    ),
    advice={
        "duration": "use `end`",
        "from": "use `start`",
        "to": "use `end`",
        "in": "use `start`",
        "out": "use `end`",
    },
)
HIGHLIGHT: Final = Record(
    "caption highlight",
    "Marks what is being said. The times of words are those of the file (WebVTT, karaoke of "
    "SubStation Alpha); without any, a caption is divided by the lengths of its words.",
    (
        Key(
            "color",
            ColorValue(),
            "The colour of the letters that are marked.",
            required=True,
            example='color: "#ffd400"',
        ),
        Key("background", ColorValue(), "The colour of a box behind them; by default none."),
        Key(
            "mode",
            Word(("word", "so-far")),
            "`word` marks one word, `so-far` everything up to it, as in karaoke.",
            "word",
        ),
    ),
)
STYLE: Final = Record(
    "caption style",
    "How captions look that are burned in. What is given here holds for all of them; else the "
    "styles and places of their file do, if it has any.",
    (
        Key(
            "preset",
            Word(("karaoke",)),
            "karaoke: the word that is said is marked in yellow, unless `highlight` says how.",
        ),
        Key(
            "font",
            Several(Text("a font file or family", like="fonts/Inter.ttf"), "font"),
            "By default, vedc's own font. Of several, each character has the first that shows it.",
        ),
        Key(
            "size",
            Length(4096, like="6%"),
            "Height of the type, in canvas pixels or of the canvas's smaller side.",
            "6%",
        ),
        Key("color", ColorValue(), "Colour of the letters.", "#ffffff"),
        Key(
            "stroke_width",
            Number(0, 256),
            "Width of the outline, in canvas pixels; by default a fourteenth of the size, or none "
            "where there is a background.",
        ),
        Key("stroke_color", ColorValue(), "Colour of the outline.", "#000000"),
        Key(
            "background",
            ColorValue(),
            "Colour of a box behind each caption; by default there is none.",
        ),
        Key(
            "padding",
            Number(0, 4096),
            "Distance from the text to the edge of its box, in canvas pixels; by default a "
            "quarter of the size where there is a background.",
        ),
        Key(
            "position",
            Position(),
            "Where captions stand: a named place keeps its margin off the edge.",
            "bottom",
        ),
        Key(
            "margin",
            Length(16384, low=0, like="5%"),
            "How far they stay off the edges, in canvas pixels or of the canvas's smaller side; by "
            "default 5% of its width and height.",
        ),
        Key(
            "max_width",
            Length(like="80%"),
            "Width at which lines wrap, in canvas pixels or of the canvas's width; by default 80%, "
            "or 90% of a canvas that is higher than wide. Lines are made about equally long.",
        ),
        Key(
            "max_lines",
            Number(1, 20, integer=True),
            "How many lines a caption has, by default 2, or 4 on a canvas that is higher than "
            "wide. Longer ones are set in smaller type, down to 70%. What does not fit even then "
            "is shown in more lines, which `vedc validate` reports.",
        ),
        Key(
            "line_height",
            Number(above=0, high=10),
            "Distance between lines, as a multiple of the size.",
            1.2,
        ),
    ),
    advice={
        "outline": "use stroke_width and stroke_color",
        "outline_width": "use `stroke_width`",
        "outline_color": "use `stroke_color`",
        "border": "use stroke_width and stroke_color",
        "font_size": "use `size`",
        "fontsize": "use `size`",
        "font_family": "use `font`",
        "fontname": "use `font`",
        "primary_colour": "use `color`",
        "primary_color": "use `color`",
        "alignment": "use `position`",
        "background_color": "use `background`",
        "bg_color": "use `background`",
        "margin_v": "use `margin`",
        "lines": "use `max_lines`",
    },
)
CAPTIONS: Final = Record(
    "captions",
    "Captions, from a [file](#caption-files) or written in place. They become a stream of the film "
    "that viewers turn on and off; with `burn`, part of its picture.",
    (
        Key(
            "src",
            Text("an asset's id or a file", like="talk.srt"),
            "A file of SubRip (.srt), WebVTT (.vtt) or SubStation Alpha (.ass, .ssa); or an "
            "asset's id.",
        ),
        Key(
            "cues",
            ListOf(CUE, "cue", empty="no-captions"),
            "The captions, in place of a file: a list of {start, end, text}.",
        ),
        Key(
            "from",
            Word(("speech",)),
            "speech: they are made of what is said in the clips, which a [speech model](../docs/"
            "words.md) recognises. The words are kept in vedc.lock, where they can be corrected.",
        ),
        Key(
            "script",
            Text("a text file", like="talk.txt"),
            "As `from: speech`, where a file has the text that is said, in English.",
        ),
        Key(
            "of",
            Text("the id of a track", like="main"),
            "Of captions of the film that are made of speech: the track that speaks; by default "
            "the first.",
        ),
        Key(
            "max_chars",
            Number(10, 200, integer=True),
            "Of captions that are made of speech: how many letters a line has at most. There are "
            "two lines, which end where phrases do.",
            42,
        ),
        Key(
            "model",
            Text("a folder", like="models/whisper-base"),
            "With `from: speech`: the folder of the speech model; by default the one in models.",
        ),
        Key(
            "encoding",
            Encoding(),
            "The encoding of the file. By default its byte order mark says it, or it is UTF-8, or "
            "it is guessed, which `vedc validate` reports.",
        ),
        Key(
            "offset",
            Shift(),
            "Moves all of them: later, or below 0 earlier.",
            "0s",
        ),
        Key(
            "burn",
            Boolean(),
            "Whether they are drawn into the picture, for all viewers, instead.",
            False,
        ),
        Key("style", Short("preset", STYLE), "How they look if they are burned in."),
        Key(
            "highlight",
            Short("color", HIGHLIGHT),
            "Marks each word as it is said, if they are burned in: a colour, or its long form.",
        ),
        Key("language", Language(), "Their language, for players."),
        Key(
            "title",
            Text("a title", like="Director's comments"),
            "What players call the stream; by default its language.",
        ),
        Key(
            "default",
            Boolean(),
            "Whether players show them unless the viewer chooses otherwise. In MP4 and MOV one "
            "stream is always marked so, by default the first.",
            False,
        ),
        Key(
            "forced",
            Boolean(),
            "Whether they hold only what all viewers need, such as translations of signs.",
            False,
        ),
        Key("enabled", Boolean(), "If false, they are left out.", True),
        Key("metadata", Anything(), "Notes for people and tools; vedc ignores them."),
    ),
    either=(
        (("src", "cues"), "one names a file, the other is the text itself: keep one"),
        (("src", "from"), "one names a file, the other makes them of speech: keep one"),
        (("src", "script"), "one names a file, the other makes them of speech: keep one"),
        (("cues", "from"), "one is the text itself, the other makes them of speech: keep one"),
        (("cues", "script"), "one is the text itself, the other makes them of speech: keep one"),
        (("from", "script"), "a script says what is said: leave `from` out"),
    ),
    advice={
        "path": "use `src`",
        "file": "use `src`",
        "lang": "use `language`",
        "charset": "use `encoding`",
        "shift": "use `offset`",
        "delay": "use `offset`",
        "name": "use `title`",
        "label": "use `title`",
        "items": "use `cues`",
        "segments": "use `cues`",
        "chunks": "use `cues`",
        "speed": "write it on the clip, and the captions on the clip, too",
    },
)
_SHORT: Final = Short("src", CAPTIONS)
#: The source of captions: one of these.
_SOURCES: Final = ("src", "cues", "from", "script")
#: Those that make them of speech, and the keys for that.
_SPOKEN: Final = ("from", "script")
_OF_SPEECH: Final = ("of", "max_chars", "model")


class Captions(Type):
    """Captions of one kind or several: a file, a mapping, or a list of these or of cues."""

    takes_mappings = True
    phrase = (
        "a caption file such as talk.srt, a mapping such as {src: talk.srt, language: en}, or a "
        "list of these, or of cues such as {start: 1s, end: 3s, text: Hello}"
    )

    def schema(self, shared: Json) -> Json:
        given = {
            "anyOf": [{"required": [key]} for key in _SOURCES],
            "if": {"anyOf": [{"required": [key]} for key in _SPOKEN]},
            "then": {
                "allOf": [{"not": {"required": [key]}} for key in ("encoding", "offset")],
                "dependencies": {"model": ["from"]},
            },
            "else": {"allOf": [{"not": {"required": [key]}} for key in _OF_SPEECH]},
        }
        one = {"allOf": [_SHORT.schema(shared), {"if": {"type": "object"}, "then": given}]}
        cue = {"type": "object", "required": ["text"]}
        several = {
            "minItems": 1,
            "if": {"contains": cue},
            "then": {"items": CUE.schema(shared)},
            "else": {"items": one},
        }
        if "captions_of_something" not in shared:
            shared["captions_of_something"] = {
                "if": {"type": "array"},
                "then": several,
                "else": one,
            }
        return {"$ref": "#/definitions/captions_of_something"}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, list):
            if not node.value:
                problems.add("no-captions", f"{name} is empty", node, "name a file, or remove it")
            elif self._in_place(node):
                ListOf(CUE, "cue").check(node, name, problems)
            else:
                for element in node:
                    self._check_one(element, name, problems)
        else:
            self._check_one(node, name, problems)

    @staticmethod
    def _in_place(node: SpecNode) -> bool:
        return any(isinstance(each.value, dict) and "text" in each for each in node)

    @staticmethod
    def _check_one(node: SpecNode, name: str, problems: Problems) -> None:
        _SHORT.check(node, name, problems)
        if not isinstance(node.value, dict):
            return
        if not any(key in node for key in _SOURCES):
            meant = {CAPTIONS.meant(key) for key in node.entries}
            if not meant & set(_SOURCES):
                message = f"{name} need a file or cues, or to be made of speech"
                hint = "write src: talk.srt, or from: speech"
                problems.add("missing-key", message, node, hint)
        elif not any(key in node for key in _SPOKEN):
            for key in _OF_SPEECH:
                if key in node:
                    message = f"{key!r} is for captions that are made of speech"
                    hint = "leave it out, or write from: speech"
                    problems.add("no-effect", message, node[key].key_location, hint)
        for key, idle in (("model", "from"), ("encoding", "src"), ("offset", None)):
            spoken = any(key in node for key in _SPOKEN)
            if spoken and key in node and (idle is None or idle not in node):
                message = f"{key!r} has no effect on captions that are made of speech here"
                problems.add("no-effect", message, node[key].key_location, "leave it out")

    def canonical(self, node: SpecNode) -> SpecNode:
        if not isinstance(node.value, list):
            return SpecNode([_SHORT.canonical(node)], node.location, node.key_location)
        if self._in_place(node):
            cues = ListOf(CUE, "cue").canonical(node)
            held = SpecNode({"cues": cues.under(node.location)}, node.location)
            return SpecNode([held], node.location, node.key_location)
        return node.with_value([_SHORT.canonical(each) for each in node])


class CaptionedAuto(Record):
    """An item whose captions belong to the only source of its ``auto``."""

    def own_schema(self, shared: Json) -> Json:
        schema = super().own_schema(shared)
        pattern = {"not": {"type": "string", "pattern": "[*]"}}
        one = {"properties": {"from": {"maxItems": 1, "items": pattern, **pattern}}}
        rule = {"if": {"required": ["captions"]}, "then": {"properties": {"auto": one}}}
        return schema | {"allOf": [*schema.get("allOf", ()), rule]}

    def check_keys(self, node: SpecNode, problems: Problems) -> None:
        super().check_keys(node, problems)
        auto = node.get("auto")
        named = auto.get("from") if auto is not None and isinstance(auto.value, dict) else None
        if "captions" not in node or named is None:
            return
        sources = named.value if isinstance(named.value, list) else [named]
        if not isinstance(sources, list):
            return
        patterns = any(isinstance(each.value, str) and "*" in each.value for each in sources)
        if len(sources) > 1 or patterns:
            message = "captions belong to one file, and `auto` chooses from several"
            hint = "give each source an auto item of its own, or name its captions in vedc.lock"
            problems.add("conflict", message, node["captions"].key_location, hint)


#: The value of `captions`, wherever it stands.
CAPTIONS_VALUE: Final = Captions()

#: What other tools call captions.
CAPTION_WORDS: Final = (
    "caption", "subtitle", "subtitles", "subs", "subtitle_file", "subtitle_path", "srt", "vtt",
    "ass", "caption_file", "captions_file", "closed_captions", "transcript",
)  # fmt: skip
