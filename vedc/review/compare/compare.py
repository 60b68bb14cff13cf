"""Comparing two sides: text, plan, frames, sound and captions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from vedc.review.compare.alignment import Run
from vedc.review.compare.captions import compare_captions
from vedc.review.compare.frames import (
    AtRate,
    Form,
    by_plans,
    form_of,
    is_encoded,
    measured_stretches,
    opened,
    picture_runs,
    plan_runs,
    possible_stretches,
    spans_of,
)
from vedc.review.compare.results import Comparison, Setting
from vedc.review.compare.settings import film_settings
from vedc.review.compare.sides import Drawing, Pictures, Side, SpecSide
from vedc.review.compare.sound import compare_sound

#: The PSNR above which a frame of a file counts as the same as a drawn one: a codec's losses are
#: smaller, an edit's changes larger.
ENCODED: Final = 32.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The sides and options of a comparison."""

    frames: bool = True
    """Whether frames and sound are drawn; the plans alone show what can differ."""
    sound: bool = True
    limit: float | None = None
    """The PSNR from which on frames are the same; None: only equal ones, and :data:`ENCODED`
    where a file is compared with a spec."""


class Opened:
    """The pictures of both sides, to be read while a comparison is open."""

    def __init__(self, before: Pictures, after: Pictures) -> None:
        self.before, self.after = before, after


@contextmanager
def compared(
    before: Side, after: Side, wanted: Wanted, drawing: Drawing, *, all_pictures: bool = False
) -> Iterator[tuple[Comparison, Opened | None]]:
    """The differences between two films, and their pictures while the block runs.

    ``all_pictures``: also inserted and removed frames, which have no counterpart.
    """
    found = Comparison(before.name, after.name)
    found.canvas = before.canvas, after.canvas
    found.settings = film_settings(before, after)
    found.measured = wanted.frames
    form = form_of(before, after)
    found.scaled = form is not None
    found.limit = wanted.limit or (ENCODED if is_encoded(before, after) else math.inf)
    runs: list[Run] = []
    with ExitStack() as stack:
        pictures = None
        if before.canvas is not None and after.canvas is not None:
            found.frames = _count(before), _count(after)
            runs, pictures = _frames(
                found, before, after, wanted, drawing, form, stack, all_pictures
            )
        if wanted.sound and wanted.frames:
            found.sound, found.sound_compared = compare_sound(before, after, runs, drawing)
        found.captions = compare_captions(before, after, runs)
        yield found, pictures


def _count(side: Side) -> int:
    first, end = side.span
    return end - first


def _frames(
    found: Comparison,
    before: Side,
    after: Side,
    wanted: Wanted,
    drawing: Drawing,
    form: Form | None,
    stack: ExitStack,
    all_pictures: bool,
) -> tuple[list[Run], Opened | None]:
    """Fill in what differs between the frames; returns how they belong together."""
    planned = found.planned = by_plans(before, after)
    if planned:
        assert isinstance(before, SpecSide) and isinstance(after, SpecSide)
        runs = plan_runs(before, after, drawing)
    elif not wanted.frames:
        return [], None
    else:
        counts = found.frames
        rate = float(after.fps / before.fps)
        old = opened(stack, before, [(0, counts[0])], drawing)
        new = opened(stack, after, [(0, counts[1])], drawing)
        runs = picture_runs(old, new, counts, rate, form)
        if rate != 1:
            new = AtRate(new, counts[1], rate)
        found.drawn = sum(counts)
    found.possible = possible_stretches(runs)
    found.moved = [(run.before, run.after) for run in runs if run.kind == "same" and run.shift]
    if not wanted.frames:
        found.stretches = found.possible
        return runs, None
    if planned:
        spans = [spans_of(found.possible, n, changed_only=not all_pictures) for n in (0, 1)]
        old = opened(stack, before, spans[0], drawing)
        new = opened(stack, after, spans[1], drawing)
        found.drawn = sum(end - first for side in spans for first, end in side)
    found.stretches = measured_stretches(found.possible, old, new, form, found.limit)
    return runs, Opened(old, new)


def outputs_of_one(before: Sequence[str], after: Sequence[str]) -> list[Setting]:
    """Outputs that only one side has."""
    return [
        *(Setting("output", name, "") for name in before if name not in after),
        *(Setting("output", "", name) for name in after if name not in before),
    ]
