"""Grades drawn at random, as a colourist might make them: chains of vedc's own colour ops.

Each step belongs to a family, so that an estimate can be tested on grades of unseen families. The
ranges are typical of everyday work, widened by heavy tails: most grades are gentle, a few are
strong looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Floats, Generator
from vedc.decide.grades.shot import Step


class _Draw:
    """Random values for one grade, all scaled by its strength."""

    def __init__(self, numbers: Generator) -> None:
        self.numbers = numbers
        self.strength = float(numbers.uniform(0.35, 1.25))

    def chance(self, share: float) -> bool:
        return bool(self.numbers.random() < share)

    def around(self, spread: float, size: int | tuple[int, ...] | None = None) -> Any:
        """Heavy-tailed around 0: Student's t with 6 degrees of freedom, clipped at five spreads."""
        return spread * self.strength * np.clip(self.numbers.standard_t(6, size), -5, 5)

    def factor(self, spread: float, low: float, high: float) -> float:
        """Around 1 on a logarithmic scale."""
        return float(np.clip(np.exp(self.around(spread)), low, high))

    def channels(self, common: float, apart: float) -> Floats:
        """Three values around 0 that share a ``common`` part and differ by ``apart``."""
        found: Floats = self.around(common) + self.around(apart, 3)
        return found


def _listed(values: Floats) -> list[float]:
    return [float(v) for v in values]


def _exposure(draw: _Draw) -> Step:
    return {"op": "exposure", "stops": float(np.clip(draw.around(0.45), -2, 2))}


def _white_balance(draw: _Draw) -> Step:
    mired = 1e6 / 6500 + draw.around(22)
    return {
        "op": "white_balance",
        "temperature": float(np.clip(1e6 / max(mired, 60), 2300, 15000)),
        "tint": float(np.clip(draw.around(10), -80, 80)),
    }


def _contrast(draw: _Draw) -> Step:
    pivot = float(np.clip(0.18 * np.exp(draw.around(0.35)), 0.05, 0.6))
    return {"op": "contrast", "amount": draw.factor(0.14, 0.5, 2), "pivot": pivot}


def _cdl(draw: _Draw) -> Step:
    return {
        "op": "cdl",
        "slope": _listed(np.clip(np.exp(draw.channels(0.07, 0.06)), 0.4, 2)),
        "offset": _listed(np.clip(draw.channels(0.015, 0.015), -0.15, 0.15)),
        "power": _listed(np.clip(np.exp(draw.channels(0.09, 0.05)), 0.5, 2)),
        "saturation": draw.factor(0.12, 0, 2),
    }


def _wheels(draw: _Draw) -> Step:
    return {
        "op": "lift_gamma_gain",
        "lift": _listed(np.clip(draw.channels(0.015, 0.02), -0.2, 0.2)),
        "gamma": _listed(np.clip(np.exp(draw.channels(0.09, 0.06)), 0.5, 2)),
        "gain": _listed(np.clip(np.exp(draw.channels(0.06, 0.05)), 0.5, 1.8)),
    }


def _tone_curve(draw: _Draw, spread: float) -> list[list[float]]:
    """An S-curve, or its inverse, through five points."""
    slope = draw.around(spread)
    xs = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    ys = xs + slope * np.array([0.0, -1.0, 0.0, 1.0, 0.0]) + draw.around(spread / 3, 5)
    ys[0] = max(ys[0], 0.0) if draw.chance(0.3) else 0.0
    ys[4] = min(ys[4], 1.0) if draw.chance(0.3) else 1.0
    ys = np.maximum.accumulate(np.clip(ys, 0, 1) + np.arange(5) * 1e-4)
    return [[float(x), float(min(y, 1.0))] for x, y in zip(xs, ys, strict=True)]


def _curves(draw: _Draw) -> Step:
    step: dict[str, Any] = {"op": "curves", "master": _tone_curve(draw, 0.05)}
    if draw.chance(0.5):
        for channel in ("red", "green", "blue"):
            step[channel] = _tone_curve(draw, 0.025)
    return step


def _fade(draw: _Draw) -> Step:
    black = np.clip(abs(draw.around(0.05)) + draw.around(0.012, 3), 0, 0.3)
    white = np.clip(1 - abs(draw.around(0.04)) + draw.around(0.012, 3), 0.7, 1)
    return {"op": "levels", "out_black": _listed(black), "out_white": _listed(white)}


def _levels(draw: _Draw) -> Step:
    return {
        "op": "levels",
        "in_black": float(np.clip(abs(draw.around(0.03)), 0, 0.2)),
        "in_white": float(np.clip(1 - abs(draw.around(0.05)), 0.7, 1)),
        "gamma": draw.factor(0.12, 0.5, 2),
    }


def _tones(draw: _Draw) -> Step:
    return {
        "op": "shadows_highlights",
        "shadows": float(np.clip(draw.around(0.3), -1, 1)),
        "highlights": float(np.clip(draw.around(0.3), -1, 1)),
    }


def _saturation(draw: _Draw) -> Step:
    return {"op": "saturation", "amount": draw.factor(0.22, 0, 2.5)}


