"""The plain tools without media: tables, times, options, where results are kept."""

from __future__ import annotations

import io
import json
import os
import re
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from typer.testing import CliRunner

from vedc.cli import app
from vedc.cli import tools as commands
from vedc.decide.analyses.results import (
    Event,
    Events,
    KeyFrame,
    KeyFrames,
    Shot,
    Shots,
    Span,
    Spans,
)
from vedc.errors import UsageError, UserError
from vedc.lang.keys.auto import Detector
from vedc.report import beats, keyframes, pauses, shots
from vedc.report.progress import FRAMES, SECONDS, Lines
from vedc.report.tables import Column, table
from vedc.train.cuts import training
from vedc.train.cutting import learn
from vedc.workspace import analyses
from vedc.workspace import pauses as finding
from vedc.workspace.pauses import Pauses
from vedc.workspace.sheets.page import check_kind, layout

SHOTS = Shots(
    (
        Shot(0, 62, 30, "start", 1.0, (0, 0)),
        Shot(62, 3000, 90, "dissolve", 0.987, (56, 68)),
        Shot(3000, 3001, 3000, "cut", 0.5, (3000, 3000)),
    ),
    Fraction(25),
    "classical",
)


def test_the_detectors_match_the_language() -> None:
    assert get_args(commands.Detector) == get_args(Detector)


def test_a_table_of_shots() -> None:
    assert shots.text("a.mp4", SHOTS) == (
        "a.mp4: 3 shots in 00:02:00:01, found by the classical detector\n"
        "\n"
        "#  start        end          seconds  begins with          score  frame\n"
        "1  00:00:00:00  00:00:02:12     2.48  start                          30\n"
        "2  00:00:02:12  00:02:00:00   117.52  dissolve, 12 frames   0.99     90\n"
        "3  00:02:00:00  00:02:00:01     0.04  cut                   0.50   3000\n"
    )


def test_colours_do_not_move_columns() -> None:
    plain, tinted = shots.text("a", SHOTS), shots.text("a", SHOTS, color=True)
    assert plain != tinted
    assert re.sub(r"\x1b\[\d+m", "", tinted) == plain


def test_shots_as_data() -> None:
    data = shots.data("a.mp4", SHOTS)
    listed = data.pop("shots")
    assert data == {
        "version": 1, "file": "a.mp4", "frame_rate": "25", "frames": 3001, "duration": 120.04,
        "detector": {"name": "classical"},
    }  # fmt: skip
    assert listed[1] == {
        "start": 2.48, "end": 120.0, "frames": [62, 3000], "frame": 90, "type": "dissolve",
        "transition": {"start": 2.24, "end": 2.72, "frames": [56, 68]}, "score": 0.987,
    }  # fmt: skip
    assert [s["transition"] for s in (listed[0], listed[2])] == [None, None]


def test_shots_as_data_keep_the_exact_rate_and_name_the_weights() -> None:
    film = Shots((Shot(0, 30, 3, "start", 1.0, (0, 0)),), Fraction(30000, 1001), "network")
    data = shots.data("a.mp4", film)
    assert data["frame_rate"] == "30000/1001" and data["duration"] == pytest.approx(1.001)
    assert data["detector"]["name"] == "network" and len(data["detector"]["weights"]) == 64


def test_a_film_without_a_shot() -> None:
    nothing = Shots((), Fraction(25), "classical")
    data = shots.data("a", nothing)
    assert (data["shots"], data["frames"], data["duration"]) == ([], 0, 0.0)
    assert "0 shots" in shots.text("a", nothing)


def test_key_frames() -> None:
    found = KeyFrames((KeyFrame(30, 0, 0.5, 0.8), KeyFrame(90, 1, 0.25, 0.75)), Fraction(30))
    assert keyframes.text("a", found) == (
        "a: 2 key frames for 75% of the film\n"
        "\n"
        "#  time         frame  shot  covers  score\n"
        "1  00:00:01:00     30     1   50.0%   0.80\n"
        "2  00:00:03:00     90     2   25.0%   0.75\n"
    )
    assert [k["shot"] for k in keyframes.data(found)] == [1, 2]


