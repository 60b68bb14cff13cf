"""A strip as a picture and as JSON: filmstrip, waveform, words, shots and places to cut, under one
scale of time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vedc.edit.timecode import clock_time, timecode_or_clock
from vedc.edit.times import round_half_up
from vedc.review.strip.seen import Strip
from vedc.text.fonts import default_font
from vedc.workspace.sheets.page import BADGES, save

WIDTH: Final = 1600
EDGE: Final = 32
#: Height of the pictures of the filmstrip, at most.
TALL: Final = 120
_HEAD, _RULER, _WAVE, _LANE, _SHOTS, _CUTS, _GAP = 84, 26, 110, 22, 28, 40, 10
_LANES: Final = 4
"""Rows of words, side by side as space allows."""
_FLOOR: Final = -60.0
"""Decibels of full scale at the middle of the waveform."""
_GROUND, _INK, _FAINT, _BEHIND = "#14171a", "#f2f4f6", "#9aa4ae", "#22272c"
_PEAK, _MEAN, _DOUBT, _CUT = "#2f5d78", "#56b4e9", "#e69f00", "#009e73"
_STEPS: Final = (
    Fraction(1, 25), Fraction(1, 10), Fraction(1, 5), Fraction(1, 2), 1, 2, 5, 10, 15, 30, 60, 120,
    300, 600, 1800, 3600,
)  # fmt: skip


def columns_of(aspect: float) -> tuple[int, int, int]:
    """How many pictures stand side by side, and their width and height."""
    room = WIDTH - 2 * EDGE
    count = max(1, min(24, round(room / (TALL * aspect))))
    width = room // count
    return count, width, max(2, round(width / aspect))


def times_of(strip: Strip, count: int) -> list[Fraction]:
    """The times of the pictures: the middle of the stretch that each represents."""
    step = (strip.end - strip.begin) / count
    return [strip.begin + step * (2 * n + 1) / 2 for n in range(count)]


def data(strip: Strip) -> dict[str, Any]:
    """The documented object of ``vedc strip --json``."""
    return {
        "version": 1,
        "file": strip.name,
        "start": float(strip.begin),
        "end": float(strip.end),
        "words": [
            {
                "text": w.text,
                "start": float(w.start),
                "end": float(w.end),
                "probability": w.sure,
                "speaker": w.speaker or None,
            }
            for w in strip.words
        ],
        "unheard": strip.why_no_words,
        "shots": [
            {"start": float(s.start), "end": float(s.end), "label": s.label} for s in strip.shots
        ],
        "cuts": [{"time": float(c.time), "score": c.score, "why": c.why} for c in strip.candidates],
    }


def write_strip(target: Path, strip: Strip, pictures: Sequence[Image.Image]) -> Path:
    save(drawn(strip, pictures), target)
    return target


def drawn(strip: Strip, pictures: Sequence[Image.Image]) -> Image.Image:
    """The picture of a strip."""
    return _Drawing(strip, pictures).picture()


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class _Drawing:
    def __init__(self, strip: Strip, pictures: Sequence[Image.Image]) -> None:
        self.strip, self.pictures = strip, pictures
        self.small = ImageFont.truetype(default_font(), 15)
        self.large = ImageFont.truetype(default_font(), 28)
        film = max((p.height for p in pictures), default=0)
        heights = [
            _RULER,
            film,
            _WAVE if strip.level is not None else 0,
            _LANES * _LANE if strip.words else 0,
            _SHOTS if strip.shots else 0,
            _CUTS if strip.candidates else 0,
        ]
        self.tops: list[int] = []
        at = _HEAD
        for height in heights:
            self.tops.append(at)
            at += height + (_GAP if height else 0)
        self.sheet = Image.new("RGB", (WIDTH, at + EDGE - _GAP), _GROUND)
        self.pen = ImageDraw.Draw(self.sheet)

    def picture(self) -> Image.Image:
        strip = self.strip
        words = "words not recognised" if strip.why_no_words else _many(len(strip.words), "word")
        facts = (
            f"{self._clock(strip.begin)} to {self._clock(strip.end)}, "
            f"{words}, {_many(len(strip.shots), 'shot')}, "
            f"{_many(len(strip.candidates), 'place')} to cut"
        )
        right = WIDTH - EDGE
        name = self._cut_to(strip.name, self.large, right - EDGE)
        self.pen.text((EDGE, 26), name, _INK, self.large, anchor="lm")
        self.pen.text((EDGE, 58), facts, _FAINT, self.small, anchor="lm")
        self._ruler(self.tops[0])
        self._film(self.tops[1])
        if strip.level is not None:
            self._wave(self.tops[2])
        self._words(self.tops[3])
        self._shots(self.tops[4])
        self._cuts(self.tops[5])
        return self.sheet

    def _x(self, time: Fraction) -> float:
        """The column of a time."""
        strip = self.strip
        share = (time - strip.begin) / (strip.end - strip.begin)
        return EDGE + float(share) * (WIDTH - 2 * EDGE)

    def _clock(self, time: Fraction) -> str:
        return timecode_or_clock(round_half_up(time * self.strip.rate), self.strip.rate)

    def _ruler(self, top: int) -> None:
        strip = self.strip
        least = (strip.end - strip.begin) * 110 / (WIDTH - 2 * EDGE)
        step = Fraction(next((s for s in _STEPS if s >= least), 7200))
        time = -(-strip.begin // step) * step
        while time < strip.end:
            x = self._x(time)
            self.pen.line((x, top + 16, x, top + _RULER), _FAINT)
            if x < WIDTH - EDGE - 90:
                self.pen.text((x + 4, top + 10), clock_time(time), _FAINT, self.small, anchor="lm")
            time += step

    def _film(self, top: int) -> None:
        for number, picture in enumerate(self.pictures):
            width = (WIDTH - 2 * EDGE) / len(self.pictures)
            self.sheet.paste(picture, (round(EDGE + number * width), top))

    def _wave(self, top: int) -> None:
        level = self.strip.level
        assert level is not None
        self.pen.rectangle((EDGE, top, WIDTH - EDGE - 1, top + _WAVE - 1), _BEHIND)
        middle = top + _WAVE / 2
        for name, color in (("peak", _PEAK), ("rms", _MEAN)):
            curve = level[name]
            for x in range(EDGE, WIDTH - EDGE):
                span = self.strip.end - self.strip.begin
                time = self.strip.begin + span * (x - EDGE) / (WIDTH - 2 * EDGE)
                after = time + span / (WIDTH - 2 * EDGE)
                low = curve.index(time)
                values = curve.values[max(low, 0) : max(curve.index(after), low + 1)]
                if not len(values) or low < 0:
                    continue
                share = float(np.clip(1 - values.max() / _FLOOR, 0, 1))
                half = share * (_WAVE / 2 - 2)
                self.pen.line((x, middle - half, x, middle + half), color)

    def _words(self, top: int) -> None:
        """Words in lanes, each at its start; words without room become a tick."""
        free = [0.0] * _LANES
        for word in self.strip.words:
            left, right = self._x(word.start), self._x(word.end)
            color = _INK if word.certain else _DOUBT
            wide = self.pen.textlength(word.text, self.small)
            lane = next((n for n in range(_LANES) if free[n] <= max(left, EDGE)), None)
            left, right = max(left, EDGE), min(right, WIDTH - EDGE)
            if lane is None or left + wide > WIDTH - EDGE + 20:
                self.pen.line(
                    (left, top + _LANES * _LANE - 2, right, top + _LANES * _LANE - 2), color
                )
                continue
            y = top + lane * _LANE
            self.pen.line((left, y + _LANE - 3, max(right - 2, left), y + _LANE - 3), _FAINT)
            self.pen.text((left, y + 9), word.text, color, self.small, anchor="lm")
            free[lane] = left + wide + 6

    def _shots(self, top: int) -> None:
        for number, shot in enumerate(self.strip.shots):
            left, right = max(self._x(shot.start), EDGE), min(self._x(shot.end), WIDTH - EDGE)
            kind = shot.label.partition(":")[0]
            ground = _BEHIND if number % 2 else "#2c333a"
            self.pen.rectangle((left, top, right - 1, top + _SHOTS - 1), ground)
            self.pen.rectangle((left, top, left + 3, top + _SHOTS - 1), BADGES.get(kind, _FAINT))
            label = self._cut_to(shot.label, self.small, right - left - 14)
            if len(label) > 1:
                self.pen.text((left + 9, top + _SHOTS / 2), label, _FAINT, self.small, anchor="lm")

    def _cuts(self, top: int) -> None:
        for cut in self.strip.candidates:
            x = self._x(cut.time)
            color = _CUT if cut.why == "pause" else BADGES["cut"]
            height = 6 + cut.score * (_CUTS - 6)
            self.pen.rectangle((x - 1, top + _CUTS - height, x + 1, top + _CUTS), color)

    def _cut_to(self, text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
        """The text, shortened to fit ``room`` pixels."""
        if font.getlength(text) <= room:
            return text
        while text and font.getlength(text + "…") > room:
            text = text[:-1]
        return text + "…"
