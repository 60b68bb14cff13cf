"""Display values as they are perceived: CIELAB, OKLab, and the difference CIEDE2000.

Display values are taken as sRGB: BT.709 primaries, D65 white and the sRGB transfer, as films are
seen on most screens.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.decide.arrays import Floats

#: IEC 61966-2-1: linear sRGB to CIE XYZ, and its white.
_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375],
     [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
_WHITE: Final = _XYZ.sum(1)

#: Ottosson, "A perceptual color space for image processing" (2020): linear sRGB to cone
#: responses, and their cube roots to OKLab.
_CONES: Final = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929],
     [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_OPPONENT: Final = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468],
     [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


def light(values: NDArray[Any]) -> Floats:
    """Display values (..., 3), clamped to 0..1, as linear light."""
    v = np.clip(np.asarray(values, np.float64), 0.0, 1.0)
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def lab(values: NDArray[Any]) -> Floats:
    """CIELAB (..., 3) of display values: L* 0..100."""
    t = light(values) @ (_XYZ / _WHITE[:, np.newaxis]).T
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def oklab(values: NDArray[Any]) -> Floats:
    """OKLab (..., 3) of display values: L 0..1."""
    found: Floats = np.cbrt(light(values) @ _CONES.T) @ _OPPONENT.T
    return found


def delta_e(first: NDArray[Any], second: NDArray[Any]) -> Floats:
    """CIEDE2000 (...) between display values (..., 3)."""
    return ciede2000(lab(first), lab(second))


def ciede2000(first: Floats, second: Floats) -> Floats:
    """The difference of CIELAB colours (..., 3), ISO/CIE 11664-6, with all weights 1.

    Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula" (2005), whose test data it
    reproduces.
    """
    l1, a1, b1 = np.moveaxis(np.asarray(first, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(second, np.float64), -1, 0)
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    grey = c1 * c2 == 0
    turn = np.where(grey, 0.0, (h2 - h1 + 180) % 360 - 180)
    # Hues half a turn apart: the formula goes in the positive direction.
    turn = np.where(~grey & (np.abs(h2 - h1) == 180), h2 - h1, turn)
    dl, dc = l2 - l1, c2 - c1
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    far = np.abs(h1 - h2) > 180
    half = (h1 + h2) / 2
    mean_h = np.where(far, np.where(h1 + h2 < 360, half + 180, half - 180), half)
    mean_h = np.where(grey, h1 + h2, mean_h)
    t = (
        1
        - 0.17 * np.cos(np.radians(mean_h - 30))
        + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6))
        - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )
    away = (mean_l - 50) ** 2
    sl = 1 + 0.015 * away / np.sqrt(20 + away)
    sc, sh = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    bend = 2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    rt = -bend * np.sin(np.radians(60 * np.exp(-(((mean_h - 275) / 25) ** 2))))
    found: Floats = np.sqrt(
        (dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rt * (dc / sc) * (dh / sh)
    )
    return found
