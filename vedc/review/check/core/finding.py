"""A finding of a check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, Self

from vedc.errors import SourceLocation

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check has to say of a film."""

    check: str
    """The id of the check, which never changes."""
    severity: Severity
    message: str
    """What was found, in one sentence without its time."""
    cure: str | None = None
    start: Fraction | None = None
    """Seconds; None for the film as a whole."""
    end: Fraction | None = None
    frames: tuple[int, int] | None = None
    """The same as frames ``first <= n < end``; None of films without a picture."""
    measured: float | None = None
    limit: float | None = None
    """What ``measured`` is held against."""
    unit: str = ""
    """Of both: s, dB, LUFS, LU, dBTP, %, ..."""
    location: SourceLocation | None = None
    """The place in the spec or in the caption file that it comes from."""
    explained: str | None = None
    """Why it is a note only: what the spec says that it shows there."""

    def as_note(self, why: str) -> Self:
        """The same, where the spec asks for it."""
        return replace(self, severity="note", explained=why)


def by_time(findings: Iterable[Finding]) -> list[Finding]:
    """Findings about the whole film first, the others in film order."""
    return sorted(findings, key=lambda f: (f.start is not None, f.start or 0, f.check))


class Runs:
    """Stretches of numbers, frames or samples, for which something holds.

    ``gap``: so many numbers for which it does not hold do not end a stretch. Stretches of fewer
    than ``least`` are not kept.
    """

    def __init__(self, gap: int = 0, least: int = 1) -> None:
        self._gap, self._least = gap, least
        self.closed: list[tuple[int, int]] = []
        """Stretches ``first <= n < end``, the one that is still open not among them."""
        self._first: int | None = None
        self._last = 0

    def add(self, number: int, holds: bool) -> tuple[int, int] | None:
        """Add the next number, and return the stretch that ends with it."""
        if holds:
            if self._first is None:
                self._first = number
            self._last = number
            return None
        if self._first is None or number - self._last <= self._gap:
            return None
        return self.close()

    def close(self) -> tuple[int, int] | None:
        """End the open stretch."""
        if self._first is None:
            return None
        run = self._first, self._last + 1
        self._first = None
        if run[1] - run[0] >= self._least:
            self.closed.append(run)
        return run
