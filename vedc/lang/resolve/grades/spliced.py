"""The steps decided for the shots of a clip, as steps of the clip.

A clip of one shot gets them unchanged. With several, parameters that differ become keyframes:
constant within a shot, a jump at a cut, and a straight line through a gradual transition, which
lies between the end of one shot and the beginning of the next. A step that a shot lacks has its
neutral values there. A step that cannot move, such as a curve, becomes one step for each shot, with
a mask that applies it while that shot is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from vedc import ops
from vedc.edit.time_map import TimeMap, shortly_before
from vedc.edit.timecode import exact_time
from vedc.edit.values import Keyframe, Keyframes
from vedc.lang.schema.params import plain_default
from vedc.ops import Op, Param

Step = Mapping[str, Any]
"""A step as plain data."""


class CannotMove(ValueError):
    """A step that cannot change from shot to shot; the message says which and why."""


@dataclass(frozen=True, slots=True)
class GradedShot:
    """Seconds of the source, half open, and the steps for them."""

    begin: Fraction
    end: Fraction
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an item in which one shot is seen, or a transition from one to another.

    Times are seconds of the item; ``at`` is how far it is from shot ``first`` to the next one, at
    the beginning and the end.
    """

    begin: Fraction
    end: Fraction
    first: int
    at: tuple[Fraction, Fraction]

    @property
    def still(self) -> bool:
        return self.at[0] == self.at[1]


def steps_of_clip(
    shots: Sequence[GradedShot],
    time_map: TimeMap,
    head: Fraction,
    length: Fraction,
    fps: Fraction,
) -> list[dict[str, Any]]:
    """The steps of a clip of these shots, which are in order of the source.

    ``time_map`` counts from ``head`` seconds before the origin of the clip's keyframes; ``length``
    is from there to its end. Shots that it shows only in its handles are left out. Raises
    CannotMove.
    """
    first = list(shots[0].steps) if shots else []
    if all(list(shot.steps) == first for shot in shots):
        return [dict(step) for step in first]
    stretches = list(stretched(shots, time_map, head, length))
    return [
        made
        for lane in _lanes(shots)
        for made in (_moved(lane, stretches, fps),)
        if made is not None
    ]


# When which shot is seen


def stretched(
    shots: Sequence[GradedShot], time_map: TimeMap, head: Fraction, length: Fraction
) -> Iterator[Stretch]:
    """The stretches of an item of these shots, in order, without gaps."""
    found: list[Stretch] = []
    for part in time_map.parts(head, head + length):
        assert part.end is not None
        for piece in _pieces(shots, part.begin, part.end, part.source, part.slope):
            made = Stretch(piece.begin - head, piece.end - head, piece.first, piece.at)
            last = found[-1] if found else None
            if last is not None and last.still and made.still and _same(last, made):
                found[-1] = Stretch(last.begin, made.end, last.first, last.at)
            else:
                found.append(made)
    yield from found


def _same(one: Stretch, other: Stretch) -> bool:
    return one.first + one.at[0] == other.first + other.at[0]


def _pieces(
    shots: Sequence[GradedShot], begin: Fraction, end: Fraction, source: Fraction, slope: Fraction
) -> Iterator[Stretch]:
    """A stretch of even speed, cut where shots begin and end."""
    if begin >= end:
        return
    times = {begin, end}
    if slope:
        edges = (edge for shot in shots for edge in (shot.begin, shot.end))
        crossed = (begin + (edge - source) / slope for edge in edges)
        times |= {time for time in crossed if begin < time < end}

    def place(time: Fraction, middle: Fraction) -> tuple[int, Fraction]:
        """The position within the shots; ``middle`` decides the side of an edge."""
        inside = source + slope * (middle - begin)
        number = next((n for n, shot in enumerate(shots) if inside < shot.end), len(shots) - 1)
        if inside >= shots[number].begin or number == 0:
            return number, Fraction(0)
        before, after = shots[number - 1].end, shots[number].begin
        seen = source + slope * (time - begin)
        return number - 1, min(max((seen - before) / (after - before), Fraction(0)), Fraction(1))

    for one, two in pairwise(sorted(times)):
        middle = (one + two) / 2
        (first, start), (_, stop) = place(one, middle), place(two, middle)
        yield Stretch(one, two, first, (start, stop))


# Which steps belong together


