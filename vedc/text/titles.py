"""Title layout and rendering.

HarfBuzz and FriBiDi, through Pillow's raqm layout, do shaping (ligatures, marks, kerning) and
bidirectional ordering; FreeType draws outlines. Where raqm is missing, as on systems without
libfribidi, only scripts that do not need it can be set.

Lines are ``line_height * size`` apart. The bitmap contains the layout box (the widest line by the
font's ascent above the first baseline and descent below the last), extended where ink overflows
it, plus ``padding`` on all sides. So titles of the same font and number of lines share their
baselines, and nothing is clipped.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFont, features

from vedc.edit.model import Text
from vedc.errors import MissingError, RenderError, UserError
from vedc.text.bitmap import Bitmap

#: Glyphs are drawn at least this tall, in pixels, and averaged down. FreeType snaps outlines and
#: raqm whole glyphs to the pixel grid: on a grid this fine neither is visible, and a slowly growing
#: title does not jitter.
_GRID = 200
_MAX_OVERSAMPLE = 4

#: A bitmap may not be wider or higher, nor hold more pixels: twice an 8K frame.
_MAX_SIDE = 16384
_MAX_PIXELS = 2 * 7680 * 4320
_MAX_CHARACTERS = 20_000

#: First words of the Unicode names of letters whose glyphs are simply set side by side.
_PLAIN_SCRIPTS = frozenset(
    {
        *("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "CJK", "HIRAGANA", "KATAKANA"),
        *("KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH"),
        *("MODIFIER", "SUPERSCRIPT", "SUBSCRIPT", "MICRO", "OHM", "KELVIN", "ANGSTROM"),
        *("FEMININE", "MASCULINE", "SCRIPT", "DOUBLE-STRUCK", "BLACK-LETTER"),
    }
)

Direction = Literal["ltr", "rtl"]
Floats = npt.NDArray[np.float32]


def shaping_available() -> bool:
    """Whether this system can set scripts that need shaping or run from right to left."""
    return bool(features.check_feature("raqm"))


def engine() -> str:
    """Names and versions of the libraries that determine a title's pixels."""
    parts = [f"freetype {features.version_module('freetype2')}"]
    if shaping_available():
        parts += [f"{part} {features.version_feature(part)}" for part in ("raqm", "harfbuzz")]
    return ", ".join(parts)


def measure(text: Text, scale: float = 1.0) -> tuple[int, int]:
    """Width and height of what :func:`render_text` returns, without drawing it."""
    with _blaming(text.font):
        layout = _lay_out(text, scale)
    return layout.width, layout.height


def render_text(text: Text, scale: float = 1.0) -> Bitmap:
    """Draw a title at ``scale`` times its size: lengths are canvas pixels times ``scale``.

    Strokes run ``stroke_width`` outside of the letters, with round joins. A translucent fill
    does not show the stroke beneath it. Characters that the font lacks come out as its
    ``.notdef`` box; the spec's checks refuse them before.

    Raises :class:`UserError`: ``missing-font`` or ``bad-font`` (the file), ``no-shaping``
    (the script needs a layout library that is not there), ``text-too-large``.
    """
    with _blaming(text.font):
        layout = _lay_out(text, scale)
        fill = np.zeros((layout.height, layout.width), np.float32)
        stroke = np.zeros_like(fill) if layout.stroke else None
        for line in layout.lines:
            _draw(layout, line, 0.0, fill)
            if stroke is not None:
                _draw(layout, line, layout.stroke, stroke)

    pixels = fill[..., None] * _premultiplied(text.color)
    if stroke is not None:
        pixels += ((1 - fill) * stroke)[..., None] * _premultiplied(text.stroke_color)
    if text.background is not None:
        pixels += (1 - pixels[..., 3:]) * _premultiplied(text.background)
    data = np.rint(pixels * 255).clip(0, 255).astype(np.uint8)
    return Bitmap(layout.width, layout.height, data.tobytes())


