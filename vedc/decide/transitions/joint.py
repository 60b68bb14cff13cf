"""Measures of the two sides of a join, from 0 to 1, with phrases.

Speeds are in longer sides of the picture per second, and directions are those of the picture: when
a camera pans to the right, the picture moves to the left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.results import Beside
from vedc.decide.arrays import Byte, Floats
from vedc.decide.transitions.salience import Spot, blurred, spot
from vedc.kernels.temporal import flow

#: Measures of a joint, with their meaning.
MEASURES: Final[Mapping[str, str]] = {
    "pan": "Both sides move the same way: 1 where they do from 0.2 sides a second on.",
    "fast": "How fast they do: 1 from 1 side a second on, 0 up to 0.2.",
    "sweep": "One side moves as a whole and the other does not go against it: 1 at 0.3 a second.",
    "clash": "Both sides move, and against each other: 1 at 0.2 sides a second.",
    "push": "The camera comes nearer on both sides: 1 where both pictures grow by half a second.",
    "round": "A round thing stands out where the iris opens or closes: how round it is.",
    "spot": "One thing alone draws the eye in the incoming picture: how much of it.",
    "shape": "The incoming picture has a large shape against another tone: 1 at a third of the "
    "range.",
    "morphs": "The same things are in both pictures, moved: share of the structure whose flow "
    "leads back, from 0.4 to 0.7.",
    "unfocused": "The blurrier side is out of focus: 1 where blurring it again changes nothing.",
    "bright": "How bright the darker of both sides is: 0 at a luma of 0.6, 1 at 0.85.",
    "glow": "Warm light in either picture: share of nearly full, warm pixels, 1 at a fifth.",
}

#: Steps to the right and down of each direction.
WAYS: Final[Mapping[str, tuple[float, float]]] = {
    "right": (1.0, 0.0), "down": (0.0, 1.0), "left": (-1.0, 0.0), "up": (0.0, -1.0),
}  # fmt: skip
_SOFT: Final = (0.67, 0.77)
"""Blur of a soft picture, and of one out of focus."""
_MOVES: Final = 0.06
"""Speed below which a side stands still."""


@dataclass(frozen=True, eq=False)
class Joint:
    """Two sides of a join: the end of one clip and the beginning of another."""

    left: Beside
    right: Beside

    @cached_property
    def motion(self) -> tuple[Floats, Floats]:
        """Horizontal and vertical motion, growth and coherence of each side: medians of the half
        second."""
        return _typical(self.left), _typical(self.right)

    @cached_property
    def spots(self) -> tuple[Spot, Spot]:
        """The most salient object on each side."""
        return spot(self.left.luma, self.left.thumb), spot(self.right.luma, self.right.thumb)

    @cached_property
    def heading(self) -> Floats | None:
        """The picture's direction over the join, (across, down); None if it stands still or the
        sides move against each other."""
        ends = [row[:2] * row[3] for row in self.motion]
        total: Floats = ends[0] + ends[1]
        return total if float(np.hypot(*total)) >= _MOVES else None

    @property
    def way(self) -> str | None:
        """The direction nearest to the heading."""
        if self.heading is None:
            return None
        ahead = self.heading
        return max(WAYS, key=lambda way: float(np.dot(WAYS[way], ahead)))

    @property
    def opens(self) -> bool:
        """Whether an iris opens on the incoming picture, instead of closing on the outgoing."""
        return self._iris(self.spots[1]) >= self._iris(self.spots[0])

    @staticmethod
    def _iris(one: Spot) -> float:
        return one.round * (0.5 + 0.5 * one.alone) + 0.2 * one.alone

    def measures(self) -> dict[str, tuple[float, str]]:
        """All of ``MEASURES``: value and phrase."""
        return self._moving() | self._showing() | self._lit()

    def _moving(self) -> dict[str, tuple[float, str]]:
        left, right = self.motion
        speeds = float(np.hypot(*left[:2])), float(np.hypot(*right[:2]))
        whole = min(float(left[3]), float(right[3]))
        both = min(speeds)
        cosine = float(left[:2] @ right[:2]) / max(speeds[0] * speeds[1], 1e-9)
        pan = clip(both / 0.2) * clip((cosine - 0.5) / 0.4) * whole
        clash = clip(both / 0.2) * clip(-cosine / 0.7) * whole
        moving = max((left, right), key=lambda row: float(np.hypot(*row[:2]) * row[3]))
        sweep = clip(float(np.hypot(*moving[:2])) / 0.3) * float(moving[3]) * (1 - clash)
        grows = min(float(left[2]), float(right[2]))
        way = self.way or "nowhere"
        found = {
            "pan": (pan, f"both sides move {way} at {speeds[0]:.2f} and {speeds[1]:.2f}"),
            "fast": (pan * clip((both - 0.2) / 0.8), f"{both:.2f} sides a second"),
            "sweep": (sweep, f"a side moves {way} at {max(speeds):.2f}"),
            "clash": (clash, f"the sides move against each other at {both:.2f}"),
            "push": (
                clip(grows / 0.5) * whole,
                f"the pictures grow by {100 * left[2]:.0f} and {100 * right[2]:.0f} % a second",
            ),
        }
        return {
            name: (value if value > 0 else 0.0, words) for name, (value, words) in found.items()
        }

    def _showing(self) -> dict[str, tuple[float, str]]:
        one = self.spots[1 if self.opens else 0]
        where = f"at {100 * one.x:.0f} %, {100 * one.y:.0f} %"
        contrast, area = _shape(self.right.luma)
        share = self.agreement
        focus = max(blurred(self.left.luma), blurred(self.right.luma))
        return {
            "round": (one.round * (0.5 + 0.5 * one.alone), f"a round thing {where}"),
            "spot": (self.spots[1].alone * (1 - one.round), f"one thing {where} draws the eye"),
            "shape": (contrast, f"a shape of {100 * area:.0f} % of the picture"),
            "morphs": (clip((share - flow.DOUBT) / 0.3), f"{100 * share:.0f} % is the same, moved"),
            "unfocused": (clip((focus - _SOFT[0]) / (_SOFT[1] - _SOFT[0])), f"blur {focus:.2f}"),
        }

    @cached_property
    def agreement(self) -> float:
        """The share of the structure of both pictures whose flow leads back."""
        first, second = self.left.luma, self.right.luma
        if first.shape != second.shape:
            return 0.0
        there, back = flow.between(first, second)
        ways = flow.agreement(first, there, back), flow.agreement(second, back, there)
        return min(ways)

    def _lit(self) -> dict[str, tuple[float, str]]:
        bright = min(float(side.luma.mean()) / 255 for side in (self.left, self.right))
        warm = max(_warm(side.thumb) for side in (self.left, self.right))
        return {
            "bright": (clip((bright - 0.6) / 0.25), f"brightness {bright:.2f} at least"),
            "glow": (clip(warm / 0.2), f"warm light on {100 * warm:.0f} % of a picture"),
        }


def clip(value: float) -> float:
    """The value within 0 to 1."""
    return float(min(max(value, 0.0), 1.0))


def _typical(side: Beside) -> Floats:
    rows = np.asarray(side.motion, np.float64)
    return np.median(rows, axis=0) if len(rows) else np.zeros(5)


def _warm(thumb: Byte) -> float:
    """The share of pixels that are bright and warm."""
    red, green, blue = (thumb[..., k].astype(np.float64) for k in range(3))
    return float(((red > 235) & (red > 1.15 * blue) & (green > 0.45 * red)).mean())


def _shape(luma: Byte) -> tuple[float, float]:
    """The tonal distance of the two parts of a picture, and the area of the smaller one, if it is
    connected; (0, 0) if there are no two parts."""
    import cv2

    small = cv2.GaussianBlur(cv2.resize(luma, (80, 45), interpolation=cv2.INTER_AREA), (0, 0), 1.5)
    _, parts = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    lower = parts if float(parts.mean()) < 127.5 else 255 - parts
    count, labels, stats, _ = cv2.connectedComponentsWithStats((lower > 0).astype(np.uint8))
    if count < 2:
        return 0.0, 0.0
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    mask = labels == best
    area = float(mask.mean())
    whole = float(mask.sum()) / max(float((lower > 0).sum()), 1.0)
    tones: Any = small.astype(np.float64)
    apart = abs(float(tones[mask].mean()) - float(tones[~mask].mean())) / 255
    spread = float(np.sqrt((tones[mask].var() + tones[~mask].var()) / 2)) / 255
    sized = clip((area - 0.05) / 0.1) * clip((0.5 - area) / 0.1)
    return clip((apart - spread) / 0.33) * sized * clip((whole - 0.5) / 0.4), area
