"""Trouble from outside: signals, closed pipes, full or read-only disks."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.error.materials import GRADED, RATE, numbers, spec
from tests.error.support import Answer, check_manners, files_in, litter, run, spawn, start

CLIPS = 12
LONG = """\
version: 1
profile: {width: 320, height: 192}
timeline:
""" + "".join(
    f"  - {{clip: a.mp4, grade: [{{op: exposure, stops: 0.{n}}}]}}\n" for n in range(10, 10 + CLIPS)
)


# Signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_interrupted_in_the_middle(tmp_path: Path, number: signal.Signals) -> None:
    before = files_in(spec(tmp_path, LONG + "outputs: [{path: out/film.mp4}]\n"))
    cache = tmp_path / ".vedc" / "cache"
    process = start("render", "edit.vedc.yaml", "-q", folder=tmp_path)
    _wait(process, lambda: any((cache / "entries").rglob("*.json")))
    process.send_signal(number)
    out, err = process.communicate(timeout=300)

    assert process.returncode == 130
    assert (out, err) == (
        "", "interrupted: finished segments are stored; the same command continues from there\n",
    )  # fmt: skip
    assert files_in(tmp_path) == before
    assert not (tmp_path / "out").exists()
    assert litter(tmp_path) == []
    assert list((cache / "drafts").iterdir()) == list((cache / "pins").iterdir()) == []
    kept = _segments(cache)
    assert 0 < len(kept) < CLIPS

    answer = run("render", "edit.vedc.yaml", "-q", "--json", folder=tmp_path)
    assert (answer.exit, answer.err) == (0, "")
    (report,) = json.loads(answer.out)
    assert report["segments"] == CLIPS
    assert report["rendered_segments"] == CLIPS - len(kept)
    assert numbers(tmp_path / "out" / "film.mp4") == [*range(RATE)] * CLIPS


def _segments(cache: Path) -> list[Path]:
    indices = (cache / "entries").rglob("*.json")
    return [path for path in indices if json.loads(path.read_text())["kind"] == "video"]


def _wait(process: subprocess.Popen[str], done: object) -> None:
    assert callable(done)
    until = time.monotonic() + 300
    while not done():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "nothing was rendered in five minutes"
        time.sleep(0.01)


def test_a_killed_render_resumes(tmp_path: Path) -> None:
    spec(tmp_path, LONG + "outputs: [{path: film.mp4}]\n")
    cache = tmp_path / ".vedc" / "cache"
    process = start("render", "edit.vedc.yaml", "-q", folder=tmp_path)
    _wait(process, lambda: len(_segments(cache)) >= 2)
    process.kill()
    process.communicate(timeout=300)
    assert not (tmp_path / "film.mp4").exists()
    kept = _segments(cache)
    (report,) = json.loads(run("render", "edit.vedc.yaml", "-q", "--json", folder=tmp_path).out)
    assert report["rendered_segments"] == CLIPS - len(kept)
    assert len(numbers(tmp_path / "film.mp4")) == CLIPS * RATE


# Standard output and standard error


@pytest.mark.parametrize("command", ["schema", "ops", "config", "plan", "graph", "validate"])
def test_a_reader_that_has_gone(tmp_path: Path, command: str) -> None:
    spec(tmp_path)
    read, write = os.pipe()
    os.close(read)
    given = [] if command in ("schema", "ops") else ["edit.vedc.yaml"]
    answer = spawn(command, *given, folder=tmp_path, stdout=write)
    os.close(write)
    assert (answer.exit, answer.err) == (1, "")


def test_a_reader_that_goes_early(tmp_path: Path) -> None:
    process = start("schema", folder=tmp_path)
    assert process.stdout is not None
    assert process.stdout.read(1) == "{"
    process.stdout.close()
    assert process.wait(60) in (0, 1)  # all of it may have been in the pipe
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_standard_output_on_a_full_disk(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        answer = spawn("schema", folder=tmp_path, stdout=full)
    (reported,) = Answer(answer.exit, "", answer.err).problems()
    assert (answer.exit, reported.code) == (1, "system")
    assert "no space left on device" in reported.message


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_standard_error_on_a_full_disk(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        assert spawn("validate", "gone.yaml", folder=tmp_path, stderr=full).exit == 4


def test_standard_streams_that_are_closed(tmp_path: Path) -> None:
    command = f"{sys.executable} -m vedc validate gone.yaml"
    assert subprocess.run(f"{command} 2>&-", shell=True, cwd=tmp_path).returncode == 4
    done = subprocess.run(f"{command} >&-", shell=True, cwd=tmp_path, stderr=subprocess.PIPE)
    assert done.returncode == 4
    assert b"spec-missing" in done.stderr


# Disks


def _inside(folder: Path, prepare: str, command: str) -> Answer:
    """A shell command with its own mounts, which vanish with it."""
    script = f"{prepare} && {{ {command}; }}"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        cwd=folder, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


def _may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return _inside(Path("/"), "mount -t tmpfs none /tmp", "true").exit == 0


VEDC = f"{sys.executable} -m vedc"
mounting = pytest.mark.skipif(not _may_mount(), reason="mounting is not allowed here")


@mounting
@pytest.mark.parametrize("size", ["4k", "8k"])
def test_a_full_disk_at_the_target(tmp_path: Path, size: str) -> None:
    (spec(tmp_path, GRADED.replace("film.mp4", "out/film.mp4")) / "out").mkdir()
    answer = _inside(
        tmp_path,
        f"mount -t tmpfs -o size={size} none out",
        f"{VEDC} render edit.vedc.yaml -q; code=$?; ls -A out; exit $code",
    )
    check_manners(answer)
    (reported,) = answer.problems()
    assert (answer.exit, reported.code, answer.out) == (1, "cannot-write", "")  # ls shows nothing
    assert "out/film.mp4: no space left on device" in reported.message
    assert "free some space" in reported.hint

    answer = run("render", "edit.vedc.yaml", "-q", "--json", folder=tmp_path)
    (report,) = json.loads(answer.out)
    assert report["rendered_frames"] == 0  # only the writing was left to do


@mounting
@pytest.mark.parametrize("size", ["4k", "12k", "20k", "28k"])
def test_a_full_disk_at_the_cache(tmp_path: Path, size: str) -> None:
    before = files_in(spec(tmp_path))
    (tmp_path / "cache").mkdir()
    answer = _inside(
        tmp_path,
        f"mount -t tmpfs -o size={size} none cache",
        f"{VEDC} render edit.vedc.yaml -q --cache cache; code=$?; ls -A cache/drafts; exit $code",
    )
    check_manners(answer)
    (reported,) = answer.problems()
    assert (answer.exit, answer.out) == (1, "")
    assert reported.code in ("cannot-use-cache", "cannot-write")
    assert "no space left on device" in reported.message
    assert files_in(tmp_path) == before


@mounting
def test_a_read_only_folder_is_reported_before_rendering(tmp_path: Path) -> None:
    (spec(tmp_path, GRADED.replace("film.mp4", "out/film.mp4")) / "out").mkdir()
    answer = _inside(
        tmp_path,
        "mount --bind out out && mount -o remount,ro,bind out",
        f"{VEDC} render edit.vedc.yaml -q",
    )
    check_manners(answer)
    (reported,) = answer.problems()
    assert (answer.exit, reported.code) == (1, "cannot-write")
    assert reported.location == "edit.vedc.yaml:3:11"
    assert "read-only" in reported.message
    assert not (tmp_path / ".vedc" / "cache" / "entries").exists()


@mounting
def test_a_read_only_project_can_be_checked_and_rendered_elsewhere(tmp_path: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    home.mkdir()
    out.mkdir()
    spec(home)
    read_only = "mount --bind home home && mount -o remount,ro,bind home"
    assert _inside(tmp_path, read_only, f"{VEDC} validate home/edit.vedc.yaml").exit == 0
    assert _inside(tmp_path, read_only, f"{VEDC} plan home/edit.vedc.yaml").exit == 0
    answer = _inside(tmp_path, read_only, f"{VEDC} render home/edit.vedc.yaml -q -o out/film.mp4")
    check_manners(answer)
    assert [t.code for t in answer.problems()] == ["cannot-use-cache"]
    answer = _inside(
        tmp_path, read_only,
        f"{VEDC} render home/edit.vedc.yaml -q -o out/film.mp4 --cache out/cache",
    )  # fmt: skip
    assert (answer.exit, answer.err) == (0, "")
    assert numbers(out / "film.mp4") == list(range(RATE))


@pytest.mark.parametrize("limit", [2_000, 4_000, 8_000])
def test_a_limit_on_the_size_of_files(tmp_path: Path, limit: int) -> None:
    """A quota, and an old kind of disk."""

    def restrict() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    before = files_in(spec(tmp_path))
    answer = spawn("render", "edit.vedc.yaml", "-q", folder=tmp_path, preexec_fn=restrict)
    check_manners(answer)
    (reported,) = answer.problems()
    assert answer.exit == 1
    assert reported.code in ("cannot-use-cache", "cannot-write")
    assert "file too large" in reported.message
    assert files_in(tmp_path) == before
    assert litter(tmp_path) == []
    assert run("render", "edit.vedc.yaml", "-q", folder=tmp_path).exit == 0


def test_two_renders_at_once(tmp_path: Path) -> None:
    spec(tmp_path)
    both = [start("render", "edit.vedc.yaml", "-q", "-y", folder=tmp_path) for _ in range(2)]
    assert [(*p.communicate(timeout=300), p.returncode) for p in both] == [("", "", 0)] * 2
    assert numbers(tmp_path / "film.mp4") == list(range(RATE))
    assert litter(tmp_path) == []
