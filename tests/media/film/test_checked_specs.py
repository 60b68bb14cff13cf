"""`vedc check` on specs: what only they know, what they explain, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.planted_films import moving, noise, solid, write
from vedc.cli import app

Vedc = Callable[..., str]


@pytest.fixture
def vedc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vedc:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def call(*arguments: str | Path, code: int = 0) -> str:
        result = runner.invoke(app, [str(a) for a in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.stdout

    return call


def spec(folder: Path, text: str, name: str = "film.vedc.yaml") -> Path:
    path = folder / name
    path.write_text("version: 1\nprofile: {width: 96, height: 64, fps: 10}\n" + text)
    return path


def reported(data: dict[str, Any], severity: str) -> list[tuple[str, list[int] | None]]:
    return [
        (each["check"], each["frames"])
        for film in data["films"]
        for each in film["findings"]
        if each["severity"] == severity
    ]


CARDS = """
timeline:
  tracks:
    - clips:
        - {color: "#808080", duration: 1s}
        - {color: black, duration: 2.5s}
        - {color: "#909090", duration: 1s}
outputs: [{path: film.mkv, codec: ffv1}]
"""


def test_black_that_the_spec_shows_is_a_note(vedc: Vedc, tmp_path: Path) -> None:
    spec(tmp_path, CARDS)
    data = json.loads(vedc("check", "film.vedc.yaml", "--json"))
    assert data["passed"] and reported(data, "error") == reported(data, "warning") == []
    (note,) = data["films"][0]["findings"]
    assert (note["check"], note["frames"], note["severity"]) == ("black", [10, 35], "note")
    assert "#000000" in note["explained"]
    assert not (tmp_path / "film.mkv").exists()  # a check writes no output


def test_the_same_black_in_a_file_is_an_error(vedc: Vedc, tmp_path: Path) -> None:
    spec(tmp_path, CARDS)
    vedc("render", "film.vedc.yaml", "-q")
    data = json.loads(vedc("check", "film.mkv", "--json", code=6))
    assert reported(data, "error") == [("black", [10, 35])]
    assert {entry["check"] for entry in data["films"][0]["not_made"]} >= {"contrast", "silence"}


def test_a_current_output_is_read_and_not_rendered(
    vedc: Vedc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.review.check import of_spec

    spec(tmp_path, CARDS)
    vedc("render", "film.vedc.yaml", "-q")
    rendered: list[object] = []
    monkeypatch.setattr(of_spec, "_render", lambda *given: rendered.append(given))
    vedc("check", "film.vedc.yaml")
    assert rendered == []


def test_a_hole_between_items_is_no_intention(vedc: Vedc, tmp_path: Path) -> None:
    spec(
        tmp_path,
        """
timeline:
  - {color: "#808080", duration: 1s}
  - {color: "#909090", start: 1.2s, duration: 1s}
outputs: [{path: film.mkv, codec: ffv1}]
""",
    )
    data = json.loads(vedc("check", "film.vedc.yaml", "--json", code=6))
    assert reported(data, "error") == [("black", [10, 12])]


TITLES = """
timeline:
  tracks:
    - clips: [{{color: "#b0b0b0", duration: 2s}}]
    - clips: [{{text: "Word", size: 20, duration: 2s, {look}}}]
outputs: [{{path: film.mkv, codec: ffv1}}]
"""


@pytest.mark.parametrize(
    ("look", "found"),
    [
        ('color: "#c0c0c0"', {"contrast"}),
        ('color: "#202020"', set()),
        ('color: "#c0c0c0", stroke: {width: 3, color: black}', set()),
        ('color: "#c0c0c0", stroke: {width: 2, color: black}', set()),
        ('color: "#c0c0c0", stroke: {width: 2, color: "#b8b8b8"}', {"contrast"}),
        ('color: "#c0c0c0", background: black', set()),
        ("color: black, position: bottom-left, margin: 0", {"safe-area"}),
        ("color: black, position: bottom, margin: 12%", set()),
    ],
)
def test_titles(vedc: Vedc, tmp_path: Path, look: str, found: set[str]) -> None:
    spec(tmp_path, TITLES.format(look=look))
    data = json.loads(vedc("check", "film.vedc.yaml", "--json", code=6 if found else 0))
    assert {check for check, _ in reported(data, "error") + reported(data, "warning")} == found
    for finding in data["films"][0]["findings"]:
        assert (finding["file"], finding["line"]) == (str(tmp_path / "film.vedc.yaml"), 6) or (
            finding["file"], finding["line"]) == ("film.vedc.yaml", 7)  # fmt: skip


def test_captions_as_they_come_pass_on_a_bright_picture(vedc: Vedc, tmp_path: Path) -> None:
    """Their stroke is narrower than the ring that is measured, and reaches below the margin."""
    (tmp_path / "film.vedc.yaml").write_text("""
