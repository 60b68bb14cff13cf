"""Several outputs of one spec: what they share is decoded and drawn once, and each is what it would
be alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
import yaml

from tests.media.make import luma, read_luma_number, write_numbered
from vedc.errors import RenderError, UserError
from vedc.execute.devices.cpu import CpuExecutor
from vedc.execute.devices.executor import FrameJob
from vedc.execute.store import Store
from vedc.media.encode import SegmentEncoder
from vedc.workspace import deliver as delivering
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

FRAMES = 60
WIDE = {"path": "wide.mkv", "codec": "ffv1"}
SMALL = {"path": "small.mkv", "codec": "ffv1", "width": 96, "height": 54}
TALL = {"path": "tall.mkv", "codec": "ffv1", "width": 72, "height": 128}
SLOW = {"path": "slow.mkv", "codec": "ffv1", "width": 96, "height": 54, "fps": 10}
Outputs = list[dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_numbered(tmp_path / "a.mp4", FRAMES, 25, width=192, height=108, gop=12, b_frames=2)
    return tmp_path


def spec_of(folder: Path, outputs: Outputs, **clip: Any) -> Build:
    item = {"clip": "a.mp4", "fit": "cover", **clip}
    spec = {"version": 1, "timeline": [item], "outputs": outputs}
    name = "-".join(Path(output["path"]).stem for output in outputs)
    path = folder / f"{name}.vedc.yaml"
    path.write_text(yaml.safe_dump(spec))
    return Build(path, cache=folder / f"cache-{name}")


def stored(build: Build) -> dict[str, str]:
    return {entry.key: entry.digest for entry in Store(build.folder).ls()}


def numbers(path: Path) -> list[int]:
    with av.open(str(path)) as film:
        return [read_luma_number(luma(frame)) for frame in film.decode(video=0)]


@pytest.mark.parametrize(
    ("outputs", "clip"),
    [
        ([WIDE, SMALL, TALL], {}),
        ([WIDE, SMALL, TALL], {"grade": [{"op": "exposure", "stops": 0.3}]}),
        ([WIDE, SLOW], {}),
        ([SLOW, TALL, WIDE], {"in": "0.5s", "speed": 1.5}),
        ([WIDE, TALL], {"reverse": True}),
    ],
    ids=["sizes", "graded", "rates", "rates at another speed", "backwards"],
)
def test_a_source_is_decoded_once_and_each_output_is_as_it_is_alone(
    folder: Path, outputs: Outputs, clip: dict[str, Any]
) -> None:
    together = spec_of(folder, outputs, **clip)
    decoded = sum(report.decoded_frames for report in deliver(together))
    alone = {}
    most = 0
    for output in outputs:
        build = spec_of(folder, [output], **clip)
        (report,) = deliver(build, replace=True)
        most = max(most, report.decoded_frames)
        alone.update(stored(build))
    assert stored(together) == alone
    assert decoded <= most + 2, "one of them alone decodes as much"


def test_what_two_codecs_show_alike_is_drawn_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[FrameJob] = []
    compute = CpuExecutor.compute

    def counted(self: CpuExecutor, *given: Any) -> None:
        drawn.append(given[0])
        compute(self, *given)

    monkeypatch.setattr(CpuExecutor, "compute", counted)
    grade = [{"op": "exposure", "stops": 0.3}]
    outputs = [
        {"path": "one.mkv", "codec": "ffv1", "pix_fmt": "yuv420p"},
        {"path": "two.mp4", "codec": "h264", "crf": 1, "preset": "ultrafast"},
        {"path": "three.mp4", "codec": "h264", "crf": 30, "preset": "ultrafast"},
    ]
    reports = deliver(spec_of(folder, outputs, grade=grade))
    assert [report.rendered_frames for report in reports] == [FRAMES] * 3
    assert len(drawn) == FRAMES
    for report in reports:
        assert numbers(Path(report.target)) == list(range(FRAMES))


def test_picture_files_beside_a_film_of_the_same_pixels(folder: Path) -> None:
    """The encoders of both take the same format, and each has its own frames."""
    film = {"path": "film.mkv", "codec": "hevc", "pix_fmt": "gbrp", "preset": "ultrafast"}
    outputs = [{"path": "seq/%03d.png"}, film, {"path": "other/%03d.png", "width": 96}]
    grade = [{"op": "exposure", "stops": 0.2}]
    reports = deliver(spec_of(folder, outputs, grade=grade))
    assert [report.rendered_frames for report in reports] == [FRAMES] * 3
    with av.open(reports[1].target) as shown:
        assert [frame.pts for frame in shown.decode(video=0)] == [n * 40 for n in range(FRAMES)]
    for number in (1, 30, FRAMES):
        with av.open(str(folder / "seq" / f"{number:03d}.png")) as picture:
            (frame,) = picture.decode(video=0)
        assert read_luma_number(frame.to_ndarray(format="gray")) == number - 1


def test_the_same_encoding_in_two_containers_is_encoded_once(folder: Path) -> None:
    outputs = [
        {"path": "one.mp4", "codec": "h264", "preset": "ultrafast"},
        {"path": "two.mkv", "codec": "h264", "preset": "ultrafast"},
    ]
    first, second = deliver(spec_of(folder, outputs))
    assert (first.rendered_frames, second.rendered_frames) == (FRAMES, 0)
    assert numbers(Path(second.target)) == list(range(FRAMES))


def test_only_the_output_that_changed_is_rendered_again(folder: Path) -> None:
    build = spec_of(folder, [WIDE, SMALL, TALL])
    deliver(build)
    changed = spec_of(folder, [WIDE, {**SMALL, "height": 60}, TALL])
    reports = deliver(changed)
    assert [report.rendered_frames for report in reports] == [0, FRAMES, 0]


def test_a_poster_takes_its_frame_from_the_films_decoder(folder: Path) -> None:
    poster = {"path": "poster.png", "at": "1s"}
    reports = deliver(spec_of(folder, [WIDE, poster]))
    assert sum(report.decoded_frames for report in reports) <= FRAMES + 2
    with av.open(reports[1].target) as picture:
        (frame,) = picture.decode(video=0)
    assert read_luma_number(frame.to_ndarray(format="gray")) == 25


def test_an_error_names_its_output_and_what_is_finished_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = SegmentEncoder.write, [0]

    def failing(self: SegmentEncoder, frame: av.VideoFrame) -> None:
        written[0] += 1
        if frame.width == 72 and written[0] > FRAMES:
            raise RenderError.one("encode-failed", "ffv1: ffv1 failed")
        write(self, frame)

    monkeypatch.setattr(SegmentEncoder, "write", failing)
    build = spec_of(folder, [WIDE, TALL])
    with pytest.raises(UserError) as caught:
        deliver(build)
    (problem,) = caught.value.problems
    assert problem.message.startswith("tall.mkv: ffv1")
    assert problem.location is not None and problem.location.line > 1
    assert not list(folder.glob("*.mkv")) and not list(folder.glob(".vedc-*"))


def test_outputs_beyond_the_memory_are_rendered_in_rounds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "MOST_PIXELS", 192 * 108 + 96 * 54)
    reports = deliver(spec_of(folder, [WIDE, SMALL, TALL]))
    assert [report.decoded_frames > 0 for report in reports] == [True, False, True]
    assert [report.rendered_frames for report in reports] == [FRAMES] * 3


def test_frames_between_those_of_another_rate_are_the_right_ones(folder: Path) -> None:
    ntsc = {"path": "ntsc.mkv", "codec": "ffv1", "fps": "30000/1001"}
    reports = deliver(spec_of(folder, [WIDE, ntsc, {**WIDE, "path": "slow.mkv", "fps": 10}]))
    for report, fps in zip(
        reports, (Fraction(25), Fraction(30000, 1001), Fraction(10)), strict=True
    ):
        want = [int(n / fps * 25) for n in range(report.frames)]
        assert numbers(Path(report.target)) == want
