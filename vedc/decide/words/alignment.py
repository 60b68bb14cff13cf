"""Forced alignment: when the words of a given script are said.

PocketSphinx searches the one path through the sounds of the script that fits the recording best.
Its English acoustic model is inside its wheel, so this works without a network or a download.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from tempfile import TemporaryFile
from typing import Any, Final

import numpy as np

from vedc.captions.spoken import SpokenWord
from vedc.decide.arrays import Float
from vedc.decide.words.pronounce import guessed_sounds, spoken_forms
from vedc.decide.words.script import ScriptWord
from vedc.errors import MissingError, RenderError, SpecError

#: Frames a second of the acoustic model.
_RATE: Final = 100
#: How improbable a path may become, against the best, before it is given up; the second where the
#: first lost the way.
_BEAMS: Final = ((1e-80, 1e-60), (1e-200, 1e-150))
#: Bytes of sound that are aligned at once.
_PIECE: Final = 1 << 16
#: The model's scores are logarithms shifted by ten bits.
_SHIFT: Final = 1024
#: A word's mean distance in nats a frame from the sounds that fit best: where it is as likely to
#: be another word, how steeply that turns, and of how many frames of an ordinary word we have
#: evidence beforehand. Words that are said are mostly near 1.5, others beyond 5.
_EVEN: Final = 4.2
_STEEP: Final = 2.2
_BEFORE: Final = (1.5, 8)


def need_pocketsphinx() -> None:
    """Raise MissingError ``missing-extra`` where the package is not installed."""
    if find_spec("pocketsphinx") is None:
        message = "finding the words of a script needs the package 'pocketsphinx'"
        raise MissingError.one("missing-extra", message, hint="pip install 'vedc[align]'")


def engine() -> str:
    """The aligner and its version."""
    try:
        return f"pocketsphinx {version('pocketsphinx')}"
    except PackageNotFoundError:
        return "pocketsphinx"


class Aligner:
    """Takes the sound of a recording, mono at 16 kHz, and finds the words of a script in it."""

    def __init__(self, script: Sequence[ScriptWord], start: Fraction, file: str) -> None:
        """``start`` is the time of the first sample. Raises SpecError for a script without words
        in Latin letters, MissingError without the package."""
        need_pocketsphinx()
        self._script, self._start, self._file = script, start, file
        self._kept = TemporaryFile()  # noqa: SIM115 (until the aligner is gone)
        weakref.finalize(self, self._kept.close)
        self._decoder = decoder = _decoder(*_BEAMS[0])
        self._forms = [
            spoken_forms(word.text, lambda w: decoder.lookup_word(w) is not None) for word in script
        ]
        self._flat = [form for forms in self._forms for form in forms]
        if not self._flat:
            message = "the script has no English words"
            raise SpecError.one("empty-script", message, hint="write what is said, in English")
        _teach(decoder, self._flat)
        decoder.set_align_text(" ".join(self._flat))
        decoder.start_utt()

    def push(self, voice: Float) -> None:
        """More of the sound, -1 to 1."""
        data = (np.clip(voice, -1, 1) * 32767).astype(np.int16).tobytes()
        self._kept.write(data)
        self._decoder.process_raw(data, False, False)

    def finish(self) -> tuple[SpokenWord, ...]:
        """The words. Raises RenderError where the script is not what is said."""
        found = _segments(self._decoder)
        for beams in _BEAMS[1:]:
            if found is not None:
                break
            found = self._again(beams)
        if found is None or len(found) != len(self._flat):
            message = f"the script does not follow what is said in '{self._file}'"
            hint = (
                "write every word that is said, in order, or hear them: pip install 'vedc[speech]'"
            )
            raise RenderError.one("script-unlike-speech", message, hint=hint)
        return tuple(self._words(found))

    def _again(self, beams: tuple[float, float]) -> list[tuple[int, int, float]] | None:
        decoder = _decoder(*beams)
        _teach(decoder, self._flat)
        decoder.set_align_text(" ".join(self._flat))
        decoder.start_utt()
        self._kept.seek(0)
        while data := self._kept.read(_PIECE):
            decoder.process_raw(data, False, False)
        return _segments(decoder)

    def _words(self, found: Sequence[tuple[int, int, float]]) -> list[SpokenWord]:
        made: list[SpokenWord] = []
        at = 0
        for word, forms in zip(self._script, self._forms, strict=True):
            parts = found[at : at + len(forms)]
            at += len(forms)
            if not parts:  # nothing of it is said: a word in other letters
                continue
            frames = sum(end - start for start, end, _ in parts)
            far = sum(score for *_, score in parts) / frames
            mean = (far * frames + _BEFORE[0] * _BEFORE[1]) / (frames + _BEFORE[1])
            made.append(
                SpokenWord(
                    word.text,
                    self._start + Fraction(parts[0][0], _RATE),
                    self._start + Fraction(parts[-1][1], _RATE),
                    round(1 / (1 + math.exp(_STEEP * (mean - _EVEN))), 2),
                    word.speaker,
                )
            )
        return made


def _decoder(beam: float, word_beam: float) -> Any:
    from pocketsphinx import Decoder

    return Decoder(
        samprate=16_000,
        loglevel="FATAL",
        bestpath=False,
        cmn="live",
        beam=beam,
        pbeam=beam,
        wbeam=word_beam,
    )


def _teach(decoder: Any, forms: Sequence[str]) -> None:
    """Give the decoder sounds for what its dictionary lacks."""
    for form in dict.fromkeys(forms):
        if decoder.lookup_word(form) is None:
            decoder.add_word(form, guessed_sounds(form), True)


def _segments(decoder: Any) -> list[tuple[int, int, float]] | None:
    """First frame, one past the last, and distance of each word; None if the way was lost."""
    decoder.end_utt()
    found = decoder.seg()
    if found is None:
        return None
    return [
        (each.start_frame, each.end_frame + 1, -math.log(max(each.ascore, 1e-300)) * _SHIFT)
        for each in found
        if each.word[0] not in "<["
    ]
