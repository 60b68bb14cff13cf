"""Glyphs of a font's SVG table, drawn by resvg.

A document holds one glyph or many, each as the element ``glyphN``. Its units are those of the
font, with y down from the baseline. It is untrusted data: only references within the document are
followed.
"""

from __future__ import annotations

import io
import re
import zlib
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import uharfbuzz as hb
from PIL import Image

_SVG = "http://www.w3.org/2000/svg"
_VARIABLE = re.compile(r"var\(\s*--color(\d{1,5})\s*(?:,\s*([^()]*(?:\([^()]*\))?[^()]*))?\)")
_GLYPH = re.compile(r"glyph\d+")
_LARGEST = 16 << 20
"""The most bytes of an unpacked document."""


def draw_svg(
    document: bytes,
    glyph: int,
    color: tuple[float, float, float, float],
    face: hb.Face,
    origin: tuple[float, float],
    size: tuple[int, int],
    scale: float,
) -> npt.NDArray[np.uint8] | None:
    """A glyph with its origin at a point of a picture; None if the document is damaged.

    ``scale`` is in pixels per font unit. Returns (height, width, 4): R'G'B' with alpha,
    premultiplied.
    """
    import resvg_py

    markup = _alone(document, glyph, color, face)
    if markup is None:
        return None
    x, y = -origin[0] / scale, -origin[1] / scale
    box = f"{x:.6f} {y:.6f} {size[0] / scale:.6f} {size[1] / scale:.6f}"
    page = (
        f'<svg xmlns="{_SVG}" width="{size[0]}" height="{size[1]}" viewBox="{box}" '
        f'preserveAspectRatio="none">{markup}</svg>'
    )
    try:
        data = resvg_py.svg_to_bytes(
            svg_string=page, skip_system_fonts=True, width=size[0], height=size[1]
        )
    except ValueError:
        return None
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        return np.asarray(image.convert("RGBA").convert("RGBa"))


def _alone(
    document: bytes, glyph: int, color: tuple[float, float, float, float], face: hb.Face
) -> str | None:
    """The markup of one glyph, with the font's colours and nothing external."""
    if document[:2] == b"\x1f\x8b":
        document = zlib.decompressobj(31).decompress(document, _LARGEST)
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        return None
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return None
    if root.tag != f"{{{_SVG}}}svg":
        return None
    palette = face.get_color_palette(0).colors if face.has_color_palettes else ()

    def painted(match: re.Match[str]) -> str:
        number = int(match[1])
        if number < len(palette):
            found = palette[number]
            return f"rgba({found.red},{found.green},{found.blue},{found.alpha / 255:.4f})"
        return match[2] or "currentColor"

    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name.split("}")[-1] == "href" and not value.startswith("#"):
                del element.attrib[name]
            elif "var(" in value:
                element.set(name, _VARIABLE.sub(painted, value))
    # Other glyphs of the document are not drawn, but this one may use their parts.
    hidden = ElementTree.Element(f"{{{_SVG}}}defs")
    for child in list(root):
        name = child.get("id", "")
        if _GLYPH.fullmatch(name) and name != f"glyph{glyph}":
            root.remove(child)
            hidden.append(child)
    root.insert(0, hidden)
    if "viewBox" in root.attrib:  # its box is the em
        root.set("width", str(face.upem))
        root.set("height", str(face.upem))
        root.set("overflow", "visible")
    else:
        root.tag = f"{{{_SVG}}}g"
    red, green, blue = (round(value * 255) for value in color[:3])
    root.set("color", f"rgb({red},{green},{blue})")
    return ElementTree.tostring(root, encoding="unicode")
