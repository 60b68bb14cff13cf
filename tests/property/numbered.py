"""Sources whose frames are numbered, and times as people write them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import Any

from hypothesis import strategies as st

WIDTH, HEIGHT = 48, 32
"""Of every source."""

RATES = tuple(
    Fraction(text)
    for text in ("25", "30", "30000/1001", "24", "50", "24000/1001", "25/2", "60000/1001")
)


@dataclass(frozen=True)
class Source:
    """A clip whose frames show the numbers ``first``, ``first + 1``, ..."""

    name: str
    first: int
    frames: int
    rate: Fraction
    """Average frames a second, in which ``in`` and ``out`` count."""
    milliseconds: tuple[int, ...] = field(default=(), repr=False)
    """When each frame begins, where they are uneven."""

    @property
    def length(self) -> Fraction:
        return self.begin(self.frames - 1) + 1 / self.rate

    def begin(self, index: int) -> Fraction:
        """Seconds from the first frame's start to another's."""
        if self.milliseconds:
            return Fraction(self.milliseconds[index], 1000)
        return index / self.rate

    def shown(self, time: Fraction) -> int:
        """Index of the frame that is seen at a source time: the last that has begun."""
        return max((i for i in range(self.frames) if self.begin(i) <= time), default=0)

    def shown_before(self, time: Fraction) -> int:
        """Index of the frame that is seen until a source time."""
        return max((i for i in range(self.frames) if self.begin(i) < time), default=0)


_UNEVEN = tuple(
    accumulate(((17, 33, 40, 81, 25, 120, 1)[i * i % 7] for i in range(259)), initial=0)
)

SOURCES = (
    Source("long_gop.mp4", 0, 260, Fraction(25)),
    Source("ntsc.mkv", 300, 260, Fraction(30000, 1001)),
    Source("uneven.mp4", 600, 260, Fraction(25), _UNEVEN),
    Source("pal50.mov", 900, 400, Fraction(50)),
    Source("cinema.mkv", 1400, 260, Fraction(24000, 1001)),
    Source("late.ts", 1700, 260, Fraction(30)),
)


def _decimal(seconds: Fraction, places: int, up: bool = False) -> Fraction:
    scaled = seconds * 10**places
    return Fraction(math.ceil(scaled) if up else math.floor(scaled), 10**places)


@st.composite
def written(
    draw: st.DrawFn, seconds: Fraction, rate: Fraction | None, up: bool = False
) -> tuple[Any, Fraction]:
    """A way to write a time near ``seconds``, never above it (``up``: below), and its value.

    ``rate``: what frames are counted at; None for a source whose frames are uneven.
    """
    forms = ("s", "ms", "clock", "number") + (("f", "timecode") if rate else ())
    form = draw(st.sampled_from(forms))
    if rate and form in ("f", "timecode"):
        frames = math.ceil(seconds * rate) if up else math.floor(seconds * rate)
        if form == "f" or rate == Fraction(25, 2):
            return f"{frames}f", frames / rate
        whole, rest = divmod(frames, math.ceil(rate))
        return f"00:00:{whole:02}:{rest:02}", frames / rate
    places = 3 if form == "ms" else draw(st.integers(1, 4))
    value = _decimal(seconds, places, up)
    if form == "ms":
        return f"{value * 1000}ms", value
    text = f"{float(value):.{places}f}"
    if form == "clock":
        return f"0:{text.zfill(places + 3)}", value
    return (float(text) if form == "number" else f"{text}s"), value
