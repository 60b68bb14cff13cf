"""Recognition of speech by Whisper, from a model folder on this machine; never from a hub.

The network receives the sound in pieces that end in a pause, so memory does not grow with the
recording, without the stretches in which nobody speaks (:mod:`~vedc.decide.words.voiced`). It is
decoded by beam search at temperature 0, so the same sound gives the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.captions.spoken import SpokenWord
from vedc.decide.analyses.decode_sound import VOICE_RATE
from vedc.decide.analyses.speech import network
from vedc.decide.arrays import Float
from vedc.decide.words.model_folder import check_model, model_digest
from vedc.decide.words.voiced import Voiced, voiced
from vedc.errors import MissingError, RenderError
from vedc.support.installed import version

#: Seconds of a piece: the least, and the range after that for its end, the quietest moment.
_LEAST, _SLACK = 90, 30
#: Seconds of sound over which quietness is measured.
_QUIET: Final = 0.3
#: Letters for each byte of the compressed text from which a text repeats itself, as Whisper's
#: authors have it.
_LOOP: Final = 2.4


def need_whisper() -> None:
    """Raise MissingError ``missing-extra`` if the package is not installed."""
    if find_spec("faster_whisper") is None:
        message = "recognising speech needs the package 'faster-whisper'"
        hint = "pip install 'vedc[speech]'; or give what is said: --script FILE"
        raise MissingError.one("missing-extra", message, hint=hint)


def engine(folder: Path) -> str:
    """The recogniser, its versions, the digest of its model, and the detector of voices."""
    need_whisper()
    digest = model_digest(folder).removeprefix("sha256:")[:16]
    packages = ("faster-whisper", "ctranslate2")
    return " ".join([*(f"{name} {version(name)}" for name in packages), digest, network()])


class Recogniser:
    """Takes the sound of a recording, mono at 16 kHz, and returns its words."""

    def __init__(self, folder: Path, language: str, start: Fraction) -> None:
        """``language``: ISO 639-1, or empty to detect it. ``start`` is the time of the first
        sample."""
        need_whisper()
        check_model(folder)
        self.language = language
        self._model, self._start = _model(folder), start
        self._held: list[Float] = []
        self._samples, self._done = 0, 0
        self._words: list[SpokenWord] = []

    def push(self, voice: Float) -> None:
        """More of the sound, -1 to 1."""
        self._held.append(voice)
        self._samples += len(voice)
        if self._samples >= (_LEAST + _SLACK) * VOICE_RATE:
            whole = np.concatenate(self._held)
            at = _quietest(whole)
            self._process(whole[:at])
            self._held, self._samples = [whole[at:]], len(whole) - at

    def finish(self) -> tuple[SpokenWord, ...]:
        if self._samples:
            self._process(np.concatenate(self._held))
        return tuple(self._words)

    def _process(self, voice: Float) -> None:
        spoken = voiced(voice)
        if len(spoken.sound):
            self._recognise(spoken, Fraction(len(voice), VOICE_RATE))
        self._done += len(voice)

    def _recognise(self, spoken: Voiced, length: Fraction) -> None:
        try:
            segments, info = self._model.transcribe(
                spoken.sound,
                language=self.language or None,
                beam_size=5,
                temperature=0.0,
                word_timestamps=True,
                condition_on_previous_text=False,
            )
            self._words += self._timed(segments, spoken, length)
        except (ValueError, RuntimeError) as error:
            message = f"the speech model cannot recognise this: {error}"
            raise RenderError.one("speech-failed", message, hint="try another model") from None
        self.language = self.language or str(info.language)

    def _timed(self, segments: Any, spoken: Voiced, length: Fraction) -> Iterator[SpokenWord]:
        """The words of a piece in source time, in order and within the piece. Where the network
        repeats itself, words that it finds nowhere in the sound are its own."""
        before = self._start + Fraction(self._done, VOICE_RATE)
        last = before
        for segment in segments:
            loop = segment.compression_ratio > _LOOP
            for word in segment.words or ():
                text = word.word.strip()
                if not text or (loop and word.end <= word.start):
                    continue
                start, end = (
                    before + min(max(Fraction(round(time * 100), 100), Fraction(0)), length)
                    for time in spoken.placed(float(word.start), float(word.end))
                )
                start = max(start, last)
                if start >= before + length:  # nothing is said after the end
                    return
                last = max(end, start + Fraction(1, 100))
                yield SpokenWord(text, start, last, round(float(word.probability), 2))


@lru_cache(maxsize=1)
def _model(folder: Path) -> Any:
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True
        )
    except (RuntimeError, ValueError, OSError) as error:
        message = f"the speech model '{folder}' cannot be loaded: {error}"
        hint = "name the folder of a Whisper model in CTranslate2's form"
        raise RenderError.one("bad-speech-model", message, hint=hint) from None


def _quietest(voice: Float) -> int:
    """The middle of the quietest moment in the last ``_SLACK`` seconds."""
    width = int(_QUIET * VOICE_RATE)
    first = len(voice) - _SLACK * VOICE_RATE
    power = np.concatenate([[0.0], np.cumsum(np.square(voice[first:], dtype=np.float64))])
    return first + int(np.argmin(power[width:] - power[:-width])) + width // 2
