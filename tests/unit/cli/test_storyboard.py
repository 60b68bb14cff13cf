"""``vedc storyboard``: a picture for each shot of an edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.media.make import write_numbered
from vedc.cli import app
from vedc.errors import UsageError

SPEC = """\
version: 1
profile: {width: 64, height: 36, fps: 10, color: bt709}
timeline:
  tracks:
    - id: main
      clips:
        - {color: "#c00000", duration: 1s}
        - {transition: dissolve, duration: 0.4s}
        - {clip: a.mp4, in: 0.5s, duration: 1s, grade: [{op: exposure, stops: 1}]}
        - {color: "#0000c0", duration: 1s, effects: [{op: vignette}]}
    - id: titles
      clips:
        - {text: "Two\\nlines", start: 0.2s, duration: 0.6s, size: 12}
        - {text: Late, start: 2s, duration: 0.4s, size: 12}
outputs: [{path: film.mkv, codec: ffv1}]
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    write_numbered(tmp_path / "a.mp4", 30, 10, width=64, height=36)
    file = tmp_path / "edit.vedc.yaml"
    file.write_text(SPEC)
    return file


def _shots(spec: Path) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["storyboard", str(spec), "--json"])
    if result.exception:
        raise result.exception
    shots: list[dict[str, Any]] = json.loads(result.stdout)["shots"]
    return shots


def test_the_shots(spec: Path) -> None:
    red, clip, blue = _shots(spec)
    assert (red["frames"], red["transition"], red["titles"]) == ([0, 10], "start", ["Two lines"])
    assert (clip["frames"], clip["transition"], clip["transition_length"]) == (
        [6, 16], "dissolve", 0.4,
    )  # fmt: skip
    assert clip["name"] == "a.mp4" and clip["source"] == [0.5, 1.5]
    assert clip["grade"] == ["exposure"] and clip["frame"] == 13  # between 10 and 16
    assert (blue["frames"], blue["transition"], blue["titles"]) == ([16, 26], "cut", ["Late"])
    assert blue["effects"] == ["vignette"] and blue["track"] == "main"


def test_the_table(spec: Path) -> None:
    lines = CliRunner().invoke(app, ["storyboard", str(spec)]).stdout.splitlines()
    assert len(lines) == 4 and "dissolve" in lines[2] and "a.mp4" in lines[2]


def test_the_pictures(spec: Path, tmp_path: Path) -> None:
    target = tmp_path / "board.png"
    result = CliRunner().invoke(app, ["storyboard", str(spec), "-o", str(target), "-q"])
    assert result.exit_code == 0
    with Image.open(target) as drawn:
        pixels = np.asarray(drawn.convert("RGB")).astype(int)
    assert pixels.shape[1] == 1600
    # The centre of a vignetted blue is blue, and the centre of the first shot is red.
    assert (pixels[..., 2] - pixels[..., 0] > 120).sum() > 3000
    assert (pixels[..., 0] - pixels[..., 2] > 120).sum() > 3000
    again = CliRunner().invoke(app, ["storyboard", str(spec), "-o", str(target)])
    assert isinstance(again.exception, UsageError)


def test_titles_alone_are_shots(spec: Path) -> None:
    spec.write_text(
        "version: 1\nprofile: {width: 64, height: 36, fps: 10}\n"
        "timeline: [{text: One, duration: 1s, size: 12}, {text: Two, duration: 1s, size: 12}]\n"
        "outputs: [{path: film.mkv}]\n"
    )
    assert [shot["titles"] for shot in _shots(spec)] == [["One"], ["Two"]]
