"""Shots for synthetic edits: pieces of takes, graded, reframed and with camera moves.

Each is filmed by a simulated camera that may drift, zoom and shake, run faster or backwards. The
disturbances of ``disturb`` within a shot are applied here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Array, Byte, Generator
from vedc.train.cuts import disturb
from vedc.train.cuts.disturb_pictures import disturb_pictures
from vedc.train.cuts.footage import Clip, Footage, smooth_noise

_NO_GRADE: Final[Byte] = np.tile(np.arange(256, dtype=np.uint8), (3, 1))


@dataclass(slots=True)
class Take:
    """The content of one shot: a clip, its start, grade and framing."""

    clip: Clip
    start: float
    speed: float
    mirror: bool
    table: Byte
    """(3, 256): the grade of each channel."""
    saturation: float
    zoom: float
    """Visible share of the width."""
    at: tuple[float, float]
    """Position of the visible part: 0 to 1."""
    drift: tuple[float, float, float]
    """Change of position and zoom over 100 frames."""
    shake: float
    """Standard deviation as a fraction of the visible width."""


def any_take(rng: Generator, footage: Footage, length: int) -> Take:
    """A piece of any take. A quarter are photographs. Sources with more frames are taken more
    often, but less than in proportion."""
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


def same_take(rng: Generator, other: Take, length: int) -> Take:
    """A piece of the same take: from another time or with another framing, mostly with the same
    grade."""
    clip = other.clip
    grade = (other.table, other.saturation) if rng.random() < 0.7 else _grade(rng)
    take = _framed(rng, clip, length, *grade)
    take.mirror = other.mirror if rng.random() < 0.85 else not other.mirror
    if rng.random() < 0.5:  # the same camera, as in a jump cut
        take.zoom, take.at, take.drift = other.zoom, other.at, other.drift
        take.shake, take.speed = other.shake, other.speed
    return take


def as_it_was(take: Take, length: int) -> Take:
    """The same piece at original speed, uncropped and ungraded."""
    start = max(0, min(int(take.start), len(take.clip.frames) - length))
    still = (0.0, 0.0, 0.0)
    return Take(take.clip, float(start), 1.0, False, _NO_GRADE, 1.0, 1.0, (0.0, 0.0), still, 0.0)


def _framed(rng: Generator, clip: Clip, length: int, table: Byte, saturation: float) -> Take:
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
    return Take(
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


def shoot(
    rng: Generator,
    footage: Footage,
    take: Take,
    length: int,
    size: tuple[int, int],
    disturbed: float,
    alone: tuple[int, int],
) -> tuple[Byte, list[tuple[str, int, int]]]:
    """``length`` frames of a take, with its hard negatives inside ``alone``."""
    total = len(take.clip.frames)
    clock = take.start + take.speed * np.arange(length)
    over = np.arange(length) / 100
    path = disturb.CameraPath(
        clock=clock,
        zoom=np.clip(take.zoom + take.drift[2] * over, 0.45, 1.0),
        x=np.clip(take.at[0] + take.drift[0] * over, 0, 1),
        y=np.clip(take.at[1] + take.drift[1] * over, 0, 1),
        shift=smooth_noise(rng, length, 2.0) * take.shake,
        blur=np.zeros((length, 2)),
    )
    spans = disturb.choose_disturbance(rng, alone, disturbed)
    negatives = [span for span in spans if disturb.disturb_camera(rng, path, *span)]
    # A clip that is too short runs back and forth, which does not look like a cut.
    index = np.abs(np.round(path.clock)).astype(int) % max(1, 2 * (total - 1))
    index = np.where(index >= total, 2 * (total - 1) - index, index)
    pictures = _pictures(take, index, path, size)

    def window(count: int) -> Byte:
        return _other_pictures(rng, footage, count)

    negatives += [span for span in spans if disturb_pictures(rng, pictures, *span, window)]
    return pictures, negatives


def _other_pictures(rng: Generator, footage: Footage, length: int) -> Byte:
    """Pictures of any footage, to show in an inset."""
    clip = footage.clips[int(rng.integers(len(footage.clips)))]
    start = int(rng.integers(max(1, len(clip.frames) - length)))
    return clip.frames[np.minimum(np.arange(start, start + length), len(clip.frames) - 1)]


def _pictures(take: Take, index: Array, path: disturb.CameraPath, size: tuple[int, int]) -> Byte:
    """The frames of a take as its camera sees them."""
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
    flat = np.asarray(
        cv2.LUT(out.reshape(-1, wide, 3), np.ascontiguousarray(take.table.T[None])), np.uint8
    )
    if take.saturation != 1:
        luma = np.array([0.2126, 0.7152, 0.0722])
        matrix = take.saturation * np.eye(3) + (1 - take.saturation) * np.tile(luma, (3, 1))
        flat = np.asarray(cv2.transform(flat, matrix), np.uint8)
    return flat.reshape(out.shape)
