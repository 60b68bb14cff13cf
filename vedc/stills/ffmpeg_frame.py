"""A picture decoded by FFmpeg from its file's bytes, without demuxer and protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from vedc.edit.media_info import LARGEST_STILL

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame

Samples = NDArray[np.uint16] | NDArray[np.float32] | NDArray[np.uint8]
"""(height, width, channels): grey, grey and alpha, RGB or RGBA."""

_INFINITE = 65504.0
"""The value for infinite light: the largest half float."""

_FROM_GBR = (2, 0, 1, 3)
"""The planes G, B, R, A in the order R, G, B, A."""


def decoded(content: bytes, decoder: str, **options: str) -> Samples:
    """Give a whole file to one of FFmpeg's decoders.

    Raises ValueError if it is damaged, NotImplementedError if the decoder lacks a feature.
    """
    import av

    context = cast("VideoCodecContext", av.CodecContext.create(decoder, "r"))
    context.options = {"max_pixels": str(LARGEST_STILL), **options}
    try:
        frames = [*context.decode(av.Packet(content)), *context.decode(None)]
    except av.PatchWelcomeError as error:
        raise NotImplementedError from error
    except av.FFmpegError as error:
        raise ValueError(error.strerror or str(error)) from error
    if not frames:
        raise ValueError("no picture can be decoded")
    return samples_of(frames[0])


def samples_of(frame: VideoFrame) -> Samples:
    """The samples of a frame of grey or RGB; integers of 9 to 15 bits are widened to 16."""
    name, parts = frame.format.name, frame.format.components
    order = ">" if name.endswith("be") else "<"
    for word, kind in (("f32", "f4"), ("f16", "f2")):
        if word in name:
            return finite(_planar(frame, np.dtype(order + kind)))
    depth = max(part.bits for part in parts)
    if name.startswith(("gbrp1", "gbrap1")) and depth < 16:
        codes = _planar(frame, np.dtype(f"{order}u2"))
        return np.rint(codes * (65535 / ((1 << depth) - 1))).astype(np.uint16)
    alpha = frame.format.has_palette or any(part.is_alpha for part in parts)
    rgb = frame.format.is_rgb or frame.format.has_palette
    target = ("rgba" if alpha else "rgb24") if rgb else ("ya8" if alpha else "gray")
    if depth > 8:
        target = {"rgba": "rgba64le", "rgb24": "rgb48le", "ya8": "ya16le", "gray": "gray16le"}[
            target
        ]
    ready = frame if name == target else frame.reformat(format=target)
    channels = {"rgba": 4, "rgb2": 3, "rgb4": 3, "ya8": 2, "ya16": 2}.get(target[:4], 1)
    flat = plane_of(ready, 0, np.dtype("<u2" if depth > 8 else "u1"), channels)
    return cast("Samples", flat.reshape(frame.height, frame.width, channels))


def finite(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Floats without NaN and infinities."""
    with np.errstate(over="ignore"):
        floats = np.asarray(samples, np.float32)
    return np.nan_to_num(floats, nan=0.0, posinf=_INFINITE, neginf=0.0)


def _planar(frame: VideoFrame, kind: np.dtype[Any]) -> NDArray[Any]:
    planes = [plane_of(frame, index, kind) for index in range(len(frame.planes))]
    order = _FROM_GBR if len(planes) > 2 else (0, 1)
    return np.stack([planes[i] for i in order[: len(planes)]], axis=-1)


def plane_of(frame: VideoFrame, index: int, kind: np.dtype[Any], channels: int = 1) -> NDArray[Any]:
    """One plane's rows, without padding, in the machine's byte order."""
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    used = rows[: frame.height, : frame.width * channels * kind.itemsize]
    return np.ascontiguousarray(used).view(kind).astype(kind.newbyteorder("="))
