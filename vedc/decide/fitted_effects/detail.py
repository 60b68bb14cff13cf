"""Blur and sharpening: the gain of an edit at each spatial frequency.

Pictures are divided into windowed blocks, of which the most detailed count. The gain at a frequency
is the cross spectrum over the spectrum before (a Wiener filter, with a regression's error). A codec
removes the finest and faintest detail, so gains are judged by the blocks with strong edges, which
survive, and by the frequencies where both pictures agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from vedc.decide.arrays import Bools, Float, Floats
from vedc.decide.fitted_effects.kinds import LUMA

BLOCK: Final = 32
_BINS: Final = 14
_BLOCKS: Final = 400
"""The most blocks to use, the most detailed ones."""
_SHARE: Final = 0.4
_EDGES: Final = 0.15
"""The share of the picture, with the strongest edges, by which strengths are measured."""


class Spectra(NamedTuple):
    """In order of frequency."""

    frequency: Floats
    """(bins,) cycles per pixel."""
    gain: Floats
    coherence: Floats
    """0..1: the share of the energy after that follows the picture before."""
    counts: Floats
    """The number of coefficients in each bin."""


def spectra(before: Sequence[Floats], after: Sequence[Floats]) -> Spectra:
    """Gains between pictures (height, width, 3) and their edited versions."""
    a, b = (np.concatenate([_blocks(p @ LUMA) for p in pictures]) for pictures in (before, after))
    energy = np.square(a - a.mean((1, 2), keepdims=True)).mean((1, 2))
    kept = np.argsort(-energy)[: max(8, min(_BLOCKS, int(len(a) * _SHARE)))]
    window = np.hanning(BLOCK)[:, np.newaxis] * np.hanning(BLOCK)
    one, other = (
        np.fft.rfft2((x[kept] - x[kept].mean((1, 2), keepdims=True)) * window) for x in (a, b)
    )
    weight = 1.0 / np.maximum(energy[kept], 1e-6)  # every block counts alike
    own = np.einsum("n,nij->ij", weight, np.abs(one) ** 2)
    cross = np.einsum("n,nij->ij", weight, (np.conj(one) * other).real)
    new = np.einsum("n,nij->ij", weight, np.abs(other) ** 2)
    down, across = np.fft.fftfreq(BLOCK)[:, np.newaxis], np.fft.rfftfreq(BLOCK)
    radius = np.hypot(down, across)
    edges = np.linspace(1.5 / BLOCK, 0.5, _BINS + 1)
    bins = np.digitize(radius, edges) - 1
    gains, agree, count, middle = [], [], [], []
    for k in range(_BINS):
        inside = bins == k
        if not inside.any():
            continue
        s, c, n = own[inside].sum(), cross[inside].sum(), new[inside].sum()
        gains.append(c / max(s, 1e-12))
        agree.append(np.clip(c * c / max(s * n, 1e-12), 0, 0.999))
        count.append(inside.sum() * len(kept) * 2)
        middle.append(radius[inside].mean())
    return Spectra(*(np.asarray(v, np.float64) for v in (middle, gains, agree, count)))


def _blocks(luma: Floats) -> Floats:
    rows, columns = (n // BLOCK for n in luma.shape)
    whole = luma[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return whole.swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)


class Softness(NamedTuple):
    """The blur and the sharpening that explain a curve of gains."""

    radius: float
    """Standard deviation, in pixels, of the Gaussian blur that explains it; 0 if no detail was
    lost."""
    amount: float
    """Amount and radius of the unsharp mask that explains it; 0 if nothing was added."""
    sharp_radius: float
    blur_left: float
    """The remaining weighted squares of the gains' distance from 1 with a blur, relative to those
    without; likewise for the mask."""
    sharp_left: float
    size: float
    """Weighted mean of the gains' distance from 1."""


_RADII: Final = np.geomspace(0.2, 12.0, 60)
_MASKS: Final = np.geomspace(0.5, 4.0, 16)


