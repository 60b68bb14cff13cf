"""Where the sound of two films differs, and by how much.

The sound is compared where the pictures are the same or correspond, in windows of 50 ms. Where
pictures moved by a time that is not a whole number of samples, the sound may be a sample early or
late.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from vedc.audio.decode import SoundReader
from vedc.edit.times import round_half_up
from vedc.review.compare.alignment import Run
from vedc.review.compare.results import SoundStretch
from vedc.review.compare.sides import Drawing, FilmSide, Side, SpecSide

if TYPE_CHECKING:
    from vedc.audio.decode import Samples

_WINDOW: Final = Fraction(1, 20)
"""Seconds."""
_BLOCK: Final = 200
"""Windows that are read at once."""
_JOIN: Final = Fraction(1, 2)
"""Seconds of equal sound within a stretch that differs."""
_SAME: Final = -90.0
"""dBFS of a difference that is none: a step of 16 bits."""
_ENCODED: Final = -45.0
"""The same where a file that a codec made is compared with a mix."""


class _Window(NamedTuple):
    before: Fraction
    after: Fraction
    length: Fraction
    """Seconds."""
    levels: tuple[float, float, float]
    """Mean squares: of the old sound, the new one, the difference."""


def compare_sound(
    before: Side, after: Side, runs: Sequence[Run], drawing: Drawing
) -> tuple[list[SoundStretch], bool]:
    """Where the sound differs, and whether it was compared."""
    moved = any(run.kind != "same" and run.kind != "paired" for run in runs)
    if isinstance(before, SpecSide) and isinstance(after, SpecSide) and not moved:
        plans = [side.sound_plan() for side in (before, after)]
        keys = [None if plan is None else plan.sound_key for plan in plans]
        if keys[0] == keys[1]:
            return [], keys[0] is not None
    with ExitStack() as stack:
        old = stack.enter_context(before.sound(drawing))
        new = stack.enter_context(after.sound(drawing))
        if old is None and new is None:
            return [], False
        lossy = isinstance(before, FilmSide) != isinstance(after, FilmSide)
        pairs = _pairs(before, after, runs)
        windows = _windows(old, new, pairs, _rate(before), _channels(before))
        return list(_stretches(windows, _ENCODED if lossy else _SAME)), True


def _rate(side: Side) -> int:
    if isinstance(side, SpecSide):
        return side.edit.profile.sample_rate
    return side.media.audio.rate if side.media.audio is not None else 48000


def _channels(side: Side) -> int:
    if isinstance(side, SpecSide):
        return side.edit.profile.channels
    return side.media.audio.channels if side.media.audio is not None else 2


def _pairs(
    before: Side, after: Side, runs: Sequence[Run]
) -> list[tuple[Fraction, Fraction, Fraction]]:
    """Start before, start after, and length, in seconds, of the compared stretches.

    Stretches with one shift are compared together.
    """
    if not runs:
        length = min(_length(before), _length(after))
        return [(Fraction(0), Fraction(0), length)]
    pairs: list[tuple[Fraction, Fraction, Fraction]] = []
    fps = before.fps
    for run in runs:
        if run.kind in ("inserted", "removed"):
            continue
        start, other, length = (n / fps for n in (run.before[0], run.after[0], run.length))
        if pairs and pairs[-1][0] + pairs[-1][2] == start and pairs[-1][1] + pairs[-1][2] == other:
            pairs[-1] = (*pairs[-1][:2], pairs[-1][2] + length)
        else:
            pairs.append((start, other, length))
    return pairs


def _length(side: Side) -> Fraction:
    if isinstance(side, SpecSide):
        return side.edit.duration / side.edit.profile.fps
    return side.media.sound_length or Fraction(0)


def _windows(
    old: Path | None,
    new: Path | None,
    pairs: Sequence[tuple[Fraction, Fraction, Fraction]],
    rate: int,
    channels: int,
) -> Iterator[_Window]:
    size = round_half_up(_WINDOW * rate)
    with ExitStack() as stack:
        sounds = [_Sound(path, rate, channels) for path in (old, new)]
        for sound in sounds:
            stack.callback(sound.close)
        for start, other, length in pairs:
            a, b, total = (round_half_up(time * rate) for time in (start, other, length))
            exact = (start * rate).denominator == (other * rate).denominator == 1
            for offset in range(0, total, size * _BLOCK):
                count = min(size * _BLOCK, total - offset)
                was = sounds[0].read(a + offset, count)
                # One sample more on each side, for sound that is a sample early or late.
                now = sounds[1].read(b + offset - 1, count + 2)
                for first in range(0, count, size):
                    end = min(first + size, count)
                    place = Fraction(offset + first, rate)
                    yield _Window(
                        start + place, other + place, Fraction(end - first, rate),
                        _levels(was[:, first:end], now[:, first : end + 2], exact=exact),
                    )  # fmt: skip


def _levels(was: Samples, now: Samples, *, exact: bool) -> tuple[float, float, float]:
    """Mean squares; ``now`` has a sample more on each side."""
    count = was.shape[1]
    lags = (1,) if exact else (1, 0, 2)
    apart = min(_power(now[:, lag : lag + count] - was) for lag in lags)
    return _power(was), _power(now[:, 1 : 1 + count]), apart


def _power(samples: Samples) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0


def _stretches(windows: Iterator[_Window], same: float) -> Iterator[SoundStretch]:
    held: list[_Window] = []
    for window in windows:
        if _decibels(window.levels[2]) <= same:
            continue
        if held:
            last = held[-1]
            near = window.before - (last.before + last.length) <= _JOIN
            along = window.after - window.before == last.after - last.before
            if not (near and along):
                yield _stretch(held)
                held = []
        held.append(window)
    if held:
        yield _stretch(held)


def _stretch(windows: Sequence[_Window]) -> SoundStretch:
    first, last = windows[0], windows[-1]
    levels = [
        _decibels(math.fsum(window.levels[n] for window in windows) / len(windows))
        for n in range(3)
    ]
    return SoundStretch(
        (first.before, last.before + last.length), (first.after, last.after + last.length), *levels
    )


def _decibels(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else -math.inf


class _Sound:
    """The sound of a file, silence where there is none."""

    def __init__(self, path: Path | None, rate: int, channels: int) -> None:
        self._reader = None if path is None else SoundReader(str(path), rate, channels)
        self._channels = channels
        self._at = 0

    def read(self, first: int, count: int) -> Samples:
        if self._reader is None:
            return np.zeros((self._channels, count), np.float32)
        before = max(0, -first)
        self._reader.seek(max(first, 0))
        found = self._reader.read(count - before)
        whole = np.zeros((self._channels, count), np.float32)
        whole[:, before : before + found.shape[1]] = found
        return whole

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
