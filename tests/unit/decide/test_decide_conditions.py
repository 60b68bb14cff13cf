"""Conditions against a model that asks every cell of a grid, and against the laws of sets."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedc.decide.analyses.results import Curve, Curves, Result, Span, Spans
from vedc.decide.choose.conditions import (
    MEASURE_SOURCES,
    both,
    close_gaps,
    drop_short,
    intervals_meeting,
    inverse,
    needs,
    on_frames,
    with_margin,
)
from vedc.errors import SpecError
from vedc.lang.keys.conditions import MEASURES, Condition, Margin

CELL = Fraction(1, 7)
BEGIN, END = 5, 45
"""Cells. What is found reaches beyond them."""

Cells = list[bool]

lawful = settings(deadline=None, max_examples=60)


def spans(*pairs: tuple[object, object]) -> Spans:
    return Spans(tuple(Span(Fraction(str(a)), Fraction(str(b))) for a, b in pairs))


def pairs(found: Spans) -> list[tuple[Fraction, Fraction]]:
    return [(s.start, s.end) for s in found]


def to_spans(cells: Cells, first: int = 0) -> Spans:
    out, at = [], first
    for holds, run in groupby(cells):
        length = len(list(run))
        if holds:
            out.append(Span(at * CELL, (at + length) * CELL))
        at += length
    return Spans(tuple(out))


def to_cells(found: Spans) -> Cells:
    """Which cells from BEGIN to END are in ``found``, whose edges must lie on cells."""
    for span in found:
        assert (span.start / CELL).denominator == (span.end / CELL).denominator == 1
    middles = [(i + Fraction(1, 2)) * CELL for i in range(BEGIN, END)]
    return [any(s.start <= t < s.end for s in found) for t in middles]


each = st.sampled_from([1, 3, 7])  # cells that are alike, so that there are long runs too
cells = st.builds(
    lambda bits, n: [bool(bits >> i // n & 1) for i in range(50)], st.integers(0, 2**50 - 1), each
)
curves = st.builds(
    lambda data, n: [data[i // n] % 5 / 4 for i in range(50)],
    st.binary(min_size=50, max_size=50),
    each,
)
found_things = st.fixed_dictionaries({"speech": cells, "silence": cells, "motion": curves})
sizes = st.integers(-6, 6)
margins = st.none() | st.builds(lambda a, b: Margin(a * CELL, b * CELL), sizes, sizes)
limits = st.none() | st.sampled_from([0.25, 0.5])
leaves = st.builds(
    lambda kind, margin: Condition(kind, margin=margin),
    st.sampled_from(["speech", "silence"]),
    margins,
) | st.builds(lambda a, b, m: Condition("motion", (), a, b, m), limits, limits, margins)


def _compound(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.builds(
        lambda kind, parts, margin: Condition(kind, parts, margin=margin),
        st.sampled_from(["and", "or"]),
        several,
        margins,
    ) | st.builds(lambda part, margin: Condition("not", (part,), margin=margin), inner, margins)


conditions = st.recursive(leaves, _compound, max_leaves=6)


def results(found: dict[str, list]) -> dict[str, Result]:
    motion = np.array(found["motion"], np.float32)
    return {
        "speech": to_spans(found["speech"]),
        "silence": to_spans(found["silence"]),
        "measures": Curves({"motion": motion}, 1 / CELL),
    }


def evaluated(condition: Condition, found: dict[str, list]) -> Spans:
    return intervals_meeting(condition, BEGIN * CELL, END * CELL, results(found))


FAR = 100
"""Cells that the model looks at before BEGIN and after END."""


def modelled(condition: Condition, found: dict[str, list]) -> Cells:
    """The condition by the book, cell by cell."""
    return _modelled(condition, found)[FAR:-FAR]


def _modelled(condition: Condition, found: dict[str, list]) -> Cells:
    parts = [_modelled(part, found) for part in condition.parts]
    if condition.kind == "and":
        held = [all(values) for values in zip(*parts, strict=True)]
    elif condition.kind == "or":
        held = [any(values) for values in zip(*parts, strict=True)]
    elif condition.kind == "not":
        held = [not value for value in parts[0]]
    else:
        seen = _seen(condition, found)[BEGIN:END]
        held = [seen[0]] * FAR + seen + [seen[-1]] * FAR  # the ends are no edges
    margin = condition.margin or Margin(Fraction(0), Fraction(0))
    wide = [False] * len(held)
    at = 0
    for holds, run in groupby(held):
        length = len(list(run))
        if holds:
            low = at - int(margin.before / CELL) if at else 0
            high = at + length + (int(margin.after / CELL) if at + length < len(held) else 0)
            wide = [old or low <= i < high for i, old in enumerate(wide)]
        at += length
    return wide


def _seen(condition: Condition, found: dict[str, list]) -> Cells:
    if condition.kind != "motion":
        return list(found[condition.kind])
    above, below = condition.above, condition.below
    if above is None and below is None:
        above = MEASURE_SOURCES["motion"].above
    return [
        (above is None or np.float32(v) > np.float32(above)) and (below is None or v < below)
        for v in found["motion"]
    ]


@lawful
@given(conditions, found_things)
def test_every_condition_is_what_its_cells_say(condition, found) -> None:
    assert to_cells(evaluated(condition, found)) == modelled(condition, found)


@lawful
@given(leaves, leaves, found_things)
def test_de_morgan(one, other, found) -> None:
    left = Condition("not", (Condition("and", (one, other)),))
    right = Condition("or", (Condition("not", (one,)), Condition("not", (other,))))
    assert evaluated(left, found) == evaluated(right, found)


@lawful
@given(st.lists(conditions, min_size=2, max_size=4), st.sampled_from(["and", "or"]), found_things)
def test_the_order_of_parts_does_not_matter(parts, kind, found) -> None:
    ways = [evaluated(Condition(kind, tuple(p)), found) for p in (parts, parts[::-1])]
    assert ways[0] == ways[1]


@lawful
@given(conditions, found_things)
def test_not_twice_is_nothing(condition, found) -> None:
    twice = Condition("not", (Condition("not", (condition,)),))
    assert evaluated(twice, found) == evaluated(condition, found)


@lawful
@given(cells, sizes, sizes, st.integers(0, 5))
def test_a_larger_margin_keeps_all_that_a_smaller_one_keeps(held, before, after, more) -> None:
    small = Margin(before * CELL, after * CELL)
    large = Margin((before + more) * CELL, after * CELL)
    begin, end = BEGIN * CELL, END * CELL
    kept = with_margin(to_spans(held), small, begin, end)
    assert both(kept, with_margin(to_spans(held), large, begin, end), begin, end) == kept


@lawful
@given(cells, sizes, sizes)
def test_a_margin_is_the_opposite_margin_of_the_rest(held, before, after) -> None:
    if (before < 0) != (after < 0):
        before, after = abs(before), abs(after)
    begin, end = BEGIN * CELL, END * CELL
    found = to_spans(held)
    one = inverse(with_margin(found, Margin(before * CELL, after * CELL), begin, end), begin, end)
    rest = inverse(found, begin, end)
    assert one == with_margin(rest, Margin(-after * CELL, -before * CELL), begin, end)


@lawful
@given(cells)
def test_a_set_and_its_inverse_cover_everything_once(held) -> None:
    begin, end = BEGIN * CELL, END * CELL
    found = both(to_spans(held), spans((0, 100)), begin, end)
    rest = inverse(found, begin, end)
    assert sum(s.end - s.start for s in (*found, *rest)) == end - begin
    edges = sorted((s.start, s.end) for s in (*found, *rest))
    assert edges[0][0] == begin and edges[-1][1] == end
    assert all(a[1] == b[0] for a, b in pairwise(edges))


def test_every_measure_has_a_meaning() -> None:
    assert {*MEASURE_SOURCES, "silence"} == set(MEASURES)


def test_what_a_condition_needs() -> None:
    speech, likely = Condition("speech"), Condition("speech", above=0.9)
    every = Condition(
        "or", (speech, Condition("not", (Condition("motion"),)), Condition("silence"))
    )
    assert needs(every) == {"speech", "measures", "silence"}
    assert needs(likely) == {"voice"}
    assert needs(Condition("loudness", below=-50)) == {"level"}


def test_limits_are_strict_and_a_band_has_two() -> None:
    curve = Curves({"motion": np.array([0, 0.25, 0.5, 0.75, np.nan], np.float32)}, Fraction(1))
    held: dict[str, Result] = {"measures": curve}

    def ask(**given_limits: float) -> list[tuple[Fraction, Fraction]]:
        condition = Condition("motion", **given_limits)  # type: ignore[arg-type]
        return pairs(intervals_meeting(condition, Fraction(0), Fraction(5), held))

    assert ask(above=0.25) == [(2, 4)]
    assert ask(below=0.5) == [(0, 2)]
    assert ask(above=0, below=0.75) == [(1, 3)]
    assert ask(above=0.8, below=0.1) == []
    assert ask(above=-1) == [(0, 4)]  # NaN meets no condition


def test_without_sound_it_is_neither_loud_nor_speech() -> None:
    level = Curves({"loudness": np.full(200, -10, np.float32)}, Fraction(100), Fraction(1))
    held: dict[str, Result] = {
        "level": level,
        "voice": Curve(np.ones(10, np.float32), Fraction(10), Fraction(1)),
    }
    zero, end = Fraction(0), Fraction(5)
    assert pairs(intervals_meeting(Condition("loudness"), zero, end, held)) == [(1, 3)]
    assert pairs(intervals_meeting(Condition("loudness", below=-50), zero, end, held)) == [
        (0, 1),
        (3, 5),
    ]
    assert pairs(intervals_meeting(Condition("speech", below=0.5), zero, end, held)) == [
        (0, 1),
        (2, 5),
    ]


def test_a_picture_curve_holds_its_last_value() -> None:
    """A file's last frame may be longer than the curve: that is not an edge."""
    curve = Curves({"motion": np.array([0, 1], np.float32)}, Fraction(1))
    condition = Condition("motion", margin=Margin(Fraction(0), Fraction(-1, 2)))
    assert pairs(
        intervals_meeting(condition, Fraction(0), Fraction("2.04"), {"measures": curve})
    ) == [(1, Fraction("2.04"))]


