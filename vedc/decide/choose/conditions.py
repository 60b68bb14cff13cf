"""Conditions: which moments of a source meet ``{and: [speech, {motion: {above: 0.1}}]}``.

A set of moments is a :data:`Toggles`: its state before the first change, and the times of all
changes in order. ``and``, ``or``, ``not`` and margins are therefore exact.

The ends of the examined range are not edges: whatever reaches them is assumed to continue, so a
margin neither adds nor removes anything there. Therefore ``not: {speech: {margin: 1s}}`` equals
``{not: speech, margin: -1s}``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias, cast

import numpy as np

from vedc.captions.said import Text
from vedc.captions.spoken import Words
from vedc.decide.analyses.results import Curve, Curves, Result, Span, Spans, merged
from vedc.decide.arrays import Bools, Float
from vedc.errors import InternalError, SpecError
from vedc.lang.keys.conditions import SAID, Condition, Margin


@dataclass(frozen=True, slots=True)
class MeasureSource:
    """The curve that a measure is read from, and its default limit."""

    curve: str
    """The analysis and the name of the curve in it: ``level/loudness``."""
    above: float
    """The limit to exceed if neither ``above`` nor ``below`` is given."""
    outside: float | None = None
    """The value where there is no sound; None holds the last value."""
    spans: str | None = None
    """The analysis to use instead of the curve if no limit is given."""


#: On camera material, the defaults separate footage with a property from footage without it.
MEASURE_SOURCES: Final[Mapping[str, MeasureSource]] = {
    # Unlike the bare curve, the spans take pauses and edges into account.
    "speech": MeasureSource("voice", 0.5, outside=0.0, spans="speech"),
    # Broadcast speech is at -23; listeners in a quiet room can still follow 17 dB below.
    "loudness": MeasureSource("level/loudness", -40.0, outside=-math.inf),
    # A talk in front of a fixed camera has 0.004; moving animals have a median of about 0.1.
    "motion": MeasureSource("measures/motion", 0.05),
    # Sharp footage has about 0.5 (edges two pixels wide); motion blur lowers it to 0.3.
    "sharpness": MeasureSource("measures/sharpness", 0.35),
    # A night street is at a fifth of the code range; little is visible below that.
    "brightness": MeasureSource("measures/brightness", 0.2),
    # Grey has almost 0, a hazy landscape 0.2, a meadow 0.45.
    "colorfulness": MeasureSource("measures/colorfulness", 0.2),
    # One take seldom reaches 0.35, even with a moving camera; another place does.
    "novelty": MeasureSource("measures/novelty", 0.35),
}

Toggles: TypeAlias = tuple[bool, tuple[Fraction, ...]]
"""The state before the first time, and the times at which it changes."""


def needs(condition: Condition) -> frozenset[str]:
    """The analyses whose results :func:`intervals_meeting` needs; ``words`` come from the lock."""
    if condition.parts:
        return frozenset().union(*(needs(part) for part in condition.parts))
    if condition.kind == SAID:
        return frozenset({"words"})
    if condition.kind == "silence":
        return frozenset({"silence"})
    source = _source_of(condition)
    if source.spans is not None and not _limited(condition):
        return frozenset({source.spans})
    return frozenset({source.curve.partition("/")[0]})


def intervals_meeting(
    condition: Condition, begin: Fraction, end: Fraction, results: Mapping[str, Result]
) -> Spans:
    """The intervals of ``begin <= time < end`` that meet the condition, exact and not rounded.

    ``results`` has the names of :func:`needs` as keys. NaN meets no condition. Raises SpecError
    ``bad-condition`` if silence is compared with a number.
    """
    return _spans(_met(condition, begin, end, results), begin, end)


# -- set algebra on intervals ------------------------------------------------------------------


def inverse(spans: Spans, begin: Fraction, end: Fraction) -> Spans:
    """The complement within ``begin`` to ``end``."""
    start, times = _toggles(spans, begin, end)
    return _spans((not start, times), begin, end)


def both(one: Spans, other: Spans, begin: Fraction, end: Fraction) -> Spans:
    """The intersection within ``begin`` to ``end``."""
    parts = [_toggles(spans, begin, end) for spans in (one, other)]
    return _spans(_combined(parts, all), begin, end)


def with_margin(spans: Spans, margin: Margin, begin: Fraction, end: Fraction) -> Spans:
    """Widen every interval by ``margin``, or narrow it if negative; see the module."""
    return _spans(_widened(_toggles(spans, begin, end), margin), begin, end)


def close_gaps(spans: Spans, least: Fraction) -> Spans:
    """Merge intervals that are less than ``least`` seconds apart."""
    out: list[Span] = []
    for span in spans.spans:
        if out and span.start - out[-1].end < least:
            score = max(out[-1].score, span.score)
            out[-1] = Span(out[-1].start, span.end, score)
        else:
            out.append(span)
    return Spans(tuple(out))


def drop_short(spans: Spans, least: Fraction) -> Spans:
    """Drop intervals shorter than ``least`` seconds."""
    return Spans(tuple(span for span in spans.spans if span.end - span.start >= least))


def on_frames(spans: Spans, begin: Fraction, end: Fraction, rate: Fraction) -> Spans:
    """Move edges to the frame grid: ``begin`` and every ``1 / rate`` from there.

    Edges move outward, so nothing is lost: a start to the beginning of its frame, an end to the
    end of its last frame. The grid ends with the last whole frame before ``end``.
    """
    last = (end - begin) * rate // 1
    out = []
    for span in spans.spans:
        first = max((span.start - begin) * rate // 1, 0)
        over = min(-(-(span.end - begin) * rate // 1), last)
        out.append(Span(begin + first / rate, begin + over / rate, span.score))
    return merged(out)


# -- evaluation --------------------------------------------------------------------------------


def _met(
    condition: Condition, begin: Fraction, end: Fraction, results: Mapping[str, Result]
) -> Toggles:
    parts = [_met(part, begin, end, results) for part in condition.parts]
    match condition.kind:
        case "and":
            found = _combined(parts, all)
        case "or":
            found = _combined(parts, any)
        case "not":
            found = (not parts[0][0], parts[0][1])
        case _:
            found = _measured(condition, begin, end, results)
    return found if condition.margin is None else _widened(found, condition.margin)


def _measured(
    condition: Condition, begin: Fraction, end: Fraction, results: Mapping[str, Result]
) -> Toggles:
    if condition.kind == SAID:
        return _toggles(_said(condition, results), begin, end)
    if condition.kind == "silence":
        if _limited(condition):
            raise SpecError.one(
                "bad-condition",
                "silence cannot be compared with a number",
                hint="compare the level instead: {loudness: {below: -50}}",
            )
        return _toggles(_of(results, "silence", Spans), begin, end)
    source = _source_of(condition)
    if source.spans is not None and not _limited(condition):
        return _toggles(_of(results, source.spans, Spans), begin, end)
    analysis, _, name = source.curve.partition("/")
    found = results.get(analysis)
    curve = found[name] if isinstance(found, Curves) and name in found else found
    if not isinstance(curve, Curve):
        raise InternalError(f"the condition {condition.kind!r} lacks the curve {source.curve}")
    above = condition.above
    if not _limited(condition):
        above = source.above

    def meets(values: Float) -> Bools:
        met = cast("Bools", values == values)  # false for NaN
        if above is not None:
            met &= values > above
        if condition.below is not None:
            met &= values < condition.below
        return met

    return _crossings(curve, meets, source.outside, begin, end)


def _crossings(
    curve: Curve,
    meets: Callable[[Float], Bools],
    outside: float | None,
    begin: Fraction,
    end: Fraction,
) -> Toggles:
    """Where, between ``begin`` and ``end``, a curve starts or stops meeting the limits."""
    values = curve.values
    if outside is not None or not len(values):
        value = np.float32(math.nan if outside is None else outside)
        values = np.concatenate([[value], values, [value]]).astype(np.float32)
    shift = (len(values) - len(curve.values)) // 2
    met = meets(values)
    changes = np.flatnonzero(met[1:] != met[:-1]) + 1
    toggles = bool(met[0]), tuple(curve.time(int(i) - shift) for i in changes)
    return _toggles(_spans(toggles, begin, end), begin, end)


def _said(condition: Condition, results: Mapping[str, Result]) -> Iterable[Span]:
    """The spans in which one of a condition's texts is said."""
    words = results.get("words")
    if not isinstance(words, Words):
        raise InternalError("a condition lacks the words")
    text = Text(words.words)
    for wanted in condition.said:
        for place in text.places(wanted):
            yield Span(words.words[place.first].start, words.words[place.end - 1].end)


