"""Fonts with colours, made by fontTools: a letter of two squares in every format there is.

An em is 1000 units. ``A`` (and U+1F600) advances by one em and is drawn from x = 100 to 900 and
from the baseline up to 800: red on the left half, blue on the right.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables import C_B_D_T_, E_B_L_C_, otTables
from fontTools.ttLib.tables.BitmapGlyphMetrics import SmallGlyphMetrics
from fontTools.ttLib.tables.S_V_G_ import SVGDocument
from fontTools.ttLib.tables.sbixGlyph import Glyph
from fontTools.ttLib.tables.sbixStrike import Strike
from PIL import Image

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)
_A = 2
"""The index of the glyph ``A``."""


def make(path: Path, kind: str) -> Path:
    """Write the font of a kind of :data:`KINDS`."""
    builder = _base(f"Two Squares {kind}", outlines=not kind.endswith("alone"))
    KINDS[kind](builder)
    builder.save(path)
    return path


def _square(left: int, right: int) -> Any:
    pen = TTGlyphPen(None)
    pen.moveTo((left, 0))
    for point in ((left, 800), (right, 800), (right, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


def _base(family: str, outlines: bool) -> FontBuilder:
    builder = FontBuilder(1000)
    edges = {".notdef": 100, "space": 0, "A": 100 if outlines else 0, "left": 100, "right": 500}
    builder.setupGlyphOrder(list(edges))
    builder.setupCharacterMap({32: "space", 65: "A", 0x1F600: "A"})
    empty = TTGlyphPen(None).glyph()
    builder.setupGlyf(
        {
            ".notdef": _square(100, 500),
            "space": empty,
            "A": _square(100, 900) if outlines else empty,
            "left": _square(100, 500),
            "right": _square(500, 900),
        }
    )
    builder.setupHorizontalMetrics({name: (1000, left) for name, left in edges.items()})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    return builder


_PALETTE = [(1, 0, 0, 1), (0, 0, 1, 1), (0, 1, 0, 0.5)]


def _layers(builder: FontBuilder) -> None:
    builder.setupCPAL([_PALETTE])
    builder.setupCOLR({"A": [("left", 0), ("right", 1)]})


def _shape(glyph: str, paint: dict[str, Any]) -> dict[str, Any]:
    return {"Format": otTables.PaintFormat.PaintGlyph, "Glyph": glyph, "Paint": paint}


def _solid(color: int) -> dict[str, Any]:
    return {"Format": otTables.PaintFormat.PaintSolid, "PaletteIndex": color, "Alpha": 1.0}


def _painted(builder: FontBuilder, left: dict[str, Any], right: dict[str, Any]) -> None:
    builder.setupCPAL([_PALETTE])
    layers = [_shape("left", left), _shape("right", right)]
    builder.setupCOLR({"A": (otTables.PaintFormat.PaintColrLayers, layers)})


def _gradient(builder: FontBuilder) -> None:
    """The left square runs from red to blue; the right one is half-transparent green."""
    line = {"Extend": "pad", "ColorStop": [(0, 0), (1, 1)]}
    fade = {
        "Format": otTables.PaintFormat.PaintLinearGradient,
        "ColorLine": line,
        "x0": 100,
        "y0": 0,
        "x1": 500,
        "y1": 0,
        "x2": 100,
        "y2": 100,
    }
    _painted(builder, fade, _solid(2))


def _foreground(builder: FontBuilder) -> None:
    """The right square has the colour of the text."""
    _painted(builder, _solid(0), _solid(0xFFFF))


_SQUARES = (
    '<rect x="100" y="-800" width="400" height="800" fill="{red}"/>'
    '<rect x="500" y="-800" width="400" height="800" fill="{blue}"/>'
)


def _svg(builder: FontBuilder, red: str = "#f00", blue: str = "#00f", packed: bool = False) -> None:
    # A second glyph in the same document, which must not be drawn.
    other = '<g id="glyph1"><rect y="-1000" width="1000" height="1000" fill="#0f0"/></g>'
    shapes = _SQUARES.format(red=red, blue=blue)
    markup = f'<svg xmlns="http://www.w3.org/2000/svg">{other}<g id="glyph{_A}">{shapes}</g></svg>'
    table = newTable("SVG ")
    table.docList = [SVGDocument(markup, 1, _A, packed)]
    builder.font["SVG "] = table


def _svg_with_palette(builder: FontBuilder) -> None:
    builder.setupCPAL([_PALETTE])
    _svg(builder, "var(--color0, #0f0)", "var(--color9, blue)", packed=True)


def _png() -> bytes:
    picture = Image.new("RGBA", (80, 80), RED)
    picture.paste(BLUE, (40, 0, 80, 80))
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def _sbix(builder: FontBuilder) -> None:
    table = newTable("sbix")
    table.version, table.flags = 1, 1
    strike = Strike(ppem=100, resolution=72)
    for name in builder.font.getGlyphOrder():
        strike.glyphs[name] = Glyph(glyphName=name)
    strike.glyphs["A"] = Glyph(
        graphicType="png ", glyphName="A", imageData=_png(), originOffsetX=10, originOffsetY=0
    )
    table.strikes, table.numStrikes = {100: strike}, 1
    builder.font["sbix"] = table


_LINE = dict.fromkeys(
    (
        *("caretSlopeDenominator", "caretOffset", "minOriginSB", "minAdvanceSB"),
        *("maxBeforeBL", "minAfterBL", "pad1", "pad2"),
    ),
    0,
) | {"ascender": 80, "descender": -20, "widthMax": 100, "caretSlopeNumerator": 1}


def _cbdt(builder: FontBuilder) -> None:
    font = builder.font
    data, index = newTable("CBDT"), newTable("CBLC")
    picture = C_B_D_T_.cbdt_bitmap_format_17(b"", font)
    picture.metrics = SmallGlyphMetrics()
    sides = {"height": 80, "width": 80, "BearingX": 10, "BearingY": 80, "Advance": 100}
    vars(picture.metrics).update(sides)
    picture.imageData = _png()
    data.version, data.extraData, data.strikeData = 3.0, None, [{"A": picture}]
    strike, table = E_B_L_C_.Strike(), E_B_L_C_.BitmapSizeTable()
    glyphs = {"startGlyphIndex": _A, "endGlyphIndex": _A}
    sizes = {"ppemX": 100, "ppemY": 100, "bitDepth": 32, "flags": 1, "colorRef": 0}
    vars(table).update(glyphs | sizes)
    for direction in ("hori", "vert"):
        line = E_B_L_C_.SbitLineMetrics()
        vars(line).update(_LINE)
        setattr(table, direction, line)
    strike.bitmapSizeTable = table
    part = E_B_L_C_.eblc_index_sub_table_1(b"", font)
    part.firstGlyphIndex = part.lastGlyphIndex = _A
    part.indexFormat, part.imageFormat, part.imageDataOffset = 1, 17, 0
    part.names, part.locations = ["A"], [(0, 0)]
    strike.indexSubTables = [part]
    index.version, index.strikes = 3.0, [strike]
    font["CBDT"], font["CBLC"] = data, index


KINDS: Final[Mapping[str, Callable[[FontBuilder], None]]] = {
    "colr0": _layers,
    "colr1": lambda builder: _painted(builder, _solid(0), _solid(1)),
    "colr1-gradient": _gradient,
    "colr1-foreground": _foreground,
    "svg": _svg,
    "svg-palette": _svg_with_palette,
    "sbix": _sbix,
    "sbix-alone": _sbix,
    "cbdt": _cbdt,
    "cbdt-alone": _cbdt,
}
"""``alone``: without outlines, as fonts of emoji are."""

PLAIN: Final = [kind for kind in KINDS if kind not in ("colr1-gradient", "colr1-foreground")]
"""Those that draw exactly the red and the blue square."""
