"""Errors of a shot: its cast, exposure and contrast, each with its uncertainty.

There are two methods. ``network`` runs models/balance. ``closed`` is the mean of three textbook
estimators of the light's colour: the brightest pixels (white patch), the sixth moment (shades of
grey; Finlayson and Trezzi 2004) and edges (grey edge; van de Weijer and others 2007). Where they
disagree, they are wrong: their spread is its uncertainty. It estimates only casts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from vedc.decide.arrays import Float, Floats
from vedc.models import network_weights
from vedc.models.balance import network
from vedc.models.layers import NumpyLayers


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """The errors of a shot. Exposure and contrast have infinite variances if nothing shows them."""

    cast: Floats
    """(2,): ``log(g / r)`` and ``log(g / b)`` of a colour that should be grey, in linear light."""
    covariance: Floats
    """(2, 2)."""
    stops: float = 0.0
    """Excess brightness in stops."""
    stops_variance: float = float("inf")
    contrast: float = 0.0
    """Log of the excess exponent."""
    contrast_variance: float = float("inf")

    @property
    def spread(self) -> float:
        """Standard deviation of the cast, over both directions."""
        return float(np.sqrt(np.trace(self.covariance)))

    @property
    def clearness(self) -> float:
        """Length of the cast in standard deviations along it."""
        size = float(np.hypot(*self.cast))
        if size == 0:
            return 0.0
        along = self.cast / size
        return size / float(np.sqrt(along @ self.covariance @ along + 1e-12))


@dataclass(frozen=True, slots=True)
class Limits:
    """When an estimate is acted on; tuned on validation footage and stored with the weights."""

    clear: float
    """The least clearness of a cast."""
    spread: float
    """The largest uncertainty of a cast."""
    tones: float
    """The least errors of exposure and contrast, in standard deviations."""

    def notes(self) -> dict[str, str]:
        return {name: f"{getattr(self, name):.6g}" for name in self.__slots__}

    @classmethod
    def of(cls, notes: Any) -> Limits:
        return cls(*(float(notes[name]) for name in cls.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class BalanceNetwork:
    """Weights, with the notes of their training."""

    weights: NDArray[Any] | Any
    limits: Limits
    digest: str

    @classmethod
    def load(cls, file: Path | None = None) -> BalanceNetwork:
        """Raises what :func:`vedc.models.network_weights.load` raises."""
        held = network_weights.load(file or network_weights.shipped("balance"), network.shapes())
        return cls(held.arrays, Limits.of(held.notes), held.digest)


def by_network(light: Float, weights: Any) -> Estimate:
    """Of pictures (n, height, width, 3) of linear light."""
    maps, tones = network.features(light)
    return of_outputs(
        *network.forward(NumpyLayers(), weights, maps[np.newaxis], tones[np.newaxis])
    )[0]


def of_outputs(heat: Any, predicted: Any) -> list[Estimate]:
    """Estimates for a batch, from the mixture of the members' outputs."""
    places = network.centers().astype(np.float64)
    logits = np.asarray(heat, np.float64).reshape(len(heat), -1, len(places))
    chance = np.exp(logits - logits.max(2, keepdims=True))
    chance = (chance / chance.sum(2, keepdims=True)).mean(1)
    tones = np.asarray(predicted, np.float64).reshape(len(predicted), -1, 4)
    found = []
    for p, tone in zip(chance, tones, strict=True):
        mean = p @ places
        away = places - mean
        found.append(
            Estimate(
                mean,
                cast(Floats, (away * p[:, np.newaxis]).T @ away),
                *_mixed(tone[:, network.EXPOSURE], tone[:, network.EXPOSURE_LOG_VARIANCE]),
                *_mixed(tone[:, network.CONTRAST], tone[:, network.CONTRAST_LOG_VARIANCE]),
            )
        )
    return found


def _mixed(means: Floats, log_variances: Floats) -> tuple[float, float]:
    """Mean and variance of a mixture."""
    return float(means.mean()), float(np.exp(log_variances).mean() + means.var())


_LOW, _HIGH = 0.002, 0.98

#: Deviation of the closed form where its three estimators agree, and the factor of their spread:
#: fitted to training footage (train/balance/closed.py).
CLOSED_FLOOR: Final = 0.12
CLOSED_SLOPE: Final = 1.0


def by_closed_form(light: Float) -> Estimate:
    """Of pictures (n, height, width, 3) of linear light."""
    estimates = np.array([of(light) for of in (white_patch, shades_of_grey, grey_edge)])
    mean = estimates.mean(0)
    away = float(((estimates - mean) ** 2).sum(1).mean())
    variance = CLOSED_FLOOR**2 + CLOSED_SLOPE**2 * away
    return Estimate(mean, np.eye(2) * variance)


def white_patch(light: Float) -> Floats:
    return _cast(np.quantile(light.reshape(-1, 3), 0.99, axis=0))


def shades_of_grey(light: Float) -> Floats:
    return _cast((_usable(light) ** 6).mean(0) ** (1 / 6))


def grey_world(light: Float) -> Floats:
    return _cast(_usable(light).mean(0))


def grey_edge(light: Float) -> Floats:
    across = np.abs(np.diff(light.astype(np.float64), axis=2)).reshape(-1, 3)
    down = np.abs(np.diff(light.astype(np.float64), axis=1)).reshape(-1, 3)
    return _cast(np.concatenate([across, down]).mean(0))


def _usable(light: Float) -> Floats:
    """Pixels that are neither black nor clipped; all if few are."""
    flat = light.reshape(-1, 3).astype(np.float64)
    inside = (flat.min(1) > _LOW) & (flat.max(1) < _HIGH)
    return flat[inside] if inside.sum() > 20 else flat


def _cast(color: Floats) -> Floats:
    logs = np.log(np.maximum(color, 1e-6))
    return np.array([logs[1] - logs[0], logs[1] - logs[2]])