version: 1
profile: {width: 640, height: 360, fps: 10}
timeline: [{color: "#44d29b", duration: 2s}]
captions: {burn: true, cues: [{text: "for your pleasure\\n(g, j, p, q, y)", start: 0s, end: 2s}]}
outputs: [{path: film.mkv, codec: ffv1}]
""")
    data = json.loads(vedc("check", "film.vedc.yaml", "--json"))
    assert [each for each in data["films"][0]["findings"] if each["severity"] != "note"] == []


def test_captions_of_a_spec(vedc: Vedc, tmp_path: Path) -> None:
    (tmp_path / "said.srt").write_text(
        "1\n00:00:00,000 --> 00:00:01,000\nFar too many letters for a second of film\n\n"
        "2\n00:00:01,000 --> 00:00:03,000\nFine.\n"
    )
    spec(
        tmp_path,
        """
captions: {src: said.srt, burn: true, style: {size: 8}}
timeline: [{color: "#305030", duration: 3s}]
outputs: [{path: film.mkv, codec: ffv1}]
""",
    )
    data = json.loads(vedc("check", "film.vedc.yaml", "--json", code=6))
    assert reported(data, "error") == [("reading-speed", [0, 10])]


def test_titles_over_one_another(vedc: Vedc, tmp_path: Path) -> None:
    spec(
        tmp_path,
        """
timeline:
  tracks:
    - clips: [{color: "#202020", duration: 2s}]
    - clips: [{text: First, size: 16, duration: 2s}]
    - clips: [{text: Second, size: 16, duration: 2s}]
outputs: [{path: film.mkv, codec: ffv1}]
""",
    )
    data = json.loads(
        vedc("check", "film.vedc.yaml", "--check", "caption-overlap", "--json", code=6)
    )
    assert reported(data, "error") == [("caption-overlap", [0, 20])]


def test_loudness_and_target_come_from_the_output(vedc: Vedc, tmp_path: Path) -> None:
    write(tmp_path / "tone.flac", None, noise(3, -30), sound="flac")
    spec(
        tmp_path,
        """
audio: [{clip: tone.flac}]
outputs:
  - {path: film.flac, loudness: {i: -23, tp: -1}}
  - {path: soft.flac}
""",
    )
    data = json.loads(vedc("check", "film.vedc.yaml", "--json"))
    loud, soft = data["films"]
    assert loud["measured"]["integrated"] == pytest.approx(-23, abs=0.1)
    assert soft["measured"]["integrated"] < -23.5
    more = vedc("check", "film.vedc.yaml", "--limit", "loudness.integrated=-23", code=6)
    assert "soft.flac" in more and "LU softer than -23" in more


def test_formats_and_exit_codes(vedc: Vedc, tmp_path: Path) -> None:
    pictures = moving(60)
    pictures[30] = 0
    write(tmp_path / "hole.mp4", pictures, noise(2.4))
    text = vedc("check", "hole.mp4", code=6)
    assert "error[black]: 00:00:01:05: a black frame between two pictures" in text
    assert text.endswith("1 error\n")
    github = vedc("check", "hole.mp4", "--format", "github", code=6)
    assert github.startswith("::error title=black::hole.mp4: 00:00:01:05: a black frame")
    assert vedc("check", "hole.mp4", "--skip", "black", "-q") == ""
    assert "nothing found" in vedc("check", "hole.mp4", "--check", "freeze")


def test_strict_counts_warnings(vedc: Vedc, tmp_path: Path) -> None:
    pictures = moving(60)
    pictures[30] = pictures[29]
    write(tmp_path / "twice.mp4", pictures, noise(2.4))
    assert "warning[repeats]" in vedc("check", "twice.mp4")
    vedc("check", "twice.mp4", "--strict", code=6)
    data = json.loads(vedc("check", "twice.mp4", "--strict", "--json", code=6))
    assert not data["passed"] and data["warnings"] == 1


def test_a_target_by_name(vedc: Vedc, tmp_path: Path) -> None:
    write(tmp_path / "film.mkv", solid(30, 90, 90, 90), noise(1.2), sound="flac")
    text = vedc("check", "film.mkv", "--target", "web", code=6)
    assert "the container is mkv, and web takes mp4" in text
    assert "the sound is flac, and web asks for AAC" in text


def notes(vedc: Vedc, folder: Path, timeline: str, *arguments: str) -> dict[str, str]:
    """The frames that the spec explains, by check; nothing else may be found."""
    spec(folder, timeline + "\noutputs: [{path: film.mkv, codec: ffv1}]\n")
    data = json.loads(vedc("check", "film.vedc.yaml", "--json", *arguments))
    assert reported(data, "error") == reported(data, "warning") == []
    return {f["check"]: f["explained"] for f in data["films"][0]["findings"]}


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Three seconds of movement with sound, of 25 frames a second."""
    return write(tmp_path / "clip.mkv", moving(75), noise(3), sound="flac")


