"""The analysis ``words``: what is said in a file, from a given script or by recognition.

One of two parameters selects the engine: ``script``, the spoken text, or ``model``, the folder of a
speech model. Words that begin or end at a pause take the edges of the sound there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from vedc.captions.spoken import SpokenWord, Words
from vedc.decide.analyses.analysis import Param, SoundBlock, audio_of, sound
from vedc.decide.analyses.level import Level, audible_in
from vedc.decide.analyses.results import Curve
from vedc.decide.arrays import Bools, Float, Ints
from vedc.decide.words import recognise
from vedc.decide.words.alignment import aligner
from vedc.decide.words.alignment.script import read_script
from vedc.decide.words.followed import Followed
from vedc.edit.media_info import MediaInfo
from vedc.errors import MissingError

#: Seconds by which a word's edge may move to the sound's.
REACH: Final = Fraction(12, 100)


class Engine(Protocol):
    """Recognises words: takes the sound in order, mono at 16 kHz, and returns them at the end."""

    def push(self, voice: Float, /) -> None: ...

    def finish(self) -> tuple[SpokenWord, ...]: ...


def _by(params: Mapping[str, Param]) -> str:
    if "script" in params:
        return aligner.engine()
    if "model" not in params:  # requested by name only
        raise MissingError.one("no-speech-model", "no model is named")
    found = recognise.engine(Path(str(params["model"])))
    return f"{found} {aligner.engine()}" if params.get("asides") else found


@sound("words", version=2, gives=Words, by=_by)
class SpokenWords:
    """Recognises words; ``language`` is ISO 639-1, or empty to detect it. With ``asides``, they
    include hesitations and repeated words."""

    def __init__(
        self,
        media: MediaInfo,
        script: str = "",
        model: str = "",
        language: str = "",
        asides: bool = False,
    ) -> None:
        start = audio_of(media).start
        self._engine: Engine
        self._name, self._language = aligner.engine(), "en"
        if script:
            self._engine = aligner.Aligner(read_script(script), start, media.path, asides)
        elif asides:
            self._engine = Followed(Path(model), language, start, media.path)
            self._name, self._language = recognise.engine(Path(model)), language
        else:
            self._engine = recognise.Recogniser(Path(model), language, start)
            self._name, self._language = recognise.engine(Path(model)), language
        self._level = Level(media)

    def push(self, block: SoundBlock) -> None:
        self._engine.push(block.voice)
        self._level.push(block)

    def finish(self) -> Words:
        words = self._engine.finish()
        language = getattr(self._engine, "language", self._language)
        unsearched = getattr(self._engine, "unsearched", ())
        words = snapped(words, self._level.finish()["rms"])
        return Words(words, self._name, language, unsearched)


def snapped(words: tuple[SpokenWord, ...], rms: Curve) -> tuple[SpokenWord, ...]:
    """Words with the edges of the sound: at pauses an edge moves to where sound begins or ends, if
    that is within ``REACH``, and no word begins or ends in silence unless it is all silent."""
    audible = audible_in(rms)
    rises, falls = (
        np.flatnonzero(change) + 1
        for change in (audible[1:] & ~audible[:-1], ~audible[1:] & audible[:-1])
    )
    made: list[SpokenWord] = []
    for index, word in enumerate(words):
        least, most = word.start - REACH, word.end + REACH
        if made:  # asides yield to the words of the text
            least = made[-1].start if made[-1].aside and not word.aside else made[-1].end
        if index + 1 < len(words):
            after = words[index + 1]
            most = after.end if after.aside and not word.aside else after.start
        start = _edge(rms, rises, word.start, _first(rms, audible, rises, word))
        end = _edge(rms, falls, word.end, _last(rms, audible, falls, word))
        start = word.start if not least <= start < word.end else start
        end = word.end if not start < end <= max(most, word.end) else end
        made.append(replace(word, start=start, end=end))
    return _apart(made)


def _apart(words: list[SpokenWord]) -> tuple[SpokenWord, ...]:
    """Words without overlaps: an aside is cut where it overlaps a word."""
    made: list[SpokenWord] = []
    for word in words:
        before = made[-1] if made else None
        if before is not None and word.start < before.end:
            if before.aside and not word.aside:
                made[-1] = replace(before, end=max(word.start, before.start))
            else:
                word = replace(word, start=min(before.end, word.end))
        made.append(word)
    return tuple(word for word in made if word.start < word.end or not word.aside)


def _edge(rms: Curve, places: Ints, time: Fraction, inside: Fraction | None) -> Fraction:
    """The place nearest to a time, within ``REACH``; otherwise ``inside``, otherwise the time
    itself."""
    if len(places):
        near = rms.time(int(places[np.argmin(np.abs(places - rms.index(time)))]))
        if abs(near - time) <= REACH:
            return near
    return time if inside is None else inside


def _first(rms: Curve, audible: Bools, rises: Ints, word: SpokenWord) -> Fraction | None:
    """Where sound begins within a word that begins in silence."""
    at = rms.index(word.start)
    if not 0 <= at < len(audible) or audible[at]:
        return None
    later = rises[(rises > at) & (rises < rms.index(word.end))]
    return rms.time(int(later[0])) if len(later) else None


def _last(rms: Curve, audible: Bools, falls: Ints, word: SpokenWord) -> Fraction | None:
    """Where sound ends within a word that ends in silence."""
    at = rms.index(word.end)
    if not 0 < at <= len(audible) or audible[at - 1]:
        return None
    earlier = falls[(falls < at) & (falls > rms.index(word.start))]
    return rms.time(int(earlier[-1])) if len(earlier) else None
