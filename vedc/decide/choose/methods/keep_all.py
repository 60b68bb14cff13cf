"""``keep: all``: intervals as pieces, none too short or too long."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from vedc.decide.choose.methods import interval_scheduling
from vedc.decide.choose.pieces import Interval, Piece, PieceScorer
from vedc.decide.choose.time_text import short_time
from vedc.errors import SpecError


def pieces_of(
    scorer: PieceScorer, intervals: Sequence[Interval], low: Fraction, high: Fraction | None
) -> list[Piece]:
    """Every interval as a piece; one longer than ``high`` seconds is split into parts of at least
    ``low``.

    The parts are as few as possible, at the best cuts. Raises SpecError ``no-fit``.
    """
    out: list[Piece] = []
    for interval in intervals:
        footage = scorer.footage[interval.source]
        places = [interval.start, *_split(scorer, interval, low, high), interval.end]
        out += [
            Piece(interval.source, footage.time(a), footage.time(b), interval.shot,
                  central=interval.central)
            for a, b in itertools.pairwise(places)
        ]  # fmt: skip
    return out


def long_enough(
    scorer: PieceScorer, intervals: Sequence[Interval], least: Fraction
) -> list[Interval]:
    """Intervals of at least ``least`` seconds: short ones merge with the ones they touch.

    A short one that touches none grows at both ends, into unselected frames. Raises SpecError
    ``no-fit`` if a source is shorter.
    """
    out: list[Interval] = []
    for source, own in itertools.groupby(intervals, key=lambda r: r.source):
        footage = scorer.footage[source]
        low = int(-(-least * footage.rate // 1))
        if footage.count < low:
            message = (
                f"min_shot is {short_time(least)}, but {footage.source.id} is only "
                f"{short_time(footage.count / footage.rate)} long"
            )
            raise SpecError.one("no-fit", message, hint="give a smaller min_shot")
        grown: list[Interval] = []
        for interval in own:
            grown.append(interval)
            while len(grown) > 1 and grown[-1].start <= grown[-2].end and _short(grown[-2:], low):
                grown[-2:] = [_one(grown[-2], grown[-1])]
        for i, interval in enumerate(grown):
            lack = low - (interval.end - interval.start)
            if lack > 0:
                start = min(max(interval.start - lack // 2, 0), footage.count - low)
                grown[i] = replace(
                    interval, start=start, end=start + low, shot=(start, start + low)
                )
        out += _apart(grown)
    return out


def _short(pair: Sequence[Interval], low: int) -> bool:
    return any(interval.end - interval.start < low for interval in pair)


def _one(first: Interval, second: Interval) -> Interval:
    shot = min(first.shot[0], second.shot[0]), max(first.shot[1], second.shot[1])
    return Interval(first.source, min(first.start, second.start), max(first.end, second.end), shot)


def _apart(intervals: Sequence[Interval]) -> list[Interval]:
    """The intervals, with overlapping ones merged."""
    out: list[Interval] = []
    for interval in intervals:
        if out and interval.start < out[-1].end:
            out[-1] = _one(out[-1], interval)
        else:
            out.append(interval)
    return out


def _split(
    scorer: PieceScorer, interval: Interval, low: Fraction, high: Fraction | None
) -> list[int]:
    """Where to cut an interval that is longer than ``high`` seconds."""
    footage = scorer.footage[interval.source]
    length = (interval.end - interval.start) / footage.rate
    if high is None or length <= high:
        return []
    most, least = int(high * footage.rate), max(1, int(-(-low * footage.rate // 1)))
    cuts = scorer.ins(interval.source) + scorer.outs(interval.source)
    scores = cuts[interval.start : interval.end + 1] / 2
    found = interval_scheduling.split(scores, least, most) if most >= least else None
    if found is None:
        allowed = f"{short_time(least / footage.rate)} to {short_time(high)}"
        message = (
            f"{short_time(length)} of {footage.source.id} from {footage.text(interval.start)} on "
            f"cannot be cut into pieces of {allowed}"
        )
        hint = "give a smaller min_shot or a larger max_shot"
        raise SpecError.one("no-fit", message, hint=hint)
    return [interval.start + place for place in found]
