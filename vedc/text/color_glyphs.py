"""Glyphs with their own colours: COLR (layers and gradients), pictures, and SVG.

HarfBuzz paints COLR of both versions. The pictures of CBDT and sbix are PNG files, which Pillow
scales; SVG is drawn by resvg (:mod:`vedc.text.svg_glyphs`).
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import uharfbuzz as hb

from vedc.support.lazy_dataclass import dataclass
from vedc.text.faces import UNIT, Face
from vedc.text.layout import Layout
from vedc.text.shaping import Glyph

Bytes = npt.NDArray[np.uint8]
Color = tuple[float, float, float, float]

#: Pixels of a picture in a font; the largest in use have 512 x 512.
_LARGEST = 4096 * 4096


@dataclass(frozen=True, slots=True)
class Place:
    """A picture of ``width`` x ``height`` pixels, and the glyph's origin in it (y down)."""

    x: float
    y: float
    width: int
    height: int
    factor: int
    """Pixels of the picture to a pixel of the font's size."""


def is_colored(face: Face, font: hb.Font, glyph: int) -> bool:
    """Whether a glyph is drawn by :func:`draw_colored`, not as an outline."""
    if not face.colored:
        return False
    found = face.hb
    return bool(
        (found.has_color_paint and found.glyph_has_color_paint(glyph))
        or (found.has_color_layers and found.get_glyph_color_layers(glyph))
        or (found.has_color_png and _png(font, glyph))
        or (found.has_color_svg and found.get_glyph_color_svg(glyph).data)
    )


def draw_colored(layout: Layout, glyphs: Iterable[Glyph], color: Color, factor: int) -> Bytes:
    """Coloured glyphs over each other, at ``factor`` times the layout's size.

    ``glyphs`` have positions in the title. Returns (height, width, 4): R'G'B' with alpha,
    premultiplied. Parts that a glyph leaves to the text take ``color``, without its alpha.
    """
    total = np.zeros((layout.height * factor, layout.width * factor, 4), np.uint8)
    for glyph in glyphs:
        face, font = layout.shaper.faces[glyph.font], layout.shaper.fonts[glyph.font]
        x, y = (glyph.x - layout.left) * factor, (glyph.y - layout.top) * factor
        box = layout.shaper.box(glyph.font, glyph.number)
        if box is None:
            continue
        left, top = int(x + box[0] * factor) - 1, int(y + box[1] * factor) - 1
        right, bottom = int(x + box[2] * factor) + 2, int(y + box[3] * factor) + 2
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, total.shape[1]), min(bottom, total.shape[0])
        if left >= right or top >= bottom:
            continue
        place = Place(x - left, y - top, right - left, bottom - top, factor)
        drawn = _draw(face, font, glyph.number, color, place)
        if drawn is not None:
            part = total[top:bottom, left:right]
            under = part * ((255 - drawn[..., 3:].astype(np.uint16)) / 255)
            part[...] = drawn + np.rint(under).astype(np.uint8)
    return total


def _draw(face: Face, font: hb.Font, glyph: int, color: Color, place: Place) -> Bytes | None:
    painted = _paint(font, glyph, color, place)
    if painted is not None:
        return painted
    data = _png(font, glyph)
    if data:
        return _scaled(data, font, glyph, place)
    document = face.hb.get_glyph_color_svg(glyph).data
    if not document:
        return None
    from vedc.text.svg_glyphs import draw_svg

    scale = place.factor * font.scale[0] / UNIT / face.hb.upem
    size = place.width, place.height
    return draw_svg(document, glyph, color, face.hb, (place.x, place.y), size, scale)


def _paint(font: hb.Font, glyph: int, color: Color, place: Place) -> Bytes | None:
    """A COLR glyph; None for other glyphs."""
    painter = hb.RasterPaint()
    painter.scale_factor = (UNIT, UNIT)
    below = place.height - place.y
    k = place.factor
    painter.transform = (k, 0, 0, k, place.x * UNIT, below * UNIT)
    painter.extents = hb.RasterExtents(0, 0, place.width, place.height, 0)
    painter.foreground = hb.Color(*(round(value * 255) for value in color[:3]), 255)
    if not painter.paint_glyph_or_fail(font, glyph):
        return None
    image = painter.render()
    rows = np.frombuffer(bytes(image.buffer), np.uint8).reshape(place.height, -1)
    pixels = rows[::-1, : 4 * place.width].reshape(place.height, place.width, 4)
    return pixels[..., [2, 1, 0, 3]]


def _png(font: hb.Font, glyph: int) -> bytes:
    """The font's largest picture of a glyph; empty if there is none."""
    return bytes(font.get_glyph_color_png(glyph).data)


def _scaled(data: bytes, font: hb.Font, glyph: int, place: Place) -> Bytes | None:
    """A picture where the font puts it, sampled at the place's own pixels."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > _LARGEST:
                return None
            source = image.convert("RGBA").convert("RGBa")
    except (OSError, SyntaxError, ValueError):  # a damaged picture
        return None
    extents = font.get_glyph_extents(glyph)
    across = place.factor * extents.width / UNIT / source.width
    down = -place.factor * extents.height / UNIT / source.height
    if across <= 0 or down <= 0:
        return None
    # Clear pixels around it: the box in its own pixels that the place shows may reach beyond.
    x = place.x + place.factor * extents.x_bearing / UNIT
    y = place.y - place.factor * extents.y_bearing / UNIT
    left, top = -x / across, -y / down
    right, bottom = left + place.width / across, top + place.height / down
    margin = int(max(-left, -top, right - source.width, bottom - source.height, 0)) + 2
    size = (source.width + 2 * margin, source.height + 2 * margin)
    padded = Image.new("RGBa", size)
    padded.paste(source, (margin, margin))
    box = (left + margin, top + margin, right + margin, bottom + margin)
    resized = padded.resize((place.width, place.height), Image.Resampling.BICUBIC, box)
    pixels = np.array(resized)
    np.minimum(pixels[..., :3], pixels[..., 3:], out=pixels[..., :3])
    return pixels
