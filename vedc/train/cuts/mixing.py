"""Gradual transitions of labelled edits: dissolves, fades, wipes and slides.

Each takes the frames of both shots over its length, (n, height, width, 3), and returns the mixed
frames, and for each whether it shows more than one shot, or a colour. Contributions too faint to
see are removed, so that the labels are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vedc.decide.arrays import Array, Byte, Generator

_SEEN: Final = 0.01
"""Share of a picture, or weight of a mix, below which a shot is invisible."""

_WIPE_SHAPES: Final = [
    *["line"] * 3, "iris", "diamond", "box", "clock", "barn", "blinds", "blocks", "star",
]  # fmt: skip


def _weights_of(length: int) -> Array:
    return np.arange(1, length + 1) / (length + 1)


def ramp(rng: Generator, length: int) -> Array:
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


def settle(weights: Array) -> tuple[Array, Array]:
    """Weights, rounded to 0 or 1 where the rest is too faint to see, and a mask of those in
    between."""
    weights = np.where(weights < _SEEN, 0, np.where(weights > 1 - _SEEN, 1, weights))
    return weights, (weights > 0) & (weights < 1)


def mix(a: Array, b: Array, weight: Array, linear: bool = False) -> Byte:
    """Mix ``a`` and ``b`` by the ``weight`` of ``b`` (broadcast), in codes or in linear light."""
    first, second = a.astype(np.float32), b.astype(np.float32)
    weight = weight.astype(np.float32)
    if linear:
        mixed = (first**2.2 * (1 - weight) + second**2.2 * weight) ** np.float32(1 / 2.2)
    else:
        mixed = first + (second - first) * weight
    codes: Byte = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return codes


def _dissolve(rng: Generator, before: Byte, after: Byte) -> tuple[Byte, Array]:
    weights, seen = settle(ramp(rng, len(before)))
    return mix(before, after, weights[:, None, None, None], bool(rng.random() < 0.25)), seen


def _fade(rng: Generator, before: Byte, after: Byte) -> tuple[Byte, Array]:
    """Fade out to a colour and in again; sometimes one half is a cut."""
    length = len(before)
    color = colour_of(rng)
    held = int(rng.uniform(0, 0.4) * length)
    form = rng.choice(["both", "both", "both", "out", "in"])
    down = {"both": (length - held) // 2, "out": length - held, "in": 0}[str(form)]
    up = length - held - down
    weights = np.ones(length)  # of the colour
    if down:
        weights[:down] = ramp(rng, down)
    if up:
        weights[length - up :] = ramp(rng, up)[::-1]
    weights, _ = settle(weights)
    old = np.arange(length) < down + held / 2
    shots = np.where(old[:, None, None, None], before, after)
    linear = bool(rng.random() < 0.25)
    mixed = mix(shots, np.broadcast_to(color, shots.shape), weights[:, None, None, None], linear)
    return mixed, weights > 0


def colour_of(rng: Generator) -> Byte:
    pick = rng.random()
    if pick < 0.65:
        return np.full(3, int(rng.choice([0, 0, 0, 16])), np.uint8)
    if pick < 0.88:
        return np.full(3, int(rng.choice([255, 255, 235])), np.uint8)
    return rng.integers(0, 256, 3).astype(np.uint8)


def _wipe(rng: Generator, before: Byte, after: Byte) -> tuple[Byte, Array]:
    """A front that moves across the picture, with the new shot behind it."""
    order = wipe_order(rng, before.shape[1:3])
    soft = float(rng.choice([0.02, 0.02, 0.05, 0.15, 0.35]))
    t = ramp(rng, len(before)) if rng.random() < 0.5 else _weights_of(len(before))
    front = t[:, None, None] * (1 + soft)
    mask = np.clip((front - order[None]) / soft, 0, 1)
    share = mask.mean(axis=(1, 2))
    seen = (share > _SEEN) & (share < 1 - _SEEN)
    mask = np.where((share <= _SEEN)[:, None, None], 0, mask)
    mask = np.where((share >= 1 - _SEEN)[:, None, None], 1, mask)
    if rng.random() < 0.15:  # a border along the front
        border = (np.abs(mask - 0.5) < 0.45) & seen[:, None, None]
        colour = colour_of(rng)
        mixed = mix(before, after, mask[..., None])
        return np.where(border[..., None], colour, mixed), seen
    return mix(before, after, mask[..., None]), seen


def wipe_order(rng: Generator, size: tuple[int, int]) -> Array:
    """The time at which each pixel changes, 0 to 1, in a wipe of a random shape."""
    high, wide = size
    y, x = np.mgrid[0:high, 0:wide]
    y, x = (y + 0.5) / high - 0.5, (x + 0.5) / wide - 0.5
    shape = rng.choice(_WIPE_SHAPES)
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
    turned: Array = 1 - order if rng.random() < 0.5 else order
    return turned


def _slide(rng: Generator, before: Byte, after: Byte) -> tuple[Byte, Array]:
    """Push, cover or uncover, in one of four directions."""
    t = ramp(rng, len(before))
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
        mixed[i] = mix(a, b, inside)
        seen[i] = _SEEN < share < 1 - _SEEN
        if not seen[i]:
            mixed[i] = before[i] if share < 0.5 else after[i]
    return mixed, seen


def _moved(picture: Byte, by: float, axis: int) -> tuple[Array, Array]:
    """A picture moved by a fractional number of pixels, and its coverage (broadcast, 0 to 1)."""
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


MIXES: Final[dict[str, Callable[[Generator, Byte, Byte], tuple[Byte, Array]]]] = {
    "dissolve": _dissolve,
    "fade": _fade,
    "wipe": _wipe,
    "slide": _slide,
}