def test_pauses() -> None:
    kept = Spans((Span(Fraction(1), Fraction(2)), Span(Fraction(3), Fraction(4))))
    silent = Spans((Span(Fraction(0), Fraction(1)), Span(Fraction(2), Fraction(3))))
    found = Pauses(kept, silent, "sound", Fraction(25), True, Fraction(4), (-60.4, -100.0))
    assert pauses.text("a", found) == (
        "a: 2 pauses, 2.00 of 4.00 s (50%); 2.00 s kept\n"
        "\n"
        "#  start        end          seconds    level\n"
        "1  00:00:00:00  00:00:01:00     1.00   -60 dB\n"
        "2  00:00:02:00  00:00:03:00     1.00  -100 dB\n"
    )
    types = [(d["start"], d["type"]) for d in pauses.data(found)]
    assert types == [(0.0, "silence"), (1.0, "sound"), (2.0, "silence"), (3.0, "sound")]
    assert [d["level"] for d in pauses.data(found)] == [-60.4, None, -100.0, None]


def test_beats() -> None:
    found = Events((Event(Fraction(1, 2), 0.9), Event(Fraction(61), 0.25)), 119.954)
    assert beats.text("a.wav", found) == (
        "a.wav: 2 beats, 120.0 a minute\n"
        "\n"
        "#  time          strength\n"
        "1  00:00:00.500      0.90\n"
        "2  00:01:01.000      0.25\n"
    )
    assert beats.data("a.wav", found) == {
        "version": 1, "file": "a.wav", "tempo": 119.954,
        "beats": [{"time": 0.5, "strength": 0.9}, {"time": 61.0, "strength": 0.25}],
    }  # fmt: skip
    assert beats.text("a", Events()) == "a: 0 beats\n"
    assert beats.data("a", Events())["tempo"] is None


def click_track(file: Path, tempo: int, seconds: int) -> None:
    rate = 22_050
    sound = np.zeros(rate * seconds)
    tick = np.sin(np.arange(1000) * 0.3) * np.exp(-np.arange(1000) / 150)
    for start in range(rate // 4, len(sound) - 1000, rate * 60 // tempo):
        sound[start : start + 1000] += tick
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((sound * 30_000).astype("<i2").tobytes())


def test_the_beats_of_a_click_track(tmp_path: Path) -> None:
    file = tmp_path / "click.wav"
    click_track(file, 120, 12)
    line = ["beats", str(file), "--json", "-q", "--cache", str(tmp_path / "cache")]
    found = json.loads(CliRunner().invoke(app, line).stdout)
    assert found["file"] == str(file) and found["tempo"] == pytest.approx(120, rel=0.01)
    times = [beat["time"] for beat in found["beats"]]
    assert len(times) >= 18
    assert all(abs((t - 0.25 + 0.25) % 0.5 - 0.25) < 0.03 for t in times)
    table = tmp_path / "beats.txt"
    assert CliRunner().invoke(app, [*line[:2], "-q", *line[4:], "-o", str(table)]).exit_code == 0
    assert table.read_text().startswith(f"{file}: {len(times)} beats, ")


def test_columns_are_as_wide_as_what_they_hold() -> None:
    assert table((Column("a"), Column("bb", True)), [("long", "1"), ("x", "123")]) == (
        "a      bb\nlong    1\nx     123\n"
    )


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: finding._time("12f", "--min"), "bad-time"),
        (lambda: finding._time("50%", "--min"), "bad-time"),
        (lambda: finding._time("soon", "--min"), "bad-time"),
        (lambda: finding._margin("1s,2s,3s"), "bad-time"),
        (lambda: finding._level("-40"), "bad-level"),
        (lambda: finding._level("6dB"), "bad-level"),
        (lambda: finding._level("0%"), "bad-level"),
        (lambda: check_kind(Path("sheet.gif")), "bad-picture"),
        (lambda: check_kind(Path("sheet")), "bad-picture"),
    ],
)
def test_options_that_cannot_be_read(call: Any, code: str) -> None:
    with pytest.raises(UsageError) as reported:
        call()
    (problem,) = reported.value.problems
    assert problem.code == code and problem.hint


def test_options_that_can() -> None:
    assert finding._time("250ms", "--min") == Fraction(1, 4)
    assert finding._margin("0.2s").before == finding._margin("0.2s").after == Fraction(1, 5)
    both = finding._margin("-0.1s, 300ms")
    assert (both.before, both.after) == (Fraction(-1, 10), Fraction(3, 10))
    assert finding._level("-40dB") == finding._level("1%") == -40.0


# -- where results are kept --------------------------------------------------------------------


@pytest.fixture
def users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    return tmp_path / "user" / "vedc"


def test_results_are_kept_beside_the_file_only_in_a_project(
    tmp_path: Path, users_cache: Path
) -> None:
    film = tmp_path / "media" / "a.mp4"
    film.parent.mkdir()
    if os.name == "posix" and os.uname().sysname == "Linux":
        assert analyses.cache_for(film) == users_cache
    assert list(film.parent.iterdir()) == []
    (film.parent / ".vedc").mkdir()
    assert analyses.cache_for(film) == film.parent / ".vedc" / "cache"
    assert analyses.cache_for(film, tmp_path / "mine") == tmp_path / "mine"


