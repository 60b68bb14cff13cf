"""A clip's steps made from its shots' steps: which keyframes, and when."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from vedc.edit.time_map import TimeMap
from vedc.edit.times import parse_time
from vedc.lang.resolve.grades.spliced import CannotMove, GradedShot, Step, steps_of_clip

F = Fraction
CURVES: Step = {"op": "curves", "luma": [[0, 0], [0.5, 0.6], [1, 1]]}


def up(stops: float) -> Step:
    return {"op": "exposure", "stops": stops}


def shot(begin: Any, end: Any, *steps: Step) -> GradedShot:
    return GradedShot(F(str(begin)), F(str(end)), steps)


def made(
    *shots: GradedShot, by: TimeMap | None = None, length: Any = 4, head: Any = 0
) -> list[dict[str, Any]]:
    time_map = by or TimeMap.linear(0, 1, F(length) + F(head))
    return steps_of_clip(shots, time_map, F(head), F(length), F(25))


def points(step: dict[str, Any], key: str = "stops") -> list[tuple[Any, ...]]:
    return [(p["time"], p["value"], p.get("easing", "linear")) for p in step[key]["keyframes"]]


def test_one_shot_is_plain_constants() -> None:
    assert made(shot(0, 4, up(0.5), CURVES)) == [up(0.5), CURVES]


def test_shots_alike_are_plain_constants() -> None:
    assert made(shot(0, 2, up(0.5)), shot(2, 4, up(0.5))) == [up(0.5)]


def test_no_steps_are_no_steps() -> None:
    assert made(shot(0, 2), shot(2, 4)) == []


def test_values_jump_at_a_cut() -> None:
    (step,) = made(shot(0, 2, up(0.5)), shot(2, 4, up(-1)))
    assert points(step) == [
        ("00:00:00:00", 0.5, "step-end"), ("00:00:02:00", -1, "linear"),
    ]  # fmt: skip


def test_values_move_through_a_gradual_transition() -> None:
    (step,) = made(shot(0, 1, up(0.5)), shot(2, 4, up(-1)))
    assert points(step) == [
        ("00:00:00:00", 0.5, "step-end"), ("00:00:01:00", 0.5, "linear"),
        ("00:00:02:00", -1, "linear"),
    ]  # fmt: skip


def test_a_step_that_a_shot_lacks_is_neutral_there() -> None:
    first, second = made(shot(0, 2, up(1)), shot(2, 4, {"op": "cdl", "slope": [1.1, 1, 0.9]}))
    assert [value for _, value, _ in points(first)] == [1, 0]
    assert [value for _, value, _ in points(second, "slope")] == [1, [1.1, 1, 0.9]]
    assert set(second) == {"op", "slope"}, "what is the same throughout is not said"


def test_what_cannot_move_is_let_through_by_a_mask() -> None:
    other = {"op": "curves", "luma": [[0, 0], [0.4, 0.6], [1, 1]]}
    one, two = made(shot(0, 2, CURVES), shot(2, 4, other))
    assert one["luma"] == CURVES["luma"] and two["luma"] == other["luma"]
    assert [v for _, v, _ in points(one["mask"], "amount")] == [1, 0]
    assert [v for _, v, _ in points(two["mask"], "amount")] == [0, 1]


def test_the_strength_of_a_table_moves() -> None:
    (step,) = made(shot(0, 2, {"op": "lut", "asset": "look"}), shot(2, 4))
    assert step["asset"] == "look" and [v for _, v, _ in points(step, "strength")] == [1, 0]


def test_a_mask_cannot_come_and_go() -> None:
    masked = {**CURVES, "mask": {"op": "ellipse"}}
    with pytest.raises(CannotMove, match="curves with a mask"):
        made(shot(0, 2, masked), shot(2, 4))


@pytest.mark.parametrize(
    ("time_map", "expected"),
    [
        (TimeMap.linear(1, 1, F(3)), [("00:00:00:00", 0.5), ("00:00:01:00", -1)]),
        (TimeMap.linear(0, 2, F(2)), [("00:00:00:00", 0.5), ("00:00:01:00", -1)]),
        (TimeMap.linear(0, F(1, 3), F(12)), [("00:00:00:00", 0.5), ("00:00:06:00", -1)]),
        (TimeMap.linear(4, -1, F(4)), [("00:00:00:00", -1), ("00:00:02:00", 0.5)]),
        (
            TimeMap.linear(1, 1, F(2)).loop(F(4)),
            [("00:00:00:00", 0.5), ("00:00:01:00", -1), ("00:00:02:00", 0.5),
             ("00:00:03:00", -1)],
        ),
    ],
    ids=["trimmed", "fast", "slow", "backwards", "loop"],
)  # fmt: skip
def test_keyframes_follow_the_clips_own_time(
    time_map: TimeMap, expected: list[tuple[str, Any]]
) -> None:
    assert time_map.length is not None
    (step,) = made(shot(0, 2, up(0.5)), shot(2, 4, up(-1)), by=time_map, length=time_map.length)
    assert [(time, value) for time, value, _ in points(step)] == expected
    assert all(easing == "step-end" for *_, easing in points(step)[:-1])


def test_a_frozen_picture_needs_no_keyframes() -> None:
    shots = shot(0, 2, up(0.5)), shot(2, 4, up(-1))
    assert made(*shots, by=TimeMap.linear(3, 0, F(5)), length=5) == [up(-1)]


def test_a_shot_that_is_not_seen_leaves_nothing() -> None:
    shots = shot(0, 2, up(0.5)), shot(2, 4, CURVES)
    assert made(*shots, by=TimeMap.linear(0, 1, F(1)), length=1) == [up(0.5)]


def test_times_count_after_a_handle() -> None:
    (step,) = made(shot(0, 2, up(0.5)), shot(2, 4, up(-1)), length=3, head=1)
    assert [time for time, *_ in points(step)] == ["00:00:00:00", "00:00:01:00"]


def test_a_clip_may_begin_within_a_transition() -> None:
    (step,) = made(
        shot(0, 1, up(0)), shot(2, 4, up(1)), by=TimeMap.linear(F(3, 2), 1, F(2)), length=2
    )
    assert points(step)[0] == ("00:00:00:00", 0.5, "linear")
    assert points(step)[1][:2] == ("0.5s", 1)


def test_keyframes_within_a_shot_stay_within_it() -> None:
    moving = {"op": "exposure", "stops": {"keyframes": [
        {"time": "0s", "value": 0}, {"time": "2s", "value": 1},
    ]}}  # fmt: skip
    (step,) = made(shot(0, 2, moving), shot(2, 4, up(-1)))
    found = points(step)
    assert found[0] == ("00:00:00:00", 0.0, "linear")
    assert found[1][1] == pytest.approx(0.9995) and found[1][2] == "step-end"
    assert found[2] == ("00:00:02:00", -1, "linear")


@pytest.mark.parametrize("last", [99.96, 99.9999])
def test_keyframes_at_the_end_of_a_long_shot_stay_in_order(last: float) -> None:
    moving = {"op": "exposure", "stops": {"keyframes": [
        {"time": "0s", "value": 0}, {"time": f"{last}s", "value": 1},
        {"time": "100s", "value": 2},
    ]}}  # fmt: skip
    (step,) = made(shot(0, 100, moving), shot(100, 104, up(-1)), length=104)
    times = [float(parse_time(time).seconds(F(25))) for time, *_ in points(step)]
    assert times[1] == last and last < times[2] < 100 == times[3]
    assert times[2] >= 99.999
