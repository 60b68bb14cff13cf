"""Recognition of speech: words that are wrong, and time over the length of the recording.

The words of a text and those that are heard are compared as they are spoken: without case and
punctuation, numbers in words. Substituted, missing and added words count (word error rate).
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import MEDIA, row
from tests.media.speech.espeak import speak, write_wav
from tests.media.speech.spoken_texts import READ, TALKS, said
from tests.media.speech.whisper_base import lacking, whisper_base
from vedc.decide.words.alignment.pronounce import spoken_forms
from vedc.workspace.analyses import open_media, runner_for
from vedc.workspace.speech.words import find_words

_MARKS = re.compile(r"[^\w\s'%&]+")


def spoken(text: str) -> list[str]:
    """The words of a text as they are said."""
    plain = _MARKS.sub(" ", re.sub(r"(?<=\d)[,.](?=\d)", "", text).replace("’", "'"))
    return [form.strip("'.") for form in spoken_forms(plain, lambda word: True)]


def word_errors(told: Sequence[str], heard: Sequence[str]) -> int:
    """The least number of words to change, add or take away."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(told, 1):
        before, row[0] = row[0], i
        for j, found in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (wanted != found))
    return row[-1]


def main(folder: Path) -> None:
    print("Recognition of speech by Whisper base, int8: word error rate, CPU time over length")
    if why := lacking():
        print(f"  left out: it {why}")
        return
    model = whisper_base(folder / "whisper-base")
    recordings = {
        f"LibriSpeech, {name}": (MEDIA / "audio" / f"{name}.ogg", text)
        for name, text in READ.items()
        if (MEDIA / "audio" / f"{name}.ogg").exists()
    }
    voices = {}
    for voice in ("en-us", "en-gb"):
        for number, talk in enumerate(TALKS, 1):
            samples, rate, _ = speak(said(talk), speed=150, voice=voice)
            file = write_wav(folder / f"{voice}-{number}.wav", samples, rate)
            voices[f"espeak-ng, {voice}, text {number}"] = file, said(talk)
    _loaded(next(iter(voices.values()))[0], model, folder)
    for title, clips in (("recordings", recordings), ("synthetic voices", voices)):
        wrong = words = 0
        spent = length = 0.0
        for name, (file, text) in clips.items():
            media = open_media(file)
            begin = time.process_time()
            found = find_words(runner_for(file, folder / f"cache {name}"), media, None, model, "en")
            spent += time.process_time() - begin
            assert media.duration is not None
            length += float(media.duration)
            told = spoken(text)
            errors = word_errors(told, spoken(" ".join(word.text for word in found)))
            row(f"  {name}", f"{errors} of {len(told)} words")
            wrong, words = wrong + errors, words + len(told)
        if words:
            row(f"all {title}", f"{wrong / words:.1%}, {spent / length:.2f}x of one core")


def _loaded(file: Path, model: Path, folder: Path) -> None:
    """Hear something before what is measured: loading the model takes as long as half a minute
    of speech, once."""
    find_words(runner_for(file, folder / "warm"), open_media(file), None, model, "en")
