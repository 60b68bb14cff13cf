"""Titles as bitmaps.

HarfBuzz shapes and draws, with exact coverage of each pixel and glyphs at any fraction of one, so
a slowly growing title does not jitter; ICU orders right-to-left text and finds line breaks. Both
come with their wheels: no system library is needed.
"""

from __future__ import annotations

from vedc.edit.contents import Text
from vedc.edit.text_box import TextBox
from vedc.edit.text_motion import VERSION
from vedc.support.installed import version
from vedc.text.bitmap import Bitmap
from vedc.text.layout import lay_out


def engine() -> str:
    """Names and versions of the libraries that determine a title's pixels."""
    names = ("uharfbuzz", "pyicu-wheels", "pillow", "resvg_py", "opencv-python-headless")
    return ", ".join([*(f"{name} {version(name)}" for name in names), f"animations {VERSION}"])


def measure(text: Text, scale: float = 1.0) -> TextBox:
    """The size of what :func:`render_text` returns, and the ink in it, without drawing it.

    Raises as :func:`render_text` does.
    """
    layout = lay_out(text, scale)
    last = layout.lines[-1].y - layout.top
    return TextBox(layout.width, layout.height, layout.ink, layout.beyond, len(layout.lines), last)


def render_text(text: Text, scale: float = 1.0) -> Bitmap:
    """Draw a title at ``scale`` times its size: lengths are canvas pixels times ``scale``.

    Strokes extend ``stroke_width`` outside the letters, with round joins. A translucent fill
    does not show the stroke beneath it. Glyphs with their own colours take only the alpha of
    ``color``. Characters that the font lacks appear as its ``.notdef`` box; the spec's checks
    refuse them before.

    Raises :class:`UserError`: ``missing-font`` or ``bad-font`` (the file), ``text-too-large``.
    """
    import numpy as np

    from vedc.text import ink, paint

    layout = lay_out(text, scale)
    pixels = paint.letters(text, scale, layout)
    if text.stroke_width:
        covered, around = ink.stroke(layout, text.color, text.stroke_width * scale)
        under = ((1 - covered) * around)[..., None] * paint.premultiplied(text.stroke_color)
        pixels += under
    if text.shadow is not None:
        offset = text.shadow_offset[0] * scale, text.shadow_offset[1] * scale
        shade = ink.shadow(pixels[..., 3], offset, text.shadow_blur * scale)
        pixels += ((1 - pixels[..., 3]) * shade)[..., None] * paint.premultiplied(text.shadow)
    if text.background is not None:
        pixels += (1 - pixels[..., 3:]) * paint.premultiplied(text.background)
    data = np.rint(pixels * 255).clip(0, 255).astype(np.uint8)
    return Bitmap(layout.width, layout.height, data.tobytes())
