"""Frames of files with high dynamic range, drawn by the compiler for a display without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from PIL import Image

from vedc.codegen.image import Image as Planes
from vedc.color import CANVAS_COLORS
from vedc.edit.contents import Clip, Placement
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Edit, Output, Profile, TimelineItem, Track
from vedc.edit.time_map import TimeMap
from vedc.errors import InternalError
from vedc.execute.devices.cpu import CpuExecutor
from vedc.execute.readers import delivery_of
from vedc.execute.stages import placed
from vedc.ir.lower.film import FrameRange, lower
from vedc.media.reading.frame_reader import open_reader
from vedc.ops.shared.cube import Cube
from vedc.passes import optimise
from vedc.plan.executable import ComputedPiece, VideoSource
from vedc.plan.fusion.fuse import fuse
from vedc.support.control_groups import cores


def tone_mapped(
    media: MediaInfo, frames: Iterable[int], size: tuple[int, int]
) -> Iterator[Image.Image]:
    """Frames by number, of this (width, height), in sRGB. Raises RenderError like the reader."""
    video = media.video
    assert video is not None
    piece = _piece(media, size)
    (fetch,) = piece.fetches
    if not isinstance(fetch.source, VideoSource):
        raise InternalError("a clip is fetched as something else than a video")
    width, height = size
    reader = open_reader(media, delivery_of(fetch.source))
    executor = CpuExecutor({}, {}, None, cores())
    planes = np.empty((3, height, width), np.uint8)
    address, plane = planes.ctypes.data, width * height
    out = Planes(tuple((address + n * plane, width) for n in range(3)), width, height)
    try:
        for number in frames:
            picture = placed(reader.frame_at(number / video.rate), fetch)
            executor.compute(piece, 0, [picture], out)
            yield Image.fromarray(np.ascontiguousarray(planes[[2, 0, 1]].transpose(1, 2, 0)))
    finally:
        reader.close()
        executor.close()


def _piece(media: MediaInfo, size: tuple[int, int]) -> ComputedPiece:
    """How a frame is drawn, filling the picture."""
    video = media.video
    assert video is not None
    clip = Clip(media, video.color, TimeMap.linear(0))
    item = TimelineItem("frame", 0, 1, clip, Placement(fit="stretch"))
    edit = Edit(
        path="",
        profile=Profile(*size, video.rate, CANVAS_COLORS["srgb"]),
        tracks=(Track("main", (item,)),),
        effects=(),
        audio=(),
        output=Output("frame.png", "png", "gbrp", at=0),
        duration=1,
    )
    tables: dict[str, Cube] = {}
    drawn = fuse(optimise(lower(edit, FrameRange(0, 1), lambda path: "file")), tables.__getitem__)
    if not isinstance(drawn, ComputedPiece):
        raise InternalError("a picture of high dynamic range is shown as it is stored")
    return drawn
