"""Times and rates: exact values, rounding, messages."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedc.edit.timecode import timecode
from vedc.edit.times import (
    MAX_SECONDS,
    Time,
    format_rate,
    format_time,
    nominal_rate,
    parse_rate,
    parse_time,
    round_half_up,
    to_frames,
)

NTSC = F(30000, 1001)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3s", 3), ("2.5s", F(5, 2)), (".5s", F(1, 2)), ("0s", 0), ("250ms", F(1, 4)),
        ("0.5ms", F(1, 2000)), ("90f", F(18, 5)), ("0f", 0), ("1001/30000s", F(1001, 30000)),
        ("00:01:02.5", F(125, 2)), ("1:02.5", F(125, 2)), ("1:02", 62), ("90:00", 5400),
        ("100:00:00", 360000), ("00:01:02:15", F(313, 5)), ("0:0:0:24", F(24, 25)),
        ("50%", 5), ("12.5%", F(5, 4)), ("100%", 10), ("7", 7), ("2.1", F(21, 10)),
        (3, 3), (0, 0), (2.1, F(21, 10)), (0.1, F(1, 10)), (1e-05, F(1, 100000)),
        (Decimal("2.10"), F(21, 10)), (F(1, 3), F(1, 3)),
    ],
)  # fmt: skip
def test_values_at_25_frames_a_second_of_a_parent_of_ten_seconds(
    value: object, seconds: int | F
) -> None:
    assert parse_time(value).seconds(F(25), F(10)) == seconds


def test_frames_and_timecode_count_the_rate() -> None:
    assert parse_time("90f").seconds(NTSC) == F(90 * 1001, 30000)
    # SMPTE ST 12-1 non-drop-frame: 00:01:00:00 is frame 1800, one hour is 3603.6 real seconds.
    assert parse_time("00:01:00:00").seconds(NTSC) == F(1800 * 1001, 30000)
    assert parse_time("01:00:00:00").seconds(NTSC) == F("3603.6")
    assert parse_time("00:00:10:12").seconds(F(24000, 1001)) == F(252 * 1001, 24000)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [NTSC, 2 * NTSC])
def test_drop_frame_timecode_is_the_inverse_of_its_formatter(rate: F) -> None:
    frames = [*range(20_000), *range(107_000, 109_000), 30 * 86_400]
    for frame in frames:
        text = timecode(frame, rate, drop=True)
        assert parse_time(text).seconds(rate) == frame / rate
    assert parse_time("01:00:00;00").seconds(NTSC) == 107_892 / NTSC  # SMPTE ST 12-1
    assert parse_time("01;00;00;02").seconds(NTSC) == 107_894 / NTSC
    assert parse_time("-00:01:00;02", negative=True).seconds(NTSC) == -1800 / NTSC


@pytest.mark.parametrize(
    ("text", "rate", "message"),
    [
        ("00:00:01;02", F(25), "exists at 29.97 and 59.94 frames a second only, not at 25"),
        ("00:00:01;02", F(30), "not at 30"), ("00:00:01;02", F(24000, 1001), "not at 24000/1001"),
        ("00:01:00;01", NTSC, "does not exist: .* first frame is 00:01:00;02"),
        ("00:11:00;00", NTSC, "first frame is 00:11:00;02"),
        ("00:01:00;03", 2 * NTSC, "first frame is 00:01:00;04"),
        ("00:01:01;30", NTSC, "names frame 30 of a second that has only 30"),
    ],
)  # fmt: skip
def test_drop_frame_timecode_that_does_not_exist(text: str, rate: F, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_time(text).seconds(rate)


def test_negative_only_where_allowed() -> None:
    whole = F(100)
    for text in ("-2s", "-2.5", "-1:02", "-90f", "-50%", "-00:00:01:05"):
        size = parse_time(text[1:]).seconds(F(25), whole)
        assert parse_time(text, negative=True).seconds(F(25), whole) == -size
        back = parse_time(text, from_end=True)
        assert back.seconds(F(25), whole) == whole - size
        with pytest.raises(ValueError, match="nothing here has a length yet"):
            back.seconds(F(25))
        with pytest.raises(ValueError, match="negative"):
            parse_time(text)
    assert parse_time(-2.1, negative=True).fixed == F(-21, 10)
    with pytest.raises(ValueError, match=r"-3s from the end is before the start: .* lasts 2s"):
        parse_time("-3s", from_end=True).seconds(F(25), F(2))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "not a time"), ("abc", "not a time"), ("s", "not a time"), ("--2s", "not a time"),
        ("+2s", "not a time"), ("5.s", "not a time"), ("1e3s", "not a time"),
        ("३s", "not a time"), ("2s\n", "not a time"), (" 2s", "not a time"),
        ("2,5s", "write '2.5s'"), ("3sec", "write 3s"), ("3 seconds", "write 3s"),
        ("10frames", "write 10f"), ("2m", "1:30 is a minute and a half"), ("1h", "one hour"),
        ("3x", "not a unit of time"), ("1.5f", "whole number of frames"), ("1/2f", "whole number"),
 ("00:60:00", "60 minutes"), ("1:60", "60 seconds"),
        ("1:59:60", "60 seconds"), ("1/0s", "zero"), ("1:2:3:4:5", "not a time"),
        (True, "true is not a time"), (None, "null is not a time"), ([], "a list is not a time"),
        ({}, "a mapping is not a time"), (float("nan"), "nan"), (float("inf"), "inf"),
        ("4000000s", "beyond 1000 hours"), (10**9, "beyond 1000 hours"), (10**40, "beyond"),
        (1e300, "beyond"), ("2000000000f", "beyond"), ("20000%", "beyond"), ("9" * 60, "too long"),
    ],
)  # fmt: skip
def test_messages(value: object, message: str) -> None:
    with pytest.raises(ValueError, match="^(?s:.*)" + message.replace("(", r"\(")):
        parse_time(value)


def test_values_that_cannot_become_seconds() -> None:
    with pytest.raises(ValueError, match="50% is a percentage"):
        parse_time("50%").seconds(F(25), None)
    with pytest.raises(ValueError, match="has only 25"):
        parse_time("00:00:01:25").seconds(F(25))
    with pytest.raises(ValueError, match=r"12\.5 frames a second have none; write it in"):
        parse_time("00:00:01:05").seconds(F(25, 2))
    assert parse_time("00:00:01:29").seconds(NTSC) == F(59 * 1001, 30000)


def test_what_a_time_needs() -> None:
    assert [parse_time(t).needs_rate for t in ("3s", "3f", "0:0:0:0", "3%")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert [parse_time(t).needs_parent for t in ("3s", "3f", "3%")] == [False, False, True]
    assert parse_time("3s") == parse_time(3) == Time(F(3))


def test_rounding_is_half_up() -> None:
    halves = [F(-3, 2), F(-1, 2), F(1, 2), F(3, 2), F(5, 2)]
    assert [round_half_up(x) for x in halves] == [-1, 0, 1, 2, 3]
    assert to_frames(F(1, 50), F(25)) == 1
    assert to_frames(F(1, 51), F(25)) == 0
    assert to_frames(F(10), NTSC) == 300


@given(st.fractions(-1000, 1000))
def test_rounding_is_within_a_half(value: F) -> None:
    assert -F(1, 2) < round_half_up(value) - value <= F(1, 2)


@given(st.fractions(0, MAX_SECONDS, max_denominator=10**6))
def test_format_time_round_trips(seconds: F) -> None:
    assert parse_time(format_time(seconds)).fixed == seconds
    assert parse_time(format_time(-seconds), negative=True).fixed == -seconds


@given(st.decimals(0, 10_000, places=6))
def test_decimals_are_exact(value: Decimal) -> None:
    assert parse_time(f"{value:f}s").fixed == F(value)
    assert parse_time(float(value)).fixed == F(value)  # repr of a double keeps 15 digits


@given(st.integers(0, 86_000_000), st.sampled_from([24, 25, 30, 50, 60]), st.booleans())
def test_timecode_is_a_frame_number(frame: int, nominal: int, pulled_down: bool) -> None:
    rate = F(nominal * 1000, 1001) if pulled_down and nominal not in (25, 50) else F(nominal)
    minutes, rest = divmod(frame, nominal * 60)
    label = f"{minutes // 60}:{minutes % 60:02}:{rest // nominal:02}:{rest % nominal:02}"
    assert parse_time(label).seconds(rate) * rate == frame


def test_format_time_is_short() -> None:
    times = [F(2), F(5, 2), F(1, 1000), F(0), F(1001, 30000), F(-1, 4), F(1, 3), F(100)]
    assert [format_time(t) for t in times] == [
        "2s", "2.5s", "0.001s", "0s", "1001/30000s", "-0.25s", "1/3s", "100s",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (25, F(25)), ("25", F(25)), (25.0, F(25)), ("12.5", F(25, 2)), (F(24), F(24)),
        ("30000/1001", NTSC), (29.97, NTSC), ("29.97", NTSC), ("29.970", NTSC),
        ("29.97003", NTSC), (59.94, F(60000, 1001)), ("23.976", F(24000, 1001)),
        (23.98, F(24000, 1001)), ("23.976024", F(24000, 1001)), (119.88, F(120000, 1001)),
        (47.952, F(48000, 1001)), ("29.96", F(2996, 100)), ("29.9", F(299, 10)), (0.5, F(1, 2)),
    ],
)  # fmt: skip
def test_rates(value: object, rate: F) -> None:
    assert parse_rate(value) == rate
    assert parse_rate(format_rate(rate)) == rate


@pytest.mark.parametrize(
    "value", [0, -25, "0/1", "25/0", "ntsc", "25fps", "", None, True, [], 1001, float("inf"), "1e3"]
)
def test_invalid_rates(value: object) -> None:
    with pytest.raises(ValueError, match=r"not a frame rate|divides by zero"):
        parse_rate(value)


def test_nominal_rates() -> None:
    rates = [F(25), NTSC, F(24000, 1001), F(25, 2), F(25000, 1001), F(100)]
    assert [nominal_rate(rate) for rate in rates] == [25, 30, 24, None, None, 100]
