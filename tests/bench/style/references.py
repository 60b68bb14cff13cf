"""The distance of tests/bench/style/judging.py for pictures whose likeness is known.

Before it judges a style: pieces of the painting, the painting at other sizes, other paintings as
they are and in its colours, and frames that share only the painting's colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.bench.measure import row
from tests.bench.style.judging import Likeness
from vedc.train.style.pictures import read_painting

_SIZES: Final = (300, 360, 500)


def references(name: str, file: Path, judge: Likeness, frames: Sequence[Any]) -> None:
    """Print the distance of each, in the units in which the painting itself has 0."""
    painting = _read(file)
    height, width = painting.shape[:2]
    halves = painting[:, : width // 2], painting[:, width // 2 :]
    bands = painting[: height // 2], painting[height // 2 :]
    _tell(name, "left and right half", [judge.of(p) for p in halves])
    _tell(name, "upper and lower half", [judge.of(p) for p in bands])
    _tell(
        name, f"at {', '.join(map(str, _SIZES))} pixels", [judge.of(_read(file, s)) for s in _SIZES]
    )
    others = [_read(f) for f in sorted(file.parent.glob("*.jpg")) if f != file]
    _tell(name, "other paintings", [judge.of(p) for p in others])
    _tell(name, "those in its colours", [judge.of(recolored(p, painting)) for p in others])
    before = [judge.distance(p) for p in frames]
    after = [judge.distance(recolored(p, painting)) for p in frames]
    _tell(name, "frames", before)
    _tell(name, "frames in its colours", after)
    closer = np.mean([1 - a / b for a, b in zip(after, before, strict=True)])
    row(f"{name}: frames in its colours", f"{closer:.2f} closer")


def recolored(picture: Any, painting: Any) -> Any:
    """A picture with the mean and the covariance of a painting's colours."""
    had, wanted = (p.reshape(-1, 3).astype(np.float64) for p in (picture, painting))
    root, inverse = _power(np.cov(had.T), 0.5), _power(np.cov(had.T), -0.5)
    matrix = inverse @ _power(root @ np.cov(wanted.T) @ root, 0.5) @ inverse
    made = (had - had.mean(0)) @ matrix + wanted.mean(0)
    return made.clip(0, 1).astype(np.float32).reshape(picture.shape)


def _power(matrix: Any, exponent: float) -> Any:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.maximum(values, 1e-6) ** exponent) @ vectors.T


def _read(file: Path, *shorter: int) -> Any:
    return read_painting(file, *shorter).astype(np.float32) / 255


def _tell(name: str, what: str, distances: Sequence[float]) -> None:
    row(f"{name}: distance of {what}", ", ".join(f"{d:.2f}" for d in distances))
