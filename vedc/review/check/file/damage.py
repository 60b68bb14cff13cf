"""Damage: what cannot be decoded whole."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from vedc.review.check.core.check import Base, Check, Film, Frame, Sound
from vedc.review.check.core.finding import Finding, Runs, Severity

#: Probe results for a damaged file.
_NOTES: Final[dict[str, Severity]] = {
    "cut-short": "error",
    "damaged-media": "error",
    "damaged-sound": "error",
    "time-jumps": "warning",
    "false-times": "warning",
}


class _Damage(Base):
    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._runs = Runs(round(film.rate))
        self._lost: dict[tuple[Fraction, Fraction], None] = {}
        """Stretches of sound; one that spans two blocks is reported with both."""

    def push(self, part: Frame | Sound, /) -> None:
        if isinstance(part, Frame):
            self._runs.add(part.number, part.damaged)
        else:
            self._lost.update(dict.fromkeys(part.lost))

    def finish(self) -> Iterable[Finding]:
        film, media = self.film, self.film.media
        for lack in (media.no_picture, media.no_sound):
            if lack is not None:
                yield film.found("damage", "error", lack.message, cure=lack.hint)
        for note in media.notes:
            if note.code in _NOTES and note not in (media.no_picture, media.no_sound):
                yield film.found("damage", _NOTES[note.code], note.message, cure=note.hint)
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
    "frames and sound that cannot be decoded whole, and files that are cut short",
    "media",
    "Pictures and sound that the decoder refuses or conceals, and content that the index promises "
    "but the file lacks.",
    "the formats themselves",
    _Damage,
)
