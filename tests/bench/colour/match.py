"""``match``: a shot is matched to another framing of its scene, graded by other software.

The shot is the left of the first half of a take, the reference the right of its second half, nearer
and graded; both are stored as JPEG and seen as thumbnails. Differences are mean CIEDE2000 between
the true grade of the shot and the found one. Takes whose halves have nothing in common are counted
separately: they reveal no grade, only a likeness to guess.
"""

from __future__ import annotations

import time
from collections import defaultdict
from fractions import Fraction

import cv2
import numpy as np

from tests.bench.colour.foreign import Grade, Picture
from tests.bench.colour.judging import Judge, frames_of, interval, stored
from vedc.decide.arrays import Floats
from vedc.decide.grades.likeness import Likeness
from vedc.decide.grades.match.match import decide_match
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.shot import Shot
from vedc.decide.grades.space import GradeSpace
from vedc.decide.grades.tables import graded

TRIALS = 60
_PICTURES = 8
_HARM = 0.25
"""A shot that ends this much farther from the truth than it was is harmed."""


def main(judge: Judge) -> None:
    GradeSpace.load()
    print("\nmatch to another framing: mean CIEDE2000 [95% interval over sources]")
    for family, grades in judge.grades.items():
        _family(judge, family, grades)


def _family(judge: Judge, family: str, grades: list[tuple[str, Grade]]) -> None:
    draw = np.random.default_rng(21)
    found: dict[bool, dict[str, list[float]]] = {s: defaultdict(list) for s in (True, False)}
    sources: dict[bool, list[str]] = {True: [], False: []}
    spent = 0.0
    for trial in range(TRIALS):
        _, grade = grades[trial % len(grades)]
        take = judge.takes[draw.integers(len(judge.takes))]
        left = [part_of(p, 0.0, 0.15, 0.8) for p in frames_of(take, 0, 0.45, _PICTURES)]
        right = [part_of(p, 0.3, 0.2, 0.7) for p in frames_of(take, 0.55, 1, _PICTURES)]
        shot, reference = seen_as_shot(left), seen_as_shot([grade(p) for p in right])
        began = time.process_time()
        (decision,) = decide_match([shot], reference)
        spent += time.process_time() - began
        both = Likeness(shot.pictures).common(Likeness(reference.pictures), 1) is not None
        sources[both].append(take.source)
        pixels = np.stack(left)[:, ::3, ::3].reshape(-1, 3) / 255
        wanted = np.stack([grade(p) for p in left])[:, ::3, ::3].reshape(-1, 3) / 255
        colors, aims = (s.pictures.reshape(-1, 3) for s in (shot, reference))
        shown = {
            "untouched": pixels,
            "vedc": np.clip(graded(decision.steps, pixels), 0, 1),
            "Monge-Kantorovich": _transported(colors, aims, pixels),
            "channel histograms": _histograms(colors, aims, pixels),
        }
        for method, values in shown.items():
            found[both][method].append(float(delta_e(values, wanted).mean()))
    print(f"\n{family}: {len(grades)} grades, {1000 * spent / TRIALS:.0f} ms a shot")
    for both, methods in found.items():
        if not sources[both]:
            continue
        print(f"  {'something' if both else 'nothing'} in common, {len(sources[both])} shots")
        untouched = np.array(methods["untouched"])
        for method, values in methods.items():
            mean, low, high = interval(values, sources[both])
            harm = np.mean(np.array(values) > untouched + _HARM)
            tail = f"p95 {np.quantile(values, 0.95):5.2f}  harmed {harm:4.0%}"
            print(f"    {method:20s} {mean:5.2f} [{low:5.2f}, {high:5.2f}]  {tail}", flush=True)


def part_of(picture: Picture, left: float, top: float, size: float) -> Picture:
    """A part of a picture with its proportions."""
    height, width = picture.shape[:2]
    x, y = int(left * width), int(top * height)
    return picture[y : y + int(size * height), x : x + int(size * width)]


def seen_as_shot(pictures: list[Picture]) -> Shot:
    thumbs = [cv2.resize(stored(p), (48, 27), interpolation=cv2.INTER_AREA) for p in pictures]
    return Shot("main[1]", Fraction(0), Fraction(4), np.stack(thumbs))


def _transported(colors: Floats, aims: Floats, pixels: Floats) -> Floats:
    """Pitie and Kokaram's linear colour transfer (2007): the affine map between two normals."""
    one, other = (np.cov(v.T) + 1e-6 * np.eye(3) for v in (colors, aims))
    root = _root(one)
    inverse = np.linalg.inv(root)
    matrix = inverse @ _root(root @ other @ root) @ inverse
    return np.clip((pixels - colors.mean(0)) @ matrix + aims.mean(0), 0, 1)


def _root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def _histograms(colors: Floats, aims: Floats, pixels: Floats) -> Floats:
    at = np.linspace(0, 1, 101)
    columns = [
        np.interp(pixels[:, c], np.quantile(colors[:, c], at), np.quantile(aims[:, c], at))
        for c in range(3)
    ]
    return np.stack(columns, -1)
