"""``vedc grade learn`` on folders whose grade is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from vedc.cli import app
from vedc.decide.grades.looks.look_file import read_look
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.space import GradeSpace
from vedc.decide.grades.tables import apply, graded
from vedc.errors import UserError

STEPS = ({"op": "exposure", "stops": 0.3}, {"op": "white_balance", "temperature": 5500, "tint": 0})
Array = np.ndarray[Any, Any]


def scene(seed: int) -> Array:
    numbers = np.random.default_rng(seed)
    y, x = np.mgrid[0:1:96j, 0:1:160j]
    shifts = numbers.uniform(1, 5, 9)
    waves = [
        np.sin(shifts[3 * c] * x + shifts[3 * c + 1] * y + shifts[3 * c + 2]) for c in range(3)
    ]
    fields = numbers.uniform(-0.1, 0.1, (12, 20, 3))
    return np.stack([0.42 + 0.22 * wave for wave in waves], -1) + np.kron(
        fields, np.ones((8, 8, 1))
    )


def codes(values: Array) -> Any:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def still(path: Path, values: Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(codes(values)).save(path)


def film(path: Path, shots: list[Array], frames: int = 20) -> None:
    """Shots with a hard cut between them; the picture drifts a little."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv444p"
        for values in shots:
            for k in range(frames):
                moved = np.roll(codes(values), k // 4, 1)
                out.mux(stream.encode(av.VideoFrame.from_ndarray(moved, format="rgb24")))
        out.mux(stream.encode(None))


def pair(folder: Path, name: str, seed: int, suffix: str = ".png") -> None:
    raw = scene(seed)
    still(folder / "raw" / f"{name}{suffix}", raw)
    still(folder / "graded" / f"{name}.png", graded(STEPS, raw))


def ran(*arguments: object) -> Any:
    result = CliRunner().invoke(app, ["grade", "learn", *map(str, arguments)])
    if result.exception:
        raise result.exception
    return result


def left(look: Path, seed: int) -> float:
    """From what a picture should become, by the usual grade of a look."""
    raw = scene(seed)
    shown = apply(GradeSpace.load().table(read_look(look).constant), raw)
    return float(delta_e(shown, np.clip(graded(STEPS, raw), 0, 1)).mean())


def untouched(seed: int) -> float:
    return float(delta_e(scene(seed), np.clip(graded(STEPS, scene(seed)), 0, 1)).mean())


def test_a_folder_becomes_a_look(tmp_path: Path) -> None:
    for seed in range(4):
        pair(tmp_path, f"day {seed % 2}/shot {seed}", seed, ".bmp")
    look = tmp_path / "look.json"
    result = ran(tmp_path, "-o", look)
    assert left(look, 9) < 0.35 * untouched(9)
    assert "a look from 4 pairs" in result.stdout and "4 shots of 2 sources" in result.stdout
    assert "one grade for all, taken" in result.stdout
    assert "paired: day 0/shot 0, day 0/shot 2, day 1/shot 1" in result.stdout
    assert "at least 4 sources and 8 shots are needed" in result.stderr
    assert "look.json: written" in result.stderr


def test_both_ways_of_naming_and_what_is_left_over(tmp_path: Path) -> None:
    pair(tmp_path, "a", 1)
    still(tmp_path / "b.raw.png", scene(2))
    still(tmp_path / "b.graded.png", graded(STEPS, scene(2)))
    still(tmp_path / "raw" / "alone.png", scene(3))
    still(tmp_path / "stray.png", scene(3))
    still(tmp_path / ".hidden.png", scene(3))
    still(tmp_path / "c.raw.png", scene(4))
    still(tmp_path / "c.graded.png", scene(5))
    (tmp_path / "d.raw.png").write_text("no picture")
    still(tmp_path / "d.graded.png", scene(5))
    found = json.loads(ran(tmp_path, "--json").stdout)
    assert [each["name"] for each in found["pairs"]] == ["a", "b"]
    whys = {each["name"]: each["why"] for each in found["left_over"]}
    assert set(whys) == {"raw/alone.png", "stray.png", "c", "d"}
    assert whys["raw/alone.png"] == "no graded file has its name"
    assert whys["stray.png"].startswith("neither in raw/ or graded/")
    assert "do not show the same" in whys["c"]
    assert found["kind"] == "constant" and found["gain"] > 0.5
    assert found["difference"]["untouched"] > found["difference"]["constant"]
    text = ran(tmp_path).stdout
    assert "left over: stray.png: neither in raw/" in text


def test_each_shot_of_a_film_is_an_example(tmp_path: Path) -> None:
    shots = [scene(1), 1 - scene(2), scene(3) * 0.7]
    film(tmp_path / "raw" / "film.mp4", shots)
    film(tmp_path / "graded" / "film.mov", [graded(STEPS, shot) for shot in shots])
    found = json.loads(ran(tmp_path, "--json", "--cache", tmp_path / "cache").stdout)
    assert found["pairs"] == [{"name": "film", "shots": 3}]
    assert (found["shots"], found["sources"], found["checked"]) == (3, 1, True)
    assert "all pairs are of one source" in found["warnings"][0]


@pytest.mark.slow
def test_a_cut_of_the_raw_film_is_aligned(tmp_path: Path) -> None:
    shots = [scene(1), 1 - scene(2), scene(3) * 0.7]
    film(tmp_path / "film.raw.mp4", shots, 30)
    film(tmp_path / "film.graded.mp4", [graded(STEPS, shot) for shot in shots[1:]], 30)
    found = json.loads(ran(tmp_path, "--json", "--cache", tmp_path / "cache").stdout)
    assert found["pairs"] == [{"name": "film", "shots": 2}]
    assert found["gain"] > 0.4


def test_two_files_of_one_name(tmp_path: Path) -> None:
    pair(tmp_path, "a", 1)
    still(tmp_path / "raw" / "b.png", scene(2))
    still(tmp_path / "raw" / "b.bmp", scene(2))
    still(tmp_path / "graded" / "b.tif", graded(STEPS, scene(2)))
    found = json.loads(ran(tmp_path, "--json").stdout)
    assert {each["name"] for each in found["left_over"]} == {
        "raw/b.png",
        "raw/b.bmp",
        "graded/b.tif",
    }
    assert "is not clear" in found["left_over"][0]["why"]
    still(tmp_path / "graded" / "b.bmp", graded(STEPS, scene(2)))
    (tmp_path / "graded" / "b.tif").unlink()
    found = json.loads(ran(tmp_path, "--json").stdout)
    assert [each["name"] for each in found["pairs"]] == ["a", "b"], "extensions tell"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda folder: folder.joinpath("x.png").write_text("x"), "no-pairs"),
        (lambda folder: still(folder / "raw" / "a.png", scene(1)), "no-pairs"),
        (lambda folder: None, "no-pairs"),
    ],
    ids=["strays", "raw only", "empty"],
)
def test_folders_without_pairs(tmp_path: Path, make: Any, code: str) -> None:
    make(tmp_path)
    with pytest.raises(UserError, match="has no pair") as raised:
        ran(tmp_path)
    assert raised.value.problems[0].code == code and "raw/NAME.mp4" in str(raised.value.problems)


