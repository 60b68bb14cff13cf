"""Scopes against FFmpeg's waveform and vectorscope: on bars, each bar's position; on real frames,
every lit place."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import av.filter
import cv2
import numpy as np
import pytest

from tests.filters import frame as frame_of
from tests.paths import MEDIA
from vedc.color import CANVAS_COLORS, FORMATS
from vedc.report.scopes import traces
from vedc.report.scopes.graticule import targets
from vedc.report.scopes.signal import Signal, decoded

Array = np.ndarray[Any, Any]

BARS = {"smptehdbars": "bt709", "pal75bars": "bt601-625"}


def bars(source: str) -> list[Array]:
    graph = av.filter.Graph()
    first, last = graph.add(source, "s=448x252"), graph.add("format", "pix_fmts=yuv444p")
    sink = graph.add("buffersink")
    first.link_to(last)
    last.link_to(sink)
    graph.configure()
    return planes(sink.pull())


def film(name: str) -> list[Array]:
    path = MEDIA / "video" / name
    if not path.exists():
        pytest.skip(f"no {path}")
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    return planes(frame.reformat(width=448, height=252, format="yuv444p"))


def planes(frame: Any) -> list[Array]:
    found = []
    for plane in frame.planes:
        data = np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)
        found.append(data[:, : plane.width].copy())
    return found


def by_ffmpeg(given: list[Array], filter: str, options: str) -> Array:
    """The first plane of a filter's picture."""
    picture = frame_of(given, "yuv444p")
    graph = av.filter.Graph()
    source = graph.add_buffer(width=picture.width, height=picture.height,
                              format=picture.format, time_base=Fraction(1, 25))  # fmt: skip
    step, sink = graph.add(filter, options), graph.add("buffersink")
    source.link_to(step)
    step.link_to(sink)
    graph.configure()
    source.push(picture)
    return planes(sink.pull())[0]


def signal(given: list[Array], canvas: str) -> Signal:
    color = CANVAS_COLORS[canvas]
    return Signal.of(decoded(given, FORMATS["yuv444p"], color), color, 8)


def grown(lit: Array, size: int) -> Array:
    """Lit places, and those at most half of ``size`` away."""
    return cv2.dilate(lit.astype(np.uint8), np.ones((size, size), np.uint8)) > 0


def same_places(ours: Array, theirs: Array) -> None:
    """Places lit there are lit here within one code; our beam glows two codes further."""
    near = grown(ours, 3), grown(theirs, 7)
    assert near[0][theirs].all()
    assert near[1][ours].all()


@pytest.mark.parametrize("source", BARS)
def test_luma_of_bars(source: str) -> None:
    given = bars(source)
    theirs = by_ffmpeg(given, "waveform", "intensity=1:components=1:display=stack:mirror=1")
    shown = signal(given, BARS[source])
    ours = traces.waveform(shown.luma, shown.scale, 448, theirs.shape[0])
    same_places(ours > 0.3, theirs > 100)
    for column in range(0, 448, 16):  # a column's brightest level
        lit = np.flatnonzero(theirs[:, column] > 100)
        assert np.abs(lit - np.argmax(ours[:, column])).min() <= 1


@pytest.mark.parametrize("name", ["crystal.mp4", "talk.mp4", "nasa_13013.mp4"])
def test_luma_of_films(name: str) -> None:
    given = film(name)
    theirs = by_ffmpeg(given, "waveform", "intensity=1:components=1:display=stack:mirror=1")
    shown = signal(given, "bt709")
    same_places(traces.waveform(shown.luma, shown.scale, 448, 256) > 0.1, theirs > 100)


@pytest.mark.parametrize("name", ["crystal.mp4", "talk.mp4", "nasa_13013.mp4"])
def test_chroma_of_films(name: str) -> None:
    given = film(name)
    # FFmpeg counts Cr downwards.
    theirs = by_ffmpeg(given, "vectorscope", "mode=gray:intensity=1")[::-1] > 100
    cb, cr = np.meshgrid(np.arange(256), 255 - np.arange(256))
    unit = traces.REACH * 2 / 511
    ours = traces.vectorscope(signal(given, "bt709").chroma, 512) > 0.05
    x, y = traces.place_of((cb - 128) / 224, (cr - 128) / 224, 512)
    columns, rows = (np.clip(np.rint(v), 0, 511).astype(int) for v in (x, y))
    near = grown(ours, 3)
    assert near[rows, columns][theirs].all()
    # One code is 1 / 224 of chroma, about two of our pixels.
    placed = np.zeros((512, 512), bool)
    placed[rows[theirs], columns[theirs]] = True
    assert grown(placed, 9)[ours].all()
    assert 1 / 224 / unit < 2.1


@pytest.mark.parametrize("source", BARS)
def test_bars_lie_in_their_targets(source: str) -> None:
    given = bars(source)
    # FFmpeg counts Cr downwards.
    theirs = by_ffmpeg(given, "vectorscope", "mode=gray:intensity=1")[::-1] > 100
    for bar in targets(CANVAS_COLORS[BARS[source]].matrix):
        x, y = 128 + 224 * bar.cb, 255 - (128 + 224 * bar.cr)
        rows, columns = np.nonzero(theirs)
        assert np.hypot(rows - y, columns - x).min() <= 1.0, bar.name


def test_targets_hang_on_the_matrix() -> None:
    """EBU bars of 75%, in the codes that BT.601 and BT.709 give them, and BT.2020's red."""
    sd, hd, uhd = (
        {bar.name: (128 + 224 * bar.cb, 128 + 224 * bar.cr) for bar in targets(matrix)}
        for matrix in ("bt470bg", "bt709", "bt2020nc")
    )
    assert np.allclose(sd["Yl"], (44, 142), atol=0.5)
    assert np.allclose(sd["R"], (100, 212), atol=0.5)
    assert np.allclose(hd["Yl"], (44, 136), atol=0.5)
    assert np.allclose(hd["R"], (109, 212), atol=0.5)
    assert np.allclose(uhd["R"], (104.5, 212), atol=1)
