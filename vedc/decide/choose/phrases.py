"""Times of decisions as text: exact in the items, short in what is said of them."""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.media_info import MediaInfo
from vedc.edit.times import format_time, nominal_rate, round_half_up, to_frames


def source_time(seconds: Fraction, media: MediaInfo) -> str:
    """A time of a source as ``in`` and ``out`` have it; read back it is exactly ``seconds``.

    On a frame of the picture it is timecode (``00:00:10:12``) where the rate has one, else a
    number of frames (``312f``); between frames, and without a picture, it is seconds.
    """
    if media.video is None:
        return format_time(seconds)
    frame = seconds * media.video.rate
    if frame.denominator != 1:
        return format_time(seconds)
    return frame_time(int(frame), media.video.rate)


def frame_time(frame: int, rate: Fraction) -> str:
    """A frame as timecode (SMPTE ST 12-1, non-drop), or ``312f`` where the rate has none."""
    nominal = nominal_rate(rate)
    if nominal is None:
        return f"{frame}f"
    seconds, frames = divmod(frame, nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}:{frames:02d}"


def about(seconds: Fraction | float, *, down: bool = False) -> str:
    """Seconds as a message tells them: ``12.4 s``; to the hundredth where they are few.

    ``down``: never more than there are, for what may be asked for.
    """
    value = Fraction(seconds)
    places = 100 if abs(value) < 1 else 10
    rounded = Fraction(int(value * places) if down else round_half_up(value * places), places)
    return f"{float(rounded):g} s"


def apart(one: Fraction, other: Fraction, rate: Fraction) -> tuple[str, str]:
    """Two times as a message tells them, in frames where they differ by less than it would show."""
    if about(one) != about(other):
        return about(one), about(other)
    return f"{to_frames(one, rate)} frames", f"{to_frames(other, rate)} frames"
