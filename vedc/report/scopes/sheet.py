"""All scopes of a picture on one page."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw

from vedc.edit.timecode import timecode_or_clock
from vedc.report.scopes import draw
from vedc.report.scopes.signal import FULL, Signal
from vedc.report.scopes.source import Seen

_WIDTH, _EDGE, _GAP = 1600, 24, 16
_HEAD, _TITLE, _HIGH = 70, 26, 420
_GROUND, _INK, _FAINT = (24, 27, 31), (242, 244, 246), (150, 158, 166)
_MATRICES: Final = {
    "bt709": "BT.709",
    "smpte170m": "BT.601",
    "bt470bg": "BT.601",
    "bt2020nc": "BT.2020",
    "smpte240m": "SMPTE 240M",
    "fcc": "FCC",
}
_TRANSFERS: Final = {"smpte2084": "PQ", "arib-std-b67": "HLG", "iec61966-2-1": "sRGB"}


def description(signal: Signal) -> str:
    """``1920x1080, 10 bits, BT.709, limited range``."""
    matrix = _MATRICES.get(signal.color.matrix, signal.color.matrix)
    transfer = _TRANSFERS.get(signal.color.transfer)
    words = f"{matrix} {transfer}" if transfer in ("PQ", "HLG") else matrix
    range_ = "full range" if signal.scale is FULL else "limited range"
    width, height = signal.size
    return f"{width}x{height}, {signal.depth} bits, {words}, {range_}"


def title(seen: Seen) -> str:
    """The file's or the spec's name, and the time of the frame."""
    if seen.time is None or seen.rate is None:
        return seen.name
    return f"{seen.name} at {timecode_or_clock(round(seen.time * seen.rate), seen.rate)}"


def page(seen: Seen) -> Image.Image:
    """Waveform and parade above, vectorscope, histogram and the picture below."""
    signal = seen.signal
    high = _HEAD + 2 * (_TITLE + _HIGH) + _GAP + _EDGE
    made = Image.new("RGB", (_WIDTH, high), _GROUND)
    pen = ImageDraw.Draw(made)
    pen.text((_EDGE, 26), title(seen), _INK, draw.font(24), anchor="lm")
    pen.text((_EDGE, 52), description(signal), _FAINT, draw.font(15), anchor="lm")
    wide = (_WIDTH - 2 * _EDGE - _GAP) // 2
    rest = (_WIDTH - 2 * _EDGE - _HIGH - 2 * _GAP) // 2
    right = _EDGE + _HIGH + _GAP
    upper, lower = _HEAD + _TITLE, _HEAD + 2 * _TITLE + _HIGH + _GAP
    placed = (
        ("waveform, luma", (_EDGE, upper), draw.waveform(signal, wide, _HIGH)),
        ("parade, R'G'B'", (_EDGE + wide + _GAP, upper), draw.parade(signal, wide, _HIGH)),
        ("vectorscope, bars of 75%", (_EDGE, lower), draw.vectorscope(signal, _HIGH)),
        ("histogram", (right, lower), draw.histogram(signal, rest, _HIGH)),
        ("picture", (right + rest + _GAP, lower), draw.thumbnail(signal, rest, _HIGH)),
    )
    for words, (x, y), picture in placed:
        pen.text((x, y - 8), words, _FAINT, draw.font(15), anchor="ls")
        made.paste(picture, (x, y))
    return made
