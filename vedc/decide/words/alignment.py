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
from vedc.decide.words import asides
from vedc.decide.words.attempts import Attempt, Sounds
from vedc.decide.words.path import Part
from vedc.decide.words.plausible import usual_lengths
from vedc.decide.words.pronounce import guessed_sounds, spoken_forms
from vedc.decide.words.script import ScriptWord
from vedc.errors import MissingError, RenderError, SpecError

#: Frames a second of the acoustic model.
_RATE: Final = 100
#: Samples of a frame.
_HOP: Final = 160
#: How improbable a path may become, against the best, before it is given up; the second where the
#: first lost the way.
_BEAMS: Final = ((1e-80, 1e-60), (1e-200, 1e-150))
#: The same where hesitations and first attempts are looked for, too, and more is to be compared.
_WITH_ASIDES: Final = ((1e-70, 1e-50), (1e-110, 1e-85))
#: Bytes of sound that are aligned at once.
_PIECE: Final = 1 << 16
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

    def __init__(
        self, script: Sequence[ScriptWord], start: Fraction, file: str, asides: bool = False
    ) -> None:
        """``start`` is the time of the first sample. ``asides``: whether to look for what is said
        beside the script, too. Raises SpecError for a script without words in Latin letters,
        MissingError without the package."""
        need_pocketsphinx()
        self._script, self._start, self._file, self._asides = script, start, file, asides
        self._attempts: list[Attempt] = []
        self._usual: list[float] = []
        self._mean = ""
        """Of the cepstrum, as PocketSphinx writes it."""
        self._powers: list[float] = []
        """Of the sound, of each block of 10 ms."""
        self._kept = TemporaryFile()  # noqa: SIM115 (until the aligner is gone)
        weakref.finalize(self, self._kept.close)
        self._decoder = decoder = _decoder(_BEAMS[0], asides)
        self._forms = [
            spoken_forms(word.text, lambda w: decoder.lookup_word(w) is not None) for word in script
        ]
        self._flat = [form for forms in self._forms for form in forms]
        if not self._flat:
            message = "the script has no English words"
            raise SpecError.one("empty-script", message, hint="write what is said, in English")
        self._begin(decoder)

    def _begin(self, decoder: Any) -> None:
        _teach(decoder, self._flat)
        if self._asides:
            asides.follow(decoder, self._flat)
        else:
            decoder.set_align_text(" ".join(self._flat))
        decoder.start_utt()

    def push(self, voice: Float) -> None:
        """More of the sound, -1 to 1."""
        hops = voice[: len(voice) // _HOP * _HOP].reshape(-1, _HOP)
        self._powers += np.square(hops).mean(axis=1).tolist()
        data = (np.clip(voice, -1, 1) * 32767).astype(np.int16).tobytes()
        self._kept.write(data)
        self._decoder.process_raw(data, self._asides, False)  # with asides only to find the mean

    def finish(self) -> tuple[SpokenWord, ...]:
        """The words. Raises RenderError where the script is not what is said."""
        found = None
        if self._asides:  # what tells a hesitation from a word needs the mean of all the sound
            self._sounds = Sounds(self._read, np.array(self._powers, np.float32))
            held = [each for each in self._sounds.held() if self._voiced(each)]
            first = [a for a in self._sounds.attempts() if not any(map(a.overlaps, held))]
            self._attempts = sorted([*held, *first], key=lambda each: each.first)
            self._decoder.end_utt()
            self._mean = self._decoder.get_cmn(True)
        else:
            found = self._path(self._decoder)
        for beams in _WITH_ASIDES if self._asides else _BEAMS[1:]:
            if found is not None:
                break
            found = self._again(beams)
            if found is not None and (wrong := self._wrong(found)):
                self._attempts = [each for each in self._attempts if each not in wrong]
                found = self._again(beams)
        if found is None:
            message = f"the script does not follow what is said in '{self._file}'"
            hint = (
                "write every word that is said, in order, or hear them: pip install 'vedc[speech]'"
            )
            raise RenderError.one("script-unlike-speech", message, hint=hint)
        return tuple(self._words(found))

    def _again(self, beams: tuple[float, float]) -> list[Part] | None:
        decoder = _decoder(beams, self._asides)
        if self._mean:
            decoder.set_cmn(self._mean)
        self._begin(decoder)
        step = _PIECE // (2 * _HOP)
        for first in range(0, len(self._powers), step):
            voice = self._read(first, min(first + step, len(self._powers)))
            for each in self._attempts:  # nobody is to look for a word of the script in them
                low, high = (max(time - first, 0) * _HOP for time in (each.first, each.end))
                voice[low:high] = 0
            decoder.process_raw((voice * 32767).astype(np.int16).tobytes(), False, False)
        return self._path(decoder)

    def _path(self, decoder: Any) -> list[Part] | None:
        """What was said in order of time; None if the way was lost."""
        decoder.end_utt()
        found = asides.path(decoder, self._flat)
        if found is None or not self._asides:
            return found
        powers = np.array(self._powers, np.float32)
        sounds = [len((decoder.lookup_word(form) or "").split()) for form in self._flat]
        self._usual = usual_lengths(found, sounds)
        made = asides.with_asides(found, self._usual, powers, self._sounds)
        made = asides.without(made, self._attempts)
        hums = asides.without(asides.hums(made, self._read, powers, self._sounds), self._attempts)
        made = sorted([*made, *hums], key=lambda part: part.first)
        first = [part for each in self._attempts for part in asides.spoken(each, made)]
        return sorted([*made, *first], key=lambda part: part.first)

    def _voiced(self, held: Attempt) -> bool:
        return asides.voiced(self._read(held.first, held.end))

    def _wrong(self, found: Sequence[Part]) -> list[Attempt]:
        """Attempts that the script has, too, since people do say very, very; and hesitations in
        whose place a word beside them is missing."""
        return [
            each
            for each in self._attempts
            if asides.said_twice(each, found, self._flat)
            or (each.until == each.end and asides.lacks(each, found, self._usual))
        ]

    def _read(self, first: int, end: int) -> Float:
        """The sound between two frames."""
        self._kept.seek(first * _HOP * 2)
        data = self._kept.read((end - first) * _HOP * 2)
        return np.frombuffer(data, np.int16).astype(np.float32) / np.float32(32767)

    def _words(self, found: Sequence[Part]) -> list[SpokenWord]:
        """Parts as words: those of one written word are one, an aside is one by itself."""
        of = [number for number, forms in enumerate(self._forms) for _ in forms]
        made: list[SpokenWord] = []
        held: list[Part] = []
        heard = [part for part in found if part.form is not None or part.aside]
        for part, after in zip(heard, [*heard[1:], None], strict=True):
            if part.form is None:
                if part.aside:
                    made.append(self._word([part], ScriptWord(part.text)))
                continue
            held.append(part)
            same = after is not None and after.form is not None and after.aside == part.aside
            if same and after is not None and of[after.form or 0] == of[part.form]:
                continue
            made.append(self._word(held, self._script[of[part.form]]))
            held = []
        return made

    def _word(self, parts: Sequence[Part], word: ScriptWord) -> SpokenWord:
        frames = sum(part.frames for part in parts)
        far = sum(part.far for part in parts) / frames
        mean = (far * frames + _BEFORE[0] * _BEFORE[1]) / (frames + _BEFORE[1])
        return SpokenWord(
            word.text,
            self._start + Fraction(parts[0].first, _RATE),
            self._start + Fraction(parts[-1].end, _RATE),
            round(1 / (1 + math.exp(_STEEP * (mean - _EVEN))), 2),
            word.speaker,
            parts[0].aside,
        )


def _decoder(beams: tuple[float, float], asides: bool) -> Any:
    from pocketsphinx import Decoder

    beam, word_beam = beams
    return Decoder(
        samprate=16_000,
        loglevel="FATAL",
        lm=None,  # what is said is known: no language model is read
        bestpath=False,
        cmn="live",
        beam=beam,
        pbeam=beam,
        wbeam=word_beam,
        fsgusefiller=not asides,  # pauses are in its grammar
    )


def _teach(decoder: Any, forms: Sequence[str]) -> None:
    """Give the decoder sounds for what its dictionary lacks."""
    for form in dict.fromkeys(forms):
        if decoder.lookup_word(form) is None:
            decoder.add_word(form, guessed_sounds(form), False)
