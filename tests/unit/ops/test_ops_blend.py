"""Blends: what holds for all of them, and what no oracle shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ops_examples.blend import EXAMPLES
from tests.ops_support import apply
from vedc import ops
from vedc.ops.core.alpha import blend_facts

RNG = np.random.default_rng(5)
BLENDS = ops.by_kind("blend")
Array = np.ndarray[Any, np.dtype[np.float64]]


def picture(low: float = 0.0, high: float = 1.0, alphas: tuple[float, ...] = (0, 0.3, 1)) -> Array:
    """Premultiplied, with many values at the limits."""
    colors = RNG.uniform(low, high, (60, 80, 3))
    limits = RNG.choice([0.0, 0.5, 1.0, low, high], colors.shape)
    colors = np.where(RNG.random(colors.shape) < 0.3, limits, colors)
    alpha = RNG.choice(alphas, (60, 80, 1))
    return np.concatenate([colors * alpha, alpha], -1)


def on_codes(alphas: tuple[float, ...]) -> Array:
    """Whole 8-bit codes, a fifth of them greys."""
    colors = RNG.integers(0, 256, (60, 80, 3))
    colors = np.where(RNG.random((60, 80, 1)) < 0.2, colors[..., :1], colors) / 255
    alpha = RNG.choice(alphas, (60, 80, 1))
    return np.concatenate([colors * alpha, alpha], -1)


@pytest.mark.parametrize("declared", BLENDS, ids=lambda o: o.name)
class TestAll:
    def test_results_are_finite_and_alpha_is_coverage(self, declared: ops.Op) -> None:
        alphas = (0.0, 1e-30, 1e-7, 0.5, 1.0)
        for low, high in ((0.0, 1.0), (-0.5, 2.0), (-60000.0, 60000.0)):
            result = apply(declared.name, picture(low, high, alphas), picture(low, high, alphas))
            assert np.isfinite(result).all()
            assert result[..., 3].min() >= -1e-12 and result[..., 3].max() <= 1 + 1e-12

    def test_ordinary_pictures_make_ordinary_pictures(self, declared: ops.Op) -> None:
        result = apply(declared.name, picture(), picture())
        bound = 2 if declared.name == "add" else 1
        assert result.min() >= -1e-12 and result.max() <= bound + 1e-12

    def test_opaque(self, declared: ops.Op) -> None:
        solid = picture(alphas=(1,)), picture(alphas=(1,))
        assert (apply(declared.name, *solid)[..., 3] == 1).all() == blend_facts(declared).opaque

    def test_covers(self, declared: ops.Op) -> None:
        """Whether only an opaque source remains, whatever lies below."""
        source = picture(alphas=(1,))
        shown = np.array([apply(declared.name, picture(), source) for _ in range(2)])
        assert np.allclose(shown, source, atol=1e-12) == blend_facts(declared).covers

    def test_identity(self, declared: ops.Op) -> None:
        backdrop = picture()
        same = np.array_equal(apply(declared.name, backdrop, picture()), backdrop)
        assert same == declared.identity({})

    def test_rounding_is_never_seen(self, declared: ops.Op) -> None:
        """Errors of float32 in the pictures make no visible difference: no jumps, no blow-ups."""
        for alphas in ((1.0,), (0.0, 0.3, 0.8, 1.0)):
            pair = on_codes(alphas), on_codes(alphas)
            noisy = [p * (1 + RNG.uniform(-2e-7, 2e-7, p.shape)) for p in pair]
            before, after = apply(declared.name, *pair), apply(declared.name, *noisy)
            assert np.abs(after - before).max() * 255 < 0.4


#: The operators for which a clear source changes nothing: all but those that cut the backdrop.
CUTTING = {"clear", "copy", "source_in", "destination_in", "source_out", "destination_atop"}


@pytest.mark.parametrize(
    "name", [o.name for o in BLENDS if o.name not in CUTTING and o.name != "plus_lighter"]
)
def test_a_clear_source_changes_nothing(name: str) -> None:
    backdrop = picture(-0.5, 2.0)
    np.testing.assert_array_equal(apply(name, backdrop, np.zeros_like(backdrop)), backdrop)


@pytest.mark.parametrize(
    ("name", "neutral"),
    [("multiply", 1.0), ("screen", 0.0), ("color_dodge", 0.0), ("color_burn", 1.0),
     ("linear_burn", 1.0), ("add", 0.0), ("subtract", 0.0), ("divide", 1.0), ("difference", 0.0),
     ("exclusion", 0.0), ("hard_light", 0.5), ("soft_light", 0.5), ("linear_light", 0.5),
     ("vivid_light", 0.5), ("pin_light", 0.5), ("darken", 1.0), ("lighten", 0.0),
     ("darker_color", 1.0), ("lighter_color", 0.0)],
)  # fmt: skip
def test_neutral_colours(name: str, neutral: float) -> None:
    backdrop = picture(0.01, 0.99, alphas=(1,))
    backdrop = np.where(backdrop == neutral, 0.5, backdrop)
    backdrop[..., 3] = 1
    source = np.full_like(backdrop, neutral)
    source[..., 3] = 1
    np.testing.assert_allclose(apply(name, backdrop, source), backdrop, atol=1e-12)


def test_add_keeps_light_above_white() -> None:
    solid = np.ones((1, 1, 4)) * 0.8
    solid[..., 3] = 1
    np.testing.assert_allclose(apply("add", solid, solid)[0, 0], [1.6, 1.6, 1.6, 1])


class TestDissolve:
    def test_alpha_is_the_share_of_pixels(self) -> None:
        backdrop = np.zeros((300, 400, 4))
        backdrop[..., 3] = 1
        for alpha in (0.1, 0.5, 0.93):
            source = np.full((300, 400, 4), alpha)
            shown = apply("blend_dissolve", backdrop, source)[..., 0]
            assert abs(shown.mean() - alpha) < 0.01
            assert ((shown < 0.001) | (shown > 0.999)).mean() > 0.995

    def test_ends_and_steadiness(self) -> None:
        backdrop, source = picture(), picture(alphas=(1,))
        np.testing.assert_allclose(apply("blend_dissolve", backdrop, source), source, atol=1e-12)
        first, second = (apply("blend_dissolve", backdrop, source * 0.4, frame=n) for n in (0, 9))
        np.testing.assert_array_equal(first, second)

    def test_more_alpha_shows_more(self) -> None:
        backdrop = np.zeros((50, 60, 4))
        steps = [
            apply("blend_dissolve", backdrop, np.full((50, 60, 4), a))[..., 3] for a in (0.2, 0.6)
        ]
        assert (steps[1] >= steps[0]).all()


def test_examples_name_ops_and_their_parameters() -> None:
    for name, given in EXAMPLES.items():
        known = {p.name for p in ops.get(name).params}
        assert given.keys() <= known
    assert {o.name for o in BLENDS} <= EXAMPLES.keys()
