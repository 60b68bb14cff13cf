"""Scaling of decoded pictures, plane by plane: its definition, and FFmpeg's scaler."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tests.media.moving import samples
from vedc.codegen.filters.rows import of_array, resampled
from vedc.color import FORMATS
from vedc.media.picture.resample import Scaler, cubic, runs

SIZE = (90, 64)
LEFT = (0, 128)
EXACT = "bicubic+accurate_rnd+bitexact"


def picture(format: str, width: int = SIZE[0], height: int = SIZE[1]) -> VideoFrame:
    """Noise over slopes, within the limited range."""
    frame = VideoFrame(width, height, format)
    frame.pts, frame.time_base = 3, Fraction(1, 25)
    draw, peak = np.random.default_rng(1), FORMATS[format].peak
    for view in samples(frame):
        y, x = np.mgrid[0 : 1 : view.shape[0] * 1j, 0 : 1 : view.shape[1] * 1j]
        view[:] = (0.1 + 0.4 * x + 0.3 * y + 0.1 * draw.random(view.shape)) * peak
    return frame


def by_ffmpeg(frame: VideoFrame, width: int, height: int) -> list[NDArray[np.generic]]:
    format = frame.format.name
    sites = ":".join(f"{side}_{axis}_chr_pos" for side in ("in", "out") for axis in "hv")
    narrow = FORMATS[format].sub_x, FORMATS[format].sub_y
    at = [str(LEFT[axis] if narrow[axis] else 0) for axis in (0, 1)] * 2
    options = {"w": str(width), "h": str(height), "flags": EXACT}
    options |= dict(zip(sites.split(":"), at, strict=True))
    options |= {f"{side}_range": "limited" for side in ("in", "out")}
    options |= {f"{side}_color_matrix": "bt709" for side in ("in", "out")}
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=format, time_base=frame.time_base
    )
    steps = [graph.add("scale", **options), graph.add("format", pix_fmts=format)]
    graph.link_nodes(source, *steps, graph.add("buffersink")).configure()
    graph.push(frame)
    return [view.copy() for view in samples(graph.vpull())]


@pytest.mark.parametrize("format", ["yuv420p", "yuv420p10le", "yuv422p", "yuv444p", "yuva420p"])
@pytest.mark.parametrize("size", [(34, 24), (150, 100), (90, 20), (20, 64)], ids=str)
def test_as_ffmpeg_scales(format: str, size: tuple[int, int]) -> None:
    """To the code that FFmpeg's scaler rounds to, or the one beside it."""
    frame = picture(format)
    made = Scaler(format, (0, 0, *SIZE), size, LEFT)(frame)
    assert (made.pts, made.time_base) == (3, Fraction(1, 25))
    for got, want in zip(samples(made), by_ffmpeg(frame, *size), strict=True):
        off = np.abs(got.astype(int) - want.astype(int))
        assert off.max() <= (1 if FORMATS[format].depth == 8 else 4)
        assert off.mean() < 0.1


@pytest.mark.parametrize("count", [13, 29, 30, 71])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16], ids=["8 bits", "10 bits"])
def test_is_what_it_says(count: int, kind: type[np.generic]) -> None:
    """The sums of the definition, in float64 and over the repeated edges, rounded once."""
    peak = 255 if kind is np.uint8 else 1023
    seen = (np.random.default_rng(2).random((29, 30)) * peak).astype(kind)

    def matrix(length: int, ratio: float, first: float) -> NDArray[np.float64]:
        places = first + ratio * np.arange(count)
        reach = np.arange(-60, length + 60)
        weights = cubic((reach - places[:, np.newaxis]) / max(1.0, ratio))
        whole = np.zeros((count, length))
        np.add.at(whole, (slice(None), np.clip(reach, 0, length - 1)), weights)
        return whole / weights.sum(axis=1, keepdims=True)

    axes = [(n, n / count, 0.5 * n / count - 0.5) for n in seen.shape]
    down, along = (runs(count, *axis[1:]) for axis in axes)
    out = np.zeros((count, count), kind)
    resampled(of_array(seen), down, along).stored(out.ctypes.data, out.strides[0], peak)
    exact = matrix(*axes[0]) @ seen.astype(np.float64) @ matrix(*axes[1]).T
    np.testing.assert_allclose(out, np.clip(exact, 0, peak), rtol=0, atol=0.5005)


def test_a_part_sees_nothing_around_it() -> None:
    whole, part = picture("yuv420p"), (20, 12, 40, 30)
    alone = VideoFrame(40, 30, "yuv420p")
    for plane, (view, seen) in enumerate(zip(samples(alone), samples(whole), strict=True)):
        half = 2 if plane else 1
        top, left = 12 // half, 20 // half
        view[:] = seen[top : top + view.shape[0], left : left + view.shape[1]]
    cut = Scaler("yuv420p", part, (63, 50), LEFT)(whole)
    wanted = Scaler("yuv420p", (0, 0, 40, 30), (63, 50), LEFT)(alone)
    for got, want in zip(samples(cut), samples(wanted), strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("width", [40, 41, 133])
def test_chroma_stays_beside_its_luma(width: int) -> None:
    """A slope in luma and chroma alike, at odd sizes as well: FFmpeg stretches chroma a little."""
    frame = VideoFrame(80, 8, "yuv420p10le")
    for plane, view in enumerate(samples(frame)):
        step = 10 * (2 if plane else 1)
        view[:] = 100 + step * np.arange(view.shape[1])
    luma, blue, _ = samples(Scaler("yuv420p10le", (0, 0, 80, 8), (width, 8), LEFT)(frame))
    inside = slice(8, -8)  # the outermost samples are repeated beyond the edges
    both = blue[2].astype(int)[inside] - luma[2, ::2].astype(int)[inside]
    assert np.abs(both).max() <= 1
