"""``equalise``: five pieces of a take, all but the first changed as cameras differ.

The first piece is the hero. Differences are mean CIEDE2000 between all pairs of pieces over the
colours of the whole take, after the decided steps over before. The same takes without changes show
how often something is done where nothing is needed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import cv2
import numpy as np

from tests.bench.colour.foreign import Grade, chained
from tests.bench.colour.judging import Judge, frames_of, interval, stored
from vedc.decide.arrays import Floats
from vedc.decide.grades.equalise.decide import decide_equalise
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.shot import Decision, Shot
from vedc.decide.grades.tables import graded
from vedc.train.cuts.footage import Clip

#: Differences between cameras and takes, as FFmpeg filters; the hero first.
CAMERAS = (
    "null",
    "exposure=exposure=0.4,colortemperature=temperature=5600",
    "exposure=exposure=-0.35,hue=s=0.85",
    "colortemperature=temperature=7600,curves=all='0/0 0.3/0.26 0.7/0.75 1/1'",
    "colorlevels=romin=.02:gomin=.02:bomin=.02,hue=s=1.15,exposure=exposure=0.15",
)


def main(judge: Judge) -> None:
    cameras = [chained(chain) for chain in CAMERAS]
    shares, before, sources = [], [], []
    acted, spent = 0, 0.0
    for take in judge.takes:
        began = time.process_time()
        decided = decide_equalise(_shots(take, cameras), hero=frozenset({0}))
        spent += time.process_time() - began
        acted += sum(bool(d.steps) for d in decided)
        colors = [_colors(take, camera) for camera in cameras]
        apart = _apart(colors, [Decision((), 0.0)] * len(cameras))
        before.append(apart)
        shares.append(_apart(colors, decided) / apart)
        sources.append(take.source)
    idle = [
        decide_equalise(_shots(take, cameras[:1] * 5), hero=frozenset({0})) for take in judge.takes
    ]
    touched = sum(any(d.steps for d in decided) for decided in idle)
    mean, low, high = interval(shares, sources)
    count = len(judge.takes)
    print(f"\nequalise: {count} takes of five pieces, {np.mean(before):.1f} apart before")
    print(f"  {mean:.0%} [{low:.0%}, {high:.0%}] of it is left; asked: at most 35%")
    print(
        f"  above 35%: {sum(s > 0.35 for s in shares)} takes; {acted} of {4 * count} pieces changed"
    )
    print(f"  unchanged takes in which a piece was changed: {touched}")
    print(f"  {1000 * spent / count / len(cameras):.0f} ms a shot", flush=True)


def _shots(take: Clip, cameras: Sequence[Grade]) -> list[Shot]:
    made = []
    for number, camera in enumerate(cameras):
        begin, end = number / len(cameras), (number + 1) / len(cameras)
        pictures = [stored(camera(p)) for p in frames_of(take, begin, end - 0.01, 8)]
        thumbs = [cv2.resize(p, (48, 27), interpolation=cv2.INTER_AREA) for p in pictures]
        made.append(Shot(f"main[{number + 1}]", Fraction(0), Fraction(1), np.stack(thumbs)))
    return made


def _colors(take: Clip, camera: Grade) -> Floats:
    pictures = np.stack([camera(p) for p in frames_of(take, 0, 1, 5)])
    return pictures[:, ::4, ::4].reshape(-1, 3) / 255


def _apart(colors: Sequence[Floats], decided: Sequence[Decision]) -> float:
    shown = [np.clip(graded(d.steps, c), 0, 1) for d, c in zip(decided, colors, strict=True)]
    return float(np.mean([delta_e(a, b).mean() for a, b in combinations(shown, 2)]))
