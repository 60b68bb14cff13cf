"""``-o -``: a film on standard output and nothing else there, or a clean refusal."""

from __future__ import annotations

import os
import pty
import subprocess
import time
from pathlib import Path

import pytest

from tests.error.materials import GRADED, RATE, numbers, spec
from tests.error.support import litter, spawn, start
from vedc.support.drafts import STALE


def stream(folder: Path, *more: str) -> subprocess.CompletedProcess[bytes]:
    process = start(
        "render",
        "edit.vedc.yaml",
        "-o",
        "-",
        *more,
        folder=folder,
        text=False,
    )
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess([], process.returncode, out, err)


def left(folder: Path) -> list[Path]:
    return [*(folder / ".vedc" / "cache").glob("stdout-*"), *map(Path, litter(folder))]


def test_the_film_is_that_of_a_file(tmp_path: Path) -> None:
    done = stream(spec(tmp_path))
    assert done.returncode == 0
    assert f"standard output: {RATE} frames, all rendered\n" in done.stderr.decode()
    (tmp_path / "piped.mkv").write_bytes(done.stdout)
    assert numbers(tmp_path / "piped.mkv") == list(range(RATE))
    assert not (tmp_path / "film.mp4").exists() and left(tmp_path) == []

    assert spawn("render", "edit.vedc.yaml", "-q", "-o", "film.mkv", folder=tmp_path).exit == 0
    assert (tmp_path / "film.mkv").read_bytes() == done.stdout
    again = stream(tmp_path, "--quiet")
    assert (again.stdout, again.stderr) == (done.stdout, b"")


def test_a_failed_render_writes_nothing(tmp_path: Path) -> None:
    done = stream(spec(tmp_path, clip="rotten"), "--quiet")
    assert done.returncode == 1 and done.stdout == b""
    assert b"damaged-media" in done.stderr and left(tmp_path) == []


def test_several_outputs(tmp_path: Path) -> None:
    text = GRADED.replace("[{path: film.mp4}]", "[{path: film.mp4}, {path: film.mkv}]")
    done = stream(spec(tmp_path, text))
    assert done.returncode == 2 and done.stdout == b"" and b"ambiguous-output" in done.stderr


def test_json_beside_the_film(tmp_path: Path) -> None:
    done = stream(spec(tmp_path), "--json")
    assert done.returncode == 2 and done.stdout == b""
    assert b"--json and -o - both write to standard output" in done.stderr


def test_a_terminal(tmp_path: Path) -> None:
    spec(tmp_path)
    ours, theirs = pty.openpty()
    process = start("render", "edit.vedc.yaml", "-o", "-", folder=tmp_path, stdout=theirs)
    os.close(theirs)
    _, err = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 2
    assert "which is a terminal" in err and "> film.mkv" in err
    assert not (tmp_path / ".vedc").exists()


@pytest.mark.parametrize("early", [True, False], ids=["before the film", "within it"])
def test_a_closed_pipe(early: bool, tmp_path: Path) -> None:
    text = GRADED.replace("film.mp4", "film.mp4, codec: ffv1, width: 640, height: 360")
    process = start(
        "render", "edit.vedc.yaml", "-q", "-o", "-", folder=spec(tmp_path, text), text=False
    )
    assert process.stdout is not None and process.stderr is not None
    if not early:
        assert process.stdout.read(64).startswith(b"\x1aE\xdf\xa3")
    process.stdout.close()
    assert process.wait(60) == 1
    assert process.stderr.read() == b""
    process.stderr.close()
    assert left(tmp_path) == []


def test_a_missing_spec_leaves_no_cache(tmp_path: Path) -> None:
    done = stream(tmp_path)
    assert done.returncode == 4 and done.stdout == b"" and b"edit.vedc.yaml" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    cache = spec(tmp_path) / ".vedc" / "cache"
    for name, age in (("stdout-old", 2 * STALE), ("stdout-new", 60)):
        (cache / name).mkdir(parents=True)
        (cache / name / "stdout.mkv").write_bytes(b"part of a film")
        os.utime(cache / name, (time.time() - age,) * 2)
    assert stream(tmp_path, "-q").returncode == 0
    assert [path.name for path in left(tmp_path)] == ["stdout-new"]
