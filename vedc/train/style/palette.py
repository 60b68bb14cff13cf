"""A start for a style's colours: the map that gives footage the palette of the painting."""

from __future__ import annotations

from typing import Any

import numpy as np

from vedc.decide.arrays import Generator
from vedc.train.style.pictures import Windows

_WINDOWS = 60


def start_colors(painting: Any, windows: Windows, random: Generator) -> dict[str, Any]:
    """The network's arrays of colour: ``x @ weight + bias`` carries the mean and the covariance of
    footage to those of the painting, and moves colours as little as that allows (Pitie and Kokaram
    2007: the optimal transport between normal distributions).

    ``painting`` is (h, w, 3) of bytes.
    """
    wanted = painting.reshape(-1, 3) / 255
    had = np.concatenate(
        [windows.cut(1, random)[..., 3:6].reshape(-1, 3) for _ in range(_WINDOWS)]
    ).astype(np.float64)
    root, back = _power(np.cov(had.T), 0.5), _power(np.cov(had.T), -0.5)
    weight = back @ _power(root @ np.cov(wanted.T) @ root, 0.5) @ back
    bias = wanted.mean(0) - had.mean(0) @ weight
    return {
        "color.weight": weight.astype(np.float32).reshape(1, 1, 3, 3),
        "color.bias": bias.astype(np.float32),
    }


def _power(matrix: Any, exponent: float) -> Any:
    """A power of a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.maximum(values, 1e-6) ** exponent) @ vectors.T
