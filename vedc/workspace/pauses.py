"""Finding the pauses of a recording, for ``vedc silence``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Curves, Span, Spans
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.decide.choose.conditions import inverse
from vedc.decide.choose.methods.pauses import kept_by_sound, requests
from vedc.decide.choose.reasons import Source
from vedc.edit.media_info import MediaInfo
from vedc.edit.times import parse_time, round_half_up
from vedc.errors import RenderError, UsageError
from vedc.lang.keys.auto import Cut
from vedc.lang.keys.conditions import Margin
from vedc.lang.schema.quantities import Volume

#: Frame rate that times are shown at for files without a picture.
SOUND_RATE: Final = Fraction(30)


@dataclass(frozen=True, slots=True)
class Pauses:
    """A file divided into ranges to keep and pauses between them, all on frame boundaries."""

    kept: Spans
    pauses: Spans
    what: Literal["sound", "speech"]
    """What the kept ranges contain."""
    rate: Fraction
    """Frames per second; SOUND_RATE for a file without a picture."""
    seen: bool
    """Whether the file has a picture."""
    end: Fraction
    """Length of the file in seconds."""
    levels: tuple[float, ...]
    """The mean level of each pause, in dB of full scale."""


def find_pauses(
    runner: AnalysisRunner,
    media: MediaInfo,
    threshold: str | None,
    shortest: str,
    margin: str,
    speech: bool,
) -> Pauses:
    """Ranges of at least ``shortest`` without sound, or without speech if ``speech`` is true.

    Kept ranges are extended by ``margin`` (``0.2s``, or ``0.1s,0.3s`` for before and after) and
    then outward to frame boundaries. Raises RenderError ``no-sound``, and UsageError for an
    option that cannot be parsed.
    """
    if media.audio is None or media.duration is None:
        message = f"'{media.path}' has no sound, so it has no silence to find"
        raise RenderError.one("no-sound", message, hint="name a file with sound")
    if speech and threshold is not None:
        message = "--threshold sets a level, which --speech does not use"
        raise UsageError.one("bad-options", message, hint="leave one of them out")
    video = media.video if media.kind == "video" else None
    rate = video.rate if video else SOUND_RATE
    end = round_half_up(media.duration * rate) / rate if video else media.duration
    cut = Cut(
        method="speech" if speech else "silence",
        margin=_margin(margin),
        min_silence=_time(shortest, "--min"),
        threshold=None if threshold is None else _level(threshold),
    )
    wanted = requests(cut, media)
    level, *results = runner(AnalysisRequest.of("level", media), *wanted)
    found = {ask.name: result for ask, result in zip(wanted, results, strict=True)}
    kept = kept_by_sound(Source(media.path, media, Fraction(0), end), cut, found)
    pauses = inverse(kept, Fraction(0), end)
    levels = tuple(_mean_level(level, span) for span in pauses)
    what: Literal["sound", "speech"] = "speech" if speech else "sound"
    return Pauses(kept, pauses, what, rate, video is not None, end, levels)


def _mean_level(level: Curves, span: Span) -> float:
    """The mean power of a range, in dB; the floor where there is no sound at all."""
    import numpy as np

    from vedc.decide.analyses.level import FLOOR

    curve = level["rms"]
    low, high = max(0, curve.index(span.start)), max(0, curve.index(span.end))
    values = curve.values[low : max(high, low + 1)]
    if not len(values):
        return FLOOR
    return float(10 * np.log10(np.mean(10 ** (values.astype(np.float64) / 10))))


def _time(text: str, option: str) -> Fraction:
    hint = "write 0.5s or 500ms"
    try:
        time = parse_time(text)
    except ValueError as error:
        raise UsageError.one("bad-time", f"{option}: {error}", hint=hint) from None
    if time.needs_rate or time.needs_parent:
        message = f"{option}: {text!r} is in frames or percent, which are not accepted here"
        raise UsageError.one("bad-time", message, hint=hint)
    return time.fixed


def _margin(text: str) -> Margin:
    parts = text.split(",")
    if len(parts) > 2:
        message = f"--margin: {text!r} has more than two times"
        raise UsageError.one("bad-time", message, hint="write 0.2s, or 0.1s,0.3s")

    def one(part: str) -> Fraction:
        plain = part.strip()
        length = _time(plain.removeprefix("-"), "--margin")
        return -length if plain.startswith("-") else length

    return Margin(one(parts[0]), one(parts[-1]))


def _level(text: str) -> float:
    if not re.fullmatch(r"[-+]?\d+(\.\d+)?\s*dB|\d+(\.\d+)?\s*%", text.strip(), re.ASCII):
        message = f"--threshold: {text!r} is not a level"
        raise UsageError.one("bad-level", message, hint="write -40dB or 1%")
    level = Volume.decibels(text.strip())
    if not -100 <= level <= 0:
        message = f"--threshold: {text!r} is outside -100dB to 0dB (full scale)"
        raise UsageError.one("bad-level", message, hint="write -40dB")
    return level
