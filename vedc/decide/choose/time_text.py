"""Times of decisions as text: exact in the items, short in messages about them."""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.media_info import MediaInfo
from vedc.edit.timecode import exact_time
from vedc.edit.times import round_half_up, to_frames


def source_time(seconds: Fraction, media: MediaInfo) -> str:
    """A source time as written for ``in`` and ``out``: read back, it is exactly ``seconds``."""
    return exact_time(seconds, media.video.rate if media.video is not None else None)


def short_time(seconds: Fraction | float, *, down: bool = False) -> str:
    """Seconds for messages: ``12.4 s``, with two decimals below one second.

    ``down`` rounds down, for limits that the user may then request.
    """
    value = Fraction(seconds)
    places = 100 if abs(value) < 1 else 10
    rounded = Fraction(int(value * places) if down else round_half_up(value * places), places)
    return f"{float(rounded):g} s"


def distinct_times(one: Fraction, other: Fraction, rate: Fraction) -> tuple[str, str]:
    """Two times for messages, in frames if they would otherwise read the same."""
    if short_time(one) != short_time(other):
        return short_time(one), short_time(other)
    return f"{to_frames(one, rate)} frames", f"{to_frames(other, rate)} frames"
