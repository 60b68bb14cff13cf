"""The result of a render, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from vedc.execute.output import RenderSummary
from vedc.report.problems import records


def data(summary: RenderSummary) -> dict[str, Any]:
    """The documented object of ``vedc render --json`` for one output."""
    return asdict(summary) | {"warnings": records(summary.warnings)}
