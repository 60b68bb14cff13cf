"""Frame rates judged by time stamps, and joins found in packets."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from vedc.media.demux.rates import HIGHEST, USUAL, declared, judged, rounded

MS, TS = Fraction(1, 1000), Fraction(1, 90000)
NTSC = Fraction(30000, 1001)


def even(rate: Fraction, count: int, tick: Fraction) -> list[Fraction]:
    """When frames begin, rounded to ticks."""
    return [round(n / rate / tick) * tick for n in range(count)]


@pytest.mark.parametrize("rate", [rate for rate in USUAL if rate >= 5], ids=str)
@pytest.mark.parametrize("tick", [MS, TS], ids=["ms", "90k"])
@pytest.mark.parametrize(
    "claimed", [Fraction(60000), Fraction(100000), Fraction(51600, 1841), None], ids=str
)
def test_even_times_give_their_rate_whatever_the_header_says(
    rate: Fraction, tick: Fraction, claimed: Fraction | None
) -> None:
    count = 1000 if tick == MS and rate > 100 else 300
    found = judged(even(rate, count, tick), claimed, tick)
    assert found.rate == rate and found.average is None and found.capped is None


def test_the_headers_average_is_kept_where_the_times_bear_it_out() -> None:
    odd = Fraction(2397, 100)
    assert judged(even(odd, 300, TS), odd, TS).rate == odd
    assert judged(even(NTSC, 300, MS), Fraction(2997, 100), MS).rate == rounded(NTSC)


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(60)])
def test_uneven_times_snap_to_the_rate_they_mostly_run_at(rate: Fraction) -> None:
    """Jitter of a tenth of a frame, and one frame in eight missing."""
    draw = random.Random(str(rate))
    times = [
        (n + Fraction(draw.randrange(-100, 101), 1000)) / rate
        for n in range(240)
        if draw.random() > 1 / 8
    ]
    found = judged(times, None, TS)
    assert found.rate == rate and found.average is not None
    assert found.average < rate


def test_a_slideshow_gets_a_rate_on_which_its_pictures_begin() -> None:
    slides = [n * Fraction(21, 5) for n in range(6)]
    assert judged(slides, Fraction(5, 21), Fraction(1, 100)).rate == 10
    assert judged([n * Fraction(3, 2) for n in range(6)], None, MS).rate in (10, 12, 20)
    assert judged(even(Fraction(1), 20, MS), Fraction(1), MS).rate == 1


def test_no_rate_is_above_the_highest() -> None:
    found = judged(even(Fraction(1000), 500, MS), Fraction(1000), MS)
    assert found.rate == HIGHEST and found.capped == 1000
    assert judged([Fraction(0)], Fraction(60000), MS).rate == 25
    assert judged([Fraction(0)], Fraction(30), MS).rate == 30


def test_headers_are_believed_only_where_they_agree() -> None:
    assert declared(Fraction(25), Fraction(25)) == 25
    assert declared(Fraction(2997, 100), NTSC) is None or declared(NTSC, NTSC) == NTSC
    assert declared(Fraction(25), Fraction(50)) is None
    assert declared(Fraction(60000), Fraction(60000)) is None
    assert declared(None, Fraction(25)) is None
