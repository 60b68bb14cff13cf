"""``vedc diff``: two edits, two films, an edit and what it was in git."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import UsageError

SPEC = """\
version: 1
profile: {width: 64, height: 36, fps: 10, color: bt709}
timeline:
  - {color: "#c00000", duration: 1s}
  - {color: "#00a000", duration: 1s}   # green
  - {color: "#0000c0", duration: 1s}
outputs: [{path: film.mkv, codec: ffv1, audio_codec: none}]
"""
INSERTED = '  - {color: "#c0c0c0", duration: 0.5s}\n'


def _diff(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["diff", *map(str, arguments)])


def _data(*arguments: object) -> dict[str, Any]:
    result = _diff(*arguments, "--json")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == (0 if json.loads(result.stdout)["same"] else 1)
    return json.loads(result.stdout)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    file = tmp_path / "old.vedc.yaml"
    file.write_text(SPEC)
    return file


def _new(old: Path, text: str) -> Path:
    file = old.with_name("new.vedc.yaml")
    file.write_text(text)
    return file


def test_nothing_differs(old: Path) -> None:
    result = _diff(old, _new(old, SPEC.replace("# green", "# a comment")))
    assert result.exit_code == 0
    assert result.stdout.endswith("no difference\n")


def test_one_clip_changed(old: Path) -> None:
    found = _data(old, _new(old, SPEC.replace("#00a000", "#00a010")))
    (change,) = found["spec"]
    assert change["path"].endswith("clips[1].color") and change["after_at"]["line"] == 5
    (stretch,) = found["stretches"]
    assert (stretch["kind"], stretch["before"], stretch["after"]) == (
        "changed", [10, 20], [10, 20],
    )  # fmt: skip
    assert 0 < stretch["largest"] < 20 and stretch["psnr"] > 25
    assert found["drawn"] == 20


def test_a_text_behind_an_anchor_is_reported_once(old: Path) -> None:
    spec = SPEC.replace('"#c00000", duration', '"#c00000", grade: &g [{op: exposure}], duration')
    spec = spec.replace('"#0000c0", duration', '"#0000c0", grade: *g, duration')
    old.write_text(spec.replace("{op: exposure}", "{op: exposure, stops: 1}"))
    new = _new(old, spec.replace("{op: exposure}", "{op: exposure, stops: 2}"))
    lines = [line for line in _diff(old, new, "--no-frames").stdout.split("\n") if "stops" in line]
    assert len(lines) == 1 and lines[0].endswith(", and 1 more like it")
    assert len(_data(old, new, "--no-frames")["spec"]) == 2


def test_what_was_inserted_and_what_moved(old: Path) -> None:
    new = _new(old, SPEC.replace('  - {color: "#00a', f'{INSERTED}  - {{color: "#00a'))
    found = _data(old, new)
    (stretch,) = found["stretches"]
    assert (stretch["kind"], stretch["before"], stretch["after"]) == (
        "inserted", [10, 10], [10, 15],
    )  # fmt: skip
    assert found["moved"] == [{"before": [10, 30], "after": [15, 35]}]
    assert found["drawn"] == 0
    assert "5 frames (0.5s) inserted" in (text := _diff(old, new).stdout)
    assert "the rest is the same, 0.5s later" in text
    assert "the rest is the same, 0.5s earlier" in _diff(new, old).stdout


def test_without_drawing(old: Path) -> None:
    found = _data(old, _new(old, SPEC.replace("#00a000", "#00a001")), "--no-frames")
    assert found["compared"] is False and found["drawn"] == 0
    assert [each["after"] for each in found["stretches"]] == [[10, 20]]
    assert "psnr" not in found["stretches"][0]


def test_frames_that_are_close_count_as_the_same(old: Path) -> None:
    new = _new(old, SPEC.replace("#00a000", "#00a102"))
    assert _data(old, new)["stretches"]
    assert _data(old, new, "--min-psnr", 40)["stretches"] == []


def test_other_sizes_and_rates_are_compared_in_one_form(old: Path) -> None:
    new = _new(old, SPEC.replace("width: 64, height: 36, fps: 10", "width: 32, height: 18, fps: 5"))
    found = _data(old, new, "--min-psnr", 35)
    assert {each["name"] for each in found["settings"]} == {"size", "frame rate", "duration"}
    assert found["scaled"] is True and found["stretches"] == []
    new.write_text(new.read_text().replace("#00a000", "#a0a000"))
    (stretch,) = _data(old, new, "--min-psnr", 35)["stretches"]
    assert stretch["before"] == [10, 20]


def test_settings_of_the_output(old: Path) -> None:
    spec = SPEC.replace("codec: ffv1", "codec: h264, crf: 20")
    old.write_text(spec)
    found = _data(old, _new(old, spec.replace("crf: 20", "crf: 30")))
    assert found["settings"] == [{"name": "crf", "before": "20.0", "after": "30.0"}]
    assert found["stretches"] == []


def test_films_and_a_film_with_its_spec(old: Path) -> None:
    run = CliRunner().invoke
    assert run(app, ["render", str(old), "-q"]).exit_code == 0
    film = old.with_name("film.mkv")
    other = old.with_name("other.mkv")
    new = _new(old, SPEC.replace("#00a000", "#70a000"))
    assert run(app, ["render", str(new), "-q", "-o", str(other)]).exit_code == 0
    assert _data(film, film)["same"] is True
    (stretch,) = _data(film, other)["stretches"]
    assert stretch["after"] == [10, 20]
    assert _data(old, film)["stretches"] == []
    found = _data(film, new)
    assert [each["after"] for each in found["stretches"]] == [[10, 20]]
    assert found["min_psnr"] == 32.0 and found["spec"] == []


def test_a_film_that_lost_a_part_and_was_encoded_again(old: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(app, ["render", str(old), "-q"]).exit_code == 0
    short = _new(old, SPEC.replace('  - {color: "#00a000", duration: 1s}   # green\n', "").replace(
        "codec: ffv1", "codec: h264, crf: 10"
    ))  # fmt: skip
    target = tmp_path / "short.mkv"
    assert run(app, ["render", str(short), "-q", "-o", str(target)]).exit_code == 0
    found = _data(tmp_path / "film.mkv", target, "--min-psnr", 32)
    (stretch,) = found["stretches"]
    assert (stretch["kind"], stretch["before"]) == ("removed", [10, 20])


def test_the_sheet_and_the_film(old: Path, tmp_path: Path) -> None:
    new = _new(old, SPEC.replace("#00a000", "#a000a0"))
    sheet, film = tmp_path / "diff.png", tmp_path / "diff.mp4"
    result = _diff(old, new, "--sheet", sheet, "-o", film)
    assert result.exit_code == 1
    with Image.open(sheet) as drawn:
        pixels = np.asarray(drawn.convert("RGB")).astype(int)
    # The three columns of the only row: green, magenta, and a difference that is not black.
    across = (32 + 250, 32 + 517 + 250, 32 + 2 * 517 + 250)
    old_pixel, new_pixel, apart = (pixels[96 + 100, x] for x in across)
    assert old_pixel[1] > 140 and old_pixel[0] < 20
    assert new_pixel[0] > 140 and new_pixel[1] < 20
    assert apart.min() > 200
    with av.open(str(film)) as made:
        frames = [frame.to_ndarray(format="rgb24") for frame in made.decode(video=0)]
    assert len(frames) == 10 and frames[0].shape == (76, 128, 3)
    assert frames[5][60, 30, 1] > 120 and frames[5][60, 100, 0] > 120
    assert isinstance(_diff(old, new, "--sheet", sheet).exception, UsageError)


def test_captions_that_moved_along_are_the_same(old: Path) -> None:
    (old.parent / "old.srt").write_text(
        "1\n00:00:00,200 --> 00:00:00,800\nred\n\n2\n00:00:01,200 --> 00:00:01,800\ngreen\n"
    )
    (old.parent / "new.srt").write_text(
        "1\n00:00:00,200 --> 00:00:00,800\nred\n\n2\n00:00:01,700 --> 00:00:02,300\ngreener\n"
    )
    spec = SPEC + "captions: {src: old.srt}\n"
    old.write_text(spec)
    new = _new(
        old,
        spec.replace("old.srt", "new.srt").replace(
            '  - {color: "#00a', f'{INSERTED}  - {{color: "#00a'
        ),
    )
    found = _data(old, new)
    (change,) = found["captions"]
    assert (change["kind"], change["before"], change["after"]) == ("changed", "green", "greener")
    (old.parent / "new.srt").write_text((old.parent / "new.srt").read_text().replace("er\n", "\n"))
    assert _data(old, new)["captions"] == []


def test_git(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    git("add", "old.vedc.yaml")
    git("commit", "-qm", "first")
    old.write_text(SPEC.replace("#00a000", "#00a010"))
    git("commit", "-qam", "second")
    monkeypatch.chdir(tmp_path)
    assert _data("old.vedc.yaml")["same"] is True
    for arguments in (
        ("old.vedc.yaml", "--against", "HEAD~1"),
        ("HEAD~1", "old.vedc.yaml"),
        ("HEAD~1:old.vedc.yaml", "old.vedc.yaml"),
        ("HEAD~1:old.vedc.yaml", "HEAD:old.vedc.yaml"),
    ):
        found = _data(*arguments)
        assert found["before"] == "HEAD~1:old.vedc.yaml"
        assert [each["after"] for each in found["stretches"]] == [[10, 20]]
        assert found["spec"][0]["before_at"]["file"] == "HEAD~1:old.vedc.yaml"
    result = _diff("nothing:old.vedc.yaml", "old.vedc.yaml")
    assert result.exit_code != 0 and result.exception is not None
    old.write_text("version: 1\nnonsense: true\n")
    git("commit", "-qam", "broken")
    old.write_text(SPEC)
    caught = _diff("old.vedc.yaml").exception
    assert caught is not None and "HEAD:old.vedc.yaml:2:1" in str(caught)


PLUGIN = """\
from vedc.ops.core.registry import op


