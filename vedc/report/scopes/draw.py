"""Scopes as pictures: a trace of light behind its graticule."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vedc.report.scopes import traces
from vedc.report.scopes.graticule import SKIN, Target, lights, targets
from vedc.report.scopes.signal import Scale, Signal, Values
from vedc.text.fonts import default_font

GROUND: Final = (11, 13, 15)
_OUTSIDE: Final = (27, 15, 16)
"""Behind levels that a display clips."""
_LINE, _STRONG, _WORDS = (46, 50, 54), (78, 84, 90), (150, 158, 166)
_SKIN, _NITS = (196, 138, 96), (108, 100, 66)
_LUMA: Final = np.array((0.80, 0.96, 0.84), np.float32)
_CHANNELS: Final = np.array([[1.0, 0.34, 0.30], [0.36, 0.95, 0.42], [0.36, 0.55, 1.0]], np.float32)
_NAMES: Final = ("R", "G", "B")
_LEVELS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)

Box = tuple[int, int, int, int]
Place = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes of text and margins."""

    letters: int = 13
    """Pixels."""
    words: bool = True

    @property
    def left(self) -> int:
        return round(self.letters * 3.3) if self.words else 1

    @property
    def edge(self) -> int:
        return round(self.letters * 0.8) if self.words else 1


LARGE: Final = Style()
SMALL: Final = Style(words=False)
"""Without text, for strips."""


@lru_cache(maxsize=8)
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(default_font(), size)


def waveform(signal: Signal, width: int, height: int, style: Style = LARGE) -> Image.Image:
    """The luma of each column."""
    picture, plot = _levels(signal, width, height, style)
    light = traces.waveform(signal.luma, signal.scale, plot[2] - plot[0], plot[3] - plot[1])
    return _lit(picture, plot, light[..., np.newaxis] * _LUMA)


