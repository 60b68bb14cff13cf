"""Damage to what vedc keeps between runs: it costs time, and never the film."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.error.materials import place
from tests.error.support import Answer, check_manners, litter, run

SPEC = """\
version: 1
timeline:
  tracks:
    - clips: [{clip: a.mp4, grade: [{op: exposure, stops: 0.2}]}]
    - clips: [{text: hi, size: 20, duration: 0.6s}, {image: p.png, duration: 0.2s}]
outputs: [{path: film.mp4}]
"""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a spec, its media, its film and a full cache."""
    folder = tmp_path_factory.mktemp("rendered")
    place(folder, "a.mp4", "clip")
    place(folder, "p.png", "picture")
    (folder / "edit.vedc.yaml").write_text(SPEC, "utf-8")
    assert run("render", "edit.vedc.yaml", "-q", folder=folder).exit == 0
    return folder


@pytest.fixture
def folder(rendered: Path, tmp_path: Path) -> Path:
    """The same once more: the media keep their names and times, as the cache knows them."""
    shutil.rmtree(rendered / ".vedc")
    if not (kept := rendered.with_name("kept-cache")).exists():
        assert render(rendered).exit == 0
        shutil.copytree(rendered / ".vedc", kept)
    else:
        shutil.copytree(kept, rendered / ".vedc")
    return rendered


def render(folder: Path, *options: str) -> Answer:
    return run("render", "edit.vedc.yaml", "-q", "-y", *(options or ("--json",)), folder=folder)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("x")


@pytest.mark.parametrize("damage", [flip, truncate, empty, remove, folder_instead])
@pytest.mark.parametrize("part", ["entries", "probes", "digests", "fonts", "outputs"])
def test_damage(folder: Path, part: str, damage: Callable[[Path], None]) -> None:
    film = (folder / "film.mp4").read_bytes()
    cache = folder / ".vedc" / "cache"
    damaged = [p for p in (cache / part, *(cache / part).rglob("*")) if p.is_file()]
    assert damaged
    for path in damaged:
        damage(path)
    if part in ("probes", "fonts"):  # else they would not be asked for
        shutil.rmtree(cache / "entries")

    answer = render(folder)

    assert (answer.exit, answer.err) == (0, "")
    assert (folder / "film.mp4").read_bytes() == film
    assert litter(folder) == []
    (report,) = json.loads(answer.out)
    assert (report["rendered_frames"] > 0) == (part in ("entries", "probes", "fonts"))
    (again,) = json.loads(render(folder).out)
    assert again["rendered_frames"] == 0  # what was damaged has been put right


@pytest.mark.parametrize("part", [".", "entries", "drafts", "pins", "lock"])
def test_something_else_in_the_place_of_the_store(folder: Path, part: str) -> None:
    film = (folder / "film.mp4").read_bytes()
    path = folder / ".vedc" / "cache" / part
    if path.is_dir():
        shutil.rmtree(path)
        path.write_text("x")
    else:
        path.unlink()
        path.mkdir()
    answer = render(folder, "--format", "human")
    check_manners(answer)
    (reported,) = answer.problems()
    assert (answer.exit, reported.code) == (1, "cannot-use-cache")
    assert ".vedc/cache" in reported.message
    assert "delete it" in reported.hint
    assert (folder / "film.mp4").read_bytes() == film
    if part == ".":
        path.unlink()  # for the next test, which expects a folder
        path.mkdir()


def test_verify_names_what_is_damaged(folder: Path) -> None:
    cache = folder / ".vedc" / "cache"
    sound = run("cache", "verify", folder=folder)
    assert "all sound" in sound.out
    payload = next(p for p in (cache / "entries").rglob("*") if p.is_file() and p.suffix != ".json")
    flip(payload)
    reported = run("cache", "verify", folder=folder)
    assert reported.out.startswith("1 damaged")
    assert "all sound" in run("cache", "verify", folder=folder).out


def test_a_cache_given_by_name_that_is_a_file(folder: Path) -> None:
    answer = run("render", "edit.vedc.yaml", "-q", "-y", "--cache", "a.mp4", folder=folder)
    check_manners(answer)
    assert [t.code for t in answer.problems()] == ["cannot-use-cache"]
