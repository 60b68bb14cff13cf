"""The intervals of sources that pieces may come from, for each method."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

import numpy as np

from vedc.captions.spoken import Words
from vedc.decide.arrays import Ints
from vedc.decide.choose import conditions
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.methods import pauses, spoken_cuts
from vedc.decide.choose.methods.candidates import grid
from vedc.decide.choose.methods.spoken_cuts import Gap
from vedc.decide.choose.pieces import Interval, Piece, PieceScorer
from vedc.lang.keys.auto import Cut
from vedc.lang.keys.conditions import Condition, Margin

_MOMENT: Final = (Fraction(3), Fraction(6))
"""Shortest and longest moment, in seconds."""
_STANDS_OUT: Final = 0.5
"""The least value of ``peak`` at which a moment stands out."""
_TO_A_PAUSE: Final = 2
"""The longest moment that may reach for a pause, as a multiple of the usual maximum."""
_APART: Final = Fraction(1)
_BREAK, _BRIEF = Fraction(1, 4), Fraction(1, 2)
_STEP: Final = Fraction(1, 4)


def shots(footage: Sequence[AnalyzedSource], *, clear: bool) -> list[Interval]:
    """The shots; ``clear``: without the transitions that lead into and out of them."""
    return [
        Interval(i, *(shot.clear if clear else (shot.start, shot.end)), (shot.start, shot.end))
        for i, f in enumerate(footage)
        for shot in f.shot_intervals
        if not clear or shot.clear[0] < shot.clear[1]
    ]


def sources(footage: Sequence[AnalyzedSource]) -> list[Interval]:
    """Each source as a whole."""
    return [Interval(i, 0, f.count, (0, f.count)) for i, f in enumerate(footage) if f.count]


def by_sound(footage: Sequence[AnalyzedSource], cut: Cut) -> list[Interval]:
    """Each source without its pauses, or its speech."""
    out: list[Interval] = []
    for i, f in enumerate(footage):
        kept = pauses.kept_by_sound(f.source, cut, f.found, f.rate)
        words = f.found.get("words")
        if isinstance(words, Words):
            source = f.source
            kept = conditions.between_words(kept, words, source.begin, source.end, f.rate)
        for span in kept.spans:
            start, end = f.place(span.start), f.place(span.end)
            if start < end:
                out.append(Interval(i, start, end, (start, end)))
    return out


def around_keys(footage: Sequence[AnalyzedSource]) -> list[Interval]:
    """For each key frame, the frames of its shot that are nearest to it."""
    out: list[Interval] = []
    for i, f in enumerate(footage):
        origin = int(f.source.begin * f.rate)
        keys = [(k.frame - origin, k.covers) for k in (f.keyframes.frames if f.keyframes else ())]
        for shot in f.shot_intervals:
            low, high = shot.clear
            own = [(place, covers) for place, covers in keys if low <= place < high]
            places = [place for place, _ in own]
            between = [(a + b + 1) // 2 for a, b in itertools.pairwise(places)]
            edges = itertools.pairwise([low, *between, high])
            for (place, covers), (start, end) in zip(own, edges, strict=False):
                whole = (shot.start, shot.end)
                out.append(Interval(i, start, end, whole, must=place, central=covers))
    return out


def meeting(
    footage: Sequence[AnalyzedSource],
    intervals: Sequence[Interval],
    condition: Condition,
    margin: Margin | None,
) -> list[Interval]:
    """The parts of intervals that meet a condition, edges on frames.

    Measures fluctuate around a limit: breaks shorter than a quarter of a second do not count, and
    pieces shorter than half a second are dropped, unless there are no others.
    """
    out: list[Interval] = []
    for i, f in enumerate(footage):
        begin, end = f.source.begin, f.source.end
        met = conditions.intervals_meeting(condition, begin, end, f.found)
        if conditions.measured(condition):
            met = conditions.close_gaps(met, _BREAK)
            lasting = conditions.drop_short(met, _BRIEF)
            met = lasting if len(lasting) else met
        if margin is not None:
            met = conditions.with_margin(met, margin, begin, end)
        words = f.found.get("words")
        if isinstance(words, Words):
            met = conditions.between_words(met, words, begin, end, f.rate)
        else:
            met = conditions.on_frames(met, begin, end, f.rate)
        spans = [(f.place(span.start), f.place(span.end)) for span in met.spans]
        for interval in intervals:
            for low, high in spans if interval.source == i else ():
                start, stop = max(interval.start, low), min(interval.end, high)
                kept = interval.must is None or start <= interval.must < stop
                if start < stop and kept:
                    out.append(replace(interval, start=start, end=stop))
    return out


def spoken(
    footage: Sequence[AnalyzedSource], cut: Cut
) -> tuple[list[Interval], dict[int, list[Gap]]]:
    """Each source without the gaps cut out by words; and those gaps, by source."""
    out: list[Interval] = []
    taken: dict[int, list[Gap]] = {}
    for i, f in enumerate(footage):
        words = f.found["words"]
        assert isinstance(words, Words)
        taken[i] = spoken_cuts.gaps(f, words.words, cut)
        start = 0
        for gap in (*taken[i], None):
            end = f.count if gap is None else gap.start
            if start < end:
                out.append(Interval(i, start, end, (start, end)))
            start = f.count if gap is None else max(start, gap.end)
    return out, taken


def around(scorer: PieceScorer, interval: Interval, length: Fraction) -> Piece:
    """The best piece of a length that shows an interval's key frame, or the whole of a shorter
    interval."""
    footage = scorer.footage[interval.source]
    assert interval.must is not None
    size = max(1, int(length * footage.rate))
    start, end = interval.start, interval.end
    if size < end - start:
        starts = np.arange(max(start, interval.must - size + 1), min(interval.must, end - size) + 1)
        scores = scorer.scores(interval, starts, starts + size)
        middle = np.abs(starts + size // 2 - interval.must) / size  # ties go to the most central
        start = int(starts[int(np.argmax(scores - 0.1 * middle))])
        end = start + size
    begin, over = footage.time(start), footage.time(end)
    return Piece(interval.source, begin, over, interval.shot, central=interval.central)


def _spans(
    scorer: PieceScorer, interval: Interval, least: Fraction, most: Fraction
) -> tuple[Ints, Ints]:
    """Places in an interval where moments of ``least`` to ``most`` seconds may begin and end."""
    footage = scorer.footage[interval.source]
    room = Fraction(interval.end - interval.start) / footage.rate
    shortest = int(-(-min(least, room) * footage.rate // 1))
    frames = [max(1, int(n / footage.ratio)) for n in (shortest, most * footage.rate)]
    block = grid(scorer, interval, frames[0], max(frames), 1, _STEP)
    starts = block.places[block.begin]
    sizes = (block.size * footage.ratio.numerator) // footage.ratio.denominator
    return starts, np.minimum(starts + sizes, interval.end)


def moments(
    scorer: PieceScorer,
    intervals: Sequence[Interval],
    low: Fraction | None,
    high: Fraction | None,
    *,
    everywhere: bool,
    whole_words: bool = True,
) -> list[Piece]:
    """Moments that stand out from their surroundings, chosen best first, in order of time.

    ``everywhere``: also those that do not stand out, for a later choice. ``whole_words``: none that
    begins or ends while somebody speaks. If a file has none of the usual length, moments get longer
    to reach a pause, unless ``high`` forbids it.
    """
    least = _MOMENT[0] if low is None else low
    most = _MOMENT[1] if high is None else high
    if low is None:
        least = min(least, most)
    if high is None:
        most = max(least, most)
    found: list[tuple[float, Interval, int, int]] = []
    for interval in intervals:
        footage = scorer.footage[interval.source]
        spoken = scorer.in_word(interval.source)
        longest = (most, _TO_A_PAUSE * most) if high is None and spoken.any() else (most,)
        for limit in longest if whole_words else (most,):
            starts, ends = _spans(scorer, interval, least, limit)
            scores = scorer.scores(interval, starts, ends)
            peaks = scorer.features[interval.source].peaks(starts, ends)
            fit = (peaks >= _STANDS_OUT) | everywhere
            if whole_words:
                fit &= ~spoken[starts] & ~spoken[ends]
            kept = np.flatnonzero(fit).tolist()
            found += [(float(scores[k]), interval, int(starts[k]), int(ends[k])) for k in kept]
            if kept:
                break
    found.sort(key=lambda f: (-f[0], f[1].source, f[2], f[3]))
    taken: list[Piece] = []
    for _, interval, start, end in found:
        footage = scorer.footage[interval.source]
        piece = Piece(interval.source, footage.time(start), footage.time(end), interval.shot)
        wide = replace(piece, begin=piece.begin - _APART, end=piece.end + _APART)
        if not any(wide.overlaps(other) for other in taken):
            taken.append(piece)
    return sorted(taken, key=lambda p: (p.source, p.begin))
