"""The optimisers against trying everything."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedc.decide.choose.methods.interval_scheduling import (
    Group,
    Pieces,
    SlotGroup,
    assign,
    fit,
    select,
    split,
)

lawful = settings(deadline=None, max_examples=150)

#: Whole numbers as values: sums are exact in whatever order they are taken.
values = st.integers(-20, 20)


@st.composite
def pieces(draw: st.DrawFn) -> Pieces:
    beginnings = draw(st.integers(1, 5))
    rows = []
    for k in range(beginnings):
        for _ in range(draw(st.integers(0, 3))):
            after = draw(st.integers(k + 1, beginnings))
            rows.append((k, draw(st.integers(1, 5)), draw(values), after))
    first = [sum(row[0] < k for row in rows) for k in range(beginnings + 1)]
    return Pieces(
        np.array(first),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
        np.array([row[3] for row in rows], np.int64),
    )


def beginning(p: Pieces, index: int) -> int:
    return int(np.searchsorted(p.first, index, side="right")) - 1


def films(p: Pieces, total: int, count: int | None) -> list[tuple[float, tuple[int, ...]]]:
    """Every choice that there is, by brute force: its value and its pieces."""
    found = []
    for size in range(len(p.size) + 1):
        for chosen in itertools.combinations(range(len(p.size)), size):
            begins = [beginning(p, c) for c in chosen]
            apart = all(b >= p.after[a] for a, b in zip(chosen, begins[1:], strict=False))
            fits = sum(int(p.size[c]) for c in chosen) == total
            if fits and apart and (count is None or size <= count):
                found.append((float(sum(p.value[c] for c in chosen)), chosen))
    return found


@lawful
@given(pieces(), st.integers(0, 12), st.none() | st.integers(0, 3))
def test_no_film_of_this_length_is_better(p: Pieces, total: int, count: int | None) -> None:
    found, every = select(p, total, count), films(p, total, count)
    if not every:
        assert found is None
        return
    assert found is not None
    assert tuple(found) in [film for _, film in every]
    assert sum(p.value[i] for i in found) == max(value for value, _ in every)


@lawful
@given(pieces(), st.integers(1, 12))
def test_of_equally_good_films_the_earliest_is_taken(p: Pieces, total: int) -> None:
    found, every = select(p, total), films(p, total, None)
    if found is None:
        return
    best = max(value for value, _ in every)
    # Pieces are listed by beginning, so the earliest film is the first by its pieces' numbers.
    assert list(found) == min(list(film) for value, film in every if value == best)


@pytest.mark.slow
@lawful
@given(pieces(), st.integers(1, 12), st.none() | st.integers(1, 3), st.data())
def test_no_film_is_better_where_each_source_adds_a_value_for_its_share(
    p: Pieces, total: int, count: int | None, data: st.DataObject
) -> None:
    inner = data.draw(st.sets(st.integers(1, max(1, p.beginnings - 1)), max_size=2))
    edges = sorted({0, p.beginnings} | {e for e in inner if e < p.beginnings})
    gain = st.lists(values, min_size=total + 1, max_size=total + 1)
    groups = [Group(a, b, np.array(data.draw(gain), float)) for a, b in itertools.pairwise(edges)]
    # A piece leaves the next source free, or ends the film.
    owner = np.searchsorted(edges, [beginning(p, i) for i in range(len(p.size))], side="right")
    over = np.array([edges[g] for g in owner], np.int64)
    closing = data.draw(st.lists(st.booleans(), min_size=len(over), max_size=len(over)))
    p = replace(p, after=np.where(closing, p.beginnings, np.minimum(p.after, over)))

    def worth(film: Sequence[int]) -> float:
        units = [0] * len(groups)
        for i in film:
            units[int(owner[i]) - 1] += int(p.size[i])
        bonus = sum(float(g.bonus[n]) for g, n in zip(groups, units, strict=True))
        return float(sum(p.value[i] for i in film)) + bonus

    free, every = select(p, total, None, groups), films(p, total, None)
    assert (free is None) == (not every)
    found, some = select(p, total, count, groups), films(p, total, count)
    if free is not None and (count is None or len(free) <= count):
        assert found == free and worth(free) == max(worth(film) for _, film in every)
    elif not some:
        assert found is None
    else:
        assert found is not None and tuple(found) in [film for _, film in some]
        assert worth(found) == max(worth(film) for _, film in some)


options = st.lists(
    st.tuples(st.integers(1, 6), st.lists(values, min_size=1, max_size=4)), min_size=1, max_size=4
)


@lawful
@given(options, st.integers(1, 30))
def test_fitting_finds_the_best_lengths_of_an_exact_sum(
    groups: Sequence[tuple[int, list[int]]], total: int
) -> None:
    rows = [
        (np.arange(low, low + len(v), dtype=np.int64), np.array(v, np.float64)) for low, v in groups
    ]
    found = fit(rows, total, 100)
    every = {
        chosen: sum(rows[g][1][i] for g, i in enumerate(chosen))
        for chosen in itertools.product(*(range(len(v)) for _, v in groups))
        if sum(rows[g][0][i] for g, i in enumerate(chosen)) == total
    }
    if found is None:
        assert not every
    else:
        assert every[tuple(found)] == max(every.values())


@lawful
@given(st.integers(1, 6), st.integers(1, 3), st.data())
def test_slots_are_filled_in_the_best_way(count: int, slots: int, data: st.DataObject) -> None:
    # Pieces of slot s are reach[s] beginnings long; some do not fit.
    reach = [data.draw(st.integers(1, 3)) for _ in range(slots)]
    value = np.array(
        [[data.draw(st.none() | values) for _ in range(slots)] for _ in range(count)], dtype=object
    )
    table = np.array([[-np.inf if v is None else float(v) for v in row] for row in value])
    after = np.minimum(np.arange(count)[:, None] + np.array(reach)[None], count)
    found = assign(table, after)
    every = {
        chosen: sum(table[k, s] for s, k in enumerate(chosen))
        for chosen in itertools.combinations(range(count), slots)
        if all(b >= after[a, s] for s, (a, b) in enumerate(itertools.pairwise(chosen)))
    }
    possible = {chosen: worth for chosen, worth in every.items() if worth > -np.inf}
    if found is None:
        assert not possible
    else:
        assert possible[tuple(found)] == max(possible.values())
        best = max(possible.values())
        assert tuple(found) == min(c for c, worth in possible.items() if worth == best)


@lawful
@given(st.lists(values, min_size=2, max_size=9), st.integers(1, 4), st.integers(0, 4))
def test_a_stretch_is_split_into_the_fewest_parts_at_the_best_places(
    scores: list[int], low: int, more: int
) -> None:
    frames, high = len(scores) - 1, low + more
    found = split(np.array(scores, np.float64), low, high)
    every = {}
    for size in range(frames):
        for cuts in itertools.combinations(range(1, frames), size):
            parts = [b - a for a, b in itertools.pairwise([0, *cuts, frames])]
            if all(low <= part <= high for part in parts):
                every[cuts] = (-size, sum(scores[c] for c in cuts))
    if found is None:
        assert not every
    else:
        assert every[tuple(found)] == max(every.values())


def test_what_cannot_be_is_none() -> None:
    p = Pieces(np.array([0, 1]), np.array([4]), np.array([1.0]), np.array([1]))
    assert select(p, 4) == [0]
    assert select(p, 3) is None
    assert select(p, 4, 0) is None
    assert select(p, 0) == []


@pytest.mark.slow
@lawful
@given(st.integers(2, 6), st.integers(1, 3), st.data())
def test_slots_are_filled_in_the_best_way_where_each_source_adds_a_value(
    count: int, slots: int, data: st.DataObject
) -> None:
    edge = data.draw(st.integers(1, count - 1))
    table = np.array([[float(data.draw(values)) for _ in range(slots)] for _ in range(count)])
    reach = np.array([data.draw(st.integers(1, 3)) for _ in range(slots)])
    over = np.where(np.arange(count) < edge, edge, count)[:, None]
    after = np.minimum(np.arange(count)[:, None] + reach[None], over)
    bonus = [
        np.array([[float(data.draw(values)) for _ in range(slots + 1)] for _ in range(slots + 1)])
        for _ in range(2)
    ]
    groups = [SlotGroup(0, edge, bonus[0]), SlotGroup(edge, count, bonus[1])]
    found = assign(table, after, groups)

    def worth(film: Sequence[int]) -> float:
        first = sum(k < edge for k in film)
        shares = bonus[0][0, first] + bonus[1][first, slots - first]
        return float(sum(table[k, s] for s, k in enumerate(film)) + shares)

    every = [
        chosen
        for chosen in itertools.combinations(range(count), slots)
        if all(b >= after[a, s] for s, (a, b) in enumerate(itertools.pairwise(chosen)))
    ]
    if not every:
        assert found is None
    else:
        assert found is not None and tuple(found) in every
        assert worth(found) == max(worth(film) for film in every)
