"""``learn``: a look learned from pairs, judged on other sources.

Looks are made by other software. Those of ``RULES`` depend on the shot: FFmpeg's filters, whose
parameters a rule takes from the pixels of the raw shot, by other measures than vedc's statistics.
The others do the same to every shot. Two thirds of the sources teach, each with one pair stored as
JPEG; shots of the others are judged, by mean CIEDE2000 from their true grade. The oracle is the fit
to the judged shot's own pair, which nothing that is learned can see; skill is the share of its
gain.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from tests.bench.colour.foreign import Grade, Picture, chained
from tests.bench.colour.judging import Judge, frames_of, stored
from vedc.decide.arrays import Floats
from vedc.decide.grades.fit.pair_fit import pair_cells
from vedc.decide.grades.looks.learn import Look, learn
from vedc.decide.grades.looks.regression import Example
from vedc.decide.grades.looks.statistics import measured
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.space import GradeSpace
from vedc.decide.grades.tables import apply
from vedc.errors import UserError
from vedc.train.cuts.footage import Clip

_FRAMES: Final = 4
_LOOKS: Final = 3
"""Looks of each family that are the same for all shots."""
_LUMA: Final = (0.2126, 0.7152, 0.0722)

Rule = Callable[[Floats], str]
"""A chain of FFmpeg's filters for a shot: pixels (n, 3) of the raw shot, R'G'B' 0..1."""
Maker = Callable[[Sequence[Picture]], Grade]
"""The grade of a shot by its raw pictures."""


def _luma(x: Floats) -> float:
    return float(x.mean(0) @ _LUMA)


def _evened(x: Floats) -> str:
    stops = np.clip(0.5 * np.log2(0.42 / max(_luma(x), 0.02)), -1.2, 1.2)
    return f"exposure=exposure={stops:.3f},colorbalance=rs=-.06:bs=.06:rh=.06:bh=-.06"


def _neutral(x: Floats) -> str:
    by = 0.8 * float(x[:, 0].mean() - x[:, 2].mean())
    red, blue = np.clip(0.1 - by, -0.3, 0.3), np.clip(by - 0.1, -0.3, 0.3)
    return f"colorbalance=rm={red:.3f}:bm={blue:.3f},hue=s=0.9"


def _punch(x: Floats) -> str:
    k = np.clip(0.9 * (0.24 - float((x @ _LUMA).std())), -0.08, 0.14)
    return f"curves=all='0/0 .25/{0.25 - k:.3f} .75/{0.75 + k:.3f} 1/1',exposure=exposure=0.1"


def _muted(x: Floats) -> str:
    vivid = float((x.max(1) - x.min(1)).mean())
    return f"hue=s={np.clip(1.35 - 1.6 * vivid, 0.5, 1.4):.3f},curves=b='0/.05 1/.92'"


def _dusk(x: Floats) -> str:
    t = np.clip((_luma(x) - 0.2) / 0.4, 0, 1)
    return (
        f"colorbalance=rs={0.25 * t - 0.15:.3f}:bs={0.15 - 0.25 * t:.3f}:rh={0.3 * t - 0.08:.3f}"
        f":bh={0.06 - 0.3 * t:.3f},exposure=exposure={0.3 - 0.5 * t:.3f}"
    )


def _night(x: Floats) -> str:
    d = np.clip((0.5 - _luma(x)) / 0.35, 0, 1)
    return (
        f"exposure=exposure={-0.2 - 0.7 * d:.3f},hue=s={1 - 0.3 * d:.3f},"
        f"colorbalance=bs={0.05 + 0.12 * d:.3f}:bm={0.04 + 0.1 * d:.3f}:rh={-0.03 - 0.05 * d:.3f}"
    )


RULES: Final[dict[str, Rule]] = {
    "evened": _evened,
    "neutral": _neutral,
    "punch": _punch,
    "muted": _muted,
    "dusk": _dusk,
    "night": _night,
}


def _makers(judge: Judge) -> Iterator[tuple[str, str, Maker]]:
    """Family, name and maker of each look."""
    for name, rule in RULES.items():
        yield "by rules on the shot", name, _ruled(rule)
    for family, grades in judge.grades.items():
        chosen = np.unique(np.linspace(0, len(grades) - 1, _LOOKS).round().astype(int))
        for name, grade in (grades[number] for number in chosen):
            yield family, name, lambda pictures, grade=grade: grade


def _ruled(rule: Rule) -> Maker:
    def made(pictures: Sequence[Picture]) -> Grade:
        pixels = np.concatenate([p[::2, ::2].reshape(-1, 3) for p in pictures])
        return chained(rule(pixels.astype(np.float64) / 255))

    return made


def main(judge: Judge) -> None:
    space = GradeSpace.load()
    print("\nlearn: skill, the share of the oracle's gain [95% interval over judged sources]")
    takes: dict[str, Clip] = {}
    for take in judge.takes:
        takes.setdefault(take.source, take)
    sources = sorted(takes)
    if len(sources) < 6:
        print("left out: at least six sources are needed")
        return
    order = np.random.default_rng(31).permutation(len(sources))
    teach = [takes[sources[i]] for i in order[: -(-len(order) * 2 // 3)]]
    judged = [takes[sources[i]] for i in order[-(-len(order) * 2 // 3) :]]
    families: dict[str, list[dict[str, Floats]]] = defaultdict(list)
    for family, name, maker in _makers(judge):
        began = time.process_time()
        found, kind = _look(teach, judged, maker, space)
        families[family].append(found)
        gain = _skills(found)
        cells = "  ".join(f"{method} {value:.2f}" for method, value in gain.items())
        away = f"untouched {found['untouched'].mean():5.2f} oracle {found['oracle'].mean():4.2f}"
        spent = time.process_time() - began
        print(f"  {name[:28]:28s} {away}  {cells}  ({kind}, {spent:.0f} s of CPU)", flush=True)
    print(f"{len(teach)} sources teach, {len(judged)} are judged")
    for family, held in families.items():
        whole = {key: np.stack([found[key] for found in held]) for key in held[0]}
        print(f"{family}: {len(held)} looks")
        for method in (key for key in whole if key not in ("untouched", "oracle")):
            print(f"  {method:14s} {_interval(whole, method)}", flush=True)


def _look(
    teach: Sequence[Clip], judged: Sequence[Clip], maker: Maker, space: GradeSpace
) -> tuple[dict[str, Floats], str]:
    """The difference that each method leaves in each judged shot, and the kind of look."""
    examples = [_example(take, maker)[0] for take in teach]
    own = np.stack([space.estimate(example.cells).w for example in examples])
    facts = np.stack([example.statistics for example in examples])
    spread = facts.std(0) + 1e-6
    look: Look | None
    try:
        look = learn(examples, space)
        kind = "constant" if look.is_constant else "statistics"
    except UserError:
        look, kind = None, "no look"
    left: dict[str, list[float]] = defaultdict(list)
    for take in judged:
        example, before, after = _example(take, maker)
        nearest = int(np.argmin(np.square((facts - example.statistics) / spread).sum(1)))
        grades = {
            "mean grade": own.mean(0),
            "nearest pair": own[nearest],
            "oracle": space.estimate(example.cells).w,
        }
        left["untouched"].append(float(delta_e(before, after).mean()))
        for method, w in grades.items():
            left[method].append(float(delta_e(apply(space.table(w), before), after).mean()))
        shown = before
        if look is not None:
            shown = apply(space.table(look.grade(look.deviations(example.statistics))), before)
        left["vedc"].append(float(delta_e(shown, after).mean()))
    return {method: np.array(values) for method, values in left.items()}, kind


def _example(take: Clip, maker: Maker) -> tuple[Example, Floats, Floats]:
    """A shot as an example, and colours before and after its true grade, not stored."""
    pictures = frames_of(take, 0, 1, _FRAMES)
    grade = maker(pictures)
    graded = [grade(picture) for picture in pictures]
    raw, shown = ([stored(p) for p in held] for held in (pictures, graded))
    before, after = (
        np.concatenate([p[::4, ::4].reshape(-1, 3) for p in held]) / 255
        for held in (pictures, graded)
    )
    return Example(take.name, take.source, measured(raw), pair_cells(raw, shown)), before, after


def _skills(found: dict[str, Floats]) -> dict[str, float]:
    untouched, oracle = found["untouched"].sum(), found["oracle"].sum()
    return {
        method: float((untouched - values.sum()) / (untouched - oracle))
        for method, values in found.items()
        if method not in ("untouched", "oracle")
    }


def _interval(whole: dict[str, Floats], method: str) -> str:
    """Skill over looks (rows) and shots (columns) with an interval: sources are drawn again."""

    def skill(columns: Sequence[int] | Floats) -> float:
        part = {key: values[:, np.asarray(columns, int)] for key, values in whole.items()}
        return _skills(part)[method]

    count = whole["untouched"].shape[1]
    draw = np.random.default_rng(1)
    drawn = [skill(draw.integers(0, count, count)) for _ in range(1000)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{skill(range(count)):.3f} [{low:.3f}, {high:.3f}]"
