"""The spec that rebuilds a finished film: its alignment, its grade and its effects.

One grade is fitted to all stretches together. A stretch that it does not suit, and that a grade of
its own suits much better, gets that one. Grades are tables, so that they say all that was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from vedc.decide.align.alignment import Alignment
from vedc.decide.align.pictures import Box
from vedc.decide.align.to_spec import as_spec
from vedc.decide.analyses.analysis import video_of
from vedc.decide.fitted_effects.fit import fit as fit_effects
from vedc.decide.grades.fit.aligned_pairs import aligned_pairs
from vedc.decide.grades.fit.pair_fit import fit as fit_grade
from vedc.decide.grades.fit.pair_fit import pair_cells
from vedc.decide.grades.fit.pair_frames import Pair
from vedc.decide.grades.looks.regression import Example
from vedc.decide.grades.looks.statistics import measured
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.shot import Canvas, Step
from vedc.decide.grades.space import Cells, GradeSpace
from vedc.decide.grades.table_files import cube_text
from vedc.decide.grades.tables import Table, apply, identity
from vedc.decide.lock.lock_text import flow_text
from vedc.media.files import whole_file
from vedc.train.house.film_rows import usable

SPEC: Final = "film.vedc.yaml"
_SLIGHT: Final = 0.05
"""Crops this close to the whole picture are doubted."""
_OFF: Final = 1.0
"""Mean colour difference from which on the film's grade does not suit a stretch."""
_NEARER: Final = 0.6
"""What a grade of its own may leave of that."""
_SIDE: Final = 640
"""The longer side of pictures in which effects are looked for."""
_LOOKED: Final = 6
"""Stretches in which they are, a picture of each."""


@dataclass(frozen=True, slots=True, eq=False)
class Rebuilt:
    """How a film is rebuilt."""

    examples: tuple[Example, ...]
    """What was graded, a stretch each."""
    tables: Mapping[int, str]
    """The file of each stretch's grade; without it where there is none."""
    steps: Sequence[Step]
    """The film's grade in words."""
    effects: Sequence[Step]


def rebuild(found: Alignment, folder: Path, name: str, space: GradeSpace | None = None) -> Rebuilt:
    """Fit what a film adds to its raw files, and write the spec that rebuilds it."""
    space = space or GradeSpace.load()
    stretches = [k for k, segment in enumerate(found.segments) if usable(segment)]
    found = _uncropped(found, stretches)
    pairs = aligned_pairs(found, stretches)
    examples = [
        Example(f"{name} {number}", name, measured(raw), pair_cells(raw, film))
        for number, (raw, film) in pairs.items()
    ]
    canvas = Canvas.of(video_of(found.film).color)
    effects = _effects(found, stretches, canvas)
    raw, film = _together(pairs)
    whole = fit_grade(raw, film, space, matrix=canvas.matrix, transfer=canvas.transfer)
    table = effects.table if effects.steps else whole.table
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[int, str] = {}
    if not np.allclose(table, identity(), atol=1e-4):
        _write(folder / "grade.cube", cube_text(table))
        files = dict.fromkeys(stretches, "grade.cube")
    for number, example in zip(pairs, examples, strict=True):
        own = None if effects.steps else _own(example, table, space)
        if own is not None:
            files[number] = f"grade-{number + 1}.cube"
            _write(folder / files[number], cube_text(own))
    more = {
        number: "".join(
            [f", grade: [{{op: lut, src: {files[number]}}}]" if number in files else "",
             f", effects: [{', '.join(map(flow_text, effects.steps))}]" if effects.steps else ""]
        )
        for number in stretches
    }  # fmt: skip
    told = flow_text(list(whole.projection.steps)) if whole.projection.steps else "none"
    remarks = (f"The film's grade is in grade.cube; as steps, nearly: {told}",) if files else ()
    _write(folder / SPEC, as_spec(found, folder.absolute(), more=more, remarks=remarks))
    return Rebuilt(tuple(examples), files, list(whole.projection.steps), effects.steps)


def _uncropped(found: Alignment, stretches: Sequence[int]) -> Alignment:
    """The alignment without slight crops that explain a film no better than whole pictures.

    Colours that a grade changes are compared after one that suits both pictures on average.
    """
    slight = [k for k in stretches if 0 < found.segments[k].crop.distance(Box()) < _SLIGHT]
    if not slight:
        return found
    segments = list(found.segments)
    for number in slight:
        segments[number] = replace(segments[number], crop=Box())
    whole = replace(found, segments=tuple(segments))
    cropped, plain = (aligned_pairs(each, slight) for each in (found, whole))
    for number in slight:
        if _unlike(plain[number]) >= _unlike(cropped[number]):
            segments[number] = found.segments[number]
    return replace(found, segments=tuple(segments))


def _unlike(pair: Pair) -> float:
    """What an affine change of colours leaves between the pictures of a pair."""
    raw, film = (np.concatenate([p.reshape(-1, 3) for p in pictures]) for pictures in pair)
    design = np.concatenate([raw, np.ones((len(raw), 1))], 1)
    solved, *_ = np.linalg.lstsq(design, film, rcond=None)
    return float(np.square(film - design @ solved).mean())


@dataclass(frozen=True, slots=True, eq=False)
class _Effects:
    steps: Sequence[Step]
    table: Table


def _effects(found: Alignment, stretches: Sequence[int], canvas: Canvas) -> _Effects:
    """The effects of a film, from stretches that are neither cropped nor scaled."""
    whole = [
        k for k in stretches if found.segments[k].crop.distance(Box()) < 0.01
        and found.segments[k].end - found.segments[k].start >= 4
    ]  # fmt: skip
    if len(whole) < 2 or found.area.distance(Box()) > 0.01:
        return _Effects((), identity())
    chosen = [whole[i] for i in np.unique(np.linspace(0, len(whole) - 1, _LOOKED).astype(int))]
    raw, film = _together(aligned_pairs(found, chosen, 1, side=_SIDE))
    scale = film[0].shape[1] / video_of(found.film).display_size[0]
    fitted = fit_effects(raw, film, scale=scale, rate=float(found.rate), canvas=canvas)
    return _Effects(tuple(fitted.steps), fitted.grade.table)


def _together(pairs: Mapping[int, Pair]) -> Pair:
    raw = [picture for before, _ in pairs.values() for picture in before]
    return raw, [picture for _, after in pairs.values() for picture in after]


def _own(example: Example, table: Table, space: GradeSpace) -> Table | None:
    """A grade of a stretch's own, where the film's does not suit it."""
    cells: Cells = example.cells

    def left(by: Table) -> float:
        return float(
            np.average(delta_e(apply(by, cells.before), cells.after), weights=cells.counts)
        )

    shared = left(table)
    if shared < _OFF:
        return None
    own = space.table(space.estimate(cells).w)
    return own if left(own) < _NEARER * shared else None


def _write(file: Path, text: str) -> None:
    with whole_file(file) as part:
        part.write_text(text, encoding="utf-8")
