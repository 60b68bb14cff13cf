"""The loss report of ``vedc import`` and ``vedc export``."""

from __future__ import annotations

from typing import Any

from vedc.interchange.common.losses import SEVERITIES, Losses
from vedc.report.tables import plural


def data(file: str, form: str, target: str, losses: Losses) -> dict[str, Any]:
    """The documented object of ``--json``."""
    return {
        "version": 1,
        "file": file,
        "format": form,
        "written": target,
        "counts": {each: losses.count(each) for each in SEVERITIES},
        "losses": [loss.data for loss in losses.ordered],
    }


def text(form: str, losses: Losses) -> str:
    """The report as text: a line for each loss, and a summary."""
    lines = []
    for loss in losses.ordered:
        place = loss.location
        where = f"{place.file}:{place.line}:{place.column}" if place is not None else losses.file
        path = f"{loss.path}: " if loss.path else ""
        lines.append(f"{where}: {loss.severity}: {path}{loss.what}: {loss.instead}")
    return "".join(f"{line}\n" for line in [*lines, summary(form, losses)])


def summary(form: str, losses: Losses) -> str:
    """How much of what: ``OpenTimelineIO: 1 thing lost, 2 changed``."""
    counts = {each: losses.count(each) for each in SEVERITIES}
    if not losses:
        return f"{form}: everything was carried over"
    parts = [f"{number} {each}" for each, number in counts.items() if number]
    return f"{form}: {plural(len(losses), 'remark')}: {', '.join(parts)}"
