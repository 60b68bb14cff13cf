"""Light that is added: flares, leaks, rays and dirt, by what each promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ops_support import apply

Array = np.ndarray[Any, np.dtype[Any]]
DARK = (90, 160)


def opaque(rows: int, columns: int, level: float = 0.0) -> Array:
    made = np.full((rows, columns, 4), level)
    made[..., 3] = 1.0
    return made


def spot(rows: int, columns: int, y: float, x: float) -> Array:
    """White light in one place, in fractions, on black."""
    made = opaque(rows, columns)
    side = rows // 30
    top, left = int(y * rows), int(x * columns)
    made[top - side : top + side, left - side : left + side, :3] = 1.0
    return made


def smaller(picture: Array, times: int) -> Array:
    rows, columns, channels = picture.shape
    cells = picture.reshape(rows // times, times, columns // times, times, channels)
    return np.asarray(cells.mean((1, 3)))


@pytest.mark.parametrize("name", ["flare", "leak"])
def test_light_adds(name: str) -> None:
    """The same light over grey as over black, and never less than there was."""
    black, grey = (apply(name, opaque(*DARK, level)) for level in (0.0, 0.4))
    np.testing.assert_allclose(grey[..., :3] - 0.4, black[..., :3], atol=1e-12)
    assert black.min() >= 0.0 and black[..., :3].max() > 0.3
    assert (black[..., 3] == 1.0).all()


@pytest.mark.parametrize("name", ["flare", "leak", "god_rays", "lens_dirt"])
def test_without_strength_nothing_changes(name: str) -> None:
    picture = np.random.default_rng(0).random((20, 30, 4))
    picture[..., :3] *= picture[..., 3:]
    strength = "intensity" if name == "flare" else "amount"
    np.testing.assert_allclose(apply(name, picture, **{strength: 0.0}), picture, atol=1e-12)


@pytest.mark.parametrize("name", ["flare", "leak"])
def test_clear_stays_clear(name: str) -> None:
    assert np.abs(apply(name, np.zeros((30, 40, 4)))).max() == 0.0


@pytest.mark.parametrize(
    ("name", "params"),
    [("flare", {}), ("leak", {"seed": 3}), ("god_rays", {"center": (0.5, 0.5)}), ("lens_dirt", {})],
)
@pytest.mark.slow
def test_the_same_look_at_every_size(name: str, params: dict[str, Any]) -> None:
    large = apply(name, spot(360, 640, 0.4, 0.35), **params)
    small = apply(name, spot(120, 213 * 1, 0.4, 0.35)[:, :213], **params)
    shrunk = smaller(large[:, : 213 * 3], 3)
    difference = np.abs(shrunk - small)[..., :3]
    assert difference.mean() < 0.004
    light = small[..., :3].mean()
    assert shrunk[..., :3].mean() == pytest.approx(light, rel=0.1)


@pytest.mark.parametrize(("x", "y"), [(0.3, 0.4), (0.71, 0.22)])
def test_a_flare_is_brightest_at_its_lamp(x: float, y: float) -> None:
    light = apply("flare", opaque(180, 320), position=(x, y))[..., 1]
    row, column = np.unravel_index(light.argmax(), light.shape)
    assert abs(row + 0.5 - y * 180) <= 1 and abs(column + 0.5 - x * 320) <= 1
    assert light.max() > 2.0  # beyond white


@pytest.mark.parametrize(("blades", "rays"), [(4, 4), (5, 10), (6, 6), (7, 14)])
def test_the_star_has_the_rays_of_its_iris(blades: int, rays: int) -> None:
    """Counted around a circle: an odd iris gives two rays for each blade."""
    light = apply(
        "flare", opaque(400, 400), position=(0.5, 0.5), blades=blades, ghosts=0.0, streak=0.0,
        ring=0.0, star=2.0,
    )[..., 1]  # fmt: skip
    turn = np.linspace(0, 2 * np.pi, 1440, endpoint=False)
    rows = np.rint(199.5 + 26 * np.sin(turn)).astype(int)
    columns = np.rint(199.5 + 26 * np.cos(turn)).astype(int)
    around = light[rows, columns]
    bright = around > around.min() + 0.12 * np.ptp(around)
    assert int((bright & ~np.roll(bright, 1)).sum()) == rays


def test_ghosts_lie_on_the_line_through_the_centre() -> None:
    """The ghosts' light is the same on both sides of that line."""
    settings = {"position": (0.2, 0.5), "star": 0.0, "streak": 0.0, "ring": 0.0, "rotation": 0.0}
    seen, without = (
        apply("flare", opaque(200, 300), ghosts=g, **settings)[..., :3] for g in (1.0, 0.0)
    )
    ghosts = (seen - without).sum(2)
    np.testing.assert_allclose(ghosts, ghosts[::-1], atol=1e-9)
    where = np.argwhere(ghosts > 0.02)
    assert abs(where[:, 0].mean() - 99.5) < 0.01
    assert where[:, 1].min() > 0.2 * 300 and where[:, 1].max() > 0.7 * 300


