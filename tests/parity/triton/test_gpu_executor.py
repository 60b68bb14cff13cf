"""The executor of graphics cards, run by Triton's interpreter: order, runs, memory, whole films."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.parity.triton import triton_support  # noqa: F401  first: Triton is not yet imported

# isort: split
import torch

from tests.media.make import write_numbered
from tests.parity.llvm.llvm_support import Picture, blank, picture
from tests.parity.ops.every import Files, Films, Tables, drawn, fused, picture_of, worst
from tests.parity.ops.films import build, distance, planes_of
from vedc.color import FORMATS
from vedc.errors import RenderError
from vedc.execute.devices.cuda import CudaExecutor
from vedc.execute.devices.device import Device
from vedc.execute.devices.executor import FrameJob
from vedc.execute.devices.staging import copy_in, copy_out, layout
from vedc.plan.executable import ComputedPiece
from vedc.workspace.deliver import deliver

SIZE = (22, 14)
INTERPRETER = Device("interpreter")


@pytest.fixture
def films(tmp_path: Path) -> Films:
    return Films(tmp_path, SIZE, "yuv420p", "yuv420p")


def test_a_film_is_the_processors_within_a_code(tmp_path: Path) -> None:
    write_numbered(tmp_path / "a.mp4", 12, 25, width=64, height=36)
    spec = {
        "version": 1,
        "profile": {"width": 64, "height": 36, "fps": 25},
        "timeline": [
            {"clip": "a.mp4", "duration": "5f", "grade": [{"op": "exposure", "stops": 0.4}]},
            {"transition": {"name": "wipe", "duration": "3f"}},
            {
                "clip": "a.mp4",
                "duration": "6f",
                "effects": [
                    {"op": "gaussian_blur", "radius": 3},
                    {"op": "vignette", "amount": 0.5},
                ],
            },
        ],
        "outputs": [{"path": "out.mkv", "codec": "ffv1"}],
    }
    made = build(tmp_path, spec)
    (by_processor,) = deliver(made, replace=True)
    want = planes_of(Path(by_processor.target))
    (by_card,) = deliver(made, replace=True, device=INTERPRETER)
    assert by_card.rendered_frames == by_card.frames  # its segments are stored apart
    got = planes_of(Path(by_card.target))
    assert len(got) == len(want) == 8
    assert max(distance(g, w) for g, w in zip(got, want, strict=True)) <= 1


def test_a_moving_title_matches_the_cpu(tmp_path: Path) -> None:
    """It is another picture in every frame, also of those that are computed together."""
    animate = {"in": {"preset": "rise", "duration": "4f"}, "by": "letter"}
    spec = {
        "version": 1,
        "profile": {"width": 48, "height": 32, "fps": 25},
        "timeline": [{"text": "Abc", "size": 16, "duration": "6f", "animate": animate}],
        "outputs": [{"path": "out.mkv", "codec": "ffv1"}],
    }
    made = build(tmp_path, spec)
    want = planes_of(Path(deliver(made, replace=True)[0].target))
    got = planes_of(Path(deliver(made, replace=True, device=INTERPRETER)[0].target))
    assert max(distance(g, w) for g, w in zip(got, want, strict=True)) <= 1
    assert all(distance(a, b) > 10 for a, b in pairwise(got[:5]))
    assert distance(got[4], got[5]) == 0


def test_captions_match_the_cpu(tmp_path: Path) -> None:
    """They change within a segment, also among frames that are computed together."""
    cues = [
        {"start": "1f", "end": "4f", "text": "Ab"},
        {"start": "3f", "end": "7f", "text": '<font color="red">c</font> d'},
    ]
    spec = {
        "version": 1,
        "profile": {"width": 64, "height": 48, "fps": 25},
        "timeline": [{"color": "gray", "duration": "8f"}],
        "captions": {"cues": cues, "burn": True, "highlight": "yellow", "style": {"size": 12}},
        "outputs": [{"path": "out.mkv", "codec": "ffv1"}],
    }
    made = build(tmp_path, spec)
    want = planes_of(Path(deliver(made, replace=True)[0].target))
    got = planes_of(Path(deliver(made, replace=True, device=INTERPRETER)[0].target))
    assert max(distance(g, w) for g, w in zip(got, want, strict=True)) <= 1
    changes = [n for n, (a, b) in enumerate(pairwise(got), 1) if distance(a, b) > 10]
    assert changes == [1, 3, 4, 5, 7]


def test_turned_and_cropped_items_match_the_cpu(tmp_path: Path) -> None:
    write_numbered(tmp_path / "a.mp4", 4, 25, width=64, height=36)
    moving = {"keyframes": [{"time": "0f", "value": 0}, {"time": "2f", "value": 70}]}
    spec = {
        "version": 1,
        "profile": {"width": 48, "height": 32, "fps": 25},
        "timeline": [
            {"clip": "a.mp4", "duration": "3f", "rotation": moving, "scale": 0.5},
            {"clip": "a.mp4", "duration": "1f", "rotation": 90, "crop": ["7px", 0.1, 0, 0.2]},
        ],
        "outputs": [{"path": "out.mkv", "codec": "ffv1"}],
    }
    made = build(tmp_path, spec)
    want = planes_of(Path(deliver(made, replace=True)[0].target))
    got = planes_of(Path(deliver(made, replace=True, device=INTERPRETER)[0].target))
    assert len(got) == len(want) == 4
    assert max(distance(g, w) for g, w in zip(got, want, strict=True)) <= 1


def test_frames_keep_their_order_whatever_is_drawn_together(films: Films) -> None:
    first, second = fused(films.film("exposure")), fused(films.film("vignette"))
    computer = CudaExecutor(INTERPRETER, Files(), Tables(), None)
    pieces = [first, first, first, None, second, None, None, first]
    outs = [np.zeros(0)] * len(pieces)

    def jobs() -> Iterator[FrameJob]:
        for index, piece in enumerate(pieces):
            if piece is None:
                yield FrameJob(None, tag=index)
                continue
            assert isinstance(piece, ComputedPiece)
            images = [picture_of(fetch).image() for fetch in piece.fetches]
            out = blank(FORMATS["yuv420p"], *SIZE)
            outs[index] = out.planes[0]
            yield FrameJob(piece, 0, images, out.image(), tag=index)

    done = list(computer.run(jobs()))
    for job in done:
        job.ready()
    assert [job.tag for job in done] == list(range(len(pieces)))
    assert np.array_equal(outs[0], outs[7])
    assert not np.array_equal(outs[0], outs[4])


def test_outputs_take_turns_and_each_keeps_its_order(films: Films) -> None:
    first, second = fused(films.film("exposure")), fused(films.film("vignette"))
    assert isinstance(first, ComputedPiece) and isinstance(second, ComputedPiece)
    computer = CudaExecutor(INTERPRETER, Files(), Tables(), None)
    shown = [
        (first, (0,)), (second, (1,)), (first, (0,)), (second, (1,)), (first, (0,)), (None, (1,)),
        (first, (0, 1)), (second, (0,)), (second, (1,)), (first, (0, 1)), (None, (0,)),
    ]  # fmt: skip
    runs: list[int] = []
    compute = computer._compute_run

    def counted(run: list[FrameJob]) -> None:
        runs.append(len(run))
        compute(run)

    computer._compute_run = counted  # type: ignore[method-assign]

    def jobs() -> Iterator[FrameJob]:
        for index, (piece, outputs) in enumerate(shown):
            images = [picture_of(fetch).image() for fetch in piece.fetches] if piece else []
            out = blank(FORMATS["yuv420p"], *SIZE).image()
            yield FrameJob(piece, 0, images, out, tag=index, outputs=outputs)

    done = list(computer.run(jobs()))
    assert sorted(job.tag for job in done) == list(range(len(shown)))
    for output in (0, 1):
        own = [job.tag for job in done if output in job.outputs]
        assert own == sorted(own)
    assert runs[:2] == [2, 2], "frames of one output are drawn together though others come between"


def test_too_little_memory_makes_shorter_runs_and_says_so(
    films: Films, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    computer = CudaExecutor(INTERPRETER, Files(), Tables(), None, said.append)
    compute = computer._compute_run
    runs: list[int] = []

    def short(run: list[FrameJob]) -> None:
        if len(run) > 1:
            raise torch.OutOfMemoryError("no room")
        runs.append(len(run))
        compute(run)

    monkeypatch.setattr(computer, "_compute_run", short)
    off = worst(*drawn(computer, films.film("exposure"), films), FORMATS["yuv420p"])
    assert off.max() <= 1
    assert runs == [1, 1, 1, 1]
    assert said == ["GPU memory is short: computing 1 at a time instead of 2 frames"]


def test_no_memory_for_one_frame_is_an_error(films: Films, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = CudaExecutor(INTERPRETER, Files(), Tables(), None)

    def none(run: list[FrameJob]) -> None:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(computer, "_compute_run", none)
    with pytest.raises(RenderError, match="one frame") as caught:
        drawn(computer, films.film("exposure"), films)
    assert caught.value.problems[0].hint


@pytest.mark.parametrize("name", ["yuv420p", "nv12", "p010le", "yuva444p", "rgba", "gbrpf32le"])
@pytest.mark.parametrize("upside_down", [False, True])
def test_pictures_survive_the_way_to_the_card(name: str, upside_down: bool) -> None:
    format = FORMATS[name]
    given = picture(format, 13, 7)
    if upside_down:
        given = Picture([p[::-1] for p in given.planes], 13, 7)
    block = layout(format, given.image())
    memory = np.zeros(block.size, np.uint8)
    copy_in(block, format, given.image(), memory.ctypes.data)
    back = blank(format, 13, 7)
    copy_out(block, memory.ctypes.data, back.image())
    for a, b in zip(given.planes, back.planes, strict=True):
        assert np.array_equal(a, b, equal_nan=format.floating)
