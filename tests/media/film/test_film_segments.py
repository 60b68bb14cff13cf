"""Segments of finished films: rendered once, kept, resumed, joined without a seam."""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml

from tests.media.clicks import write_clicks
from tests.media.make import read_number, write_numbered
from tests.media.moving import samples
from vedc.execute.output import RenderSummary
from vedc.execute.store import Store
from vedc.media.encode import SegmentEncoder
from vedc.media.reader import VideoReader
from vedc.plan import copying
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

Clips = list[dict[str, Any]]

WIDTH, HEIGHT = 96, 64
LENGTH = 20
"""Frames of each clip: one segment, at 25 a second."""
CLIPS = 10


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("segments")
    size = {"width": WIDTH, "height": HEIGHT}
    write_numbered(folder / "numbers.mp4", 500, 25, gop=100, b_frames=3, **size)
    write_clicks(folder / "clicks.mp4", 250, Fraction(25), [40, 90, 170], sound="aac")
    return folder


@pytest.fixture
def folder(tmp_path: Path, sources: Path) -> Path:
    for source in sources.iterdir():
        shutil.copy2(source, tmp_path)
    return tmp_path


def numbered(clips: int = CLIPS) -> Clips:
    return [
        {"clip": "numbers.mp4", "in": f"{(k * 137 + 9) % 470}f", "duration": f"{LENGTH}f"}
        for k in range(clips)
    ]


def write(folder: Path, clips: Clips, name: str = "edit", **output: Any) -> Path:
    output = {"path": f"{name}.mp4", "codec": "h264"} | output
    if output["codec"] == "h264":
        output.setdefault("preset", "veryfast")
    spec = {
        "version": 1,
        "profile": {"width": WIDTH, "height": HEIGHT, "fps": 25},
        "timeline": clips,
        "audio": [{"clip": "clicks.mp4"}],
        "outputs": [output],
    }
    path = folder / f"{name}.vedc.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return path


def render(spec: Path, cache: Path | None = None, threads: int = 0) -> RenderSummary:
    (report,) = deliver(Build(spec, cache=cache), replace=True, threads=threads)
    return report


def store_of(spec: Path) -> Store:
    return Store(Build(spec).folder)


def frames_of(film: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(film)) as container:
        yield from container.decode(video=0)


def numbers_of(film: Path) -> list[int]:
    return [read_number(frame) for frame in frames_of(film)]


def shown_by(clips: Clips) -> list[int]:
    starts = (int(clip["in"].removesuffix("f")) for clip in clips)
    return [start + n for start in starts for n in range(LENGTH)]


# ---------------------------------------------------------------- rendered once


def test_the_second_render_decodes_and_encodes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = write(folder, numbered())
    first = render(spec)
    film = Path(first.target)
    before = film.read_bytes()
    assert first.rendered_frames == first.frames == CLIPS * LENGTH
    assert first.rendered_segments == first.segments == CLIPS
    assert first.rendered_sound

    def forbidden(*_args: object, **_named: object) -> None:
        raise AssertionError("opened in a render with nothing to do")

    monkeypatch.setattr(VideoReader, "__init__", forbidden)
    monkeypatch.setattr(SegmentEncoder, "__init__", forbidden)
    film.unlink()
    second = render(spec)
    assert film.read_bytes() == before
    assert (second.rendered_frames, second.rendered_segments, second.decoded_frames) == (0, 0, 0)
    assert not second.rendered_sound


def _graded(clips: Clips) -> Clips:
    return [*clips[:4], clips[4] | {"grade": [{"op": "exposure", "stops": 0.5}]}, *clips[5:]]


def _trimmed(clips: Clips) -> Clips:
    return [*clips[:4], clips[4] | {"in": "400f"}, *clips[5:]]


def _longer(clips: Clips) -> Clips:
    return [*clips[:4], clips[4] | {"duration": "30f"}, *clips[5:]]


def _in_front(clips: Clips) -> Clips:
    return [{"clip": "numbers.mp4", "in": "444f", "duration": f"{LENGTH}f"}, *clips]


