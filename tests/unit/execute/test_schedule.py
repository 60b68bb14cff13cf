"""The frames of several outputs that are rendered together, and their order."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import cast

import pytest

from vedc.execute.schedule import Stretch, in_film_order, schedule
from vedc.plan.plan import Piece, Plan, Segment


class Film:
    """The parts of a plan that the schedule uses."""

    def __init__(self, fps: int, *lengths: int) -> None:
        self.fps = Fraction(fps)
        self.segments: list[Segment] = []
        at = 0
        for index, length in enumerate(lengths):
            pieces = (Piece(at, length, 0, ()),)
            self.segments.append(Segment(index, at, length, str(index), pieces))
            at += length

    def wanted(self, *indices: int) -> tuple[Plan, list[Segment]]:
        return cast(Plan, self), [self.segments[i] for i in indices or range(len(self.segments))]


def reported(stretches: list[Stretch]) -> list[tuple[int, int, list[int]]]:
    return [(s.start, s.length, [part.output for part in s.parts]) for s in stretches]


def test_outputs_of_one_rate_share_their_stretches() -> None:
    a, b = Film(25, 10, 20), Film(25, 10, 20)
    assert reported(schedule([a.wanted(), b.wanted(1)])) == [(0, 10, [0]), (10, 20, [0, 1])]


def test_outputs_of_two_rates_take_turns_by_the_time_of_the_film() -> None:
    stretches = schedule([Film(30, 6, 6).wanted(), Film(10, 2, 2).wanted()])
    ended: list[Fraction] = []

    def frames(stretch: Stretch) -> Iterator[Fraction]:
        yield from map(stretch.time, range(stretch.length))
        ended.append(stretch.time(stretch.length))

    times = list(in_film_order(stretches, frames))
    assert times == sorted(
        [Fraction(n, 30) for n in range(12)] + [Fraction(n, 10) for n in range(4)]
    )
    assert sorted(ended) == [Fraction(1, 5)] * 2 + [Fraction(2, 5)] * 2


def test_a_stretch_ends_before_the_next_of_its_output_begins() -> None:
    happened: list[tuple[str, int]] = []

    def frames(stretch: Stretch) -> Iterator[int]:
        happened.append(("opens", stretch.start))
        yield from range(stretch.length)
        happened.append(("ends", stretch.start))

    list(in_film_order(schedule([Film(25, 3, 2).wanted()]), frames))
    assert happened == [("opens", 0), ("ends", 0), ("opens", 3), ("ends", 3)]


@pytest.mark.parametrize("rates", [(25, 25, 30), (24, 48, 60)])
def test_every_frame_comes_once(rates: tuple[int, ...]) -> None:
    films = [Film(fps, fps, 2 * fps, 7) for fps in rates]
    stretches = schedule([film.wanted() for film in films])
    wanted = sum(s.length * len(s.parts) for s in stretches)
    assert wanted == sum(3 * fps + 7 for fps in rates)

    def frames(stretch: Stretch) -> Iterator[int]:
        return iter([len(stretch.parts)] * stretch.length)

    assert sum(in_film_order(stretches, frames)) == wanted
