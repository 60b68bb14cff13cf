"""Clips that freeze, loop, hold their end, or follow a time map; what each shows, in fractions.

As in ``timelines``, from the language's words alone:

- a frozen clip shows one picture for all of its duration;
- a loop plays its range, forwards or backwards, and then again from the same end of it;
- ``on_end: hold`` goes on with the last picture played: the file's last, or backwards the one at
  ``in``; ``on_end: loop`` begins again;
- a time map goes straight from keyframe to keyframe; ``hold`` stays until the next, ``steps(n)``
  stays n times; before the first keyframe and after the last it stands still;
- where time falls, the picture is what was seen just before each source time.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.property.numbered import Source, written

Seen = Callable[[Fraction], tuple[Fraction, bool]]
"""Seconds since the item's start to a source time, and whether what was seen before it counts."""


def _linear(begin: Fraction, end: Fraction, speed: Fraction, backwards: bool) -> Seen:
    if backwards:
        return lambda gone: (end - gone * speed, True)
    return lambda gone: (begin + gone * speed, False)


def _looped(turn: Fraction, once: Seen) -> Seen:
    return lambda gone: once(gone % turn)


@st.composite
def retimed(
    draw: st.DrawFn, keys: dict[str, Any], source: Source, counted: Fraction, length: Fraction
) -> tuple[Fraction, Seen]:
    """Keys of a clip of about ``length`` seconds; its exact length, and what it shows."""
    way = draw(st.sampled_from(("freeze", "loop", "times", "hold", "again", "map", "map")))
    own = None if source.milliseconds else source.rate
    if way == "freeze":
        at = draw(st.integers(0, 1000)) * (source.length - Fraction(1, 20)) / 1000
        if draw(st.booleans()):
            text, back = draw(written(max(source.length - at, Fraction(1, 10)), own, up=True))
            keys["freeze"], at = f"-{text}", max(source.length - back, Fraction(0))
        else:
            keys["freeze"], at = draw(written(at, own))
        keys["duration"], length = draw(written(length, counted, up=True))
        return length, lambda gone: (at, False)
    if way == "map":
        return draw(_mapped(keys, source, counted, length))
    speed = draw(st.sampled_from((Fraction(1), Fraction(1), Fraction(2), Fraction("0.5"))))
    backwards = draw(st.integers(0, 2)) == 0
    if speed != 1:
        keys["speed"] = float(speed)
    if backwards:
        keys["reverse"] = True
    if way in ("loop", "times"):
        begin = draw(st.integers(0, 800)) * source.length / 1000
        keys["in"], begin = draw(written(begin, own))
        wanted = begin + Fraction(draw(st.integers(200, 600)), 1000) * speed
        keys["out"], end = draw(written(wanted, own, up=True))
        seen = _looped((end - begin) / speed, _linear(begin, end, speed, backwards))
        if way == "times":
            keys["loop"] = draw(st.integers(1, 4))
            return keys["loop"] * (end - begin) / speed, seen
        keys["loop"] = True
        keys["duration"], length = draw(written(length, counted, up=True))
        return length, seen
    # Some of the clip passes the file's end.
    left = Fraction(draw(st.integers(100, 400)), 1000)
    text, left = draw(written(left, own, up=True))
    keys["in"], begin = f"-{text}", source.length - left
    keys["duration"], length = draw(written(length, counted, up=True))
    end = min(source.length, begin + length * speed)
    once = _linear(begin, end, speed, backwards)
    keys["on_end"] = "hold" if way == "hold" else "loop"
    if way == "again":
        return length, _looped((source.length - begin) / speed, once)
    last = begin if backwards else source.length
    over = (end - begin) / speed
    return length, lambda gone: once(gone) if gone < over else (last, False)


@st.composite
def _mapped(
    draw: st.DrawFn, keys: dict[str, Any], source: Source, counted: Fraction, length: Fraction
) -> tuple[Fraction, Seen]:
    own = None if source.milliseconds else source.rate
    count = draw(st.integers(1, 4))
    points: list[tuple[Fraction, Fraction, str]] = []
    keyframes: list[dict[str, Any]] = []
    for number in range(count):
        text, time = draw(written(length * number / count, counted, up=True))
        value, at = draw(written(draw(st.integers(0, 950)) * source.length / 1000, own))
        if points and time <= points[-1][0]:
            continue
        easing = draw(st.sampled_from(("linear", "linear", "linear", "hold", "steps(3)")))
        keyframes.append({"time": text, "value": value, "easing": easing})
        points.append((time, at, easing))
    keyframes[-1].pop("easing")
    keys["time_map"] = {"keyframes": keyframes}
    keys["duration"], length = draw(written(max(length, points[-1][0]), counted, up=True))

    def seen(gone: Fraction) -> tuple[Fraction, bool]:
        if gone < points[0][0]:
            return points[0][1], False
        for (time, at, easing), (until, target, _) in pairwise(points):
            if time <= gone < until:
                share = (gone - time) / (until - time)
                if easing == "hold":
                    return at, False
                if easing != "linear":
                    return at + (target - at) * (share * 3 // 1) / 3, False
                return at + (target - at) * share, target < at
        return points[-1][1], False

    return length, seen
