"""``flow_morph``: the flow that it is given, and what it draws of it on every backend."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import pytest

from tests.ops_support import apply
from vedc import ops
from vedc.edit.values import Keyframe, Keyframes
from vedc.execute.devices.cpu import CpuExecutor
from vedc.execute.devices.executor import FrameJob
from vedc.ir.graph import node
from vedc.kernels.temporal import flow

ROWS, COLUMNS = 90, 160


def texture(seed: int = 3) -> Any:
    """Colours (ROWS + 40, COLUMNS + 40, 3), smooth over a few pixels."""
    noise = np.random.default_rng(seed).normal(0, 1, (ROWS + 40, COLUMNS + 40, 3))
    soft = cv2.GaussianBlur(noise, (0, 0), 3.0)
    return np.clip(0.45 + 0.2 * soft / soft.std(), 0, 1)


def view(picture: Any, x: float, y: float) -> Any:
    """A window of it, (ROWS, COLUMNS, 4), whose corner is at 20 + x, 20 + y."""
    matrix = np.array([[1, 0, 20 + x], [0, 1, 20 + y]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    cut = np.clip(cv2.warpAffine(picture, matrix, (COLUMNS, ROWS), flags=flags), 0, 1)
    return np.dstack([cut, np.ones((ROWS, COLUMNS))])


def layer(picture: Any) -> Any:
    return np.ascontiguousarray(np.moveaxis(picture, -1, 0), np.float32)


def inner(picture: Any) -> Any:
    return picture[14:-14, 14:-14, :3]


def test_a_shift_is_found_both_ways_and_alike_on_all_backends() -> None:
    torch = pytest.importorskip("torch")
    picture = texture()
    pair = [layer(view(picture, 0, 0)), layer(view(picture, 5, -3))]
    found = flow.cpu(pair)
    assert found.shape == (4, ROWS, COLUMNS) and found.dtype == np.float32
    for plane, expected in zip(found, (-5, 3, 5, -3), strict=True):
        assert np.median(plane) == pytest.approx(expected, abs=0.15)
    reference = flow.reference([one.astype(np.float64) for one in pair])
    assert np.abs(reference - found).max() <= flow.TOLERANCE
    there = flow.gpu([torch.from_numpy(one) for one in pair])
    assert np.array_equal(there.numpy(), found)
    opaque = flow.cpu([one[:3] for one in pair])
    assert np.array_equal(opaque, found)


def test_pictures_with_nothing_in_common_have_no_flow() -> None:
    one, other = layer(view(texture(1), 0, 0)), layer(view(texture(2), 0, 0))
    plain = np.full_like(one, 0.4)
    for pair in ([one, other], [one, plain], [plain, plain]):
        assert not flow.cpu(pair).any()


def test_threads_of_opencv_are_left_as_they_were() -> None:
    before = cv2.getNumThreads()
    pair = [layer(view(texture(), 0, 0)), layer(view(texture(), 2, 0))]
    try:
        found = []
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            found.append(flow.cpu(pair))
            assert cv2.getNumThreads() == threads
        assert np.array_equal(*found)
    finally:
        cv2.setNumThreads(before)


@pytest.mark.parametrize("t", [0.25, 0.5, 0.8])
def test_what_moved_is_on_its_way(t: float) -> None:
    picture = texture()
    a, b = view(picture, 0, 0), view(picture, 6, 4)
    drawn = apply("flow_morph", a, b, progress=t)
    there, mixed = view(picture, 6 * t, 4 * t), a * (1 - t) + b * t
    off, mix = (np.abs(inner(p) - inner(there)).mean() for p in (drawn, mixed))
    assert off < 0.006 and off < mix / 8


def test_the_ends_are_the_pictures_themselves() -> None:
    picture = texture()
    a, b = view(picture, 0, 0), view(picture, 6, 4)
    for progress, wanted in ((0.0, a), (1.0, b)):
        assert np.abs(apply("flow_morph", a, b, progress=progress) - wanted).max() < 1e-9


def test_without_anything_in_common_it_is_a_dissolve() -> None:
    a, b = view(texture(1), 0, 0), view(texture(2), 0, 0)
    drawn = apply("flow_morph", a, b, progress=0.3)
    assert np.abs(drawn - (a * 0.7 + b * 0.3)).max() < 1e-9


def test_what_only_one_picture_shows_is_taken_from_it() -> None:
    picture = texture()
    a, b = view(picture, 0, 0), view(picture, 0, 0)
    box = view(texture(8), 0, 0)
    a[30:60, 20:60] = box[30:60, 20:60]
    b[30:60, 28:68] = box[30:60, 20:60]
    half = view(picture, 0, 0)
    half[30:60, 24:64] = box[30:60, 20:60]
    drawn = apply("flow_morph", a, b, progress=0.5)
    mixed = (a + b) / 2
    near = (slice(26, 64), slice(12, 92), slice(0, 3))
    assert np.abs(drawn - half)[near].mean() < 0.4 * np.abs(mixed - half)[near].mean()


def test_its_filter_is_one_of_two_pictures_and_pickles() -> None:
    of = ops.get("flow_morph").filter
    assert of is not None and of.several and of.window == (0, 0)
    assert pickle.loads(pickle.dumps(of)) is of
    assert ops.get("flow_morph").inputs == 2


def test_the_executor_says_which_frames_had_nothing_in_common() -> None:
    from tests.parity.llvm.llvm_support import Picture, blank
    from tests.parity.ops.every import COLOR, Files, Tables, fused
    from vedc.color import FORMATS

    size: dict[str, Any] = {"width": COLUMNS, "height": ROWS}
    sources = [
        node(
            "decode",
            (node("source", (), {"digest": name, "start": Fraction(0), "step": Fraction(1), **size,
                                 "format": "yuv444p", **COLOR, "matrix": "bt709",
                                 "range": "full"}),),
        )
        for name in "ab"
    ]  # fmt: skip
    moving = Keyframes((Keyframe(0, 0.0), Keyframe(3, 1.0)))
    morphed = node("flow_morph", tuple(sources), {"progress": moving})
    root = node("encode", (morphed,), {"matrix": "bt709", "range": "full", "format": "yuv444p"})
    piece: Any = fused(root)

    def grey(values: Any) -> Picture:
        made = blank(FORMATS["yuv444p"], COLUMNS, ROWS)
        made.planes[0][...] = np.round(values[..., 0] * 255)
        for plane in made.planes[1:]:
            plane[...] = 128
        return made

    picture = texture()
    same = [grey(view(picture, 0, 0)), grey(view(picture, 5, 2))]
    other = [same[0], grey(view(texture(9), 0, 0))]
    executor = CpuExecutor(Files(), Tables(), None, 1)
    try:
        said = []
        for pair in (same, other):
            out = blank(FORMATS["yuv444p"], COLUMNS, ROWS)
            job = FrameJob(piece, 1, [p.image() for p in pair], out.image())
            said.append([done.unlike for done in executor.run(iter([job]))])
        assert said == [[False], [True]]
    finally:
        executor.close()
