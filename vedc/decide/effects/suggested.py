"""The reasons for an effect in a shot: the table of rules for ``{auto: {choose: [...]}}``.

Every rule maps a feature to 0 to 1 between two of its values, times points set by hand. With at
least ``ENOUGH`` points, an effect suits a shot. ``docs/effects.md`` has the same table, and a test
compares both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

Level = Literal["subtle", "medium", "strong"]
LEVELS: Final[tuple[Level, ...]] = ("subtle", "medium", "strong")
#: The fewest points of a proposed effect.
ENOUGH: Final = 0.5
#: The most effects of a shot, by level.
MOST: Final[Mapping[Level, int]] = {"subtle": 1, "medium": 2, "strong": 3}


class Rule(NamedTuple):
    """``points`` if the feature is at ``whole`` or beyond, none at ``none``, linear between;
    negative points count against it."""

    feature: str
    none: float
    whole: float
    points: float

    def of(self, value: float) -> float:
        share = (value - self.none) / (self.whole - self.none)
        return round(min(max(share, 0.0), 1.0) * self.points, 2)


class Suggested(NamedTuple):
    """An effect that may be proposed."""

    rules: tuple[Rule, ...]
    levels: Mapping[Level, Mapping[str, Any]]
    """Its parameters by level."""
    group: str
    """A shot gets one effect per group, since they have similar results."""


def _by_level(**params: tuple[float, float, float]) -> dict[Level, dict[str, Any]]:
    return {
        level: {name: values[n] for name, values in params.items()}
        for n, level in enumerate(LEVELS)
    }


#: In the order of application.
SUGGESTED: Final[Mapping[str, Suggested]] = {
    "halo": Suggested(
        (
            Rule("highlights", 0.002, 0.02, 0.5),
            Rule("darkness", 0.55, 0.75, 0.4),
            Rule("highlights", 0.12, 0.25, -0.8),
        ),
        _by_level(amount=(0.2, 0.4, 0.7), threshold=(0.8, 0.7, 0.6)),
        "glow",
    ),
    "glow": Suggested(
        (
            Rule("highlights", 0.03, 0.12, 0.4),
            Rule("darkness", 0.6, 0.45, 0.3),
            Rule("noise", 0.008, 0.02, -0.4),
            Rule("highlights", 0.35, 0.6, -0.7),
        ),
        _by_level(amount=(0.2, 0.35, 0.55)),
        "glow",
    ),
    "lens_dirt": Suggested(
        (
            Rule("lamp", 0.4, 0.8, 0.6),
            Rule("darkness", 0.55, 0.75, 0.3),
            Rule("highlights", 0.15, 0.3, -0.6),
        ),
        _by_level(amount=(2.0, 4.0, 7.0)),
        "lens",
    ),
    "flare": Suggested(
        (Rule("lamp", 0.3, 0.6, 1.0), Rule("darkness", 0.4, 0.2, -0.3)),
        _by_level(intensity=(0.4, 0.7, 1.0)),
        "lens",
    ),
    "leak": Suggested(
        (
            Rule("warmth", 0.04, 0.12, 0.5),
            Rule("darkness", 0.6, 0.45, 0.2),
            Rule("lamp", 0.3, 0.6, -0.3),
            Rule("highlights", 0.3, 0.5, -0.5),
        ),
        _by_level(amount=(0.25, 0.45, 0.7)),
        "leak",
    ),
    "clarity": Suggested(
        (Rule("contrast", 0.55, 0.3, 0.7), Rule("noise", 0.006, 0.015, -0.6)),
        _by_level(amount=(0.2, 0.4, 0.7)),
        "clarity",
    ),
    "vignette": Suggested(
        (
            Rule("corners", 0.75, 1.05, 0.4),
            Rule("calm corners", 1.0, 0.5, 0.3),
            Rule("darkness", 0.65, 0.85, -0.5),
        ),
        _by_level(amount=(0.18, 0.32, 0.5)),
        "vignette",
    ),
    "film_grain": Suggested(
        (Rule("noise", 0.01, 0.004, 0.6), Rule("flatness", 0.97, 0.999, -0.6)),
        _by_level(amount=(0.02, 0.04, 0.07)),
        "grain",
    ),
}

#: A feature in words; ``{}`` is its value.
DESCRIPTIONS: Final[Mapping[str, str]] = {
    "highlights": "{:.1%} of the picture is near white",
    "darkness": "half of the picture is darker than {:.2f} of white",
    "contrast": "tones span {:.2f}",
    "warmth": "red is above blue by {:.2f}",
    "corners": "corners have {:.2f} times the brightness of the middle",
    "calm corners": "corners have {:.2f} times the detail of the middle",
    "flatness": "{:.1%} of the picture is flat, as drawings are",
    "noise": "noise of {:.3f} of white",
    "lamp": "a lamp, sure to {:.2f}",
}
