"""The letters of a title with their colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from vedc.edit.captions import Rgba
from vedc.edit.contents import Text
from vedc.text import ink
from vedc.text.layout import Layout, Line, Rule
from vedc.text.shaping import Glyph

Floats = npt.NDArray[np.float32]


def letters(
    text: Text, scale: float, layout: Layout, part: Layout | None = None, times: int = 1
) -> Floats:
    """The letters of a layout, or of a part of it, without outline and shadow.

    (height, width, 4), premultiplied, 0..1, and ``times`` as large.
    """
    part = part or layout
    if any(span.color is not None for span in text.spans):
        return _in_colors(text, scale, layout, part, times)
    covered, own = ink.draw(part, text.color, times)
    if text.fill is None:
        pixels = covered[..., None] * premultiplied(text.color)
    else:
        pixels = covered[..., None] * _gradient(text, scale, layout, part, times)
    if own is not None:
        own = own * np.float32(text.color[3] / 255)
        pixels = own + (1 - own[..., 3:]) * pixels
    return pixels


def _in_colors(text: Text, scale: float, layout: Layout, part: Layout, times: int) -> Floats:
    """Letters of several colours, drawn one colour after the other."""
    colored = [span for span in text.spans if span.color is not None]

    def color_at(offset: int) -> Rgba | None:
        return next((s.color for s in colored if s.start <= offset < s.end), None)

    groups: dict[Rgba | None, list[Line]] = {}
    for line in part.lines:
        inside: dict[Rgba | None, tuple[list[Glyph], list[Rule]]] = {}
        for glyph in line.glyphs:
            shown = inside.setdefault(color_at(line.paragraph + glyph.cluster), ([], []))
            shown[0].append(glyph)
        for rule in line.rules:
            shown = inside.setdefault(color_at(line.paragraph + rule.cluster), ([], []))
            shown[1].append(rule)
        for color, (glyphs, rules) in inside.items():
            own = replace(line, glyphs=glyphs, rules=tuple(rules))
            groups.setdefault(color, []).append(own)
    pixels = np.zeros((part.height * times, part.width * times, 4), np.float32)
    for color, lines in groups.items():
        own_text = replace(text, spans=(), color=text.color if color is None else color)
        if color is not None:
            own_text = replace(own_text, fill=None)
        above = letters(own_text, scale, layout, replace(part, lines=tuple(lines)), times)
        pixels = above + (1 - above[..., 3:]) * pixels
    return pixels


def premultiplied(color: tuple[float, float, float, float]) -> Floats:
    """Red, green, blue and alpha of a colour, times its alpha."""
    red, green, blue, alpha = color
    return np.array([red * alpha, green * alpha, blue * alpha, alpha], np.float32)


def _gradient(text: Text, scale: float, layout: Layout, part: Layout, times: int) -> Floats:
    """The colours of a gradient at each pixel of a part, premultiplied: (height, width, 4)."""
    values = np.reshape(text.fill or (), (-1, 4))
    stops = np.stack([premultiplied(tuple(color)) for color in values])
    stroke = text.stroke_width * scale
    left, top, right, bottom = layout.ink or (0.0, 0.0, 1.0, 1.0)
    corner = np.array([left + stroke, top + stroke])
    size = np.array([right - left - 2 * stroke, bottom - top - 2 * stroke])
    start, end = (corner + np.array(point) * size for point in (text.fill_start, text.fill_end))
    across, down = end - start
    x = (np.arange(part.width * times) + 0.5) / times + (part.left - layout.left) - start[0]
    y = (np.arange(part.height * times)[:, None] + 0.5) / times + (part.top - layout.top)
    y = y - start[1]
    along = (x * across + y * down) / max(across * across + down * down, 1e-6)
    places = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(along, places, channel) for channel in stops.T], axis=-1).astype(
        np.float32
    )
