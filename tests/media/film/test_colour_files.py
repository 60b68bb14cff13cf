"""Films with colour files, frame by frame against OpenColorIO, and messages about the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests import look_files
from tests.looks_support import codes, expected
from vedc.cli import app
from vedc.errors import UserError, VedcError
from vedc.looks import library

PROFILE = {"width": 64, "height": 24, "fps": 25, "color": "srgb"}
OUT = [{"path": "out/%02d.png"}]


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder, self.spec = folder, folder / "a.vedc.yaml"
        Image.fromarray(codes()).save(folder / "field.png")

    def write(self, *steps: dict[str, Any]) -> None:
        """A film with one frame for each step."""
        items = [{"image": "field.png", "duration": "1f", "grade": [step]} for step in steps]
        spec = {"version": 1, "profile": PROFILE, "timeline": items, "outputs": OUT}
        self.spec.write_text(yaml.safe_dump(spec, sort_keys=False))

    def vedc(self, *arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, [arguments[0], str(self.spec), *arguments[1:]])
        if isinstance(done.exception, VedcError):
            assert (done.exception.exit_code, code) == (code, done.exception.exit_code)
            problems = done.exception.problems if isinstance(done.exception, UserError) else ()
            return "\n".join((str(done.exception), *(p.hint or "" for p in problems)))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.output

    def frames(self) -> list[Any]:
        """Its frames as R, G, B."""
        self.vedc("render", "-y", "-q")
        pictures = sorted((self.folder / "out").glob("*.png"))
        return [np.array(Image.open(picture).convert("RGB")) for picture in pictures]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("VEDC_CACHE", str(tmp_path / "cache"))
    return Project(tmp_path)


NAMES = ("chain.clf", "both.cube", "curves.ctf")


@pytest.mark.slow
def test_frames_are_as_opencolorio_makes_them(project: Project) -> None:
    paths = [look_files.write(project.folder, name) for name in NAMES]
    project.write(*({"op": "lut", "src": name} for name in NAMES))
    for path, frame in zip(paths, project.frames(), strict=True):
        assert np.abs(frame - expected(path, codes())).max() <= 1.0


def test_a_correction_of_a_collection(project: Project) -> None:
    collection = look_files.ccc("sh010", "sh020").replace("1.1 1 0.9", "0.8 0.9 1.4", 1)
    (project.folder / "shots.ccc").write_text(collection)
    typed = {
        "op": "cdl", "slope": [0.8, 0.9, 1.4], "offset": [0.01, 0, 0.02], "power": [1.2, 1, 0.8],
        "saturation": 0.7,
    }  # fmt: skip
    picked = {"src": "shots.ccc", "id": "sh010"}
    project.write(typed, {"op": "cdl", **picked}, {"op": "lut", **picked})
    by_hand, from_file, as_look = project.frames()
    np.testing.assert_array_equal(by_hand, from_file)
    assert np.abs(by_hand.astype(int) - as_look).max() <= 1
    assert np.abs(by_hand.astype(int) - codes()).max() > 20
    assert "id: sh010" in project.vedc("config")


@pytest.mark.slow
def test_a_changed_file_is_rendered_again(project: Project) -> None:
    project.write({"op": "lut", "src": "look.spi3d"})
    look_files.write(project.folder, "look.spi3d")
    before = project.frames()
    (project.folder / "look.spi3d").write_text(look_files.baked("spi3d", look_files.CURVE))
    after = project.frames()
    assert np.abs(before[0].astype(int) - after[0]).max() > 5


def test_the_spaces_that_a_file_names(project: Project) -> None:
    """A look that does nothing, in ACEScct: there and back again."""
    empty = look_files.ocio.MatrixTransform()
    text = look_files.clf(empty, takes="ACEScct", gives="ACEScct")
    (project.folder / "none.clf").write_text(text)
    project.write(
        {"op": "lut", "src": "none.clf"}, {"op": "lut", "src": "none.clf", "output": "display"}
    )
    back, left = project.frames()
    assert np.abs(back.astype(int) - codes()).max() <= 1
    assert np.abs(left.astype(int) - codes()).max() > 20
    reported = project.vedc("validate")
    assert "'none.clf': it takes ACEScct (the file says 'ACEScct'); it gives ACEScct" in reported


def test_an_unknown_space_is_reported(project: Project) -> None:
    text = look_files.clf(look_files.LOOK, takes="Grandma's Log", gives="Rec.709")
    (project.folder / "odd.clf").write_text(text)
    project.write({"op": "lut", "src": "odd.clf"})
    reported = project.vedc("validate")
    assert 'its input is "Grandma\'s Log", which vedc does not know: taken for display' in reported


def test_a_correction_for_another_space_is_reported(project: Project) -> None:
    (project.folder / "shots.ccc").write_text(look_files.ccc("a", takes="ACEScct"))
    project.write({"op": "cdl", "src": "shots.ccc"})
    reported = project.vedc("validate")
    assert "says that its corrections are for ACEScct; cdl corrects display values" in reported


SHOTS: dict[str, Any] = {"op": "cdl", "src": "shots.ccc"}
TABLE: dict[str, Any] = {"op": "lut", "src": "table.clf"}


@pytest.mark.parametrize(
    ("step", "message", "hint"),
    [
        (SHOTS | {"id": "sh01"}, "did you mean 'sh010'?", "it holds sh010, sh020"),
        (SHOTS, "holds 2 corrections", "add id: one of sh010, sh020"),
        (SHOTS | {"op": "lut"}, "holds 2 corrections", "add id: one of sh010, sh020"),
        (TABLE | {"op": "cdl"}, "holds no colour correction", "{op: lut, src: table.clf}"),
        (TABLE | {"id": "x"}, "holds no colour correction", "leave `id` out"),
        (
            SHOTS | {"id": "sh010", "slope": 1.2},
            "gives the slope, and the call gives it, too", "write a cdl step for each",
        ),
        (TABLE | {"src": "bad.clf"}, "'bad.clf' is not a usable colour file", "export it again"),
    ],
)  # fmt: skip
def test_mistakes(project: Project, step: dict[str, Any], message: str, hint: str) -> None:
    (project.folder / "shots.ccc").write_text(look_files.ccc("sh010", "sh020"))
    (project.folder / "bad.clf").write_text("<ProcessList>\n<Matrix>")
    look_files.write(project.folder, "table.clf")
    project.write(step)
    reported = project.vedc("validate", code=3)
    assert message in reported and hint in reported


def test_without_opencolorio(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    look_files.write(project.folder, "table.clf")
    project.write({"op": "lut", "src": "table.clf"})
    monkeypatch.setattr(library, "find_spec", lambda name: None)
    reported = project.vedc("validate", code=4)
    assert "missing-extra" in reported and "pip install 'vedc[ocio]'" in reported


def test_the_plan_lists_what_a_file_holds(project: Project) -> None:
    look_files.write(project.folder, "chain.clf")
    project.write({"op": "lut", "src": "chain.clf"})
    reported = project.vedc("plan")
    assert "look chain.clf" in reported and "3D table, tetrahedral, 7 points a side" in reported
    (film,) = json.loads(project.vedc("plan", "--json"))
    (look,) = film["looks"]
    assert look["path"].endswith("chain.clf") and len(look["holds"]) == 6
