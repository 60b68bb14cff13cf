"""Labelled synthetic edits of any footage, to train and test shot detectors.

An edit is a film of some shots whose boundaries are known: cuts, dissolves, fades, wipes and
slides. Pieces of one source joined to each other are the hard positives; flashes, whip pans,
dropped frames, titles and the like (``disturb``) are the hard negatives, labelled as well. ::

    footage = Footage.load(folder, cache=Path("kept"))
    train, validation, test = footage.split(seed=7)
    edit = make_edit(np.random.default_rng(5), footage.only(train), frames=100)
    edit.thumbs        # uint8 (100, 27, 48, 3)
    edit.boundaries        # LabelledBoundary("dissolve", 31, 55), ...
    edit.negatives     # Negative("flash", 70, 72), ...

The frames of a gradual boundary are those that show both shots, or the colour between them; a
cut at frame ``i``, the first of the new shot, has the range ``(i, i)``. A seed determines an edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from vedc.decide.arrays import Array, Byte, Generator
from vedc.train.cuts import disturb as disturb
from vedc.train.cuts.footage import Footage, split
from vedc.train.cuts.mixing import MIXES, colour_of, mix, ramp, settle
from vedc.train.cuts.shooting import Take, any_take, as_it_was, same_take, shoot

__all__ = [
    "Footage",
    "LabelledBoundary",
    "LabelledEdit",
    "Negative",
    "Recipe",
    "make_edit",
    "split",
]


DetectedKind = Literal["cut", "dissolve", "fade", "wipe", "slide"]
KINDS: Final = ("cut", "dissolve", "fade", "wipe", "slide")

#: (height, width) of the detectors' input.
THUMB: Final = (27, 48)

_UNLIKE: Final = (9.0, 0.4)
"""Least difference of two shots, in codes and in standard deviations."""


@dataclass(frozen=True, slots=True)
class LabelledBoundary:
    """Where two shots meet."""

    kind: DetectedKind
    start: int
    end: int
    """Half-open range of frames that show both shots or the colour between; empty for a cut."""


@dataclass(frozen=True, slots=True)
class Negative:
    """Frames that look like a boundary but are none."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class LabelledEdit:
    """A film and its ground truth."""

    thumbs: Byte
    """(n, 27, 48, 3) RGB, or of the requested size."""
    boundaries: tuple[LabelledBoundary, ...]
    negatives: tuple[Negative, ...]
    shots: tuple[str, ...] = ()
    """The clip of each shot, for inspection."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Frequencies of events in edits."""

    kinds: tuple[float, ...] = (0.44, 0.21, 0.12, 0.13, 0.10)
    """Shares of the boundaries, in the order of KINDS."""
    without: float = 0.15
    """Share of edits that have no boundary at all."""
    same: float = 0.35
    """Share of boundaries whose second shot comes from the same take as the first."""
    disturbed: float = 0.55
    """Probability that a shot carries a hard negative."""
    longest: int = 60
    """Frames of the longest gradual boundary."""
    resampled: float = 0.15
    """Share of edits whose frame rate was raised by showing frames twice."""
    edges: float = 0.03
    """Share of edits that fade in from, or out to, a plain colour."""
    varied: float = 1.0
    """Share of shots, and of films, that are graded, reframed or retimed; others are unchanged."""
    shot: tuple[float, float] = (10.0, 90.0)
    """Range of the mean length of the shots of an edit, in frames."""


PLAIN: Final = Recipe()


@dataclass(slots=True)
class _Film:
    """An edit under construction."""

    frames: Byte
    boundaries: list[LabelledBoundary] = field(default_factory=list)
    negatives: list[Negative] = field(default_factory=list)


def make_edit(
    rng: Generator,
    footage: Footage,
    frames: int = 100,
    size: tuple[int, int] = THUMB,
    recipe: Recipe = PLAIN,
) -> LabelledEdit:
    """An edit of ``frames`` frames at ``size`` (height, width)."""
    shown = _shown_twice(rng, frames) if rng.random() < recipe.resampled else None
    count = frames if shown is None else int(shown[-1]) + 1
    plan = _plan(rng, count, recipe)
    takes, parts, negatives = _shots(rng, footage, plan, count, size, recipe)
    film = _Film(np.empty((count, *size, 3), np.uint8), [], negatives)
    _join(rng, film, plan, parts)
    if rng.random() < recipe.edges:
        _edges(rng, film)
    if rng.random() < recipe.varied:
        spans = disturb.disturb_film(rng, film.frames, recipe.disturbed)
        film.negatives += [Negative(kind, a, b) for kind, a, b in spans]
    if shown is not None:
        film = _retimed(film, shown)
    return LabelledEdit(
        film.frames,
        tuple(film.boundaries),
        tuple(film.negatives),
        tuple(take.clip.name for take in takes),
    )


# --- planning ----------------------------------------------------------------------------------


def _plan(rng: Generator, count: int, recipe: Recipe) -> list[LabelledBoundary]:
    """Planned boundaries."""
    boundaries: list[LabelledBoundary] = []
    if rng.random() < recipe.without:
        return boundaries
    mean = float(np.exp(rng.uniform(*np.log(recipe.shot))))
    at = 0
    while True:
        kind = KINDS[int(rng.choice(len(KINDS), p=recipe.kinds))]
        shortest = 5 if kind == "cut" else 7
        at += shortest + int(rng.exponential(mean))
        length = 0
        if kind != "cut":
            low, high = (4, recipe.longest) if kind in ("dissolve", "fade") else (4, 40)
            length = int(np.exp(rng.uniform(np.log(low), np.log(high + 1))))
        if at + length + 5 > count:
            return boundaries
        boundaries.append(LabelledBoundary(kind, at, at + length))  # type: ignore[arg-type]
        at += length


