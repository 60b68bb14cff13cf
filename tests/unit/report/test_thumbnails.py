"""Every op and preset has a picture, and on it one can see that the op does something."""

from __future__ import annotations

import io
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.paths import ROOT
from vedc import ops
from vedc.expr.math import Math, Scalar, Vec3
from vedc.ir.graph import Node
from vedc.ops.core import registry
from vedc.report.ops import thumbnails

pytestmark = pytest.mark.slow

FOLDER = ROOT / "specs" / "ops"

#: Mean difference, in 8-bit codes, below which a picture shows nothing.
LEAST = 4.0
PRESETS = [name for name in thumbnails.names() if name not in ops.names()]


def opened(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB")


@cache
def drawn(node: Node) -> Any:
    return thumbnails.draw(node).astype(float)


def difference(name: str) -> float:
    """Between a thumbnail, where it shows the op, and what would be there without it."""
    scene = thumbnails.scene(name)
    shown = thumbnails.draw(scene.shown)
    first = shown.shape[1] // 2 if scene.halved else 0
    offs = [np.abs(shown - drawn(given))[:, first:].mean() for given in scene.untouched]
    return float(min(offs))


@pytest.mark.parametrize("name", ops.names())
def test_an_op_is_seen_at_work(name: str) -> None:
    assert difference(name) > LEAST


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_seen_at_work(name: str) -> None:
    assert difference(name) > LEAST


def test_an_op_that_does_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The threshold above means something: with its defaults exposure fails it."""
    monkeypatch.setattr(
        thumbnails, "_instructive_call", lambda name, given: thumbnails._call(name, given)
    )
    assert difference("exposure") < 0.5


def test_half_of_a_grade_is_the_untouched_picture() -> None:
    scene = thumbnails.scene("saturation")
    left = slice(0, thumbnails.SIZE[0] // 2)
    assert scene.halved
    np.testing.assert_array_equal(
        thumbnails.draw(scene.shown)[:, left], drawn(scene.untouched[0])[:, left]
    )


def test_the_untouched_picture_is_the_photo() -> None:
    """Drawn by the compiler, a photo is the photo: 8 bits in, the same 8 bits out."""
    photo = np.asarray(opened(thumbnails.PICTURES / "bunny.jpg"), float)
    off = np.abs(drawn(thumbnails.scene("saturation").untouched[0]) - photo)
    assert off.max() <= 1.0


@pytest.mark.parametrize("width", [160, 320, 640])
def test_a_thumbnail_is_a_png_of_the_width_asked_for(width: int) -> None:
    made = Image.open(io.BytesIO(thumbnails.thumbnail("invert", width)))
    assert (made.format, made.mode, made.size) == ("PNG", "RGB", (width, width * 9 // 16))


def test_presets_differ_where_their_directions_do() -> None:
    left, right = (drawn(thumbnails.scene(n).shown) for n in ("wipeleft", "wiperight"))
    assert np.abs(left - right).mean() > LEAST


def test_an_op_without_a_value_that_shows_it_off_is_given_one() -> None:
    """As of a plugin: what it must be given, and a number where its defaults do nothing."""

    @registry.op("grade", space="display", use="", identity=lambda v: v["amount"] == 0.0)
    def tried(
        m: Math,
        rgb: Vec3,
        *,
        tint: Vec3 = registry.param(kind="color"),
        amount: Scalar = registry.param(0.0, low=0, high=1),
    ) -> Vec3:
        """Mix with a colour."""
        return m.mix3(rgb, tint, amount)

    try:
        assert difference("tried") > LEAST
    finally:
        registry.remove("tried")


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        thumbnails.thumbnail("no_such_op")


def test_the_folder_of_pictures_is_in_step_with_the_ops() -> None:
    """`make docs` writes them."""
    assert sorted(file.stem for file in FOLDER.iterdir()) == sorted(thumbnails.names())
    assert {file.suffix for file in FOLDER.iterdir()} == {".jpg"}


def test_pictures_of_the_reference_are_of_their_ops() -> None:
    """A stored picture matches the one drawn now, up to JPEG: none was mixed up or left behind."""
    for name in ("invert", "multiply", "iris", "kaleidoscope", "checker", "smpte101"):
        stored = opened(FOLDER / f"{name}.jpg")
        now = thumbnails.picture(name, stored.width)
        assert np.abs(np.asarray(stored, float) - np.asarray(now, float)).mean() < 8.0


def test_pictures_are_small_enough_to_ship() -> None:
    shipped = [f for f in thumbnails.PICTURES.iterdir() if f.suffix == ".jpg"]
    assert len(shipped) == 4
    for file in shipped:
        assert file.stat().st_size < 60_000
        assert opened(file).size == thumbnails.SIZE
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["package-data"]["vedc.report.ops"] == ["pictures/*"]
    assert sum(f.stat().st_size for f in FOLDER.iterdir()) < 2_500_000
