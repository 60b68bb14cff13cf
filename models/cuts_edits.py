"""Labelled edits made of any footage: what the network of shots learns from and is judged by.

An edit is a film of some shots whose joints are known because they were made: cuts, dissolves,
fades, wipes and slides. Pieces of one source joined to each other are the hard positives;
flashes, whip pans, dropped frames, titles and their like (``cuts_disturb``) are the hard
negatives, whose places are told as well. ::

    footage = Footage.load(folder, cache=Path("kept"))
    train, validation, test = footage.split(seed=7)
    edit = make_edit(np.random.default_rng(5), footage.only(train), frames=100)
    edit.thumbs        # uint8 (100, 27, 48, 3)
    edit.joints        # Joint("dissolve", 31, 55), ...
    edit.negatives     # Negative("flash", 70, 72), ...

The frames of a gradual joint are those that show both shots, or the colour between them; a
cut at frame ``i``, the first of the new shot, is ``(i, i)``. Everything follows from the
generator that is handed in, so that a seed names an edit for good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from vedc.models import cuts_disturb as disturb
from vedc.models.cuts_footage import Clip, Footage, smooth_noise, split

__all__ = ["Footage", "Joint", "LabelledEdit", "Negative", "Recipe", "make_edit", "split"]

Byte = NDArray[np.uint8]
Float = NDArray[np.float32]
Array = NDArray[Any]
Generator = np.random.Generator

JointKind = Literal["cut", "dissolve", "fade", "wipe", "slide"]
KINDS: Final = ("cut", "dissolve", "fade", "wipe", "slide")

#: (height, width) of what the detectors look at.
THUMB: Final = (27, 48)

_UNLIKE: Final = (9.0, 0.4)
"""How far two shots are apart at least, in codes and in parts of a deviation."""

_NO_GRADE: Final[Byte] = np.tile(np.arange(256, dtype=np.uint8), (3, 1))

_SEEN: Final = 0.01
"""Share of a picture, or weight of a mix, below which a shot counts as not shown."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Where two shots meet."""

    kind: JointKind
    start: int
    end: int
    """Half-open range of the frames that show both, or what lies between; empty for a cut."""


