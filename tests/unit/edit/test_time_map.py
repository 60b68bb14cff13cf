"""Time maps against brute force, and the laws that they obey."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from vedc.edit.easing import EASINGS
from vedc.edit.time_map import CURVE_TOLERANCE, Part, Ramp, TimeMap

F = Fraction


def given(*strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Exact arithmetic is slow on a busy machine; that is not a failure."""
    patient = settings(
        deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
    )
    return lambda test: patient(given_any(*strategies)(test))


FRAME = F(1, 25)

# Coarse grids, so that moments of one map often meet the break points of another.
times = st.integers(-40, 40).map(lambda n: F(n, 4))
lengths = st.integers(1, 24).map(lambda n: F(n, 4))
slopes = st.sampled_from([F(0), F(1), F(-1), F(2), F(1, 2), F(-3, 2)])


@st.composite
def linears(draw: st.DrawFn, *, endless: bool = True) -> TimeMap:
    length = draw(st.none() | lengths) if endless else draw(lengths)
    return TimeMap.linear(draw(times), draw(slopes), length)


@st.composite
def curves(draw: st.DrawFn) -> TimeMap:
    film = sorted(draw(st.sets(times, min_size=1, max_size=4)))
    words = st.sampled_from(["linear", "step-start", "step-end"])
    return TimeMap.curve([(t, draw(times), draw(words)) for t in film], draw(lengths))


def jumps() -> st.SearchStrategy[TimeMap]:
    """Any ramps, with jumps that belong to either side and single moments."""
    keys = st.sets(st.tuples(times, st.booleans()), min_size=1, max_size=5).map(sorted)
    return st.builds(
        lambda k, v, length: TimeMap(
            tuple(Ramp(t, s, d, a) for (t, a), (s, d) in zip(k, v, strict=False)), length
        ),
        keys,
        st.lists(st.tuples(times, slopes), min_size=5, max_size=5),
        lengths,
    )


finite = st.one_of(linears(endless=False), curves(), jumps())
maps = st.one_of(
    finite,
    linears(),
    finite.map(TimeMap.loop),
    st.builds(TimeMap.loop, finite, lengths),
    st.builds(lambda m, n: m.reverse(n), finite, st.sampled_from([F(0), F(1, 4)])),
    st.builds(lambda m, b: m.loop().window(b), finite, times),
    st.builds(lambda m, b: m.loop(F(5)).reverse(F(1, 4)).window(b), finite, times),
)


def grid(time_map: TimeMap, most: int = 8) -> list[Fraction]:
    """Moments of a map's film time, its break points among them."""
    end = F(most) if time_map.length is None else time_map.length
    breaks = [part.begin for part in time_map.parts(0, end)]
    near = [t + d for t in breaks for d in (F(-1, 97), F(0), F(1, 97))]
    return [t for t in sorted({*near, *(F(n, 8) for n in range(int(end * 8)))}) if 0 <= t < end]


def composed(*maps: TimeMap) -> Callable[[Fraction], Fraction]:
    def value(time: Fraction) -> Fraction:
        for time_map in maps:
            time = time_map.source_at(time)
        return time

    return value


def then(first: TimeMap, second: TimeMap) -> TimeMap:
    try:
        return first.then(second)
    except ValueError:  # several ramps without a length, then a loop
        assert first.length is None and first.period is None and second.period is not None
        assume(False)
        raise


def test_constant_speeds() -> None:
    trim = TimeMap.linear(F(2), 1, F(4))
    assert [trim.source_at(t) for t in (0, 1, F(7, 2))] == [2, 3, F(11, 2)]
    assert TimeMap.linear(F(2), 2).source_at(F(3, 2)) == 5
    assert TimeMap.linear(F(2), -1).source_at(F(3, 2)) == F(1, 2)
    assert TimeMap.linear(F(2), 0).source_at(100) == 2
    assert trim.source_range() == (2, 6)
    assert TimeMap.linear(F(2), -1, F(2)).source_range() == (0, 2)
    assert trim.per_frame(F(25), 50) == (4, F(1, 25))


