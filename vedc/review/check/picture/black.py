"""Black: pictures that show nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from vedc.review.check.core.check import Base, Check, Film, Frame, Limit
from vedc.review.check.core.finding import Finding, Runs

_DARK: Final = 0.10 * 255
"""The level below which a pixel is black, as FFmpeg's blackdetect has it by default."""

_LEAP: Final = 12.0
"""Mean levels of 255 between a black frame and its neighbour that may be a cut, ..."""

_REACH, _STEADY = 3, 0.8
"""... if so many frames farther from the black the picture is hardly brighter, as in no fade: the
neighbour has at least this share of that level."""


class _Black(Base):
    """A frame is black where nearly all of it is dark."""

    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._share = film.limit("black.share") / 100
        self._runs = Runs()
        self._levels: deque[float] = deque(maxlen=_REACH + 1)
        """Mean levels of the last frames."""
        self._hard_begin = False
        self._hard: dict[tuple[int, int], bool] = {}
        """Of each stretch: whether it begins and ends with a cut."""
        self._open: tuple[tuple[int, int], list[float]] | None = None
        """The last stretch and the levels after it, while it is not known how it ends."""
        self._in_black = False
        self._seen = 0

    def push(self, part: Frame, /) -> None:
        level = float(part.luma.mean())
        dark = float(np.count_nonzero(part.luma <= _DARK)) / part.luma.size >= self._share
        if dark and not self._in_black:
            self._end_open()
            self._hard_begin = _is_cut([*self._levels][::-1])
        run = self._runs.add(part.number, dark)
        if run is not None:
            self._open = run, []
        if self._open is not None and not dark:
            self._open[1].append(level)
            if len(self._open[1]) > _REACH:
                self._end_open()
        self._levels.append(level)
        self._in_black, self._seen = dark, part.number + 1

    def _end_open(self) -> None:
        if self._open is not None:
            run, after = self._open
            self._hard[run] = self._hard_begin and _is_cut(after)
            self._open = None

    def finish(self) -> Iterable[Finding]:
        self._runs.close()
        self._end_open()
        film, longest = self.film, self.film.frames_of("black.longest")
        gap = film.frames_of("black.gap")
        for first, end in self._runs.closed:
            count, seconds = end - first, float((end - first) / film.rate)
            if count >= self._seen:
                yield film.found(
                    "black", "error", "the picture is black throughout", (first, end),
                    cure="look at the film's sources", measured=seconds, unit="s",
                    limit=film.limit("black.longest"),
                )  # fmt: skip
            elif count >= longest:
                where = "before the picture begins" if first == 0 else (
                    "after the picture ends" if end >= self._seen else "between pictures"
                )  # fmt: skip
                yield film.found(
                    "black", "error", f"{seconds:.2f} s of black {where}", (first, end),
                    cure="shorten it, or put a picture there", measured=seconds, unit="s",
                    limit=film.limit("black.longest"),
                )  # fmt: skip
            elif first > 0 and end < self._seen and count <= gap and self._hole((first, end)):
                words = "a black frame" if count == 1 else f"{count} black frames"
                yield film.found(
                    "black", "error", f"{words} between two pictures, with a cut on either side",
                    (first, end), cure="close the gap in the edit", measured=float(count),
                    limit=0.0, unit="frames",
                )  # fmt: skip

    def _hole(self, run: tuple[int, int]) -> bool:
        """Whether pictures stand right beside a stretch, rather than fade, and no other is near:
        several are a strobe."""
        if not self._hard.get(run, False):
            return False
        second, closed = self.film.rate, self._runs.closed
        at = bisect_left(closed, run)
        before, after = closed[max(at - 1, 0) : at], closed[at + 1 : at + 2]
        return not any(
            other[0] - second < run[1] and other[1] + second > run[0] for other in before + after
        )


def _is_cut(levels: Sequence[float]) -> bool:
    """Whether a picture is next to black, by its levels outwards from the black."""
    return bool(levels) and levels[0] > _LEAP and levels[0] >= _STEADY * levels[-1]


BLACK: Final = Check(
    "black",
    "black that lasts too long, and black frames left in a cut",
    "picture",
    "A frame is black if the given share of its pixels is at 10% of full range or below. Long "
    "stretches are reported wherever they are; short ones only between two pictures, with a cut on "
    "either side.",
    "the definition and the length are those of FFmpeg's blackdetect",
    _Black,
    (
        Limit("longest", 2.0, "s", "black that is reported wherever it is"),
        Limit("gap", 0.5, "s", "black between two cuts that is taken for a hole in the edit"),
        Limit("share", 98.0, "%", "pixels of a frame that must be black"),
    ),
)
