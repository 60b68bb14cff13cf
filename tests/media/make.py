"""Test clips whose frames carry their number as a picture.

A frame is a row of columns, one per bit, most significant first. In each column the upper
and the lower half are black and white for 0, white and black for 1. A bit is read by
comparing the two halves, so scaling, lossy coding, a range or a brightness change do not
harm it, and a blend of two frames is refused rather than misread.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

BITS = 12
#: Frames numbered 0 to 4095.

_BLACK, _WHITE = 32, 220


class Unreadable(AssertionError):
    """The picture shows no number: it is blended, shifted, or not a numbered frame."""


def number_luma(number: int, width: int, height: int) -> np.ndarray:
    """uint8 luma (height, width) that shows ``number``."""
    bits = np.array([number >> (BITS - 1 - i) & 1 for i in range(BITS)], dtype=np.uint8)
    columns = bits[np.arange(width) * BITS // width]
    upper = np.where(columns, _WHITE, _BLACK).astype(np.uint8)
    lower = np.where(columns, _BLACK, _WHITE).astype(np.uint8)
    return np.where(np.arange(height)[:, None] < height // 2, upper, lower).astype(np.uint8)


def luma(frame: VideoFrame, plane: int = 0) -> np.ndarray:
    """The samples of one plane as an integer array (height, width), padding cut off."""
    deep = any(component.bits > 8 for component in frame.format.components)
    samples = np.frombuffer(frame.planes[plane], np.uint16 if deep else np.uint8)
    rows = samples.reshape(frame.planes[plane].height, -1)
    return rows[:, : frame.planes[plane].width].astype(np.int64)


def read_luma_number(samples: np.ndarray) -> int:
    """The number shown by luma (or green) samples (height, width) of any size and depth."""
    height, width = samples.shape
    column, quarter = width / BITS, height // 4
    spread = float(samples.max()) - float(samples.min())
    number = 0
    for i in range(BITS):
        x = slice(
            int((i + 0.3) * column), max(int((i + 0.7) * column), int((i + 0.3) * column) + 1)
        )
        upper = samples[quarter // 2 : quarter // 2 + quarter, x].mean()
        lower = samples[-quarter // 2 - quarter : -quarter // 2, x].mean()
        if abs(upper - lower) < 0.5 * spread or spread == 0:
            raise Unreadable(f"bit {i} of the frame is neither black nor white")
        number = number * 2 + int(upper > lower)
    return number


def read_number(frame: VideoFrame) -> int:
    """The number that a decoded planar YUV, grey or GBR frame shows."""
    return read_luma_number(luma(frame))


def numbered_frame(number: int, width: int, height: int, pix_fmt: str = "yuv420p") -> VideoFrame:
    """A grey frame that shows ``number``, in any pixel format that swscale writes."""
    frame = VideoFrame.from_ndarray(number_luma(number, width, height), format="gray8")
    if pix_fmt in ("gray", "gray8"):
        return frame
    return frame.reformat(format=pix_fmt)


def write_numbered(
    path: Path,
    frames: int,
    rate: Fraction | int = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    *,
    width: int = 96,
    height: int = 64,
    first: int = 0,
    gop: int = 30,
    b_frames: int | None = None,
    times: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    start: int = 0,
    container: str | None = None,
    options: Mapping[str, str] | None = None,
    container_options: Mapping[str, str] | None = None,
    color: tuple[int, int, int, int] | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    matrix: Sequence[int] | None = None,
    sar: Fraction | None = None,
    pictures: Iterable[VideoFrame] | None = None,
) -> Path:
    """Write a clip of ``frames`` numbered frames, ``first``, ``first + 1``, ...

    ``times``: presentation times in ticks of ``time_base`` (default: one tick a frame at
    ``rate``); ``start`` is added to each. ``color``: matrix, primaries, transfer and range
    as H.273 numbers (range: 1 limited, 2 full). ``rotation``: degrees clockwise that a
    player shall turn the picture; ``mirrored``: and then mirror it; ``matrix``: the nine numbers of
    a display matrix instead. ``pictures`` replaces the numbered frames. Returns ``path``.
    """
    base = time_base or 1 / Fraction(rate)
    with av.open(
        str(path), "w", format=container, container_options=dict(container_options or {})
    ) as out:
        stream = out.add_stream(codec, rate=Fraction(rate), options=dict(options or {}))
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.codec_context.time_base = base
        stream.codec_context.gop_size = gop
        if b_frames is not None:
            stream.codec_context.max_b_frames = b_frames
        if sar is not None:
            stream.codec_context.sample_aspect_ratio = sar
        if color is not None:
            context = stream.codec_context
            context.colorspace, context.color_primaries, context.color_trc, context.color_range = (
                color
            )
        if rotation or mirrored:
            stream.set_display_rotation(-rotation, hflip=mirrored)
        if matrix is not None:
            stream.set_display_matrix(matrix)
        source = (
            pictures
            if pictures is not None
            else (numbered_frame(first + i, width, height, pix_fmt) for i in range(frames))
        )
        for i, frame in enumerate(source):
            frame.pts = start + (times[i] if times is not None else i)
            frame.time_base = base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def write_cropped(
    path: Path,
    frames: int,
    hidden: tuple[int, int, int, int],
    matrix: Sequence[int] | None = None,
    *,
    width: int = 96,
    height: int = 64,
    **options: Any,
) -> Path:
    """As ``write_numbered``; the container hides ``hidden`` rows and columns: top, bottom, left,
    right. An MP4 by its clean aperture, which Matroska copies. ``matrix``: a, b, c, d."""
    whole = path.with_suffix(".whole.mp4")
    if matrix is not None:
        a, b, c, d = (part << 16 for part in matrix)
        options["matrix"] = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    write_numbered(whole, frames, width=width, height=height, **options)
    top, bottom, left, right = hidden
    size = (width - left - right, 1, height - top - bottom, 1)
    middle = (left - right, 2, top - bottom, 2)
    clap = struct.pack(">I4s8i", 40, b"clap", *size, *middle)
    whole.write_bytes(_with_box(whole.read_bytes(), clap))
    if path.suffix == ".mp4":
        return whole.rename(path)
    with av.open(str(whole)) as source, av.open(str(path), "w") as out:
        copy = out.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = copy
                out.mux(packet)
    whole.unlink()
    return path


def _with_box(data: bytes, box: bytes) -> bytes:
    """An MP4 whose index comes last, with a box at the end of its first sample entry."""
    patched, at, found = bytearray(data), 0, []
    for name, header in (
        (b"moov", 8), (b"trak", 8), (b"mdia", 8), (b"minf", 8), (b"stbl", 8), (b"stsd", 16),
        (b"avc1", 86),
    ):  # fmt: skip
        while patched[at + 4 : at + 8] != name:
            at += int.from_bytes(patched[at : at + 4], "big")
        found.append(at)
        at += header
    end = found[-1] + int.from_bytes(patched[found[-1] : found[-1] + 4], "big")
    patched[end:end] = box
    for start in found:
        size = int.from_bytes(patched[start : start + 4], "big") + len(box)
        patched[start : start + 4] = size.to_bytes(4, "big")
    return bytes(patched)
