"""The training data of a style: pieces of a painting, and windows of clips with a known warp."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Byte, Generator
from vedc.errors import MissingError, SpecError
from vedc.train.clean.pictures import Cutter, Scene
from vedc.train.cuts.settings import import_extra

#: The shorter side of a painting, in pixels of a frame at half size.
PAINTED: Final = 420
_LEAST: Final = 128
_FLATTEST: Final = 0.01


def read_painting(file: Path, shorter: int = PAINTED) -> Byte:
    """A painting (h, w, 3), R'G'B', its shorter side at most ``shorter``.

    Raises MissingError ``no-painting`` and SpecError ``bad-painting``.
    """
    import cv2

    if not file.is_file():
        raise MissingError.one(
            "no-painting", f"the painting '{file}' is not there", hint="name a PNG or JPEG"
        )
    picture = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR) if _some(file) else None
    if picture is None:
        raise _unfit(file, "it is not a picture that can be read", "name a PNG or JPEG")
    least = min(picture.shape[:2])
    if least < _LEAST:
        size = f"{picture.shape[1]}x{picture.shape[0]}"
        raise _unfit(file, f"it has {size} pixels", f"take one of {_LEAST} or more on each side")
    if picture.std() < 255 * _FLATTEST:
        raise _unfit(file, "it is of one colour", "take one with strokes in it")
    factor = min(1.0, shorter / least)
    if factor < 1:
        picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture[..., ::-1])


def _some(file: Path) -> bool:
    return file.stat().st_size > 0


def _unfit(file: Path, why: str, hint: str) -> SpecError:
    return SpecError.one("bad-painting", f"no style can be taken from '{file}': {why}", hint=hint)


def pieces(painting: Byte, side: int, count: int, random: Generator) -> Any:
    """Pieces of a painting (count, side, side, 3), float32 in 0..1, mirrored at random."""
    height, width = painting.shape[:2]
    side = min(side, height, width)
    found = []
    for _ in range(count):
        y, x = (int(random.integers(0, n - side + 1)) for n in (height, width))
        piece = painting[y : y + side, x : x + side]
        found.append(piece[:, ::-1] if random.random() < 0.5 else piece)
    return np.stack(found).astype(np.float32) / 255


class Windows:
    """Random windows of three frames, in the layout of the network's input."""

    def __init__(self, scenes: Sequence[Scene], side: int) -> None:
        self._cutter = Cutter(scenes, side)

    def cut(self, count: int, random: Generator) -> Any:
        """Windows (count, side, side, 9), float32 in 0..1."""
        cuts = [_exposed(self._cutter.cut(random), random) for _ in range(count)]
        return np.stack([c.transpose(1, 2, 0, 3).reshape(*c.shape[1:3], 9) for c in cuts])


def _exposed(window: Any, random: Generator) -> Any:
    """A window, in half of the cases brightened until its highlights are white."""
    if random.random() < 0.5:
        return window
    return (window / max(0.1, float(np.quantile(window, 0.99)))).clip(0, 1)


def warp(count: int, side: int, random: Generator) -> Any:
    """The source of each pixel, (count, side, side, 2) in -1..1: a shift, rotation and zoom of the
    picture with smooth waves, as objects and cameras move from frame to frame."""
    torch = import_extra("torch")
    at = (np.arange(side, dtype=np.float32) + 0.5) * 2 / side - 1
    columns, rows = np.meshgrid(at, at)
    found = []
    for _ in range(count):
        pace = random.choice([1.0, 3.0, 8.0]) * 2 / side
        turn, zoom = random.normal(0, 0.4 * pace), random.normal(0, 0.4 * pace)
        dx, dy = random.normal(0, pace, 2)
        x = columns * (1 + zoom) - rows * turn + dx
        y = rows * (1 + zoom) + columns * turn + dy
        for axis in (0, 1):
            kx, ky = random.normal(0, 2.0, 2)
            wave = np.sin(math.pi * (kx * columns + ky * rows) + random.uniform(0, 6.28))
            wave = wave * random.normal(0, 0.4 * pace)
            x, y = (x + wave, y) if axis == 0 else (x, y + wave)
        found.append(np.stack([x, y], -1))
    return torch.from_numpy(np.stack(found).astype(np.float32))
