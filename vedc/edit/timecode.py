"""Times as text: clock time, SMPTE timecode and short seconds. The only formatters of time in vedc.

Everything is computed from exact fractions and rounded half up, so ``59.9996`` becomes
``01:00.000`` and never ``00:60.000``. :mod:`vedc.edit.times` reads times and writes exact ones.
"""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.times import (
    DROP_FRAME_RATES,
    format_rate,
    format_time,
    nominal_rate,
    round_half_up,
)


def clock_time(seconds: Fraction | int, *, places: int = 3, short: bool = False) -> str:
    """``01:02:03.345``: hours, minutes and seconds with ``places`` decimals.

    ``short`` leaves out leading zeros and hours of 0: ``2:03.345``.
    """
    sign = "-" if seconds < 0 else ""
    whole, rest = divmod(round_half_up(abs(Fraction(seconds)) * 10**places), 10**places)
    hours, minutes, secs = _split(whole)
    decimals = f".{rest:0{places}d}" if places else ""
    if not short:
        head = f"{hours:02d}:{minutes:02d}"
    else:
        head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{head}:{secs:02d}{decimals}"


def timecode(frame: int, rate: Fraction, *, drop: bool = False, wrap: bool = False) -> str:
    """``01:02:03:15``, the SMPTE ST 12-1 timecode of frame ``frame`` at ``rate`` frames a second.

    ``drop`` gives drop-frame timecode, ``01:02:03;15``: it skips two labels (four at 60000/1001)
    in every minute that is not a tenth, which keeps it in step with the clock. Hours pass 23
    unless ``wrap`` starts them over after a day. Raises ValueError where the rate has no timecode
    and for a negative frame.
    """
    if frame < 0:
        raise ValueError(f"frame {frame} lies before 0 and has no timecode")
    nominal = nominal_rate(rate)
    if nominal is None or (drop and rate not in DROP_FRAME_RATES):
        kind = "drop-frame timecode" if drop else "timecode"
        raise ValueError(f"{format_rate(rate)} frames a second have no {kind}")
    if drop:
        skipped = nominal // 15
        tens, rest = divmod(frame, 600 * nominal - 9 * skipped)
        minutes = max(0, rest - skipped) // (60 * nominal - skipped)
        frame += skipped * (9 * tens + minutes)
    seconds, frames = divmod(frame, nominal)
    hours, minutes, seconds = _split(seconds % 86_400 if wrap else seconds)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if drop else ':'}{frames:02d}"


def timecode_or_frames(frame: int, rate: Fraction) -> str:
    """The timecode of a frame, or ``312f`` where the rate has none: exact as a spec's time."""
    return f"{frame}f" if nominal_rate(rate) is None else timecode(frame, rate)


def timecode_or_clock(frame: int, rate: Fraction) -> str:
    """The timecode of a frame, or its clock time to the millisecond where the rate has none."""
    return clock_time(frame / rate) if nominal_rate(rate) is None else timecode(frame, rate)


def exact_time(seconds: Fraction, rate: Fraction | None) -> str:
    """Text that a spec reads back as exactly ``seconds`` where frames count ``rate``.

    On a frame it is timecode, or a frame number where the rate has none; between frames, or with
    no rate, it is seconds.
    """
    if rate is None or (seconds * rate).denominator != 1:
        return format_time(seconds)
    return timecode_or_frames(int(seconds * rate), rate)


def brief(seconds: Fraction) -> str:
    """``2.345s``: seconds to the millisecond, as a spec takes them."""
    return format_time(Fraction(round_half_up(seconds * 1000), 1000))


def _split(seconds: int) -> tuple[int, int, int]:
    """Hours, minutes and seconds."""
    minutes, seconds = divmod(seconds, 60)
    return *divmod(minutes, 60), seconds
