"""Font files as HarfBuzz sees them."""

from __future__ import annotations

import os
from functools import cached_property, lru_cache

import uharfbuzz as hb

from vedc.errors import MissingError, RenderError

#: HarfBuzz counts in whole numbers: units per pixel.
UNIT = 256

#: The slant of synthetic italics: 12 degrees, as in most italics.
SLANT = 0.2126
#: Extra weight of synthetic bold, in ems.
BOLDER = 0.025

_SIGNATURES = (b"\x00\x01\x00\x00", b"true", b"OTTO", b"ttcf")


class Face:
    """The first face of a font file. Made by :func:`open_face`; it never changes."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.hb = hb.Face(hb.Blob(data))

    @cached_property
    def characters(self) -> hb.Set:
        """The code points that it has a glyph for."""
        return self.hb.unicodes

    @cached_property
    def colored(self) -> bool:
        """Whether some of its glyphs have their own colours."""
        face = self.hb
        return bool(
            face.has_color_paint
            or face.has_color_layers
            or face.has_color_png
            or face.has_color_svg
        )

    def at(self, size: float, *, italic: bool = False, bold: bool = False) -> hb.Font:
        """The face with an em of ``size`` pixels, unhinted. Lengths are in 1 / ``UNIT`` pixel.

        ``italic`` slants it, and ``bold`` makes its strokes heavier.
        """
        font = hb.Font(self.hb)
        font.scale = (round(size * UNIT),) * 2
        if italic:
            font.synthetic_slant = SLANT
        if bold:
            font.synthetic_bold = (BOLDER, BOLDER, True)
        return font


def ink_box(face: Face, font: hb.Font, glyph: int) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of a glyph's ink, from its origin, in pixels with y down.

    None if it has none. The ink of an SVG glyph is not known: the box is then at least the em's.
    """
    extents = font.get_glyph_extents(glyph)
    boxes = []
    if extents is not None and extents.width and extents.height:
        left, top = extents.x_bearing, -extents.y_bearing
        boxes.append((left, top, left + extents.width, top - extents.height))
    if face.hb.has_color_svg and face.hb.get_glyph_color_svg(glyph).data:
        line = font.get_font_extents("ltr")
        advance = font.get_glyph_h_advance(glyph)
        boxes.append((0, -line.ascender, max(advance, font.scale[0]), -line.descender))
    if not boxes:
        return None
    left, top = (min(box[i] for box in boxes) / UNIT for i in (0, 1))
    right, bottom = (max(box[i] for box in boxes) / UNIT for i in (2, 3))
    return left, top, right, bottom


def open_face(path: str) -> Face:
    """Read a font. Raises :class:`UserError`: ``missing-font``, ``bad-font``."""
    try:
        found = os.stat(path)
        return _open(path, found.st_size, found.st_mtime_ns, found.st_ino)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise MissingError.one(
            "missing-font", f"cannot read the font {path}: {error}", hint="check the path"
        ) from error


@lru_cache(maxsize=16)
def _open(path: str, *_stamp: int) -> Face:
    with open(path, "rb") as file:
        data = file.read()
    face = Face(path, data)
    if data[:4] not in _SIGNATURES or face.hb.glyph_count == 0 or not face.characters:
        raise RenderError.one(
            "bad-font",
            f"cannot use the font {path}: it is damaged, or not a TrueType or OpenType file",
            hint="use another TTF, OTF or TTC font",
        )
    return face
