"""Easing curves against values that browsers give (CSS Easing Functions Level 1)."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import pytest

from vedc.edit.easing import (
    EASINGS,
    canonical,
    easing,
    overshoots,
    step_times,
    value_at,
)
from vedc.edit.values import Keyframe, Keyframes


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


def bounce_out(t: float) -> float:
    for edge, middle, ground in ((1, 0, 0), (2, 1.5, 0.75), (2.5, 2.25, 0.9375)):
        if t < edge / 2.75:
            return 7.5625 * (t - middle / 2.75) ** 2 + ground
    return 7.5625 * (t - 2.625 / 2.75) ** 2 + 0.984375


C1, C2 = 1.70158, 1.70158 * 1.525
C4, C5 = 2 * math.pi / 3, 2 * math.pi / 4.5


def power(n: int) -> tuple[Callable[[float], float], ...]:
    return (
        lambda t: t**n,
        lambda t: 1 - (1 - t) ** n,
        lambda t: 2 ** (n - 1) * t**n if t < 0.5 else 1 - (-2 * t + 2) ** n / 2,
    )


#: The formulas as easings.net publishes them: in, out, in and out.
PUBLISHED: dict[str, tuple[Callable[[float], float], ...]] = {
    "sine": (
        lambda t: 1 - math.cos(t * math.pi / 2),
        lambda t: math.sin(t * math.pi / 2),
        lambda t: -(math.cos(math.pi * t) - 1) / 2,
    ),
    "quad": power(2),
    "cubic": power(3),
    "quart": power(4),
    "quint": power(5),
    "expo": (
        lambda t: 2 ** (10 * t - 10),
        lambda t: 1 - 2 ** (-10 * t),
        lambda t: 2 ** (20 * t - 10) / 2 if t < 0.5 else (2 - 2 ** (-20 * t + 10)) / 2,
    ),
    "circ": (
        lambda t: 1 - math.sqrt(1 - t**2),
        lambda t: math.sqrt(1 - (t - 1) ** 2),
        lambda t: (
            (1 - math.sqrt(1 - (2 * t) ** 2)) / 2
            if t < 0.5
            else (math.sqrt(1 - (-2 * t + 2) ** 2) + 1) / 2
        ),
    ),
    "back": (
        lambda t: (C1 + 1) * t**3 - C1 * t**2,
        lambda t: 1 + (C1 + 1) * (t - 1) ** 3 + C1 * (t - 1) ** 2,
        lambda t: (
            (2 * t) ** 2 * ((C2 + 1) * 2 * t - C2) / 2
            if t < 0.5
            else ((2 * t - 2) ** 2 * ((C2 + 1) * (t * 2 - 2) + C2) + 2) / 2
        ),
    ),
    "elastic": (
        lambda t: -(2 ** (10 * t - 10)) * math.sin((t * 10 - 10.75) * C4),
        lambda t: 2 ** (-10 * t) * math.sin((t * 10 - 0.75) * C4) + 1,
        lambda t: (
            -(2 ** (20 * t - 10)) * math.sin((20 * t - 11.125) * C5) / 2
            if t < 0.5
            else 2 ** (-20 * t + 10) * math.sin((20 * t - 11.125) * C5) / 2 + 1
        ),
    ),
    "bounce": (
        lambda t: 1 - bounce_out(1 - t),
        bounce_out,
        lambda t: (1 - bounce_out(1 - 2 * t)) / 2 if t < 0.5 else (1 + bounce_out(2 * t - 1)) / 2,
    ),
}


@pytest.mark.parametrize("family", PUBLISHED)
@pytest.mark.parametrize(("way", "index"), [("in", 0), ("out", 1), ("in-out", 2)])
def test_penners_curves_are_the_published_ones(family: str, way: str, index: int) -> None:
    ease = EASINGS[f"ease-{way}-{family}"]
    for n in range(1, 1000):
        assert ease(n / 1000) == pytest.approx(PUBLISHED[family][index](n / 1000), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # CSS Easing Functions Level 1, section 2.3, at eighths; at 0 a keyframe's own value holds.
        ("steps(4)", [0, 0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1]),
        ("steps(4, jump-start)", [0, 0.25, 0.5, 0.5, 0.75, 0.75, 1, 1, 1]),
        ("steps(3, jump-none)", [0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1]),
        ("steps(2, jump-both)", [0, 1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 1]),
    ],
)
def test_steps(text: str, values: list[float]) -> None:
    assert [easing(text)(n / 8) for n in range(9)] == pytest.approx(values)
    jumps = step_times(text)
    assert jumps is not None
    for n in range(1, 9):
        reached = [float(p) for t, p in jumps if t <= Fraction(n, 8)]
        assert (reached or [0.0])[-1] == pytest.approx(values[n])


def test_a_custom_bezier_curve() -> None:
    # The curve of `ease` by another name, and the standard curve of Material Design.
    for n in range(11):
        assert easing("cubic-bezier(0.25, 0.1, 0.25, 1)")(n / 10) == EASINGS["ease"](n / 10)
    assert easing("cubic-bezier(0.4, 0, 0.2, 1)")(0.5) == pytest.approx(0.7756, abs=1e-4)


@pytest.mark.parametrize("bounce", [0.0, 0.3, 0.6, 0.9])
def test_a_spring_obeys_the_equation_of_motion(bounce: float) -> None:
    # x'' + 2 z w x' + w^2 (x - 1) = 0, with the damping ratio z = 1 - bounce and z w = ln 1000.
    ease, ratio, step = easing(f"spring({bounce})"), 1 - bounce, 1e-4
    speed = math.log(1000) / ratio
    for n in range(1, 100):
        before, here, after = (ease(n / 100 + k * step) for k in (-1, 0, 1))
        force = (after - 2 * here + before) / step**2 + speed**2 * (here - 1)
        assert force + 2 * ratio * speed * (after - before) / (2 * step) == pytest.approx(
            0, abs=2e-3 * speed**2
        )
    assert overshoots(f"spring({bounce})") == (bounce > 0)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("easeInOutCubic", "ease-in-out-cubic"),
        ("ease_out_back", "ease-out-back"),
        ("easeIn", "ease-in"),
        ("cubic-bezier( .3,0 , 0.2 ,1 )", "cubic-bezier(.3, 0, 0.2, 1)"),
        ("steps(3,end)", "steps(3, end)"),
        ("spring()", "spring()"),
        ("cubic-bezier(1.3, 0, 0.2, 1)", None),
        ("steps(1, jump-none)", None),
        ("steps(0)", None),
        ("spring(0.95)", None),
        ("easein", None),
        ("Ease-In", None),
    ],
)
def test_spellings(written: str, meant: str | None) -> None:
    assert canonical(written) == meant
    if meant is not None:
        assert easing(meant)(0.0) == pytest.approx(0, abs=1e-9)


def test_an_easing_leads_to_the_next_keyframe_and_keeps_within_limits() -> None:
    points = (Keyframe(Fraction(0), 0.0, "hold"), Keyframe(Fraction(8), 1.0, "ease-out-back"),
              Keyframe(Fraction(16), 0.0))  # fmt: skip
    free, held = Keyframes(points), Keyframes(points, (0.0, 1.0))
    assert [value_at(free, n) for n in (4, 7, 8)] == [0, 0, 1]
    assert value_at(free, 12) < 0 == value_at(held, 12)


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


def test_a_step_begins_at_its_own_time() -> None:
    """In floating point 1/49 of 49 is below 1."""
    ease = easing("steps(49)")
    assert [round(ease(n / 49) * 49) for n in range(50)] == list(range(50))