def test_silence_is_not_compared() -> None:
    with pytest.raises(SpecError, match="silence cannot be compared") as caught:
        intervals_meeting(
            Condition("silence", above=0.5), Fraction(0), Fraction(1), {"silence": Spans()}
        )
    assert caught.value.problems[0].code == "bad-condition"


def test_a_margin_on_one_side_moves_that_edge() -> None:
    found = spans((2, 4), (5, "5.2"))
    kept = with_margin(found, Margin(Fraction(1, 2), Fraction(-1, 2)), Fraction(0), Fraction(9))
    assert pairs(kept) == [(Fraction("1.5"), Fraction("3.5")), (Fraction("4.5"), Fraction("4.7"))]


def test_close_gaps_and_drop_short() -> None:
    found = spans((0, 1), ("1.2", 2), ("2.5", "2.6"), (4, 5))
    assert pairs(close_gaps(found, Fraction(1, 2))) == [
        (0, 2), (Fraction(5, 2), Fraction(13, 5)), (4, 5),
    ]  # fmt: skip
    assert pairs(drop_short(found, Fraction(1))) == [(0, 1), (4, 5)]


@lawful
@given(cells, st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(10)]))
def test_frames_lose_nothing_and_add_less_than_one(held, rate) -> None:
    begin, end = Fraction(3, 2), Fraction(3, 2) + 130 / rate + 1 / (3 * rate)
    found = both(to_spans(held), spans((0, 100)), begin, end)
    framed = on_frames(found, begin, end, rate)
    last = begin + 130 / rate
    for span in framed:
        for edge in (span.start, span.end):
            assert ((edge - begin) * rate).denominator == 1 and begin <= edge <= last
    whole = both(found, spans((0, 100)), begin, last)
    assert pairs(both(whole, framed, begin, last)) == pairs(whole)
    for span in framed:
        inside = [s for s in found if s.start < span.end and span.start < s.end]
        assert 0 <= inside[0].start - span.start < 1 / rate
        assert span.end - inside[-1].end < 1 / rate
