"""The samples of decoded pictures as arrays, and means of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from av.video.frame import VideoFrame

from vedc.color import FORMATS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[Any]
    """Shape (height, width), or (height, width, n) where n samples are interleaved."""


def planes_of(frame: VideoFrame) -> list[Plane]:
    """The frame's own memory."""
    fmt = FORMATS[frame.format.name]
    kind = np.float32 if fmt.floating else np.uint8 if fmt.bytes == 1 else np.uint16
    found = []
    for number, plane in enumerate(frame.planes[: fmt.planes]):
        members = len(fmt.members(number))
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        used = rows[: plane.height, : plane.width * members * fmt.bytes].view(kind)
        found.append(used if members == 1 else used.reshape(plane.height, plane.width, members))
    return found


def frame_like(frame: VideoFrame, planes: Sequence[Plane]) -> VideoFrame:
    """A new frame of the same form with these samples, which are rounded and kept in range."""
    made = VideoFrame(frame.width, frame.height, frame.format.name)
    peak = FORMATS[frame.format.name].peak
    for into, plane in zip(planes_of(made), planes, strict=True):
        if into.dtype == np.float32:
            into[...] = plane
        else:
            into[...] = np.clip(np.floor(plane + 0.5), 0, peak)
    return made


def mean(parts: Sequence[tuple[VideoFrame, float]]) -> VideoFrame:
    """The mean of frames of one form, each with its weight."""
    whole = sum(weight for _, weight in parts)
    totals: list[Plane] = []
    for frame, weight in parts:
        share = np.float32(weight / whole)
        weighted = [plane * share for plane in planes_of(frame)]
        totals = [a + b for a, b in zip(totals, weighted, strict=True)] if totals else weighted
    return frame_like(parts[0][0], totals)
