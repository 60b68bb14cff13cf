"""The report on learned weights, and the model card written beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vedc.train.cutting.logit import TOP, CrossValidation


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """The result of a training."""

    weights: Path
    card: Path
    films: int
    cuts: CrossValidation
    pieces: CrossValidation | None
    boundaries: Mapping[str, int]
    """Number of boundaries of each kind."""
    notes: tuple[str, ...] = field(default=())

    @property
    def better(self) -> bool:
        return self.cuts.better or (self.pieces is not None and self.pieces.better)


def card_text(report: TrainingReport, digest: str, command: str) -> str:
    lines = [
        "---",
        f"digest: {digest}",
        "---",
        "# Weights for cutting, learned from a person's edits",
        "",
        f"From {report.films} finished films, aligned with their raw files by `vedc align`.",
        *([f"Command: `{command}`."] if command else []),
        "",
        _verdict("Where to cut", report.cuts),
        *([_verdict("What to keep", report.pieces)] if report.pieces is not None else []),
        *report.notes,
        "",
        "| held out | choices | log-likelihood: learned | by hand | chance | gain (95 %) "
        "| best of all: learned / by hand | among 5: learned / by hand |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, held in (("where to cut", report.cuts), ("what to keep", report.pieces)):
        if held is None:
            continue
        one, five = ({k: held.top[k][n] for k in held.top} for n in TOP)
        lines.append(
            f"| {name} | {held.choices} | {held.likelihood['learned']:.3f} "
            f"| {held.likelihood['by hand']:.3f} | {held.likelihood['chance']:.3f} "
            f"| {held.gain[0]:+.3f} ({held.gain[1]:+.3f} to {held.gain[2]:+.3f}) "
            f"| {one['learned']:.2f} / {one['by hand']:.2f} "
            f"| {five['learned']:.2f} / {five['by hand']:.2f} |"
        )
    counts = ", ".join(f"{n} {kind}" for kind, n in sorted(report.boundaries.items()))
    lines += [
        "",
        "A choice is one cut among the places within a second of it, or one used piece among",
        "unused pieces of its length. Held out: whole films in turn, or thirds of the only one.",
        "Weights set by hand are first scaled to the films that they are compared on.",
        f"Boundaries: {counts or 'none'}.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _verdict(what: str, held: CrossValidation) -> str:
    mean, low, high = held.gain
    gain = f"{mean:+.3f} a choice, 95 % from {low:+.3f} to {high:+.3f}"
    if held.better:
        return f"{what}: the learned weights beat those set by hand on what was held out ({gain})."
    return (
        f"{what}: the learned weights do NOT beat those set by hand on what was held out ({gain}); "
        "use them if you prefer what they choose."
    )