@dataclass(slots=True)
class _Lane:
    """One step, as each shot has it; None where a shot lacks it."""

    op: Op
    fixed: Any
    """The parts of it that cannot move."""
    steps: list[Step | None]


def _lanes(shots: Sequence[GradedShot]) -> list[_Lane]:
    """The steps of all shots in an order that keeps that of each."""
    lanes: list[_Lane] = []
    for number, shot in enumerate(shots):
        after = 0
        keys = [(step["op"], _fixed(step)) for step in shot.steps]
        for index, (step, key) in enumerate(zip(shot.steps, keys, strict=True)):
            place = _place(lanes, [key], after)
            if place is None:  # before what comes later in this shot, else at the end
                place = _place(lanes, keys[index + 1 :], after)
                place = len(lanes) if place is None else place
                lanes.insert(place, _Lane(ops.get(step["op"]), key[1], [None] * len(shots)))
            lanes[place].steps[number] = step
            after = place + 1
    return lanes


def _place(lanes: Sequence[_Lane], keys: Sequence[tuple[str, Any]], after: int) -> int | None:
    """The first lane after ``after`` that has one of these steps."""
    found = (n for n in range(after, len(lanes)) if (lanes[n].op.name, lanes[n].fixed) in keys)
    return next(found, None)


def _fixed(step: Step) -> Any:
    """The fixed parts of a step: its op's other parameters, and its mask."""
    op = ops.get(step["op"])
    still = {p.name for p in op.params if not p.animatable}
    return {key: value for key, value in step.items() if key in still | {"mask", "asset"}}


# Values over time


def _moved(lane: _Lane, stretches: Sequence[Stretch], fps: Fraction) -> dict[str, Any] | None:
    """A lane as one step of the clip; None where no shot that is seen has it."""
    seen = {n for s in stretches for n in (s.first, s.first + (1 if any(s.at) else 0))}
    used = [step for n, step in enumerate(lane.steps) if n in seen]
    if not any(step is not None for step in used):
        return None
    made: dict[str, Any] = {"op": lane.op.name, **lane.fixed}
    neutral = _neutral(lane) if None in used else {}
    if neutral is None:
        return _let_through(lane, stretches, fps)
    for param in lane.op.params:
        if not param.animatable:
            continue
        values = [
            neutral.get(param.name, plain_default(param))
            if step is None
            else step.get(param.name, plain_default(param))
            for step in lane.steps
        ]
        if all(value == values[0] for value in values):
            if any(step is not None and param.name in step for step in lane.steps):
                made[param.name] = values[0]
            continue
        made[param.name] = _over_time(param, values, stretches, fps)
    return _ordered(lane.op, made)


def _let_through(lane: _Lane, stretches: Sequence[Stretch], fps: Fraction) -> dict[str, Any]:
    """A step without neutral values: its mask says where it works."""
    name = lane.op.name
    if "mask" in lane.fixed:
        raise CannotMove(f"{name} with a mask cannot be there in one shot of a clip only")
    held = [step for step in lane.steps if step is not None]
    if any(dict(step) != dict(held[0]) for step in held):
        raise CannotMove(f"{name} cannot change from shot to shot and be absent in one")
    param = ops.get("uniform").param("amount")
    amounts = [0 if step is None else 1 for step in lane.steps]
    mask = {"op": "uniform", "amount": _over_time(param, amounts, stretches, fps)}
    return _ordered(lane.op, {**held[0], "mask": mask})


def _ordered(op: Op, step: dict[str, Any]) -> dict[str, Any]:
    keys = ("op", "mask", *(param.name for param in op.params), "asset")
    return {key: step[key] for key in keys if key in step}


def _neutral(lane: _Lane) -> dict[str, Any] | None:
    """The parameters with which the op changes nothing; None where there are none."""
    fixed = {p.name: p.default for p in lane.op.params if not p.animatable}
    fixed |= {key: value for key, value in lane.fixed.items() if key in fixed}
    moving = {p.name: p.default for p in lane.op.params if p.animatable}
    for name, value in (("", 0), ("strength", 0.0), ("amount", 0.0), ("intensity", 0.0)):
        if name and name not in moving:
            continue
        tried = {**moving, **({name: value} if name else {})}
        if moving and lane.op.identity({**fixed, **tried}):
            return {
                key: plain_default(lane.op.param(key)) if value == moving[key] else value
                for key, value in tried.items()
            }
    return None


