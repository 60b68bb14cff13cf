"""When to act on an estimate: limits chosen on validation so that hardly any shot gets worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Bools, Floats
from vedc.decide.grades.balance.estimate import Estimate, Limits, of_outputs
from vedc.models.balance import network
from vedc.models.layers import NumpyLayers
from vedc.train.balance.casts import CastShot

_CLEAR: Final = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
_SPREADS: Final = tuple(float(v) for v in np.geomspace(0.08, 0.6, 25))
_TONES: Final = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
#: Degrees by which a shot must get worse to count as harmed.
WORSE: Final = 0.25


def angles(casts: Floats) -> Floats:
    """Angles (n,) in degrees between casts (n, 2) and grey, as vectors of linear light."""
    logs = np.stack([-casts[:, 0], np.zeros(len(casts)), -casts[:, 1]], 1)
    color = np.exp(logs)
    cosine = color.sum(1) / np.sqrt(3) / np.linalg.norm(color, axis=1)
    found: Floats = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return found


def estimates(weights: Mapping[str, Any], shots: Sequence[CastShot]) -> list[Estimate]:
    """The network's estimates for shots."""
    found: list[Estimate] = []
    for shot in shots:
        maps, tones = network.features(shot.light)
        found += of_outputs(*network.forward(NumpyLayers(), weights, maps[None], tones[None]))
    return found


def tuned_limits(
    weights: Mapping[str, Any], shots: Sequence[CastShot], harm: float
) -> tuple[Limits, dict[str, float]]:
    """The limits that correct most while at most the share ``harm`` of shots gets worse; and
    figures on the same shots."""
    found = estimates(weights, shots)
    return limits_for(found, shots, harm)


def limits_for(
    found: Sequence[Estimate], shots: Sequence[CastShot], harm: float, tones: bool = True
) -> tuple[Limits, dict[str, float]]:
    """As :func:`tuned_limits`, for given estimates. Every source has the same weight."""
    truth = np.array([shot.change.cast for shot in shots])
    predicted = np.array([each.cast for each in found])
    before, after = angles(truth), angles(truth - predicted)
    spread = np.array([each.spread for each in found])
    clear = np.array([each.clearness for each in found])
    is_cast = before > 1e-6
    best, limits = -1.0, (float("inf"), 0.0)
    for low in _CLEAR:
        for high in _SPREADS:
            acts = (clear >= low) & (spread <= high)
            gained = float(np.where(acts, before - after, 0.0).mean())
            if gained > best and _worse(acts, before, after, is_cast) <= harm:
                best, limits = gained, (low, high)
    acts = (clear >= limits[0]) & (spread <= limits[1])
    figures = {
        "acts": float(acts[is_cast].mean()),
        "angle": float(after[acts & is_cast].mean()) if (acts & is_cast).any() else 0.0,
        "harm": _worse(acts, before, after, is_cast),
        "everywhere": float(after[is_cast].mean()),
    }
    deviations = _tones(found, shots, harm) if tones else float("inf")
    return Limits(*limits, deviations), figures


def _worse(acts: Bools, before: Floats, after: Floats, is_cast: Bools) -> float:
    """The larger share of harmed shots: among those with a cast, or among those without."""
    worse = acts & (after > before + WORSE)
    return max(float(worse[part].mean()) for part in (is_cast, ~is_cast) if part.any())


def _tones(found: Sequence[Estimate], shots: Sequence[CastShot], harm: float) -> float:
    """How many standard deviations exposure and contrast must be off before they are corrected."""
    stops = np.array([shot.change.stops for shot in shots])
    contrast = np.log([shot.change.contrast for shot in shots])
    pairs = [
        (stops, np.array([e.stops for e in found]), np.array([e.stops_variance for e in found])),
        (
            contrast,
            np.array([e.contrast for e in found]),
            np.array([e.contrast_variance for e in found]),
        ),
    ]
    for deviations in _TONES:
        shares = []
        for truth, predicted, variance in pairs:
            acts = np.abs(predicted) > deviations * np.sqrt(variance)
            worse = acts & (np.abs(truth - predicted) > np.abs(truth) + 0.05)
            shares.append(float(worse.mean()))
        if max(shares) <= harm:
            return deviations
    return float("inf")
