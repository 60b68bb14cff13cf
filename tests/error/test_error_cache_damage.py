"""Cache files damaged three hundred times in twelve ways: it costs time, but never the film.

Every kind of file is damaged in every way: segments and their notes, analyses, thumbs, probes,
digests, fonts, compiled kernels, the record of outputs and the lock. The damage is drawn from a
fixed seed.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.error.project import SPEC, Project
from tests.error.support import Answer, check_manners, check_no_python, litter, run, start
from vedc.codegen import code_cache

Draw = random.Random
Damage = Callable[[Path, list[Path], Draw], None]
"""A file, all files of the same kind, and a source of chance."""


def flip(path: Path, alike: list[Path], draw: Draw) -> None:
    data = bytearray(path.read_bytes())
    if data:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    path.write_bytes(data)


def truncate(path: Path, alike: list[Path], draw: Draw) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: draw.randrange(len(data) + 1)])


def empty(path: Path, alike: list[Path], draw: Draw) -> None:
    path.write_bytes(b"")


def swap(path: Path, alike: list[Path], draw: Draw) -> None:
    """Two files of a kind change names."""
    other = draw.choice(alike)
    spare = path.with_name(".spare")
    os.replace(path, spare)
    if other.exists():
        os.replace(other, path)
    os.replace(spare, other)


def foreign_json(path: Path, alike: list[Path], draw: Draw) -> None:
    path.write_text(draw.choice(["{}", "[]", "null", '{"version": 2}', '{"fields": 3}', "1e999"]))


def deep_json(path: Path, alike: list[Path], draw: Draw) -> None:
    path.write_bytes(draw.choice([b"[", b'{"a":']) * 100_000)


def another_kind(path: Path, alike: list[Path], draw: Draw) -> None:
    """The contents of another file of the project."""
    path.write_bytes((path.parents[len(path.parents) - 1] / "dev/null").read_bytes())
    path.write_bytes(draw.choice([b"\x7fELF" + bytes(900), SPEC.encode(), b"\0" * 5000]))


def appended(path: Path, alike: list[Path], draw: Draw) -> None:
    with path.open("ab") as file:
        file.write(draw.randbytes(draw.randrange(1, 2000)))


def forbidden(path: Path, alike: list[Path], draw: Draw) -> None:
    path.chmod(0)


def folder(path: Path, alike: list[Path], draw: Draw) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("x")


def link(path: Path, alike: list[Path], draw: Draw) -> None:
    path.unlink()
    path.symlink_to(draw.choice(["/dev/zero", "/nowhere", path.name, "/etc/hostname", "."]))


def pipe(path: Path, alike: list[Path], draw: Draw) -> None:
    path.unlink()
    os.mkfifo(path)


WAYS: tuple[Damage, ...] = (
    flip, truncate, empty, swap, foreign_json, deep_json, another_kind, appended, forbidden,
    folder, link, pipe,
)  # fmt: skip
#: Files of one kind are damaged in this many separate groups.
PARTS = 2


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("damage"))


def test_every_kind_of_file_is_there(project: Project) -> None:
    project.restore()
    files = project.files()
    assert {
        "notes", "segments", ".result", ".thumbs", "probes", "digests", "fonts", "code",
        "outputs", "lock",
    } <= set(files)  # fmt: skip
    assert sum(map(len, files.values())) * len(WAYS) >= 300


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("damage", WAYS)
def test_damage(project: Project, damage: Damage, part: int) -> None:
    project.restore()
    draw = random.Random(f"{damage.__name__} {part}")
    for alike in project.files().values():
        for path in alike[part::PARTS]:
            if path.name != "lock" or damage not in (folder, link):
                damage(path, alike, draw)
    answer = project.render()
    assert answer.exit == 0, answer.out
    check_no_python(answer)
    assert (project.folder / "film.mp4").read_bytes() == project.film
    assert (project.folder / "vedc.lock").read_bytes() == project.lock
    assert litter(project.folder) == litter(project.home) == []
    again = project.render()
    assert (again.exit, again.err) == (0, "")
    (report,) = json.loads(again.out)
    assert report["rendered_frames"] == 0  # what was damaged has been put right
    assert (project.folder / "film.mp4").read_bytes() == project.film


def test_a_note_of_another_segment_is_noticed(project: Project) -> None:
    """Whole entries that change names: each is intact, and neither is what it is called."""
    project.restore()
    notes = [p for p in project.files()["notes"] if json.loads(p.read_bytes())["kind"] == "video"]
    first, second = notes[:2]
    one, other = ([*note.parent.glob(f"{note.stem}*")] for note in (first, second))
    for paths, source, target in ((one, first, second), (other, second, first)):
        for path in paths:
            name = path.name.replace(source.stem, target.stem)
            shutil.copyfile(path, project.folder / f"{name}.swapped")
    for path in (*one, *other):
        path.unlink()
    for path in project.folder.glob("*.swapped"):
        name = path.name.removesuffix(".swapped")
        path.rename(first.parents[1] / name[:2] / name)
    answer = project.render()
    assert answer.exit == 0, answer.err
    (report,) = json.loads(answer.out)
    assert report["rendered_segments"] == 2
    assert (project.folder / "film.mp4").read_bytes() == project.film


@pytest.mark.parametrize("name", ["entries", "drafts", "pins"])
def test_folders_that_lead_elsewhere_are_left_alone(project: Project, name: str) -> None:
    """A cache may come from anyone: what a link leads to is not ours to tidy."""
    project.restore()
    elsewhere = project.folder / "elsewhere" / "ab"
    elsewhere.mkdir(parents=True)
    for path in (elsewhere / "letter.txt", elsewhere.parent / "letter.txt"):
        path.write_text("dear")
        os.utime(path, (1, 1))
    inside = project.folder / ".vedc" / "cache" / name
    shutil.rmtree(inside)
    inside.symlink_to(elsewhere.parent)
    try:
        answer = run("render", "edit.vedc.yaml", "-q", "-y", folder=project.folder)
        check_manners(answer)
        assert [reported.code for reported in answer.problems()] == ["cannot-use-cache"]
        run("cache", "gc", "--limit", "0", folder=project.folder)
        assert [p.name for p in elsewhere.iterdir()] == ["letter.txt"]
    finally:
        shutil.rmtree(elsewhere.parent)


def test_leftovers_of_killed_processes_go(project: Project) -> None:
    project.restore()
    cache = project.folder / ".vedc" / "cache"
    left = [
        cache / "drafts" / f"{'a' * 64}.0123456789ab",
        cache / "pins" / "0123456789abcdef",
        cache / "probes" / ".probe-0123456789-0123456789ab.tmp",
        cache / ".outputs-0123456789ab.tmp",
        cache / "analyses" / ".draft-0123456789ab.tmp",
    ]
    for path in left:
        path.write_bytes(b"x")
    assert project.render().exit == 0
    assert [path for path in left if path.exists()] == []
    code = project.home / "vedc" / "code"
    (code / ".draft-0123456789ab").write_bytes(b"x")
    code_cache.store(code, "a.o", b"code")
    assert not list(code.glob(".draft*"))


def test_two_specs_on_one_cache(project: Project) -> None:
    project.restore()
    two = project.folder / "two.vedc.yaml"
    two.write_text(SPEC.replace("film.mp4", "two.mp4").replace("0.2}", "0.4}"), "utf-8")
    alone = project.folder.parent / "alone"
    shutil.copytree(project.folder, alone, ignore=shutil.ignore_patterns(".vedc"))
    assert run("render", "two.vedc.yaml", "-q", "-y", folder=alone).exit == 0
    shutil.rmtree(project.folder / ".vedc")
    environ = {"XDG_CACHE_HOME": str(project.home)}
    both = [
        start("render", name, "-q", "-y", folder=project.folder, environ=environ)
        for name in ("edit.vedc.yaml", "two.vedc.yaml")
    ]
    assert [(*p.communicate(timeout=300), p.returncode) for p in both] == [("", "", 0)] * 2
    assert (project.folder / "film.mp4").read_bytes() == project.film
    assert (project.folder / "two.mp4").read_bytes() == (alone / "two.mp4").read_bytes()
    assert litter(project.folder) == []


# ------------------------------------------------------------------------------ full disks


class _FullDisk:
    """Lets some files be opened for writing below a folder, then says that the disk is full."""

    def __init__(self) -> None:
        self.root, self.left = "", -1
        self.opened: list[str] = []
        sys.addaudithook(self._watch)  # cannot be taken back: it rests while `root` is empty

    def _watch(self, event: str, arguments: tuple[object, ...]) -> None:
        if event != "open" or not self.root:
            return
        path, _, flags = arguments
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
        if writes and isinstance(path, (str, Path)) and str(path).startswith(self.root):
            self.opened.append(str(path).removeprefix(self.root))
            self.left -= 1
            if self.left < 0:
                raise OSError(28, "No space left on device", str(path))


DISK = _FullDisk()


def _stage(path: str) -> str:
    """What kind of file it is: its path without digests, numbers and names drawn by chance."""
    return re.sub(r"[0-9a-f]{8,}|[0-9]+", "#", path)


def test_a_disk_that_fills_up_at_every_stage(project: Project) -> None:
    """The n-th file that is opened for writing does not fit, for the first and the last n of each
    kind of file, and for one n at which all do."""
    project.restore()
    target = project.folder / "film.mp4"

    def rendered(count: int) -> Answer:
        shutil.rmtree(project.folder / ".vedc")
        target.unlink(missing_ok=True)
        DISK.root, DISK.left, DISK.opened = str(project.folder), count, []
        try:
            return project.render()
        finally:
            DISK.root = ""

    assert rendered(1000).exit == 0 and DISK.left >= 0
    stages = [_stage(path) for path in DISK.opened]
    last = {stage: n for n, stage in enumerate(stages)}
    assert len(last) > 10
    ended = []
    for count in sorted({*map(stages.index, stages), *last.values(), len(stages)}):
        answer = rendered(count)
        check_no_python(answer)
        assert litter(project.folder) == []
        if target.exists():
            assert target.read_bytes() == project.film
        ended.append(answer.exit)
        if answer.exit:
            (reported,) = json.loads(answer.out)["problems"]
            assert reported["code"] in ("cannot-use-cache", "cannot-write", "lock-unwritable")
            assert "no space left" in reported["message"]
    assert answer.exit == 0 and 1 in ended
    assert (project.folder / "vedc.lock").read_bytes() == project.lock
