"""Lamps in a single picture.

A lamp is many times brighter than white, and a lens scatters a part of its light, roughly with the
inverse square of the angle (CIE 135/1, after Vos, Stiles and Holladay). So its surroundings
distinguish a lamp from a white object. Beside a sheet of paper the picture is dark after the width
of an edge; beside a lamp it fades over about the lamp's own radius, on all sides. Windows and skies
are large, letters are not round, glints are small and have no wings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

#: The least linear light of a pixel in a lamp: on a dark background, and on a bright one, such as a
#: sky.
BRIGHT: Final = (0.72, 0.94)
#: Radii, in heights of the picture.
SMALLEST, LARGEST = 0.0062, 0.11
#: The most bright spots to examine per picture, largest first.
MOST: Final = 60
_SECTORS: Final = 8
_LUMA: Final = np.array((0.2126, 0.7152, 0.0722), np.float32)


@dataclass(frozen=True, slots=True)
class Blob:
    """A bright spot. Lengths are pixels; light is linear, white is 1."""

    x: float
    y: float
    """Its light-weighted centre: 0.5 is the middle of the first pixel."""
    radius: float
    """The radius of a disc of the same area."""
    round: float
    """The ratio of its shorter axis to the longer."""
    full: float
    """The ratio of its area to that of the ellipse with the same moments."""
    core: float
    """The light of the weakest channel in it: near 1, however warm a lamp is, since it clips."""
    behind: float
    """The light farther around it."""
    near: float
    """The excess of its surroundings over that light, half a radius away."""
    wing: float
    """The same, a radius away."""
    sides: float
    """The share of directions in which its surroundings are brighter than the background."""
    tint: tuple[float, float, float]
    """The colour of its wings; the strongest channel is 1."""
    cut: bool
    """Whether it touches the border of the picture."""

    @property
    def lamp(self) -> float:
        """How much it looks like a lamp, 0 to 1: the least of its marks."""
        return min(self.marks().values())

    def marks(self) -> dict[str, float]:
        """The evidence for a lamp, each mark from 0 to 1."""
        shape = min(_ramp(self.round, 0.66, 0.86), _ramp(self.full, 0.84, 0.94))
        ratio = self.wing / max(self.near, 1e-6)
        fading = min(_ramp(ratio, 0.02, 0.14), _ramp(ratio, 0.85, 0.65))
        red, green, blue = self.tint
        warm = _ramp(max(green, blue) - red, 0.55, 0.3) * _ramp(green - max(red, blue), 0.3, 0.12)
        return {
            "round": shape,
            "white": _ramp(self.core, 0.7, 0.88),
            "dark around": _ramp(self.behind, 0.44, 0.3),
            # The scattered light of a clipped lamp is weak there; more light means a glossy object.
            "glow": min(_ramp(self.near, 0.01, 0.025), _ramp(self.near, 0.17, 0.13), fading),
            "on all sides": _ramp(self.sides, 0.55, 0.8),
            "color": warm,
        }


def _ramp(value: float, none: float, whole: float) -> float:
    """0 at ``none``, 1 at ``whole``, linear between."""
    return min(max((value - none) / (whole - none), 0.0), 1.0)


def blobs(light: Any) -> list[Blob]:
    """The bright spots of a picture (h, w, 3) of linear light that are as large as lamps.

    If a spot is found for both a dark and a bright background, the version more like a lamp is
    returned.
    """
    luma = light @ _LUMA
    found: list[Blob] = []
    for bright in BRIGHT:
        for blob in _above(light, luma, bright):
            same = next((n for n, b in enumerate(found) if _inside(blob, b)), None)
            if same is None:
                found.append(blob)
            elif blob.lamp > found[same].lamp:
                found[same] = blob
    return found


def _inside(one: Blob, other: Blob) -> bool:
    return float(np.hypot(one.x - other.x, one.y - other.y)) < max(one.radius, other.radius)


def _above(light: Any, luma: Any, bright: float) -> list[Blob]:
    import cv2

    high = luma.shape[0]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((luma >= bright).astype(np.uint8))
    low, top = (np.pi * (r * high) ** 2 for r in (SMALLEST, LARGEST))
    area = stats[1:, cv2.CC_STAT_AREA]
    chosen = np.flatnonzero((area >= max(low, 3.0)) & (area <= top)) + 1
    chosen = chosen[np.argsort(-stats[chosen, cv2.CC_STAT_AREA], kind="stable")][:MOST]
    return [_measured(light, luma, labels == n, stats[n], bright) for n in chosen]


def _measured(light: Any, luma: Any, whole: Any, stats: Any, bright: float) -> Blob:
    import cv2

    high, wide = luma.shape
    left, top, width, height, area = (int(v) for v in stats)
    radius = float(np.sqrt(area / np.pi))
    reach = int(3 * radius + 9)
    rows = slice(max(0, top - reach), min(high, top + height + reach))
    columns = slice(max(0, left - reach), min(wide, left + width + reach))
    own = whole[rows, columns]
    seen = luma[rows, columns]
    y, x = np.nonzero(own)
    away = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, 5)
    middle_x, middle_y = float(x.mean()), float(y.mean())
    xx, yy = x - middle_x, y - middle_y
    across, down = (xx * xx).mean() + 1 / 12, (yy * yy).mean() + 1 / 12  # pixels have an area
    half, rest = (across + down) / 2, np.hypot((across - down) / 2, (xx * yy).mean())
    long, short = np.sqrt(half + rest), np.sqrt(max(half - rest, 1e-9))
    near = (away > 0.4 * radius + 1.5) & (away <= 0.8 * radius + 2.5)
    wing = (away > 0.8 * radius + 2.5) & (away <= 1.6 * radius + 4)
    far = (away > 2 * radius + 5) & (away <= 3 * radius + 9)
    behind = float(np.median(seen[far])) if far.any() else 1.0
    grid_y, grid_x = np.indices(own.shape)
    turn = np.arctan2(grid_y - middle_y, grid_x - middle_x)
    sector = ((turn + np.pi) * (_SECTORS / (2 * np.pi))).astype(int) % _SECTORS
    whole_near = (float(np.median(seen[near])) if near.any() else 0.0) - behind
    least = max(0.008, 0.35 * whole_near)
    levels = []
    for k in range(_SECTORS):
        one, two = near & (sector == k), far & (sector == k)
        if one.any() and two.any():
            levels.append(float(np.median(seen[one]) - np.median(seen[two])))
    sides = float(np.mean(np.array(levels) > least)) if levels else 0.0
    around = light[rows, columns][near]
    base = np.median(light[rows, columns][far], axis=0) if far.any() else np.zeros(3)
    color = np.maximum(np.median(around, axis=0) - base, 1e-4) if len(around) else np.ones(3)
    color = color / color.max()
    x_sub, y_sub = _center(seen, own, away, radius, (bright + behind) / 2)
    return Blob(
        columns.start + x_sub + 0.5,
        rows.start + y_sub + 0.5,
        radius,
        float(short / long),
        float(area / (4 * np.pi * long * short)),
        float(np.quantile(light[rows, columns][own].min(axis=1), 0.8)),
        behind,
        whole_near,
        (float(np.median(seen[wing])) if wing.any() else 0.0) - behind,
        sides,
        (float(color[0]), float(color[1]), float(color[2])),
        left <= 0 or top <= 0 or left + width >= wide or top + height >= high,
    )


def _center(seen: Any, own: Any, away: Any, radius: float, level: float) -> tuple[float, float]:
    """The centroid of the light above a level, with subpixel accuracy."""
    weight = np.clip(seen - level, 0, 1 - level) * (own | (away <= 0.5 * radius + 1.5))
    total = float(weight.sum())
    if total <= 0:
        y, x = np.nonzero(own)
        return float(x.mean()), float(y.mean())
    y, x = np.indices(seen.shape)
    return float((weight * x).sum() / total), float((weight * y).sum() / total)
