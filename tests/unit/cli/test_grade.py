"""``vedc grade fit`` on pairs whose grade is known."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests import look_files
from tests.looks_support import by_ocio
from vedc.cli import app
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.tables import apply, graded, of_cube
from vedc.errors import MissingError, UserError
from vedc.looks import library
from vedc.looks.read import probe
from vedc.ops.shared import cube
from vedc.report.grades.looks import check_kind

STEP = {
    "op": "cdl", "slope": [1.15, 1.0, 0.88], "offset": [0.01, 0.0, -0.01],
    "power": [0.95, 1.0, 1.05], "saturation": 1.15,
}  # fmt: skip
Array = np.ndarray[Any, Any]


def picture() -> Array:
    """Fields of many colours with some texture, away from black and white: display values."""
    y, x = np.mgrid[0:1:120j, 0:1:200j]
    waves = [np.sin(3 * x + 2 * y), np.sin(5 * y - x + 1), np.sin(4 * x * y + 2)]
    texture = np.kron(
        np.random.default_rng(5).uniform(-0.08, 0.08, (30, 50, 1)), np.ones((4, 4, 1))
    )
    return np.stack([0.45 + 0.28 * wave for wave in waves], -1) + texture


def written(path: Path, values: Array) -> Path:
    Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    raw = picture()
    return written(tmp_path / "raw.png", raw), written(tmp_path / "graded.png", graded([STEP], raw))


def ran(*arguments: object) -> Any:
    result = CliRunner().invoke(app, ["grade", "fit", *map(str, arguments)])
    if result.exception:
        raise result.exception
    return result


def far(first: Array, second: Array) -> float:
    return float(delta_e(np.clip(first, 0, 1), np.clip(second, 0, 1)).mean())


def test_the_steps_make_the_graded_picture(pair: tuple[Path, Path]) -> None:
    found = json.loads(ran(*pair, "--json").stdout)
    steps = [each["step"] for each in found["steps"]]
    assert far(graded(steps, picture()), graded([STEP], picture())) < 0.6
    assert found["difference"]["untouched"] == pytest.approx(
        far(picture(), graded([STEP], picture())), abs=0.4
    )
    assert sum(each["share"] for each in found["steps"]) <= 1
    assert found["followed"] > 0.95 and found["warnings"] == []


def test_text_ends_in_steps_to_paste(pair: tuple[Path, Path]) -> None:
    text = ran(*pair).stdout
    pasted = yaml.safe_load(text[text.index("grade:") :])["grade"]
    assert far(graded(pasted, picture()), graded([STEP], picture())) < 0.6


@pytest.mark.parametrize("detail", [[], ["--detail", "steps"]], ids=["lut", "steps"])
def test_a_cube_holds_the_grade(pair: tuple[Path, Path], detail: list[str]) -> None:
    look = pair[0].with_name("look.cube")
    ran(*pair, "-o", look, *detail, "-q")
    table = of_cube(cube.read(look))
    assert far(apply(table, picture()), graded([STEP], picture())) < 0.7


def seen(look: Path, pixels: Array) -> tuple[Array, Array]:
    """A picture through a colour file, by vedc's `lut` and by OpenColorIO."""
    ours = graded([{"op": "lut", "src": str(look)}], pixels)
    theirs = by_ocio(look_files.processor(look), pixels.reshape(-1, 3)).reshape(pixels.shape)
    return ours, theirs


@pytest.mark.parametrize("kind", ["cdl", "ccc", "cc"])
def test_a_cdl_holds_what_a_cdl_can(pair: tuple[Path, Path], kind: str) -> None:
    look = pair[0].with_name(f"look & feel.{kind}")
    reported = ran(*pair, "-o", look).stderr
    assert "slope, offset, power and saturation only: it leaves dE" in reported
    (correction,) = probe(look).corrections
    assert correction.id == "look & feel"
    ours, theirs = seen(look, picture())
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert far(ours, graded([STEP], picture())) < 0.7


@pytest.mark.slow
@pytest.mark.parametrize("detail", [[], ["--detail", "steps"]], ids=["lut", "steps"])
@pytest.mark.parametrize("kind", ["cube", "clf"])
def test_tables_are_the_same_to_others(
    pair: tuple[Path, Path], kind: str, detail: list[str]
) -> None:
    look = pair[0].with_name(f"look.{kind}")
    ran(*pair, "-o", look, *detail, "-q")
    ours, theirs = seen(look, picture())
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert far(ours, graded([STEP], picture())) < 0.7


def test_writing_what_opencolorio_writes_needs_it(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match="missing-extra"):
        check_kind(pair[0].with_name("look.clf"), None)
    check_kind(pair[0].with_name("look.cube"), None)


def test_a_title_is_ignored_and_reported(pair: tuple[Path, Path]) -> None:
    shown = graded([STEP], picture())
    shown[70:110, 20:180] = 1.0
    titled = written(pair[0].with_name("titled.png"), shown)
    found = json.loads(ran(pair[0], titled, "--json").stdout)
    steps = [each["step"] for each in found["steps"]]
    assert far(graded(steps, picture()), graded([STEP], picture())) < 1.5
    assert found["followed"] < 0.8 and "was ignored" in found["warnings"][0]


def test_two_that_do_not_differ(pair: tuple[Path, Path]) -> None:
    copy = written(pair[0].with_name("copy.png"), picture())
    result = ran(pair[0], copy)
    assert "no step is needed" in result.stdout and "hardly differ" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["raw.png", "raw.png"], "same-file"),
        (["raw.png", "gone.png"], "no-such-file"),
        (["raw.png", "other.png"], "unlike-pair"),
        (["raw.png", "tone.wav"], "no-picture"),
        (["raw.png", "notes.txt"], "not-media"),
        (["raw.png", "graded.png", "-o", "look.xml"], "bad-look"),
        (["raw.png", "graded.png", "-o", "look.yaml", "--detail", "lut"], "bad-option"),
        (["raw.png", "graded.png", "--detail", "lut"], "bad-option"),
        (["raw.png", "graded.png", "-o", "taken.cube"], "output-exists"),
    ],
)
def test_what_cannot_be(
    pair: tuple[Path, Path], arguments: list[str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pair[0].parent
    monkeypatch.chdir(folder)
    noise = np.random.default_rng(3).random((120, 200, 3))
    written(folder / "other.png", noise)
    (folder / "taken.cube").write_text("")
    (folder / "notes.txt").write_text("notes")
    with wave.open(str(folder / "tone.wav"), "wb") as sound:
        sound.setparams((1, 2, 48000, 0, "NONE", ""))
        sound.writeframes(bytes(9600))
    with pytest.raises(UserError) as refused:
        ran(*arguments)
    assert refused.value.problems[0].code == code
