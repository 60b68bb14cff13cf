"""The effects to look for, and the free parameters of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.shot import Step

#: Luma of BT.709, over R', G' and B'.
LUMA: Final = np.array((0.2126, 0.7152, 0.0722))
ORDER: Final = (
    "gaussian_blur", "sharpen", "chromatic_aberration", "rgb_shift", "halo", "glow", "vignette",
    "pixelate", "scan_lines", "film_grain",
)  # fmt: skip
"""In the order of the light's path: the lens, the picture, the screen."""


@dataclass(frozen=True, slots=True)
class Free:
    """A fitted parameter."""

    name: str
    low: float
    high: float
    log: bool = False
    """Whether it is fitted on a logarithmic scale."""
    pixels: bool = False
    """Whether its unit is pixels of the frame: its bounds are then in widths of the frame."""

    def inner(self, value: float, width: float) -> float:
        unit = width if self.pixels else 1.0
        held = float(np.clip(value, self.low * unit, self.high * unit))
        return float(np.log(held)) if self.log else held

    def outer(self, value: float, width: float) -> float:
        unit = width if self.pixels else 1.0
        shown = float(np.exp(np.clip(value, -20, 20))) if self.log else float(value)
        return float(np.clip(shown, self.low * unit, self.high * unit))


@dataclass(frozen=True, slots=True)
class Kind:
    """An effect of light, which can be confused with a grade: fitted together with the grade."""

    op: str
    free: tuple[Free, ...]
    starts: tuple[tuple[float, ...], ...]
    """Starting values; pixels in widths of the frame."""
    adds: bool = False
    """Whether it can only make a picture brighter."""

    def step(self, inner: Sequence[float] | Floats, width: float) -> dict[str, Any]:
        """The step for fitted values."""
        values = {p.name: p.outer(v, width) for p, v in zip(self.free, inner, strict=True)}
        return {"op": self.op, **values}

    def begun(self, start: Sequence[float], width: float) -> Floats:
        """The values to fit, from a start."""
        units = [width if p.pixels else 1.0 for p in self.free]
        pairs = zip(self.free, start, units, strict=True)
        return np.array([p.inner(v * unit, width) for p, v, unit in pairs])

    def inner(self, step: Step, width: float) -> Floats:
        return np.array([p.inner(step[p.name], width) for p in self.free])


VIGNETTE: Final = Kind(
    "vignette",
    (Free("amount", -1, 1), Free("size", 0, 1.2), Free("softness", 0.05, 2, log=True)),
    ((0.4, 0.1, 0.9), (0.4, 0.3, 0.6), (0.4, 0.45, 0.5), (0.4, 0.65, 0.4), (0.4, 0.3, 1.2)),
)  # fmt: skip
HALO: Final = Kind(
    "halo",
    (
        Free("threshold", 0.05, 1.0),
        Free("radius", 0.01, 0.25, log=True, pixels=True),
        Free("amount", 0.02, 5, log=True),
    ),
    tuple((level, radius, 0.5) for level in (0.35, 0.6, 0.8) for radius in (0.02, 0.05, 0.1)),
    adds=True,
)
GLOW: Final = Kind(
    "glow",
    (Free("amount", 0.02, 1), Free("radius", 0.012, 0.25, log=True, pixels=True)),
    tuple((0.4, radius) for radius in (0.02, 0.045, 0.09)),
    adds=True,
)
LIGHT: Final = (VIGNETTE, HALO, GLOW)

_DIGITS: Final = {"radius": 1, "amount": 3, "size": 3, "softness": 2, "threshold": 3, "spacing": 3}


def written(step: Step) -> dict[str, Any]:
    """A step with its numbers rounded as a person would write them."""
    shown: dict[str, Any] = {}
    for name, value in step.items():
        if isinstance(value, float):
            digits = _DIGITS.get(name, 2) + (name == "radius" and value < 5)
            shown[name] = round(value, digits) + 0.0
        elif isinstance(value, (list, tuple)):
            shown[name] = [round(float(v), 2) + 0.0 for v in value]
        else:
            shown[name] = value
    return shown


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Effects in the order of application."""
    return sorted(steps, key=lambda step: ORDER.index(step["op"]))
