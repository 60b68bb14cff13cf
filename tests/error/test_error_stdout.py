"""``-o -``: a film on standard output and nothing else there, or a clean refusal."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
import time
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from tests.error.materials import GRADED, RATE, REFUSING, numbers, spec
from tests.error.support import litter, spawn, start
from tests.media.make import read_number, write_numbered
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
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess([], process.returncode, out, err)


def left(folder: Path) -> list[Path]:
    return [*(folder / ".vedc" / "cache").glob("stdout-*"), *map(Path, litter(folder))]


def test_the_film_matches_one_from_a_file(tmp_path: Path) -> None:
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
    done = stream(spec(tmp_path, REFUSING, clip="rotten"), "--quiet")
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
    _, err = process.communicate(timeout=300)
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


CLICK = """\
version: 1
profile: {width: 64, height: 36, fps: 30000/1001}
timeline: [{clip: numbers.mkv}]
audio: [{clip: click.wav}]
outputs: [{path: film.mp4, codec: CODEC, crf: 20}]
"""


def clicking(folder: Path, codec: str) -> Path:
    """A spec of 60 numbered frames with a click half a second in."""
    write_numbered(folder / "numbers.mkv", 60, Fraction(30000, 1001), width=64, height=36)
    sound = np.zeros((1, 96_000), np.int16)
    sound[0, 24_000:24_004] = 30_000
    with av.open(str(folder / "click.wav"), "w", format="wav") as out:
        stream = out.add_stream("pcm_s16le", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound, format="s16", layout="mono")
        frame.sample_rate = 48000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    (folder / "edit.vedc.yaml").write_text(CLICK.replace("CODEC", codec))
    return folder


def read_from_a_pipe(data: bytes) -> tuple[str, list[int], list[float], float]:
    """The container, the frames' numbers and times, and the time of the loudest sample.

    Times are seconds after the first frame. The pipe cannot be sought in.
    """
    ours, theirs = os.pipe()

    def write() -> None:
        with os.fdopen(theirs, "wb") as pipe:
            pipe.write(data)

    writer = threading.Thread(target=write)
    writer.start()
    frames, times, loudest, click = [], [], 0.0, 0.0
    with os.fdopen(ours, "rb") as pipe, av.open(SimpleNamespace(read=pipe.read)) as film:
        for frame in film.decode():
            if isinstance(frame, av.VideoFrame):
                frames.append(read_number(frame))
                times.append(frame.time)
            else:
                level = np.abs(frame.to_ndarray()).max(axis=0)
                if level.max() > loudest:
                    loudest = float(level.max())
                    click = frame.time + float(level.argmax()) / frame.sample_rate
        name = film.format.name
    writer.join()
    return name, frames, [time - times[0] for time in times], click - times[0]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize(
    ("container", "name", "tick"),
    [("mkv", "matroska", 1e-3), ("mp4", "mp4", 1e-6), ("ts", "mpegts", 1 / 90_000)],
)
def test_containers_for_pipes(
    container: str, name: str, tick: float, codec: str, tmp_path: Path
) -> None:
    done = stream(clicking(tmp_path, codec), "-q", "--container", container)
    assert (done.returncode, done.stderr) == (0, b"")
    found, frames, times, click = read_from_a_pipe(done.stdout)
    assert name in found and frames == list(range(60))
    assert times == pytest.approx([i * 1001 / 30000 for i in range(60)], abs=tick)
    assert click == pytest.approx(0.5, abs=0.001)
    assert stream(tmp_path, "-q", "--container", container).stdout == done.stdout
    assert left(tmp_path) == [] and not (tmp_path / "film.mp4").exists()


def test_mp4_for_pipes_comes_in_fragments(tmp_path: Path) -> None:
    done = stream(clicking(tmp_path, "h264"), "-q", "--container", "mp4")
    boxes, at = [], 0
    while at < len(done.stdout):
        boxes.append(done.stdout[at + 4 : at + 8])
        at += int.from_bytes(done.stdout[at : at + 4], "big")
    assert boxes[:2] == [b"ftyp", b"moov"] and boxes.count(b"moof") >= 1
    assert b"vedc " in done.stdout  # its mark, which cannot be sealed here


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-o", "-", "--container", "ts"), "MPEG-TS cannot hold vp9, only h264, hevc, aac, mp3"),
        (("-o", "film.mp4", "--container", "ts"), "--container says what -o - writes"),
        (("--container", "ts"), "--container says what -o - writes"),
        (("-o", "-", "--container", "avi"), "'avi' is not one of 'mkv', 'mp4', 'ts'"),
    ],
)
def test_containers_that_are_refused(options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    folder = spec(tmp_path, GRADED.replace("film.mp4", "film.mp4, codec: vp9"))
    answer = spawn("render", "edit.vedc.yaml", *options, folder=folder)
    assert (answer.exit, answer.out) == (2, "") and said in answer.err
    assert left(tmp_path) == []


def test_a_closed_pipe_of_another_container(tmp_path: Path) -> None:
    text = GRADED.replace("film.mp4", "film.mp4, width: 640, height: 360, crf: 1")
    options = ("render", "edit.vedc.yaml", "-q", "-o", "-", "--container", "ts")
    process = start(*options, folder=spec(tmp_path, text), text=False)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.wait(60) == 1
    assert process.stderr.read() == b""
    process.stderr.close()
    assert left(tmp_path) == []
