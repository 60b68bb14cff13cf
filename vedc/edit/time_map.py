"""Source time as a function of film time, exact: trim, speed, reverse, freeze, loop and curve.

A :class:`TimeMap` is a piecewise linear function on rational numbers. Film time counts in seconds
from the start of an item, source time in seconds of its file. Both are fractions, so a map can be
composed, inverted and cut without loss. The exception is an eased curve: it *is* the polyline that
:meth:`TimeMap.curve` makes of it once, which picture and sound then follow exactly.

A map has a value at every film time, also outside ``0 <= t < length``: the first and the last ramp
continue, and a loop keeps looping. Ops that use earlier frames, and transitions that need handles,
read there.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain, count, pairwise
from typing import Final, Literal, NamedTuple

from vedc.edit.easing import straight_pieces
from vedc.edit.times import format_time
from vedc.support.lazy_dataclass import dataclass

#: How far, in seconds of source, the polyline of an eased curve may be from the curve.
CURVE_TOLERANCE: Final = Fraction(1, 1000)


class Ramp(NamedTuple):
    """Source time rising by ``slope`` seconds a second, until the next ramp begins."""

    start: Fraction
    """Film time."""
    source: Fraction
    """Source time at ``start``."""
    slope: Fraction
    after: bool = False
    """Whether the moment ``start`` itself still belongs to the ramp before."""

    def at(self, time: Fraction) -> Fraction:
        return self.source + self.slope * (time - self.start)


class Part(NamedTuple):
    """Film time ``begin <= t < end`` with one linear map; ``begin < t`` where ``after``."""

    begin: Fraction
    end: Fraction | None
    """None: forever."""
    source: Fraction
    """Source time at ``begin``."""
    slope: Fraction
    after: bool


class FrameRun(NamedTuple):
    """Film frames ``first <= n < end``, which show source times ``source + (n - first) * step``."""

    first: int
    end: int
    source: Fraction
    step: Fraction


@dataclass(frozen=True, slots=True, repr=False)
class TimeMap:
    """Source time as a function of film time. Equal maps are equal functions, except loops.

    ``ramps`` are in order of time. The first extends back without end; with a ``period`` it begins
    at 0, and all ramps repeat every ``period`` seconds. Make maps with :meth:`linear`,
    :meth:`curve`, :meth:`loop`, :meth:`reverse`, :meth:`window` and :meth:`then`.
    """

    ramps: tuple[Ramp, ...]
    length: Fraction | None = None
    """The map's length in seconds of film; None: no end."""
    period: Fraction | None = None

    def __post_init__(self) -> None:
        if not self.ramps or any(_order(a) >= _order(b) for a, b in pairwise(self.ramps)):
            raise ValueError("the ramps of a time map must be in order")
        if self.period is not None and not self.ramps[0].start == 0 <= self.ramps[-1].start < (
            self.period
        ):
            raise ValueError("the ramps of a loop must lie in its period")
        if self.length is not None and self.length < 0:
            raise ValueError("a time map cannot have a negative length")
        object.__setattr__(self, "ramps", _canonical(self.ramps, self.period))

    # Making

    @classmethod
    def linear(
        cls,
        source: Fraction | int,
        slope: Fraction | int = 1,
        length: Fraction | None = None,
    ) -> TimeMap:
        """From ``source`` at a constant speed: 1 trims, 0 freezes, below 0 plays backwards."""
        return cls((Ramp(Fraction(0), Fraction(source), Fraction(slope)),), length)

    @classmethod
    def curve(
        cls, points: Sequence[tuple[Fraction, Fraction, str]], length: Fraction | None = None
    ) -> TimeMap:
        """Through points (film time, source time, easing), held outside the first and the last.

        Each easing (see ``vedc.edit.easing``) shapes the stretch that begins at its point.
        ``linear`` and steps are exact. Others become chords between points of the curve, within
        :data:`CURVE_TOLERANCE` of it. Raises ValueError where film times do not increase.
        """
        ramps = [Ramp(points[0][0] - 1, points[0][1], Fraction(0))]
        for (film, source, name), (until, target, _) in pairwise(points):
            if until <= film:
                raise ValueError("the film times of a curve must increase")
            lasts, distance = until - film, target - source
            tolerance = CURVE_TOLERANCE / abs(distance) if distance else Fraction(1)
            ramps += (
                Ramp(film + t * lasts, source + p * distance, slope * distance / lasts, after)
                for t, p, slope, after in straight_pieces(name, tolerance)
            )
        ramps.append(Ramp(points[-1][0], points[-1][1], Fraction(0)))
        return cls(tuple(ramps), length)

    def loop(self, length: Fraction | None = None) -> TimeMap:
        """This map over and over, for ``length`` seconds. Its own length must be above 0."""
        if not self.length:
            raise ValueError("only a map with a length can loop")
        ramps = (Ramp(p.begin, p.source, p.slope, p.after) for p in self.parts())
        return TimeMap(tuple(ramps), length, self.length)

    def reverse(self, frame: Fraction | int = 0) -> TimeMap:
        """The map played backwards: its value at ``t`` is that at ``length - frame - t``.

        Frames are sampled where they begin, so ``frame`` is the length of one in seconds: then the
        last frame comes first, and reversing twice gives the same map. For sound it is a sample.
        """
        if self.length is None:
            raise ValueError("only a map with a length can be reversed")
        return TimeMap.linear(self.length - frame, -1, self.length).then(self)

    def window(self, begin: Fraction | int, length: Fraction | None = None) -> TimeMap:
        """The map from film time ``begin`` on, which becomes 0; by default to the map's end."""
        if length is None and self.length is not None:
            length = max(self.length - begin, Fraction(0))
        return TimeMap.linear(begin, 1, length).then(self)

    def then(self, outer: TimeMap) -> TimeMap:
        """The composition: at ``t`` the value of ``outer`` at the value of this map at ``t``.

        It has this map's length. Exact at every film time, except for an ``outer`` loop after
        several ramps: then only in ``0 <= t < length``, and without a length ValueError is raised.
        """
        ramps, period = list(self.ramps), self.period
        begins: Fraction | None = ramps[0].start if period is not None else None
        ends = period
        if outer.period is not None and period is None:
            if len(ramps) == 1 and ramps[0].slope:
                ends = period = outer.period / abs(ramps[0].slope)
                begins = Fraction(0)
            elif self.length is not None:
                begins, ends = Fraction(0), self.length
                ramps = [Ramp(p.begin, p.source, p.slope, p.after) for p in self.parts()]
                ramps = ramps or [Ramp(begins, self.source_at(0), Fraction(0))]
        made: list[Ramp] = []
        for ramp, following in pairwise((*ramps, None)):
            assert ramp is not None
            stop = None if ends is None else (ends, self.period is not None and ramps[0].after)
            stop = _order(following) if following else stop
            made += _through(ramp, begins is None and not made, stop, outer)
        if period is not None and made[-1].start == period:  # the moment that a period begins with
            made.insert(0, made.pop()._replace(start=Fraction(0)))
        return TimeMap(tuple(made), self.length, period)

    # Asking

    def source_at(self, time: Fraction | int) -> Fraction:
        """The source time that is shown at a film time."""
        return self._ramp_at(Fraction(time)).at(Fraction(time))

    def slope_at(self, time: Fraction | int) -> Fraction:
        """Seconds of source for each second of film, at a film time."""
        return self._ramp_at(Fraction(time)).slope

    def film_at(self, source: Fraction | int) -> Iterator[tuple[Fraction, Fraction | None]]:
        """The inverse: when in ``0 <= t < length`` a source time is shown, in order.

        Pairs (begin, end): equal for a single moment; a range, without its end, where the source
        time is frozen. The end is None if it stays there. A loop without end gives pairs without
        end.
        """
        if self.period is not None and (self.length is None or self.length > self.period):
            once = TimeMap(self.ramps, self.period, self.period)
            edge = self.source_at(self.period)  # the first moment, where the last ramp has it
            if edge != source and next(once.film_at(source), None) is None:
                return
        for part, following in pairwise(chain(self.parts(), [None])):
            assert part is not None
            if not part.slope:
                if part.source == source:
                    yield part.begin, part.end
                continue
            time = part.begin + (source - part.source) / part.slope
            begun = part.begin < time or (part.begin == time and not part.after)
            closed = following is not None and following.after
            if begun and (part.end is None or time < part.end or (time == part.end and closed)):
                yield time, time

    def parts(self, begin: Fraction | int = 0, end: Fraction | int | None = None) -> Iterator[Part]:
        """The linear stretches of film time ``begin <= t < end``, by default the whole map.

        A part of a single moment has ``begin == end``. Without an end loops give parts without end.
        """
        begin = Fraction(begin)
        end = self.length if end is None else Fraction(end)
        if end is not None and begin >= end:
            return
        ramp = self._ramp_at(begin)._replace(after=False)
        start, source = begin, ramp.at(begin)
        for moment, after, following in self._breaks(begin, up=True):
            if (moment, after) <= (start, ramp.after):
                continue
            if end is not None and moment >= end:
                break
            yield Part(start, moment, source, ramp.slope, ramp.after)
            ramp = following._replace(after=after)
            start, source = moment, ramp.at(moment)
        yield Part(start, end, source, ramp.slope, ramp.after)

    def source_range(
        self, begin: Fraction | int = 0, end: Fraction | int | None = None
    ) -> tuple[Fraction, Fraction]:
        """The least and the greatest source time of film time ``begin <= t < end``.

        They bound what must be decoded; the limit at the end of a part counts as reached. Raises
        ValueError where there is no bound.
        """
        end = self.length if end is None else Fraction(end)
        if self.period is not None and (end is None or end > begin + self.period):
            end = begin + self.period
        times = [self.source_at(begin)]
        for part in self.parts(begin, end):
            if part.end is None and part.slope:
                raise ValueError("the source range of a map without an end is not bounded")
            length = Fraction(0) if part.end is None else part.end - part.begin
            times += (part.source, part.source + part.slope * length)
        return min(times), max(times)

    def per_frame(self, fps: Fraction, frame: int) -> tuple[Fraction, Fraction]:
        """Source time at a film frame, and how much it grows with each frame of the same run."""
        ramp = self._ramp_at(frame / fps)
        return ramp.at(frame / fps), ramp.slope / fps

    def frame_runs(self, fps: Fraction, frames: int) -> Iterator[FrameRun]:
        """Film frames ``0 <= n < frames`` in runs whose source times are evenly spaced."""
        if len(self.ramps) == 1 and self.period is None:
            ramp = self.ramps[0]
            if frames > 0:
                yield FrameRun(0, frames, ramp.at(Fraction(0)), ramp.slope / fps)
            return
        runs: list[tuple[int, Part]] = []
        for part in self.parts(0, frames / fps):
            first = math.floor(part.begin * fps) + 1 if part.after else math.ceil(part.begin * fps)
            if runs and runs[-1][0] == first:
                runs.pop()  # no frame falls on the part before
            runs.append((first, part))
        ends = [first for first, _ in runs[1:]] + [frames]
        for (first, part), end in zip(runs, ends, strict=True):
            if first < end:
                source = part.source + part.slope * (first / fps - part.begin)
                yield FrameRun(first, end, source, part.slope / fps)

    def __repr__(self) -> str:
        ramps = ", ".join(
            f"{'after ' * r.after}{format_time(r.start)}: {format_time(r.source)} x{r.slope}"
            for r in self.ramps
        )
        length = "" if self.length is None else f" for {format_time(self.length)}"
        period = "" if self.period is None else f" every {format_time(self.period)}"
        return f"<TimeMap {ramps}{period}{length}>"

    # Ramps in film time, those of a loop as often as they come

    def _ramp_at(self, time: Fraction, side: Literal["at", "above", "below"] = "at") -> Ramp:
        """The ramp that holds at a time, or just above or below it."""
        if len(self.ramps) == 1 and self.period is None:
            return self.ramps[0]
        turns = Fraction(0)
        if self.period is not None:
            turns = time // self.period * self.period
            if time == turns and (side == "below" or (side == "at" and self.ramps[0].after)):
                turns -= self.period
        bisect = bisect_left if side == "below" else bisect_right
        index = bisect(self.ramps, (time - turns, side == "above"), key=_order) - 1
        return _shifted(self.ramps[max(index, 0)], turns)

    def _breaks(self, origin: Fraction, *, up: bool) -> Iterator[tuple[Fraction, bool, Ramp]]:
        """Break points, upwards or downwards, and the ramp beyond each.

        Each also says whether the point itself still belongs to the ramp on this side. Those of a
        loop begin in the period of ``origin`` and never end; otherwise all are given.
        """
        order = range(len(self.ramps)) if up else range(len(self.ramps) - 1, -1, -1)
        if self.period is None:
            for i in filter(None, order):  # the first ramp has no beginning
                here = self.ramps[i]
                yield here.start, here.after == up, self.ramps[i if up else i - 1]
            return
        for turn in count(origin // self.period, 1 if up else -1):
            moved = turn * self.period
            for i in order:
                here, beyond = self.ramps[i], self.ramps[i if up else i - 1]
                back = self.period if not up and i == 0 else Fraction(0)
                yield here.start + moved, here.after == up, _shifted(beyond, moved - back)


def shortly_before(end: Fraction, last: Fraction) -> Fraction:
    """The time of the last value before ``end``, in seconds, where another value begins there:
    after ``last``, and a thousandth of a second before the end at most."""
    return end - min(end - last, Fraction(1)) / 1000


def _order(ramp: Ramp) -> tuple[Fraction, bool]:
    """Sort key of ramps."""
    return ramp.start, ramp.after


def _anchored(ramp: Ramp, start: Fraction) -> Ramp:
    """The same line, written from another film time."""
    return Ramp(start, ramp.at(start), ramp.slope)


def _shifted(ramp: Ramp, by: Fraction) -> Ramp:
    return ramp._replace(start=ramp.start + by) if by else ramp


def _canonical(ramps: Sequence[Ramp], period: Fraction | None) -> tuple[Ramp, ...]:
    """The canonical form of a function: without ramps that continue the one before, or are not
    needed."""
    if len(ramps) == 1 and period is None and not ramps[0].after:
        return (_anchored(ramps[0], Fraction(0)) if ramps[0].start else ramps[0],)
    made: list[Ramp] = []
    for ramp, following in pairwise((*ramps, None)):
        assert ramp is not None
        before = made[-1].at(ramp.start) if made else None
        if following is not None and following.start == ramp.start:  # a single moment
            if before != ramp.source:
                made.append(ramp._replace(slope=Fraction(0)))
        elif made and made[-1].start == ramp.start and before == ramp.source:
            made[-1] = ramp._replace(after=made[-1].after)  # the moment begins the ramp
        elif made and before == ramp.source:
            if made[-1].slope != ramp.slope:
                made.append(ramp._replace(after=False))
        else:
            made.append(ramp)
    if period is None:
        made[0] = _anchored(made[0], min([Fraction(0), *(ramp.start - 1 for ramp in made[1:2])]))
    else:
        end = made[-1].at(period)
        if len(made) > 1 and made[1].start == 0 and made[0].source == end:
            del made[0]
        if made[0].after and made[0].source == end:
            made[0] = made[0]._replace(after=False)
    return tuple(made)


def _through(
    ramp: Ramp, unbounded: bool, stop: tuple[Fraction, bool] | None, outer: TimeMap
) -> Iterator[Ramp]:
    """``outer`` of one ramp until ``stop``; ``unbounded``: the ramp has no beginning."""
    slope = ramp.slope
    if not slope:
        yield Ramp(ramp.start, outer.source_at(ramp.source), Fraction(0), ramp.after)
        return
    up = slope > 0
    if outer.period is not None and (unbounded or stop is None):
        raise ValueError("a map with several ramps and no length cannot be followed by a loop")
    breaks = outer._breaks(ramp.source, up=up)
    if unbounded:
        breaks = iter(found := list(breaks))
        times = [ramp.start + (source - ramp.source) / slope - 1 for source, *_ in found[:1]]
        ramp = _anchored(ramp, min([ramp.start, *times]))
        piece = outer.ramps[0 if up else -1]
    else:
        side: Literal["at", "above", "below"] = "above" if up else "below"
        piece = outer._ramp_at(ramp.source, side if ramp.after else "at")
    yield Ramp(ramp.start, piece.at(ramp.source), piece.slope * slope, ramp.after)
    for source, after, beyond in breaks:
        time = ramp.start + (source - ramp.source) / slope
        if stop is not None and (time, after) >= stop:
            return
        if (time, after) > _order(ramp):
            yield Ramp(time, beyond.at(source), beyond.slope * slope, after)
