"""A spec as it was in a revision of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from vedc.errors import MissingError, SourceLocation, SpecError, UsageError
from vedc.review.compare.revisions import at_revision, is_revision


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / "films"
    (folder / "media").mkdir(parents=True)
    (folder / "edit.vedc.yaml").write_text("version: 1\n")
    (folder / "media" / "look.cube").write_text("old look")
    (folder / "gone.txt").write_text("gone")
    _git(folder.parent, "init", "-q")
    _git(folder.parent, "add", ".")
    _git(folder.parent, "commit", "-qm", "first")
    (folder / "edit.vedc.yaml").write_text("version: 2\n")
    (folder / "media" / "look.cube").write_text("new look")
    (folder / "gone.txt").unlink()
    (folder / "media" / "clip.mp4").write_bytes(b"never tracked")
    (folder / "added.txt").write_text("added since")
    _git(folder.parent, "add", "films/added.txt")
    return folder


def test_tracked_files_are_those_of_then_and_others_those_of_now(films: Path) -> None:
    with at_revision(films / "edit.vedc.yaml", "HEAD") as found:
        assert found.label == "HEAD:films/edit.vedc.yaml"
        assert found.file.read_text() == "version: 1\n"
        there = found.file.parent
        assert (there / "media" / "look.cube").read_text() == "old look"
        assert (there / "gone.txt").read_text() == "gone"
        assert (there / "media" / "clip.mp4").read_bytes() == b"never tracked"
        assert not (there / "added.txt").exists()
        assert found.place(films / "media") == there / "media"
        assert found.place(Path("/elsewhere")) == Path("/elsewhere")
    assert not there.exists()
    assert (films / "edit.vedc.yaml").read_text() == "version: 2\n"
    assert (films / "media" / "clip.mp4").exists()


def test_messages_name_the_revision(films: Path) -> None:
    with at_revision(films / "edit.vedc.yaml", "HEAD") as found:
        at = SourceLocation(str(found.file), 3, 5)
        with pytest.raises(SpecError) as caught, found.renamed():
            raise SpecError.one("bad", f"{found.file} is bad", at)
    (problem,) = caught.value.problems
    assert str(problem.location) == "HEAD:films/edit.vedc.yaml:3:5"
    assert problem.message == "HEAD:films/edit.vedc.yaml is bad"


def test_unknown_revisions(films: Path, tmp_path: Path) -> None:
    cases = [
        (films / "edit.vedc.yaml", "nothing", "no-such-revision"),
        (films / "new.vedc.yaml", "HEAD", "no-such-revision"),
        (tmp_path / "edit.vedc.yaml", "HEAD", "no-repository"),
    ]
    for file, revision, code in cases:
        with pytest.raises(UsageError) as caught, at_revision(file, revision):
            pass
        assert caught.value.problems[0].code == code


def test_names_of_revisions(films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(films)
    assert is_revision("HEAD") and not is_revision("edit.vedc.yaml") and not is_revision("-x")


def test_without_git(films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MissingError) as caught, at_revision(films / "edit.vedc.yaml", "HEAD"):
        pass
    assert caught.value.problems[0].code == "no-git"


def test_a_folder_that_is_gone_is_still_in_its_repository(films: Path) -> None:
    with pytest.raises(UsageError) as caught, at_revision(films / "no" / "x.vedc.yaml", "HEAD"):
        pass
    assert caught.value.problems[0].code == "no-such-revision"
