"""``effects``, the part about fitting: which effects an edit used, and how strongly.

Takes of held-out sources are graded by FFmpeg's filters, and given effects: by vedc's own ops,
drawn at random, and by FFmpeg's filters and OpenCV. The edits are stored as H.264 at CRF 23. The
effects found in the first seven frames are judged by name, by value, and by how close they bring
the last frame to the edit before it was stored; grain, which no second rendering repeats, is left
out of both pictures. An effect that changes a frame by less than two code values, such as a halo
in a dark room, does not count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.bench.colour.judging import interval
from tests.bench.effects_fit import coded, edits
from tests.bench.effects_fit.takes import Take, takes
from tests.bench.measure import MEDIA
from vedc.decide.arrays import Floats, Generator
from vedc.decide.fitted_effects.draw import drawn
from vedc.decide.fitted_effects.fit import EffectsFit, fit
from vedc.decide.grades import tables

PLAIN: Final = 100
PAIRS: Final = 60
_SEEN: Final = (0, 2, 4, 6)
_CRF: Final = 23

#: The range of values that people use: what a parameter's error is measured by.
RANGES: Final[dict[tuple[str, str], float]] = {
    ("vignette", "amount"): 1.0, ("vignette", "size"): 1.0, ("vignette", "softness"): 1.0,
    ("gaussian_blur", "radius"): 10.0, ("sharpen", "amount"): 3.0, ("sharpen", "radius"): 5.0,
    ("film_grain", "amount"): 0.2, ("film_grain", "size"): 4.0,
    ("halo", "threshold"): 1.0, ("halo", "radius"): 40.0, ("halo", "amount"): 2.0,
    ("glow", "amount"): 1.0, ("glow", "radius"): 40.0,
    ("chromatic_aberration", "amount"): 10.0, ("rgb_shift", "red"): 10.0,
    ("rgb_shift", "blue"): 10.0, ("pixelate", "size"): 32.0,
    ("scan_lines", "amount"): 1.0, ("scan_lines", "spacing"): 10.0,
}  # fmt: skip


@dataclass(slots=True)
class Tally:
    """The results of a group of pairs."""

    sources: list[str] = field(default_factory=list)
    hit: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    false: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    errors: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    by_table: list[float] = field(default_factory=list)
    by_steps: list[float] = field(default_factory=list)
    spent: float = 0.0

    @property
    def f1(self) -> float:
        hit, wrong = sum(self.hit), sum(self.missed) + sum(self.false)
        return 2 * hit / max(2 * hit + wrong, 1)


def main(folder: Path, clips: Path | None = None, pairs: int = PAIRS, plain: int = PLAIN) -> None:
    clips = clips or MEDIA / "video"
    if not clips.is_dir():
        print(f"effects fit: left out, there is no footage in '{clips}'; name some with --clips")
        return
    held = takes(clips, "test")
    print(f"effects fit: {len(held)} takes of {len({t.source for t in held})} sources in '{clips}'")
    draw = np.random.default_rng(5)
    grades = edits.foreign_grades()

    def plain_edits() -> Iterator[edits.Edit]:
        for n in range(plain):
            name, grade = grades[n % len(grades)]
            yield edits.Edit(name, grade, (), {})

    def own_edits() -> Iterator[edits.Edit]:
        for n in range(pairs):
            kinds = (edits.OWN[n % len(edits.OWN)],) if n % 2 == 0 else edits.draw_kinds(draw, 3)
            yield edits.own_edit(draw, kinds, grades[n % len(grades)][1], ", ".join(kinds))

    def foreign_edits() -> Iterator[edits.Edit]:
        names = list(edits.FOREIGN)
        for n in range(pairs):
            name = names[n % len(names)]
            yield edits.foreign_edit((name,), grades[n % len(grades)][1], name)

    for name, made in (
        ("graded only", plain_edits()),
        ("vedc's ops", own_edits()),
        ("FFmpeg and OpenCV", foreign_edits()),
    ):
        _report(name, judged(made, held, draw, folder))


def judged(
    made: Iterator[edits.Edit], held: Sequence[Take], draw: Generator, folder: Path
) -> Tally:
    """Every edit on a take drawn at random."""
    tally = Tally()
    for edit in made:
        take = held[draw.integers(len(held))]
        shown = edit.made(take.frames)
        stored = coded.through(folder / "edit.mp4", shown, _CRF)
        began = time.process_time()
        found = fit([take.frames[i] / 255 for i in _SEEN], [stored[i] / 255 for i in _SEEN])
        tally.spent += time.process_time() - began
        _add(tally, take, edit, found)
    return tally


def _add(tally: Tally, take: Take, edit: edits.Edit, found: EffectsFit) -> None:
    got = {step["op"]: step for step in found.steps}
    seen = edit.seen(take.frames[0])
    tally.sources.append(take.source)
    tally.names.append(f"{edit.name} on {take.name}")
    tally.hit.append(len(got.keys() & seen))
    tally.missed.append(len(seen - got.keys()))
    tally.false.append(len(got.keys() - edit.truth.keys()))
    for op in got.keys() & seen:
        for name, value in edit.truth[op].items():
            away = np.abs(np.subtract(got[op].get(name, np.nan), value)).max()
            tally.errors.setdefault((op, name), []).append(float(away) / RANGES[op, name])
    raw, wanted = take.frames[-1:] / 255, edit.made(take.frames[-1:], still=True)[0] / 255
    steps = [step for step in found.steps if step["op"] != "film_grain"]
    by_steps = tables.graded(found.grade.projection.steps, raw[0])
    for graded, into in (
        (tables.apply(found.grade.table, raw[0]), tally.by_table),
        (by_steps, tally.by_steps),
    ):
        into.append(_psnr(np.clip(drawn(steps, np.clip(graded, 0, 1)), 0, 1), wanted))


def _psnr(first: Floats, second: Floats) -> float:
    return float(-10 * np.log10(max(float(np.square(first - second).mean()), 1e-9)))


def _report(name: str, tally: Tally) -> None:
    count = len(tally.sources)
    if not count:
        return
    print(f"\n{name}: {count} pairs, {tally.spent / count:.1f} s of CPU a fit")
    false = sum(tally.false)
    print(f"  false effects {false}, of {count} pairs")
    if any(tally.hit) or any(tally.missed):
        low, high = _f1_interval(tally)
        print(f"  presence F1 {tally.f1:.3f} [{low:.3f}, {high:.3f}], {sum(tally.missed)} missed")
    for label, values in (("table", tally.by_table), ("steps", tally.by_steps)):
        mean, low, high = interval(values, tally.sources)
        share = float(np.mean(np.array(values) >= 40))
        median = float(np.median(values))
        print(
            f"  later frame, grade as {label}: median {median:.1f} dB, mean {mean:.1f} "
            f"[{low:.1f}, {high:.1f}], {share:.0%} at 40 or more"
        )
    every = [error for errors in tally.errors.values() for error in errors]
    if every:
        median, near = 100 * float(np.median(every)), float(np.mean(np.array(every) <= 0.05))
        print(f"  parameters: median error {median:.1f}% of the range, {near:.0%} within 5%")
    for (op, parameter), errors in sorted(tally.errors.items()):
        median = 100 * float(np.median(errors))
        print(f"  {op}.{parameter}: median error {median:.1f}% of the range ({len(errors)})")
    wrong = [
        f"{pair} ({m} missed, {f} false)"
        for pair, m, f in zip(tally.names, tally.missed, tally.false, strict=True)
        if m or f
    ]
    for pair in wrong:
        print(f"    {pair}")


def _f1_interval(tally: Tally) -> tuple[float, float]:
    """95%, bootstrap over sources."""
    groups: dict[str, Any] = {}
    for source, *each in zip(tally.sources, tally.hit, tally.missed, tally.false, strict=True):
        groups[source] = groups.get(source, np.zeros(3)) + each
    sums = np.stack(list(groups.values()))
    draw = np.random.default_rng(1)
    found = []
    for _ in range(2000):
        hit, missed, false = sums[draw.integers(0, len(sums), len(sums))].sum(0)
        found.append(2 * hit / max(2 * hit + missed + false, 1))
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)
