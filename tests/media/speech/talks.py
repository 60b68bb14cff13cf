"""Talks with planted hesitations, repetitions and pauses, spoken by espeak-ng phrase by phrase, so
that the times of all parts are known to the sample."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tests.media.speech.espeak import speak

VOICES = ("en-us", "en-gb")
HESITATIONS = ("um", "uh", "er")
SENTENCES = (
    "Good morning everyone and thank you for coming.",
    "The new laboratory will open in the next quarter.",
    "We fixed the problem that Doctor Smith found last week.",
    "All of the machines have been ordered and paid for.",
    "Our customers asked for a simpler way to send a message.",
    "This year the company will move to a larger building.",
    "I would like to show you how it works in practice.",
    "Nobody expected the results to be this good.",
    "The second part of the project begins in October.",
    "Please write to me if you have any questions.",
    "It took them three months to find the right people.",
    "Every engineer in the team has read the report.",
)
#: Seconds of silence at both ends, within a sentence and around planted parts, after a sentence,
#: and of a planted pause.
ENDS, BETWEEN, AFTER, PAUSE = 0.4, (0.05, 0.2), 0.28, (0.8, 1.5)
#: Level of the room noise in sample values: -68 dBFS.
ROOM = 13.0

Kind = Literal["phrase", "hesitation", "repetition", "pause"]


@dataclass(frozen=True)
class Part:
    """The part of a talk from ``start`` to ``end`` in seconds: its kind and its text."""

    kind: Kind
    start: float
    end: float
    text: str = ""


@dataclass(frozen=True)
class Talk:
    """Samples (int16), their rate, the parts with their times, and the script."""

    samples: Any
    rate: int
    parts: tuple[Part, ...]

    @property
    def script(self) -> str:
        return " ".join(part.text for part in self.parts if part.kind == "phrase")

    def of(self, kind: Kind) -> list[Part]:
        return [part for part in self.parts if part.kind == kind]


def talk(seed: int, sentences: int = 3) -> Talk:
    """The talk of a seed: of every three phrases one has something planted before it."""
    rng = random.Random(seed)
    voice, speed = VOICES[seed % len(VOICES)], rng.randrange(130, 166)
    made: list[Any] = []
    parts: list[Part] = []
    at, rate = 0, 22_050

    def add(samples: Any, kind: Kind | None, text: str = "") -> None:
        nonlocal at
        made.append(samples)
        if kind is not None:
            parts.append(Part(kind, at / rate, (at + len(samples)) / rate, text))
        at += len(samples)

    def rest(seconds: float, kind: Kind | None = None) -> None:
        add(np.zeros(round(seconds * rate), np.int16), kind)

    def say(text: str, kind: Kind) -> None:
        samples, found, _ = speak(text, speed, voice)
        assert found == rate
        heard = np.flatnonzero(np.abs(samples.astype(float)) > 60)
        add(samples[heard[0] : heard[-1] + 1], kind, text)

    plants: list[Kind] = ["hesitation", "repetition", "pause"]
    rest(ENDS)
    for sentence in rng.sample(SENTENCES, sentences):
        words, n = sentence.split(), 0
        while n < len(words):
            size = rng.randrange(2, 5)
            phrase = words[n : n + size]
            plant = rng.choice(plants) if n else None
            if plant == "pause":
                rest(rng.uniform(*PAUSE), "pause")
            elif n:
                rest(rng.uniform(*BETWEEN))
            if plant == "hesitation":
                say(rng.choice(HESITATIONS), "hesitation")
                rest(rng.uniform(*BETWEEN))
            elif plant == "repetition":
                say(" ".join(phrase[: rng.randrange(1, len(phrase) + 1)]).rstrip("."), "repetition")
                rest(rng.uniform(*BETWEEN))
            say(" ".join(phrase), "phrase")
            n += size
        rest(AFTER)
    rest(ENDS - AFTER)
    samples = np.concatenate(made).astype(float)
    samples += np.random.default_rng(seed).normal(0, ROOM, len(samples))
    return Talk(np.clip(samples, -32768, 32767).astype(np.int16), rate, tuple(parts))
