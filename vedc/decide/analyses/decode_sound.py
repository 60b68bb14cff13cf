"""One decoding of a file's sound for all its watchers, in blocks of a second.

A block holds two channels at 48 kHz, and a mix of them at 16 kHz for speech detection, made by a
linear-phase low-pass whose delay is compensated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, cast

import numpy as np

from vedc.audio.decode import SoundReader
from vedc.decide.analyses.analysis import Progress, SoundBlock, Watcher
from vedc.decide.arrays import Float
from vedc.edit.media_info import Join, MediaInfo
from vedc.errors import SpecError
from vedc.support.asked_to_stop import stop_if_asked

RATE: Final = 48_000
"""Samples a second of a block's ``samples``."""

VOICE_RATE: Final = 16_000
"""Samples a second of a block's ``voice``."""

_BLOCK: Final = RATE
_STEP: Final = RATE // VOICE_RATE

#: The low-pass passes up to 7 kHz and attenuates by 80 dB from 8 kHz, where the lower rate aliases.
#: Kaiser's estimate is 241 taps at 48 kHz.
_REACH: Final = 120
_CORNER: Final = 7500.0
_BETA: Final = 7.857  # 0.1102 * (80 - 8.7)


def decode_sound(
    media: MediaInfo, watchers: Sequence[Watcher], progress: Progress | None = None
) -> None:
    """Decode the sound once and push it to every watcher, in order and without gaps.

    The first sample is at ``media.audio.start``; gaps in the file are silence. Holds about three
    seconds at a time. Raises SpecError ``no-sound``, RenderError if decoding fails.
    """
    if media.audio is None:
        raise SpecError.one("no-sound", f"'{media.path}' has no sound", hint="name another source")
    if progress is not None:
        total = media.audio.duration or media.duration or 0
        progress.start(Path(media.path).name, float(total))
    for block in blocks(media.path, media.audio.stream, media.joins):
        stop_if_asked()
        for watcher in watchers:
            watcher.push(block)
        if progress is not None:
            progress.advance(block.samples.shape[1] / RATE)
    if progress is not None:
        progress.finish()


def blocks(path: str, stream: int = 0, joins: Sequence[Join] = ()) -> Iterator[SoundBlock]:
    """The sound of a file's stream as blocks of a second; the last may be shorter."""
    first = 0
    before = np.zeros(_REACH, np.float32)
    held: Float | None = None
    for samples in _pieces(path, stream, joins):
        if held is not None:
            block, before = _block(first, held, before, _mono(samples)[:_REACH])
            yield block
            first += held.shape[1]
        held = samples
    if held is not None:
        yield _block(first, held, before, np.zeros(0, np.float32))[0]


def _pieces(path: str, stream: int, joins: Sequence[Join]) -> Iterator[Float]:
    reader = SoundReader(path, RATE, 2, stream, joins)
    try:
        while not reader.over:
            start = reader.position
            samples = reader.read(_BLOCK)
            if reader.over:  # drop padding beyond the end
                samples = samples[:, : max(reader.reached - start, 0)]
            if samples.shape[1]:
                yield samples
    finally:
        reader.close()


def _mono(samples: Float) -> Float:
    return cast("Float", 0.5 * (samples[0] + samples[1]))


def _block(first: int, samples: Float, before: Float, after: Float) -> tuple[SoundBlock, Float]:
    """The block of some samples, and the context of the next."""
    known = np.concatenate([before, _mono(samples)])
    rest = np.zeros(_REACH - len(after) + _STEP, np.float32)
    voice = _thinned(np.concatenate([known, after, rest]), -(-samples.shape[1] // _STEP))
    return SoundBlock(first, samples, voice), known[-_REACH:]


def _thinned(wide: Float, count: int) -> Float:
    """Every third sample of ``wide`` after the low-pass, from the ``_REACH``-th.

    Polyphase: taps and sound are split modulo three, so only those samples are computed.
    """
    total = np.zeros(count, np.float32)
    for phase in range(_STEP):
        taps = _taps()[phase::_STEP]
        total += np.correlate(wide[phase::_STEP][: count + len(taps) - 1], taps, "valid")
    return total


@cache
def _taps() -> Float:
    """A windowed sinc (Kaiser's window), of gain 1 at 0 Hz."""
    at = np.arange(-_REACH, _REACH + 1)
    taps = np.sinc(2 * _CORNER / RATE * at) * np.kaiser(len(at), _BETA)
    return cast("Float", (taps / taps.sum()).astype(np.float32))