def _shots(
    rng: Generator,
    footage: Footage,
    plan: list[LabelledBoundary],
    count: int,
    size: tuple[int, int],
    recipe: Recipe,
) -> tuple[list[Take], list[Byte], list[Negative]]:
    """The pictures of each shot, over all frames that show it."""
    takes: list[Take] = []
    parts: list[Byte] = []
    negatives: list[Negative] = []
    starts, ends = [0, *(b.start for b in plan)], [*(b.end for b in plan), count]
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        length = last - first
        alone_from = plan[number - 1].end if number else 0
        alone_to = plan[number].start if number < len(plan) else count
        alone = alone_from - first, alone_to - first
        best: tuple[float, Take, Byte, list[tuple[str, int, int]]] | None = None
        for attempt in range(12):
            if takes and attempt < 6 and rng.random() < recipe.same:
                take = same_take(rng, takes[-1], length)
            else:
                take = any_take(rng, footage, length)
            if rng.random() >= recipe.varied:
                take = as_it_was(take, length)
            part, spans = shoot(rng, footage, take, length, size, recipe.disturbed, alone)
            unlike = _unlike(parts[-1], part, plan[number - 1]) if parts else 0.0
            if best is None or unlike > best[0]:
                best = unlike, take, part, spans
            if unlike >= 0:
                break
        assert best is not None
        _, take, part, spans = best
        takes.append(take)
        parts.append(part)
        negatives += [Negative(kind, a + first, b + first) for kind, a, b in spans]
    return takes, parts, negatives


def _unlike(before: Byte, after: Byte, boundary: LabelledBoundary) -> float:
    """By how much two shots differ beyond the required minimum; negative if they differ too little.

    A person must be able to distinguish the shots, or the label would be wrong: they must differ in
    codes, and in shape at equal mean and contrast (a change of exposure is no boundary), both by
    far more than frames differ through motion.
    """
    length = boundary.end - boundary.start
    left, right = before[len(before) - length - 1], after[min(length, len(after) - 1)]
    moves = [
        _distances(part[k], part[k + 1])
        for part in (before[-4:], after[:4])
        for k in range(len(part) - 1)
    ]
    apart = _distances(left, right) - 3 * np.median(moves, axis=0)
    return float((apart - _UNLIKE).min())


def _distances(a: Byte, b: Byte) -> Array:
    """Mean differences of two pictures: in codes, and in standard deviations after
    normalisation."""
    import cv2

    near = [
        cv2.resize(p, (24, 14), interpolation=cv2.INTER_AREA).astype(np.float32).reshape(-1, 3)
        for p in (a, b)
    ]
    even = [p - p.mean(axis=0) for p in near]
    even = [p / max(10.0, float(p.std())) for p in even]
    return np.array([np.abs(near[0] - near[1]).mean(), np.abs(even[0] - even[1]).mean()])


# --- joining -----------------------------------------------------------------------------------


def _join(rng: Generator, film: _Film, plan: list[LabelledBoundary], parts: list[Byte]) -> None:
    """Put the shots into the film, and label the boundaries by their visible frames."""
    at = 0
    for number, part in enumerate(parts):
        start = plan[number - 1].start if number else 0
        skip = at - start
        end = plan[number].start if number < len(plan) else len(film.frames)
        film.frames[at:end] = part[skip : skip + end - at]
        at = end
        if number == len(plan):
            break
        boundary = plan[number]
        length = boundary.end - boundary.start
        if boundary.kind == "cut":
            film.boundaries.append(boundary)
            continue
        before, after = part[len(part) - length :], parts[number + 1][:length]
        mixed, seen = MIXES[boundary.kind](rng, before, after)
        film.frames[boundary.start : boundary.end] = mixed
        at = boundary.end
        shown = np.flatnonzero(seen)
        low, high = int(shown[0]), int(shown[-1]) + 1
        film.boundaries.append(
            LabelledBoundary(boundary.kind, boundary.start + low, boundary.start + high)
        )


def _edges(rng: Generator, film: _Film) -> None:
    """Fade in from a colour, or out to one, if no boundary is near."""
    length = int(rng.integers(5, 30))
    colour = colour_of(rng)
    count = len(film.frames)
    opens = rng.random() < 0.5
    start = 0 if opens else count - length
    if any(b.start <= start + length + 5 and b.end >= start - 5 for b in film.boundaries):
        return
    rising = ramp(rng, length)
    weights, _ = settle(rising[::-1] if opens else rising)
    part = film.frames[start : start + length]
    plain = np.broadcast_to(colour, part.shape)
    film.frames[start : start + length] = mix(part, plain, weights[:, None, None, None])
    shown = start + np.flatnonzero(weights > 0)
    if opens:
        film.boundaries.insert(0, LabelledBoundary("fade", 0, int(shown[-1]) + 1))
    else:
        film.boundaries.append(LabelledBoundary("fade", int(shown[0]), count))


# --- frame rates -------------------------------------------------------------------------------


def _shown_twice(rng: Generator, frames: int) -> Array:
    """The source frame of each frame, in a film whose rate was raised by repeating frames."""
    ratio = float(rng.choice([24 / 30, 0.5, 0.5, 25 / 30, 12.5 / 30, 15 / 25]))
    return (np.arange(frames) * ratio + rng.random()).astype(int)


def _retimed(film: _Film, shown: Array) -> _Film:
    """The film with repeated frames, and adjusted labels."""

    def first(frame: int) -> int:
        return int(np.searchsorted(shown, frame))

    return _Film(
        film.frames[shown],
        [LabelledBoundary(j.kind, first(j.start), first(j.end)) for j in film.boundaries],
        [Negative(n.kind, first(n.start), first(n.end)) for n in film.negatives],
    )
