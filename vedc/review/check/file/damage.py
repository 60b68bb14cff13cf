"""Damage: what cannot be decoded whole."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from vedc.review.check.core.check import Base, Check, Film, Frame, Sound
from vedc.review.check.core.finding import Finding, Runs


class _Damage(Base):
    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._runs = Runs(round(film.rate))
        self._lost: list[tuple[Fraction, Fraction]] = []

    def push(self, part: Frame | Sound, /) -> None:
        if isinstance(part, Frame):
            self._runs.add(part.number, part.damaged)
        else:
            self._lost += part.lost

    def finish(self) -> Iterable[Finding]:
        film, media = self.film, self.film.media
        for lack in (media.no_picture, media.no_sound):
            if lack is not None:
                yield film.found("damage", "error", lack.message, cure=lack.hint)
        self._runs.close()
        cure = "export it again, or copy it again from where it is whole"
        for run in self._runs.closed:
            count = run[1] - run[0]
            words = "a frame cannot" if count == 1 else f"{count} frames cannot all"
            yield film.found("damage", "error", f"{words} be decoded whole", run, cure=cure)
        start = media.audio.start if media.audio else Fraction(0)
        for first, end in self._lost:
            yield film.found(
                "damage", "error", f"{float(end - first):.2f} s of sound cannot be decoded",
                times=(start + first, start + end), cure=cure,
            )  # fmt: skip


DAMAGE: Final = Check(
    "damage",
    "frames and sound that cannot be decoded whole",
    "media",
    "What the decoder refuses or conceals.",
    "the formats themselves",
    _Damage,
)
