"""The pictures that a style learns to paint: from a folder of footage, or generated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Byte, Generator
from vedc.train.clean.pictures import Scene, read_scenes
from vedc.train.cuts.footage import Item, list_items, split
from vedc.train.cuts.settings import Progress, TrainingProgress

_GENERATED: Final = (24, 6)
"""Generated pictures for training and for validation."""
_SIZE: Final = (360, 480)
_LEAVES: Final = 300
_LINES: Final = 400
"""The shorter side of scenes: frames of 720 lines at half size, with some room for motion."""


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """Scenes for training and validation; ``items`` are their files, none if generated."""

    teach: Sequence[Scene]
    validate: Sequence[Scene]
    items: Sequence[Item] = ()


def content(clips: Path | None, seed: int, progress: Progress) -> Content:
    """The scenes of a folder, except its test sources; without a folder, generated ones.

    Raises MissingError ``no-footage`` and ``too-few-sources``, and SpecError for a bad manifest.
    """
    if clips is None:
        random = np.random.default_rng([seed, 7])
        scenes = [Scene(f"generated {n}", (dead_leaves(random),)) for n in range(sum(_GENERATED))]
        return Content(scenes[: _GENERATED[0]], scenes[_GENERATED[0] :])
    items = list_items(clips)
    train, validation, test = (
        [item.source for item in items if item.use == use]
        for use in ("train", "validation", "test")
    )
    sources = [item.source for item in items]
    parts = split(sources, seed, train=train, validation=validation, test=test)
    progress(TrainingProgress("footage", 0, len(items), {}))
    teach, validate = ([i for i in items if i.source in sources] for sources in parts[:2])
    taught, judged = _sized(read_scenes(teach)), _sized(read_scenes(validate, 2))
    return Content(taught, judged, (*teach, *validate))


def _sized(scenes: Sequence[Scene]) -> list[Scene]:
    """Scenes at the size at which films are drawn, since strokes have a size in pixels."""
    import cv2

    def sized(picture: Byte) -> Byte:
        factor = _LINES / min(picture.shape[:2])
        by = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=by))

    return [Scene(scene.source, tuple(map(sized, scene.frames))) for scene in scenes]


def dead_leaves(random: Generator) -> Byte:
    """A picture (h, w, 3) of overlapping discs and bars, shaded and textured.

    Such pictures have many of the statistics of photographs: edges at all sizes, each side of one
    colour (Lee, Mumford and Huang 2001).
    """
    import cv2

    height, width = _SIZE
    made = np.empty((height, width, 3), np.float32)
    made[:] = random.uniform(0, 1, 3)
    for _ in range(_LEAVES):
        radius = 6 / random.uniform(6 / 160, 1)
        long = radius * random.choice([1.0, 1.0, 3.0])
        y, x = (int(random.uniform(0, side)) for side in (height, width))
        reach = int(long) + 1
        top, left = max(0, y - reach), max(0, x - reach)
        part = made[top : y + reach, left : x + reach]
        mask = np.zeros(part.shape[:2], np.uint8)
        axes = (max(1, int(long)), max(1, int(radius)))
        cv2.ellipse(mask, (x - left, y - top), axes, random.uniform(0, 180), 0, 360, 255, -1)
        slope = random.normal(0, 0.25 / radius, 2)
        rows, columns = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
        shade = slope[0] * (rows + top - y) + slope[1] * (columns + left - x)
        color = random.uniform(0, 1) + random.normal(0, 0.15, 3)
        np.copyto(part, (color + shade[..., None]).astype(np.float32), where=mask[..., None] > 0)
    grain = cv2.GaussianBlur(
        random.standard_normal((height, width, 1)).astype(np.float32), (0, 0), 2
    )
    soft: Any = cv2.GaussianBlur(made + 0.06 * grain[..., None], (0, 0), 0.7)
    return np.asarray((soft.clip(0, 1) * 255).round(), np.uint8)
