"""The denoiser's quality on unseen pictures, compared with the op ``denoise``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vedc.kernels.denoise import nlm
from vedc.models.clean import network
from vedc.models.picture_layers import NumpyPictureLayers
from vedc.train.clean import noise
from vedc.train.clean.pictures import Scene, read_scenes
from vedc.train.cuts.footage import Item

#: Standard deviations of white noise; white is 1.
LEVELS: Final = (10 / 255, 20 / 255, 30 / 255)
#: Values of ``strength`` of ``denoise``, in deviations of the noise, tried on validation.
STRENGTHS: Final = (0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4)
_SIDE: Final = 160
"""Side of the windows that are measured, in pixels."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The measurements at one noise level."""

    level: float
    strength: float
    """The best ``strength`` of ``denoise`` on validation, in deviations of the noise."""
    noisy: float
    denoise: float
    clean: float
    """PSNR in decibels, means over sources: without cleaning, and after each of the two ops."""
    gain: float
    low: float
    high: float
    """The gain of ``clean`` over ``denoise``, and its 95% bootstrap interval over sources."""


def psnr(given: Any, wanted: Any) -> float:
    """PSNR in decibels of pictures in 0..1."""
    return float(-10 * np.log10(np.mean((given.clip(0, 1) - wanted) ** 2)))


def windows(items: Sequence[Item], seed: int) -> list[tuple[str, Any]]:
    """Clean windows (3, h, w, 3) of every source: films unchanged, photographs at rest."""
    random, found = np.random.default_rng(seed), []
    for scene in read_scenes(items, 3):
        found += [(scene.source, w) for w in _cut(scene, random)]
    return found


def _cut(scene: Scene, random: Any) -> list[Any]:
    """Two windows of a scene; those of a photograph move by whole pixels, or rest."""
    made = []
    for moving in (0, 3):
        height, width = scene.frames[0].shape[:2]
        side = min(_SIDE, (min(height, width) - 2 * 3) // 4 * 4)
        y, x = (int(random.integers(3, n - side - 2)) for n in (height, width))
        if len(scene.frames) == 1:
            at = [(y + k * moving, x + k * moving) for k in (-1, 0, 1)]
            frames = [scene.frames[0][b : b + side, a : a + side] for b, a in at]
        else:
            frames = [frame[y : y + side, x : x + side] for frame in scene.frames]
        made.append(np.stack(frames).astype(np.float32) / 255)
    return made


def cleaned(arrays: Mapping[str, Any], window: Any, level: float) -> Any:
    """The cleaned middle frame of a window (3, h, w, 3)."""
    given = noise.network_input(window, level)[None]
    return network.forward(NumpyPictureLayers(), arrays, given)[0]


def _denoised(frame: Any, strength: float) -> Any:
    return nlm.cpu(np.ascontiguousarray(frame.transpose(2, 0, 1)), strength=strength).transpose(
        1, 2, 0
    )


def compared(
    arrays: Mapping[str, Any], test: Sequence[Item], *, tune_on: Sequence[Item]
) -> list[Figure]:
    """Figures on test sources, one for each noise level.

    ``denoise`` is given the strength that is best on ``tune_on``, for each level.
    """
    tuned = windows(tune_on, 1)[::2][:16]
    judged, found = windows(test, 2), []
    for level in LEVELS:
        random = np.random.default_rng([3, round(level * 255)])
        noisy = [(noise.white(w, level, random)[1], w[1]) for _, w in tuned]
        scores = [np.mean([psnr(_denoised(n, s * level), c) for n, c in noisy]) for s in STRENGTHS]
        strength = STRENGTHS[int(np.argmax(scores))]
        rows: dict[str, list[tuple[float, float, float]]] = {}
        for source, window in judged:
            made, wanted = noise.white(window, level, random), window[1]
            row = (
                psnr(made[1], wanted),
                psnr(_denoised(made[1], strength * level), wanted),
                psnr(cleaned(arrays, made, level), wanted),
            )
            rows.setdefault(source, []).append(row)
        means = np.array([np.mean(r, 0) for r in rows.values()])
        before, denoised, after = means.mean(0).tolist()
        gains = means[:, 2] - means[:, 1]
        draws = random.integers(0, len(gains), (4000, len(gains)))
        low, high = np.quantile(gains[draws].mean(1), [0.025, 0.975])
        found.append(
            Figure(level, strength, before, denoised, after, gains.mean().item(), low, high)
        )
    return found
