"""Training of the space of grades from random grades, looks and footage, with tests and a card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import save_file

from vedc.decide.arrays import Floats, Generator
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.space import Cells, GradeSpace
from vedc.decide.grades.tables import Table, apply, graded, of_cube
from vedc.errors import MissingError
from vedc.ops.shared import cube
from vedc.train.cuts.footage import Footage
from vedc.train.grades.sampler import FAMILIES, draw_grade
from vedc.train.grades.space_training import (
    SpaceSettings,
    drawn_grades,
    frequencies,
    packed,
    principal,
)

_FRAMES: Final = 6
"""Frames used of each take."""
_TRIALS: Final = 120
"""Grades for testing the space."""
_FOLDS: Final = (("hue vs sat", "hue vs hue", "fade"), ("split tone", "mixer", "color balance"))
"""Families for two further spaces, which are made without them and tested on them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a training."""

    stage: str
    step: int
    steps: int
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Trial:
    """Mean CIEDE2000 over trials, with 95% intervals, on the same source and on others."""

    name: str
    untouched: float
    same: tuple[float, float, float]
    other: tuple[float, float, float]


def train_space(
    clips: Path,
    out: Path,
    settings: SpaceSettings,
    looks: Sequence[Path] = (),
    *,
    progress: Callable[[Progress], None],
    command: str = "",
) -> Path:
    """Make a space of grades; write ``grades.safetensors`` and its card to ``out``.

    The footage determines how frequent each colour is. Drawn grades stay in ``out/work`` until the
    end, so the same command resumes after an interruption. Raises MissingError ``no-footage``,
    ``too-few-sources`` and UserError ``bad-lut``.
    """

    def report(stage: str, step: int, steps: int, **values: float) -> None:
        progress(Progress(stage, step, steps, values))

    work = out / "work"
    work.mkdir(parents=True, exist_ok=True)
    footage = Footage.load(clips, cache=work / "footage", progress=_staged(report))
    train, _, test = footage.split(settings.seed)
    added = [of_cube(cube.read(look)) for look in looks]
    frequent = frequencies(_pictures(footage.only(train)))
    found = _space(settings, work / "all", added, frequent, report)
    file = out / "grades.safetensors"
    save_file(packed(found), str(file))
    file.chmod(0o644)
    shown = footage.only(test)
    trials = [_tested("every family", settings, GradeSpace(packed(found)), shown, None)]
    for number, families in enumerate(_FOLDS):
        without = SpaceSettings(settings.grades, settings.seed, frozenset(families))
        held = _space(without, work / f"without-{number}", added, frequent, report)
        name = f"only {', '.join(families)}, a space without them"
        trials.append(_tested(name, settings, GradeSpace(packed(held)), shown, frozenset(families)))
        report("test", number + 1, len(_FOLDS), dE=trials[-1].other[0])
    text = _card(file, settings, footage, found, trials, [look.name for look in looks], command)
    file.with_suffix(".md").write_text(text, encoding="utf-8")
    _clear(work)
    return file


def looks_in(folder: Path) -> list[Path]:
    """The .cube files of a folder. Raises MissingError ``no-looks``."""
    found = sorted(folder.rglob("*.cube")) if folder.is_dir() else []
    if not found:
        message = f"--looks {folder}: there is no .cube file"
        raise MissingError.one("no-looks", message, hint="name a folder with .cube files")
    return found


def _staged(report: Callable[..., None]) -> Callable[[int, int], None]:
    return lambda done, count: report("footage", done, count)


def _pictures(footage: Footage) -> list[Floats]:
    """Frames spread over every take."""
    found = []
    for clip in footage.clips:
        chosen = np.linspace(0, len(clip.frames) - 1, _FRAMES).astype(int)
        found.append(np.asarray(clip.frames[chosen], np.float64) / 255)
    return found


def _space(
    settings: SpaceSettings,
    work: Path,
    looks: Sequence[Table],
    frequent: Floats,
    report: Callable[..., None],
) -> dict[str, Any]:
    files = drawn_grades(settings, work, looks, report)
    return principal(files, frequent, settings.seed, report)


def _tested(
    name: str,
    settings: SpaceSettings,
    space: GradeSpace,
    footage: Footage,
    families: frozenset[str] | None,
) -> Trial:
    """Pairs from one source, judged on later frames of it and on other sources."""
    numbers = np.random.default_rng([settings.seed, 1])
    takes = [clip for clip in footage.clips if not clip.still] or list(footage.clips)
    rows = []
    for _ in range(_TRIALS):
        grade = _wanted(numbers, families)
        clip = takes[numbers.integers(len(takes))]
        half = len(clip.frames) // 2
        shown = _some(clip.frames[:half], numbers)
        pair = Cells.of(shown, _stored(graded(grade, shown), numbers))
        table = space.table(space.estimate(pair).w)
        others = [c for c in footage.clips if c.source != clip.source]
        other = others[numbers.integers(len(others))]
        row = []
        for frames in (clip.frames[half:], other.frames):
            pixels = _some(frames, numbers)
            wanted = np.clip(graded(grade, pixels), 0, 1)
            row += [float(delta_e(apply(table, pixels), wanted).mean())]
            row += [float(delta_e(pixels, wanted).mean())]
        rows.append(row)
    found = np.array(rows)
    near, far = (_interval(found[:, column], numbers) for column in (0, 2))
    return Trial(name, float(found[:, 3].mean()), near, far)


def _wanted(numbers: Generator, families: frozenset[str] | None) -> list[Any]:
    if families is None:
        return draw_grade(numbers)
    return draw_grade(numbers, frozenset(FAMILIES) - families)


def _some(frames: Any, numbers: Generator) -> Floats:
    """Two thousand pixels of four frames."""
    chosen = frames[np.linspace(0, len(frames) - 1, 4).astype(int)]
    flat = np.asarray(chosen, np.float64).reshape(-1, 3) / 255
    return flat[numbers.integers(0, len(flat), 2000)]


def _stored(values: Floats, numbers: Generator) -> Floats:
    """Values as stored by an 8-bit codec."""
    noisy = np.clip(values, 0, 1) + numbers.normal(0, 0.004, values.shape)
    return np.rint(np.clip(noisy, 0, 1) * 255) / 255


def _interval(values: Floats, numbers: Generator) -> tuple[float, float, float]:
    """Mean and 95% bootstrap interval."""
    means = values[numbers.integers(0, len(values), (2000, len(values)))].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(values.mean()), float(low), float(high)


def _card(
    file: Path,
    settings: SpaceSettings,
    footage: Footage,
    found: dict[str, Any],
    trials: Sequence[Trial],
    looks: Sequence[str],
    command: str,
) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    lines = [
        "---",
        f"digest: sha256:{digest}",
        "---",
        "",
        "# The space of grades",
        "",
        f"Made of {found['count']} grades, drawn through vedc's own colour ops with the ranges",
        f"of everyday work, in {len(FAMILIES)} families (train/grades/sampler.py). Its directions",
        f"hold {found['explained']:.2%} of their variance. Made by",
        "",
        f"    {command}",
        "",
        "with these settings:",
        "",
        f"    {json.dumps({'grades': settings.grades, 'seed': settings.seed})}",
        "",
        "## What it was tested on",
        "",
        "Pairs of 2,000 pixels from the first half of a take, 8 bits with noise; CIEDE2000 over",
        "2,000 pixels of its second half, and of another source. All takes are of test sources.",
        f"Means of {_TRIALS} grades with 95% intervals.",
        "",
        "| grades | untouched | same take, later | another source |",
        "|---|---|---|---|",
    ]
    for trial in trials:
        same, other = (f"{m:.2f} [{a:.2f}, {b:.2f}]" for m, a, b in (trial.same, trial.other))
        lines.append(f"| {trial.name} | {trial.untouched:.2f} | {same} | {other} |")
    lines += ["", "Draws judge themselves here: `python -m tests.bench colour` has grades by other"]
    lines += ["software, and textbook methods beside them.", ""]
    if looks:
        lines += ["## Looks that were added", "", *(f"- {name}" for name in looks), ""]
    lines += ["## Footage", "", "Its colours weigh the directions; no picture is stored.", ""]
    lines += ["| file | source | licence | origin |", "|---|---|---|---|"]
    lines += [f"| {i.file.name} | {i.source} | {i.licence} | {i.origin} |" for i in footage.items]
    return "\n".join(lines) + "\n"


def _clear(work: Path) -> None:
    import shutil

    shutil.rmtree(work, ignore_errors=True)
