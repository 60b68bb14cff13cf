"""From decided steps of grades to films: each shot as by the same steps typed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests.media.coloured import write_film
from tests.parity.ops.films import planes_of
from tests.stand_in_grades import stand_in, to_grey
from vedc.cli import app
from vedc.decide.grades.deciders import GradeAsked
from vedc.decide.grades.perceived import delta_e, lab
from vedc.decide.grades.shot import Decision
from vedc.decide.grades.tables import identity
from vedc.errors import LockError, UsageError

DARK, BRIGHT = (40, 30, 20), (180, 190, 170)
HEAD = {"version": 1, "profile": {"width": 160, "height": 90, "fps": 25}}
OUT = [{"path": "out.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}]


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder, self.spec = folder, folder / "a.vedc.yaml"
        write_film(folder / "two.mp4", [(DARK, 30), (BRIGHT, 30)])
        write_film(folder / "dark.mp4", [(DARK, 25)])

    def write(self, timeline: Any, outputs: Any = OUT) -> None:
        spec = {**HEAD, "timeline": timeline, "outputs": outputs}
        self.spec.write_text(yaml.safe_dump(spec, sort_keys=False))

    def vedc(self, *arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    def run(self, command: str, *more: str) -> str:
        return self.vedc(command, str(self.spec), *more)

    def frames(self) -> list[list[Any]]:
        self.run("render", "-y", "-q")
        return planes_of(self.folder / "out.mkv")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    stand_in(monkeypatch, to_grey)
    return Project(tmp_path)


@pytest.mark.parametrize("speed", [1, 2, -1], ids=["", "fast", "backwards"])
def test_a_film_matches_the_same_steps_typed_by_hand(project: Project, speed: int) -> None:
    item = {"clip": "two.mp4", "in": "0.16s", "speed": speed}
    project.write([{**item, "grade": [{"auto": "balance"}]}])
    decided = project.frames()
    (entry,) = yaml.safe_load((project.folder / "vedc.lock").read_text())["specs"]["a.vedc.yaml"]
    dark, bright = (each["item"] for each in entry["items"])
    assert entry["items"][0]["shot"] == "00:00:00:04-00:00:01:05"
    parts = [
        {**item, "out": "1.2s", "grade": dark},
        {**item, "in": "1.2s", "out": "2.4s", "grade": bright},
    ]
    project.write(parts if speed > 0 else parts[::-1])
    typed = project.frames()
    assert len(decided) == len(typed) == 56 // abs(speed)
    for ours, theirs in zip(decided, typed, strict=True):
        for one, two in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, two)
    levels = [frame[0].mean() for frame in decided]
    assert max(levels) - min(levels) < 25, "both shots are brought to the same grey"


def test_rendering_from_the_lock_decides_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write([{"clip": "two.mp4", "grade": [{"auto": "balance"}]}])
    first = project.frames()

    def decide(asked: GradeAsked) -> list[Decision]:
        raise AssertionError("it was decided before")

    stand_in(monkeypatch, decide)
    project.run("render", "-y", "-q", "--locked")
    again = planes_of(project.folder / "out.mkv")
    assert all((a[0] == b[0]).all() for a, b in zip(first, again, strict=True))


def test_every_command_knows_such_questions(project: Project) -> None:
    project.write(
        [{"clip": "two.mp4", "grade": [{"auto": "balance"}]},
         {"clip": "dark.mp4", "grade": [{"auto": {"match": "two.mp4", "at": "2s"}}]}],
        [*OUT, {"path": "small.mp4", "width": 80, "height": 44}],
    )  # fmt: skip
    assert "to be decided: main[1].1" in project.run("validate")
    with pytest.raises(LockError, match=r"no decision for main\[1\].1"):
        project.run("validate", "--locked")
    assert "match: {to: two.mp4, at: 2s}" in project.run("config")
    reported = project.run("lock")
    assert "main[1].1: decided, 2 shots, 2 graded" in reported
    assert "main[2].1: decided, 1 shot, 1 graded" in reported
    assert "00:00:00:00-00:00:01:05  exposure  brightness +0.80" in reported
    assert "unchanged" in project.run("lock")
    assert "keyframes" in project.run("config", "--decided")
    assert "to be decided" not in project.run("validate", "--locked")
    assert project.run("plan", "--only", "small")
    project.run("render", "-y", "-q", "--only", "small", "--locked")
    assert (project.folder / "small.mp4").exists()
    (first, *_) = json.loads(project.run("lock", "--json"))
    assert first["items"][0]["shot"] == "00:00:00:00-00:00:01:05"


def test_explain_shows_the_steps_of_the_visible_shot(project: Project) -> None:
    project.write([{"clip": "two.mp4", "grade": [{"op": "sepia"}, {"auto": "balance"}]}])
    early, late = project.run("explain", "--at", "0s"), project.run("explain", "--at", "2s")
    assert "balance of main[1] 00:00:00:00-00:00:01:05" in early
    assert "balance of main[1] 00:00:01:05-00:00:02:10" in late
    assert "main[1].2, item 2 of 2" in late and "{op: exposure, stops: " in late
    assert "brightness  +0.80" in late and "as it is, score 0.00" in late
    assert "in the film from 00:00:01:05 to 00:00:02:10" in late
    found = json.loads(project.run("explain", "--at", "2s", "--json"))["decisions"]
    assert [each["asked_by"] for each in found] == ["main[1].2"]


def test_the_page_and_the_graph_show_them(project: Project) -> None:
    project.write([{"clip": "two.mp4", "grade": [{"auto": {"match": "dark.mp4"}}]}])
    page = project.folder / "page.html"
    project.run("explain", "-o", str(page))
    assert "match of main[1] 00:00:00:00-00:00:01:05" in page.read_text()
    assert "match, 2 shots" in project.run("graph", "--decisions")


def test_templates_decide_for_their_values_and_write_no_lock(project: Project) -> None:
    text = yaml.safe_dump(
        {**HEAD, "variables": {"of": {"type": "string", "default": "two.mp4"}},
         "timeline": [{"clip": "${{ of }}", "grade": [{"auto": {"match": "${{ of }}"}}]}],
         "outputs": OUT}
    )  # fmt: skip
    project.spec.write_text(text)
    project.run("render", "-y", "-q", "--set", "of=dark.mp4")
    assert not (project.folder / "vedc.lock").exists()


def with_table(asked: GradeAsked) -> list[Decision]:
    table = identity()
    table[..., 2] *= 0.5
    return [Decision((), 0.5, table=table) for _ in asked.shots]


def test_a_table_lies_beside_the_lock(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, with_table, "match")
    grade = [{"auto": {"match": "two.mp4", "detail": "lut"}}]
    project.write([{"clip": "dark.mp4", "grade": grade}])
    decided = project.frames()
    folder = project.folder / "vedc.lock.d"
    (table,) = folder.iterdir()
    assert (
        f"{{op: lut, src: vedc.lock.d/{table.name}}}" in (project.folder / "vedc.lock").read_text()
    )
    project.write([{"clip": "dark.mp4", "grade": [{"op": "lut", "src": f"{folder}/{table.name}"}]}])
    typed = project.frames()
    assert all((a[1] == b[1]).all() for a, b in zip(decided, typed, strict=True))

    project.write([{"clip": "dark.mp4", "grade": grade}])
    project.run("lock")
    (table,) = folder.iterdir()
    table.unlink()
    with pytest.raises(LockError, match=f"{table.name} is missing"):
        project.run("render", "-y", "--locked")
    project.run("lock")
    assert table.exists()
    project.write([{"clip": "dark.mp4"}])
    project.run("lock")
    assert not folder.exists()


def test_keyframes_of_a_decision_follow_the_clips_time(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breathing(asked: GradeAsked) -> list[Decision]:
        points = [{"time": t, "value": v} for t, v in ((0, 0), (0.4, 1), (0.8, 0))]
        step = {"op": "exposure", "stops": {"keyframes": points}}
        return [Decision((step,), 0.5) for _ in asked.shots]

    stand_in(monkeypatch, breathing, "deflicker")
    item = {"clip": "dark.mp4", "in": "0.2s", "out": "0.8s", "speed": 2}
    project.write([{**item, "grade": [{"auto": "deflicker"}]}])
    project.run("lock")
    decided = yaml.safe_load(project.run("config", "--decided"))
    (clip,) = decided["timeline"]["tracks"][0]["clips"]
    assert clip["grade"][0]["stops"]["keyframes"] == [
        {"time": "00:00:00:00", "value": 0.5}, {"time": "0.1s", "value": 1.0},
        {"time": "0.2998s", "value": 0.001},
    ]  # fmt: skip


# What people see


def test_pictures_before_and_after(project: Project) -> None:
    """Rows of the picture: the file's colour, then that of the film, each beside its scopes."""
    project.write([{"clip": "two.mp4", "grade": [{"auto": "balance"}]}])
    target = project.folder / "seen.png"
    project.run("explain", "--at", "0.2s", "-o", str(target))
    whole = np.asarray(Image.open(target)).astype(int)
    before, after = (whole[top + 90, 60] for top in (22, 224))
    assert np.abs(before - DARK).max() <= 4
    film = np.asarray(Image.open(_still(project, "0.2s"))).astype(int)
    assert np.abs(after - film[45, 80]).max() <= 4 and (after > before + 8).all()
    # The luma is a line, as high above its row as the level says.
    for top, color in ((22, before), (224, after)):
        luma = float(color @ (0.2126, 0.7152, 0.0722)) / 255
        # Limited range: code 0 is at the bottom, code 1023 at the top.
        row = top + round((1 - (luma * 876 + 64) / 1023) * 177) + 1
        assert whole[row - 2 : row + 3, 500, 1].max() > 200
        assert whole[row + 14, 500, 1] < 120