def test_where_no_folder_can_be_written_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *a, **k: tmp_path / "file" / "vedc")
    assert analyses.cache_for(tmp_path / "a.mp4") is None


@pytest.mark.parametrize(
    "size", [(1920, 1080), (1080, 1920), (720, 720), (2560, 1080), (320, 2000)]
)
@pytest.mark.parametrize("tiles", [1, 12, 13, 500])
def test_pages_of_a_sheet_have_a_sensible_size(size: tuple[int, int], tiles: int) -> None:
    class Video:
        display_size = size

    grid = layout(Video(), tiles)  # type: ignore[arg-type]
    width, height = grid.size(min(tiles, grid.on_a_page))
    assert width == 1600 and height <= 2400
    assert grid.columns >= 2 and grid.rows >= 1
    assert 120 <= grid.width <= 800


def test_lines_of_progress_come_now_and_then() -> None:
    out = io.StringIO()
    shown = Lines(SECONDS, out, every=0.0)
    shown.start("a.mp4", 10.0)
    shown.advance(5.0)
    shown.finish()
    assert out.getvalue() == "a.mp4: analysed 5 of 10 s\n"
    slow = io.StringIO()
    rare = Lines(SECONDS, slow, every=60.0)
    rare.start("a.mp4", 10.0)
    rare.advance(5.0)
    assert slow.getvalue() == ""


def test_lines_of_a_render_start_with_what_is_reused() -> None:
    out = io.StringIO()
    shown = Lines(FRAMES, out, every=0.0)
    shown.start("out/film.mp4", 100, 40)
    shown.stage("render")
    shown.advance(10)
    lines = out.getvalue().splitlines()
    assert lines[:2] == [
        "film.mp4: 100 frames, 60 to render",
        "film.mp4: rendering",
    ]
    assert lines[2] == "film.mp4: 50/100 frames"


def test_training_is_requested_as_documented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The options reach the training, which is left out here: it takes hours."""
    from typer.testing import CliRunner

    from vedc.cli import app
    from vedc.train.cuts.settings import Settings, TrainingProgress

    asked: list[Any] = []

    def train(clips: Path, out: Path, settings: Settings, *, progress: Any, command: str) -> Path:
        asked.extend((clips, out, settings, command))
        progress(TrainingProgress("train", 10, 50, {"loss": 0.25}))
        return out

    monkeypatch.setattr(training, "train", train)
    line = ["train", "cuts", "--clips", str(tmp_path), "-o", "out", "--steps", "50", "--seed", "3"]
    result = CliRunner().invoke(app, line)
    assert result.exit_code == 0, result.output
    clips, out, settings, command = asked
    assert (clips, out, settings.steps, settings.seed) == (tmp_path, Path("out"), 50, 3)
    assert command.startswith(f"vedc train cuts --clips {tmp_path} -o out --steps 50")
    assert "train 10/50: loss 0.25" in result.stderr


def test_pairs_are_read_with_paths_from_their_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    for name in ("film.mp4", "raw/a.mp4", "raw/b.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    monkeypatch.setattr("vedc.workspace.aligning.open_media", lambda path: None)
    asked: list[Any] = []

    class Learned:
        better, weights, card = False, tmp_path / "mine.json", tmp_path / "mine.md"

    def train(pairs: Any, out: Path, **_: Any) -> Learned:
        asked.append((pairs, out))
        return Learned()

    monkeypatch.setattr(learn, "train_cutting", train)
    (tmp_path / "pairs.yaml").write_text("- {film: film.mp4, raw: raw}\n")
    line = ["train", "cutting", "--pairs", str(tmp_path / "pairs.yaml"), "-o", "mine.json"]
    result = CliRunner().invoke(app, line)
    raws = [tmp_path / "raw" / name for name in ("a.mp4", "b.mp4")]
    assert asked == [([(tmp_path / "film.mp4", raws)], Path("mine.json"))]
    assert "no better than those that vedc ships with" in result.stderr
    (tmp_path / "pairs.yaml").write_text("- {film: film.mp4}\n- {movie: b}\n")
    with pytest.raises(UserError) as caught:
        CliRunner().invoke(app, line, catch_exceptions=False)
    assert [p.location.line for p in caught.value.problems if p.location] == [1, 2, 2, 2]
