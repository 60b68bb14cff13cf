"""Titles: their type, their spans and their animations."""

from __future__ import annotations

from typing import Final

from vedc.edit.text_motion import PRESETS, UNITS
from vedc.lang.keys.item import keys_of
from vedc.lang.keys.parts import (
    COMMON,
    place_keys,
)
from vedc.lang.records.common import SOUND_ADVICE
from vedc.lang.schema.easings import EasingType
from vedc.lang.schema.lengths import Length, LengthOrNone, Lengths
from vedc.lang.schema.quantities import ColorValue, Pair
from vedc.lang.schema.records import Key, ListOf, Record, Several, Short
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Boolean, Number, Text, Word

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
TEXT_STROKE: Final = Record(
    "text stroke",
    "The outline of a title.",
    (
        Key(
            "width",
            Length(256, low=0, like="0.4%"),
            "Its width, in canvas pixels or of the canvas's smaller side.",
            required=True,
            example="width: 3",
        ),
        Key("color", ColorValue(), "Its colour.", "#000000"),
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
        Key(
            "stroke",
            Short("width", TEXT_STROKE),
            "Short for both: a width, or {width: 3, color: navy}.",
        ),
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
    later=("markers", "style"),
    either=(
        (("box", "max_width"), "lines wrap at the width of the box: keep one"),
        (("color", "fill"), "a gradient has its own colours: keep one"),
        (("stroke", "stroke_width"), "both give the width of the outline: keep one"),
        (("stroke", "stroke_color"), "both give its colour: write stroke: {width: 3, color: navy}"),
    ),
    advice={
        **SOUND_ADVICE,
        "crop": "cut it with `mask`",
    },
)
