"""``vedc scopes``: numbers and pictures of known signals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from vedc.cli import app
from vedc.color import CANVAS_COLORS
from vedc.errors import UserError
from vedc.report.scopes import draw, traces
from vedc.report.scopes.graticule import BARS, SKIN, lights, targets
from vedc.report.scopes.signal import Signal, chroma_of

CANVAS = CANVAS_COLORS["bt709"]

SPEC = """\
version: 1
profile: {width: 64, height: 36, fps: 25}
timeline:
  - {color: "#808080", duration: 10f}
  - {color: "#ff0000", duration: 10f}
outputs: [{path: a.mp4}]
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "film.vedc.yaml"
    path.write_text(SPEC)
    return path


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """Black to white in 256 columns, on the right a stripe of blue."""
    pixels = np.zeros((40, 300, 3), np.uint8)
    pixels[:, :256] = np.arange(256)[:, np.newaxis]
    pixels[:, 256:] = (0, 0, 255)
    path = tmp_path / "ramp.png"
    Image.fromarray(pixels).save(path)
    return path


def ran(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["scopes", *map(str, arguments)])
    if result.exception:
        raise result.exception
    return result.stdout


def measured(*arguments: object) -> Any:
    return json.loads(ran(*arguments, "--json"))


def test_levels_of_a_spec(spec: Path) -> None:
    """The film has an SDR canvas: grey of 128 of 255 is half way from 64 to 940."""
    grey = measured(spec)["levels"]["luma"]
    assert grey["min"] == grey["max"] == pytest.approx(128 / 255, abs=1e-3)
    red = measured(spec, "--at", "-1f")
    assert red["time"] == pytest.approx(0.76)
    assert red["levels"]["red"]["median"] == pytest.approx(1, abs=1e-3)
    assert red["chroma"]["cr"] == pytest.approx(0.5, abs=1e-3)
    assert red["codes"] == {"black": 64, "white": 940}
    assert "940" in ran(spec, "--at", "-1f")


def test_levels_of_a_still(still: Path) -> None:
    found = measured(still)
    assert found["time"] is None and found["codes"] == {"black": 0, "white": 1023}
    assert found["levels"]["red"]["min"] == 0 and found["levels"]["red"]["max"] == 1
    assert sum(found["levels"]["blue"]["histogram"]) == pytest.approx(1, abs=1e-3)
    assert found["levels"]["blue"]["above"] == 0


def test_a_ramp_is_a_line(still: Path, tmp_path: Path) -> None:
    """On the page, the waveform of a ramp rises from the 0% line to the 100% line."""
    target = tmp_path / "scopes.png"
    ran(still, "-o", target, "-q")
    page = np.asarray(Image.open(target)).astype(int)
    assert page.shape == (1002, 1600, 3)
    pixels = np.asarray(Image.open(still)).astype(np.float32) / 255
    signal = Signal.of(pixels[:, :256], CANVAS_COLORS["srgb"], 8)
    style = draw.LARGE
    picture = np.asarray(draw.waveform(signal, 400, 300)).astype(int)
    plot = picture[style.edge : 300 - style.edge, style.left : 400 - style.left, 1]
    rows, columns = plot.shape
    for column in range(20, columns - 20, 25):
        wanted = (rows - 1) * (1 - column / (columns - 1))
        bright = np.flatnonzero(plot[:, column] > 160)
        assert abs(bright.mean() - wanted) < 2


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc"])
def test_a_colour_lies_at_its_target(matrix: str) -> None:
    for bar in targets(matrix):
        color = 0.75 * np.array(BARS[bar.name], np.float32)
        signal = Signal.of(np.broadcast_to(color, (8, 8, 3)), CANVAS.with_(matrix=matrix), 8)
        light = traces.vectorscope(signal.chroma, 301) ** 8
        rows, columns = np.mgrid[:301, :301]
        x, y = ((light * axis).sum() / light.sum() for axis in (columns, rows))
        assert x == pytest.approx(150 + 150 * bar.cb / traces.REACH, abs=0.5)
        assert y == pytest.approx(150 - 150 * bar.cr / traces.REACH, abs=0.5)
        drawn = np.asarray(draw.vectorscope(signal, 301)).sum(2)
        assert drawn[round(y), round(x)] > 3 * 128


def test_skin_is_near_its_line() -> None:
    """A face in BT.709: a warm colour within 15 degrees of the line."""
    cb, cr = chroma_of((0.80, 0.60, 0.50), "bt709")
    assert abs(np.degrees(np.arctan2(cr, cb)) - SKIN) < 15


def test_light_of_hdr() -> None:
    """SMPTE ST 2084: 100 cd/m2 is 0.508, 1000 is 0.752."""
    named = dict(lights(CANVAS.with_(transfer="smpte2084")))
    assert named["100 nits"] == pytest.approx(0.5081, abs=1e-4)
    assert named["1000 nits"] == pytest.approx(0.7518, abs=1e-4)
    assert not list(lights(CANVAS))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["film.vedc.yaml", "--at", "9s"], "bad-time"),
        (["ramp.png", "--at", "1s"], "bad-option"),
        (["ramp.png", "--set", "a=b"], "bad-option"),
        (["ramp.png", "-o", "ramp.png"], "output-is-input"),
        (["ramp.png", "-o", "taken.png"], "output-exists"),
        (["ramp.png", "-o", "a.tiff"], "bad-picture"),
        (["gone.mp4"], "no-such-file"),
        (["film.txt"], "not-media"),
    ],
)
def test_what_cannot_be(
    spec: Path, still: Path, arguments: list[str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(spec.parent)
    (spec.parent / "taken.png").write_bytes(b"x")
    (spec.parent / "film.txt").write_text("no film")
    with pytest.raises(UserError) as refused:
        ran(*arguments)
    assert refused.value.problems[0].code == code
