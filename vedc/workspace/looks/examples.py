"""Examples of a look, shot by shot, from pairs of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vedc.decide.analyses.analysis import Progress
from vedc.decide.arrays import Floats
from vedc.decide.grades.fit.pair_fit import pair_cells
from vedc.decide.grades.fit.pair_frames import Pair, pair_frames, pair_shots
from vedc.decide.grades.looks.regression import Example
from vedc.decide.grades.looks.statistics import measured
from vedc.edit.media_info import MediaInfo
from vedc.errors import Interrupted, RenderError, UserError
from vedc.workspace.analyses import find_shots, open_media, runner_for
from vedc.workspace.looks.pairs import FilePair, LeftOver


@dataclass(frozen=True, slots=True)
class Gathered:
    """The data of pairs of files."""

    examples: list[Example]
    shots: dict[str, int]
    """By pair: how many of its shots are examples."""
    left: list[LeftOver]
    """Pairs that were not used."""

    @property
    def colors(self) -> Floats:
        """(n, 3): colours before their grades."""
        return np.concatenate([example.cells.before for example in self.examples])


def gather(
    pairs: Sequence[FilePair], cache: Path | None = None, progress: Progress | None = None
) -> Gathered:
    """The examples of pairs. An unusable pair is skipped, with the reason.

    Raises UserError ``no-pairs`` if all are.
    """
    gathered = Gathered([], {}, [])
    for pair in pairs:
        try:
            found = _examples(pair, cache, progress)
        except Interrupted:
            raise
        except UserError as error:
            gathered.left.append(LeftOver(pair.name, error.problems[0].message))
            continue
        if found:
            gathered.examples.extend(found)
            gathered.shots[pair.name] = len(found)
        else:
            gathered.left.append(LeftOver(pair.name, "no shot of it is in both files"))
    if not gathered.examples:
        reasons = "; ".join(f"{each.name}: {each.why}" for each in gathered.left[:3])
        message = f"no pair can be used: {reasons}"
        raise UserError.one("no-pairs", message, hint="give raw files, and the same ones graded")
    return gathered


def _examples(pair: FilePair, cache: Path | None, progress: Progress | None) -> list[Example]:
    raw, graded = (_opened(file) for file in (pair.raw, pair.graded))
    shots: dict[int, Pair]
    if raw.kind == "image" or graded.kind == "image":
        shots = {0: pair_frames(raw, graded)}
    else:
        found = find_shots(runner_for(pair.raw, cache, progress), raw, "best")
        edges = [(shot.start, shot.end) for shot in found.shots]
        shots = pair_shots(raw, graded, edges, progress)
    names = [pair.name if len(shots) == 1 else f"{pair.name} {n + 1}" for n in shots]
    return [
        Example(name, pair.source, measured(before), pair_cells(before, after))
        for name, (before, after) in zip(names, shots.values(), strict=True)
    ]


def _opened(file: Path) -> MediaInfo:
    media = open_media(file)
    if media.video is None:
        raise RenderError.one("no-picture", f"{file} has no picture", hint="leave it out")
    return media
