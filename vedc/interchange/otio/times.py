"""Times of OpenTimelineIO: a number of frames and a rate, both floating-point."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from vedc.interchange.common.words import exact_rate
from vedc.interchange.foreign.node import Node

#: In frames: times closer than this to a whole frame are rounded to it.
_NOISE: Final = Fraction(1, 10**6)


class Range(NamedTuple):
    """Seconds; ``rate`` is that of the start."""

    start: Fraction
    length: Fraction
    rate: Fraction
    length_rate: Fraction


def read_time(node: Node | None) -> tuple[Fraction, Fraction] | None:
    """Seconds, and the rate at which they were counted; None if missing."""
    if node is None:
        return None
    node.take("OTIO_SCHEMA")
    value, rate = node.number("value"), node.number("rate")
    exact = None if rate is None else exact_rate(rate) if rate <= 1000 else rate
    if value is None or exact is None or exact <= 0:
        node.lose("is no time")
        return None
    whole = round(value)
    frames = Fraction(whole) if abs(value - whole) < _NOISE else value.limit_denominator(10**6)
    return frames / exact, exact


def read_range(node: Node | None) -> Range | None:
    if node is None:
        return None
    node.take("OTIO_SCHEMA")
    start, length = read_time(node.mapping("start_time")), read_time(node.mapping("duration"))
    if start is None or length is None or length[0] < 0:
        node.lose("is not a time range")
        return None
    return Range(start[0], length[0], start[1], length[1])
