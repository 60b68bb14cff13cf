"""``duration``: the lengths that pieces may have, and whether there is enough footage."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from vedc.decide.choose.methods.candidates import Limits
from vedc.decide.choose.pace import Pace
from vedc.decide.choose.time_text import distinct_times, short_time
from vedc.errors import SpecError
from vedc.lang.keys.auto import Cut

#: Default lengths of a chosen piece in seconds: least, most, and most for speech.
SHORTEST: Final = Fraction(1)
LONGEST: Final = Fraction(8)
LONGEST_SPOKEN: Final = Fraction(20)


_RARE: Final = 0.02
"""The share of a style's shots that are shorter, or longer, than pieces may be."""


def usual(pace: Pace) -> tuple[Fraction, Fraction]:
    """The least and the most seconds of a piece in a pace."""
    low, high = pace.quantile(_RARE), pace.quantile(1 - _RARE)
    return Fraction(round(low, 2)).limit_denominator(100), Fraction(high).limit_denominator(100)


def limits_of(
    cut: Cut,
    total: int,
    rate: Fraction,
    longest: Fraction,
    usual: tuple[Fraction, Fraction] | None = None,
) -> Limits:
    """The limits on the pieces of a film of ``total`` frames.

    ``longest``: the default of ``max_shot``; ``usual``: the defaults of both where a style has a
    pace. Raises SpecError ``too-short`` and ``no-fit``.
    """
    least = SHORTEST
    if usual is not None:
        least, longest = usual
    if total < 1:
        raise SpecError.one(
            "too-short", "duration is less than a frame", hint="ask for at least a second"
        )
    low = max(1, -(-(least if cut.min_shot is None else cut.min_shot) * rate // 1))
    if cut.max_shot is not None:
        high = int(cut.max_shot * rate)
    elif cut.count is not None:
        high = total
    else:
        high = min(int(longest * rate), total)
    if cut.min_shot is None:
        low = min(low, high, total)
    if cut.max_shot is None:
        high = max(low, high)
    if high < max(low, 1) or low > total:
        shortest, most = short_time(low / rate), short_time(high / rate)
        message = f"duration is {short_time(total / rate)}, shorter than min_shot"
        if high < low:
            message = f"pieces of {shortest} or more cannot be {most} or less"
        raise SpecError.one("no-fit", message, hint="give a smaller min_shot")
    return Limits(total, int(low), int(high), cut.count, strict=cut.max_shot is not None)


def check_room(
    limits: Limits, lengths: Sequence[int], what: str, rate: Fraction, *, bounded: bool
) -> None:
    """Raise SpecError ``too-long``, with the numbers, if the intervals are too short in total.

    ``lengths``: the intervals' lengths in frames of the film; ``bounded``: whether the spec bounds
    the lengths of pieces.
    """
    high = limits.high if limits.strict else None
    available = sum(_room(frames, limits.low, high) for frames in lengths)
    if available < limits.total:
        within = " in pieces of the lengths allowed" if bounded else ""
        target, only = distinct_times(limits.total / rate, available / rate, rate)
        most = short_time(available / rate, down=True)
        raise SpecError.one(
            "too-long",
            f"the target is {target}, but the sources have only {only} of {what}{within}",
            hint=f"ask for at most {most}" if available else "give a smaller min_shot",
        )
    if limits.count is not None:
        parts = sorted((p for n in lengths for p in _parts(n, high)), reverse=True)
        longest = sum(parts[: limits.count])
        if longest < limits.total:
            target, only = distinct_times(limits.total / rate, longest / rate, rate)
            raise SpecError.one(
                "too-long",
                f"the target is {target} in at most {limits.count} pieces; the longest "
                f"{limits.count} are only {only} together",
                hint="allow more pieces, or ask for less",
            )


def _room(frames: int, low: int, high: int | None) -> int:
    """How many of the frames fit in pieces of ``low`` to ``high`` frames."""
    if frames < low:
        return 0
    if high is None:
        return frames
    parts = -(-frames // high)
    return frames if parts * low <= frames else (parts - 1) * high


def _parts(frames: int, high: int | None) -> list[int]:
    if high is None:
        return [frames]
    return [high] * (frames // high) + ([frames % high] if frames % high else [])