@dataclass(frozen=True)
class _Line:
    """A line and its pen position (left end and baseline) in fine pixels."""

    text: str
    direction: Direction | None
    x: int
    y: int


@dataclass(frozen=True)
class _Layout:
    """Positions of all lines. There are ``oversample`` fine pixels per canvas pixel."""

    font: ImageFont.FreeTypeFont
    oversample: int
    lines: tuple[_Line, ...]
    stroke: float
    """Fine pixels."""
    left: int
    """Of the bitmap, in canvas pixels from the pen of a left-aligned line."""
    top: int
    """In canvas pixels from the first baseline; negative."""
    width: int
    height: int


def _lay_out(text: Text, scale: float) -> _Layout:
    """Break into lines, place them, and find the bounds. Raises as :func:`render_text` does."""
    size = text.size * scale
    if not 0 < size < _MAX_SIDE or len(text.text) > _MAX_CHARACTERS:
        raise _too_large(text, f"{len(text.text)} characters at {size:g} pixels")
    oversample = min(_MAX_OVERSAMPLE, math.ceil(_GRID / size))
    fine = scale * oversample
    font = _load(text.font, text.size * fine)
    shaped = font.layout_engine == ImageFont.Layout.RAQM
    if not shaped:
        _refuse_shaping(text)

    limit = None if text.max_width is None else text.max_width * fine
    broken: list[tuple[str, Direction | None, float]] = []
    for paragraph in text.text.expandtabs(4).splitlines() or [""]:
        # Once per paragraph: later lines may begin with a word of the other direction.
        direction = _direction(paragraph) if shaped else None
        advance = partial(font.getlength, direction=direction)
        broken += [(words, direction, advance(words)) for words in _wrap(paragraph, advance, limit)]

    ascent, descent = font.getmetrics()
    pitch = text.line_height * text.size * fine
    widest = max(width for _, _, width in broken)
    slack = {"left": 0.0, "center": 0.5, "right": 1.0}[text.align]
    stroke = text.stroke_width * fine
    lines: list[_Line] = []
    x0, y0 = 0.0, float(-ascent)
    x1, y1 = widest, round((len(broken) - 1) * pitch) + float(descent)
    for number, (words, direction, width) in enumerate(broken):
        line = _Line(words, direction, round(slack * (widest - width)), round(number * pitch))
        lines.append(line)
        if words.strip():
            ink = font.getbbox(words, anchor="ls", direction=direction, stroke_width=stroke)
            # A clear pixel around ink, so that a resampled edge fades out inside the bitmap.
            x0, x1 = min(x0, line.x + ink[0] - oversample), max(x1, line.x + ink[2] + oversample)
            y0, y1 = min(y0, line.y + ink[1] - oversample), max(y1, line.y + ink[3] + oversample)

    padding = text.padding * fine
    left, top = (math.floor((edge - padding) / oversample) for edge in (x0, y0))
    right, bottom = (math.ceil((edge + padding) / oversample) for edge in (x1, y1))
    width, height = max(right - left, 1), max(bottom - top, 1)
    if max(width, height) > _MAX_SIDE or width * height > _MAX_PIXELS:
        raise _too_large(text, f"{width}x{height} pixels")
    return _Layout(font, oversample, tuple(lines), stroke, left, top, width, height)


def _draw(layout: _Layout, line: _Line, stroke: float, coverage: Floats) -> None:
    """Add a line's coverage, in 0..1, to that of the lines before it."""
    if not line.text.strip():
        return
    mask, offset = layout.font.getmask2(
        line.text,
        mode="L",
        direction=line.direction,
        anchor="ls",
        stroke_width=stroke,
        stroke_filled=stroke > 0,
    )
    if 0 in mask.size:
        return
    k = layout.oversample
    x, y = line.x + offset[0] - layout.left * k, line.y + offset[1] - layout.top * k
    column, row = x // k, y // k
    width, height = (math.ceil((x % k + mask.size[0]) / k), math.ceil((y % k + mask.size[1]) / k))
    fine = Image.new("L", (width * k, height * k))
    fine.im.paste(mask, (x % k, y % k, x % k + mask.size[0], y % k + mask.size[1]))
    drawn = np.asarray(fine, np.float32).reshape(height, k, width, k).mean(axis=(1, 3)) / 255
    part = coverage[row : row + height, column : column + width]
    np.maximum(part, drawn, out=part)


