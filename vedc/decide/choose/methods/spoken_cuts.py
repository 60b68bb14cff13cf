"""``method: words``: cuts hesitations, repetitions and pauses out of a talk.

1. words are removed: those of ``remove``, first attempts (``repeats``), words in no script
   (``unscripted``)
2. so are the pauses around each, except for at most ``pause``
3. longer pauses are cut to ``pause``
4. cuts fall on frames, on the softest one between the words: the remaining words stay whole
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy as np

from vedc.captions.said import Text, hesitates, moment, tokens
from vedc.captions.spoken import SpokenWord
from vedc.decide.analyses.level import audible_in, thresholds
from vedc.decide.analyses.results import Curves
from vedc.decide.arrays import true_runs
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.lang.keys.auto import Cut

#: Seconds of the fade at each end cut by words.
FADE: Final = Fraction(3, 100)
#: Seconds of a pause that stay around removed words.
REST: Final = Fraction(3, 10)
#: Seconds: the least reduction of a pause, since less would only make the picture jump.
_LEAST: Final = Fraction(1, 10)
#: Seconds of sound before the first pause, and after the last, that are too short to be a piece.
_END: Final = Fraction(1, 4)
#: Words of the longest repetition.
_LONGEST: Final = 8
#: Words said twice on purpose, or because grammar requires it.
_TWICE: Final = frozenset(
    {
        "again", "and", "bye", "ever", "far", "ha", "had", "is", "long", "many", "more", "much",
        "never", "no", "now", "on", "over", "please", "really", "round", "so", "that", "there",
        "very", "well", "yeah", "yes",
    }
)  # fmt: skip
#: Seconds around a frame over which its level is measured, and the cost in decibels of a second's
#: distance from the wanted place.
_AROUND: Final = 0.01
_FAR: Final = 100.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap to cut out: places ``start`` to ``end`` of a source, and why."""

    start: int
    end: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Removed:
    first: int
    end: int
    why: str


def gaps(footage: AnalyzedSource, words: Sequence[SpokenWord], cut: Cut) -> list[Gap]:
    """The gaps that a ``cut`` by words takes out of a source, in order; at least one frame each."""
    begin, end = footage.source.begin, footage.source.end
    said = [word for word in words if begin <= (word.start + word.end) / 2 < end]
    removed = _removed(said, cut)
    gone = {number for each in removed for number in range(each.first, each.end)}
    stays = [number for number in range(len(said)) if number not in gone]
    finder = _Places(footage, cut)
    found: list[Gap] = []
    for before, after in pairwise([-1, *stays, len(said)]):
        why = [r.why for r in removed if before < r.first < after]
        low = said[before].end if before >= 0 else begin
        high = said[after].start if after < len(said) else end
        between = [said[n] for n in range(before + 1, after)]
        open_ = before < 0, after >= len(said)
        if between:
            found += finder.around(low, high, between, why, open_)
        elif cut.pause is not None:
            found += finder.pauses(low, high, open_)
    return [gap for gap in found if gap.start < gap.end]


def _removed(said: Sequence[SpokenWord], cut: Cut) -> list[_Removed]:
    """The removed words, in order, without overlap."""
    text = Text(said, asides=True)
    why: dict[int, tuple[int, str]] = {}
    for wanted in cut.remove:
        for place in text.places(wanted):
            phrase = " ".join(w.text for w in said[place.first : place.end])
            what = "filler" if all(map(hesitates, tokens(phrase))) else "removed"
            for number in range(place.first, place.end):
                why.setdefault(number, (place.first, f'{what} "{_bare(phrase)}"'))
    if any(all(map(hesitates, tokens(wanted))) for wanted in cut.remove):
        for number, word in enumerate(said):  # which hesitation it is cannot be heard reliably
            if word.aside and all(map(hesitates, tokens(word.text))):
                why.setdefault(number, (number, f'filler "{word.text}"'))
    if cut.repeats:
        _mark_repeats(said, why)
    if cut.unscripted:
        for number, word in enumerate(said):
            if word.aside:
                first = number
                while first - 1 in why and why[first - 1][1] == "unscripted":
                    first -= 1
                why.setdefault(number, (first, "unscripted"))
    found: list[_Removed] = []
    for number in sorted(why):
        first, reason = why[number]
        if found and found[-1].end == number and found[-1].first == first:
            found[-1] = _Removed(first, number + 1, reason)
        else:
            found.append(_Removed(number, number + 1, reason))
    return [_explained(each, said) for each in found]


def _explained(each: _Removed, said: Sequence[SpokenWord]) -> _Removed:
    start, end = said[each.first].start, said[each.end - 1].end
    why = each.why
    if why == "unscripted":
        words = " ".join(word.text for word in said[each.first : each.end])
        why = f'"{_bare(words)}", which the script lacks,'
    return _Removed(each.first, each.end, f"{why} at {moment(start)} to {moment(end)}")


def _bare(text: str) -> str:
    return text.rstrip(".,;:!?…-").replace('"', "'")


def _mark_repeats(said: Sequence[SpokenWord], why: dict[int, tuple[int, str]]) -> None:
    """Mark words repeated immediately: all but the last occurrence."""
    left = [number for number in range(len(said)) if number not in why]
    at = 0
    while at < len(left):
        length = _repeated(said, left, at)
        if not length:
            at += 1
            continue
        phrase = " ".join(said[number].text for number in left[at : at + length])
        for number in left[at : at + length]:
            why[number] = left[at], f'repeat of "{_bare(phrase)}"'
        del left[at : at + length]
        at = max(0, at - _LONGEST)