def _still(project: Project, at: str) -> Path:
    path = project.folder / "film.png"
    project.run("still", "--at", at, "-o", str(path), "-y", "-q")
    return path


def test_the_page_and_the_text_show_the_change(project: Project) -> None:
    project.write([{"clip": "two.mp4", "grade": [{"auto": "balance"}]}])
    page = project.folder / "page.html"
    project.run("explain", "-o", str(page))
    text = page.read_text()
    assert text.count("Before and in the film, with scopes") == 4  # words and caption, two shots
    assert "100%" in text and "op: exposure" in text
    change = json.loads(project.run("explain", "--at", "0.2s", "--json"))["decisions"][0]["change"]
    reported = project.run("explain", "--at", "0.2s")
    assert f"by dE {change:.1f} on average" in reported
    before, after = (
        float(line.split()[line.split().index("L*") + 1])
        for line in reported.splitlines()
        if "L*" in line
    )
    film = np.asarray(Image.open(_still(project, "0.2s"))) / 255
    project.write([{"clip": "two.mp4"}])
    raw = np.asarray(Image.open(_still(project, "0.2s"))) / 255
    assert change == pytest.approx(float(delta_e(raw, film).mean()), abs=0.3)
    assert before == pytest.approx(lab(raw)[..., 0].mean(), abs=0.3)
    assert after == pytest.approx(lab(film)[..., 0].mean(), abs=0.3)


def test_no_picture_where_nothing_is_decided(project: Project) -> None:
    grade = [{"auto": "balance"}]
    project.write([{"clip": "dark.mp4", "duration": "5f"}, {"clip": "two.mp4", "grade": grade}])
    with pytest.raises(UsageError, match="no grade is decided at"):
        project.run("explain", "--at", "0s", "-o", str(project.folder / "none.png"))
