"""Differences of pictures against FFmpeg's filters ``psnr`` and ``ssim``."""

from __future__ import annotations

import math
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from vedc.review.compare.frames import depth_of, planes
from vedc.review.compare.metrics import difference


def _frames(pix_fmt: str, depth: int) -> tuple[VideoFrame, VideoFrame]:
    random = np.random.default_rng(1)
    pair = VideoFrame(70, 46, pix_fmt), VideoFrame(70, 46, pix_fmt)
    for old, new in zip(*(frame.planes for frame in pair), strict=True):
        kind = np.uint8 if depth == 8 else np.uint16
        a = np.frombuffer(memoryview(old), kind).reshape(old.height, -1)
        b = np.frombuffer(memoryview(new), kind).reshape(new.height, -1)
        base = np.add.outer(np.arange(a.shape[0]), 2 * np.arange(a.shape[1])) % (1 << depth)
        a[:] = base
        b[:] = np.clip(base + random.integers(-9, 10, base.shape), 0, (1 << depth) - 1)
    return pair


def _by_ffmpeg(name: str, pair: tuple[VideoFrame, VideoFrame]) -> dict[str, str]:
    graph = av.filter.Graph()
    compared = graph.add(name)
    end = graph.add("buffersink")
    sources = []
    for number, frame in enumerate(pair):
        source = graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format.name,
            time_base=Fraction(1, 25),
        )
        source.link_to(compared, 0, number)
        sources.append(source)
    compared.link_to(end)
    graph.configure()
    for source, frame in zip(sources, pair, strict=True):
        frame.pts = 0
        source.push(frame)
        source.push(None)
    return dict(end.pull().metadata)


@pytest.mark.parametrize(("pix_fmt", "depth"), [("yuv420p", 8), ("yuv422p10le", 10), ("gbrp", 8)])
def test_as_ffmpeg(pix_fmt: str, depth: int) -> None:
    pair = _frames(pix_fmt, depth)
    old, new = (planes(frame, None) for frame in pair)
    assert depth_of(pair[0], None) == depth
    found = difference(old, new, depth)
    assert found.psnr == pytest.approx(
        float(_by_ffmpeg("psnr", pair)["lavfi.psnr.psnr_avg"]), abs=1e-4
    )
    assert found.ssim == pytest.approx(float(_by_ffmpeg("ssim", pair)["lavfi.ssim.All"]), abs=2e-6)
    assert found.largest == max(
        int(np.abs(a.astype(int) - b).max()) for a, b in zip(old, new, strict=True)
    )


def test_equal_pictures() -> None:
    plane = np.arange(400, dtype=np.uint8).reshape(20, 20)
    found = difference([plane], [plane.copy()], 8)
    assert (found.largest, found.psnr, found.ssim) == (0, math.inf, 1.0)


def test_small_pictures_are_one_window() -> None:
    plane = np.arange(12, dtype=np.uint8).reshape(3, 4)
    found = difference([plane], [plane + 9], 8)
    assert found.largest == 9
    assert found.psnr == pytest.approx(20 * math.log10(255 / 9))
    assert 0 < found.ssim < 1
