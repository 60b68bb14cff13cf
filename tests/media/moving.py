"""Small moving pictures for tests of encoding and joining, and their samples read back."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from vedc.color import CANVAS_COLORS, FORMATS, Color
from vedc.edit.tables.codecs import pix_fmts, stored_color
from vedc.media.encode import SegmentEncoder
from vedc.plan.encoders import video_settings
from vedc.plan.settings import VideoSettings

RATE = Fraction(30000, 1001)
WIDTH, HEIGHT = 160, 96


def settings(codec: str, pix_fmt: str | None = None, **changes: object) -> VideoSettings:
    """Settings with fast presets, for a BT.709 canvas unless ``color`` says otherwise."""
    pix_fmt = pix_fmt or pix_fmts(codec)[0]
    fast = {"h264": "veryfast", "hevc": "ultrafast", "av1": "8", "vp9": "5"}
    words: dict[str, object] = {
        "width": WIDTH,
        "height": HEIGHT,
        "rate": RATE,
        "pix_fmt": pix_fmt,
        "preset": fast.get(codec),
    }
    if codec == "dnxhr":  # it takes no smaller ones
        words |= {"width": 256, "height": 120}
    canvas = changes.pop("canvas", CANVAS_COLORS["bt709"])
    assert isinstance(canvas, Color)
    words["color"] = stored_color(codec, pix_fmt, canvas)
    return video_settings(codec, **(words | changes))  # type: ignore[arg-type]  # a dict of words


def samples(frame: VideoFrame) -> list[np.ndarray]:
    """The planes of a frame without their padding, each of shape (height, width); views."""
    layout = FORMATS[frame.format.name]
    dtype = np.uint8 if layout.depth == 8 else np.dtype("<u2")
    views = []
    for k, plane in enumerate(frame.planes):
        width, height = layout.plane_size(k, frame.width, frame.height)
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        views.append(rows[:height, : width * layout.bytes].view(dtype))
    return views


def paint(frame: VideoFrame, n: int) -> VideoFrame:
    """Draw picture ``n``: a gradient and a bar that move, all planes different."""
    depth = FORMATS[frame.format.name].depth
    for k, plane in enumerate(samples(frame)):
        y, x = np.mgrid[0 : plane.shape[0], 0 : plane.shape[1]]
        bar = ((x - 3 * n) // 16) % 5 == 0
        plane[:] = (16 + (2 * x + 3 * y + 5 * n + 40 * k + 60 * bar) % 200) << (depth - 8)
    return frame


def picture(made: VideoSettings, n: int) -> VideoFrame:
    return paint(VideoFrame(made.width, made.height, made.pix_fmt), n)


def write_segment(made: VideoSettings, path: Path, start: int, count: int) -> Path:
    """Encode pictures ``start`` to ``start + count``."""
    encoder = SegmentEncoder(made, path)
    for n in range(start, start + count):
        encoder.write(paint(encoder.new_frame(), n))
    assert encoder.finish() == count
    return path


def decode(path: Path) -> list[list[bytes]]:
    """The planes of every frame."""
    with av.open(str(path)) as file:
        return [[plane.tobytes() for plane in samples(f)] for f in file.decode(video=0)]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file grow beyond ``size`` bytes: writing fails as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
