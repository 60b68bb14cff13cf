"""Hard negatives of labelled edits: what looks like a shot boundary and is none.

Some disturb where and when the camera looks (``disturb_camera``, before pictures are taken), some
what it sees (``disturb_pictures``), some the whole film, as a codec does (``disturb_film``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Array, Byte, Generator

FrameSpan = tuple[str, int, int]
"""Kind, first frame, one past the last."""

#: Kinds within a shot, with the range of their lengths in frames and how often they are taken.
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
"""Frames kept clear beside a boundary."""


@dataclass(slots=True)
class CameraPath:
    """Where the camera looks, and at which frame of its clip, frame by frame."""

    clock: Array
    zoom: Array
    """Share of the width that is seen."""
    x: Array
    y: Array
    """Place within what is left: 0 to 1."""
    shift: Array
    """(n, 2), in parts of what is seen; the picture is mirrored beyond its border."""
    blur: Array
    """(n, 2): reach of motion blur, in parts of the picture."""

    def is_plain(self) -> bool:
        """Whether the whole picture is seen all the time, at rest."""
        return bool((self.zoom >= 1).all() and not self.shift.any() and not self.blur.any())


def choose_disturbance(rng: Generator, alone: tuple[int, int], often: float) -> list[FrameSpan]:
    """Kinds and places for a shot that is alone within these frames."""
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


def disturb_camera(rng: Generator, path: CameraPath, kind: str, a: int, b: int) -> list[FrameSpan]:
    """Disturb the camera in frames ``a`` to ``b``; those that follow may stay changed."""
    length = b - a
    step = (np.arange(length) + 1) / (length + 1)
    pace = step * step * (3 - 2 * step)
    if kind == "whip":
        reach = rng.uniform(0.6, 2.2) * rng.choice([-1, 1])
        axis = 0 if rng.random() < 0.8 else 1
        there = pace * reach
        if rng.random() < 0.3:  # there and back
            there = np.sin(np.pi * step) * reach / 2
        else:
            path.shift[b:, axis] += reach
        path.shift[a:b, axis] += there
        speed = np.abs(np.gradient(there)) if length > 1 else np.array([abs(reach) / 2])
        path.blur[a:b, axis] += speed * rng.uniform(0.3, 0.9)
    elif kind == "zoom":
        target = float(np.clip(rng.uniform(0.3, 1.0), 0.3, 1.0))
        path.zoom[a:b] += (target - path.zoom[a:b]) * pace
        path.zoom[b:] = target
        path.blur[a:b] += rng.uniform(0, 0.02)
    elif kind == "shake":
        amount = rng.uniform(0.02, 0.12)
        path.shift[a:b] += rng.standard_normal((length, 2)) * amount * np.sin(np.pi * step)[:, None]
        path.blur[a:b] += amount * rng.uniform(0, 0.6)
    elif kind == "dropped":
        pace_of = _pace(path)
        path.clock[a:] += pace_of * rng.integers(2, 7)
    elif kind == "repeated":
        path.clock[a:b] = path.clock[a]
    elif kind == "freeze":
        lag = path.clock[min(b, len(path.clock) - 1)] - path.clock[a]
        path.clock[a:b] = path.clock[a]
        if rng.random() < 0.6:  # goes on where it stopped
            path.clock[b:] -= lag
    else:
        return []
    return [(kind, a, b)]


def _pace(path: CameraPath) -> float:
    return float(path.clock[1] - path.clock[0]) if len(path.clock) > 1 else 1.0


def disturb_pictures(
    rng: Generator,
    frames: Byte,
    kind: str,
    a: int,
    b: int,
    window: Callable[[int], Byte],
) -> list[FrameSpan]:
    """Disturb the pictures of a shot; ``window`` gives so many pictures of something else."""
    if kind not in _PAINTERS:
        return []
    _PAINTERS[kind](rng, frames, a, b, window)
    return [(kind, a, b)]


def _scaled(part: Byte, gain: Array, lift: Array | float = 0.0) -> Byte:
    mixed = part.astype(np.float32) * gain.astype(np.float32) + np.float32(lift)
    codes: Byte = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return codes


def _over(part: Byte, colour: Array, weight: Array) -> Byte:
    """``colour`` laid over by ``weight``, both broadcast."""
    base = part.astype(np.float32)
    mixed = base + (np.asarray(colour, np.float32) - base) * weight.astype(np.float32)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _reduced(picture: Byte, wide: int, high: int) -> Byte:
    """A picture brought to a smaller size by averaging."""
    import cv2

    small: Byte = np.asarray(
        cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA), np.uint8
    )
    return small


def _field(rng: Generator, size: tuple[int, int], spread: float) -> Array:
    """A soft spot somewhere, of shape (height, width)."""
    high, wide = size
    y, x = np.mgrid[0:high, 0:wide]
    cx, cy = rng.uniform(-0.2, 1.2) * wide, rng.uniform(-0.2, 1.2) * high
    field: Array = np.exp(-0.5 * (np.hypot(x - cx, y - cy) / (spread * wide)) ** 2)
    return field


def _flash(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    length = b - a
    decay = np.exp(-np.arange(length) * rng.uniform(0.3, 1.5)) * rng.uniform(0.35, 1.0)
    size = frames.shape[1:3]
    where = np.ones(size) if rng.random() < 0.6 else 0.3 + 0.7 * _field(rng, size, 0.5)
    colour = np.clip(np.array([255, 250, 245]) + rng.normal(0, 8, 3), 0, 255)
    frames[a:b] = _over(frames[a:b], colour, decay[:, None, None, None] * where[None, :, :, None])


def _lightning(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    gain = 1 + rng.uniform(0.3, 3.0, b - a) * (rng.random(b - a) < 0.6)
    frames[a:b] = _scaled(
        frames[a:b], gain[:, None, None, None], 15 * (gain - 1)[:, None, None, None]
    )


def _strobe(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    period = int(rng.integers(2, 7))
    lit = (np.arange(b - a) % period) < max(1, period // 2)
    dark = rng.uniform(0.05, 0.6)
    tint = np.exp(rng.normal(0, 0.3, 3)) if rng.random() < 0.3 else np.ones(3)
    gain = np.where(lit[:, None], tint[None], dark)
    frames[a:b] = _scaled(frames[a:b], gain[:, None, None, :])


def _exposure(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    peak = np.exp(rng.choice([-1, 1]) * rng.uniform(0.3, 1.3))
    shape = np.sin(np.pi * (np.arange(b - a) + 1) / (b - a + 1))
    frames[a:b] = _scaled(frames[a:b], (peak**shape)[:, None, None, None])


def _auto_exposure(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    gain = np.exp(rng.choice([-1, 1]) * rng.uniform(0.15, 0.6))
    weight = np.ones(len(frames) - a)
    weight[: b - a] = (np.arange(b - a) + 1) / (b - a + 1)
    frames[a:] = _scaled(frames[a:], (gain**weight)[:, None, None, None])


def _white_balance(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    tint = np.exp(rng.normal(0, 0.22, 3))
    weight = np.ones(len(frames) - a)
    weight[: b - a] = (np.arange(b - a) + 1) / (b - a + 1)
    frames[a:] = _scaled(frames[a:], (tint[None] ** weight[:, None])[:, None, None, :])


def _title(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    """A lower third, a logo or a full card of words that appears, stays and goes."""
    card, cover = title_card(rng, frames.shape[1:3])
    length = b - a
    rise = int(rng.choice([0, 0, 3, 8, 15]))
    shown = np.ones(length)
    if rise and length > 2 * rise:
        shown[:rise] = (np.arange(rise) + 1) / (rise + 1)
        shown[length - rise :] = shown[:rise][::-1]
    wander = rng.choice([0, 0, 0, 1])
    for i in range(length):
        away = int((1 - shown[i]) * frames.shape[2]) if wander else 0
        weight = np.roll(cover, away, 1) if away else cover
        if away:
            weight[:, :away] = 0
        picture = np.roll(card, away, 1) if away else card
        fade = 1.0 if wander else shown[i]
        frames[a + i] = _over(frames[a + i], picture, weight[..., None] * fade)


def title_card(rng: Generator, size: tuple[int, int]) -> tuple[Array, Array]:
    """Lettering on a plate or on nothing: colours (h, w, 3) and cover (h, w)."""
    import cv2

    high, wide = size
    up = 4 if wide < 100 else 1
    canvas = np.zeros((high * up, wide * up, 3), np.uint8)
    cover = np.zeros((high * up, wide * up), np.uint8)
    form = rng.choice(["third", "third", "logo", "words", "crawl"])
    inks = np.array([[255, 255, 255], [0, 0, 0], rng.integers(0, 256, 3)])
    ink = tuple(int(v) for v in rng.choice(inks))
    h, w = cover.shape
    boxes = {
        "third": (0.05, rng.uniform(0.65, 0.8), rng.uniform(0.4, 0.95), 0.95),
        "logo": (0.8, 0.05, 0.97, 0.25),
        "words": (0.1, 0.25, 0.9, 0.75),
        "crawl": (0.0, 0.88, 1.0, 1.0),
    }
    left, top, right, bottom = (
        int(v * s) for v, s in zip(boxes[str(form)], (w, h, w, h), strict=True)
    )
    if form != "words" and rng.random() < 0.75:
        plate = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.rectangle(canvas, (left, top), (right, bottom), plate, -1)
        cover[top : bottom + 1, left : right + 1] = int(rng.choice([160, 255]))
    lines = 1 if form in ("logo", "crawl") else int(rng.integers(1, 4))
    step = (bottom - top) / lines
    for line in range(lines):
        text = "".join(rng.choice(list("abcdefghiklmnoprstuvAEMNORST  "), int(rng.integers(4, 16))))
        scale = step / 40
        at = (left + 2, int(top + step * (line + 0.8)))
        thick = max(1, int(scale * 2))
        cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thick, cv2.LINE_AA)
        cv2.putText(cover, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, thick, cv2.LINE_AA)
    if up > 1:
        canvas = _reduced(canvas, wide, high)
        cover = _reduced(cover, wide, high)
    return canvas, cover / 255


def _inset(rng: Generator, frames: Byte, a: int, b: int, window: Callable[[int], Byte]) -> None:
    """A picture in the picture, or a window that opens: less than half of the screen."""
    import cv2

    high, wide = frames.shape[1:3]
    share = rng.uniform(0.2, 0.62)
    h, w = max(3, int(high * share)), max(4, int(wide * share))
    x, y = int(rng.uniform(0, wide - w)), int(rng.uniform(0, high - h))
    grow = int(rng.choice([0, 0, 4, 10]))
    if rng.random() < 0.3:  # a plain window, as on a screen
        plain = np.full((h, w, 3), rng.integers(200, 256, 3), np.uint8)
        plain[: max(1, h // 8)] = rng.integers(0, 200, 3)
        inside: list[Byte] = [plain] * (b - a)
    else:
        inside = [_reduced(np.asarray(p), w, h) for p in window(b - a)]
    for i in range(b - a):
        near = min(i + 1, b - a - i) / (grow + 1)
        hi, wi = (h, w) if near >= 1 else (max(1, int(h * near)), max(1, int(w * near)))
        frames[a + i, y : y + hi, x : x + wi] = (
            inside[i]
            if near >= 1
            else cv2.resize(inside[i], (wi, hi), interpolation=cv2.INTER_AREA)
        )


def _leak(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    """Light that falls in from the side, warm, and moves."""
    length = b - a
    wide = frames.shape[2]
    x = np.arange(wide)[None] / wide
    centre = rng.uniform(-0.2, 1.2) + np.linspace(0, rng.uniform(-0.8, 0.8), length)
    spot = np.exp(-0.5 * ((x - centre[:, None]) / rng.uniform(0.15, 0.5)) ** 2)
    rise = np.sin(np.pi * (np.arange(length) + 1) / (length + 1)) * rng.uniform(0.4, 1.0)
    colour = np.array([255, rng.uniform(90, 200), rng.uniform(0, 120)])
    light = (spot * rise[:, None])[:, None, :, None] * colour
    frames[a:b] = _scaled(frames[a:b], np.ones(1), light)


def _glitch(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    """Noise, torn rows or damaged blocks for a few frames."""
    high, wide = frames.shape[1:3]
    form = rng.choice(["noise", "tear", "blocks"])
    for i in range(a, b):
        if form == "noise":
            grain = rng.normal(0, rng.uniform(20, 90), (high, wide, 1))
            frames[i] = np.clip(frames[i] + grain, 0, 255).astype(np.uint8)
        elif form == "tear":
            top = int(rng.integers(0, high - 2))
            tall = int(rng.integers(1, max(2, high // 2)))
            by = int(rng.integers(1, wide))
            frames[i, top : top + tall] = np.roll(frames[i, top : top + tall], by, 1)
        else:
            size = max(2, wide // 12)
            for _ in range(int(rng.integers(4, 30))):
                y, x = int(rng.integers(0, high)), int(rng.integers(0, wide))
                frames[i, y : y + size, x : x + size] = rng.integers(0, 256, 3)


def _occluder(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    """Someone or something near the lens passes through, out of focus."""
    import cv2

    length = b - a
    high, wide = frames.shape[1:3]
    broad = rng.uniform(0.25, 1.1)
    colour = rng.integers(0, 256, 3) * rng.uniform(0.05, 0.7)
    texture = cv2.resize(
        rng.normal(0, 25, (6, 8, 1)).astype(np.float32), (wide, high), interpolation=cv2.INTER_CUBIC
    )[..., None]
    y, x = np.mgrid[0:high, 0:wide]
    y, x = (y + 0.5) / high, (x + 0.5) / wide
    lean = rng.uniform(-0.3, 0.3)
    soft = rng.uniform(0.02, 0.15)
    head = rng.random() < 0.5
    sign = rng.choice([-1, 1])
    turns = rng.random() < 0.25  # comes in, and goes back out the way it came
    for i in range(length):
        t = (i + 1) / (length + 1)
        at = np.sin(np.pi * t) * 0.9 if turns else t
        centre = -broad / 2 - 0.1 + at * (1.2 + broad)
        across = x if sign > 0 else 1 - x
        off = np.abs(across - centre - lean * (y - 0.5)) - broad / 2
        if head:
            off = np.maximum(off, (0.15 - y) + 0.3 * ((across - centre) / broad) ** 2)
        cover = np.clip(0.5 - off / soft, 0, 1)
        frames[a + i] = _over(frames[a + i], colour + texture, cover[..., None])


def _bars(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    """Black bars that close in for the rest of the shot."""
    high = frames.shape[1]
    depth = rng.uniform(0.08, 0.2) * high
    for i in range(a, len(frames)):
        tall = round(depth * min(1.0, (i - a + 1) / (b - a)))
        if tall:
            frames[i, :tall] = 0
            frames[i, high - tall :] = 0


def _focus(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    """Out of focus and back."""
    import cv2

    depth = rng.uniform(0.02, 0.12) * frames.shape[2]
    for i in range(a, b):
        width = depth * np.sin(np.pi * (i - a + 1) / (b - a + 1))
        frames[i] = cv2.GaussianBlur(frames[i], (0, 0), max(0.2, float(width)))


_PAINTERS: Final[dict[str, Callable[[Generator, Byte, int, int, Callable[[int], Byte]], None]]] = {
    "flash": _flash,
    "lightning": _lightning,
    "strobe": _strobe,
    "exposure": _exposure,
    "auto-exposure": _auto_exposure,
    "white-balance": _white_balance,
    "title": _title,
    "inset": _inset,
    "leak": _leak,
    "glitch": _glitch,
    "occluder": _occluder,
    "bars": _bars,
    "focus": _focus,
}


def disturb_film(rng: Generator, frames: Byte, often: float) -> list[FrameSpan]:
    """What a codec, a channel or a player does to all of a film, shots and boundaries alike."""
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
    if rng.random() < 0.15:  # a logo that stays
        card, cover = title_card(rng, (high, wide))
        if cover.mean() < 0.15:
            frames[:] = _over(frames, card[None], cover[None, ..., None])
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
        frames[:] = _scaled(frames, gain[:, None, None, None])
    return spans