def test_a_map_goes_on_outside_its_length() -> None:
    trim = TimeMap.linear(F(2), 1, F(4))
    assert trim.source_at(-1) == 1 and trim.source_at(5) == 7
    assert trim.loop(F(8)).source_at(-1) == 5


def test_a_loop_starts_over() -> None:
    loop = TimeMap.linear(F(2), 1, F(4)).loop()
    assert [loop.source_at(t) for t in (0, 3, 4, 5, 9)] == [2, 5, 2, 3, 3]
    assert list(islice(loop.film_at(3), 3)) == [(1, 1), (5, 5), (9, 9)]
    assert list(loop.film_at(7)) == [] and list(loop.film_at(6)) == []
    assert loop.source_range() == (2, 6) and loop.source_range(1, 2) == (3, 4)
    assert list(loop.parts(3, 9)) == [
        Part(F(3), F(4), F(5), F(1), False),
        Part(F(4), F(8), F(2), F(1), False),
        Part(F(8), F(9), F(2), F(1), False),
    ]


def test_a_loop_played_backwards_shows_each_frame_once() -> None:
    frames = TimeMap.linear(F(0), 1, F(4, 25)).loop(F(8, 25)).reverse(FRAME)
    shown = [frames.source_at(n * FRAME) * 25 for n in range(8)]
    assert shown == [3, 2, 1, 0, 3, 2, 1, 0]


def test_a_curve_holds_plays_and_jumps() -> None:
    curve = TimeMap.curve(
        [
            (F(1), F(10), "linear"),
            (F(2), F(12), "step-end"),
            (F(3), F(20), "step-start"),
            (F(4), F(0), "linear"),
        ],
        F(5),
    )
    shown = {0: 10, 1: 10, F(3, 2): 11, 2: 12, F(5, 2): 12, 3: 20, F(31, 10): 0, 4: 0, 9: 0}
    assert {t: curve.source_at(t) for t in shown} == shown
    assert list(curve.film_at(12)) == [(2, 3)]
    assert list(curve.film_at(11)) == [(F(3, 2), F(3, 2))]
    assert list(curve.film_at(0)) == [(3, 5)]
    assert list(curve.film_at(20)) == [(3, 3)]
    assert curve.slope_at(F(3, 2)) == 2


@pytest.mark.parametrize("easing", ["ease", "ease-in", "ease-out", "ease-in-out"])
def test_an_eased_curve_is_a_polyline_near_the_easing(easing: str) -> None:
    curve = TimeMap.curve([(F(1), F(3), easing), (F(5), F(13), "linear")])
    assert (curve.source_at(1), curve.source_at(5)) == (3, 13)
    for n in range(1001):
        ideal = 3 + 10 * EASINGS[easing](n / 1000)
        assert abs(curve.source_at(1 + F(4 * n, 1000)) - F(ideal)) <= CURVE_TOLERANCE
    assert len(curve.ramps) < 300
    assert all(isinstance(value, Fraction) for ramp in curve.ramps for value in ramp[:3])


def test_what_cannot_be_a_map() -> None:
    with pytest.raises(ValueError, match="in order"):
        TimeMap((Ramp(F(1), F(0), F(1)), Ramp(F(1), F(0), F(2))))
    with pytest.raises(ValueError, match="negative length"):
        TimeMap.linear(F(0), 1, F(-1))
    with pytest.raises(ValueError, match="must increase"):
        TimeMap.curve([(F(1), F(0), "linear"), (F(1), F(2), "linear")])
    with pytest.raises(ValueError, match="can loop"):
        TimeMap.linear(F(0)).loop()
    with pytest.raises(ValueError, match="can be reversed"):
        TimeMap.linear(F(0)).reverse()
    with pytest.raises(ValueError, match="not bounded"):
        TimeMap.linear(F(0)).source_range()
    curve = TimeMap.curve([(F(0), F(0), "linear"), (F(1), F(2), "linear"), (F(2), F(9), "linear")])
    with pytest.raises(ValueError, match="followed by a loop"):
        TimeMap((*curve.ramps, Ramp(F(3), F(0), F(1)))).then(TimeMap.linear(0, 1, F(1)).loop())


