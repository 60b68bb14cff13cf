"""The tools for media on files whose cuts and pauses are where they were put."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.bench.measure import MEDIA
from tests.media.coloured import COLORS, write_film, write_sound
from vedc.cli import app
from vedc.report.sheets.stills import stills
from vedc.workspace.sheets.page import Grid, layout

Vedc = Callable[..., str]
CUTS = (0, 40, 90, 150, 200)


@pytest.fixture
def vedc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vedc:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("NO_COLOR", "1")
    runner = CliRunner()

    def call(*arguments: str | Path, code: int = 0) -> str:
        result = runner.invoke(app, [str(a) for a in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.stdout

    return call


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four shots, 8 s; a tone from 1 to 3 and from 5 to 8 s."""
    shots = [(c, b - a) for c, a, b in zip(COLORS, CUTS, CUTS[1:], strict=False)]
    place = tmp_path_factory.mktemp("film") / "four shots.mp4"
    return write_film(place, shots, sound=[(1.0, 3.0), (5.0, 8.0)])


def test_shots_are_where_they_were_put(vedc: Vedc, film: Path) -> None:
    data = json.loads(vedc("shots", film, "--json", "--detector", "classical"))
    reported = data.pop("shots")
    assert data == {
        "version": 1, "file": str(film), "frame_rate": "25", "frames": 200, "duration": 8.0,
        "detector": {"name": "classical"},
    }  # fmt: skip
    keys = {"start", "end", "frames", "frame", "type", "transition", "score"}
    assert [set(shot) for shot in reported] == [keys] * 4
    assert [s["frames"] for s in reported] == [list(pair) for pair in pairwise(CUTS)]
    assert [s["transition"] for s in reported] == [None] * 4
    assert [(s["start"], s["end"]) for s in reported] == [
        (a / 25, b / 25) for a, b in pairwise(CUTS)
    ]
    assert [s["type"] for s in reported] == ["start", "cut", "cut", "cut"]
    assert all(a <= s["frame"] < b for s, a, b in zip(reported, CUTS, CUTS[1:], strict=False))
    assert all(0 <= s["score"] <= 1 for s in reported)


def test_the_table_is_the_same_as_the_data(vedc: Vedc, film: Path) -> None:
    lines = vedc("shots", film).splitlines()
    assert lines[0].endswith("4 shots in 00:00:08:00, found by the network detector")
    assert [line.split()[1:3] for line in lines[3:]] == [
        ["00:00:00:00", "00:00:01:15"], ["00:00:01:15", "00:00:03:15"],
        ["00:00:03:15", "00:00:06:00"], ["00:00:06:00", "00:00:08:00"],
    ]  # fmt: skip


def test_what_was_found_is_kept(vedc: Vedc, film: Path, tmp_path: Path) -> None:
    first = vedc("shots", film, "--cache", tmp_path / "kept")
    kept = sorted((tmp_path / "kept" / "analyses").iterdir())
    assert kept
    times = [place.stat().st_ino for place in kept]
    assert vedc("shots", film, "--cache", tmp_path / "kept") == first
    assert [
        place.stat().st_ino for place in sorted((tmp_path / "kept" / "analyses").iterdir())
    ] == times
    assert not (film.parent / ".vedc").exists()


def test_an_edit_list_of_shots(vedc: Vedc, film: Path, tmp_path: Path) -> None:
    vedc("shots", film, "--edl", tmp_path / "out.edl", "-q")
    lines = (tmp_path / "out.edl").read_text().splitlines()
    assert lines[:2] == ["TITLE: four shots.mp4", "FCM: NON-DROP FRAME"]
    assert [line.split()[4:6] for line in lines if line[:1].isdigit()] == [
        ["00:00:00:00", "00:00:01:15"], ["00:00:01:15", "00:00:03:15"],
        ["00:00:03:15", "00:00:06:00"], ["00:00:06:00", "00:00:08:00"],
    ]  # fmt: skip


