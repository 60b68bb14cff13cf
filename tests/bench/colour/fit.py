"""``fit``: the grade of a pair, judged on later frames of its take and on other footage.

The pair is the first half of a take, raw and graded, both stored as JPEG. Differences are mean
CIEDE2000 between the true grade and the found one, on pictures that were not stored.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from tests.bench.colour import textbook
from tests.bench.colour.foreign import Grade, Picture
from tests.bench.colour.judging import Judge, frames_of, interval, stored
from vedc.decide.arrays import Floats
from vedc.decide.grades import tables
from vedc.decide.grades.fit.pair_fit import fit
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.space import GradeSpace
from vedc.train.cuts.footage import Clip

TRIALS = 48
_PAIRS, _JUDGED = 6, 3
"""Frames of a pair, and of what it is judged on."""

Methods = dict[str, Callable[[Floats], Floats]]


def main(judge: Judge) -> None:
    print("fit: mean CIEDE2000 [95% interval over sources], and the 95th percentile of grades")
    GradeSpace.load()
    for family, grades in judge.grades.items():
        _family(judge, family, grades)


def _family(judge: Judge, family: str, grades: list[tuple[str, Grade]]) -> None:
    draw = np.random.default_rng(12)
    moving = [take for take in judge.takes if not take.still]
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    sources: list[str] = []
    by_grade: dict[str, list[float]] = defaultdict(list)
    spent = 0.0
    for trial in range(TRIALS):
        name, grade = grades[trial % len(grades)]
        # Every other pair is of a film, so that photographs do not decide alone.
        pool = moving if moving and trial // len(grades) % 2 == 0 else list(judge.takes)
        take = pool[draw.integers(len(pool))]
        others = [clip for clip in judge.takes if clip.source != take.source]
        other = others[draw.integers(len(others))] if others else take
        methods, cost = _methods(take, grade)
        spent += cost
        sources.append(take.source)
        later = frames_of(take, 0.55, 1, _JUDGED)
        for place, pictures in (("same", later), ("other", frames_of(other, 0, 1, _JUDGED))):
            for method, away in _judged(methods, pictures, grade).items():
                found[method][place].append(away)
        by_grade[name].append(found["vedc, table"]["other"][-1])
    print(f"\n{family}: {len(grades)} grades, {TRIALS} pairs, {1000 * spent / TRIALS:.0f} ms a fit")
    print(f"{'':22s} {'same take, later':>25s}  {'another source, same grade':>32s}")
    for method, places in found.items():
        cells = []
        for place, values in places.items():
            mean, low, high = interval(values, sources)
            cell = f"{mean:5.2f} [{low:5.2f}, {high:5.2f}]"
            cells.append(cell + (f" p95 {np.quantile(values, 0.95):5.2f}" * (place == "other")))
        print(f"{method:22s} {cells[0]:>25s}  {cells[1]:>32s}", flush=True)
    worst = sorted(by_grade.items(), key=lambda held: -float(np.mean(held[1])))[:3]
    print("farthest: " + ", ".join(f"{name} {np.mean(held):.2f}" for name, held in worst))


def _methods(take: Clip, grade: Grade) -> tuple[Methods, float]:
    """Every method, fitted to the first half of a take; and the CPU seconds of vedc's."""
    pictures = frames_of(take, 0, 0.45, _PAIRS)
    raw = [stored(picture) for picture in pictures]
    graded = [stored(grade(picture)) for picture in pictures]
    began = time.process_time()
    found = fit(raw, graded)
    spent = time.process_time() - began
    before, after = (_averaged(held) for held in (raw, graded))
    return {
        "untouched": lambda x: x,
        "matrix": textbook.matrix(before, after),
        "matrix and curves": textbook.matrix_and_curves(before, after),
        "plain LUT": textbook.plain_lut(before, after),
        "vedc, table": lambda x: tables.apply(found.table, x).astype(np.float64),
        "vedc, steps": lambda x: np.clip(tables.graded(found.projection.steps, x), 0, 1),
    }, spent


def _averaged(pictures: list[Floats]) -> Floats:
    """The means over 4 x 4 pixels that the textbook's methods get, too: (n, 3)."""
    cells = np.stack(pictures)
    n, height, width, _ = cells.shape
    means: Floats = cells.reshape(n, height // 4, 4, width // 4, 4, 3).mean((2, 4)).reshape(-1, 3)
    return means[::3]


def _judged(methods: Methods, pictures: list[Picture], grade: Grade) -> dict[str, float]:
    x = np.concatenate([p[::3, ::3].reshape(-1, 3) for p in pictures]) / 255
    y = np.concatenate([grade(p)[::3, ::3].reshape(-1, 3) for p in pictures]) / 255
    return {name: float(delta_e(method(x), y).mean()) for name, method in methods.items()}