@pytest.mark.parametrize(
    ("change", "rendered"),
    [
        (_graded, LENGTH),
        (_trimmed, LENGTH),
        (_longer, 30),
        (_in_front, LENGTH),
        (lambda clips: clips[::-1], 0),
        (lambda clips: [*clips[:3], *clips[4:]], 0),
        (lambda clips: clips + clips, 0),
    ],
    ids=["grade", "in", "duration", "insert", "reverse", "remove", "repeat"],
)
def test_a_change_renders_what_it_touches(
    folder: Path, change: Callable[[Clips], Clips], rendered: int
) -> None:
    clips = numbered()
    render(write(folder, clips))
    spec = write(folder, change(clips))
    report = render(spec)
    assert report.rendered_frames == rendered
    assert report.rendered_segments == (rendered > 0)
    fresh = render(spec, cache=folder / "other")
    film = Path(report.target).read_bytes()
    assert fresh.rendered_frames > rendered
    assert Path(fresh.target).read_bytes() == film


def test_a_transition_touches_its_two_clips(folder: Path) -> None:
    clips = numbered()
    render(write(folder, clips))
    dissolve = {"transition": "dissolve", "duration": "5f"}
    report = render(write(folder, [*clips[:4], dissolve, *clips[4:]]))
    assert report.rendered_frames == 2 * LENGTH - 5
    assert report.frames == CLIPS * LENGTH - 5


def test_the_sound_alone(folder: Path) -> None:
    """It is rendered when it changes, without a picture; and kept when only pictures do."""
    clips = numbered()
    report = render(write(folder, clips))
    report = render(write(folder, _graded(clips)))
    assert not report.rendered_sound
    spec = write(folder, clips)
    spec.write_text(
        spec.read_text().replace("clip: clicks.mp4", "{clip: clicks.mp4, volume: -6dB}")
    )
    report = render(spec)
    assert report.rendered_sound
    assert report.rendered_frames == report.decoded_frames == 0


def test_a_changed_source_is_rendered_again(folder: Path) -> None:
    spec = write(folder, numbered())
    render(spec)
    write_numbered(folder / "numbers.mp4", 500, 25, width=WIDTH, height=HEIGHT, first=1000)
    report = render(spec)
    assert report.rendered_frames == CLIPS * LENGTH
    shown = [1000 + number for number in shown_by(numbered())]
    assert numbers_of(Path(report.target)) == shown