def test_a_frozen_clip_is_a_note(vedc: Vedc, tmp_path: Path, clip: Path) -> None:
    timeline = """
timeline:
  - {clip: clip.mkv, duration: 1s}
  - {clip: clip.mkv, freeze: 1s, duration: 2.5s}
  - {clip: clip.mkv, in: 1s, duration: 1s}
"""
    found = notes(vedc, tmp_path, timeline, "--skip", "silence", "--skip", "repeats")
    assert "is frozen by the spec" in found["freeze"]


def test_a_slowed_clip_is_a_note(vedc: Vedc, tmp_path: Path, clip: Path) -> None:
    timeline = "timeline: [{clip: clip.mkv, speed: 0.2, duration: 3s}]"
    found = notes(vedc, tmp_path, timeline)
    assert "is slowed down" in found["repeats"]


def test_silence_that_the_spec_leaves_is_a_note(vedc: Vedc, tmp_path: Path, clip: Path) -> None:
    timeline = """
timeline:
  - {clip: clip.mkv, duration: 1s}
  - {color: "#404080", duration: 3s}
  - {clip: clip.mkv, duration: 1s}
"""
    found = notes(vedc, tmp_path, timeline)
    assert found == {"silence": "nothing on the timeline sounds there"}


def test_a_card_on_an_empty_timeline_is_a_note(vedc: Vedc, tmp_path: Path) -> None:
    timeline = """
timeline:
  tracks:
    - clips: [{color: "#606060", duration: 1s}, {color: "#606060", start: 3.5s, duration: 1s}]
    - clips: [{gap: 1s}, {text: ".", size: 10, duration: 2.5s}]
"""
    assert notes(vedc, tmp_path, timeline) == {"black": "the timeline is empty there"}


def test_a_hole_under_a_title_is_found(vedc: Vedc, tmp_path: Path) -> None:
    spec(
        tmp_path,
        """
timeline:
  tracks:
    - clips: [{color: "#606060", duration: 1s}, {color: "#606060", start: 1.1s, duration: 1s}]
    - clips: [{text: ".", size: 10, duration: 2s}]
outputs: [{path: film.mkv, codec: ffv1}]
""",
    )
    data = json.loads(vedc("check", "film.vedc.yaml", "--json", code=6))
    assert reported(data, "error") == [("black", [10, 11])]


def test_silence_of_a_clip_is_no_intention(vedc: Vedc, tmp_path: Path) -> None:
    samples = noise(3)
    samples[:, 10_000:130_000] = 0
    write(tmp_path / "clip.mkv", moving(75), samples, sound="flac")
    spec(tmp_path, "timeline: [{clip: clip.mkv}]\noutputs: [{path: film.mkv, codec: ffv1}]\n")
    data = json.loads(vedc("check", "film.vedc.yaml", "--json", "--skip", "repeats"))
    assert [check for check, _ in reported(data, "warning")] == ["silence"]
