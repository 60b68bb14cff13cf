"""Compiled kernels on the disk: only this user's own code is ever run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.error.support import run
from vedc.codegen import code_cache

SPEC = """\
version: 1
profile: {width: 64, height: 48, fps: 25}
timeline:
  - {color: "#336699", duration: 0.2s, grade: [{op: exposure, stops: 0.5}]}
  - {generator: checker, duration: 0.2s}
outputs: [{path: film.mp4}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "edit.vedc.yaml").write_text(SPEC)
    return folder


def film(project: Path) -> bytes:
    """The film, rendered again."""
    shutil.rmtree(project / ".vedc", ignore_errors=True)
    answer = run("render", "edit.vedc.yaml", "-q", "-y", folder=project)
    assert (answer.exit, answer.err) == (0, "")
    return (project / "film.mp4").read_bytes()


def code_of(project: Path) -> list[Path]:
    return sorted((project.parent / "home" / "vedc" / "code").glob("*.o"))


def swap(files: list[Path]) -> None:
    first, second = files[:2]
    spare = first.with_suffix(".spare")
    first.rename(spare)
    second.rename(first)
    spare.rename(second)


def flip(files: list[Path]) -> None:
    for file in files:
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)


def another_secret(files: list[Path]) -> None:
    (files[0].parent / "secret").write_bytes(b"x" * 32)


def empty(files: list[Path]) -> None:
    for file in files:
        file.write_bytes(b"")


@pytest.mark.parametrize("damage", [swap, flip, another_secret, empty])
def test_code_that_is_not_what_was_stored_is_compiled_again(
    project: Path, damage: Callable[[list[Path]], None]
) -> None:
    before = film(project)
    files = code_of(project)
    assert len(files) >= 2
    stored = [file.read_bytes() for file in files]
    damage(files)
    assert film(project) == before
    if damage is not another_secret:  # which seals the code again
        assert [file.read_bytes() for file in files] == stored


def test_code_next_to_a_spec_is_not_read(project: Path) -> None:
    before = film(project)
    shipped = project / ".vedc" / "cache" / "kernels"
    shutil.copytree(project.parent / "home" / "vedc" / "code", shipped)
    for file in shipped.iterdir():
        file.write_bytes(b"not code")
    shutil.rmtree(project / ".vedc" / "cache" / "entries")
    answer = run("render", "edit.vedc.yaml", "-q", "-y", folder=project)
    assert (answer.exit, answer.err) == (0, "")
    assert (project / "film.mp4").read_bytes() == before
    assert all(file.read_bytes() == b"not code" for file in shipped.iterdir())


def test_the_folder_is_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = code_cache.code_folder()
    assert folder is not None and folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    assert code_cache.code_folder() == folder and folder.stat().st_mode & 0o777 == 0o700
    code_cache.store(folder, "a.o", b"code")
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
    assert code_cache.load(folder, "a.o") == b"code"


def test_a_link_or_a_file_in_its_place_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "vedc").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "vedc" / "code").symlink_to(tmp_path / "elsewhere")
    assert code_cache.code_folder() is None
    (tmp_path / "vedc" / "code").unlink()
    (tmp_path / "vedc" / "code").write_text("x")
    assert code_cache.code_folder() is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owner here")
def test_somebody_else_s_folder_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert code_cache.code_folder() is not None
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert code_cache.code_folder() is None


def test_old_code_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_cache, "_LIMIT", 3)
    for number in range(5):
        code_cache.store(tmp_path, f"{number}.o", b"code")
        os.utime(tmp_path / f"{number}.o", (number, number))
    assert len(list(tmp_path.glob("*.o"))) == 3
    assert code_cache.load(tmp_path, "4.o") == b"code"
