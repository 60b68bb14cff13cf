"""Hard negatives in labelled edits: events that look like shot boundaries but are none.

Some change the camera's framing or timing (``disturb_camera``, before pictures are taken), some the
pictures themselves (``disturb_pictures``), some the whole film, as a codec does (``disturb_film``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Array, Byte, Generator
from vedc.train.cuts.disturb_pictures import overlaid, scaled, title_card

FrameSpan = tuple[str, int, int]
"""Kind, first frame, one past the last."""

#: Kinds within a shot, with the range of their lengths in frames and their relative frequency.
KINDS: Final[dict[str, tuple[int, int, float]]] = {
    "flash": (1, 4, 2.0),
    "lightning": (3, 9, 1.0),
    "strobe": (6, 24, 0.6),
    "exposure": (4, 40, 1.5),
    "auto-exposure": (2, 10, 1.2),
    "white-balance": (6, 40, 0.8),
    "whip": (4, 14, 1.5),
    "zoom": (4, 20, 1.2),
    "shake": (8, 40, 1.0),
    "dropped": (1, 2, 1.2),
    "repeated": (2, 5, 0.8),
    "freeze": (5, 30, 0.8),
    "title": (10, 60, 1.8),
    "inset": (8, 60, 1.5),
    "leak": (8, 40, 0.8),
    "glitch": (1, 6, 1.0),
    "occluder": (6, 30, 1.8),
    "bars": (4, 24, 0.5),
    "focus": (6, 30, 0.7),
}

_NAMES: Final = tuple(KINDS)

_SHARES: Final = np.array([KINDS[k][2] for k in _NAMES]) / sum(v[2] for v in KINDS.values())

_CLEAR: Final = 4
"""Frames left clear beside a boundary."""


@dataclass(slots=True)
class CameraPath:
    """The camera's framing, and the frame of the clip that it shows, frame by frame."""

    clock: Array
    zoom: Array
    """Visible share of the width."""
    x: Array
    y: Array
    """Position of the visible part: 0 to 1."""
    shift: Array
    """(n, 2): displacement as a fraction of the visible part; mirrored beyond the border."""
    blur: Array
    """(n, 2): extent of motion blur, as a fraction of the picture."""

    def is_plain(self) -> bool:
        """Whether the whole picture is visible and at rest throughout."""
        return bool((self.zoom >= 1).all() and not self.shift.any() and not self.blur.any())


def choose_disturbance(rng: Generator, alone: tuple[int, int], often: float) -> list[FrameSpan]:
    """Kinds and frame ranges of disturbances for a shot, within the frames that show no other."""
    low, high = alone[0] + _CLEAR, alone[1] - _CLEAR
    spans: list[FrameSpan] = []
    while high - low >= 8 and rng.random() < often:
        kind = _NAMES[int(rng.choice(len(_NAMES), p=_SHARES))]
        shortest, longest, _ = KINDS[kind]
        length = int(np.exp(rng.uniform(np.log(shortest), np.log(longest + 1))))
        start = low + int(rng.integers(0, max(1, min(high - low, 60))))
        if start + length > high:
            break
        spans.append((kind, start, start + length))
        low = start + length + _CLEAR
    return spans


def disturb_camera(rng: Generator, path: CameraPath, kind: str, a: int, b: int) -> bool:
    """Disturb the camera in frames ``a`` to ``b``; later ones may stay changed.

    Returns whether ``kind`` is a disturbance of the camera.
    """
    length = b - a
    step = (np.arange(length) + 1) / (length + 1)
    eased = step * step * (3 - 2 * step)
    if kind == "whip":
        reach = rng.uniform(0.6, 2.2) * rng.choice([-1, 1])
        axis = 0 if rng.random() < 0.8 else 1
        there = eased * reach
        if rng.random() < 0.3:  # there and back
            there = np.sin(np.pi * step) * reach / 2
        else:
            path.shift[b:, axis] += reach
        path.shift[a:b, axis] += there
        speed = np.abs(np.gradient(there)) if length > 1 else np.array([abs(reach) / 2])
        path.blur[a:b, axis] += speed * rng.uniform(0.3, 0.9)
    elif kind == "zoom":
        target = float(np.clip(rng.uniform(0.3, 1.0), 0.3, 1.0))
        path.zoom[a:b] += (target - path.zoom[a:b]) * eased
        path.zoom[b:] = target
        path.blur[a:b] += rng.uniform(0, 0.02)
    elif kind == "shake":
        amount = rng.uniform(0.02, 0.12)
        path.shift[a:b] += rng.standard_normal((length, 2)) * amount * np.sin(np.pi * step)[:, None]
        path.blur[a:b] += amount * rng.uniform(0, 0.6)
    elif kind == "dropped":
        pace = float(path.clock[1] - path.clock[0]) if len(path.clock) > 1 else 1.0
        path.clock[a:] += pace * rng.integers(2, 7)
    elif kind == "repeated":
        path.clock[a:b] = path.clock[a]
    elif kind == "freeze":
        lag = path.clock[min(b, len(path.clock) - 1)] - path.clock[a]
        path.clock[a:b] = path.clock[a]
        if rng.random() < 0.6:  # it resumes where it stopped
            path.clock[b:] -= lag
    else:
        return False
    return True


def disturb_film(rng: Generator, frames: Byte, often: float) -> list[FrameSpan]:
    """Change a whole film as a codec, a channel or a player does; return the disturbances."""
    import cv2

    count, high, wide = frames.shape[:3]
    spans: list[FrameSpan] = []
    pick = rng.random()
    if pick < 0.12:  # letterbox or pillarbox
        axis = int(rng.integers(0, 2))
        depth = max(1, int(rng.uniform(0.06, 0.22) * (high, wide)[axis]))
        for edge in (slice(0, depth), slice((high, wide)[axis] - depth, None)):
            if axis == 0:
                frames[:, edge] = 0
            else:
                frames[:, :, edge] = 0
    if rng.random() < 0.15:  # a permanent logo
        card, cover = title_card(rng, (high, wide))
        if cover.mean() < 0.15:
            frames[:] = overlaid(frames, card[None], cover[None, ..., None])
    if rng.random() < 0.25:  # sensor noise
        sigma = rng.uniform(0.5, 5.0) * (1 if wide < 100 else 3)
        frames[:] = np.clip(
            frames + rng.standard_normal(frames.shape, np.float32) * sigma, 0, 255
        ).astype(np.uint8)
    if rng.random() < 0.3 * often / 0.55:  # a coarse codec: flat colours, key frames that pop
        group = int(rng.integers(8, 61))
        coarse = int(rng.integers(2, 7))
        phase = int(rng.integers(0, group))
        keys = (np.arange(count) + phase) % group == 0
        soft = rng.uniform(0.1, 0.5)
        for i in range(count):
            age = (i + phase) % group / group
            blurred = cv2.GaussianBlur(frames[i], (0, 0), 0.2 + soft * (1 - age) * wide / 48)
            frames[i] = (blurred // coarse) * coarse + coarse // 2
        spans += [("key-frame", int(i), int(i) + 1) for i in np.flatnonzero(keys) if i]
    if rng.random() < 0.1:  # lamps that flicker with the mains
        gain = 1 + rng.uniform(0.02, 0.1) * np.sin(np.arange(count) * rng.uniform(0.3, 3.0))
        frames[:] = scaled(frames, gain[:, None, None, None])
    return spans
