"""The cookbook: every recipe is valid and draws what it is about, and its page is up to date."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

import vedc
from docs.make import cookbook
from tests.paths import EXAMPLES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the recipes, with a separate picture cache."""
    copy = tmp_path_factory.mktemp("cookbook") / "recipes"
    shutil.copytree(cookbook.SPECS, copy, ignore=shutil.ignore_patterns(".vedc", "out"))
    return copy


def load(folder: Path, name: str) -> vedc.Spec:
    return vedc.Spec.load(folder / f"{name}.vedc.yaml")


def test_every_recipe_is_on_the_page_once_and_in_the_folder() -> None:
    files = {path.name.removesuffix(".vedc.yaml") for path in cookbook.SPECS.glob("*.vedc.yaml")}
    assert sorted(cookbook.names()) == sorted(files) and len(files) >= 40
    assert cookbook.MOMENTS.keys() <= files


def test_the_page_is_generated_from_the_recipes() -> None:
    assert cookbook.PAGE.read_text(encoding="utf-8") == cookbook.page()


def test_the_media_are_small_and_credited() -> None:
    reported = (cookbook.SPECS / "MEDIA.md").read_text(encoding="utf-8")
    files = [path for path in (cookbook.SPECS / "media").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 2.5e6
    for path in (cookbook.SPECS / "media").iterdir():
        assert path.name in reported, f"MEDIA.md does not tell of {path.name}"


@pytest.mark.slow
@pytest.mark.parametrize("name", cookbook.names())
def test_a_recipe_draws_a_picture(folder: Path, name: str) -> None:
    spec = load(folder, name)
    assert [problem.headline() for problem in spec.problems] == []
    (picture,) = vedc.frames(spec, [cookbook.recipe(name).moment], scale=0.25, locked=True)
    assert picture.shape[2] == 3 and picture.std() > 8, "hardly anything is seen"


@pytest.mark.slow
def test_what_recipes_deliver(folder: Path) -> None:
    """Files of the kinds that recipes are about, a few frames of each."""
    (gif,) = vedc.render(load(folder, "gif"), end="3f", scale=0.25)
    assert gif.path.read_bytes()[:4] == b"GIF8"
    (frames,) = vedc.render(load(folder, "image-sequence"), end="3f", scale=0.25)
    written = [f"{n:05d}.png" for n in (1, 2, 3)]
    assert sorted(p.name for p in frames.path.parent.iterdir()) == written
    (title,) = vedc.render(load(folder, "prores-alpha"), end="8f", scale=0.25)
    with av.open(str(title.path)) as film:
        assert "yuva" in str(film.streams.video[0].format.name)
    (chapters,) = vedc.render(load(folder, "chapters"), scale=0.1)
    with av.open(str(chapters.path)) as film:
        assert [chapter["metadata"]["title"] for chapter in film.chapters()] == ["Morning", "Night"]
    (loud, _) = vedc.render(load(folder, "loudness"), scale=0.1)
    assert loud.loudness is not None


@pytest.mark.slow
def test_grades_and_keys_do_what_their_recipes_say(folder: Path) -> None:
    def still(name: str) -> np.ndarray:
        return vedc.still(load(folder, name), cookbook.recipe(name).moment, scale=0.25).astype(
            float
        )

    plain = vedc.still(load(folder, "trim-and-join"), 0.3, scale=0.25).astype(float)  # 0.8 s
    one = still("one-colour")
    colourful = one.max(axis=2) - one.min(axis=2)
    assert 0.15 < (colourful > 40).mean() < 0.85
    assert (one[:, :, 1] - one[:, :, 2])[colourful > 40].min() > 0, "only greens keep their colour"
    hidden = np.abs(still("hide-a-face") - plain).sum(axis=2) > 12
    assert 0.02 < hidden.mean() < 0.25
    green = still("green-screen")
    assert np.abs(green[:8, :8] - (0, 177, 64)).max() > 60, "the screen is gone"


def test_the_readme_of_the_examples_names_the_cookbook() -> None:
    assert "(../docs/cookbook.md)" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
