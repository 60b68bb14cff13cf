"""A shot described by fourteen numbers, on which a look may depend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.perceived import lab

SIZE: Final = (27, 48)
"""Height and width of measured pictures: a thumbnail's."""
_BRIGHT: Final = 0.97
"""The least display value of a blown-out channel."""
_COLOURED: Final = 10.0
"""Chroma below which a colour has practically no hue."""


class _Colors(NamedTuple):
    """All colours of a shot."""

    values: Floats
    """(n, 3) display values."""
    lab: Floats
    """(n, 3) CIELAB."""
    chroma: Floats
    hue: Floats
    """Degrees."""

    def tone(self, share: float) -> float:
        return float(np.quantile(self.lab[:, 0], share))

    def mean(self, axis: int, low: float = 0.0, high: float = 1.0) -> float:
        """The mean of a* (1) or b* (2) between two quantiles of L*."""
        tones = self.lab[:, 0]
        inside = (tones >= self.tone(low)) & (tones <= self.tone(high))
        return float(self.lab[inside, axis].mean())

    def of_hue(self, low: float, high: float, most: float = 200.0) -> float:
        """The percentage of colours of some hues."""
        coloured = (self.chroma >= _COLOURED) & (self.chroma <= most)
        return 100 * float((coloured & (self.hue >= low) & (self.hue < high)).mean())


class Statistic(NamedTuple):
    """One number about a shot."""

    name: str
    called: str
    """Its name in reasons."""
    measure: Callable[[_Colors], float]
    least: float
    """The least spread between shots that counts: smaller ones are noise."""


STATISTICS: Final = (
    Statistic("midtones", "median L*", lambda c: c.tone(0.5), 2.0),
    Statistic("shadows", "5th percentile of L*", lambda c: c.tone(0.05), 2.0),
    Statistic("highlights", "95th percentile of L*", lambda c: c.tone(0.95), 2.0),
    Statistic("contrast", "deviation of L*", lambda c: float(c.lab[:, 0].std()), 1.0),
    Statistic(
        "blown out",
        "% with a channel at its limit",
        lambda c: 100 * float((c.values.max(1) >= _BRIGHT).mean()),
        1.0,
    ),
    Statistic("warmth", "mean b*", lambda c: c.mean(2), 1.0),
    Statistic("tint", "mean a*", lambda c: c.mean(1), 1.0),
    Statistic(
        "warmth of shadows", "mean b* of the darkest third", lambda c: c.mean(2, 0, 1 / 3), 1.0
    ),
    Statistic(
        "warmth of highlights", "mean b* of the brightest third", lambda c: c.mean(2, 2 / 3), 1.0
    ),
    Statistic("colour", "mean chroma", lambda c: float(c.chroma.mean()), 1.0),
    Statistic(
        "vividness", "95th percentile of chroma", lambda c: float(np.quantile(c.chroma, 0.95)), 2.0
    ),
    Statistic("skin", "% of the hues of skin", lambda c: c.of_hue(30, 75, 50.0), 2.0),
    Statistic("green", "% of the hues of leaves", lambda c: c.of_hue(95, 170), 2.0),
    Statistic("blue", "% of the hues of sky and sea", lambda c: c.of_hue(220, 300), 2.0),
)
NAMES: Final = tuple(statistic.name for statistic in STATISTICS)


def measured(pictures: Sequence[Floats]) -> Floats:
    """The statistics (14,) of a shot's pictures (height, width, 3), display values 0..1.

    Larger pictures are reduced to ``SIZE``, so that noise and detail count alike.
    """
    values = np.concatenate([_small(p).reshape(-1, 3) for p in pictures])
    colors = lab(values)
    chroma = np.hypot(colors[:, 1], colors[:, 2])
    hue = np.degrees(np.arctan2(colors[:, 2], colors[:, 1])) % 360
    whole = _Colors(values, colors, chroma, hue)
    return np.array([statistic.measure(whole) for statistic in STATISTICS])


def _small(picture: Floats) -> Floats:
    values = np.clip(np.asarray(picture, np.float64), 0.0, 1.0)
    if values.shape[0] <= SIZE[0] * 1.5:
        return values
    import cv2

    small = cv2.resize(values, SIZE[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float64)