def _over_time(
    param: Param, values: Sequence[Any], stretches: Sequence[Stretch], fps: Fraction
) -> Any:
    """Keyframes of a parameter whose value in each shot is known."""
    points: list[tuple[Fraction, Any, str]] = []

    def reach(time: Fraction, value: Any, easing: str) -> None:
        if points and points[-1][0] == time:
            points.pop()
        points.append((time, value, easing))

    for number, stretch in enumerate(stretches):
        following = stretches[number + 1] if number + 1 < len(stretches) else None
        own = values[stretch.first]
        if stretch.still and not stretch.at[0] and _is_moving(own):
            inner = _inside(own, stretch, param, fps)
            for time, value in inner:
                reach(time, value, "linear")
            last = points[-1]
            points[-1] = (last[0], last[1], "step-end")
            continue
        start = _between(param, values, stretch, 0, fps)
        end = _between(param, values, stretch, 1, fps)
        then = end if following is None else _between(param, values, following, 0, fps)
        reach(stretch.begin, start, "step-end" if stretch.still else "linear")
        if not stretch.still and (following is None or then != end):
            until = stretch.end
            if following is not None:
                until = shortly_before(until, stretch.begin)
            reach(until, end, "step-end")
    return _as_keyframes(points, fps)


def _is_moving(value: Any) -> bool:
    return isinstance(value, Mapping) and "keyframes" in value


def _between(
    param: Param, values: Sequence[Any], stretch: Stretch, side: int, fps: Fraction
) -> Any:
    """The value at the beginning or the end of a stretch."""
    at = stretch.at[side]
    time = stretch.end if side else stretch.begin
    own = _settled(values[stretch.first], param, time, fps)
    if not at:
        return own
    other = _settled(values[min(stretch.first + 1, len(values) - 1)], param, time, fps)
    if at == 1 or own == other:
        return other
    if param.kind == "color":
        return other if at > Fraction(1, 2) else own
    one, two = _numbers(own), _numbers(other)
    count = max(len(one), len(two))
    one, two = (side * count if len(side) == 1 else side for side in (one, two))
    mixed = [round(a + (b - a) * float(at), 6) for a, b in zip(one, two, strict=True)]
    return mixed[0] if param.kind == "number" else mixed


def _numbers(value: Any) -> list[float]:
    return [float(v) for v in value] if isinstance(value, (list, tuple)) else [float(value)]


def _settled(value: Any, param: Param, time: Fraction, fps: Fraction) -> Any:
    """A value at a time of the item."""
    if not _is_moving(value):
        return value
    from vedc.edit.easing import value_at

    moving = _keyframes(value, fps)
    found = value_at(moving, time * fps)
    return list(found) if isinstance(found, tuple) else found


def _keyframes(value: Any, fps: Fraction) -> Keyframes:
    from vedc.edit.times import parse_time

    return Keyframes(
        tuple(
            Keyframe(
                parse_time(point["time"]).seconds(fps) * fps,
                tuple(_numbers(point["value"]))
                if isinstance(point["value"], (list, tuple))
                else float(point["value"]),
                point.get("easing", "linear"),
            )
            for point in value["keyframes"]
        )
    )


def _inside(
    value: Any, stretch: Stretch, param: Param, fps: Fraction
) -> Iterator[tuple[Fraction, Any]]:
    """The points of a moving value in a stretch, and its values at both ends."""
    moving = _keyframes(value, fps)
    times = [point.frame / fps for point in moving.points]
    inner = [time for time in times if stretch.begin < time < stretch.end]
    inner.insert(0, stretch.begin)
    for time in (*inner, shortly_before(stretch.end, inner[-1])):
        yield time, _settled(value, param, time, fps)


def _as_keyframes(points: Sequence[tuple[Fraction, Any, str]], fps: Fraction) -> Any:
    """Points in the form of a spec, without redundant ones."""
    kept: list[tuple[Fraction, Any, str]] = []
    for point in points:
        rests = kept and kept[-1][2] == "step-end" and kept[-1][1] == point[1]
        if rests and point[2] == "step-end":
            continue
        kept.append(point)
    if len(kept) == 1:
        return kept[0][1]
    made = []
    for number, (time, value, easing) in enumerate(kept):
        entry: dict[str, Any] = {"time": exact_time(time, fps), "value": value}
        if easing != "linear" and number + 1 < len(kept):
            entry["easing"] = easing
        made.append(entry)
    return {"keyframes": made}