def _premultiplied(color: tuple[float, float, float, float]) -> Floats:
    red, green, blue, alpha = color
    return np.array([red * alpha, green * alpha, blue * alpha, alpha], np.float32)


def _load(path: str, size: float) -> ImageFont.FreeTypeFont:
    try:
        with open(path, "rb"):
            pass  # FreeType reports all of these alike: find the system's own reason
    except (OSError, ValueError) as error:
        raise MissingError.one(
            "missing-font", f"cannot read the font {path}: {error}", hint="check the path"
        ) from error
    engine = ImageFont.Layout.RAQM if shaping_available() else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size, layout_engine=engine)


@contextmanager
def _blaming(font: str) -> Iterator[None]:
    """Turn FreeType's errors in a font or glyph into user errors."""
    try:
        yield
    except OSError as error:
        raise RenderError.one(
            "bad-font",
            f"cannot use the font {font}: {error}",
            hint="use another TTF, OTF or TTC font with outlines",
        ) from error


def _direction(paragraph: str) -> Direction:
    """The direction of the first strong character (UAX 9, rules P2 and P3)."""
    for character in paragraph:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


def _refuse_shaping(text: Text) -> None:
    """Raise for scripts that the basic layout, glyphs side by side, would set wrongly."""
    for character in unicodedata.normalize("NFC", text.text):
        if _needs_shaping(character):
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            raise MissingError.one(
                "no-shaping",
                f"{name} needs a text layout that this system lacks",
                hint="install libfribidi (Debian: apt-get install libfribidi0)",
            )


def _needs_shaping(character: str) -> bool:
    kind = unicodedata.category(character)
    if unicodedata.bidirectional(character) in ("R", "AL", "AN") or kind in ("Mn", "Mc", "Me"):
        return True
    if kind == "Cf":  # joiners, direction marks
        return character != "\xad"
    if kind.startswith("L"):
        return unicodedata.name(character, "").split(" ")[0] not in _PLAIN_SCRIPTS
    return "\ufe00" <= character <= "\ufe0f"


def _wrap(paragraph: str, advance: Callable[[str], float], limit: float | None) -> Iterator[str]:
    """Lines of a paragraph, in reading order: as many words as fit, spaces at ends dropped.

    A word that does not fit alone is broken between characters as a reader sees them; a line
    holds at least one of those, however narrow it is.
    """
    if limit is None:
        yield paragraph.rstrip()
        return
    line: str | None = None
    for word in paragraph.rstrip().split(" "):
        extended = word if line is None else f"{line} {word}"
        if advance(extended) <= limit:
            line = extended
            continue
        if line is not None and line.strip():
            yield line.rstrip()
        line = None
        if not word:
            continue
        line = ""
        for cluster in _clusters(word):
            if line and advance(line + cluster) > limit:
                yield line
                line = ""
            line += cluster
    yield (line or "").rstrip()


def _clusters(word: str) -> Iterator[str]:
    """Split a word where it may be broken: never before a mark, at a joiner or in a conjunct."""
    cluster = ""
    for character in word:
        tied = cluster and (
            unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")
            or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
            or cluster[-1] in "\u200d\u2060"
            or unicodedata.combining(cluster[-1]) == 9  # virama
        )
        if cluster and not tied:
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _too_large(text: Text, size: str) -> UserError:
    return RenderError.one(
        "text-too-large",
        f"the title {text.text[:30]!r} would take {size}; at most {_MAX_SIDE} pixels a side, "
        f"{_MAX_PIXELS} in all and {_MAX_CHARACTERS} characters can be drawn",
        hint="make the size smaller, or set max_width so that lines wrap",
    )
