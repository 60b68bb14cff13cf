"""Forced alignment: when the words of a given script are said.

PocketSphinx searches for the path through the sounds of the script that best fits the recording.
Its English acoustic model is in its wheel, so this works without a network or a download.
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
from vedc.decide.words.alignment import asides
from vedc.decide.words.alignment.attempts import Attempt, Sounds
from vedc.decide.words.alignment.path import Part, joined, within
from vedc.decide.words.alignment.plausible import usual_lengths
from vedc.decide.words.alignment.pronounce import guessed_sounds, spoken_forms
from vedc.decide.words.alignment.script import ScriptWord
from vedc.decide.words.alignment.sections import Section, sections
from vedc.decide.words.alignment.sentences import follow_sentences, outline, sentence_ends
from vedc.errors import MissingError, RenderError, SpecError

#: Frames a second of the acoustic model.
_RATE: Final = 100
#: Samples of a frame.
_HOP: Final = 160
#: How improbable a path may become, relative to the best, before it is pruned; the second pair is
#: used if the first loses the way.
_BEAMS: Final = ((1e-150, 1e-120), (1e-250, 1e-200))
#: The same for searches that include hesitations and first attempts, with more paths to compare.
_WITH_ASIDES: Final = ((1e-70, 1e-50), (1e-110, 1e-85))
#: Frames of sound given to a decoder at a time.
_PIECE: Final = 200
#: A word's mean distance in nats per frame from the best-fitting sounds: the value at which it is
#: as likely to be another word, the steepness there, and the prior: an ordinary word's distance,
#: and its weight in frames. Distances grow with the beams, since more is compared, so they belong
#: together.
_EVEN: Final = 4.6
_STEEP: Final = 2.2
_BEFORE: Final = (1.5, 8)


def need_pocketsphinx() -> None:
    """Raise MissingError ``missing-extra`` if the package is not installed."""
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
        """``start`` is the time of the first sample. ``asides``: whether to look for asides, too.
        Raises SpecError for a script without words in Latin letters, MissingError without the
        package."""
        need_pocketsphinx()
        self._script, self._start, self._file, self._asides = script, start, file, asides
        self._attempts: list[Attempt] = []
        self._usual: list[float] = []
        self._mean = ""
        """The cepstrum's mean, as PocketSphinx writes it."""
        self._outline: Sequence[Part] = ()
        self._said: list[int] = []
        """The forms of the outline."""
        self._known: dict[tuple[int, tuple[Attempt, ...]], list[Part]] = {}
        """The paths of sections, by their first frame and the attempts in them."""
        self._lost: set[Section] = set()
        self._powers: list[float] = []
        """The power of each block of 10 ms."""
        self._kept = TemporaryFile()  # noqa: SIM115 (lives as long as the aligner)
        weakref.finalize(self, self._kept.close)
        self._decoder = decoder = _decoder(_BEAMS[0], False)
        self._forms = [
            spoken_forms(word.text, lambda w: decoder.lookup_word(w) is not None) for word in script
        ]
        self._flat = [form for forms in self._forms for form in forms]
        if not self._flat:
            message = "the script has no English words"
            raise SpecError.one("empty-script", message, hint="write what is said, in English")
        self._ends = sentence_ends(script, self._forms)
        self._begin(decoder)
        self._sounds_of = [len((decoder.lookup_word(form) or "").split()) for form in self._flat]

    def _begin(self, decoder: Any) -> None:
        _teach(decoder, self._flat)
        follow_sentences(decoder, self._flat, self._ends)
        decoder.start_utt()

    def push(self, voice: Float) -> None:
        """More of the sound, -1 to 1."""
        hops = voice[: len(voice) // _HOP * _HOP].reshape(-1, _HOP)
        self._powers += np.square(hops).mean(axis=1).tolist()
        data = (np.clip(voice, -1, 1) * 32767).astype(np.int16).tobytes()
        self._kept.write(data)
        self._decoder.process_raw(data, False, False)

    def finish(self) -> tuple[SpokenWord, ...]:
        """The words. Raises RenderError if the script is not what is said."""
        self._decoder.end_utt()
        found = outline(self._decoder, self._flat, self._ends)
        self._mean = self._decoder.get_cmn(True)
        self._decoder = None
        if found is None:
            decoder = _decoder(_BEAMS[1], False)
            self._begin(decoder)
            self._follow(decoder, 0, len(self._powers))
            found = outline(decoder, self._flat, self._ends)
        if found is not None and self._asides:
            found = self._with_asides(found)
        if found is None:
            message = f"the script does not follow what is said in '{self._file}'"
            hint = (
                "write every word that is said, in order, or hear them: pip install 'vedc[speech]'"
            )
            raise RenderError.one("script-unlike-speech", message, hint=hint)
        return tuple(self._words(found))

    def _with_asides(self, found: Sequence[Part]) -> list[Part]:
        """The outline with asides. Distinguishing a hesitation from a word requires the mean of the
        whole sound."""
        self._sounds = Sounds(self._read, np.array(self._powers, np.float32))
        held = [each for each in self._sounds.held() if self._voiced(each)]
        first = [a for a in self._sounds.attempts() if not any(map(a.overlaps, held))]
        self._attempts = sorted([*held, *first], key=lambda each: each.first)
        self._outline, self._known = found, {}
        self._said = [part.form for part in found if part.form is not None]
        divided = sections(len(self._powers), found, self._attempts)
        made = self._judged(divided)
        if wrong := self._wrong(made):
            self._attempts = [each for each in self._attempts if each not in wrong]
            made = self._judged(divided)
        return made

    @property
    def unsearched(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Where asides could not be looked for, since no path was found: the words are the
        outline's."""
        ordered = sorted(self._lost, key=lambda section: section.first)
        return tuple(
            (self._start + Fraction(s.first, _RATE), self._start + Fraction(s.end, _RATE))
            for s in ordered
        )

    def _searched(self, section: Section) -> list[Part]:
        """The path of a section; the outline's if the way is lost."""
        inside = [a for a in self._attempts if a.first < section.end and section.first < a.end]
        key = section.first, tuple(inside)
        if key not in self._known:
            self._known[key] = self._search(section)
        return self._known[key]

    def _search(self, section: Section) -> list[Part]:
        begin = max(0, section.at - asides.BACK)
        said = self._said[begin : section.until]
        forms = [self._flat[form] for form in said]
        self._lost.discard(section)
        for beam, word_beam in _WITH_ASIDES if forms else ():
            decoder = _decoder((beam, word_beam), True)
            decoder.set_cmn(self._mean)
            _teach(decoder, forms)
            asides.follow(decoder, forms, section.at - begin)
            decoder.start_utt()
            self._follow(decoder, section.first, section.end)
            found = asides.path(decoder, forms, section.at - begin)
            if found is not None:
                return [part.moved(section.first, said) for part in found]
        if forms:
            self._lost.add(section)
        return within(self._outline, section.first, section.end)

    def _judged(self, divided: Sequence[Section]) -> list[Part]:
        """The path through all sections, with each part verified."""
        found = joined(part for section in divided for part in self._searched(section))
        powers = np.array(self._powers, np.float32)
        self._usual = usual_lengths(found, self._sounds_of)
        made = asides.with_asides(found, self._usual, powers, self._sounds)
        made = asides.without(made, self._attempts)
        hums = asides.without(asides.hums(made, self._read, powers, self._sounds), self._attempts)
        made = sorted([*made, *hums], key=lambda part: part.first)
        first = [part for each in self._attempts for part in asides.spoken(each, made)]
        return sorted([*made, *first], key=lambda part: part.first)

    def _follow(self, decoder: Any, first: int, end: int) -> None:
        """Give a decoder the sound between two frames, with silence in place of attempts, so that
        it finds no word of the script in them."""
        for low in range(first, end, _PIECE):
            high = min(low + _PIECE, end)
            voice = self._read(low, high)
            for each in self._attempts:
                from_, to = (max(time - low, 0) * _HOP for time in (each.first, each.end))
                voice[from_:to] = 0
            decoder.process_raw((voice * 32767).astype(np.int16).tobytes(), False, False)
        decoder.end_utt()

    def _voiced(self, held: Attempt) -> bool:
        return asides.voiced(self._read(held.first, held.end))

    def _wrong(self, found: Sequence[Part]) -> list[Attempt]:
        """Attempts that are also in the script, since people do say very, very; and hesitations
        that take the place of a word beside them."""
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
        """Parts as words: parts of one written word are one word, and so is each aside."""
        of = [number for number, forms in enumerate(self._forms) for _ in forms]
        made: list[SpokenWord] = []
        held: list[Part] = []
        spoken = [part for part in found if part.form is not None or part.aside]
        for part, after in zip(spoken, [*spoken[1:], None], strict=True):
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
        lm=None,  # the text is known: no language model is read
        bestpath=False,
        cmn="live",
        beam=beam,
        pbeam=beam,
        wbeam=word_beam,
        fsgusefiller=not asides,  # pauses are in its grammar
    )


def _teach(decoder: Any, forms: Sequence[str]) -> None:
    """Give the decoder sounds for words missing from its dictionary."""
    for form in dict.fromkeys(forms):
        if decoder.lookup_word(form) is None:
            decoder.add_word(form, guessed_sounds(form), False)
