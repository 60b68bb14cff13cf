"""Targets: what they fill in, what an output keeps, and what they say of a film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from vedc.edit.tables.codecs import AUDIO_CODECS, VIDEO_CODECS, preset_suits
from vedc.errors import Problem
from vedc.lang.keys.targets import TARGETS
from vedc.workspace.build import Build

FILM = {
    "version": 1,
    "profile": {"width": 640, "height": 360, "fps": 25},
    "timeline": [{"color": "red", "duration": "5s"}],
}


def build(folder: Path, output: dict[str, Any], **more: Any) -> Build:
    path = folder / "edit.vedc.yaml"
    path.write_text(yaml.safe_dump({**FILM, **more, "outputs": [output]}))
    return Build(path)


def settings(folder: Path, output: dict[str, Any], **more: Any) -> dict[str, Any]:
    canonical: dict[str, Any] = build(folder, output, **more).canonical().root.plain()
    (found,) = canonical["outputs"]
    return dict(found)


def warnings(folder: Path, output: dict[str, Any], **more: Any) -> list[Problem]:
    (edit,) = build(folder, output, **more).edits()
    return list(edit.warnings)


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_is_an_output_that_can_be_made(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    values = {each.key: each.value for each in target.settings}
    codec = VIDEO_CODECS[str(values["codec"])]
    assert values["pix_fmt"] in codec.pix_fmts
    assert codec.presets is not None and values["preset"] in codec.presets.values
    assert preset_suits(codec.name, str(values["preset"]), str(values["pix_fmt"]))
    assert values["audio_codec"] in AUDIO_CODECS
    path = "film.mov" if codec.name == "prores" else "film.mp4"
    given = settings(tmp_path, {"path": path, "target": name})
    if values.get("loudness") == "broadcast":
        values["loudness"] = {"i": -23, "tp": -1}
    assert given == {"path": path, "target": name, **values}
    (edit,) = build(tmp_path, {"path": path, "target": name}).edits()
    assert (edit.profile.width, edit.profile.height) == (target.size or (640, 360))


def test_what_the_output_gives_stays(tmp_path: Path) -> None:
    output = {"path": "a.mp4", "target": "web", "crf": 30, "audio_codec": "mp3"}
    given = settings(tmp_path, output)
    assert (given["crf"], given["preset"], given["audio_codec"]) == (30, "slow", "mp3")
    assert "audio_bitrate" not in given, "that was the one for aac"


def test_a_bit_rate_takes_the_place_of_the_quality(tmp_path: Path) -> None:
    given = settings(tmp_path, {"path": "a.mp4", "target": "youtube", "bitrate": "8M"})
    assert "crf" not in given and given["bitrate"] == 8_000_000


def test_another_codec_has_its_own_settings(tmp_path: Path) -> None:
    given = settings(tmp_path, {"path": "a.webm", "target": "web", "codec": "vp9"} | {
        "audio_codec": "opus"
    })  # fmt: skip
    assert not {"crf", "preset", "audio_bitrate"} & given.keys()
    build(tmp_path, {"path": "a.mp4", "target": "web", "codec": "hevc"}).edits()


@pytest.mark.parametrize(
    ("given", "size"), [({"width": 540}, (540, 960)), ({"height": 1280}, (720, 1280))]
)
def test_one_side_keeps_the_targets_shape(
    tmp_path: Path, given: dict[str, int], size: tuple[int, int]
) -> None:
    found = settings(tmp_path, {"path": "a.mp4", "target": "tiktok", **given})
    assert (found["width"], found["height"]) == size


def test_hdr_keeps_its_bits(tmp_path: Path) -> None:
    hdr = {"width": 640, "height": 360, "fps": 25, "color": "bt2100-pq"}
    given = settings(tmp_path, {"path": "a.mp4", "target": "youtube"}, profile=hdr)
    assert given["pix_fmt"].endswith("10le")
    build(tmp_path, {"path": "a.mp4", "target": "youtube"}, profile=hdr).edits()


def test_the_canonical_form_says_the_same(tmp_path: Path) -> None:
    given = settings(tmp_path, {"path": "a.mp4", "target": "tiktok", "bitrate": "4M"})
    assert settings(tmp_path, given) == given


def test_another_shape_is_reported_unless_it_is_intended(tmp_path: Path) -> None:
    (warning,) = warnings(tmp_path, {"path": "a.mp4", "target": "tiktok"})
    assert warning.code == "refit"
    assert "1080x1920" in warning.message and "640x360" in warning.message
    meant = {"path": "a.mp4", "target": "tiktok", "width": 1080, "height": 1920}
    assert warnings(tmp_path, meant) == []
    upright = {"width": 360, "height": 640, "fps": 25}
    assert warnings(tmp_path, {"path": "a.mp4", "target": "tiktok"}, profile=upright) == []


@pytest.mark.parametrize(
    ("fps", "seconds", "reported"),
    [(25, 3, ""), (25, 2.5, "3s to 600s"), (12, 5, "23 to 60"), (60, 600, "")],
)
def test_settings_that_a_target_does_not_take_are_reported(
    tmp_path: Path, fps: int, seconds: float, reported: str
) -> None:
    found = warnings(
        tmp_path,
        {"path": "a.mp4", "target": "tiktok"},
        profile={"width": 360, "height": 640, "fps": fps},
        timeline=[{"color": "red", "duration": f"{seconds}s"}],
    )
    assert [problem.code for problem in found] == ["not-for-target"] * bool(reported)
    assert all(reported in problem.message for problem in found)
