"""Hard negatives drawn into the pictures of a shot: flashes, titles, glitches and the like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vedc.decide.arrays import Array, Byte, Generator


def disturb_pictures(
    rng: Generator, frames: Byte, kind: str, a: int, b: int, window: Callable[[int], Byte]
) -> bool:
    """Disturb pictures ``a`` to ``b`` of a shot; later ones may stay changed.

    ``window`` returns the requested number of pictures of other footage. Returns whether ``kind``
    is a disturbance of pictures.
    """
    if kind not in _PAINTERS:
        return False
    _PAINTERS[kind](rng, frames, a, b, window)
    return True


def scaled(part: Byte, gain: Array, lift: Array | float = 0.0) -> Byte:
    mixed = part.astype(np.float32) * gain.astype(np.float32) + np.float32(lift)
    codes: Byte = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return codes


def overlaid(part: Byte, colour: Array, weight: Array) -> Byte:
    """Blend ``colour`` over pictures by ``weight``, both broadcast."""
    base = part.astype(np.float32)
    mixed = base + (np.asarray(colour, np.float32) - base) * weight.astype(np.float32)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _reduced(picture: Byte, wide: int, high: int) -> Byte:
    """A picture reduced by averaging."""
    import cv2

    small: Byte = np.asarray(
        cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA), np.uint8
    )
    return small


def _field(rng: Generator, size: tuple[int, int], spread: float) -> Array:
    """A soft spot at a random place, of shape (height, width)."""
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
    frames[a:b] = overlaid(
        frames[a:b], colour, decay[:, None, None, None] * where[None, :, :, None]
    )


def _lightning(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    gain = 1 + rng.uniform(0.3, 3.0, b - a) * (rng.random(b - a) < 0.6)
    frames[a:b] = scaled(
        frames[a:b], gain[:, None, None, None], 15 * (gain - 1)[:, None, None, None]
    )


def _strobe(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    period = int(rng.integers(2, 7))
    lit = (np.arange(b - a) % period) < max(1, period // 2)
    dark = rng.uniform(0.05, 0.6)
    tint = np.exp(rng.normal(0, 0.3, 3)) if rng.random() < 0.3 else np.ones(3)
    gain = np.where(lit[:, None], tint[None], dark)
    frames[a:b] = scaled(frames[a:b], gain[:, None, None, :])


def _exposure(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    peak = np.exp(rng.choice([-1, 1]) * rng.uniform(0.3, 1.3))
    shape = np.sin(np.pi * (np.arange(b - a) + 1) / (b - a + 1))
    frames[a:b] = scaled(frames[a:b], (peak**shape)[:, None, None, None])


def _settling(frames: Byte, a: int, b: int) -> Array:
    """Weights from frame ``a``: rising until ``b``, then 1."""
    weight = np.ones(len(frames) - a)
    weight[: b - a] = (np.arange(b - a) + 1) / (b - a + 1)
    return weight


def _auto_exposure(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    gain = np.exp(rng.choice([-1, 1]) * rng.uniform(0.15, 0.6))
    frames[a:] = scaled(frames[a:], (gain ** _settling(frames, a, b))[:, None, None, None])


def _white_balance(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    tint = np.exp(rng.normal(0, 0.22, 3))
    gain = tint[None] ** _settling(frames, a, b)[:, None]
    frames[a:] = scaled(frames[a:], gain[:, None, None, :])


def _title(rng: Generator, frames: Byte, a: int, b: int, window: object) -> None:
    """A lower third, a logo or a full title card that appears, stays and disappears."""
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
        frames[a + i] = overlaid(frames[a + i], picture, weight[..., None] * fade)


def title_card(rng: Generator, size: tuple[int, int]) -> tuple[Array, Array]:
    """Lettering with or without a plate behind it: colours (h, w, 3) and coverage (h, w)."""
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
    """A picture in picture, or a window that opens: less than half of the screen."""
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
    """A light leak: warm light from the side that moves."""
    length = b - a
    wide = frames.shape[2]
    x = np.arange(wide)[None] / wide
    centre = rng.uniform(-0.2, 1.2) + np.linspace(0, rng.uniform(-0.8, 0.8), length)
    spot = np.exp(-0.5 * ((x - centre[:, None]) / rng.uniform(0.15, 0.5)) ** 2)
    rise = np.sin(np.pi * (np.arange(length) + 1) / (length + 1)) * rng.uniform(0.4, 1.0)
    colour = np.array([255, rng.uniform(90, 200), rng.uniform(0, 120)])
    light = (spot * rise[:, None])[:, None, :, None] * colour
    frames[a:b] = scaled(frames[a:b], np.ones(1), light)


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
    """Someone or something passes near the lens, out of focus."""
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
    turns = rng.random() < 0.25  # comes in, and leaves the way it came
    for i in range(length):
        t = (i + 1) / (length + 1)
        at = np.sin(np.pi * t) * 0.9 if turns else t
        centre = -broad / 2 - 0.1 + at * (1.2 + broad)
        across = x if sign > 0 else 1 - x
        off = np.abs(across - centre - lean * (y - 0.5)) - broad / 2
        if head:
            off = np.maximum(off, (0.15 - y) + 0.3 * ((across - centre) / broad) ** 2)
        cover = np.clip(0.5 - off / soft, 0, 1)
        frames[a + i] = overlaid(frames[a + i], colour + texture, cover[..., None])


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
