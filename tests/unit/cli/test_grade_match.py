"""``vedc grade match``: one picture made to look like another, as steps and as a look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests.unit.cli.test_grade import Array, far, picture, written
from vedc.cli import app
from vedc.decide.grades.tables import apply, graded, of_cube
from vedc.errors import UserError
from vedc.ops.shared import cube

STEPS = [
    {"op": "exposure", "stops": -0.4},
    {"op": "white_balance", "temperature": 5200, "tint": 5},
]


@pytest.fixture
def stills(tmp_path: Path) -> tuple[Path, Path]:
    """A still, and another framing of the scene with a grade."""
    graded_still = graded(STEPS, picture())[10:, 16:]
    return written(tmp_path / "raw.png", picture()), written(tmp_path / "dusk.png", graded_still)


def ran(*arguments: object) -> Any:
    result = CliRunner().invoke(app, ["grade", "match", *map(str, arguments)])
    if result.exception:
        raise result.exception
    return result


def test_the_grade_of_another_framing_is_found(stills: tuple[Path, Path]) -> None:
    raw, dusk = stills
    (shot,) = json.loads(ran(raw, "--to", dusk, "--json").stdout)["shots"]
    steps = [each["step"] for each in shot["steps"]]
    wanted = graded(STEPS, picture())
    assert far(graded(steps, picture()), wanted) < 0.2 * far(picture(), wanted)
    assert shot["score"] > 0.7 and shot["instead"][-1] == "as it is, score 0.00"
    assert sum(reason["points"] for reason in shot["reasons"]) == pytest.approx(shot["score"])


def test_text_has_reasons_and_ends_in_steps_to_paste(stills: tuple[Path, Path]) -> None:
    raw, dusk = stills
    text = ran(raw, "--to", dusk).stdout
    assert "  for      " in text and "warmth" in text
    pasted = yaml.safe_load(text[text.index("grade:") :])["grade"]
    wanted = graded(STEPS, picture())
    assert far(graded(pasted, picture()), wanted) < 0.2 * far(picture(), wanted)


@pytest.mark.parametrize("detail", [[], ["--detail", "steps"]], ids=["lut", "steps"])
def test_a_look_holds_the_grade(stills: tuple[Path, Path], detail: list[str]) -> None:
    raw, dusk = stills
    look = raw.with_name("look.cube")
    ran(raw, "--to", dusk, "-o", look, "-q", *detail)
    wanted = graded(STEPS, picture())
    assert far(apply(of_cube(cube.read(look)), picture()), wanted) < 0.2 * far(picture(), wanted)


def test_strength_goes_part_of_the_way(stills: tuple[Path, Path]) -> None:
    raw, dusk = stills
    (half,) = json.loads(ran(raw, "--to", dusk, "--strength", "0.5", "--json").stdout)["shots"]
    shown = graded([each["step"] for each in half["steps"]], picture())
    wanted = graded(STEPS, picture())
    assert 0.3 < far(shown, wanted) / far(picture(), wanted) < 0.7


def test_what_looks_alike_stays(stills: tuple[Path, Path]) -> None:
    raw, _ = stills
    copy = written(raw.with_name("copy.png"), picture())
    assert "stays as it is" in ran(raw, "--to", copy).stdout


def _film(path: Path, *pictures: Array, transfer: int = 1) -> Path:
    """Shots of 20 frames each."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", 25, options={"crf": "16"})
        height, width = pictures[0].shape[:2]
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.color_trc = transfer
        for shown in pictures:
            codes = np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8)
            for _ in range(20):
                film.mux(stream.encode(av.VideoFrame.from_ndarray(codes, "rgb24")))
        film.mux(stream.encode())
    return path


@pytest.mark.slow
def test_each_shot_has_a_grade_and_a_look_is_of_one(stills: tuple[Path, Path]) -> None:
    raw, dusk = stills
    bright = np.flip(picture(), (0, 1)) ** 0.7
    film = _film(raw.with_name("film.mp4"), picture(), bright)
    found = json.loads(ran(film, "--to", dusk, "--json").stdout)
    assert [shot["source"] for shot in found["shots"]] == [
        "00:00:00:00-00:00:00:20",
        "00:00:00:20-00:00:01:15",
    ]
    text = ran(film, "--to", dusk).stdout
    assert "shot 1, " in text and "shot 2, " in text
    with pytest.raises(UserError) as caught:
        ran(film, "--to", dusk, "-o", raw.with_name("look.cube"))
    assert caught.value.problems[0].code == "many-shots"
    look = raw.with_name("look.cube")
    ran(film, "--to", dusk, "-o", look, "--shot", "1", "-q")
    wanted = graded(STEPS, picture())
    assert far(apply(of_cube(cube.read(look)), picture()), wanted) < 0.3 * far(picture(), wanted)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["raw.png", "--to", "gone.png"], "no-such-file"),
        (["gone.png", "--to", "dusk.png"], "no-such-file"),
        (["raw.png", "--to", "notes.txt"], "not-media"),
        (["raw.png", "--to", "film.mp4", "--at", "9s"], "in-beyond-end"),
        (["raw.png", "--to", "film.mp4", "--at", "soon"], "bad-time"),
        (["raw.png", "--to", "dusk.png", "--shot", "2"], "bad-option"),
        (["raw.png", "--to", "dusk.png", "--detail", "lut"], "bad-option"),
        (["raw.png", "--to", "dusk.png", "-o", "look.xml"], "bad-look"),
        (["raw.png", "--to", "dusk.png", "-o", "dusk.png"], "bad-look"),
        (["raw.png", "--to", "raw.png", "-o", "look.cube"], "no-grade"),
        (["hdr.mp4", "--to", "dusk.png"], "hdr-match"),
    ],
)  # fmt: skip
def test_what_cannot_be(
    stills: tuple[Path, Path], arguments: list[str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stills[0].parent
    monkeypatch.chdir(folder)
    (folder / "notes.txt").write_text("no picture")
    _film(folder / "film.mp4", picture())
    _film(folder / "hdr.mp4", picture(), transfer=16)
    with pytest.raises(UserError) as caught:
        ran(*arguments)
    assert caught.value.problems[0].code == code
    assert caught.value.problems[0].hint or code == "bad-time"
    assert not (folder / "look.cube").exists()


def test_no_picture_is_changed_by_a_still_of_grey(stills: tuple[Path, Path]) -> None:
    raw, _ = stills
    grey = raw.with_name("grey.png")
    Image.new("RGB", (64, 36), (119, 119, 119)).save(grey)
    (shot,) = json.loads(ran(raw, "--to", grey, "--json").stdout)["shots"]
    steps = [each["step"] for each in shot["steps"]]
    shown = np.clip(graded(steps, picture()), 0, 1)
    assert shown.std((0, 1)).min() > 0.3 * picture().std((0, 1)).min()  # contents are kept
