"""``vedc sheet``: a contact sheet of a film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from vedc.cli import app
from vedc.edit.model import spread
from vedc.errors import UsageError
from vedc.execute.store import Store
from vedc.workspace.sheets import film_sheet
from vedc.workspace.sheets.page import Tile

SPEC = """\
version: 1
profile: {width: 640, height: 360, fps: 25}
timeline:
  - {color: "#c00000", duration: 2s}
  - {color: "#00a000", duration: 2s}
outputs: [{path: a.mp4}, {path: b.mp4}]
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "film.vedc.yaml"
    path.write_text(SPEC)
    return path


def made(spec: Path, *options: str, name: str = "sheet.png") -> Path:
    target = spec.parent / name
    result = CliRunner().invoke(app, ["sheet", str(spec), "-o", str(target), "-q", *options])
    if result.exception:
        raise result.exception
    return target


def test_it_shows_the_frames_that_it_names(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[Tile] = []
    write = film_sheet.write_pages

    def listening(target: Path, grid: object, tiles: list[Tile], *rest: object) -> object:
        reported.extend(tiles)
        return write(target, grid, tiles, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(film_sheet, "write_pages", listening)
    sheet = np.asarray(Image.open(made(spec, "--count", "4", "--columns", "4"))).astype(int)
    assert [tile.title for tile in reported] == [
        "00:00:00:12", "00:00:01:12", "00:00:02:12", "00:00:03:12",
    ]  # fmt: skip
    row = sheet[sheet.shape[0] // 2 - 20]
    red = (row[:, 0] > 150) & (row[:, 1] < 60)
    green = (row[:, 1] > 120) & (row[:, 0] < 60)
    assert red.sum() > 600 and green.sum() > 600
    assert np.flatnonzero(red).max() < np.flatnonzero(green).min()


def test_a_picture_each_time_and_a_part(spec: Path) -> None:
    made(spec, "--every", "1s")
    stored = len(Store(spec.parent / ".vedc" / "cache").ls())
    assert stored == 2, "frames of one colour are one picture"
    made(spec, "--every", "0.5s", "--from", "2s", "-y")
    assert not list((spec.parent / ".vedc" / "cache").glob("sheet-*"))


def test_an_existing_file_is_replaced_only_if_asked(spec: Path) -> None:
    made(spec)
    with pytest.raises(UsageError, match="already exists"):
        made(spec)
    made(spec, "-y")


@pytest.mark.parametrize(
    ("options", "name", "reported"),
    [
        (("--every", "0.001s"), "a.png", "less than a frame"),
        ((), "a.gif", "must end in one of"),
        (("--from", "9s"), "a.png", "past the end"),
    ],
)
def test_what_makes_no_sheet(
    spec: Path, options: tuple[str, ...], name: str, reported: str
) -> None:
    with pytest.raises(UsageError, match=reported):
        made(spec, *options, name=name)
    assert not (spec.parent / name).exists()


def test_frames_are_spread_evenly() -> None:
    assert spread((0, 100), 4) == [12, 37, 62, 87]
    assert spread((10, 13), 20) == [10, 11, 12]


def test_an_hdr_film_is_shown_as_sdr(spec: Path) -> None:
    spec.write_text(SPEC.replace("fps: 25", "fps: 25, color: bt2100-pq"))
    pixels = np.asarray(Image.open(made(spec, "--count", "2"))).astype(int)
    assert ((pixels[..., 0] > 170) & (pixels[..., 1] < 30)).sum() > 10_000