@pytest.mark.parametrize(("angle", "side"), [(0, "right"), (90, "below"), (180, "left")])
def test_a_leak_enters_where_it_is_said(angle: float, side: str) -> None:
    light = apply("leak", opaque(*DARK), angle=float(angle), width=0.3)[..., 0]
    sides = {
        "left": light[:, :20], "right": light[:, -20:], "above": light[:20], "below": light[-20:],
    }  # fmt: skip
    assert max(sides, key=lambda name: sides[name].mean()) == side


def test_a_leak_breathes_and_a_seed_is_another() -> None:
    seen = [apply("leak", opaque(*DARK), frame=n, fps=25.0) for n in (0, 1, 50)]
    assert np.abs(seen[1] - seen[0]).max() < 0.1 < np.abs(seen[2] - seen[0]).max()
    assert np.abs(apply("leak", opaque(*DARK), seed=5) - seen[0]).max() > 0.1


def test_rays_point_away_and_throw_shadows() -> None:
    """Light left of a pole, seen from its left: behind the pole it is darker."""
    seen = opaque(120, 200)
    seen[40:80, 40:60, :3] = 1.0
    seen[58:62, 40:60, :3] = 0.0
    made = apply("god_rays", seen, center=(0.15, 0.5), threshold=0.3)[..., :3].mean(2)
    right, left = made[40:80, 90:150], made[40:80, :25]
    assert right.mean() > 5 * left.mean()
    assert made[60, 100:130].mean() < 0.8 * made[50, 100:130].mean()


def test_rays_take_the_color_of_the_air() -> None:
    made = apply("god_rays", spot(90, 160, 0.5, 0.5), center=(0.4, 0.4), color=(1.0, 0.2, 0.2))
    added = made - spot(90, 160, 0.5, 0.5)
    assert added[..., 0].sum() > 5 * added[..., 2].sum()


def test_dirt_shows_only_near_light_and_stays_in_place() -> None:
    one, two = (apply("lens_dirt", spot(180, 320, 0.5, x), spread=0.1) for x in (0.25, 0.75))
    far = one[:, 220:, :3]
    assert far.max() < 0.01 and one[:, :160, :3].mean() > 3 * far.mean()
    assert apply("lens_dirt", opaque(*DARK, 0.3))[..., :3].max() == pytest.approx(0.3)
    texture = apply("lens_dirt", opaque(90, 160, 1.0), threshold=0.2)[..., 0]
    again = apply("lens_dirt", opaque(90, 160, 1.0), threshold=0.2, seed=1)[..., 0]
    assert np.corrcoef(texture.ravel(), again.ravel())[0, 1] < 0.5
    assert two[:, :100, :3].max() < 0.01


def test_a_picture_of_dirt_takes_the_place_of_the_drawn_one() -> None:
    """Its light is the product of the picture's and the dirt's: black is clean, colours tint."""
    dirt = opaque(90, 160)
    dirt[:, 80:, :3] = 0.8, 0.4, 0.0
    seen = opaque(90, 160, 1.0)
    made = apply("lens_dirt", seen, src=dirt, amount=2.0, threshold=0.2, softness=0.0)
    light = made[..., :3] - seen[..., :3]
    assert np.abs(light[:, :80]).max() == 0.0
    middle = light[30:60, 90:150]
    np.testing.assert_allclose(middle, np.broadcast_to((1.28, 0.64, 0.0), middle.shape), rtol=0.01)
    again = apply("lens_dirt", seen, src=dirt, amount=2.0, threshold=0.2, softness=0.0, seed=9)
    np.testing.assert_array_equal(made, again)


def test_clear_dirt_is_clean_glass() -> None:
    seen = np.random.default_rng(0).random((20, 30, 4))
    seen[..., :3] *= seen[..., 3:]
    np.testing.assert_allclose(apply("lens_dirt", seen, src=np.zeros((20, 30, 4))), seen)
