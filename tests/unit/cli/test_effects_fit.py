"""``vedc effects fit`` on edits by FFmpeg's filters, stored as films, and on files that are not a
pair."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from av.filter import Graph
from PIL import Image
from typer.testing import CliRunner

from tests.unit.decide.fitted_effects.test_statistics import picture
from vedc.cli import app
from vedc.decide.fitted_effects.draw import drawn
from vedc.decide.grades.tables import apply, of_cube
from vedc.errors import UserError
from vedc.ops.shared import cube

FRAMES = 8
EDIT = "curves=all='0/0.03 0.5/0.54 1/0.96',hue=s=0.8,gblur=sigma=2:steps=3,vignette=angle=PI/4.5"
Picture = np.ndarray[Any, np.dtype[Any]]


def shot() -> Iterator[av.VideoFrame]:
    """A slow pan."""
    world = np.rint(np.concatenate([picture(1), picture(2)], 1) * 255).astype(np.uint8)
    for number in range(FRAMES):
        part = np.ascontiguousarray(world[:, 6 * number : 6 * number + 192])
        frame = av.VideoFrame.from_ndarray(part, "rgb24")
        frame.pts = number
        yield frame


def filtered(frames: Iterator[av.VideoFrame], chain: str) -> Iterator[av.VideoFrame]:
    for frame in frames:
        graph = Graph()
        last = graph.add_buffer(width=192, height=128, format="rgb24", time_base=Fraction(1, 25))
        for step in chain.split(","):
            name, _, arguments = step.partition("=")
            added = graph.add(name, arguments)
            last.link_to(added)
            last = added
        for name, arguments in (("format", "rgb24"), ("buffersink", "")):
            added = graph.add(name, arguments)
            last.link_to(added)
            last = added
        graph.configure()
        graph.push(frame)
        yield graph.pull()


def film(path: Path, frames: Iterator[av.VideoFrame], crf: int) -> Path:
    with av.open(str(path), "w") as held:
        stream = held.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
        stream.options = {"crf": str(crf), "preset": "veryfast"}
        for frame in frames:
            held.mux(stream.encode(frame.reformat(format="yuv420p")))
        held.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("effects")
    raw = film(folder / "raw.mp4", shot(), 8)
    return raw, film(folder / "edit.mp4", filtered(shot(), EDIT), 12)


def ran(*arguments: object) -> Any:
    result = CliRunner().invoke(app, ["effects", "fit", *map(str, arguments)])
    if result.exception:
        raise result.exception
    return result


def pixels(frames: Iterator[av.VideoFrame], number: int) -> Picture:
    return list(frames)[number].to_ndarray(format="rgb24") / 255


@pytest.mark.slow
def test_filters_of_ffmpeg_are_found_and_rendered_again(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    lists, look = tmp_path / "look.yaml", tmp_path / "luts" / "look.cube"
    look.parent.mkdir()
    found = json.loads(ran(*pair, "--json", "-o", lists, "--lut", look).stdout)
    effects = {each["step"]["op"]: each["step"] for each in found["effects"]}
    assert set(effects) == {"gaussian_blur", "vignette"}
    assert effects["gaussian_blur"]["radius"] == pytest.approx(2.0, abs=0.4)
    assert effects["vignette"]["amount"] > 0.2
    assert len(found["correlations"]["parameters"]) == len(found["correlations"]["grade"]) > 0
    pasted = yaml.safe_load(lists.read_text())
    assert pasted["grade"] == [{"op": "lut", "src": "luts/look.cube"}]
    raw = pixels(shot(), 5)
    again = np.clip(drawn(pasted["effects"], apply(of_cube(cube.read(look)), raw)), 0, 1)
    wanted = pixels(filtered(shot(), EDIT), 5)
    before, after = (np.square(shown - wanted).mean() for shown in (raw, again))
    assert after < before / 20


@pytest.mark.slow
def test_text_ends_in_lists_to_paste(pair: tuple[Path, Path]) -> None:
    result = ran(*pair)
    assert "share  effect" in result.stdout and "gaussian_blur" in result.stdout
    pasted = yaml.safe_load(result.stdout[result.stdout.index("grade:") :])
    assert {step["op"] for step in pasted["effects"]} == {"gaussian_blur", "vignette"}
    assert pasted["grade"]


@pytest.mark.slow
def test_lengths_match_the_edit(tmp_path: Path) -> None:
    """The raw file has half its width and height."""
    soft = next(filtered(shot(), "gblur=sigma=2")).to_image()
    soft.resize((384, 256), Image.Resampling.BICUBIC).save(tmp_path / "edit.png")
    Image.fromarray(next(shot()).to_ndarray(format="rgb24")).save(tmp_path / "raw.png")
    found = json.loads(ran(tmp_path / "raw.png", tmp_path / "edit.png", "--json").stdout)
    (blur,) = (e["step"] for e in found["effects"] if e["step"]["op"] == "gaussian_blur")
    assert blur["radius"] == pytest.approx(4.0, rel=0.25)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["raw.png", "raw.png"], "same-file"),
        (["raw.png", "gone.png"], "no-such-file"),
        (["raw.png", "other.png"], "unlike-pair"),
        (["raw.png", "film.mp4"], "mixed-pair"),
        (["raw.png", "other.png", "-o", "look.cube"], "bad-option"),
        (["raw.png", "other.png", "--lut", "look.yaml"], "bad-option"),
        (["raw.png", "other.png", "-o", "taken.yaml"], "output-exists"),
    ],
)
def test_what_cannot_be(
    pair: tuple[Path, Path],
    tmp_path: Path,
    arguments: list[str],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    noise = np.random.default_rng(3).random((128, 192, 3))
    for name, values in (("raw.png", picture()), ("other.png", noise)):
        Image.fromarray(np.rint(values * 255).astype(np.uint8)).save(tmp_path / name)
    (tmp_path / "film.mp4").write_bytes(pair[0].read_bytes())
    (tmp_path / "taken.yaml").write_text("")
    with pytest.raises(UserError) as refused:
        ran(*arguments)
    assert refused.value.problems[0].code == code
