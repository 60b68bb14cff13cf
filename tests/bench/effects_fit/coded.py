"""Frames through H.264."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.bench.effects_fit.takes import Frames


def write(path: Path, frames: Frames, crf: int) -> None:
    """A film of 25 frames per second, 4:2:0, BT.709."""
    height, width = frames.shape[1:3]
    with av.open(str(path), "w") as held:
        stream = held.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
        stream.codec_context.color_primaries = stream.codec_context.color_trc = 1
        stream.options = {"crf": str(crf), "preset": "medium", "threads": "1"}
        for codes in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(codes), "rgb24")
            frame = frame.reformat(
                format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
            )
            held.mux(stream.encode(frame))
        held.mux(stream.encode(None))


def through(path: Path, frames: Frames, crf: int) -> Frames:
    """Frames as they come back from the file."""
    write(path, frames, crf)
    with av.open(str(path)) as held:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in held.decode(video=0)])
