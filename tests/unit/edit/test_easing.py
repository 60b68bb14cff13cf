"""Easing curves against values that browsers give (CSS Easing Functions Level 1)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vedc.edit.easing import EASINGS, value_at
from vedc.edit.model import Keyframe, Keyframes


@pytest.mark.parametrize(
    ("name", "time", "progress"),
    [
        ("linear", 0.3, 0.3),
        # Element.getAnimations() samples of a one-second width animation, to four places.
        ("ease", 0.5, 0.8024),
        ("ease-in", 0.5, 0.3154),
        ("ease-out", 0.5, 0.6846),
        ("ease-in-out", 0.25, 0.1292),
        ("ease-in-out", 0.5, 0.5),
        ("step-end", 0.99, 0.0),
        ("step-start", 0.01, 1.0),
    ],
)
def test_curve(name: str, time: float, progress: float) -> None:
    assert EASINGS[name](time) == pytest.approx(progress, abs=5e-5)


@pytest.mark.parametrize("name", EASINGS)
def test_ends(name: str) -> None:
    assert EASINGS[name](0.0) == pytest.approx(0.0, abs=1e-12)
    assert EASINGS[name](1.0) == pytest.approx(1.0, abs=1e-12)


def test_held_outside_and_eased_between() -> None:
    moving = Keyframes(
        (Keyframe(Fraction(10), 1.0), Keyframe(Fraction(20), 3.0), Keyframe(Fraction(30), (0.0)))
    )
    assert [value_at(moving, f) for f in (0, 10, 15, 20, 25, 30, 99)] == [1, 1, 2, 3, 1.5, 0, 0]


def test_colours_move_channel_by_channel() -> None:
    moving = Keyframes(
        (Keyframe(Fraction(0), (0.0, 1.0, 0.5)), Keyframe(Fraction(4), (1.0, 0.0, 0.5)))
    )
    assert value_at(moving, 1) == (0.25, 0.75, 0.5)
