"""Captions from the speech of a track's clips, in film time.

Words are mapped to the film first and divided there, so pauses, lengths and reading speeds are
those that viewers meet, whatever the speed of a clip, and a sentence stays whole when a cut removes
a hesitation.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from vedc.captions.lines import MAX_CHARS, caption_cues
from vedc.captions.spoken import SpokenWord
from vedc.edit.captions import Cue
from vedc.edit.time_map import Part, TimeMap
from vedc.lang.resolve.items.timing import ItemTiming
from vedc.lang.resolve.speech.in_place import spoken_words
from vedc.lang.yaml.tree import SpecNode
from vedc.support.lazy_dataclass import dataclass

#: Seconds of a file that a cut may leave out within a sentence.
_REMOVED: Final = Fraction(2)


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A stretch of the film in which a file plays in one direction, with its words.

    Backwards, times are mirrored about its middle, so that words stay in order.
    """

    begin: Fraction
    end: Fraction
    low: Fraction
    """The least source time."""
    high: Fraction
    forward: bool
    words: tuple[SpokenWord, ...]
    source: object
    """The captions and the file, within which sentences may continue."""
    max_chars: int = MAX_CHARS

    def goes_on(self, after: Stretch) -> bool:
        """Whether a sentence may continue in the next stretch."""
        return (
            self.forward
            and after.forward
            and self.source == after.source
            and self.end == after.begin
            and 0 <= after.low - self.high <= _REMOVED
        )


def stretches(
    words: Sequence[SpokenWord],
    time_map: TimeMap,
    start: Fraction,
    length: Fraction,
    source: object,
    max_chars: int = MAX_CHARS,
) -> Iterator[Stretch]:
    """The stretches of an item that begins at ``start``, with the words whose middle it shows."""
    for parts in _runs(time_map, length):
        forward = parts[0].slope > 0
        marks = [(part.source, start + part.begin) for part in parts]
        marks.append((_source_end(parts[-1]), start + _end(parts[-1])))
        begin, end = marks[0][1], marks[-1][1]
        if not forward:
            marks = [(source_time, begin + end - time) for source_time, time in reversed(marks)]
        low, high = marks[0][0], marks[-1][0]
        yield Stretch(
            begin,
            end,
            low,
            high,
            forward,
            tuple(
                replace(
                    word,
                    start=_between(marks, max(word.start, low)),
                    end=_between(marks, min(word.end, high)),
                )
                for word in words
                if low <= (word.start + word.end) / 2 < high
            ),
            source,
            max_chars,
        )


def stretches_of(captions: SpecNode, placed: ItemTiming) -> Iterator[Stretch]:
    """The stretches of a clip with answered captions."""
    long = int(captions["max_chars"].number) if "max_chars" in captions else MAX_CHARS
    file = placed.media.locator if placed.media is not None else ""
    words, source = [*spoken_words(captions)], (captions.location, file)
    return stretches(words, placed.time_map, placed.start, placed.length, source, long)


def film_cues(found: Sequence[Stretch], film: Fraction | None) -> Iterator[tuple[object, Cue]]:
    """The captions of stretches that no other captions accompany, each with its ``source``.

    A caption stays long enough to be read, even beyond the end of its clip, until somebody speaks
    again or the film ends after ``film`` seconds.
    """
    talks: list[list[Stretch]] = []
    for each in sorted(found, key=lambda stretch: (stretch.begin, stretch.end)):
        if talks and talks[-1][-1].goes_on(each):
            talks[-1].append(each)
        else:
            talks.append([each])
    spoken = [(talk, [word for each in talk for word in each.words]) for talk in talks]
    spoken = [(talk, words) for talk, words in spoken if words]
    for number, (talk, words) in enumerate(spoken):
        first = talk[0]
        if first.forward:
            until = min((_first(*later) for later in spoken[number + 1 :]), default=film)
            until = None if until is None else max(until, words[-1].end)
            for cue in caption_cues(words, first.max_chars, until=until):
                yield first.source, cue
            continue
        axis = first.begin + first.end
        for cue in caption_cues(words, first.max_chars, until=first.end):
            back = replace(cue, start=axis - cue.end, end=axis - cue.start, words=())
            yield first.source, back


def _first(talk: Sequence[Stretch], words: Sequence[SpokenWord]) -> Fraction:
    """The film time at which a talk with words first plays."""
    return words[0].start if talk[0].forward else talk[0].begin


def _runs(time_map: TimeMap, length: Fraction) -> list[list[Part]]:
    """The parts of a map in which the source plays in one direction; an eased ramp is many."""
    found: list[list[Part]] = []
    for part in time_map.parts(0, length):
        if not part.slope or part.end == part.begin:
            continue
        last = found[-1][-1] if found else None
        if (
            last is not None
            and last.end == part.begin
            and (last.slope > 0) == (part.slope > 0)
            and _source_end(last) == part.source
        ):
            found[-1].append(part)
        else:
            found.append([part])
    return found


def _end(part: Part) -> Fraction:
    assert part.end is not None  # of an item, which has a length
    return part.end


def _source_end(part: Part) -> Fraction:
    return part.source + (_end(part) - part.begin) * part.slope


def _between(marks: Sequence[tuple[Fraction, Fraction]], source: Fraction) -> Fraction:
    """The film time of a source time within ``marks``, increasing pairs."""
    at = min(max(bisect_right(marks, source, key=lambda mark: mark[0]), 1), len(marks) - 1)
    (low, begin), (high, end) = marks[at - 1], marks[at]
    return begin + (source - low) * (end - begin) / (high - low)
