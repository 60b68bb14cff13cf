"""Recognition followed by alignment, which finds the words that a speech model leaves out.

Whisper writes what somebody meant to say: it drops most hesitations and restarted words, and its
times are off by up to a fifth of a second. If it recognises English, its text is taken as a script,
and the sound is aligned with it (:mod:`~vedc.decide.words.alignment.asides`).
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

import numpy as np

from vedc.captions.spoken import SpokenWord
from vedc.decide.arrays import Float
from vedc.decide.words.alignment.aligner import Aligner, need_pocketsphinx
from vedc.decide.words.alignment.script import ScriptWord
from vedc.decide.words.recognise import Recogniser
from vedc.errors import RenderError, SpecError

#: Bytes of sound to follow at a time.
_PIECE: Final = 1 << 16


class Followed:
    """Takes the sound of a recording, mono at 16 kHz, and returns its words, with asides. Languages
    other than English have only the words of the speech model."""

    def __init__(self, folder: Path, language: str, start: Fraction, file: str) -> None:
        """As :class:`~vedc.decide.words.recognise.Recogniser`. Raises MissingError for either
        engine."""
        if language in ("", "en"):
            need_pocketsphinx()
        self._recogniser = Recogniser(folder, language, start)
        self._start, self._file = start, file
        self.unsearched: tuple[tuple[Fraction, Fraction], ...] = ()
        """Where asides could not be looked for."""
        self._kept = TemporaryFile()  # noqa: SIM115 (until this is gone)
        weakref.finalize(self, self._kept.close)

    @property
    def language(self) -> str:
        return self._recogniser.language

    def push(self, voice: Float) -> None:
        """More of the sound, -1 to 1."""
        self._kept.write((np.clip(voice, -1, 1) * 32767).astype(np.int16).tobytes())
        self._recogniser.push(voice)

    def finish(self) -> tuple[SpokenWord, ...]:
        words = self._recogniser.finish()
        if not words:
            return words
        self.unsearched = ((words[0].start, words[-1].end),)
        if self.language != "en":
            return words
        try:
            return self._followed(words)
        except (SpecError, RenderError):  # nothing can be aligned: no English word
            return words

    def _followed(self, words: Sequence[SpokenWord]) -> tuple[SpokenWord, ...]:
        script = [ScriptWord(word.text, word.speaker) for word in words]
        aligner = Aligner(script, self._start, self._file, asides=True)
        self._kept.seek(0)
        while data := self._kept.read(_PIECE):
            aligner.push(np.frombuffer(data, np.int16).astype(np.float32) / np.float32(32767))
        found = aligner.finish()
        self.unsearched = aligner.unsearched
        return found
