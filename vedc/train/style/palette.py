"""The weights of a style's start (models/style/start.py), in closed form from its painting."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Generator
from vedc.models.picture_layers import NumpyPictureLayers
from vedc.models.style import start
from vedc.train.style.pictures import Windows
from vedc.train.style.quilting import quilted

_WINDOWS: Final = 60
_GAINS: Final = (1.4, 0.7, 0.7, 0.7)
"""The target of each band's standard deviation, as a fraction of the painting's: the finest band is
softened when it is enlarged to the frame's size; in the others, a painting's strokes stand apart
and do not fill it evenly. Chosen on validation clips for two paintings, by the features of
tests/bench/style/judging.py."""
_AMPLIFIED: Final = 5.0
"""The largest amplification of a band, where the frame has hardly any energy in it."""
_FAINT: Final = 0.01
"""Standard deviation of a band below which it is noise rather than drawing."""
_LEAST: Final = 4e-5
"""The least energy of a band: less is no stroke, and weights are stored with 16 bits."""
_AROUND: Final = 0.9
"""The share of the surroundings' color that is subtracted."""
_COLORED: Final = 0.5
"""The share of the painting's color spread that follows the frame's colors."""
_QUILTED: Final = 5
"""The seed of the canvas."""
_GRAY: Final = 0.04
"""Spread of a frame's colors below which differences fade."""


def start_weights(painting: Any, windows: Windows, random: Generator) -> dict[str, Any]:
    """The network's arrays ``start.*``. ``painting`` is (h, w, 3) of bytes.

    The canvas depends on the painting alone. The level of luma is scaled so that its mean and
    spread over footage match the painting's; its spread is never increased.
    """
    picture = _cropped(painting).astype(np.float32) / 255
    kept = [windows.cut(1, random)[0, ..., 3:6] for _ in range(_WINDOWS)]
    had = np.concatenate([_level(x).reshape(-1) for x in kept])
    ours = _level(picture)
    scale = min(1.0, float(ours.std() / had.std()))
    energies = _energies(picture)
    floors = 1 / _AMPLIFIED**2 + _FAINT**2 / energies
    kinks, palette, base, left = _curve(picture)
    powers, directions = np.linalg.eigh(np.cov(left.T))
    tint = (directions * np.sqrt(powers.clip(0))) @ directions.T * _COLORED
    found = {
        "energy.weight": 1 / energies,
        "energy.bias": floors,
        "gain.weight": _GAINS,
        "canvas.weight": _canvas(picture),
        "level.weight": [scale],
        "level.bias": [ours.mean() - scale * had.mean()],
        "kink.weight": np.ones((1, 1, 1, start.KNOTS)),
        "kink.bias": -kinks,
        "palette.weight": palette[None, None],
        "palette.bias": base,
        "around.weight": [_AROUND],
        "spread.weight": np.full((1, 1, 3, 1), 1 / 3),
        "spread.bias": [_GRAY**2],
        "tint.weight": tint[None, None],
    }
    return {f"start.{name}": np.float32(value) for name, value in found.items()}


def _cropped(painting: Any) -> Any:
    height, width = (side // start.BLOCK * start.BLOCK for side in painting.shape[:2])
    return painting[:height, :width]


def _level(picture: Any) -> Any:
    """Luma (1, h, w, 1) of a picture at the low-pass level below all bands."""
    return NumpyPictureLayers().mean(start.luma(_cropped(picture)[None]), start.BLOCK)


def _canvas(picture: Any) -> Any:
    """The strokes of a picture, on a canvas that repeats."""
    of, light = NumpyPictureLayers(), start.luma(picture[None])
    _, low = start.bands(of, light)
    for _ in range(start.BANDS):
        low = of.bilinear(low, 2)
    return quilted((light - low)[0, ..., 0], start.CANVAS, np.random.default_rng(_QUILTED))


def _energies(picture: Any) -> Any:
    """The energy of each band of a picture."""
    found, _ = start.bands(NumpyPictureLayers(), start.luma(picture[None]))
    return np.maximum([float(np.square(band).mean()) for band in found], _LEAST)


def _curve(picture: Any) -> tuple[Any, Any, Any, Any]:
    """A least-squares fit of color minus luma as a function of luma: its kinks, the contribution of
    each, the value at black, and the residuals of the painting's colors (n, 3)."""
    light = start.luma(picture[None]).reshape(-1, 1).astype(np.float64)
    color = picture.reshape(-1, 3) - light
    kinks = np.concatenate([[0.0], np.quantile(light, np.arange(1, start.KNOTS) / start.KNOTS)])
    known = np.concatenate([np.maximum(light - kinks, 0), np.ones_like(light)], 1)
    damped = known.T @ known + 1e-4 * len(known) * np.diag([1.0] * start.KNOTS + [0.0])
    found = np.linalg.solve(damped, known.T @ color)
    return kinks, found[:-1], found[-1], color - known @ found
