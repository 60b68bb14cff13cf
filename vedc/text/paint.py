"""The letters of a title with their colours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vedc.edit.model import Text
from vedc.text import ink
from vedc.text.layout import Layout

Floats = npt.NDArray[np.float32]


def letters(
    text: Text, scale: float, layout: Layout, part: Layout | None = None, times: int = 1
) -> Floats:
    """The letters of a layout, or of a part of it, without outline and shadow.

    (height, width, 4), premultiplied, 0..1, and ``times`` as large.
    """
    part = part or layout
    covered, own = ink.draw(part, text.color, times)
    if text.fill is None:
        pixels = covered[..., None] * premultiplied(text.color)
    else:
        pixels = covered[..., None] * _gradient(text, scale, layout, part, times)
    if own is not None:
        own = own * np.float32(text.color[3] / 255)
        pixels = own + (1 - own[..., 3:]) * pixels
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
