"""The texts of Shotstack: text, title and HTML assets as the keys of a text."""

from __future__ import annotations

import html
import re
from fractions import Fraction
from typing import Any

from vedc.interchange.common.draft import seconds, tidy
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
            font.note_loss(f"the font {family!r}", "vedc's own; set `font` if you have it")
        if (high := font.number("lineHeight", low=0.01, high=10)) is not None:
            keys["line_height"] = tidy(high)
        if (opacity := font.number("opacity", low=0, high=1)) is not None and opacity != 1:
            keys["opacity"] = tidy(opacity)
        weight = font.number("weight")
        if weight is not None and weight != 400:
            font.note_loss("the weight of a font", "that of its file")
    ground = asset.mapping("background")
    if ground is not None and (color := ground.text("color")) is not None:
        opacity = ground.number("opacity", low=0, high=1)
        keys["background"] = color + _alpha(color, opacity)
        if (padding := ground.number("padding", low=0, high=1000)) is not None:
            keys["padding"] = tidy(padding)
    stroke = asset.mapping("stroke")
    if stroke is not None:
        width = stroke.number("width", low=0, high=256)
        if width:
            keys["stroke"] = {"width": tidy(width), "color": stroke.text("color") or "#000000"}
    moves = asset.mapping("animation")
    if moves is not None:
        _animated(moves, keys)
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
        asset.note_loss("the height of a text without a width", "left out", "lost")
    return keys


def _animated(node: Node, keys: dict[str, Any]) -> None:
    """How the letters appear."""
    name, lasts = node.text("preset"), node.number("duration", low=0.01, high=600)
    if name not in words.ANIMATIONS:
        node.note_loss(f"the animation {name!r} of a text", "left out", "lost")
        return
    way: dict[str, Any] = {"preset": words.ANIMATIONS[name]}
    if lasts is not None:
        way["duration"] = seconds(lasts)
    keys["animate"] = {"in": way}


def shape(asset: Node) -> dict[str, Any] | None:
    """A rectangle, a circle or a line as a colour in a box."""
    kind = asset.text("shape") or ""
    form = asset.mapping(kind) if kind in ("rectangle", "circle", "line") else None
    if form is None:
        asset.lose(f"is the shape {kind!r} without a size")
        return None
    across, down, radius = (
        form.number(key, low=0, high=16384)
        for key in {
            "rectangle": ("width", "height", "cornerRadius"),
            "circle": ("radius", "radius", "radius"),
            "line": ("length", "thickness", "cornerRadius"),
        }[kind]
    )
    if not across or not down:
        asset.lose(f"is a {kind} without a size")
        return None
    if kind == "circle":
        across = down = 2 * across
    fill = asset.mapping("fill")
    color = (fill.text("color") if fill is not None else None) or "#000000"
    opacity = fill.number("opacity", low=0, high=1) if fill is not None else None
    keys: dict[str, Any] = {"color": color + _alpha(color, opacity)}
    keys |= {"width": tidy(across), "height": tidy(down)}
    if radius:
        keys["radius"] = tidy(radius)
    stroke = asset.mapping("stroke")
    if stroke is not None and (width := stroke.number("width", low=0, high=1000)):
        keys["border"] = {"width": tidy(width), "color": stroke.text("color") or "#000000"}
    for side in ("width", "height"):
        asset.drop(side, "is the viewport of a shape")
    return keys


def _alpha(color: str, opacity: Fraction | None) -> str:
    """An opacity as the last two digits of a colour."""
    return "" if opacity is None or len(color) != 7 else f"{round(float(opacity) * 255):02x}"


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
    asset.note_loss(
        f"the style {style or 'minimal'!r} of a title", "vedc's own font, about as large"
    )
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
    asset.note_loss("a piece of HTML", "its text alone")
    keys: dict[str, Any] = {"text": text}
    if place is not None:
        keys["position"] = words.PLACES.get(place, "center")
    return keys


def _argb(color: str) -> str:
    """``#aarrggbb`` as ``#rrggbbaa``."""
    return f"#{color[3:]}{color[1:3]}" if len(color) == 9 and color.startswith("#") else color