def _vibrance(draw: _Draw) -> Step:
    return {"op": "vibrance", "amount": float(np.clip(draw.around(0.3), -0.9, 1.5))}


def _hue(draw: _Draw) -> Step:
    return {"op": "hue", "degrees": float(np.clip(draw.around(4), -25, 25))}


def _tint(draw: _Draw, spread: float) -> list[float]:
    """A colour near middle grey, shifted towards a hue."""
    angle, radius = draw.numbers.uniform(0, 2 * np.pi), abs(draw.around(spread))
    wheel = np.cos(angle - np.array([0.0, 2.0, 4.0]) * np.pi / 3)
    return _listed(np.clip(0.5 + radius * wheel, 0.05, 0.95))


def _split_tone(draw: _Draw) -> Step:
    return {
        "op": "split_tone",
        "shadows": _tint(draw, 0.07),
        "highlights": _tint(draw, 0.07),
        "balance": float(np.clip(draw.around(0.15), -0.6, 0.6)),
    }


def _color_balance(draw: _Draw) -> Step:
    return {
        "op": "color_balance",
        "shadows": _listed(np.clip(draw.around(0.06, 3), -0.4, 0.4)),
        "midtones": _listed(np.clip(draw.around(0.06, 3), -0.4, 0.4)),
        "highlights": _listed(np.clip(draw.around(0.06, 3), -0.4, 0.4)),
    }


def _by_hue(draw: _Draw, spread: float) -> list[list[float]]:
    """A curve over the hue with a knot at each primary and secondary colour."""
    strength = draw.around(spread, 6) * (draw.numbers.random(6) < 0.6)
    return [[i / 6, float(np.clip(0.5 + y, 0.05, 0.95))] for i, y in enumerate(strength)]


def _hue_vs_sat(draw: _Draw) -> Step:
    return {"op": "hue_vs_sat", "curve": _by_hue(draw, 0.1)}


def _hue_vs_hue(draw: _Draw) -> Step:
    return {"op": "hue_vs_hue", "curve": _by_hue(draw, 0.02)}


def _hue_vs_luma(draw: _Draw) -> Step:
    return {"op": "hue_vs_luma", "curve": _by_hue(draw, 0.07)}


def _luma_vs_sat(draw: _Draw) -> Step:
    ys = np.clip(0.5 + draw.around(0.09, 4), 0.02, 0.98)
    return {"op": "luma_vs_sat", "curve": [[i / 3, float(y)] for i, y in enumerate(ys)]}


def _mixer(draw: _Draw) -> Step:
    """Channels mixed as by film and print stocks; greys stay nearly grey."""
    rows = np.eye(3) + draw.around(0.05, (3, 3))
    rows /= rows.sum(1, keepdims=True)
    return {
        "op": "channel_mixer",
        **{
            c: _listed(np.clip(row, -2, 2))
            for c, row in zip(("red", "green", "blue"), rows, strict=True)
        },
    }


def _grey(draw: _Draw) -> Step:
    return {
        "op": "monochrome",
        "amount": 1.0 if draw.chance(0.5) else float(draw.numbers.uniform(0.3, 1)),
    }


@dataclass(frozen=True, slots=True)
class Family:
    """Steps of one kind."""

    name: str
    draw: Callable[[_Draw], Step]
    chance: float
    """The probability that a grade of usual richness has such a step."""
    place: int
    """Its position in a chain: balance first, looks last."""


FAMILIES: Final[Mapping[str, Family]] = {
    family.name: family
    for family in (
        Family("white balance", _white_balance, 0.5, 0),
        Family("exposure", _exposure, 0.5, 0),
        Family("contrast", _contrast, 0.35, 1),
        Family("cdl", _cdl, 0.45, 1),
        Family("wheels", _wheels, 0.3, 1),
        Family("levels", _levels, 0.15, 1),
        Family("tones", _tones, 0.25, 1),
        Family("curves", _curves, 0.4, 2),
        Family("color balance", _color_balance, 0.2, 2),
        Family("saturation", _saturation, 0.35, 2),
        Family("vibrance", _vibrance, 0.15, 2),
        Family("hue", _hue, 0.08, 2),
        Family("mixer", _mixer, 0.12, 2),
        Family("hue vs sat", _hue_vs_sat, 0.2, 2),
        Family("hue vs hue", _hue_vs_hue, 0.15, 2),
        Family("hue vs luma", _hue_vs_luma, 0.12, 2),
        Family("luma vs sat", _luma_vs_sat, 0.15, 2),
        Family("split tone", _split_tone, 0.25, 3),
        Family("fade", _fade, 0.2, 3),
        Family("monochrome", _grey, 0.02, 3),
    )
}


def draw_grade(numbers: Generator, without: frozenset[str] = frozenset()) -> list[Step]:
    """A grade of at least one step, with no step from the families named in ``without``."""
    families = [f for f in FAMILIES.values() if f.name not in without]
    draw = _Draw(numbers)
    richness = numbers.uniform(0.3, 1.6)
    while True:
        chosen = [f for f in families if draw.chance(f.chance * richness)]
        if chosen:
            break
    order = sorted(chosen, key=lambda f: (f.place, numbers.random()))
    return [family.draw(draw) for family in order]