def test_pairs_of_which_none_can_be_used(tmp_path: Path) -> None:
    still(tmp_path / "a.raw.png", scene(1))
    still(tmp_path / "a.graded.png", scene(7))
    with pytest.raises(UserError, match=r"no pair can be used: a: .* do not show the same"):
        ran(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["gone"], "no-such-file"),
        (["{folder}/raw/a.png"], "no-such-file"),
        (["{folder}", "-o", "{folder}/look.cube"], "bad-look"),
        (["{folder}", "-o", "{folder}/there.json"], "output-exists"),
        (["{folder}", "-o", "{folder}/no/such/look.json"], None),
    ],
)
def test_what_cannot_be_done(tmp_path: Path, arguments: list[str], code: str | None) -> None:
    pair(tmp_path, "a", 1)
    (tmp_path / "there.json").write_text("{}")
    with pytest.raises(UserError) as raised:
        ran(*[argument.format(folder=tmp_path) for argument in arguments])
    assert code is None or raised.value.problems[0].code == code
    assert (tmp_path / "there.json").read_text() == "{}"


def test_an_existing_look_is_replaced_with_y(tmp_path: Path) -> None:
    pair(tmp_path, "a", 1)
    look = tmp_path / "look.json"
    look.write_text("{}")
    assert ran(tmp_path, "-o", look, "-y", "-q").stderr == ""
    assert read_look(look).shots == 1