def _cell(sheet: Image.Image, grid: Grid, index: int) -> Any:
    """The middle of a sheet's picture, below what moves."""
    row, column = divmod(index, grid.columns)
    x = 32 + column * (grid.width + 16) + grid.width // 2
    y = 96 + row * (grid.height + 52 + 16) + 3 * grid.height // 4
    box = sheet.crop((x - 8, y - 8, x + 8, y + 8))
    return np.asarray(box, float).mean((0, 1))


def _media(film: Path) -> Any:
    from vedc.media.probe import probe

    return probe(film)


@pytest.mark.parametrize("name", ["sheet.jpg", "sheet.png", "sheet.webp"])
def test_a_contact_sheet_shows_each_shot(vedc: Vedc, film: Path, tmp_path: Path, name: str) -> None:
    vedc("shots", film, "--sheet", tmp_path / name, "-q")
    with Image.open(tmp_path / name) as opened:
        sheet = opened.convert("RGB")
    grid = layout(_media(film).video, 4)
    assert sheet.size == grid.size(4)
    for index, color in enumerate(COLORS):
        assert _cell(sheet, grid, index) == pytest.approx(color, abs=12)
    empty = np.asarray(sheet.crop((1500, grid.size(4)[1] - 20, 1590, grid.size(4)[1] - 4)))
    assert empty.max() < 60


def test_upright_films_keep_their_shape_and_long_ones_take_pages(
    vedc: Vedc, tmp_path: Path
) -> None:
    shots = [(COLORS[k % 4], 3) for k in range(60)]
    film = write_film(tmp_path / "tall.mp4", shots, size=(90, 160))
    media = _media(film)
    grid = layout(media.video, 60)
    assert grid.height > grid.width
    assert abs(grid.height / grid.width - 160 / 90) < 0.05
    from vedc.report.sheets.sheet import write_sheets
    from vedc.workspace.sheets.page import Tile

    tiles = [Tile(3 * k + 1, f"{k}", "") for k in range(60)]
    pages = write_sheets(tmp_path / "tall.jpg", media, tiles, "tall", "60 shots")
    assert [p.name for p in pages] == ["tall.jpg", "tall-2.jpg"] and grid.on_a_page < 60
    for page, first in zip(pages, (0, grid.on_a_page), strict=True):
        with Image.open(page) as sheet:
            count = min(grid.on_a_page, 60 - first)
            assert sheet.size == grid.size(count)
            for index in range(count):
                color = COLORS[(first + index) % 4]
                assert _cell(sheet, grid, index) == pytest.approx(color, abs=14)


def test_stills_are_the_frames_as_another_decoder_gives_them(film: Path) -> None:
    """Against swscale's own conversion of the decoded frames, at full size."""
    with av.open(str(film)) as container:
        decoded = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    for number, picture in zip(
        (0, 39, 40, 199), stills(_media(film), (0, 39, 40, 199)), strict=True
    ):
        assert picture.size == (160, 90)
        difference = np.abs(np.asarray(picture, int) - decoded[number].astype(int))[50:]
        assert difference.mean() < 2.5


def test_key_frames_stand_for_the_shots(vedc: Vedc, film: Path, tmp_path: Path) -> None:
    reported = json.loads(vedc("keyframes", film, "--count", "4", "--json"))
    assert sorted(k["shot"] for k in reported) == [1, 2, 3, 4]
    assert sum(k["covers"] for k in reported) == pytest.approx(1.0, abs=0.02)
    assert [k["frame"] / 25 for k in reported] == [k["time"] for k in reported]
    vedc("keyframes", film, "--count", "4", "--write", tmp_path / "stills", "-q")
    places = sorted((tmp_path / "stills").iterdir())
    assert [p.name for p in places] == [f"four shots-{k['frame']:06d}.png" for k in reported]
    for place, color in zip(places, COLORS, strict=True):
        with Image.open(place) as picture:
            assert picture.size == (160, 90)
            low = np.asarray(picture, float)[50:]
            assert low.mean((0, 1)) == pytest.approx(color, abs=8)


