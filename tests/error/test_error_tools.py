"""The tools for media on files that they cannot use, and options that they cannot follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.error.materials import place
from tests.error.support import check_manners, files_in, litter, run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user" / ".vedc"))
    for name, kind in (
        ("clip.mp4", "clip"), ("silent.mp4", "silent"), ("tone.wav", "sound"),
        ("empty.mp4", "empty"), ("headless.mp4", "headless"), ("rotten.mp4", "rotten"),
        ("text.mp4", {"text": "no film"}),
        ("dir", "folder"),
    ):  # fmt: skip
        place(tmp_path, name, kind)  # type: ignore[arg-type]
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code", "hint"),
    [
        ("shots gone.mp4", 4, "no-such-file", "check its name"),
        ("keyframes gone.mp4", 4, "no-such-file", "check its name"),
        ("silence gone.mp4", 4, "no-such-file", "check its name"),
        ("shots dir", 1, "not-media", "name a file in it"),
        ("shots empty.mp4", 1, "not-media", ""),
        ("shots text.mp4", 1, "not-media", ""),
        ("silence headless.mp4", 1, "", ""),
        ("shots tone.wav", 1, "no-picture", "name a film"),
        ("keyframes tone.wav", 1, "no-picture", "name a film"),
        ("silence silent.mp4", 1, "no-sound", "name a file with sound"),
        ("silence clip.mp4 --threshold loud", 2, "bad-level", "-40dB"),
        ("silence clip.mp4 --threshold -400dB", 2, "bad-level", "-40dB"),
        ("silence clip.mp4 --min soon", 2, "bad-time", "0.5s"),
        ("silence clip.mp4 --margin 1s,2s,3s", 2, "bad-time", "0.1s,0.3s"),
        ("silence clip.mp4 --speech --threshold -40dB", 2, "bad-options", "leave one"),
        ("shots clip.mp4 --sheet sheet.gif", 2, "bad-picture", "sheet.jpg"),
        ("shots clip.mp4 --sheet clip.mp4", 2, "bad-picture", "clip.jpg"),
        ("shots clip.mp4 --edl clip.mp4", 2, "output-is-input", "another name"),
        ("silence clip.mp4 -o ./clip.mp4", 2, "output-is-input", "another name"),
        ("shots clip.mp4 --edl gone/a.edl", 1, "cannot-write", "make the folder first"),
        ("shots clip.mp4 -o dir", 1, "cannot-write", "not of a folder"),
        ("keyframes clip.mp4 --write clip.mp4", 1, "cannot-write", ""),
        ("align clip.mp4 gone.mp4", 4, "no-such-file", "check its name"),
        ("align gone.mp4 clip.mp4", 4, "no-such-file", "check its name"),
        ("align dir clip.mp4", 4, "no-films", "raw files"),
        ("align clip.mp4 clip.mp4", 2, "no-raw", "RAW"),
        ("align silent.mp4 clip.mp4 -o clip.mp4 -y", 2, "output-exists", "-o"),
        ("align silent.mp4 clip.mp4 -o text.mp4", 2, "output-exists", "-y"),
        ("train cuts --clips gone -o out", 4, "no-such-folder", "video files"),
    ],
)
def test_what_cannot_be_done_is_said(
    folder: Path, arguments: str, exit_code: int, code: str, hint: str
) -> None:
    before = files_in(folder)
    answer = run(*arguments.split(), folder=folder)
    (reported,) = answer.problems()
    assert answer.exit == exit_code
    assert reported.code == code or not code
    assert hint in reported.hint
    assert answer.out == ""
    check_manners(answer)
    assert files_in(folder) == before and litter(folder) == []


@pytest.mark.parametrize("command", ["shots", "keyframes"])
def test_damage_is_concealed_and_reported(folder: Path, command: str) -> None:
    answer = run(command, "rotten.mp4", folder=folder)
    assert answer.exit == 0 and answer.out
    assert re.search(r"note: '.*rotten.mp4' is damaged from .* concealed$", answer.err, re.M)


@pytest.mark.parametrize(
    "arguments",
    [
        "shots clip.mp4 --detector best-of-all",
        "keyframes clip.mp4 --count 0",
        "shots",
        "silence clip.mp4 extra",
        "align clip.mp4",
        "train",
        "train cuts",
        "train cuts --clips dir -o out --steps 0",
    ],
)
def test_wrong_arguments(folder: Path, arguments: str) -> None:
    answer = run(*arguments.split(), folder=folder)
    assert answer.exit == 2 and answer.out == "" and "Traceback" not in answer.err


def test_a_cache_that_cannot_be_used_is_named(folder: Path) -> None:
    answer = run("shots", "clip.mp4", "--cache", "text.mp4", folder=folder)
    (reported,) = answer.problems()
    assert (answer.exit, reported.code) == (1, "cannot-use-cache")
    assert "--cache" in reported.hint
    check_manners(answer)
