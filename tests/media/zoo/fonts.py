"""Fonts: colours in every format, fonts that lack letters, and unusable fonts.

The letter ``A`` of each font is a red square beside a blue one (``tests.color_fonts``). At 100
pixels on a canvas of 120 x 120 they reach from 20 to 60 and from 60 to 100 across, and from 11 to
91 down.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

from tests.color_fonts import make
from tests.media.zoo.entry import Entry, Rgb, Right

_RED, _BLUE, _BLACK, _WHITE = (255.0, 0.0, 0.0), (0.0, 0.0, 255.0), (0.0,) * 3, (255.0,) * 3
_CANVAS = {"width": 120, "height": 120, "fps": 25}


def _squares(left: Rgb, right: Rgb, notes: frozenset[str] = frozenset()) -> Right:
    around = {(0, 0.08, 0.5): _BLACK, (0, 0.92, 0.5): _BLACK, (0, 0.5, 0.9): _BLACK}
    inside = {
        (0, 0.3, 0.3): left,
        (4, 0.42, 0.7): left,
        (0, 0.58, 0.2): right,
        (4, 0.7, 0.6): right,
    }
    return Right((120, 120), frames=5, spots=around | inside, notes=notes)


def _title(
    name: str,
    why: str,
    write: Callable[[Path], object],
    right: Right,
    words: str = "A",
    **more: object,
) -> Entry:
    item = {"text": words, "font": name, "size": 100, "duration": 0.2} | more
    return Entry(name, why, write, right, profile=_CANVAS, timeline=lambda _: [item])


def _colored(kind: str, why: str, left: Rgb = _RED, right: Rgb = _BLUE, **more: object) -> Entry:
    return _title(f"{kind}.ttf", why, lambda path: make(path, kind), _squares(left, right), **more)


def _without(kind: str, *tables: str) -> Callable[[Path], object]:
    """A font that lost these tables."""

    def write(path: Path) -> None:
        with TTFont(make(path, kind)) as font:
            for table in tables:
                del font[table]
            font.save(path)

    return write


def _cut(path: Path) -> None:
    path.write_bytes(make(path, "colr1").read_bytes()[:400])


def _collect(path: Path) -> None:
    collection = TTCollection()
    collection.fonts.append(TTFont(make(path, "colr1")))
    collection.save(path)


ENTRIES = (
    _colored("colr0", "COLR version 0: layers of plain colours"),
    _colored("colr1", "COLR version 1: a tree of paints"),
    _colored("svg", "an SVG table with several glyphs in a document"),
    _colored("svg-palette", "a packed SVG table that refers to the palette"),
    _colored("sbix", "pictures of Apple's format, with outlines beneath"),
    _colored("sbix-alone", "pictures of Apple's format, without outlines"),
    _colored("cbdt", "pictures of Google's format, with outlines beneath"),
    _colored("cbdt-alone", "pictures of Google's format, without outlines"),
    _colored(
        "colr1-foreground",
        "a layer in the colour of the text",
        right=(0.0, 128.0, 64.0),
        color="#008040",
    ),
    _title(
        "emoji.ttf",
        "a smiling face instead of a letter",
        lambda path: make(path, "colr1"),
        _squares(_RED, _BLUE),
        "\U0001f600",
    ),
    _title(
        "half.ttf",
        "a translucent text colour",
        lambda path: make(path, "cbdt"),
        _squares((128.0, 0.0, 0.0), (0.0, 0.0, 128.0)),
        color="#00ff0080",
    ),
    _title(
        "no-colors.ttf",
        "the COLR table is gone: what is left is an outline",
        _without("colr1", "COLR", "CPAL"),
        _squares(_WHITE, _WHITE),
    ),
    _title(
        "no-bars.ttf",
        "a font without the letter: vedc's own font fills in",
        lambda path: make(path, "colr1"),
        Right(
            (120, 120),
            frames=5,
            spots={(0, 0.5, 0.5): _WHITE, (0, 0.25, 0.5): _BLACK, (4, 0.75, 0.5): _BLACK},
            notes=frozenset({"glyph-substituted"}),
        ),
        "|",
        size=60,
        stroke_width=4,
        stroke_color="#ffffff",
    ),
    _title(
        "wide.ttf",
        "text that leaves the canvas",
        lambda path: make(path, "colr1"),
        Right((120, 120), frames=5, notes=frozenset({"default-wrap", "text-cut"})),
        "AAA",
    ),
    _title(
        "no-map.ttf",
        "a font without a character map",
        _without("colr1", "cmap"),
        Right(refused="bad-font"),
    ),
    _title("cut.ttf", "a font that ends early", _cut, Right(refused="bad-font")),
    _title(
        "web.woff2",
        "a web font, packed",
        lambda path: path.write_bytes(b"wOF2" + bytes(200)),
        Right(refused="bad-font"),
    ),
    _title(
        "collection.ttc",
        "a collection of one font",
        _collect,
        _squares(_RED, _BLUE),
    ),
)