def softness(found: Spectra) -> Softness:
    """The blur, and the unsharp mask, with the closest gains."""
    f, gain = found.frequency, found.gain
    weight = np.sqrt(found.counts) * found.coherence / (1.0 - found.coherence + 0.05)
    weight = weight / weight.sum()
    plain = float(weight @ (gain - 1) ** 2)
    curves = np.exp(-2 * (np.pi * _RADII[:, np.newaxis] * f) ** 2)
    by_blur = ((curves - gain) ** 2) @ weight
    blur = int(np.argmin(by_blur))
    added = 1 - np.exp(-2 * (np.pi * _MASKS[:, np.newaxis] * f) ** 2)
    amounts = np.maximum(((gain - 1) * added) @ weight / np.maximum((added**2) @ weight, 1e-12), 0)
    by_mask = ((1 + amounts[:, np.newaxis] * added - gain) ** 2) @ weight
    mask = int(np.argmin(by_mask))
    least = max(plain, 1e-12)
    return Softness(
        float(_RADII[blur]), float(amounts[mask]), float(_MASKS[mask]),
        float(by_blur[blur]) / least, float(by_mask[mask]) / least, plain**0.5,
    )  # fmt: skip


def refined(
    before: Sequence[Floats], after: Sequence[Floats], found: Softness
) -> tuple[tuple[float, float], tuple[float, float, float]]:
    """The blur and the unsharp mask that come closest pixel by pixel, near those from the gains.

    Returns the radius and its residual; the amount, the radius and their residual. Residuals are
    mean squares of luma, relative to those without either.
    """
    a, b = ([np.asarray(p @ LUMA, np.float32) for p in pictures] for pictures in (before, after))
    strong = [_strong(x, y) for x, y in zip(a, b, strict=True)]
    held = [np.concatenate([v[s] for v, s in zip(vs, strong, strict=True)]) for vs in (a, b)]
    plain = max(float(np.square(held[1] - held[0]).mean()), 1e-12)

    def blurred(radius: float) -> Float:
        return np.concatenate([_soft(x, radius)[s] for x, s in zip(a, strong, strict=True)])

    def by_blur(radius: float) -> float:
        return float(np.square(held[1] - blurred(radius)).mean()) / plain

    def by_mask(radius: float) -> tuple[float, float]:
        detail = held[0] - blurred(radius)
        away = held[1] - held[0]
        amount = max(float(detail @ away) / max(float(detail @ detail), 1e-12), 0.0)
        return float(np.square(away - amount * detail).mean()) / plain, amount

    radius = _least(by_blur, max(found.radius, 0.3))
    sharp = _least(lambda r: by_mask(r)[0], max(found.sharp_radius, 0.5))
    left, amount = by_mask(sharp)
    return (radius, by_blur(radius)), (amount, sharp, left)


def _soft(luma: Float, radius: float) -> Float:
    import cv2

    soft = cv2.GaussianBlur(luma, (0, 0), radius, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft, np.float32)


def _strong(before: Float, after: Float) -> Bools:
    """Pixels with edges that a codec keeps, away from clipping."""
    edges = np.abs(before - _soft(before, 2.0))
    inside = (after > 0.02) & (after < 0.98)
    if inside.mean() < 0.1:
        inside = np.ones_like(inside)
    return np.asarray(inside & (edges >= np.quantile(edges[inside], 1 - _EDGES)))


def _least(cost: Callable[[float], float], start: float) -> float:
    """The radius of least cost, within a factor of two of ``start``; to 1%."""
    grid = start * np.geomspace(0.5, 2.2, 9)
    for _ in range(3):
        costs = [cost(float(r)) for r in grid]
        best = int(np.clip(np.argmin(costs), 1, len(grid) - 2))
        grid = np.geomspace(grid[best - 1], grid[best + 1], 5)
    return float(grid[int(np.argmin([cost(float(r)) for r in grid]))])
