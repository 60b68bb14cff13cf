"""The loss report: what could not be carried over from one format to another, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from vedc.errors import Problem, SourceLocation

Severity = Literal["lost", "changed", "guessed", "note"]

#: The meaning of each severity, most severe first.
SEVERITIES: Final[dict[Severity, str]] = {
    "lost": "left out",
    "changed": "carried over, but it looks or sounds different",
    "guessed": "not said in the file, and assumed",
    "note": "worth knowing; nothing is missing",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that did not carry over unchanged."""

    severity: Severity
    what: str
    """What it is: ``"the filter 'boost'"``."""
    instead: str
    """What was done: ``"left out"``."""
    location: SourceLocation | None = None
    path: str = ""
    """Its place in the data, such as ``clips[2].layers[0].zoomAmount``."""

    @property
    def problem(self) -> Problem:
        """As a warning, in the form of all problems; a note is one."""
        message = (
            f"{self.path}: {self.what}: {self.instead}"
            if self.path
            else (f"{self.what}: {self.instead}")
        )
        severity: Literal["warning", "note"] = (
            "note" if self.severity in ("guessed", "note") else "warning"
        )
        return Problem(f"import-{self.severity}", message, self.location, None, severity)

    @property
    def data(self) -> dict[str, Any]:
        """As JSON."""
        place = self.location
        return {
            "severity": self.severity,
            "path": self.path or None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "what": self.what,
            "instead": self.instead,
        }


class Losses(list[Loss]):
    """The losses of one file, in the order in which they were found."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file
        self._seen: set[Loss] = set()

    def add(
        self,
        severity: Severity,
        what: str,
        instead: str = "left out",
        location: SourceLocation | None = None,
        path: str = "",
    ) -> None:
        loss = Loss(severity, what, instead, location or SourceLocation(self.file), path)
        if loss not in self._seen:
            self._seen.add(loss)
            self.append(loss)

    @property
    def ordered(self) -> list[Loss]:
        """By place in the file."""
        return sorted(
            self,
            key=lambda each: (
                (each.location.line, each.location.column) if each.location else (0, 0)
            ),
        )

    def count(self, *severities: Severity) -> int:  # type: ignore[override]
        """How many there are of these severities."""
        return sum(loss.severity in severities for loss in self)
