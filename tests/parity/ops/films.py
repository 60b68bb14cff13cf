"""Films for tests of colour: sources of known samples, renders, and their planes read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import yaml
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tests.media.make import write_numbered
from tests.media.moving import samples
from vedc.color import FORMATS, Color
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

Array = NDArray[Any]
Painter = Callable[[int, int, int, int], Array]
"""(plane, height, width, peak) -> code values."""

#: H.273's numbers of what the tests write and read back.
MATRIX = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020nc": 9, "rgb": 0}
PRIMARIES = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020": 9}
TRANSFER = {
    "bt709": 1, "smpte170m": 6, "bt2020-10": 14, "iec61966-2-1": 13,
    "smpte2084": 16, "arib-std-b67": 18,
}  # fmt: skip
RANGE = {"limited": 1, "full": 2}

BT709 = Color()
BT601 = Color("smpte170m", "smpte170m", "smpte170m")


def noise(seed: int) -> Painter:
    """Every code value, zero and the peak among them."""
    rng = np.random.default_rng(seed)

    def paint(plane: int, height: int, width: int, peak: int) -> Array:
        values = rng.integers(0, peak + 1, (height, width))
        extreme = rng.random((height, width))
        values[extreme < 0.05], values[extreme > 0.95] = 0, peak
        return values

    return paint


def smooth(plane: int, height: int, width: int, peak: int) -> Array:
    """Slopes within the legal range, of colours that every matrix holds."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    if plane == 0:
        return np.round((0.3 + 0.4 * x) * peak)
    return np.round((0.42 + 0.16 * (y if plane == 1 else 1 - x)) * peak)


def painted(paint: Painter, width: int, height: int, pix_fmt: str) -> VideoFrame:
    frame = VideoFrame(width, height, pix_fmt)
    peak = FORMATS[pix_fmt].peak
    for plane, view in enumerate(samples(frame)):
        view[:] = paint(plane, *view.shape, peak)
    return frame


def write_source(
    path: Path,
    paint: Painter,
    pix_fmt: str,
    color: Color,
    *,
    frames: int = 3,
    width: int = 64,
    height: int = 48,
) -> Path:
    """An FFV1 clip at 25 frames a second."""
    tags = (
        MATRIX[color.matrix],
        PRIMARIES[color.primaries],
        TRANSFER[color.transfer],
        RANGE[color.range],
    )
    pictures = (painted(paint, width, height, pix_fmt) for _ in range(frames))
    return write_numbered(
        path, frames, 25, "ffv1", pix_fmt,
        width=width, height=height, color=tags, pictures=pictures,
    )  # fmt: skip


def build(folder: Path, spec: dict[str, Any], name: str = "edit") -> Build:
    path = folder / f"{name}.vedc.yaml"
    path.write_text(yaml.safe_dump({"version": 1} | spec, sort_keys=False))
    return Build(path)


def render(folder: Path, spec: dict[str, Any], name: str = "edit") -> Path:
    """The last output of a spec."""
    return Path(deliver(build(folder, spec, name), replace=True)[-1].target)


def frames_of(path: Path) -> Iterator[VideoFrame]:
    with av.open(str(path)) as film:
        yield from film.decode(video=0)


def planes_of(path: Path) -> list[list[Array]]:
    """Copies of the planes of every frame, in the film's own format."""
    return [[view.copy() for view in samples(frame)] for frame in frames_of(path)]


def distance(got: list[Array], want: list[Array]) -> int:
    """The largest difference of any sample, in code values."""
    return max(
        int(np.abs(g.astype(int) - w.astype(int)).max()) for g, w in zip(got, want, strict=True)
    )


def through(frame: VideoFrame, filters: list[tuple[str, str]]) -> list[Array]:
    """The planes of a frame after filters of libavfilter."""
    graph = av.filter.Graph()
    source = graph.add(
        "buffer",
        video_size=f"{frame.width}x{frame.height}",
        pix_fmt=frame.format.name,
        time_base="1/25",
    )
    steps = [graph.add(name, options) for name, options in filters]
    graph.link_nodes(source, *steps, graph.add("buffersink")).configure()
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    graph.push(frame)
    return [view.copy() for view in samples(graph.vpull())]
