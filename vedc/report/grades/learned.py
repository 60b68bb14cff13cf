"""A learned look for people: its reach, what it depends on, its sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.looks.learn import EXAMPLES, SOURCES, Look
from vedc.decide.grades.looks.statistics import STATISTICS
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.space import GradeSpace
from vedc.decide.grades.tables import apply
from vedc.workspace.looks.pairs import LeftOver

_LITTLE: Final = 0.5
"""Share of the difference below which a look removes little."""


def text(
    look: Look, colors: Floats, shots: Mapping[str, int], left: Sequence[LeftOver], folder: str
) -> str:
    """A summary with a table; ``shots``: those of each pair, by its name."""
    return "\n".join(_lines(look, colors, shots, left, folder)) + "\n"


def _lines(
    look: Look, colors: Floats, shots: Mapping[str, int], left: Sequence[LeftOver], folder: str
) -> Iterator[str]:
    judged = look.judged
    yield (
        f"a look from {len(shots)} {_pairs(len(shots))} in {folder}: {look.shots} "
        f"{_plural('shot', look.shots)} of {look.sources} {_plural('source', look.sources)}"
    )
    seen = "of shots that were left out" if judged.checked else "of the same shots"
    yield ""
    yield f"  dE     {seen}, from their graded pictures (CIEDE2000)"
    rows = [("as they are", judged.untouched), ("one grade for all", judged.constant)]
    if judged.statistics is not None:
        rows.append(("by what a shot is like", judged.statistics))
    taken = "one grade for all" if look.is_constant else "by what a shot is like"
    for name, away in rows:
        yield f"  {away:5.2f}  {name}{', taken' * (name == taken)}"
    if not look.is_constant:
        yield ""
        yield "  dE     what one deviation more of a statistic changes"
        for change, number in _changes(look, colors):
            statistic = STATISTICS[number]
            usual = f"{look.centre[number]:.1f} ± {look.spread[number]:.1f}"
            yield f"  {change:5.2f}  {statistic.name} ({statistic.called}, {usual})"
    yield ""
    yield "paired: " + ", ".join(
        f"{name} ({count} shots)" if count > 1 else name for name, count in shots.items()
    )
    for each in left:
        yield f"left over: {each.name}: {each.why}"


def _changes(look: Look, colors: Floats) -> list[tuple[float, int]]:
    """The effect of each statistic, largest first."""
    space = GradeSpace.load()
    usual = apply(space.table(look.constant), colors)
    found = []
    for number, weights in enumerate(look.weights):
        more = apply(space.table(look.constant + weights), colors)
        found.append((float(delta_e(np.clip(usual, 0, 1), np.clip(more, 0, 1)).mean()), number))
    return sorted(found, reverse=True)


def doubts(look: Look) -> list[str]:
    """Caveats for using the look, a sentence each."""
    found = []
    if not look.judged.checked:
        found.append(
            "the look was not checked on other footage, since there is one shot only; "
            "give more pairs"
        )
    elif look.sources == 1:
        found.append(
            "all pairs are of one source: how well the look works on other footage is not known"
        )
    if look.gain < _LITTLE:
        found.append(
            f"the look removes {look.gain:.0%} of the difference: the pairs were graded in "
            "different ways, or by something else than colour"
        )
    if look.judged.statistics is None and look.judged.checked:
        found.append(
            f"one grade for all: at least {SOURCES} sources and {EXAMPLES} shots are needed for "
            f"a look that depends on the shot, and these are {look.sources} and {look.shots}"
        )
    return found


def data(
    look: Look, colors: Floats, shots: Mapping[str, int], left: Sequence[LeftOver], folder: str
) -> dict[str, Any]:
    """The documented object of ``vedc grade learn --json``."""
    judged = look.judged
    statistics = [] if look.is_constant else _changes(look, colors)
    return {
        "folder": folder,
        "kind": "constant" if look.is_constant else "statistics",
        "gain": round(look.gain, 4),
        "difference": {
            "untouched": round(judged.untouched, 4),
            "constant": round(judged.constant, 4),
            "statistics": None if judged.statistics is None else round(judged.statistics, 4),
        },
        "checked": judged.checked,
        "shots": look.shots,
        "sources": look.sources,
        "statistics": [
            {"name": STATISTICS[number].name, "change": round(change, 4)}
            for change, number in statistics
        ],
        "pairs": [{"name": name, "shots": count} for name, count in shots.items()],
        "left_over": [{"name": each.name, "why": each.why} for each in left],
        "warnings": doubts(look),
    }


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _pairs(count: int) -> str:
    return _plural("pair", count)
