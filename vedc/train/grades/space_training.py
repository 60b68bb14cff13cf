"""Making the space of grades: draws, principal directions, and the file with its card."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Float, Floats, Generator
from vedc.decide.grades.space import DIRECTIONS, KNOWN
from vedc.decide.grades.tables import POINTS, Table, corners, identity, table_of
from vedc.train.grades.sampler import FAMILIES, draw_grade

_CHUNK: Final = 1000
"""Grades per chunk: each finished chunk is kept in a file."""
_SWEEPS: Final = 3
"""Passes of the subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4)."""
_SPARE: Final = 16
_RARE: Final = 0.02
"""The least weight of a colour, relative to the most frequent one."""


@dataclass(frozen=True, slots=True)
class SpaceSettings:
    """The settings of a space of grades."""

    grades: int = 20_000
    seed: int = 17
    without: frozenset[str] = frozenset()
    """Families left out, so that estimates can be tested on them."""
    copies: int = 40
    """How many times a look added by the user counts."""


Report = Callable[[str, int, int], None]
"""Stage, step, steps."""


def drawn_chunk(settings: SpaceSettings, number: int, count: int) -> Float:
    """Displacements (count, 17 ** 3 * 3) of random grades, determined by ``number``."""
    numbers = np.random.default_rng([settings.seed, number])
    rows = np.empty((count, POINTS * 3), np.float16)
    for row in rows:
        row[:] = (table_of(draw_grade(numbers, settings.without)) - identity()).ravel()
    return rows.astype(np.float32)


def drawn_grades(
    settings: SpaceSettings, scratch: Path, looks: Sequence[Table], report: Report
) -> list[Path]:
    """Files of displacements below ``scratch``; existing chunks are reused."""
    scratch.mkdir(parents=True, exist_ok=True)
    names = sorted(settings.without)
    mark = json.dumps([settings.seed, names, sorted(FAMILIES), _CHUNK])
    if not (scratch / "settings.json").exists() or (scratch / "settings.json").read_text() != mark:
        for old in scratch.glob("*.npy"):
            old.unlink()
        (scratch / "settings.json").write_text(mark)
    found = []
    chunks = -(-settings.grades // _CHUNK)
    for number in range(chunks):
        file = scratch / f"{number:04}.npy"
        count = min(_CHUNK, settings.grades - number * _CHUNK)
        if not file.exists() or len(np.load(file, mmap_mode="r")) != count:
            part = file.with_suffix(".part.npy")
            np.save(part, drawn_chunk(settings, number, count).astype(np.float16))
            part.replace(file)
        found.append(file)
        report("draw", number + 1, chunks)
    if looks:
        rows = np.stack([(look - identity()).ravel() for look in looks])
        file = scratch / "looks.npy"
        np.save(file, np.repeat(rows, settings.copies, 0).astype(np.float16))
        found.append(file)
    return found


def frequencies(pictures: Sequence[Floats]) -> Floats:
    """How often each colour of the lattice occurs in footage (17 ** 3,); pictures have equal
    weight."""
    total: Floats = np.zeros(POINTS)
    for picture in pictures:
        points, shares = corners(picture.reshape(-1, 3))
        counts = np.bincount(points.ravel(), shares.ravel(), POINTS)
        total += counts / counts.sum()
    return np.asarray(total / total.sum(), np.float64)


def principal(files: Sequence[Path], frequent: Floats, seed: int, report: Report) -> dict[str, Any]:
    """Mean, directions and known weights, shaped as in ``space.SHAPES``.

    Colours are weighted by the square root of their frequency, with a minimum: directions should
    distinguish real footage, which rarely reaches saturated corners.
    """
    weight = np.maximum(np.sqrt(frequent / frequent.max()), _RARE)
    each = np.repeat(np.sqrt(weight), 3).astype(np.float32)
    count, mean = 0, np.zeros(POINTS * 3)
    for file in files:
        rows = np.load(file).astype(np.float32)
        count, mean = count + len(rows), mean + rows.sum(0, np.float64)
    mean = (mean / count).astype(np.float32)

    def scaled(file: Path) -> Float:
        result: Float = (np.load(file).astype(np.float32) - mean) * each
        return result

    numbers = np.random.default_rng(seed)
    basis = numbers.standard_normal((POINTS * 3, DIRECTIONS + _SPARE)).astype(np.float32)
    steps, step = _SWEEPS * len(files) + len(files), 0
    for _ in range(_SWEEPS):
        basis = np.linalg.qr(basis)[0]
        product = np.zeros_like(basis)
        for file in files:
            rows = scaled(file)
            product += rows.T @ (rows @ basis)
            step += 1
            report("directions", step, steps)
        basis = product
    basis = np.linalg.qr(basis)[0]
    parts, whole = [], 0.0
    for file in files:
        rows = scaled(file)
        parts.append(rows @ basis)
        whole += float(np.square(rows, dtype=np.float64).sum())
        step += 1
        report("directions", step, steps)
    inner = np.concatenate(parts)
    left, sizes, turn = np.linalg.svd(inner, full_matrices=False)
    deviations = sizes[:DIRECTIONS] / np.sqrt(count)
    directions = (turn[:DIRECTIONS] @ basis.T) * deviations[:, np.newaxis] / each
    known = left[:, :DIRECTIONS] * np.sqrt(count)
    return {
        "mean": mean.reshape(POINTS, 3),
        "directions": directions.reshape(DIRECTIONS, POINTS, 3),
        "known": _spread_out(known, numbers),
        "explained": float((sizes[:DIRECTIONS] ** 2).sum() / whole),
        "count": count,
    }


def _spread_out(known: Float, numbers: Generator) -> Float:
    """A random choice of as many grades as the file holds."""
    chosen = numbers.permutation(len(known))[:KNOWN]
    if len(chosen) < KNOWN:
        chosen = np.concatenate([chosen, numbers.integers(0, len(known), KNOWN - len(chosen))])
    kept: Float = known[np.sort(chosen)]
    return kept


def packed(found: dict[str, Any]) -> dict[str, Any]:
    """The arrays of the file, shaped as in ``space.SHAPES``, with large ones quantised to bytes."""
    directions, scales = _bytes(found["directions"])
    known, known_scales = _bytes(found["known"].T)
    return {
        "mean": found["mean"].astype(np.float16),
        "directions": directions,
        "scales": scales,
        "known": np.ascontiguousarray(known.T),
        "known_scales": known_scales,
    }


def _bytes(values: Float) -> tuple[Any, Float]:
    """Values quantised to bytes, and the scale of each row."""
    flat = values.reshape(len(values), -1)
    scales = (np.abs(flat).max(1) / 127).astype(np.float32)
    rounded = np.rint(flat / scales[:, np.newaxis]).astype(np.int8)
    return rounded.reshape(values.shape), scales
