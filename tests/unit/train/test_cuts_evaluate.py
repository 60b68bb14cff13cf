"""The judging of shot detectors, against cases worked out by hand."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pytest

from vedc.decide.shots.boundary import Boundary, DetectedKind
from vedc.train.cuts.edits import LabelledBoundary, Negative
from vedc.train.cuts.evaluate import compare, count, match
from vedc.train.cuts.films import Film


def cut(at: int) -> Boundary:
    return Boundary("cut", at, at, 1.0)


def true_cut(at: int) -> LabelledBoundary:
    return LabelledBoundary("cut", at, at)


def film(
    *boundaries: LabelledBoundary, hard: bool = False, negatives: tuple[Negative, ...] = ()
) -> Film:
    return Film(Path("x.mp4"), 600, Fraction(10), boundaries, negatives, hard)  # one minute


@pytest.mark.parametrize(("off", "tolerance", "found"), [
    (0, 0, True), (1, 0, False), (-1, 0, False), (2, 2, True), (-2, 2, True), (3, 2, False),
])  # fmt: skip
def test_a_cut_is_found_within_the_tolerance(off: int, tolerance: int, found: bool) -> None:
    assert bool(match([cut(50 + off)], [true_cut(50)], tolerance)) == found


@pytest.mark.parametrize(("start", "end", "tolerance", "found"), [
    (10, 20, 0, True),  # frames 10 to 19 against 19 to 29: one in common
    (30, 40, 0, True),  # they touch: the place after 29 is the place before 30
    (31, 40, 0, False),
    (32, 40, 2, True),
    (33, 40, 2, False),
    (0, 100, 0, True),
])  # fmt: skip
def test_a_gradual_joint_is_met(start: int, end: int, tolerance: int, found: bool) -> None:
    boundary = Boundary("dissolve", start, end, 1.0)
    assert bool(match([boundary], [LabelledBoundary("dissolve", 19, 30)], tolerance)) == found


def test_one_is_matched_to_one() -> None:
    """A boundary over two joints finds one; two over one joint leave one that is false."""
    assert len(match([Boundary("wipe", 0, 100, 1.0)], [true_cut(10), true_cut(20)], 0)) == 1
    assert len(match([cut(10), cut(11)], [true_cut(10)], 2)) == 1
    # The nearest is taken: 11 by 11, though 10 comes first.
    assert match([cut(10), cut(11)], [true_cut(11)], 2) == [(1, 0)]


def test_as_many_are_matched_as_can_be() -> None:
    """Against all ways there are to pair them."""
    rng = np.random.default_rng(4)
    for _ in range(60):
        found = [cut(int(i)) for i in rng.integers(0, 14, 4)]
        true = [true_cut(int(i)) for i in rng.integers(0, 14, 4)]
        best = 0
        for size in range(1, 5):
            for some in combinations(range(4), size):
                for others in permutations(range(4), size):
                    if all(abs(found[i].start - true[k].start) <= 2 for i, k in zip(some, others)):  # noqa: B905
                        best = max(best, size)
        pairs = match(found, true, 2)
        assert len(pairs) == best
        assert len({i for i, _ in pairs}) == len({k for _, k in pairs}) == best


def test_counts_by_kind() -> None:
    true = [
        true_cut(10),
        LabelledBoundary("dissolve", 30, 40),
        LabelledBoundary("fade", 60, 70),
        true_cut(90),
    ]
    found = [cut(10), cut(35), Boundary("fade", 62, 65, 1.0), cut(80)]
    counts = count(found, true, 0)
    assert counts.right == (1, 1, 1, 0, 0)
    assert counts.true == (2, 1, 1, 0, 0)
    assert (counts.found, counts.named) == (4, 2)
    assert (counts.cuts, counts.cuts_right) == (3, 1)


def test_figures_by_hand() -> None:
    films = [
        film(true_cut(10), true_cut(20), LabelledBoundary("dissolve", 50, 60)),
        film(hard=True, negatives=(Negative("flash", 100, 102),)),
    ]
    found = {"one": [[cut(10), cut(21), cut(300)], [cut(100), cut(400)]], "none": [[], []]}
    table = compare(found, films, {"one": 5.0})
    figures = {name: figure.value for name, figure in table.rows[0].figures.items()}
    # Five found. Within 0: cut 10. Within 2: cuts 10 and 21. The dissolve is missed.
    assert figures["precision@0"] == pytest.approx(1 / 5)
    assert figures["cut@0"] == pytest.approx(2 * 0.2 * 0.5 / 0.7)
    assert figures["cut@2"] == pytest.approx(2 * 0.4 * 1.0 / 1.4)
    assert figures["dissolve@2"] == 0
    # The mean over the two kinds that there are, not over all five.
    assert figures["macro@2"] == pytest.approx(figures["cut@2"] / 2)
    assert figures["all@2"] == pytest.approx(2 * 2 / (5 + 3))
    assert figures["cuts alone@2"] == pytest.approx(2 * 2 / (5 + 2))
    assert figures["kind@2"] == 1
    assert figures["false a minute"] == pytest.approx(2.0)  # two in one minute of hard film
    assert table.rows[0].fooled == {"flash": 1, "nothing": 2}
    assert all(figure.value == 0 for figure in table.rows[1].figures.values())
    assert table.boundaries == {"cut": 2, "dissolve": 1, "fade": 0, "wipe": 0, "slide": 0}
    assert table.minutes == pytest.approx(1.0)


def test_a_perfect_detector_and_its_interval() -> None:
    films = [film(true_cut(10 + n), LabelledBoundary("wipe", 50, 60)) for n in range(6)]
    films += [film(hard=True) for _ in range(2)]
    kinds: tuple[DetectedKind, DetectedKind] = ("cut", "wipe")
    found = [
        [Boundary(k, j.start, j.end, 1.0) for k, j in zip(kinds, f.boundaries, strict=False)]
        for f in films
    ]
    row = compare({"perfect": found}, films, {}).rows[0]
    for name in ("cut@0", "wipe@0", "macro@0", "all@2", "kind@0", "cuts alone@0"):
        figure = row.figures[name]
        assert figure.value == figure.low == figure.high == 1
    assert row.figures["false a minute"].high == 0


def test_the_bootstrap_has_the_spread_of_a_mean() -> None:
    """Half of the films right: recall is 0.5, with the deviation of a binomial share."""
    films = [film(true_cut(10)) for _ in range(100)]
    found = [[cut(10)] if n % 2 else [] for n in range(100)]
    figure = compare({"x": found}, films, {}).rows[0].figures["cut@0"]
    # With no false boundary F1 is 2r / (1 + r).
    low, high = (2 * r / (1 + r) for r in (0.5 - 1.96 * 0.05, 0.5 + 1.96 * 0.05))
    assert figure.value == pytest.approx(2 / 3)
    assert figure.low == pytest.approx(low, abs=0.03) and figure.high == pytest.approx(
        high, abs=0.03
    )


def test_differences_are_paired() -> None:
    """Two that fail on the same films differ by nothing, however wide each interval is."""
    films = [film(true_cut(10)) for _ in range(20)]
    found = [[cut(10)] if n % 3 else [] for n in range(20)]
    table = compare({"a": found, "b": [list(f) for f in found]}, films, {})
    figure = table.differences["a - b"]["cut@0"]
    assert (figure.value, figure.low, figure.high) == (0, 0, 0)
    own = table.rows[0].figures["cut@0"]
    assert own.high - own.low > 0.1


def test_the_table_is_printed_as_text_and_data() -> None:
    films = [film(true_cut(10)), film(hard=True)]
    table = compare({"a": [[cut(10)], []], "b": [[], []]}, films, {"a": 100.0})
    reported = json.loads(json.dumps(table.json()))
    assert reported["rows"][0]["figures"]["cut@0"]["value"] == 1
    assert "a - b" in table.text() and "cut@0" in table.text()
    assert table.markdown().splitlines()[0] == "| | a | b |"
