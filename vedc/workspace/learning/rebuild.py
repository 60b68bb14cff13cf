"""The spec that rebuilds a finished film: its alignment, its grade and its effects.

One grade is fitted to all stretches together. Stretches of a raw file that it does not suit, and
that a separate grade suits much better, get that one; and so do single stretches. Grades are fitted
to frames that vedc draws without them, so they include vedc's own colour conversions. They are
tables, which hold everything that was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from vedc.decide.align.alignment import Alignment
from vedc.decide.align.pictures import Box
from vedc.decide.align.to_spec import as_names, as_spec
from vedc.decide.analyses.analysis import video_of
from vedc.decide.fitted_effects.fit import fit as fit_effects
from vedc.decide.grades.fit.aligned_pairs import aligned_pairs, clear_of
from vedc.decide.grades.fit.pair_fit import fit as fit_grade
from vedc.decide.grades.fit.pair_fit import pair_cells
from vedc.decide.grades.fit.pair_frames import Pair, spread
from vedc.decide.grades.looks.regression import Example
from vedc.decide.grades.looks.statistics import measured
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.shot import Canvas, Step
from vedc.decide.grades.space import Cells, GradeSpace
from vedc.decide.grades.table_files import cube_text
from vedc.decide.grades.tables import Table, apply, identity
from vedc.decide.lock.lock_text import flow_text
from vedc.media.files import make_folder, whole_file
from vedc.train.house.film_rows import usable
from vedc.workspace.learning.drawn import both

SPEC: Final = "film.vedc.yaml"
_SLIGHT: Final = 0.05
"""Crops this close to the whole picture are doubted."""
_OFF: Final = 0.7
"""Mean colour difference from which a shared grade does not suit a stretch."""
_NEARER: Final = 0.6
"""The share of that which a separate grade may leave."""
_DRAWN: Final = 40
"""Frames that grades are fitted to."""
_SMALL: Final = 480
"""The longer side of these."""
_SIDE: Final = 640
"""The longer side of pictures in which effects are looked for."""
_LOOKED: Final = 6
"""Stretches used for that, one picture each."""


@dataclass(frozen=True, slots=True, eq=False)
class Rebuilt:
    """How a film is rebuilt."""

    examples: tuple[Example, ...]
    """The graded material, one entry for each stretch."""
    tables: Mapping[int, str]
    """The file of each stretch's grade; absent if there is none."""
    steps: Sequence[Step]
    """The film's grade in words."""
    effects: Sequence[Step]


def rebuild(found: Alignment, folder: Path, name: str, space: GradeSpace | None = None) -> Rebuilt:
    """Fit the film's changes to its raw files, and write the spec that rebuilds it."""
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
    make_folder(folder)
    _write(folder / SPEC, as_spec(found, folder.absolute()))
    drawn = _drawn(found, folder / SPEC, stretches)
    whole = fit_grade(*_together(drawn), space, matrix=canvas.matrix, transfer=canvas.transfer)
    files: dict[int, str] = {}
    tables = {"grade.cube": effects.table if effects.steps else whole.table}
    if not np.allclose(tables["grade.cube"], identity(), atol=1e-4):
        files = dict.fromkeys(stretches, "grade.cube")
    if not effects.steps:
        files |= _own_grades(found, drawn, tables, space)
    for file in sorted(set(files.values())):
        _write(folder / file, cube_text(tables[file]))
    more = {
        number: "".join(
            [f", grade: [{{op: lut, src: {files[number]}}}]" if number in files else "",
             f", effects: [{', '.join(map(flow_text, effects.steps))}]" if effects.steps else ""]
        )
        for number in stretches
    }  # fmt: skip
    steps = flow_text(list(whole.projection.steps)) if whole.projection.steps else "none"
    remarks = (f"The film's grade is in grade.cube; as steps, nearly: {steps}",) if files else ()
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
    """The difference between the pictures of a pair after an affine change of colours."""
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


def _drawn(found: Alignment, spec: Path, stretches: Sequence[int]) -> dict[int, Pair]:
    """Frames of stretches without a grade, and of the film, by stretch: an even choice of them."""
    some = [stretches[i] for i in spread(0, len(stretches) - 1, _DRAWN // 2)]
    frames: dict[int, int] = {}
    for number in some:
        low, high = clear_of(found, number)
        inner = spread(low, high - 1, max(2, _DRAWN // len(some)) + 2)[1:-1]
        frames |= dict.fromkeys(inner or [(low + high) // 2], number)
    order = sorted(frames)
    pairs: dict[int, Pair] = {}
    for frame, film, raw in zip(order, *both(found, spec, order, _SMALL), strict=True):
        pair = pairs.setdefault(frames[frame], ([], []))
        rows, columns = _inside(found.area, raw.shape)
        pair[0].append(raw[rows, columns] / 255.0)
        pair[1].append(film[rows, columns] / 255.0)
    return pairs


def _inside(area: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of a picture that are not bars."""
    rows, columns = shape[:2]
    down = slice(round(area.y * rows), round((area.y + area.height) * rows))
    return down, slice(round(area.x * columns), round((area.x + area.width) * columns))


def _own_grades(
    found: Alignment,
    drawn: Mapping[int, Pair],
    tables: dict[str, Table],
    space: GradeSpace,
) -> dict[int, str]:
    """The files of raw files' and of stretches' own grades, whose tables are added."""
    own: dict[int, str] = {}
    sources = sorted({s for k in drawn if (s := found.segments[k].source) is not None})
    for source in sources if len(sources) > 1 else ():
        mine = [k for k in drawn if found.segments[k].source == source]
        cells = pair_cells(*_together({k: drawn[k] for k in mine}))
        table = _nearer(cells, tables["grade.cube"], space)
        if table is not None:
            name = f"grade-{as_names(found)[source]}.cube"
            tables[name] = table
            own |= {k: name for k, s in enumerate(found.segments) if s.source == source}
    for number, pair in drawn.items():
        shared = tables[own.get(number, "grade.cube")]
        table = _nearer(pair_cells(*pair), shared, space)
        if table is not None:
            own[number] = f"grade-{number + 1}.cube"
            tables[own[number]] = table
    return own


def _nearer(cells: Cells, shared: Table, space: GradeSpace) -> Table | None:
    """A separate grade for material that a shared one does not suit."""

    def left(by: Table) -> float:
        return float(
            np.average(delta_e(apply(by, cells.before), cells.after), weights=cells.counts)
        )

    away = left(shared)
    if away < _OFF:
        return None
    own = space.table(space.estimate(cells).w)
    return own if left(own) < _NEARER * away else None


def _write(file: Path, text: str) -> None:
    with whole_file(file) as part:
        part.write_text(text, encoding="utf-8")
