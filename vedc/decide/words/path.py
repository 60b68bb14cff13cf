"""The path that an aligner finds through a recording, stretch by stretch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Frames ``first`` to ``end`` of the path, and how far they are from what they should sound
    like, in nats. ``form``: the number of the spoken form; None for a hesitation or a pause, which
    has no ``text``."""

    first: int
    end: int
    far: float
    form: int | None
    text: str
    aside: bool = False

    @property
    def frames(self) -> int:
        return self.end - self.first
