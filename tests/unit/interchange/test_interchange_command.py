"""``vedc import`` and ``vedc export``: what they write, print and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vedc.cli import app
from vedc.interchange.common.files import ForeignFiles

SPEC = """\
version: 1
profile: {width: 64, height: 36, fps: 25}
timeline:
  - {color: navy, duration: 1s, effects: [{op: vignette, amount: 0.5}]}
  - {transition: dissolve, duration: 0.4s}
  - {color: white, duration: 1s}
"""
EDITLY = """{width: 64, height: 36, sparkle: 1,
  clips: [{duration: 1, layers: [{type: 'fill-color', color: 'navy'}]}]}"""

Vedc = Callable[..., str]


@pytest.fixture
def vedc() -> Vedc:
    runner = CliRunner()

    def call(*arguments: str, code: int = 0) -> str:
        result = runner.invoke(app, list(arguments))
        if result.exception and not isinstance(result.exception, SystemExit):
            from vedc.errors import UserError

            assert isinstance(result.exception, UserError), result.exception
            assert result.exception.exit_code == code, result.exception
            return str(result.exception)
        assert result.exit_code == code, result.output
        return result.output

    return call


@pytest.fixture
def edit(tmp_path: Path) -> Path:
    path = tmp_path / "edit.json5"
    path.write_text(EDITLY)
    return path


def test_import_writes_a_spec_beside_the_file_and_reports_what_is_lost(
    vedc: Vedc, edit: Path
) -> None:
    reported = vedc("import", str(edit))
    assert "edit.json5:1:34: lost: sparkle: 'sparkle' is not known here: left out" in reported
    assert "editly: 1 remark: 1 lost" in reported
    written = edit.with_name("edit.vedc.yaml")
    assert "{color: navy, duration: 1s}" in written.read_text()
    vedc("validate", str(written))


def test_the_report_as_json(vedc: Vedc, edit: Path) -> None:
    report = edit.with_name("losses.json")
    printed = json.loads(vedc("import", str(edit), "--json", "--report", str(report)))
    assert printed == json.loads(report.read_text())
    assert printed["format"] == "editly"
    assert printed["counts"] == {"lost": 1, "changed": 0, "guessed": 0, "note": 0}
    (loss,) = printed["losses"]
    assert (loss["path"], loss["line"], loss["severity"]) == ("sparkle", 1, "lost")


def test_losses_are_errors_with_strict_and_nothing_is_written(vedc: Vedc, edit: Path) -> None:
    assert "error[import-lost]" in vedc("import", str(edit), "--strict", code=3)
    assert not edit.with_name("edit.vedc.yaml").exists()


def test_an_existing_spec_is_kept(vedc: Vedc, edit: Path) -> None:
    target = edit.with_name("edit.vedc.yaml")
    target.write_text("mine")
    assert "already exists" in vedc("import", str(edit), code=2)
    assert target.read_text() == "mine"
    vedc("import", str(edit), "-y", "-q")
    assert target.read_text() != "mine"


@pytest.mark.parametrize(
    ("name", "text", "code", "reported"),
    [
        ("a.json", "{}", 2, "not a timeline that vedc knows"),
        ("a.json", "\x00\x01", 2, "not a timeline that vedc knows"),
        ("a.otio", "[1, 2", 3, "foreign-syntax"),
        ("a.otio", "{}", 3, "not an OpenTimelineIO timeline"),
        ("a.fcpxml", "<fcpxml", 3, "foreign-syntax"),
        ("a.edl", "nothing", 3, "not an EDL"),
    ],
)
def test_files_that_are_not_timelines(
    vedc: Vedc, tmp_path: Path, name: str, text: str, code: int, reported: str
) -> None:
    (tmp_path / name).write_text(text)
    assert reported in vedc("import", str(tmp_path / name), code=code)


def test_a_missing_file_and_an_unknown_format(vedc: Vedc, edit: Path) -> None:
    assert "cannot be read" in vedc("import", str(edit.with_name("no.otio")), code=4)
    assert "did you mean 'shotstack'" in vedc("import", str(edit), "--from", "shotstak", code=2)


@pytest.mark.parametrize("name", ["film.otio", "film.edl", "film.xml", "film.fcpxml", "film.mlt"])
def test_export(vedc: Vedc, tmp_path: Path, name: str) -> None:
    spec = tmp_path / "film.vedc.yaml"
    spec.write_text(SPEC)
    printed = json.loads(vedc("export", str(spec), "-o", str(tmp_path / name), "--json"))
    assert (tmp_path / name).stat().st_size > 100
    (loss,) = [each for each in printed["losses"] if "'effects'" in each["what"]]
    assert (loss["line"], loss["column"]) == (4, 33)
    assert loss["severity"] == ("note" if name == "film.otio" else "lost")


def test_export_to_an_unknown_name(vedc: Vedc, tmp_path: Path) -> None:
    spec = tmp_path / "film.vedc.yaml"
    spec.write_text(SPEC)
    assert "vedc writes no format with this extension" in vedc(
        "export", str(spec), "-o", "film.doc", code=2
    )


def test_files_outside_the_folder_are_not_opened(tmp_path: Path) -> None:
    folder, other = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    other.mkdir()
    (other / "a.wav").write_bytes(b"RIFF")
    opened: list[Path] = []

    def probe(path: Path) -> None:
        opened.append(path)
        raise OSError

    files = ForeignFiles(folder, folder, (), tmp_path / "cache")
    files._probe = probe  # type: ignore[assignment]
    for named in ("../out/a.wav", str(other / "a.wav"), "https://example.org/a.wav", "a.wav\0"):
        assert files.media(files.path(named)) is None
    assert opened == []
    allowed = ForeignFiles(folder, folder, (other,), tmp_path / "cache")
    allowed._probe = probe  # type: ignore[assignment]
    allowed.media(allowed.path("../out/a.wav"))
    assert opened == [other / "a.wav"]
