"""Generators against FFmpeg's sources of the same pictures."""

from __future__ import annotations

from typing import Any

import av.filter
import numpy as np
import pytest

from tests.ops_support import apply
from tests.oracles import record
from vedc.color import MATRICES


def by_ffmpeg(name: str, options: str, format: str) -> list[np.ndarray[Any, Any]]:
    """The first picture of a source, plane by plane."""
    graph = av.filter.Graph()
    source, last = graph.add(name, options), graph.add("format", f"pix_fmts={format}")
    sink = graph.add("buffersink")
    source.link_to(last)
    last.link_to(sink)
    graph.configure()
    frame = sink.pull()
    found = []
    for plane in frame.planes:
        data = np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)
        found.append(data[:, : plane.width * (4 if format == "rgba" else 1)].astype(np.float64))
    return found


@pytest.mark.parametrize(
    ("pattern", "source", "matrix"),
    [
        ("smpte_hd", "smptehdbars", "bt709"),
        ("ebu_75", "pal75bars", "bt470bg"),
        ("ebu_100", "pal100bars", "bt470bg"),
    ],
)
def test_color_bars(pattern: str, source: str, matrix: str) -> None:
    """At a size whose bars are whole pixels wide: FFmpeg rounds each bar by itself."""
    rows, columns = 240, 448
    theirs = by_ffmpeg(source, f"s={columns}x{rows}", "yuv444p")
    rgb = apply("color_bars", canvas=(rows, columns), pattern=pattern)
    kr, kb = MATRICES[matrix]
    luma = rgb[..., 0] * kr + rgb[..., 1] * (1 - kr - kb) + rgb[..., 2] * kb
    codes = (
        16 + 219 * luma,
        128 + 112 * (rgb[..., 2] - luma) / (1 - kb),
        128 + 112 * (rgb[..., 0] - luma) / (1 - kr),
    )
    compared = np.ones((rows, columns), bool)
    if pattern == "smpte_hd":
        # FFmpeg's ramp runs over all codes from 0 to 255, the standard's from black to white.
        compared[rows * 8 // 12 : rows * 9 // 12, columns // 8 + 48 : columns * 7 // 8] = False
        ramp = codes[0][rows * 17 // 24, columns // 8 + 48 : columns * 7 // 8]
        np.testing.assert_allclose(ramp[[0, -1]], (16, 235), atol=0.5)
    difference = max(np.abs(a - b)[compared].max() for a, b in zip(codes, theirs, strict=True))
    record(f"color_bars ({pattern})", f"FFmpeg {source}", difference, "codes")
    assert difference <= 0.5  # published codes are whole numbers, ours are not rounded


def hexadecimal(color: str) -> tuple[float, ...]:
    return tuple(int(color[n : n + 2], 16) / 255 for n in (0, 2, 4))


COLORS = ("102040", "F0C080", "40A0F0", "FFFFFF")


def gradient(kind: str, count: int, ends: tuple[int, int, int, int]) -> np.ndarray[Any, Any]:
    colors = ":".join(f"c{n}=0x{c}" for n, c in enumerate(COLORS[:count]))
    places = ":".join(f"{n}={v}" for n, v in zip(("x0", "y0", "x1", "y1"), ends, strict=True))
    options = f"s=320x180:type={kind}:{colors}:nb_colors={count}:{places}:speed=0.00001:seed=1"
    (plane,) = by_ffmpeg("gradients", options, "rgba")
    return plane.reshape(180, 320, 4)[..., :3]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_linear_gradient(count: int) -> None:
    theirs = gradient("linear", count, (20, 10, 300, 160))
    ours = apply(
        "linear_gradient", canvas=(180, 320), colors=count,
        # FFmpeg's ends are middles of pixels.
        start=(20.5 / 320, 10.5 / 180), end=(300.5 / 320, 160.5 / 180),
        **{f"color_{n + 1}": hexadecimal(c) for n, c in enumerate(COLORS)},
    )[..., :3] * 255  # fmt: skip
    difference = np.abs(ours - theirs).max()
    record("linear_gradient", "FFmpeg gradients", difference, "codes")
    assert difference <= 0.51


def test_radial_gradient() -> None:
    theirs = gradient("radial", 2, (160, 90, 250, 90))
    ours = apply(
        "radial_gradient", canvas=(180, 320), center=(160.5 / 320, 90.5 / 180), radius=1.0,
        color_1=hexadecimal(COLORS[0]), color_2=hexadecimal(COLORS[1]),
    )[..., :3] * 255  # fmt: skip
    difference = np.abs(ours - theirs).max()
    record("radial_gradient", "FFmpeg gradients", difference, "codes")
    assert difference <= 0.51