def parade(signal: Signal, width: int, height: int, style: Style = LARGE) -> Image.Image:
    """R', G' and B' of each column, side by side."""
    picture, plot = _levels(signal, width, height, style)
    gap = max(2, width // 120)
    wide = (plot[2] - plot[0] - 2 * gap) // 3
    for channel, name in enumerate(_NAMES):
        left = plot[0] + channel * (wide + gap)
        part = (left, plot[1], left + wide, plot[3])
        light = traces.waveform(signal.rgb[..., channel], signal.scale, wide, plot[3] - plot[1])
        picture = _lit(picture, part, light[..., np.newaxis] * _CHANNELS[channel])
        pen = ImageDraw.Draw(picture)
        if channel:
            pen.rectangle((left - gap, plot[1], left - 1, plot[3] - 1), GROUND)
        if style.words:
            tint = _as_color(_CHANNELS[channel] * 0.85)
            pen.text((left + 6, plot[1] + 4), name, tint, font(style.letters), anchor="la")
    return picture


def histogram(signal: Signal, width: int, height: int, style: Style = LARGE) -> Image.Image:
    """The frequency of each level of R', G' and B', and of luma as a line."""
    picture = Image.new("RGB", (width, height), GROUND)
    foot = style.edge + (style.letters + 4 if style.words else 0)
    plot = (style.edge, style.edge, width - style.edge, height - foot)
    pen = ImageDraw.Draw(picture)
    wide, high = plot[2] - plot[0], plot[3] - plot[1]
    scale = signal.scale
    _shade(pen, plot, scale, across=True)
    for level in _LEVELS:
        x = plot[0] + _along(level, scale, wide)
        pen.line((x, plot[1], x, plot[3] - 1), _STRONG if level in (0, 1) else _LINE)
        if style.words:
            words = f"{level:.0%}"
            pen.text((x, plot[3] + 5), words, _WORDS, font(style.letters), anchor="ma")
    bins = min(wide, 256)
    column = np.arange(wide) * bins // wide
    light = np.zeros((high, wide, 3), np.float32)
    rows = np.arange(high)[::-1, np.newaxis]
    for channel in range(3):
        heights = traces.histogram(signal.rgb[..., channel], scale, bins)[column] * (high - 1)
        inside = np.clip(heights - rows + 0.5, 0, 1)
        light += inside[..., np.newaxis] * _CHANNELS[channel] * 0.55
    picture = _lit(picture, plot, np.minimum(light, 1))
    heights = traces.histogram(signal.luma, scale, bins)[column] * (high - 1)
    points = [(plot[0] + x, plot[3] - 1 - float(h)) for x, h in enumerate(heights)]
    ImageDraw.Draw(picture).line(points, _as_color(_LUMA), 1)
    return picture


def vectorscope(signal: Signal, size: int, style: Style = LARGE) -> Image.Image:
    """Cb and Cr, with the targets of bars of 75% in the picture's matrix and the line of skin."""
    over = 2  # lines at an angle are drawn larger, then reduced
    large = Image.new("RGB", (size * over, size * over), GROUND)
    pen = ImageDraw.Draw(large)
    half = (size * over - 1) / 2
    unit = half / traces.REACH

    def place(cb: float, cr: float) -> tuple[float, float]:
        return half + cb * unit, half - cr * unit

    for radius, tint in ((0.125, _LINE), (0.25, _LINE), (0.375, _LINE), (0.5, _STRONG)):
        reach = radius * unit
        pen.ellipse((half - reach, half - reach, half + reach, half + reach), None, tint, over)
    for cb, cr in ((0.5, 0.0), (0.0, 0.5)):
        pen.line((*place(-cb, -cr), *place(cb, cr)), _LINE, over)
    turn = math.radians(SKIN)
    skin = place(0.5 * math.cos(turn), 0.5 * math.sin(turn))
    pen.line((half, half, *skin), _SKIN, over)
    bars = targets(signal.color.matrix)
    for bar in bars:
        _target(pen, place, bar, over, style)
    picture = large.resize((size, size), Image.Resampling.BOX)
    light = traces.vectorscope(signal.chroma, size)
    tints = 0.25 + 0.75 * traces.hues(size, signal.color.matrix)
    picture = _lit(picture, (0, 0, size, size), light[..., np.newaxis] * tints)
    if style.words:
        pen = ImageDraw.Draw(picture)
        for bar in bars:
            away = 1 + 0.052 / math.hypot(bar.cb, bar.cr)
            x, y = place(bar.cb * away, bar.cr * away)
            pen.text((x / over, y / over), bar.name, _WORDS, font(style.letters), anchor="mm")
    return picture


def _target(pen: ImageDraw.ImageDraw, place: Place, bar: Target, over: int, style: Style) -> None:
    """A box around a bar: 2.5 degrees and 2.5% of full chroma to each side; more where the
    scope is small."""
    reach, turn = math.hypot(bar.cb, bar.cr), math.radians(bar.angle)
    wide, long = (math.radians(2.5), 0.0125) if style.words else (math.radians(4), 0.02)
    corners = [
        place((reach + r) * math.cos(turn + a), (reach + r) * math.sin(turn + a))
        for r, a in ((-long, -wide), (long, -wide), (long, wide), (-long, wide), (-long, -wide))
    ]
    pen.line([xy for corner in corners for xy in corner], _WORDS, over)


# Levels


def _levels(signal: Signal, width: int, height: int, style: Style) -> tuple[Image.Image, Box]:
    """The graticule of a waveform, and where its plot is: per cent on the left, codes of 10 bits
    on the right."""
    picture = Image.new("RGB", (width, height), GROUND)
    pen = ImageDraw.Draw(picture)
    plot = (style.left, style.edge, width - style.left, height - style.edge)
    scale, high = signal.scale, plot[3] - plot[1]
    _shade(pen, plot, scale, across=False)
    for tenth in range(11):
        y = plot[3] - 1 - _along(tenth / 10, scale, high)
        pen.line((plot[0], y, plot[2] - 1, y), _STRONG if tenth in (0, 10) else _LINE)
        if style.words and _spaced(tenth, high, style.letters):
            words, code = f"{tenth * 10}%", f"{scale.code(tenth / 10)}"
            pen.text((plot[0] - 6, y), words, _WORDS, font(style.letters), anchor="rm")
            pen.text((plot[2] + 6, y), code, _WORDS, font(style.letters), anchor="lm")
    for name, level in lights(signal.color):
        y = plot[3] - 1 - _along(level, scale, high)
        for x in range(plot[0], plot[2], 8):
            pen.line((x, y, min(x + 3, plot[2] - 1), y), _NITS)
        if style.words:
            pen.text((plot[2] - 5, y - 1), name, _NITS, font(style.letters - 1), anchor="rs")
    return picture, plot


def _spaced(tenth: int, high: int, letters: int) -> bool:
    """Whether a line has room for its label: every one, or every second or fifth."""
    step = next(s for s in (1, 2, 5, 10) if high * s / 12 > letters * 1.5 or s == 10)
    return tenth % step == 0


def _along(level: float, scale: Scale, pixels: int) -> int:
    """The position of a level along an axis of that many pixels."""
    return round((level - scale.low) / (scale.high - scale.low) * (pixels - 1))


def _shade(pen: ImageDraw.ImageDraw, plot: Box, scale: Scale, *, across: bool) -> None:
    """Tint what lies below black and above white."""
    long = plot[2] - plot[0] if across else plot[3] - plot[1]
    black, white = (_along(level, scale, long) for level in (0.0, 1.0))
    for low, high in ((0, black), (white, long)):
        if high - low <= 1:
            continue
        if across:
            pen.rectangle((plot[0] + low, plot[1], plot[0] + high - 1, plot[3] - 1), _OUTSIDE)
        else:
            pen.rectangle((plot[0], plot[3] - high, plot[2] - 1, plot[3] - 1 - low), _OUTSIDE)


def _lit(picture: Image.Image, box: Box, light: Values) -> Image.Image:
    """A picture with light (rows, columns, 3) screened over part of it."""
    whole = np.asarray(picture, np.float32) / 255
    left, top, right, bottom = box
    part = whole[top:bottom, left:right]
    whole[top:bottom, left:right] = 1 - (1 - part) * (1 - light)
    return Image.fromarray(np.rint(whole * 255).astype(np.uint8))


def _as_color(values: Values) -> tuple[int, int, int]:
    red, green, blue = (round(float(v) * 255) for v in values)
    return red, green, blue


def thumbnail(signal: Signal, width: int, height: int) -> Image.Image:
    """The picture itself, fitted into that size."""
    codes = np.rint(np.clip(signal.rgb, 0, 1) * 255).astype(np.uint8)
    whole = Image.fromarray(codes)
    scale = min(width / signal.size[0], height / signal.size[1])
    size = max(1, round(signal.size[0] * scale)), max(1, round(signal.size[1] * scale))
    return whole.resize(size, Image.Resampling.LANCZOS)


def column(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures of one width below each other."""
    made = Image.new("RGB", (pictures[0].width, sum(p.height for p in pictures)), GROUND)
    y = 0
    for picture in pictures:
        made.paste(picture, (0, y))
        y += picture.height
    return made
