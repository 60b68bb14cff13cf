"""Keys: coverage, edges, spill and shadows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ops_examples.blend import EXAMPLES
from tests.ops_support import apply
from vedc import ops

RNG = np.random.default_rng(9)
Array = np.ndarray[Any, np.dtype[np.float64]]
SCREEN = (0.0, 0.69, 0.25)
KEYS = [o for o in ops.by_kind("key") if o.name in EXAMPLES]


def picture(alphas: tuple[float, ...] = (1.0,), rows: int = 40, columns: int = 50) -> Array:
    alpha = RNG.choice(alphas, (rows, columns, 1))
    return np.concatenate([RNG.random((rows, columns, 3)) * alpha, alpha], -1)


def flat(*color: float) -> Array:
    return np.array([[[*color, 1.0]]])


def example(name: str) -> dict[str, Any]:
    return {k: picture() if v == "picture" else v for k, v in EXAMPLES[name].items()}


@pytest.mark.parametrize("declared", KEYS, ids=lambda o: o.name)
class TestAll:
    def test_coverage_only_falls(self, declared: ops.Op) -> None:
        given = picture((0.0, 1e-30, 1e-7, 0.4, 1.0))
        after = apply(declared.name, given, **example(declared.name))
        assert np.isfinite(after).all() and (after[..., 3] >= 0).all()
        assert (after[..., 3] <= given[..., 3] + 1e-12).all()
        assert not declared.opaque and (after[..., 3] < given[..., 3]).any()

    def test_the_matte_goes_by_the_colour_alone(self, declared: ops.Op) -> None:
        """A half clear picture is keyed as the same opaque one."""
        given, params = picture(), example(declared.name)
        whole, half = (apply(declared.name, given * f, **params) for f in (1.0, 0.5))
        np.testing.assert_allclose(half, whole * 0.5, atol=1e-12)

    def test_rounding_is_never_seen(self, declared: ops.Op) -> None:
        given, params = picture((0.0, 0.3, 1.0)), example(declared.name)
        noisy = given * (1 + RNG.uniform(-2e-7, 2e-7, given.shape))
        for hard in ({}, {p.name: 0.0 for p in declared.params if p.name == "softness"}):
            change = apply(declared.name, noisy, **(params | hard)) - apply(
                declared.name, given, **(params | hard)
            )
            assert np.abs(change).max() * 255 < 0.4

    def test_finite_on_extremes(self, declared: ops.Op) -> None:
        given = picture()
        given[..., :3] = RNG.choice([-60000.0, -0.3, 0.0, 1.0, 1.8, 60000.0], given[..., :3].shape)
        assert np.isfinite(apply(declared.name, given, **example(declared.name))).all()

    @pytest.mark.parametrize("limit", ["low", "high"])
    def test_finite_at_the_limits_of_parameters(self, declared: ops.Op, limit: str) -> None:
        params = example(declared.name)
        params |= {p.name: getattr(p, limit) for p in declared.params if p.kind == "number"}
        after = apply(declared.name, picture((0.0, 0.5, 1.0)), **params)
        assert np.isfinite(after).all() and after[..., 3].max() <= 1 + 1e-12


class TestChromaKey:
    def test_the_screen_goes_however_it_is_lit_and_skin_stays(self) -> None:
        for light in (-0.2, 0.0, 0.2):  # the same chroma
            lit = flat(*(c + light for c in SCREEN))
            assert apply("chroma_key", lit)[0, 0, 3] == 0
        skin = flat(0.8, 0.6, 0.5)
        np.testing.assert_allclose(apply("chroma_key", skin), skin, atol=1e-12)

    def soft(self, **params: float) -> Array:
        """Mattes of colours from the screen's to grey, unchoked and with ``params``."""
        ramp = np.linspace(0, 1, 200)[np.newaxis, :, np.newaxis]
        colors = np.array(SCREEN) * (1 - ramp) + 0.5 * ramp
        row = np.concatenate([colors, np.ones_like(ramp)], -1)
        given: dict[str, Any] = {"similarity": 0.05, "softness": 0.1, "despill": 0.0}
        result: Array = apply("chroma_key", row, **(given | params))[0, :, 3]
        return result

    def test_choke_bends_the_edge_and_keeps_its_ends(self) -> None:
        plain = self.soft()
        between = (plain > 0.01) & (plain < 0.99)
        assert between.sum() > 20
        for choke in (0.25, 1.0):
            inward, outward = self.soft(choke=choke), self.soft(choke=-choke)
            assert (inward[between] < plain[between]).all()
            assert (outward[between] > plain[between]).all()
            for bent in (inward, outward):
                np.testing.assert_array_equal(bent == 0, plain == 0)
                np.testing.assert_array_equal(bent == 1, plain == 1)
            odds = inward[between] / (1 - inward[between]) * (1 - plain[between]) / plain[between]
            np.testing.assert_allclose(odds, 2.0 ** (-4 * choke))

    def test_clips_stretch_the_matte(self) -> None:
        plain, clipped = self.soft(), self.soft(clip_black=0.2, clip_white=0.7)
        np.testing.assert_allclose(clipped, ((plain - 0.2) / 0.5).clip(0, 1), atol=1e-12)

    @pytest.mark.parametrize("swap", [False, True])
    def test_despill_of_either_screen(self, swap: bool) -> None:
        def turned(*color: float) -> tuple[float, ...]:
            return (color[0], color[2], color[1]) if swap else color

        given = flat(*turned(0.5, 0.8, 0.4))
        key = {"color": turned(*SCREEN), "similarity": 0.0, "softness": 0.001}
        full = apply("chroma_key", given, despill=1.0, **key)[0, 0]
        np.testing.assert_allclose(full, [*turned(0.5, 0.45, 0.4), 1], atol=1e-12)
        half = apply("chroma_key", given, despill=0.5, **key)[0, 0]
        np.testing.assert_allclose(half, [*turned(0.5, 0.625, 0.4), 1], atol=1e-12)

    def test_shadows_stay_as_black(self) -> None:
        shaded = flat(*(c * 0.6 for c in SCREEN))
        params = {"similarity": 0.3, "softness": 0.1}
        np.testing.assert_array_equal(apply("chroma_key", shaded, **params)[0, 0], [0, 0, 0, 0])
        kept = apply("chroma_key", shaded, shadows=0.5, **params)[0, 0]
        np.testing.assert_allclose(kept, [0, 0, 0, 0.2], atol=1e-12)  # 40% darker, half of it
        lit = apply("chroma_key", flat(*SCREEN), shadows=0.5, **params)[0, 0]
        np.testing.assert_allclose(lit, [0, 0, 0, 0], atol=1e-12)


def test_the_plate_itself_is_clear_and_anything_else_stays() -> None:
    plate = picture() * 0.5 + np.array([0.0, 0.0, 0.0, 0.5])
    seen = plate.copy()
    seen[10:20, 10:30, :3] += 0.4
    matte = apply("difference_key", seen, plate=plate)[..., 3]
    assert (matte[10:20, 10:30] == 1).all()
    matte[10:20, 10:30] = 0
    assert (matte == 0).all()


def test_despill_leaves_what_has_no_spill() -> None:
    clean = picture()
    clean[..., 1] = clean[..., :3].min(-1)
    np.testing.assert_array_equal(apply("despill", clean, amount=1.0), clean)
    np.testing.assert_array_equal(apply("despill", clean, amount=0.0, mix=0.2), clean)
