"""Grain: noise that an edit added in calm areas of the picture.

A codec removes noise and adds almost none in calm areas, so noise there that is stronger than the
raw picture's was added. Detail that repeats at the same place in the next picture is not grain, but
another effect of the edit. The grain's size follows from the correlation of neighbours, compared
with the op's own grain at a few sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from vedc.decide.arrays import Float, Floats
from vedc.decide.fitted_effects.draw import drawn
from vedc.decide.fitted_effects.kinds import LUMA

_CALM: Final = 0.35
"""The share of the picture that counts as calm."""
_SIZES: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
_TILE: Final = 96


class Grain(NamedTuple):
    """Noise that was added."""

    amount: float
    """Standard deviation in the midtones."""
    size: float
    colored: bool
    ratio: float
    """The finest detail in calm areas, after relative to before."""
    deviation: float
    """Standard deviation of the noise added in calm areas, in display values."""


def grain(before: Sequence[Floats], after: Sequence[Floats]) -> Grain:
    """The grain between pictures (height, width, 3) and their edited versions."""
    left, level, energy = [], [], np.zeros(2)
    lags, channels = np.zeros(2), np.zeros(2)
    stays, last = np.zeros(2), None
    for a, b in zip(before, after, strict=True):
        luma, other = (np.asarray(p @ LUMA, np.float32) for p in (a, b))
        calm = _calm(luma)
        fine = [_fine(x) for x in (luma, other)]
        energy += [float(np.square(f[calm]).mean()) for f in fine]
        added = other - luma
        added = added - _soft(added, 8)
        left.append(added[calm])
        level.append(luma[calm])
        lags += _likeness(added, calm)
        if last is not None:
            both = calm & last[1]
            stays += [float((added * last[0])[both].sum()), float(np.square(added[both]).sum())]
        last = added, calm
        each = np.stack([_fine(np.asarray((b - a)[..., c], np.float32))[calm] for c in range(3)])
        channels += [float((each[0] * each[1]).mean()), float(np.square(each[:2]).mean())]
    fresh = 1.0 - float(np.clip(stays[0] / max(stays[1], 1e-12), 0, 1))
    energy[1] = min(energy[1], energy[0] + (energy[1] - energy[0]) * fresh)
    noise, tone = np.concatenate(left) * np.sqrt(fresh), np.concatenate(level)
    shape = _strength(tone)
    deviation = float(np.sqrt(np.square(noise).mean()))
    amount = float(np.sqrt(np.square(noise).mean() / max(np.square(shape).mean(), 1e-6)))
    alike = lags[0] / max(lags[1], 1e-12)
    known = np.array([_alike(size) for size in _SIZES])
    size = float(np.interp(alike, known, _SIZES))
    colored = channels[0] / max(channels[1], 1e-12) < 0.6
    ratio = float(np.sqrt(energy[1] / max(energy[0], 1e-8)))
    return Grain(amount, size, bool(colored), ratio, deviation)


def _strength(luma: Float) -> Float:
    """The op's strength by luma, at its defaults for shadows and highlights."""
    low, high = (np.clip((luma - e) / 0.5, 0, 1) for e in (0.0, 0.5))
    low, high = (t * t * (3 - 2 * t) for t in (low, high))
    return np.asarray(0.4 + 0.6 * low - 0.7 * high, np.float32)


def _soft(values: Float, radius: float) -> Float:
    import cv2

    return np.asarray(cv2.GaussianBlur(values, (0, 0), radius), np.float32)


def _fine(luma: Float) -> Float:
    return np.asarray(luma - _soft(luma, 1.0), np.float32)


def _calm(luma: Float) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """The areas with the least detail, away from clipping."""
    detail = _soft(np.square(_fine(luma)), 4)
    inside = (luma > 0.06) & (luma < 0.94)
    if inside.mean() < 0.05:
        inside = np.ones_like(inside)
    limit = float(np.quantile(detail[inside], _CALM))
    return np.asarray(inside & (detail <= limit))


def _likeness(added: Float, calm: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    """Products of neighbours, and squares."""
    pair = calm[:, 1:] & calm[:, :-1]
    products = float((added[:, 1:] * added[:, :-1])[pair].mean()) if pair.any() else 0.0
    return np.array([products, float(np.square(added[calm]).mean())])


@lru_cache(maxsize=16)
def _alike(size: float) -> float:
    """The correlation of neighbours in the op's own grain."""
    plain = np.full((_TILE, _TILE, 3), 0.5)
    step = {"op": "film_grain", "amount": 0.1, "size": size}
    added = np.asarray(drawn([step], plain)[..., 1] - 0.5, np.float32)
    products = _likeness(added - _soft(added, 8), np.ones((_TILE, _TILE), bool))
    return float(products[0] / products[1])
