"""Fonts by the name of their family: found on this machine, and pinned in the lock."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tests.error.support import run
from vedc.decide.lock.lock_file import Lock
from vedc.edit.contents import Text
from vedc.errors import LockError, MissingError, Problem, UserError
from vedc.text import machine_fonts
from vedc.text.families import Families
from vedc.text.fonts import default_font
from vedc.workspace.build import Build, Deciding


def install(folder: Path, name: str, family: str, style: str, copyright: str = "") -> Path:
    """A copy of vedc's own font with other names."""
    path = folder / name
    with TTFont(default_font()) as font:
        for number, text in ((1, family), (2, style), (16, family), (17, style)):
            font["name"].setName(text, number, 3, 1, 0x409)
        if copyright:
            font["name"].setName(copyright, 0, 3, 1, 0x409)
        font.save(path)
    return path


@pytest.fixture
def fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "installed"
    folder.mkdir()
    monkeypatch.setattr(machine_fonts, "_folders", lambda: [folder])
    install(folder, "a-bold.otf", "Gill", "Bold")
    install(folder, "a-italic.otf", "Gill", "Italic")
    install(folder, "a.otf", "Gill", "Regular")
    install(folder, "b.otf", "Heavy", "Black")
    return folder


def build(folder: Path, font: str) -> Build:
    folder.mkdir(exist_ok=True)
    spec = folder / "edit.vedc.yaml"
    spec.write_text(
        "version: 1\nprofile: {width: 640, height: 360, fps: 25}\n"
        f"timeline: [{{text: Hi, size: 40, font: {font}, duration: 1s}}]\n"
    )
    return Build(spec)


def font_of(made: Build) -> str:
    (edit,) = made.edits()
    content = edit.tracks[0].items[0].content
    assert isinstance(content, Text)
    return Path(content.fonts[0]).name


def problem(made: Build, deciding: Deciding | None = None) -> Problem:
    with pytest.raises(UserError) as caught:
        made.edits(deciding)
    (found,) = caught.value.problems
    return found


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Gill", "a.otf"), ("gill", "a.otf"), ("Gill  Regular", "a.otf"),
        ("Gill Bold", "a-bold.otf"),
        ("GILL ITALIC", "a-italic.otf"), ("Heavy", "b.otf"), ("[Gill, Heavy]", "a.otf"),
    ],
)  # fmt: skip
def test_names(fonts: Path, tmp_path: Path, name: str, file: str) -> None:
    assert font_of(build(tmp_path / "project", name)) == file


def test_a_file_of_that_name_is_the_file(fonts: Path, tmp_path: Path) -> None:
    made = build(tmp_path / "project", "Gill")
    shutil.copy(default_font(), tmp_path / "project" / "Gill")
    assert font_of(made) == "Gill"


def test_a_missing_family(fonts: Path, tmp_path: Path) -> None:
    found = problem(build(tmp_path / "project", "Gil"))
    assert found.code == "missing-font" and "did you mean 'Gill'?" in found.message
    assert found.location is not None and (found.location.line, found.location.column) == (3, 39)
    with pytest.raises(MissingError):
        build(tmp_path / "project", "Gil").edits()


def test_the_lock_pins_the_font(fonts: Path, tmp_path: Path) -> None:
    made = build(tmp_path / "project", "Gill")
    deciding = Deciding(made)
    made.edits(deciding)
    assert deciding.save()
    lock = Lock.load(tmp_path / "project" / "vedc.lock")
    assert list(lock.pins) == ["font Gill"]
    install(fonts, "a.otf", "Gill", "Regular", "another version")
    found = problem(build(tmp_path / "project", "Gill"))
    assert found.code == "font-changed" and found.hint is not None and "vedc.lock" in found.hint
    assert font_of(build(tmp_path / "project", "Gill Bold")) == "a-bold.otf"


def test_of_two_versions_the_pinned_one_is_taken(fonts: Path, tmp_path: Path) -> None:
    made = build(tmp_path / "project", "Gill")
    deciding = Deciding(made)
    made.edits(deciding)
    deciding.save()
    (fonts / "a.otf").rename(fonts / "z.otf")
    install(fonts, "a.otf", "Gill", "Regular", "another version")
    assert font_of(build(tmp_path / "project", "Gill")) == "z.otf"


def test_locked_needs_a_pin(fonts: Path, tmp_path: Path) -> None:
    made = build(tmp_path / "project", "Gill")
    assert problem(made, Deciding(made, "locked")).code == "not-pinned"
    made = build(tmp_path / "project", "Gill")
    with pytest.raises(LockError):
        made.edits(Deciding(made, "locked"))


def test_names_are_read_once(fonts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Families(tmp_path / "cache").find("gill") == [fonts / "a.otf", fonts / "a-bold.otf"]
    read: list[str] = []
    from vedc.text import families

    real = families._names_of
    monkeypatch.setattr(families, "_names_of", lambda path: read.append(path.name) or real(path))
    assert Families(tmp_path / "cache").names() == ["Gill", "Heavy"]
    assert read == []
    install(fonts, "c.otf", "Gill", "Thin")
    (fonts / "broken.ttf").write_bytes(b"no font")
    assert len(Families(tmp_path / "cache").find("Gill Thin")) == 1
    assert sorted(read) == ["broken.ttf", "c.otf"]


def test_from_the_command_line(tmp_path: Path) -> None:
    """Whatever fonts the machine has, a name that none has is refused with its place."""
    (tmp_path / "a.vedc.yaml").write_text(
        "version: 1\ntimeline: [{text: Hi, font: No Such Family, duration: 1s}]\n"
    )
    answer = run("validate", "a.vedc.yaml", folder=tmp_path)
    (found,) = answer.problems()
    assert (answer.exit, found.code, found.location) == (4, "missing-font", "a.vedc.yaml:2:29")
