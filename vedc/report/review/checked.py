"""Findings of ``vedc check``, for a terminal, as JSON and as problems."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from vedc.edit.timecode import clock_time, timecode_or_clock
from vedc.errors import Problem
from vedc.report.tables import plural
from vedc.review.check.core.finding import Finding
from vedc.review.check.run import Checked

_MOST: Final = 12
"""Findings of one check that are shown of a film; JSON has all."""

_COLORS: Final = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m"}
_BOLD, _RESET = "\x1b[1m", "\x1b[0m"


def failed(films: Sequence[Checked], *, strict: bool = False) -> bool:
    """Whether a film has an error; with ``strict`` also whether it has a warning."""
    return any(film.count("error") or (strict and film.count("warning")) for film in films)


def data(
    name: str, films: Sequence[Checked], left: dict[str, str], *, strict: bool = False
) -> dict[str, Any]:
    """The documented object of ``vedc check --json``: specs/reference.md describes every key."""
    return {
        "version": 1,
        "file": name,
        "passed": not failed(films, strict=strict),
        "errors": sum(film.count("error") for film in films),
        "warnings": sum(film.count("warning") for film in films),
        "films": [_film(film) for film in films],
        "not_checked": [{"path": path, "why": why} for path, why in left.items()],
    }


def _film(checked: Checked) -> dict[str, Any]:
    film = checked.film
    video, length = film.media.video, film.media.clip_length
    return {
        "path": film.name,
        "target": film.target.name if film.target else None,
        "duration": None if length is None else float(length),
        "frame_rate": str(video.rate) if video is not None else None,
        "measured": {
            name: None if value is None else round(value, 2)
            for name, value in checked.measured.items()
        },
        "checks": list(checked.made),
        "not_made": [{"check": check, "why": why} for check, why in checked.left.items()],
        "findings": [_finding(found) for found in checked.findings],
    }


def _finding(found: Finding) -> dict[str, Any]:
    where = found.location
    return {
        "check": found.check,
        "severity": found.severity,
        "message": found.message,
        "start": None if found.start is None else float(found.start),
        "end": None if found.end is None else float(found.end),
        "frames": None if found.frames is None else list(found.frames),
        "measured": found.measured,
        "limit": found.limit,
        "unit": found.unit or None,
        "cure": found.cure,
        "explained": found.explained,
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
    }


def problems(films: Sequence[Checked]) -> list[Problem]:
    """The findings as problems, for workflow commands; without notes."""
    found = []
    for checked in films:
        for finding in checked.findings:
            if finding.severity != "note":
                when = _when(checked, finding)
                message = f"{checked.film.name}: {f'{when}: ' if when else ''}{finding.message}"
                found.append(
                    Problem(
                        finding.check, message, finding.location, finding.cure, finding.severity
                    )
                )
    return found


def text(films: Sequence[Checked], left: dict[str, str], color: bool = False) -> str:
    """All films, each with its findings in the order of the film, and a last line with counts."""
    parts = [_text(film, color) for film in films]
    parts += [f"{path}: {why}\n" for path, why in left.items()]
    counts = {
        word: sum(film.count(word) for film in films) for word in ("error", "warning", "note")
    }
    totals = [plural(count, word) for word, count in counts.items() if count]
    parts.append(f"{', '.join(totals) or 'nothing to report'}\n")
    return "\n".join(parts)


def _text(checked: Checked, color: bool) -> str:
    film, video = checked.film, checked.film.media.video
    facts = []
    if film.media.clip_length is not None:
        facts.append(clock_time(film.media.clip_length, places=2))
    if video is not None:
        facts.append("{}x{}".format(*video.display_size) + f" at {float(video.rate):.5g} fps")
    units = {"integrated": "LUFS", "loudness_range": "LU", "true_peak": "dBTP"}
    facts += [
        f"{value:.1f} {unit}"
        for name, unit in units.items()
        if (value := checked.measured.get(name)) is not None
    ]
    if film.target is not None:
        facts.append(f"for {film.target.name}")
    name = f"{_BOLD}{film.name}{_RESET}" if color else film.name
    lines = [f"{name}: {', '.join(facts)}"]
    seen: dict[str, int] = {}
    for found in checked.findings:
        seen[found.check] = seen.get(found.check, 0) + 1
        if seen[found.check] <= _MOST:
            lines += _lines(checked, found, color)
    lines += [
        f"  {check}: {count - _MOST} more, which --json prints"
        for check, count in seen.items()
        if count > _MOST
    ]
    if not checked.made:
        why = "; ".join(f"{check}: {reason}" for check, reason in checked.left.items())
        lines.append(f"  nothing was checked ({why})")
    elif not checked.findings:
        lines.append(f"  {plural(len(checked.made), 'check')}, nothing found")
    return "".join(f"{line}\n" for line in lines)


def _lines(checked: Checked, found: Finding, color: bool) -> list[str]:
    head = f"{found.severity}[{found.check}]"
    if color:
        head = f"{_COLORS[found.severity]}{head}{_RESET}"
    when = _when(checked, found)
    lines = [f"  {head}: {f'{when}: ' if when else ''}{found.message}"]
    if found.location is not None:
        lines.append(f"    at {found.location}")
    if found.explained is not None:
        lines.append(f"    as the spec has it: {found.explained}")
    elif found.cure is not None:
        lines.append(f"    help: {found.cure}")
    return lines


def _when(checked: Checked, found: Finding) -> str:
    """``00:00:02:00-00:00:05:00``, the timecodes of a finding; one where it is a frame or less."""
    if found.start is None or found.end is None:
        return ""
    if found.frames is None:
        first, last = (clock_time(time, places=2) for time in (found.start, found.end))
    else:
        rate: Fraction = checked.film.rate
        first, last = (timecode_or_clock(frame, rate) for frame in found.frames)
        if found.frames[1] - found.frames[0] == 1:
            return first
    return first if first == last else f"{first}-{last}"