def test_a_damaged_entry_is_rendered_again(folder: Path) -> None:
    spec = write(folder, numbered())
    film = Path(render(spec).target)
    before = film.read_bytes()
    entries = (e for e in store_of(spec).ls() if e.kind == "video")
    for entry in list(entries)[:2]:
        data = bytearray(entry.path.read_bytes())
        data[len(data) // 2] ^= 0x10
        entry.path.write_bytes(data)
    report = render(spec)
    assert report.rendered_frames == 2 * LENGTH
    assert film.read_bytes() == before


# ---------------------------------------------------------------- always the same


def busy() -> Clips:
    """Kernels, transitions, a title: everything that threads could order in another way."""
    look = [{"op": "exposure", "stops": 0.4}, {"op": "saturation", "amount": 1.2}]
    clips = [clip | {"grade": look, "volume": "-3dB"} for clip in numbered(4)]
    dissolve = {"transition": "dissolve", "duration": "6f"}
    title = {"text": "Number", "duration": "15f", "size": 30}
    return [clips[0], dissolve, clips[1], clips[2], dissolve, clips[3], title]


def test_the_same_film_whatever_the_threads(folder: Path) -> None:
    spec = write(folder, busy())
    # High enough for bands of rows, one a thread.
    spec.write_text(spec.read_text().replace(f"height: {HEIGHT}", "height: 320"))
    films = []
    for threads in (1, 2, 5):
        report = render(spec, folder / f"cache-{threads}", threads)
        assert report.rendered_frames == report.frames
        films.append(Path(report.target).read_bytes())
    assert films[0] == films[1] == films[2]


def test_where_a_folder_lies_does_not_matter(folder: Path, tmp_path: Path) -> None:
    spec = write(folder, busy())
    first = Path(render(spec).target).read_bytes()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("numbers.mp4", "clicks.mp4", spec.name):
        shutil.copy(folder / name, moved)
    report = render(moved / spec.name, cache=folder / ".vedc/cache")
    assert report.rendered_frames == 0
    assert Path(report.target).read_bytes() == first


def vedc(spec: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "vedc", "render", "-q", "-y", str(spec), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_render_goes_on_where_it_stopped(folder: Path) -> None:
    clips = numbered(16)
    spec = write(folder, clips, preset="placebo", width=480)
    store = store_of(spec)

    def stored() -> int:
        return sum(entry.kind == "video" for entry in store.ls())

    process = vedc(spec)
    while stored() < 4:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = stored()
    assert 4 <= kept < 16, "the render had ended before it could be killed"
    assert not (folder / "edit.mp4").exists()

    report = render(spec)
    assert report.rendered_segments == 16 - kept
    assert report.rendered_frames == (16 - kept) * LENGTH
    film = Path(report.target).read_bytes()
    assert Path(render(spec, cache=folder / "other").target).read_bytes() == film


def test_two_renders_at_once(folder: Path) -> None:
    """Of the same spec, with one cache: to the same file and to another one."""
    spec = write(folder, busy())
    want = Path(render(spec, cache=folder / "other").target).read_bytes()
    (folder / "edit.mp4").unlink()
    both = [vedc(spec), vedc(spec), vedc(spec, "-o", str(folder / "second.mp4"))]
    for process in both:
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
    assert (folder / "edit.mp4").read_bytes() == want
    assert (folder / "second.mp4").read_bytes() == want
    assert {path.suffix for path in folder.iterdir()} <= {".mp4", ".yaml", "", ".vedc"}


# ---------------------------------------------------------------- joined

#: Codec, settings, container and the least PSNR of any frame; infinite where nothing is lost.
JOINED = [
    ("h264", {"preset": "medium", "crf": 0}, "mp4", math.inf),
    ("h264", {"preset": "medium", "crf": 12}, "mov", 45),
    ("hevc", {"preset": "veryfast", "crf": 12}, "mp4", 45),
    ("av1", {"preset": 10, "crf": 12}, "mp4", 45),
    ("vp9", {"preset": 5, "crf": 12}, "webm", 45),
    ("prores", {}, "mov", math.inf),
    ("ffv1", {}, "mkv", math.inf),
]


@pytest.mark.parametrize(("codec", "options", "extension", "least"), JOINED)
def test_joins_show_no_seam(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    codec: str,
    options: dict[str, Any],
    extension: str,
    least: float,
) -> None:
    """Against a lossless film of one segment: no frame is broken, missing or worse at a join.

    ProRes, which predicts nothing from other frames, is held against itself.
    """
    clips = numbered(6)
    spec = write(folder, clips, path=f"many.{extension}", codec=codec, **options)
    many = render(spec)
    monkeypatch.setattr(copying, "cut", lambda spans, fps: (tuple(spans),))
    lossless = {"path": "one.mkv", "codec": "prores" if codec == "prores" else "ffv1"}
    one = render(write(folder, clips, **lossless))
    assert (many.segments, one.segments) == (6, 1)
    assert one.rendered_frames == one.frames
    got, want = list(frames_of(Path(many.target))), list(frames_of(Path(one.target)))
    assert not any(frame.is_corrupt for frame in got)
    assert [read_number(frame) for frame in got] == shown_by(clips)
    noise = [peak_noise(a, b) for a, b in zip(got, want, strict=True)]
    assert min(noise) >= least, f"frame {noise.index(min(noise))}"


def peak_noise(a: av.VideoFrame, b: av.VideoFrame) -> float:
    """PSNR of luma, in decibels."""
    first, second = (samples(frame)[0].astype(float) for frame in (a, b))
    error = np.square(first - second).mean()
    return float(10 * np.log10(255**2 / error)) if error else math.inf


def test_every_join_can_be_sought(folder: Path) -> None:
    """A player that jumps to a join starts there, with a whole picture."""
    clips = numbered()
    film = Path(render(write(folder, clips)).target)
    numbers = shown_by(clips)
    with av.open(str(film)) as container:
        (stream,) = container.streams.video
        assert stream.time_base is not None
        for index in range(0, len(numbers), LENGTH):
            container.seek(round(index / 25 / stream.time_base), stream=stream)
            frame = next(container.decode(stream))
            assert frame.pts * stream.time_base == Fraction(index, 25)
            assert read_number(frame) == numbers[index]
