"""Shared by all groups of rows: takes of held-out sources, grades by other software, intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tests.bench.colour import foreign
from tests.bench.measure import MEDIA
from vedc.decide.arrays import Floats
from vedc.train.cuts.footage import Clip, Footage

SIZE = (108, 192)
LOOKS = 12
_QUALITY = 92
_LONGEST = 600
"""Frames of a take that are used."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Takes, and grades by who made them."""

    takes: tuple[Clip, ...]
    grades: dict[str, list[tuple[str, foreign.Grade]]]

    @classmethod
    def load(cls, folder: Path, clips: Path | None, looks: Path | None) -> Judge | None:
        """None where there is no footage; prints what is missing."""
        clips = clips or MEDIA / "video"
        if not clips.is_dir():
            print(f"colour: left out, there is no footage in '{clips}'; name some with --clips")
            return None
        kept = "test" if (clips / "manifest.json").exists() else "any"
        footage = Footage.load(clips, SIZE, folder, only=lambda item: item.use == kept)
        takes = tuple(clip for clip in footage.clips if len(clip.frames) >= 24)
        print(f"colour: {len(takes)} takes of {len(footage.sources)} sources in '{clips}'")
        grades = {"FFmpeg's filters": list(foreign.ffmpeg()), "pilgram": list(foreign.pilgram())}
        if looks is not None:
            grades[".cube files"] = list(foreign.cubes(looks, LOOKS))
        else:
            print(".cube files: left out; name a folder with --looks")
        for name in [name for name, held in grades.items() if not held]:
            print(f"{name}: left out, there are none")
            del grades[name]
        return cls(takes, grades)


def frames_of(take: Clip, begin: float, end: float, count: int) -> list[foreign.Picture]:
    """Frames spread over a part of a take, which goes from 0 to 1."""
    last = min(len(take.frames), _LONGEST) - 1
    chosen = np.linspace(begin * last, end * last, count).round().astype(int)
    return [np.asarray(take.frames[i]) for i in chosen]


def stored(picture: foreign.Picture) -> Floats:
    """Display values of a picture after JPEG."""
    flags = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), flags)
    decoded = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return np.asarray(decoded, np.float64) / 255


def interval(values: Sequence[float], sources: Sequence[str]) -> tuple[float, float, float]:
    """Mean with a 95% interval: bootstrap over sources, whole sources at a time."""
    groups = [
        np.array([v for v, s in zip(values, sources, strict=True) if s == source])
        for source in sorted(set(sources))
    ]
    draw = np.random.default_rng(1)
    means = []
    for _ in range(2000):
        chosen = [groups[i] for i in draw.integers(0, len(groups), len(groups))]
        means.append(float(np.concatenate(chosen).mean()))
    low, high = np.quantile(means, (0.025, 0.975))
    return float(np.mean(values)), float(low), float(high)