@dataclass(frozen=True, slots=True)
class Negative:
    """A stretch that looks like a joint and is none."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class LabelledEdit:
    """A film and the truth about it."""

    thumbs: Byte
    """(n, 27, 48, 3) RGB; at another size where one was asked for."""
    joints: tuple[Joint, ...]
    negatives: tuple[Negative, ...]
    shots: tuple[str, ...] = ()
    """The clip of each shot, for whoever looks into it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How often what happens."""

    kinds: tuple[float, ...] = (0.44, 0.21, 0.12, 0.13, 0.10)
    """Shares of the joints, in the order of KINDS."""
    without: float = 0.15
    """Share of edits that have no joint at all."""
    same: float = 0.35
    """Share of joints whose second shot comes from the same take as the first."""
    disturbed: float = 0.55
    """Probability that a shot carries a hard negative."""
    longest: int = 60
    """Frames of the longest gradual joint."""
    resampled: float = 0.15
    """Share of edits whose frame rate was raised by showing frames twice."""
    edges: float = 0.03
    """Share of edits that open out of, or close into, a plain colour."""
    varied: float = 1.0
    """Share of shots, and of films, that are graded, framed, sped up; the rest is as it was."""
    shot: tuple[float, float] = (10.0, 90.0)
    """Range of the mean length of the shots of an edit, in frames."""


PLAIN: Final = Recipe()


@dataclass(slots=True)
class _Take:
    """What one shot shows: a clip, from where, and how it was graded and framed."""

    clip: Clip
    start: float
    speed: float
    mirror: bool
    table: Byte
    """(3, 256): the grade of each channel."""
    saturation: float
    zoom: float
    """Share of the width that is seen."""
    at: tuple[float, float]
    """Where in what is left: 0 to 1."""
    drift: tuple[float, float, float]
    """Change of the place and of the zoom over 100 frames."""
    shake: float
    """Deviation in parts of the width."""


@dataclass(slots=True)
class _Film:
    """An edit in the making."""

    frames: Byte
    joints: list[Joint] = field(default_factory=list)
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
        told = disturb.whole_film(rng, film.frames, recipe.disturbed)
        film.negatives += [Negative(kind, a, b) for kind, a, b in told]
    if shown is not None:
        film = _retimed(film, shown)
    return LabelledEdit(
        film.frames,
        tuple(film.joints),
        tuple(film.negatives),
        tuple(take.clip.name for take in takes),
    )


# --- what follows what -------------------------------------------------------------------------


def _plan(rng: Generator, count: int, recipe: Recipe) -> list[Joint]:
    """Where the joints are meant to be, and of which kind."""
    joints: list[Joint] = []
    if rng.random() < recipe.without:
        return joints
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
            return joints
        joints.append(Joint(kind, at, at + length))  # type: ignore[arg-type]
        at += length


def _shots(
    rng: Generator,
    footage: Footage,
    plan: list[Joint],
    count: int,
    size: tuple[int, int],
    recipe: Recipe,
) -> tuple[list[_Take], list[Byte], list[Negative]]:
    """The pictures of each shot, over all frames in which it is seen."""
    takes: list[_Take] = []
    parts: list[Byte] = []
    negatives: list[Negative] = []
    for number in range(len(plan) + 1):
        first = plan[number - 1].start if number else 0
        last = plan[number].end if number < len(plan) else count
        alone = (
            plan[number - 1].end if number else 0,
            plan[number].start if number < len(plan) else count,
        )
        best: tuple[float, _Take, Byte, list[tuple[str, int, int]]] | None = None
        for attempt in range(12):
            same = bool(takes) and attempt < 6 and rng.random() < recipe.same
            take = (
                _same(rng, takes[-1], last - first) if same else _take(rng, footage, last - first)
            )
            if rng.random() >= recipe.varied:
                take = _as_it_was(take, last - first)
            part, told = _shoot(
                rng,
                footage,
                take,
                last - first,
                size,
                recipe.disturbed,
                (alone[0] - first, alone[1] - first),
            )
            unlike = _unlike(parts[-1], part, plan[number - 1]) if parts else 0.0
            if best is None or unlike > best[0]:
                best = unlike, take, part, told
            if unlike >= 0:
                break
        assert best is not None
        _, take, part, told = best
        takes.append(take)
        parts.append(part)
        negatives += [Negative(kind, a + first, b + first) for kind, a, b in told]
    return takes, parts, negatives


def _unlike(before: Byte, after: Byte, joint: Joint) -> float:
    """By how much two shots look apart beyond what must be, or (negative) fall short of it.

    A person must be able to see that these are two shots, or the label would be a lie: they
    differ in codes, and in shape when brought to one mean and contrast (a change of exposure
    alone is none), and in both by far more than things move from frame to frame.
    """
    length = joint.end - joint.start
    left, right = before[len(before) - length - 1], after[min(length, len(after) - 1)]
    moves = [
        _distances(part[k], part[k + 1])
        for part in (before[-4:], after[:4])
        for k in range(len(part) - 1)
    ]
    apart = _distances(left, right) - 3 * np.median(moves, axis=0)
    return float((apart - _UNLIKE).min())


def _distances(a: Byte, b: Byte) -> Array:
    """Mean differences of two pictures: in codes, and in parts of a deviation when evened out."""
    import cv2

    near = [
        cv2.resize(p, (24, 14), interpolation=cv2.INTER_AREA).astype(np.float32).reshape(-1, 3)
        for p in (a, b)
    ]
    even = [p - p.mean(axis=0) for p in near]
    even = [p / max(10.0, float(p.std())) for p in even]
    return np.array([np.abs(near[0] - near[1]).mean(), np.abs(even[0] - even[1]).mean()])


# --- shooting ----------------------------------------------------------------------------------


def _take(rng: Generator, footage: Footage, length: int) -> _Take:
    """A piece of any take. Photographs are a quarter; of the others, a source that holds more
    is taken more often, but less than in proportion."""
    stills = rng.random() < 0.25
    clips = [c for c in footage.clips if c.still == stills] or list(footage.clips)
    held: dict[str, int] = {}
    for clip in clips:
        held[clip.source] = held.get(clip.source, 0) + len(clip.frames)
    name = _picked(rng, list(held), [held[name] for name in held])
    inside = [clip for clip in clips if clip.source == name]
    clip = _picked(rng, inside, [len(clip.frames) for clip in inside])
    return _framed(rng, clip, length, *_grade(rng))


def _picked(rng: Generator, things: list[Any], sizes: list[int]) -> Any:
    weights = np.array(sizes, float) ** 0.7
    return things[int(rng.choice(len(things), p=weights / weights.sum()))]


def _same(rng: Generator, other: _Take, length: int) -> _Take:
    """A piece of the same take: later or earlier, or framed anew; graded alike, mostly."""
    clip = other.clip
    grade = (other.table, other.saturation) if rng.random() < 0.7 else _grade(rng)
    take = _framed(rng, clip, length, *grade)
    take.mirror = other.mirror if rng.random() < 0.85 else not other.mirror
    if rng.random() < 0.5:  # the same camera, as in a jump cut
        take.zoom, take.at, take.drift = other.zoom, other.at, other.drift
        take.shake, take.speed = other.shake, other.speed
    return take


def _as_it_was(take: _Take, length: int) -> _Take:
    """The same piece at its own speed, whole and ungraded."""
    start = max(0, min(int(take.start), len(take.clip.frames) - length))
    return _Take(
        take.clip,
        float(start),
        1.0,
        False,
        _NO_GRADE,
        1.0,
        1.0,
        (0.0, 0.0),
        (0, 0, 0),
        0.0,
    )


def _framed(rng: Generator, clip: Clip, length: int, table: Byte, saturation: float) -> _Take:
    speed = float(np.exp(rng.normal(0, 0.35))) if rng.random() < 0.4 else 1.0
    if rng.random() < 0.1:
        speed = -speed
    total = len(clip.frames)
    room = max(1.0, total - 1 - abs(speed) * length)
    start = float(rng.uniform(0, room)) + (abs(speed) * length if speed < 0 else 0)
    moving = rng.random() < 0.5
    zoom = float(rng.uniform(0.5, 0.95)) if rng.random() < 0.6 else 1.0
    drift = rng.normal(0, 0.25, 3) if moving else np.zeros(3)
    shake = float(rng.choice([0, 0, 0.003, 0.01, 0.02]))
    return _Take(
        clip,
        start,
        speed,
        bool(rng.random() < 0.3),
        table,
        saturation,
        zoom,
        (float(rng.random()), float(rng.random())),
        (float(drift[0]), float(drift[1]), float(drift[2]) * 0.5),
        shake,
    )


def _grade(rng: Generator) -> tuple[Byte, float]:
    """A table for each channel, and a saturation."""
    codes = np.arange(256) / 255
    if rng.random() < 0.35:
        return _NO_GRADE, 1.0
    gamma = np.exp(rng.normal(0, 0.25))
    gain, lift = np.exp(rng.normal(0, 0.18)), rng.normal(0, 0.03)
    tint = np.exp(rng.normal(0, 0.08, 3))
    curve = codes[None, :] ** gamma * gain * tint[:, None] + lift
    if rng.random() < 0.3:  # contrast about the middle
        curve = (curve - 0.45) * np.exp(rng.normal(0, 0.25)) + 0.45
    saturation = float(rng.choice([1, 1, 1, 0, rng.uniform(0.2, 1.6)]))
    return np.clip(np.round(curve * 255), 0, 255).astype(np.uint8), saturation


def _shoot(
    rng: Generator,
    footage: Footage,
    take: _Take,
    length: int,
    size: tuple[int, int],
    disturbed: float,
    alone: tuple[int, int],
) -> tuple[Byte, list[tuple[str, int, int]]]:
    """``length`` frames of a take, with its hard negatives inside ``alone``."""
    total = len(take.clip.frames)
    clock = take.start + take.speed * np.arange(length)
    over = np.arange(length) / 100
    path = disturb.Path(
        clock=clock,
        zoom=np.clip(take.zoom + take.drift[2] * over, 0.45, 1.0),
        x=np.clip(take.at[0] + take.drift[0] * over, 0, 1),
        y=np.clip(take.at[1] + take.drift[1] * over, 0, 1),
        shift=smooth_noise(rng, length, 2.0) * take.shake,
        blur=np.zeros((length, 2)),
    )
    kinds = disturb.choose(rng, alone, disturbed)
    told = [negative for kind, a, b in kinds for negative in disturb.move(rng, path, kind, a, b)]
    # A clip that is too short runs back and forth, which no one sees as a cut.
    index = np.abs(np.round(path.clock)).astype(int) % max(1, 2 * (total - 1))
    index = np.where(index >= total, 2 * (total - 1) - index, index)
    pictures = _look(take, index, path, size)
    for kind, a, b in kinds:
        told += disturb.paint(rng, pictures, kind, a, b, lambda n: _window(rng, footage, n, size))
    return pictures, told


def _window(rng: Generator, footage: Footage, length: int, size: tuple[int, int]) -> Byte:
    """Other pictures, to be shown inside."""
    clip = footage.clips[int(rng.integers(len(footage.clips)))]
    start = int(rng.integers(max(1, len(clip.frames) - length)))
    return clip.frames[np.minimum(np.arange(start, start + length), len(clip.frames) - 1)]


def _look(take: _Take, index: Array, path: disturb.Path, size: tuple[int, int]) -> Byte:
    """The frames of a take through its camera."""
    import cv2

    high, wide = size
    rows, columns = take.clip.frames.shape[1:3]
    source = np.asarray(take.clip.frames)
    out = np.empty((len(index), high, wide, 3), np.uint8)
    plain = path.is_plain()
    for i, at in enumerate(index):
        picture = source[at]
        if plain:
            out[i] = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA)
            continue
        zoom = path.zoom[i]
        across, down = columns * zoom / wide, rows * zoom / high
        left = (path.x[i] * (1 - zoom) + path.shift[i, 0] * zoom) * columns
        top = (path.y[i] * (1 - zoom) + path.shift[i, 1] * zoom) * rows
        matrix = np.array([[across, 0, left + across / 2 - 0.5], [0, down, top + down / 2 - 0.5]])
        out[i] = cv2.warpAffine(
            picture,
            matrix,
            (wide, high),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        )
        across_blur, down_blur = path.blur[i]
        if across_blur > 0 or down_blur > 0:
            box = (1 + 2 * int(across_blur * wide / 2), 1 + 2 * int(down_blur * high / 2))
            out[i] = cv2.blur(out[i], box)
    if take.mirror:
        out = np.ascontiguousarray(out[:, :, ::-1])
    flat = out.reshape(-1, wide, 3)
    flat = cv2.LUT(flat, np.ascontiguousarray(take.table.T[None]))
    if take.saturation != 1:
        luma = np.array([0.2126, 0.7152, 0.0722])
        matrix = take.saturation * np.eye(3) + (1 - take.saturation) * np.tile(luma, (3, 1))
        flat = cv2.transform(flat, matrix)
    return flat.reshape(out.shape)


# --- joining -----------------------------------------------------------------------------------


def _join(rng: Generator, film: _Film, plan: list[Joint], parts: list[Byte]) -> None:
    """Lay the shots into the film, and tell where each joint truly came to lie."""
    at = 0
    for number, part in enumerate(parts):
        start = plan[number - 1].start if number else 0
        skip = at - start
        end = plan[number].start if number < len(plan) else len(film.frames)
        film.frames[at:end] = part[skip : skip + end - at]
        at = end
        if number == len(plan):
            break
        joint = plan[number]
        length = joint.end - joint.start
        if joint.kind == "cut":
            film.joints.append(joint)
            continue
        before, after = part[len(part) - length :], parts[number + 1][:length]
        mixed, seen = _MIXES[joint.kind](rng, before, after)
        film.frames[joint.start : joint.end] = mixed
        at = joint.end
        shown = np.flatnonzero(seen)
        low, high = int(shown[0]), int(shown[-1]) + 1
        film.joints.append(Joint(joint.kind, joint.start + low, joint.start + high))


def _weights_of(length: int) -> Array:
    return np.arange(1, length + 1) / (length + 1)


def _ramp(rng: Generator, length: int) -> Array:
    """Weights of the new shot, strictly rising from 0 to 1: linear or eased."""
    t = _weights_of(length)
    ease = rng.choice(["linear", "linear", "smooth", "sine", "in", "out", "smoother"])
    if ease == "smooth":
        t = t * t * (3 - 2 * t)
    elif ease == "smoother":
        t = t**3 * (t * (6 * t - 15) + 10)
    elif ease == "sine":
        t = (1 - np.cos(np.pi * t)) / 2
    elif ease == "in":
        t = t**2
    elif ease == "out":
        t = 1 - (1 - t) ** 2
    return t


def _settle(weights: Array) -> tuple[Array, Array]:
    """Weights too faint to see made none, and which are left between 0 and 1."""
    weights = np.where(weights < _SEEN, 0, np.where(weights > 1 - _SEEN, 1, weights))
    return weights, (weights > 0) & (weights < 1)


def _mix(a: Array, b: Array, weight: Array, linear: bool = False) -> Byte:
    """``a`` to ``b`` by ``weight`` (broadcast), in codes or in linear light."""
    first, second = a.astype(np.float32), b.astype(np.float32)
    weight = weight.astype(np.float32)
    if linear:
        mixed = (first**2.2 * (1 - weight) + second**2.2 * weight) ** np.float32(1 / 2.2)
    else:
        mixed = first + (second - first) * weight
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _dissolve(rng: Generator, before: Byte, after: Byte) -> tuple[Byte, Array]:
    weights, seen = _settle(_ramp(rng, len(before)))
    return _mix(before, after, weights[:, None, None, None], bool(rng.random() < 0.25)), seen


def _fade(rng: Generator, before: Byte, after: Byte) -> tuple[Byte, Array]:
    """Out to a colour and in again; sometimes one half is a cut to or from the colour."""
    length = len(before)
    color = _colour(rng)
    held = int(rng.uniform(0, 0.4) * length)
    form = rng.choice(["both", "both", "both", "out", "in"])
    down = {"both": (length - held) // 2, "out": length - held, "in": 0}[str(form)]
    up = length - held - down
    weights = np.ones(length)
    """Of the colour."""
    if down:
        weights[:down] = _ramp(rng, down)
    if up:
        weights[length - up :] = _ramp(rng, up)[::-1]
    weights, _ = _settle(weights)
    old = np.arange(length) < down + held / 2
    shots = np.where(old[:, None, None, None], before, after)
    linear = bool(rng.random() < 0.25)
    return _mix(shots, np.broadcast_to(color, shots.shape), weights[:, None, None, None], linear), (
        weights > 0
    )


def _colour(rng: Generator) -> Byte:
    pick = rng.random()
    if pick < 0.65:
        return np.full(3, int(rng.choice([0, 0, 0, 16])), np.uint8)
    if pick < 0.88:
        return np.full(3, int(rng.choice([255, 255, 235])), np.uint8)
    return rng.integers(0, 256, 3).astype(np.uint8)


def _wipe(rng: Generator, before: Byte, after: Byte) -> tuple[Byte, Array]:
    """A front that moves over the picture and shows the new shot behind it."""
    order = wipe_order(rng, before.shape[1:3])
    soft = float(rng.choice([0.02, 0.02, 0.05, 0.15, 0.35]))
    t = _ramp(rng, len(before)) if rng.random() < 0.5 else _weights_of(len(before))
    front = t[:, None, None] * (1 + soft)
    mask = np.clip((front - order[None]) / soft, 0, 1)
    share = mask.mean(axis=(1, 2))
    seen = (share > _SEEN) & (share < 1 - _SEEN)
    mask = np.where((share <= _SEEN)[:, None, None], 0, mask)
    mask = np.where((share >= 1 - _SEEN)[:, None, None], 1, mask)
    if rng.random() < 0.15:  # a border along the front
        border = (np.abs(mask - 0.5) < 0.45) & seen[:, None, None]
        colour = _colour(rng)
        mixed = _mix(before, after, mask[..., None])
        return np.where(border[..., None], colour, mixed), seen
    return _mix(before, after, mask[..., None]), seen


def wipe_order(rng: Generator, size: tuple[int, int]) -> Array:
    """When each pixel turns, 0 to 1, for a wipe of a random shape."""
    high, wide = size
    y, x = np.mgrid[0:high, 0:wide]
    y, x = (y + 0.5) / high - 0.5, (x + 0.5) / wide - 0.5
    shape = rng.choice(
        [
            "line",
            "line",
            "line",
            "iris",
            "diamond",
            "box",
            "clock",
            "barn",
            "blinds",
            "blocks",
            "star",
        ]
    )
    if shape == "line":
        angle = rng.choice([0, 0.25, 0.5, 0.75, rng.uniform(0, 1)]) * 2 * np.pi
        order = x * np.cos(angle) + y * np.sin(angle)
    elif shape in ("iris", "diamond", "box", "star"):
        cx, cy = rng.uniform(-0.25, 0.25, 2) if rng.random() < 0.4 else (0.0, 0.0)
        dx, dy = (x - cx) * wide / high, y - cy
        if shape == "iris":
            order = np.hypot(dx, dy)
        elif shape == "diamond":
            order = np.abs(dx) + np.abs(dy)
        elif shape == "box":
            order = np.maximum(np.abs(x - cx), np.abs(dy))
        else:
            order = np.hypot(dx, dy) / (1.3 + 0.5 * np.cos(5 * np.arctan2(dy, dx)))
    elif shape == "clock":
        order = (np.arctan2(y, x * wide / high) / (2 * np.pi) + rng.random()) % 1.0
    elif shape == "barn":
        order = np.abs(x) if rng.random() < 0.5 else np.abs(y)
    elif shape == "blinds":
        bars = int(rng.integers(3, 8))
        order = ((x if rng.random() < 0.5 else y) * bars) % 1.0
    else:
        cells = rng.permutation(6 * 10).reshape(6, 10)
        order = cells[((y + 0.5) * 6).astype(int), ((x + 0.5) * 10).astype(int)].astype(float)
    order = (order - order.min()) / max(1e-6, float(order.max() - order.min()))
    return 1 - order if rng.random() < 0.5 else order


def _slide(rng: Generator, before: Byte, after: Byte) -> tuple[Byte, Array]:
    """Push, cover or uncover, in one of four directions."""
    t = _ramp(rng, len(before))
    form = rng.choice(["push", "push", "cover", "uncover"])
    axis = int(rng.integers(1, 3))
    sign = int(rng.choice([-1, 1]))
    extent = before.shape[axis]
    mixed = np.empty_like(before)
    seen = np.zeros(len(before), bool)
    for i, share in enumerate(t):
        gone = float(share) * extent
        new, old = (extent - gone) * sign, -gone * sign
        a, _ = _moved(before[i], old if form != "cover" else 0.0, axis - 1)
        b, inside = _moved(after[i], new if form != "uncover" else 0.0, axis - 1)
        if form == "uncover":
            a, inside_a = _moved(before[i], old, axis - 1)
            inside = 1 - inside_a
        mixed[i] = _mix(a, b, inside)
        seen[i] = _SEEN < share < 1 - _SEEN
        if not seen[i]:
            mixed[i] = before[i] if share < 0.5 else after[i]
    return mixed, seen


def _moved(picture: Byte, by: float, axis: int) -> tuple[Array, Array]:
    """A picture moved by a fraction of pixels, and where it now is (broadcast, 0 to 1)."""
    extent = picture.shape[axis]
    low = int(np.floor(by))
    part = by - low
    place = np.arange(extent)

    def take(shift: int) -> tuple[Array, Array]:
        at = place - shift
        inside = (at >= 0) & (at < extent)
        return np.take(picture, np.clip(at, 0, extent - 1), axis).astype(np.float32), inside

    first, inside = take(low)
    form = (extent, 1, 1) if axis == 0 else (1, extent, 1)
    if part < 1e-6:
        return first, inside.astype(np.float32).reshape(form)
    second, inside_too = take(low + 1)
    cover = (1 - part) * inside + part * inside_too
    return first * (1 - part) + second * part, cover.astype(np.float32).reshape(form)


_MIXES: Final[dict[str, Any]] = {
    "dissolve": _dissolve,
    "fade": _fade,
    "wipe": _wipe,
    "slide": _slide,
}


def _edges(rng: Generator, film: _Film) -> None:
    """Open out of a colour, or close into one, where no joint is near."""
    length = int(rng.integers(5, 30))
    colour = _colour(rng)
    count = len(film.frames)
    if rng.random() < 0.5:
        if all(j.start > length + 5 for j in film.joints):
            weights, _ = _settle(_ramp(rng, length)[::-1])
            part = film.frames[:length]
            film.frames[:length] = _mix(
                part, np.broadcast_to(colour, part.shape), weights[:, None, None, None]
            )
            film.joints.insert(0, Joint("fade", 0, int(np.flatnonzero(weights > 0)[-1]) + 1))
    elif all(j.end < count - length - 5 for j in film.joints):
        weights, _ = _settle(_ramp(rng, length))
        part = film.frames[count - length :]
        film.frames[count - length :] = _mix(
            part, np.broadcast_to(colour, part.shape), weights[:, None, None, None]
        )
        first = count - length + int(np.flatnonzero(weights > 0)[0])
        film.joints.append(Joint("fade", first, count))


# --- frame rates -------------------------------------------------------------------------------


def _shown_twice(rng: Generator, frames: int) -> Array:
    """Which frame is shown at each, where a film of a lower rate was raised."""
    ratio = float(rng.choice([24 / 30, 0.5, 0.5, 25 / 30, 12.5 / 30, 15 / 25]))
    return (np.arange(frames) * ratio + rng.random()).astype(int)


def _retimed(film: _Film, shown: Array) -> _Film:
    """The film with some frames shown again, and its labels."""

    def first(frame: int) -> int:
        return int(np.searchsorted(shown, frame))

    return _Film(
        film.frames[shown],
        [Joint(j.kind, first(j.start), first(j.end)) for j in film.joints],
        [Negative(n.kind, first(n.start), first(n.end)) for n in film.negatives],
    )