def _repeated(said: Sequence[SpokenWord], left: Sequence[int], at: int) -> int:
    """The largest number of words from ``at`` that are repeated right after them."""
    for length in range(min(_LONGEST, (len(left) - at) // 2), 0, -1):
        first = [said[number] for number in left[at : at + length]]
        again = [said[number] for number in left[at + length : at + 2 * length]]
        if [tokens(w.text) for w in first] != [tokens(w.text) for w in again]:
            continue
        if any(word.aside for word in first) or not _meant(said, left, at, length):
            return length
    return 0


def _meant(said: Sequence[SpokenWord], left: Sequence[int], at: int, length: int) -> bool:
    """Whether words are repeated on purpose: a word that people double, the end of a sentence and
    the beginning of the next, or a clause: thank you, you know."""
    first = [said[number] for number in left[at : at + length]]
    if length == 1 and first[0].plain in _TWICE:
        return True
    if any(word.ends_sentence for word in first):
        return True
    begins = at == 0 or said[left[at - 1]].ends_clause
    return first[-1].ends_clause and not begins


class _Places:
    """Finds the places between words at which a source is cut."""

    def __init__(self, footage: AnalyzedSource, cut: Cut) -> None:
        self.footage, self.pause = footage, cut.pause
        self.rest = REST if cut.pause is None else cut.pause
        level = footage.found["level"]
        assert isinstance(level, Curves)
        self.rms = level["rms"]
        self.audible = audible_in(self.rms)
        self._loud = self.rms.values >= thresholds(self.rms)

    def around(
        self,
        low: Fraction,
        high: Fraction,
        removed: Sequence[SpokenWord],
        why: Sequence[str],
        open_: tuple[bool, bool],
    ) -> Iterator[Gap]:
        """The gap that removed words leave between words that end at ``low`` and begin at
        ``high``. ``open_``: whether nothing stays before it, and after it."""
        first, last = removed[0].start, max(word.end for word in removed)
        low, high = self._spoken(low, first), self._spoken(high, last)
        before, after = max(first - low, Fraction(0)), max(high - last, Fraction(0))
        rest = min(self.rest, before + after)
        left = min(before, max(rest / 2, rest - after))
        start = 0 if open_[0] else self.near(low + left, low, max(first, low), outward=1)
        over = self.footage.count
        if not open_[1]:
            right = min(after, rest - (Fraction(0) if open_[0] else left))
            over = self.near(high - right, min(last, high), high, outward=-1)
        yield Gap(start, over, tuple(why))

    def _spoken(self, edge: Fraction, limit: Fraction) -> Fraction:
        """The edge of a word where its sound ends or begins, which an engine may miss: the first
        moment that is not loud, searched from ``edge`` to ``limit``."""
        step = 1 if limit > edge else -1
        at = self.rms.index(edge) - (step < 0)
        while 0 <= at < len(self._loud) and self._loud[at]:
            at += step
        found = self.rms.time(at + (step < 0))
        return min(max(found, edge), limit) if step > 0 else max(min(found, edge), limit)

    def pauses(self, low: Fraction, high: Fraction, open_: tuple[bool, bool]) -> Iterator[Gap]:
        """The gaps cut out of the pauses between words that end at ``low`` and begin at ``high``:
        sounds there that are not words stay."""
        assert self.pause is not None
        first, last = self.rms.index(low), self.rms.index(high)
        first, last = max(first, 0), min(last, len(self.audible))
        for begin, end in true_runs(~self.audible[first:last]):
            start, stop = self.rms.time(first + begin), self.rms.time(first + end)
            start, stop = max(start, low), min(stop, high)
            if stop - start < self.pause + _LEAST:
                continue
            at_start = open_[0] and start - low < _END
            at_end = open_[1] and high - stop < _END
            half = self.pause / (1 if at_start or at_end else 2)
            left = 0 if at_start else self.near(start + half, start, stop, outward=1)
            right = self.footage.count
            if not at_end:
                right = self.near(stop - half, start, stop, outward=-1)
            text = f"pause of {float(stop - start):.2f} s at {moment(start)} shortened to "
            yield Gap(left, right, (f"{text}{float(self.pause):.2f} s",))

    def near(self, wanted: Fraction, low: Fraction, high: Fraction, outward: int) -> int:
        """The best place near a time between ``low`` and ``high``: soft, and on a frame. If there
        is no frame between them, the next one in the direction ``outward``, 1 or -1."""
        footage = self.footage
        lowest, highest = ((time - footage.source.begin) * footage.rate for time in (low, high))
        first, last = int(-(-lowest // 1)), int(highest // 1)
        if first > last:
            return min(max(first if outward > 0 else last, 0), footage.count)
        reach = max(int(footage.rate / 10), 1)
        middle = footage.place(wanted)
        places = range(max(first, middle - reach), min(last, middle + reach) + 1)
        if not places:
            return min(max(middle, first), last)
        return min(places, key=lambda place: (self._cost(place, wanted), place))

    def _cost(self, place: int, wanted: Fraction) -> float:
        time = self.footage.time(place)
        at = self.rms.index(time)
        reach = max(int(_AROUND * float(self.rms.rate)), 1)
        near = self.rms.values[max(at - reach, 0) : at + reach]
        level = float(np.max(near)) if len(near) else -100.0
        return level + _FAR * abs(float(time - wanted))
