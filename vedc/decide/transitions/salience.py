"""What draws the eye in a picture: a map, its most salient place, and the roundness of the object
there.

The map is the mean of the spectral residual (X. Hou and L. Zhang, "Saliency detection: a spectral
residual approach", 2007) and of the contrast of a place with its surroundings in lightness and
colour, each scaled to its range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Byte, Float

#: Rows and columns of a map.
MAP: Final = (36, 64)
_PLAIN: Final = 0.4
"""Mean change, in codes, from pixel to pixel below which sharpness is meaningless."""
_LEAST, _MOST = 0.01, 0.3
"""The range of an object's area, as a share of the picture."""
_ROUND: Final = (0.68, 0.9)
"""Share of its surrounding circle that an object fills: not round at all, and round."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The most salient object of a picture. Fractions of its width and height."""

    x: float
    y: float
    area: float
    alone: float
    """Its share of the picture's salience: 0 to 1."""
    round: float
    """Its roundness: 0 to 1."""


def salience(luma: Byte, thumb: Byte) -> Float:
    """The map, of the shape ``MAP``, 0 to 1, of a picture's luma (h, w) and colours (27, 48, 3)."""
    import cv2

    small = cv2.resize(luma, MAP[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    color = cv2.resize(thumb, MAP[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32)
    parts = [_ranged(_residual(small)), _ranged(_contrast(small, color))]
    found: Float = _ranged(np.mean(parts, axis=0)).astype(np.float32)
    return found


def _residual(small: Float) -> Float:
    import cv2

    spectrum = np.fft.fft2(small * np.outer(np.hanning(MAP[0]), np.hanning(MAP[1])))
    amplitude = np.log(np.abs(spectrum) + 1e-6)
    rest = amplitude - cv2.blur(amplitude, (3, 3), borderType=cv2.BORDER_REFLECT)
    back: Float = np.abs(np.fft.ifft2(np.exp(rest + 1j * np.angle(spectrum)))).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(back * back, (0, 0), 2.5), np.float32)


def _contrast(small: Float, color: Float) -> Float:
    import cv2

    total = np.zeros(MAP, np.float32)
    chroma = color - color.mean(axis=2, keepdims=True)
    for plane in (small, *(chroma[..., k] for k in range(3))):
        plane = np.ascontiguousarray(plane)
        near, far = cv2.GaussianBlur(plane, (0, 0), 1.5), cv2.GaussianBlur(plane, (0, 0), 14.0)
        total += (near - far) ** 2
    root: Float = np.sqrt(total)
    return root


def _ranged(values: Any) -> Any:
    low, high = float(values.min()), float(np.quantile(values, 0.995))
    return np.clip((values - low) / max(high - low, 1e-6), 0, 1)


def spot(luma: Byte, thumb: Byte) -> Spot:
    """The most salient object: a round one if there is one, otherwise where the map is
    strongest."""
    found = salience(luma, thumb)
    thing = _round_thing(luma, thumb)
    if thing is None:
        thing = _brightest(found)
    x, y, area, round_ = thing
    rows, columns = np.mgrid[0 : MAP[0], 0 : MAP[1]]
    reach = max(1.5 * np.sqrt(area * MAP[0] * MAP[1] / np.pi), 4.0)
    near = np.hypot(columns + 0.5 - x * MAP[1], rows + 0.5 - y * MAP[0]) < reach
    drawn = np.maximum(found - 0.25, 0)
    share = float((drawn * near).sum() / max(float(drawn.sum()), 1e-6))
    fair = float(near.mean())
    alone = max(0.0, (share - fair) / max(1 - fair, 1e-6))
    return Spot(x, y, area, alone, round_)


def _brightest(found: Float) -> tuple[float, float, float, float]:
    import cv2

    mask = (found > 0.5 * float(found.max())).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return 0.5, 0.5, 1.0, 0.0
    weights = [float(found[labels == k].sum()) for k in range(1, count)]
    best = 1 + int(np.argmax(weights))
    rows, columns = np.nonzero(labels == best)
    weight = found[rows, columns]
    x = float(((columns + 0.5) * weight).sum() / weight.sum()) / MAP[1]
    y = float(((rows + 0.5) * weight).sum() / weight.sum()) / MAP[0]
    return x, y, float(stats[best, cv2.CC_STAT_AREA]) / found.size, 0.0


def _round_thing(luma: Byte, thumb: Byte) -> tuple[float, float, float, float] | None:
    """Centre, area and roundness of the roundest object in the picture split into two tones; None
    without one."""
    import cv2

    height, width = luma.shape
    ratio = 160 / max(height, width)
    size = max(16, round(width * ratio)), max(16, round(height * ratio))
    small = cv2.GaussianBlur(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), (0, 0), 1.0)
    color = cv2.resize(thumb, size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    middle = np.median(color.reshape(-1, 3), axis=0)
    away: Any = np.linalg.norm(color - middle, axis=2)
    tones = [small, np.clip(away, 0, 255).astype(np.uint8)]
    best: tuple[float, float, float, float] | None = None
    for tone in tones:
        if float(tone.std()) < 6:  # nothing stands out
            continue
        _, parts = cv2.threshold(tone, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        for mask in (parts, 255 - parts):
            for one in _things(mask):
                if best is None or one[3] * one[2] ** 0.25 > best[3] * best[2] ** 0.25:
                    best = one
    return best


def _things(mask: Byte) -> list[tuple[float, float, float, float]]:
    """Round areas of a mask that do not touch the picture's edge."""
    import cv2

    height, width = mask.shape
    found = []
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        x, y, wide, high = cv2.boundingRect(outline)
        if x <= 1 or y <= 1 or x + wide >= width - 1 or y + high >= height - 1:
            continue
        area = float(cv2.contourArea(outline))
        if not _LEAST <= area / mask.size <= _MOST:
            continue
        (cx, cy), radius = cv2.minEnclosingCircle(outline)
        fills = area / max(np.pi * radius * radius, 1e-6)
        round_ = float(np.clip((fills - _ROUND[0]) / (_ROUND[1] - _ROUND[0]), 0, 1))
        if round_ > 0:
            found.append(((cx + 0.5) / width, (cy + 0.5) / height, area / mask.size, round_))
    return found


def blurred(luma: Byte) -> float:
    """How little a picture changes when blurred again, 0 (sharp) to 1 (F. Crete et al., "The blur
    effect", 2007): about 0.3 for sharp pictures. A plain picture is not blurred."""
    import cv2

    picture = luma.astype(np.float32)
    found = []
    for axis, kernel in ((1, (9, 1)), (0, (1, 9))):
        again = cv2.blur(picture, kernel, borderType=cv2.BORDER_REPLICATE)
        own = np.abs(np.diff(picture, axis=axis))
        left = np.maximum(own - np.abs(np.diff(again, axis=axis)), 0)
        total = float(own.sum())
        plain = float(own.mean()) < _PLAIN
        found.append(0.0 if plain else (total - float(left.sum())) / total)
    return max(found)
