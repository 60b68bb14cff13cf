"""Notes of probes as warnings: which are shown, where, how often, and in what form."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.error.support import run
from vedc.color import Color
from vedc.edit.media_info import USUAL, AudioInfo, MediaInfo, Note, Streams, VideoInfo
from vedc.media.digest import Stamp
from vedc.media.known_files import ProbeCache
from vedc.media.record import from_json, to_json

NOTES = (
    Note("about-file", "the file is odd", "mend it"),
    Note("about-picture", "the picture is odd", None, "picture"),
    Note("about-sound", "the sound is odd", None, "sound"),
)
VIDEO = VideoInfo(
    64, 48, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(25), Color(), True, "h264",
    Fraction(1, 90000), 250,
)  # fmt: skip
SOUND = AudioInfo(48000, 2, "stereo", "aac", Fraction(0), Fraction(10))


def noted(path: Path, streams: Streams = USUAL) -> MediaInfo:
    stamp = Stamp.of(path)
    return MediaInfo(
        stamp.path, stamp.size, stamp.mtime_ns, "video", "mov", Fraction(10), VIDEO, SOUND,
        stamp.ctime_ns, stamp.inode, NOTES,
    )  # fmt: skip


@pytest.fixture
def validate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    monkeypatch.setattr(ProbeCache, "_probe", staticmethod(noted))
    (tmp_path / "a.mp4").write_bytes(b"a")

    def command(spec: str, *options: str) -> tuple[int, str]:
        (tmp_path / "edit.vedc.yaml").write_text(spec)
        answer = run("validate", "edit.vedc.yaml", *options, folder=tmp_path)
        return answer.exit, answer.out + answer.err

    return command


def codes(text: str) -> list[str]:
    return [line for line in text.splitlines() if "[about-" in line]


def test_each_note_is_given_once_at_the_first_clip(
    validate: Callable[..., tuple[int, str]],
) -> None:
    spec = "version: 1\ntimeline:\n  - {clip: a.mp4, out: 1s}\n  - {clip: a.mp4, in: 3s}\n"
    for _ in range(2):  # probed, then from the cache
        status, text = validate(spec)
        assert status == 0
        assert codes(text) == [
            "edit.vedc.yaml:3:12: warning[about-file]: the file is odd",
            "edit.vedc.yaml:3:12: warning[about-picture]: the picture is odd",
            "edit.vedc.yaml:3:12: warning[about-sound]: the sound is odd",
        ]
        assert "help: mend it" in text


def test_only_fonts_in_use_are_noted(validate: Callable[..., tuple[int, str]]) -> None:
    muted = "version: 1\ntimeline: [{clip: a.mp4, mute: true}]\n"
    assert [line.split("[")[1][:12] for line in codes(validate(muted)[1])] == [
        "about-file]:",
        "about-pictur",
    ]
    heard = "version: 1\ntimeline: [{color: red, duration: 1s}]\naudio: [{clip: a.mp4}]\n"
    assert [line.split("[")[1][:12] for line in codes(validate(heard)[1])] == [
        "about-file]:",
        "about-sound]",
    ]


def test_strict_makes_them_errors_and_json_lists_them(
    validate: Callable[..., tuple[int, str]],
) -> None:
    spec = "version: 1\ntimeline: [{clip: a.mp4}]\n"
    status, text = validate(spec, "--strict")
    assert status == 3 and len(codes(text)) == 3
    assert all("error[about-" in line for line in codes(text))
    status, text = validate(spec, "--json")
    (output,) = json.loads(text)
    assert status == 0
    assert [w["code"] for w in output["warnings"]] == [note.code for note in NOTES]
    assert {w["severity"] for w in output["warnings"]} == {"warning"}
    status, text = validate(spec, "--format", "github")
    assert status == 0 and text.count("::warning file=edit.vedc.yaml,line=2,") == 3
    status, text = validate(spec, "--json", "--strict")
    assert status == 3 and json.loads(text)["errors"] == 3


def test_notes_survive_the_probe_cache(tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(b"a")
    info = noted(file)
    assert from_json(json.loads(json.dumps(to_json(info))), Stamp.of(file)) == info
