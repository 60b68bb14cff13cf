"""Complete films, which a repeated batch leaves as they are.

The journal is a file in the cache, with a line of JSON for each film: its inputs, and the size and
time of change of its file. It only saves time: without it the films are made again from stored
segments. A film counts as complete while its inputs and its file are unchanged. Damaged lines, such
as the last one of a killed process, are ignored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from vedc.errors import Problem, SourceLocation
from vedc.execute.output import RenderSummary
from vedc.media.mark import Mark
from vedc.plan.keys import digest
from vedc.plan.plan import Plan
from vedc.support.atomic_write import write_whole
from vedc.support.read_json import read_json
from vedc.support.regular_files import read_regular

#: Number of unused lines after which the journal is rewritten.
_SLACK: Final = 1000


class FinishedFilms:
    """The films of a journal; without a file there are none, and none are recorded."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._known: dict[str, dict[str, Any]] = {}
        self.kept: set[str] = set()
        """The targets that were complete."""
        if file is None:
            return
        lines = []
        with suppress(OSError):
            lines = read_regular(file).splitlines()
        for line in lines:
            with suppress(ValueError):
                entry = read_json(line)
                if isinstance(entry, dict) and isinstance(entry.get("target"), str):
                    self._known[entry["target"]] = entry
        if len(lines) > len(self._known) + _SLACK:
            kept = [_line(entry) for entry in self._known.values()]
            with suppress(OSError):
                write_whole(file, b"".join(kept))

    def of(self, plans: Sequence[Plan], marks: Sequence[Mark]) -> list[RenderSummary | None]:
        """The record of each complete film; None for the others.

        An adaptive stream has many files, and is packaged again.
        """
        return [self._of(plan, mark) for plan, mark in zip(plans, marks, strict=True)]

    def _of(self, plan: Plan, mark: Mark) -> RenderSummary | None:
        entry = self._known.get(plan.target)
        if entry is None or plan.form == "stream" or entry.get("content") != _content(mark):
            return None
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            if entry["stamp"] == _stamp(plan.target):
                summary = _summary(entry["summary"])
                self.kept.add(plan.target)
                return summary
        return None

    def add(self, plan: Plan, mark: Mark, summary: RenderSummary) -> None:
        """Record a complete film. Only single files are recorded."""
        if self._file is None or plan.form == "stream":
            return
        data = asdict(summary)
        with suppress(OSError, TypeError, ValueError):
            stamp = _stamp(plan.target)
            entry = {
                "target": plan.target,
                "content": _content(mark),
                "stamp": stamp,
                "summary": data,
            }
            line = _line(entry)
            self._file.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            # One write: lines of several processes do not mix. The line break before it ends a
            # partial line of a killed process.
            handle = os.open(self._file, flags, 0o666)
            try:
                os.write(handle, line if os.fstat(handle).st_size == 0 else b"\n" + line)
            finally:
                os.close(handle)
            self._known[plan.target] = entry


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"


def _content(mark: Mark) -> str:
    return digest([mark.version, mark.spec_digest, mark.plan_digest])


def _stamp(target: str) -> list[int]:
    status = os.stat(target)
    return [status.st_size, status.st_mtime_ns]


def _summary(data: dict[str, Any]) -> RenderSummary:
    """A summary of an unchanged film: nothing is rendered."""
    warnings = [_problem(each) for each in data["warnings"]]
    made = RenderSummary(**{**data, "warnings": warnings})
    return replace(
        made,
        rendered_segments=0,
        rendered_frames=0,
        composed_frames=0,
        decoded_frames=0,
        rendered_sound=False,
    )


def _problem(data: dict[str, Any]) -> Problem:
    at = data["location"]
    return Problem(**{**data, "location": None if at is None else SourceLocation(**at)})