def test_repr_is_short() -> None:
    assert repr(TimeMap.linear(F(5, 2), 1, F(4))) == "<TimeMap 0s: 2.5s x1 for 4s>"
    loop = TimeMap.linear(F(2), F(-1, 2), F(4)).loop(F(9))
    assert repr(loop) == "<TimeMap 0s: 2s x-1/2 every 4s for 9s>"


@given(maps)
def test_maps_are_values(time_map: TimeMap) -> None:
    again = pickle.loads(pickle.dumps(time_map))
    assert again == time_map == copy.deepcopy(time_map) and hash(again) == hash(time_map)
    assert TimeMap(time_map.ramps, time_map.length, time_map.period) == time_map
    assert all(isinstance(value, Fraction) for ramp in time_map.ramps for value in ramp[:3])
    with pytest.raises(AttributeError):
        time_map.length = None  # type: ignore[misc]


@pytest.mark.slow
@given(jumps())
def test_equal_functions_are_equal_maps(time_map: TimeMap) -> None:
    """A ramp that is written as two is the same map."""
    split = [Ramp(F(n), time_map.source_at(F(n)), F(0)) for n in (-30, 0, 30)]
    parts: dict[tuple[Fraction, bool], Ramp] = {(r.start, r.after): r for r in time_map.ramps}
    for ramp in split:
        key = (ramp.start, False)
        slope = time_map.slope_at(ramp.start)
        if ramp.start > time_map.ramps[0].start and (ramp.start, True) not in parts:
            parts.setdefault(key, ramp._replace(slope=slope))
    assert TimeMap(tuple(parts[k] for k in sorted(parts)), time_map.length) == time_map


@pytest.mark.slow
@given(maps, maps)
def test_composition_is_function_composition(first: TimeMap, second: TimeMap) -> None:
    both = then(first, second)
    exact = composed(first, second)
    assert both.length == first.length
    for time in grid(both):
        assert both.source_at(time) == exact(time)


@pytest.mark.slow
@given(maps, maps, maps)
def test_composition_associates(a: TimeMap, b: TimeMap, c: TimeMap) -> None:
    assume(b.length is None or c.period is None or b.period is not None or len(b.ramps) == 1)
    left, right = then(then(a, b), c), then(a, then(b, c))
    assert left.length == right.length
    for time in grid(left):
        assert left.source_at(time) == right.source_at(time)


@given(linears(), linears(), jumps())
def test_composition_of_lines_associates_as_data(a: TimeMap, b: TimeMap, c: TimeMap) -> None:
    assert a.then(b).then(c) == a.then(b.then(c))


@given(maps)
def test_one_is_neutral(time_map: TimeMap) -> None:
    one = TimeMap.linear(0, 1, time_map.length)
    assert one.then(time_map) == time_map
    assert time_map.then(TimeMap.linear(0)) == time_map


@pytest.mark.slow
@given(maps)
def test_the_inverse_finds_every_moment(time_map: TimeMap) -> None:
    for time in grid(time_map, 4)[:24]:
        source = time_map.source_at(time)
        found = islice(time_map.film_at(source), 40)
        assert any(begin <= time and (end is None or time <= end) for begin, end in found)


@given(maps, times)
def test_the_inverse_gives_only_moments_that_show_the_source(
    time_map: TimeMap, source: Fraction
) -> None:
    previous = F(-1)
    for begin, end in islice(time_map.film_at(source), 20):
        assert begin >= previous and (end is None or end >= begin)
        assert time_map.length is None or begin < time_map.length
        inside = begin if end == begin else begin + F(1, 997)
        assert time_map.source_at(inside) == source
        previous = begin if end is None else end
    seen = {t for t in grid(time_map, 4) if time_map.source_at(t) == source}
    reported = list(islice(time_map.film_at(source), 200))
    assert all(any(b <= t and (e is None or t <= e) for b, e in reported) for t in seen)