@op("grade", space="display", use="Darken.")
def darker(m, rgb):
    \"\"\"A part of the light.\"\"\"
    return rgb * 0.5
"""


def test_each_side_has_its_own_plugin_ops(tmp_path: Path) -> None:
    """Both are called alike and live in one process."""
    films = []
    for name, factor in (("old", "0.5"), ("same", "0.5"), ("new", "0.25")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "dark.py").write_text(PLUGIN.replace("0.5", factor))
        film = tmp_path / name / "edit.vedc.yaml"
        film.write_text(
            SPEC.replace("version: 1\n", "version: 1\nplugins: [dark.py]\n").replace(
                '"#00a000", duration', '"#00a000", grade: [{op: darker}], duration'
            )
        )
        films.append(film)
    old, same, new = films
    assert _data(old, same, "--allow-plugins")["same"] is True
    (stretch,) = _data(old, new, "--allow-plugins")["stretches"]
    assert stretch["after"] == [10, 20] and stretch["largest"] > 20


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("old.vedc.yaml", "old.vedc.yaml", "--against", "HEAD"), "bad-option"),
        (("old.vedc.yaml", "old.vedc.yaml", "--sheet", "x.txt"), "bad-picture"),
        (("old.vedc.yaml", "old.vedc.yaml", "-o", "x.avi"), "bad-film"),
        (("old.vedc.yaml", "old.vedc.yaml", "--no-frames", "--sheet", "x.png"), "bad-option"),
        (("old.vedc.yaml", "nothing.vedc.yaml"), "spec-missing"),
        (("old.vedc.yaml", "nothing.mp4"), "no-such-file"),
        (("old.vedc.yaml",), "no-repository"),
        (("film.mkv",), "bad-option"),
    ],
)
def test_misuse(
    old: Path, arguments: tuple[str, ...], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(old.parent)
    caught = _diff(*arguments).exception
    assert [problem.code for problem in caught.problems] == [code]  # type: ignore[union-attr]