@pytest.mark.parametrize("threshold", [(), ("--threshold", "-40dB")])
def test_silence_is_where_no_tone_is(vedc: Vedc, film: Path, threshold: tuple[str, ...]) -> None:
    reported = json.loads(vedc("silence", film, "--json", *threshold))
    assert [s["type"] for s in reported] == ["silence", "sound", "silence", "sound"]
    edges = [reported[0]["start"], *(s["end"] for s in reported)]
    # Kept from 0.2 s before to 0.2 s after, outward to frames of 0.04 s.
    assert edges == pytest.approx([0.0, 0.8, 3.2, 4.8, 8.0], abs=0.05)
    assert all(round(edge * 25, 6) == round(edge * 25) for edge in edges)


def test_margin_and_the_shortest_pause(vedc: Vedc, film: Path) -> None:
    reported = json.loads(vedc("silence", film, "--json", "--margin", "0s,0.4s"))
    assert [s["end"] for s in reported] == pytest.approx([1.0, 3.4, 5.0, 8.0], abs=0.05)
    reported = json.loads(vedc("silence", film, "--json", "--min", "1.5s"))
    assert [s["type"] for s in reported] == ["sound", "silence", "sound"]


def test_the_edit_list_leaves_pauses_out(vedc: Vedc, film: Path, tmp_path: Path) -> None:
    vedc("silence", film, "--margin", "0s", "--edl", tmp_path / "cut.edl", "-q")
    lines = (tmp_path / "cut.edl").read_text().splitlines()
    events = [line.split() for line in lines if line[:1].isdigit()]
    assert [e[2] for e in events] == ["AA/V", "AA/V"]
    assert events[0][6] == "00:00:00:00" and events[0][7] == events[1][6]


def test_sound_alone_has_pauses_too(vedc: Vedc, tmp_path: Path) -> None:
    place = write_sound(tmp_path / "tone.wav", [(0.0, 1.0), (2.0, 3.0)], 3.0)
    lines = vedc("silence", place, "--margin", "0.1s").splitlines()
    assert "1 pause" in lines[0]
    first, last = (float(word.split(":")[2]) for word in lines[3].split()[1:3])
    assert (first, last) == pytest.approx((1.1, 1.9), abs=0.05)
    vedc("silence", place, "--edl", tmp_path / "t.edl", "-q")
    assert "  AA    C" in (tmp_path / "t.edl").read_text().replace("TONE   ", " ")


def test_answers_go_to_files_too(vedc: Vedc, film: Path, tmp_path: Path) -> None:
    shown = vedc("shots", film)
    assert vedc("shots", film, "-o", tmp_path / "t.txt", "-q") == ""
    assert (tmp_path / "t.txt").read_text("utf-8") == shown
    vedc("shots", film, "--json", "-o", tmp_path / "t.json", "-q")
    assert json.loads((tmp_path / "t.json").read_text()) == json.loads(
        vedc("shots", film, "--json")
    )


@pytest.mark.slow
@pytest.mark.skipif(not MEDIA.is_dir(), reason="needs ../shared/media")
def test_a_finished_film_becomes_a_spec(vedc: Vedc, tmp_path: Path) -> None:
    """Stretches of two files, put together here: the spec names them to the frame."""
    raw = tmp_path / "raw"
    raw.mkdir()
    with av.open(str(raw / "final.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "26"})
        stream.width, stream.height, stream.pix_fmt = 480, 320, "yuv420p"
        count = 0
        for name, first, last in (("frog.mp4", 30, 100), ("elf.mp4", 40, 120)):
            (raw / name).symlink_to((MEDIA / "video" / name).resolve())
            with av.open(str(raw / name)) as source:
                for frame in islice(source.decode(video=0), first, last):
                    small = frame.reformat(480, 320, "yuv420p")
                    small.pts, small.time_base = count, Fraction(1, 30)
                    out.mux(stream.encode(small))
                    count += 1
        out.mux(stream.encode(None))
    target = tmp_path / "edit.vedc.yaml"
    # The film itself lies in the folder of its raw files but is not one of them.
    reported = json.loads(vedc("align", raw, raw / "final.mp4", "-o", target, "--json", "-q"))
    assert [Path(s["file"]).name for s in reported] == ["frog.mp4", "elf.mp4"]
    assert [round(s["start"] * 30) for s in reported] == [0, 70]
    assert [s["in"] * 30 for s in reported] == pytest.approx([30, 40], abs=1.01)
    assert "clip: frog" in target.read_text()