def between_words(
    spans: Spans, words: Words, begin: Fraction, end: Fraction, rate: Fraction
) -> Spans:
    """Spans on frames, as by :func:`on_frames`, with edges between words: an edge within a word
    moves outward to the word's end, and on to a frame in the pause if it contains one."""
    last = (end - begin) * rate // 1
    found = []
    for span in spans.spans:
        low, high = span.start, span.end
        for word in words:
            low = word.start if word.start < low < word.end else low
            high = word.end if word.start < high < word.end else high
        inside = [word for word in words if low < word.end and word.start < high]
        at, to = (low - begin) * rate, (high - begin) * rate
        first, over = at // 1, -(-to // 1)
        if inside and -(-at // 1) <= (inside[0].start - begin) * rate:
            first = -(-at // 1)
        if inside and to // 1 >= (inside[-1].end - begin) * rate:
            over = to // 1
        first, over = max(first, 0), min(over, last)
        if first < over:
            found.append(Span(begin + first / rate, begin + over / rate, span.score))
    return merged(found)


def measured(condition: Condition) -> bool:
    """Whether any part of a condition is a measurement, which fluctuates."""
    if condition.parts:
        return any(map(measured, condition.parts))
    return condition.kind != SAID


def _limited(condition: Condition) -> bool:
    return condition.above is not None or condition.below is not None


def _source_of(condition: Condition) -> MeasureSource:
    if condition.kind not in MEASURE_SOURCES:
        raise InternalError(f"unknown measure {condition.kind!r}")
    return MEASURE_SOURCES[condition.kind]


def _of(results: Mapping[str, Result], name: str, kind: type[Spans]) -> Spans:
    found = results.get(name)
    if not isinstance(found, kind):
        raise InternalError(f"a condition lacks the result of {name!r}")
    return found


def _toggles(spans: Iterable[Span], begin: Fraction, end: Fraction) -> Toggles:
    """Intervals as toggles; those that reach ``begin`` or ``end`` continue without end."""
    times: list[Fraction] = []
    start = False
    for span in merged(list(spans)).spans:
        if span.end <= begin or span.start >= end:
            continue
        if span.start <= begin:
            start = True
        else:
            times.append(span.start)
        if span.end < end:
            times.append(span.end)
    return start, tuple(times)


def _spans(toggles: Toggles, begin: Fraction, end: Fraction) -> Spans:
    """Toggles as intervals between ``begin`` and ``end``."""
    holds, times = toggles
    out: list[Span] = []
    start = begin if holds else None
    for time in times:
        if start is None:
            start = time
        else:
            low, high = max(start, begin), min(time, end)
            if low < high:
                out.append(Span(low, high))
            start = None
    if start is not None and max(start, begin) < end:
        out.append(Span(max(start, begin), end))
    return Spans(tuple(out))


def _combined(parts: list[Toggles], join: Callable[[Iterable[bool]], bool]) -> Toggles:
    states = [start for start, _ in parts]
    changes = sorted((time, i) for i, (_, times) in enumerate(parts) for time in times)
    start = holds = join(states)
    out: list[Fraction] = []
    for k, (time, i) in enumerate(changes):
        states[i] = not states[i]
        if k + 1 < len(changes) and changes[k + 1][0] == time:
            continue
        if join(states) != holds:
            holds = not holds
            out.append(time)
    return start, tuple(out)


def _widened(toggles: Toggles, margin: Margin) -> Toggles:
    """Move every start earlier by ``before`` and every end later by ``after``.

    Intervals that then touch are merged, and empty ones are dropped.
    """
    holds, times = toggles
    edges: list[Fraction | float] = [*([-math.inf] if holds else []), *times]
    if len(edges) % 2:
        edges.append(math.inf)
    out: list[Fraction | float] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        start, end = start - margin.before, end + margin.after
        if start >= end:
            continue
        if out and start <= out[-1]:
            out[-1] = end
        else:
            out += start, end
    return -math.inf in out, tuple(time for time in out if isinstance(time, Fraction))