@pytest.mark.slow
@given(st.one_of(linears(endless=False), curves()))
def test_a_strictly_rising_map_has_one_moment_for_each_source(time_map: TimeMap) -> None:
    assume(all(ramp.slope > 0 for ramp in time_map.ramps))
    for time in grid(time_map):
        assert list(time_map.film_at(time_map.source_at(time))) == [(time, time)]


@given(maps, st.integers(0, 12).map(lambda n: F(n, 4)), lengths)
def test_ranges_hold_every_sample(time_map: TimeMap, begin: Fraction, length: Fraction) -> None:
    low, high = time_map.source_range(begin, begin + length)
    values = [time_map.source_at(begin + length * n / 64) for n in range(64)]
    assert low <= min(values) and max(values) <= high
    parts = list(time_map.parts(begin, begin + length))
    limits = [p.source + p.slope * (p.end - p.begin) for p in parts if p.end is not None]
    assert {low, high} <= {*limits, *(p.source for p in parts)}  # and no more than needed


@given(maps, st.integers(0, 12).map(lambda n: F(n, 4)), lengths)
def test_parts_cover_the_film_without_overlap(
    time_map: TimeMap, begin: Fraction, length: Fraction
) -> None:
    end = begin + length
    parts = list(time_map.parts(begin, end))
    assert parts[0].begin == begin and parts[-1].end == end
    for part, following in pairwise(parts):
        assert part.end == following.begin
    for part in parts:
        assert part.end is not None
        moments = [part.begin + (part.end - part.begin) * n / 5 for n in range(int(part.after), 5)]
        for time in moments if part.begin < part.end else [part.begin]:
            assert time_map.source_at(time) == part.source + part.slope * (time - part.begin)


@given(finite, st.integers(-3, 3))
def test_a_loop_is_periodic(time_map: TimeMap, turns: int) -> None:
    assert time_map.length is not None
    loop = time_map.loop()
    for time in grid(time_map):
        assert loop.source_at(time + turns * time_map.length) == time_map.source_at(time)


@given(linears(endless=False), st.sampled_from([F(0), F(1, 4), FRAME]))
def test_reversing_twice_is_the_same_map(time_map: TimeMap, frame: Fraction) -> None:
    assert time_map.reverse(frame).reverse(frame) == time_map


@pytest.mark.slow
@given(maps.filter(lambda m: m.length is not None), st.integers(1, 8))
def test_a_reversed_map_shows_the_frames_in_reverse(time_map: TimeMap, per_second: int) -> None:
    assert time_map.length is not None
    count = int(time_map.length * per_second)
    assume(count == time_map.length * per_second)
    frames = [time_map.source_at(F(n, per_second)) for n in range(count)]
    backwards = time_map.reverse(F(1, per_second))
    assert [backwards.source_at(F(n, per_second)) for n in range(count)] == frames[::-1]
    assert backwards.reverse(F(1, per_second)).length == time_map.length


@given(maps, times)
def test_a_window_moves_the_origin(time_map: TimeMap, begin: Fraction) -> None:
    window = time_map.window(begin, F(3))
    assert window.length == 3
    for time in grid(window):
        assert window.source_at(time) == time_map.source_at(begin + time)


@given(maps, st.integers(1, 40), st.sampled_from([F(25), F(30000, 1001), F(4), F(1), F(12)]))
def test_runs_of_frames_are_the_frames(time_map: TimeMap, frames: int, fps: Fraction) -> None:
    shown: list[Fraction] = []
    for run in time_map.frame_runs(fps, frames):
        assert run.first == len(shown) and run.first < run.end
        shown += [run.source + (n - run.first) * run.step for n in range(run.first, run.end)]
    assert shown == [time_map.source_at(n / fps) for n in range(frames)]
    assert shown == [time_map.per_frame(fps, n)[0] for n in range(frames)]
