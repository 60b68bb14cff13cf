"""The texts of Shotstack: text, title and HTML assets as the keys of a text."""

from __future__ import annotations

import html
import re
from typing import Any

from vedc.interchange.common.draft import tidy
from vedc.interchange.foreign.node import Node
from vedc.interchange.services import shotstack_words as words


def text(asset: Node) -> dict[str, Any] | None:
    text = asset.text("text")
    if not text:
        asset.lose("holds no text")
        return None
    keys: dict[str, Any] = {"text": text}
    font = asset.mapping("font")
    if font is not None:
        size = font.number("size", low=1, high=4096)
        if size:
            keys["size"] = tidy(size)
        if (color := font.text("color")) is not None:
            keys["color"] = color
        if (family := font.text("family")) is not None:
            font.tell(f"the font {family!r}", "vedc's own; write `font` where there is it")
        if (high := font.number("lineHeight", low=0.01, high=10)) is not None:
            keys["line_height"] = tidy(high)
        if (opacity := font.number("opacity", low=0, high=1)) is not None and opacity != 1:
            keys["opacity"] = tidy(opacity)
        weight = font.number("weight")
        if weight is not None and weight != 400:
            font.tell("the weight of a font", "that of its file")
    ground = asset.mapping("background")
    if ground is not None and (color := ground.text("color")) is not None:
        opacity = ground.number("opacity", low=0, high=1)
        tail = "" if opacity is None or len(color) != 7 else f"{round(float(opacity) * 255):02x}"
        keys["background"] = color + tail
    stroke = asset.mapping("stroke")
    if stroke is not None:
        width = stroke.number("width", low=0, high=256)
        if width:
            keys["stroke"] = {"width": tidy(width), "color": stroke.text("color") or "#000000"}
    aligned = asset.mapping("alignment")
    across = aligned.text("horizontal") if aligned is not None else None
    down = aligned.text("vertical") if aligned is not None else None
    if across in ("left", "right"):
        keys["align"] = across
    width, height = (asset.number(key, low=1, high=16384) for key in ("width", "height"))
    if width is not None and height is not None:
        keys["box"] = {"width": tidy(width), "height": tidy(height)}
        if down in ("top", "bottom"):
            keys["vertical_align"] = down
    elif width is not None:
        keys["max_width"] = tidy(width)
    elif height is not None:
        asset.tell("the height of a text without a width", "left out", "lost")
    return keys


def title(asset: Node) -> dict[str, Any] | None:
    text = asset.text("text")
    if not text:
        asset.lose("holds no text")
        return None
    keys: dict[str, Any] = {"text": text}
    size = asset.text("size") or "medium"
    keys["size"] = words.TITLE_SIZES.get(size, "7%")
    for key, own in (("color", "color"), ("background", "background")):
        if (color := asset.text(key)) is not None and color.lower() != "transparent":
            keys[own] = _argb(color)
    style = asset.text("style")
    asset.tell(f"the style {style or 'minimal'!r} of a title", "vedc's own font, about as large")
    if (place := asset.text("position")) is not None:
        keys["position"] = words.PLACES.get(place, "center")
    return keys


def markup(asset: Node) -> dict[str, Any] | None:
    source = asset.text("html") or ""
    plain = re.sub(r"<(br|/p|/div)[^>]{0,200}>", "\n", source, flags=re.IGNORECASE)
    text = html.unescape(re.sub(r"<[^>]{0,2000}>", "", plain)).strip()
    for key in ("css", "background"):
        asset.drop(key, "styles a piece of HTML")
    for key in ("width", "height"):
        asset.number(key)
    place = asset.text("position")
    if not text:
        asset.lose("is HTML without text")
        return None
    asset.tell("a piece of HTML", "its text alone")
    keys: dict[str, Any] = {"text": text}
    if place is not None:
        keys["position"] = words.PLACES.get(place, "center")
    return keys


def _argb(color: str) -> str:
    """``#aarrggbb`` as ``#rrggbbaa``."""
    return f"#{color[3:]}{color[1:3]}" if len(color) == 9 and color.startswith("#") else color
