"""Titles as bitmaps.

HarfBuzz shapes and draws, with exact coverage of each pixel and glyphs at any fraction of one, so
that a slowly growing title does not jitter; ICU orders what runs from right to left and finds
where lines may break. Both come with their wheels: no system library is needed.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from vedc.edit.model import Text
from vedc.edit.text_box import TextBox
from vedc.text.bitmap import Bitmap
from vedc.text.layout import Layout, lay_out

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def engine() -> str:
    """Names and versions of the libraries that determine a title's pixels."""
    names = ("uharfbuzz", "pyicu-wheels", "pillow", "resvg_py", "opencv-python-headless")
    return ", ".join(f"{name} {version(name)}" for name in names)


def measure(text: Text, scale: float = 1.0) -> TextBox:
    """The size of what :func:`render_text` returns, and the ink in it, without drawing it.

    Raises as :func:`render_text` does.
    """
    layout = lay_out(text, scale)
    return TextBox(layout.width, layout.height, layout.ink, layout.beyond)


def render_text(text: Text, scale: float = 1.0) -> Bitmap:
    """Draw a title at ``scale`` times its size: lengths are canvas pixels times ``scale``.

    Strokes run ``stroke_width`` outside of the letters, with round joins. A translucent fill
    does not show the stroke beneath it. Glyphs with colours of their own take only the alpha of
    ``color``. Characters that the font lacks come out as its ``.notdef`` box; the spec's checks
    refuse them before.

    Raises :class:`UserError`: ``missing-font`` or ``bad-font`` (the file), ``text-too-large``.
    """
    import numpy as np

    from vedc.text import ink

    layout = lay_out(text, scale)
    fill, own = ink.draw(layout, text.color, 1)
    letters = _premultiplied(text.color) if text.fill is None else _gradient(text, layout, scale)
    pixels = fill[..., None] * letters
    if own is not None:
        own = own * np.float32(text.color[3] / 255)
        pixels = own + (1 - own[..., 3:]) * pixels
    if text.stroke_width:
        covered, around = ink.stroke(layout, text.color, text.stroke_width * scale)
        under = ((1 - covered) * around)[..., None] * _premultiplied(text.stroke_color)
        pixels += under
    if text.shadow is not None:
        offset = text.shadow_offset[0] * scale, text.shadow_offset[1] * scale
        shade = ink.shadow(pixels[..., 3], offset, text.shadow_blur * scale)
        pixels += ((1 - pixels[..., 3]) * shade)[..., None] * _premultiplied(text.shadow)
    if text.background is not None:
        pixels += (1 - pixels[..., 3:]) * _premultiplied(text.background)
    data = np.rint(pixels * 255).clip(0, 255).astype(np.uint8)
    return Bitmap(layout.width, layout.height, data.tobytes())


def _gradient(text: Text, layout: Layout, scale: float) -> npt.NDArray[np.float32]:
    """The colours of a gradient at each pixel, premultiplied: (height, width, 4)."""
    import numpy as np

    values = np.reshape(text.fill or (), (-1, 4))
    stops = np.stack([_premultiplied(tuple(color)) for color in values])
    stroke = text.stroke_width * scale
    left, top, right, bottom = layout.ink or (0.0, 0.0, 1.0, 1.0)
    corner = np.array([left + stroke, top + stroke])
    size = np.array([right - left - 2 * stroke, bottom - top - 2 * stroke])
    start, end = (corner + np.array(point) * size for point in (text.fill_start, text.fill_end))
    across, down = end - start
    x = np.arange(layout.width) + 0.5 - start[0]
    y = np.arange(layout.height)[:, None] + 0.5 - start[1]
    along = (x * across + y * down) / max(across * across + down * down, 1e-6)
    places = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(along, places, channel) for channel in stops.T], axis=-1).astype(
        np.float32
    )


def _premultiplied(color: tuple[float, float, float, float]) -> npt.NDArray[np.float32]:
    import numpy as np

    red, green, blue, alpha = color
    return np.array([red * alpha, green * alpha, blue * alpha, alpha], np.float32)
