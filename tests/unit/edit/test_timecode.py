from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedc.edit.timecode import (
    brief,
    clock_time,
    exact_time,
    timecode,
    timecode_or_clock,
    timecode_or_frames,
)
from vedc.edit.times import parse_time

NTSC, NTSC_60 = Fraction(30000, 1001), Fraction(60000, 1001)
RATES = st.sampled_from(
    [Fraction(24000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(30), NTSC_60, Fraction(60)]
)


@pytest.mark.parametrize(
    ("seconds", "full", "short"),
    [
        (Fraction(0), "00:00:00.000", "0:00.000"),
        (Fraction(62345, 1000), "00:01:02.345", "1:02.345"),
        (Fraction(599996, 10000), "00:01:00.000", "1:00.000"),
        (Fraction(1, 2000), "00:00:00.001", "0:00.001"),
        (Fraction(3723), "01:02:03.000", "1:02:03.000"),
        (Fraction(360_000), "100:00:00.000", "100:00:00.000"),
        (Fraction(-5, 2), "-00:00:02.500", "-0:02.500"),
    ],
)
def test_clock_time(seconds: Fraction, full: str, short: str) -> None:
    assert clock_time(seconds) == full
    assert clock_time(seconds, short=True) == short


def test_clock_time_without_decimals() -> None:
    assert clock_time(75, places=0, short=True) == "1:15"
    assert clock_time(Fraction(119, 2), places=0) == "00:01:00"


@given(st.fractions(0, 400_000), st.integers(0, 6))
def test_clock_time_reads_back_to_its_last_decimal(seconds: Fraction, places: int) -> None:
    read = parse_time(clock_time(seconds, places=places)).fixed
    assert -Fraction(1, 2) <= (seconds - read) * 10**places < Fraction(1, 2)


@given(st.integers(0, 10**7), RATES)
def test_timecode_reads_back_as_its_frame(frame: int, rate: Fraction) -> None:
    assert parse_time(timecode(frame, rate)).seconds(rate) == frame / rate


@pytest.mark.parametrize(
    ("frame", "rate", "text"),
    [
        (1799, NTSC, "00:00:59;29"),
        (1800, NTSC, "00:01:00;02"),
        (17_982, NTSC, "00:10:00;00"),
        (2_589_408, NTSC, "24:00:00;00"),
        (3600, NTSC_60, "00:01:00;04"),
        (35_964, NTSC_60, "00:10:00;00"),
    ],
)
def test_drop_frame_timecode(frame: int, rate: Fraction, text: str) -> None:
    assert timecode(frame, rate, drop=True) == text


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "base"), [(NTSC, 30), (NTSC_60, 60)])
def test_drop_frame_timecode_counts_every_label_that_is_not_dropped(
    rate: Fraction, base: int
) -> None:
    labels = [
        f"00:{minute:02d}:{second:02d};{frame:02d}"
        for minute in range(21)
        for second in range(60)
        for frame in range(base)
        if minute % 10 == 0 or second or frame >= base // 15
    ]
    assert [timecode(n, rate, drop=True) for n in range(len(labels))] == labels


def test_timecode_starts_over_after_a_day_only_where_it_is_to() -> None:
    assert timecode(25 * 86_400, Fraction(25)) == "24:00:00:00"
    assert timecode(25 * 86_400, Fraction(25), wrap=True) == "00:00:00:00"


def test_rates_and_frames_without_timecode() -> None:
    with pytest.raises(ValueError, match=r"12\.5 frames a second have no timecode"):
        timecode(0, Fraction(25, 2))
    with pytest.raises(ValueError, match="25 frames a second have no drop-frame timecode"):
        timecode(0, Fraction(25), drop=True)
    with pytest.raises(ValueError, match="before 0"):
        timecode(-1, Fraction(25))
    assert timecode_or_frames(312, Fraction(25, 2)) == "312f"
    assert timecode_or_clock(312, Fraction(25, 2)) == "00:00:24.960"
    assert timecode_or_frames(312, Fraction(25)) == timecode_or_clock(312, Fraction(25))


def test_exact_times() -> None:
    assert exact_time(Fraction(5, 2), None) == "2.5s"
    assert exact_time(Fraction(5, 2), Fraction(24)) == "00:00:02:12"
    assert exact_time(Fraction(1, 7), Fraction(24)) == "1/7s"
    assert brief(Fraction(1, 7)) == "0.143s"
