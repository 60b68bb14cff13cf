"""Captions in time: whether they can be read, and whether one hides another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby
from typing import Final

from vedc.captions.lines import letters
from vedc.edit.captions import Cue
from vedc.errors import shorten
from vedc.review.check.core.check import Base, Check, Limit, TimedCue
from vedc.review.check.core.finding import Finding
from vedc.review.check.core.shown import ShownText

_TOO_FAST: Final = 1.5
"""Times the limit that nobody reads."""

_SEEN: Final = 0.5
"""Seconds for which letters may lie over one another, as in a transition."""

_COVERED: Final = 0.05
"""The share of the smaller text that may be covered: boxes of letters touch before letters do."""


class _Reading(Base):
    def finish(self) -> Iterable[Finding]:
        film = self.film
        most, least = film.limit("reading-speed.most"), film.limit("reading-speed.shortest")
        for timed in film.cues:
            cue, count = timed.cue, letters(timed.cue.text)
            length = float(cue.end - cue.start)
            if not count or length <= 0:
                continue
            name, speed = shorten(" ".join(cue.text.split()), 40), count / length
            if speed > most + 1e-9:
                yield film.found(
                    "reading-speed", "error" if speed > _TOO_FAST * most else "warning",
                    f"{name!r} has {count} letters for {length:.2f} s: {speed:.1f} a second",
                    times=(cue.start, cue.end), measured=round(speed, 2), limit=most,
                    unit="letters a second", location=timed.location,
                    cure=f"show it for {count / most:.1f} s, or shorten it to {int(most * length)} "
                    "letters",
                )  # fmt: skip
            elif length < least - 1e-3:
                yield film.found(
                    "reading-speed", "warning", f"{name!r} is shown for only {length:.2f} s",
                    times=(cue.start, cue.end), measured=round(length, 3), limit=least, unit="s",
                    location=timed.location, cure=f"show it for {least:.2f} s at least",
                )  # fmt: skip


READING: Final = Check(
    "reading-speed",
    "captions that are too fast to read",
    "captions",
    "Letters, spaces and punctuation of a caption, divided by the seconds for which it is shown. "
    "Chinese, Japanese and Korean letters count as two.",
    "Netflix's timed text guide for English: 20 a second for adults (17 for children; its older "
    "templates for translation had 17 and 13), and at least 5/6 s. The 160 to 180 words a minute "
    "of the BBC's guidelines are about 16 letters a second",
    _Reading,
    (
        Limit("most", 20.0, "letters a second", "how fast captions may be"),
        Limit("shortest", 0.833, "s", "the least time for which a caption is shown"),
    ),
)


class _Overlap(Base):
    def finish(self) -> Iterable[Finding]:
        ordered = sorted(self.film.cues, key=lambda t: (t.stream, t.cue.start, t.cue.end))
        for _, stream in groupby(ordered, key=lambda t: t.stream):
            yield from self._within(list(stream))
        yield from self._covered()

    def _covered(self) -> Iterator[Finding]:
        """Titles and captions of a spec whose letters lie over one another."""
        film = self.film
        texts = sorted(film.texts, key=lambda t: t.at_rest)
        for number, text in enumerate(texts):
            for other in texts[number + 1 :]:
                if other.at_rest[0] >= text.at_rest[1]:
                    break
                both = other.at_rest[0], min(text.at_rest[1], other.at_rest[1])
                same = text.track == other.track or text.text.text == other.text.text
                if same or both[1] - both[0] < film.rate * _SEEN or not _cover(text, other):
                    continue
                yield film.found(
                    "caption-overlap", "error", f"{other.name} and {text.name} lie over each other",
                    both, location=other.location or text.location,
                    cure="give one of them another position",
                )  # fmt: skip

    def _within(self, cues: list[TimedCue]) -> Iterator[Finding]:
        open_: list[TimedCue] = []
        for timed in cues:
            cue = timed.cue
            open_ = [other for other in open_ if other.cue.end > cue.start]
            for other in open_:
                until = min(other.cue.end, cue.end)
                if _collide(other.cue, cue) and until - cue.start > Fraction(1, 1000):
                    first, second = (
                        shorten(" ".join(c.text.split()), 30) for c in (other.cue, cue)
                    )
                    yield self.film.found(
                        "caption-overlap", "error",
                        f"{second!r} appears while {first!r} is still shown",
                        times=(cue.start, until), location=timed.location,
                        measured=round(float(until - cue.start), 3), limit=0.0, unit="s",
                        cure="end the first one before the second begins, or set them apart",
                    )  # fmt: skip
            open_.append(timed)


def _cover(a: ShownText, b: ShownText) -> bool:
    """Whether some letters of one are behind letters of the other."""
    across = min(a.ink[2], b.ink[2]) - max(a.ink[0], b.ink[0])
    down = min(a.ink[3], b.ink[3]) - max(a.ink[1], b.ink[1])
    if across <= 0 or down <= 0:
        return False
    smaller = min((t.ink[2] - t.ink[0]) * (t.ink[3] - t.ink[1]) for t in (a, b))
    return across * down > _COVERED * smaller


def _collide(a: Cue, b: Cue) -> bool:
    """Whether two cues take the same place: cues that are put somewhere by their file do not
    unless that is the same."""
    if not a.text.strip() or not b.text.strip():
        return False
    return a.place == b.place and a.layer == b.layer


OVERLAP: Final = Check(
    "caption-overlap",
    "captions that are shown at the same time in the same place",
    "captions",
    "Captions of one stream, one of which begins before another ends. Those that their file puts "
    "in different places are left alone. For a spec, also titles and captions that cover "
    "each other.",
    "Netflix's guide for timed text and the BBC's guidelines: one caption at a time",
    _Overlap,
)
