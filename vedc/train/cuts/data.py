"""Batches of labelled edits for training, made in advance by other processes.

A batch is determined by the seed and its own number, so a resumed training sees the same batches as
an uninterrupted one, with any number of processes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

from vedc.decide.arrays import Byte, Float, Ints
from vedc.models.cuts import network
from vedc.train.cuts.edits import PLAIN, Footage, LabelledBoundary, LabelledEdit, Recipe, make_edit
from vedc.train.cuts.settings import Settings

#: Soft labels around the first and the last frame of a gradual transition, which hardly differ from
#: their neighbours.
_NEAR: Final = (1.0, 0.6, 0.2)


#: For later batches: more hard negatives.
HARD: Final = replace(PLAIN, without=0.3, disturbed=0.85, same=0.3)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Edits of the same length."""

    patches: Byte
    """(b, t, 9, 16, 27): ``network.patches``."""
    plain: Float
    """(b, t, 3 pairs): ``network.compared``."""
    events: Float
    """(b, t, 4): targets of the first four columns of ``network.forward``."""
    kinds: Ints
    """(b, t): index in ``network.KINDS``; -1 where there is no target."""


def labels(boundaries: Iterable[LabelledBoundary], frames: int) -> tuple[Float, Ints]:
    """Targets of an edit: events (t, 4) and kinds (t,)."""
    events = np.zeros((frames, 4), np.float32)
    kinds = np.full(frames, -1, np.int64)
    for boundary in boundaries:
        if boundary.kind == "cut":
            if boundary.start < frames:
                events[boundary.start, network.CUT] = 1
                kinds[boundary.start] = 0
            continue
        inside = slice(boundary.start, boundary.end)
        events[inside, network.GRADUAL] = 1
        kinds[inside] = network.KINDS.index(boundary.kind)
        for column, at in ((network.START, boundary.start), (network.END, boundary.end - 1)):
            for off in range(1 - len(_NEAR), len(_NEAR)):
                if 0 <= at + off < frames:
                    events[at + off, column] = max(events[at + off, column], _NEAR[abs(off)])
    return events, kinds


def batch_of(edits: list[LabelledEdit]) -> Batch:
    """A batch of edits."""
    targets = [labels(edit.boundaries, len(edit.thumbs)) for edit in edits]
    return Batch(
        np.stack([network.patches(edit.thumbs) for edit in edits]),
        np.stack([network.compared(edit.thumbs) for edit in edits]),
        np.stack([events for events, _ in targets]),
        np.stack([kinds for _, kinds in targets]),
    )


def reversed_edit(edit: LabelledEdit) -> LabelledEdit:
    """The edit played backwards."""
    n = len(edit.thumbs)
    boundaries = tuple(
        LabelledBoundary(j.kind, n - j.end, n - j.start) for j in reversed(edit.boundaries)
    )
    return LabelledEdit(edit.thumbs[::-1], boundaries, (), edit.shots[::-1])


def mirrored(batch: Batch) -> Batch:
    """The edits mirrored left to right, which changes neither labels nor plain similarities."""
    b, t, rows, columns, _ = batch.patches.shape
    squares = batch.patches.reshape(b, t, rows, columns, 3, 3, 3)[:, :, :, ::-1, :, ::-1]
    return replace(batch, patches=squares.reshape(batch.patches.shape))


_BLOCK: Final = 8


def training_batches(batches: Callable[[int], Iterator[Batch]], first: int) -> Iterator[Batch]:
    """The batches of steps ``first``, ``first + 1``, ...: eight, then the same ones mirrored.

    Making edits takes about as long as learning from them, so each is used twice.
    """
    skip = first % (2 * _BLOCK)
    fresh = batches(first // (2 * _BLOCK) * _BLOCK)
    while True:
        held = [next(fresh) for _ in range(_BLOCK)] if skip else []
        if held:
            yield from [*held, *map(mirrored, held)][skip:]
            skip = 0
            continue
        for _ in range(_BLOCK):
            held.append(next(fresh))
            yield held[-1]
        yield from map(mirrored, held)


class BatchMaker:
    """Makes batches in advance."""

    def __init__(
        self, folder: Path, cache: Path | None, sources: tuple[str, ...], settings: Settings
    ) -> None:
        harder = round(settings.harder * settings.steps) // 2  # the first batch with HARD
        self._job = (settings.seed, settings.batch, settings.frames, harder)
        self._ahead = 2 + _BLOCK
        self._pool = ProcessPoolExecutor(
            settings.processes, get_context("spawn"), _prepare, (folder, cache, sources)
        )

    def __call__(self, first: int) -> Iterator[Batch]:
        """An endless iterator over batches, starting at number ``first``."""
        waiting: deque[Future[Batch]] = deque()
        number = first
        while True:
            while len(waiting) < self._ahead:
                waiting.append(self._pool.submit(_make, number, *self._job))
                number += 1
            yield waiting.popleft().result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


_HELD: dict[str, Footage] = {}
"""The data loaded by a worker process."""


def _prepare(folder: Path, cache: Path | None, sources: tuple[str, ...]) -> None:
    import cv2

    cv2.setNumThreads(1)
    _HELD["footage"] = Footage.load(folder, cache=cache).only(sources)


def _make(number: int, seed: int, size: int, frames: int, harder: int) -> Batch:
    edits = []
    recipe = HARD if number >= harder else PLAIN
    for i in range(size):
        rng = np.random.default_rng([seed, number, i])
        edit = make_edit(rng, _HELD["footage"], frames, recipe=recipe)
        edits.append(reversed_edit(edit) if rng.random() < 0.3 else edit)
    return batch_of(edits)


def fixed_edits(
    footage: Footage, seed: int, count: int, frames: int, recipe: Recipe = PLAIN
) -> list[LabelledEdit]:
    """A fixed set of edits for validation."""
    return [
        make_edit(np.random.default_rng([seed, i]), footage, frames, recipe=recipe)
        for i in range(count)
    ]
