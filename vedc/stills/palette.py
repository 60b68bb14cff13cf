"""The palette of a picture, as a lookup table that maps any colour to it.

Colours are in Oklab (Ottosson, 2020). The palette has up to 32 colours, the centres of k-means. A
colour takes the hue and saturation of nearby palette colours, near above all in lightness and
weighted by their share of the picture, and a quarter of their lightness; so light colours stay
light and gradients have no steps. Mixed hues are as saturated as their components. The table
depends only on the file: it is the same in every frame.
"""

from __future__ import annotations

import os
from array import array
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.ops.grade.gamut import OK_LAB, OK_LMS
from vedc.ops.shared.cube import Cube
from vedc.stills.kinds import HEAD_BYTES, kind_of
from vedc.stills.load import load_still

#: Points of the table along an axis.
SIZE: Final = 33
#: Width and height of the picture that is analysed.
_SIDE: Final = 64
_COLORS: Final = 32
_ROUNDS: Final = 12
#: The weight of hue and saturation relative to lightness in distances; the share of lightness taken
#: over.
_CHROMA, _LIGHTER = 0.6, 0.25
#: The largest factor by which a mixture's saturation is raised.
_PURER: Final = 1.5
#: Difference of distances within which palette colours mix.
_NEAR: Final = 0.1

Array = NDArray[np.float64]


def is_picture(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a still picture, by its first bytes."""
    with open(path, "rb") as file:
        return kind_of(Path(path), file.read(HEAD_BYTES)) is not None


def read(path: str | os.PathLike[str]) -> Cube:
    """The table of an 8-bit picture. Raises the errors of :func:`load_still`."""
    stat = os.stat(path)
    return _read(os.fspath(path), stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _read(path: str, *stamp: int) -> Cube:
    raster = load_still(path, _SIDE, _SIDE)
    rgba = np.frombuffer(raster.planes[0], np.uint8).reshape(-1, 4) / 255.0
    seen = rgba[rgba[:, 3] > 0.5]
    return table(seen[:, :3] / seen[:, 3:]) if len(seen) else table(rgba[:, :3])


def table(colors: Array) -> Cube:
    """The table of display values (n, 3)."""
    palette, shares = centres(oklab(colors))
    steps = np.linspace(0.0, 1.0, SIZE)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    given = oklab(np.stack([red, green, blue], -1).reshape(-1, 3))
    scale = np.array([1.0, _CHROMA, _CHROMA])
    away = np.linalg.norm((given[:, None] - palette) * scale, axis=-1)
    # By differences of distances, so that transitions between palette colours are equally wide
    # however far apart these are.
    weights = np.sqrt(shares) * np.exp((away.min(1, keepdims=True) - away) / _NEAR)
    weights /= weights.sum(1, keepdims=True)
    found = weights @ palette
    chroma, pure = np.hypot(*found.T[1:]), weights @ np.hypot(*palette.T[1:])
    found[:, 1:] *= np.minimum(pure / np.maximum(chroma, 1e-6), _PURER)[:, None]
    found[:, 0] = given[:, 0] + _LIGHTER * (found[:, 0] - given[:, 0])
    data = array("f", display(found).astype(np.float32).ravel().tolist())
    return Cube(3, SIZE, (0.0,) * 3, (1.0,) * 3, data, "palette")


def centres(colors: Array) -> tuple[Array, Array]:
    """Colours that represent (n, 3) in Oklab, and the share of these that each represents.

    Each initial centre is the colour farthest from the previous ones, the first the farthest from
    the mean; k-means continues from there, so the result is deterministic.
    """
    far = ((colors - colors.mean(0)) ** 2).sum(1)
    chosen: list[Array] = []
    while len(chosen) < _COLORS and far.max() > 1e-6:
        chosen.append(colors[far.argmax()])
        distance = ((colors - chosen[-1]) ** 2).sum(1)
        far = distance if len(chosen) == 1 else np.minimum(far, distance)
    found = np.array(chosen) if chosen else colors[:1].copy()
    for _ in range(_ROUNDS):
        nearest = ((colors[:, None] - found) ** 2).sum(-1).argmin(1)
        for n in range(len(found)):
            if (nearest == n).any():
                found[n] = colors[nearest == n].mean(0)
    return found, np.bincount(nearest, minlength=len(found)) / len(colors)


def oklab(values: Array) -> Array:
    """Oklab of display values (n, 3), taken as sRGB."""
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(light @ np.array(OK_LMS).T) @ np.array(OK_LAB).T)


def display(colors: Array) -> Array:
    """Display values of Oklab (n, 3), clamped to the gamut."""
    cones: Any = (colors @ np.linalg.inv(OK_LAB).T) ** 3
    light = np.clip(cones @ np.linalg.inv(OK_LMS).T, 0.0, 1.0)
    root = 1.055 * light ** (1 / 2.4) - 0.055
    return np.asarray(np.where(light <= 0.0031308, 12.92 * light, root))
