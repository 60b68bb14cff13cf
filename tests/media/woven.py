"""Interlaced and telecined video made from moving pictures, so that each moment is known."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame

_INTERLACED_DCT, _INTERLACED_MOTION = 1 << 18, 1 << 29


def plane(frame: VideoFrame, number: int = 0) -> np.ndarray:
    """The samples of a plane (height, width)."""
    of = frame.planes[number]
    kind = np.uint8 if frame.format.components[number].bits == 8 else np.dtype("<u2")
    rows = np.frombuffer(of, np.uint8).reshape(of.height, of.line_size)
    return rows[:, : of.width * np.dtype(kind).itemsize].view(kind)


def moving(count: int, width: int, height: int, speed: int = 6) -> list[VideoFrame]:
    """Waves and a bright square that run to the right, in YUV 4:2:0 with coloured chroma."""
    frames = []
    for i in range(count):
        frame = VideoFrame(width, height, "yuv420p")
        for number, of in enumerate(frame.planes):
            scale = width / of.width
            x, y = np.meshgrid(np.arange(of.width) * scale, np.arange(of.height) * scale)
            wave = 60 * np.sin((x - speed * i) / 17) + 40 * np.sin(y / 13 + (x - speed * i) / 40)
            samples = (128 + wave / (1 if number == 0 else 2)).clip(16, 235)
            left = width // 8 + speed * i
            inside = (x >= left) & (x < left + width / 4) & (abs(y - height / 2) < height / 4)
            samples[inside] = (220, 90, 160)[number]
            rows = np.zeros((of.height, of.line_size), np.uint8)
            rows[:, : of.width] = samples
            of.update(rows.tobytes())
        frames.append(frame)
    return frames


def woven(top: VideoFrame, bottom: VideoFrame) -> VideoFrame:
    """The even rows of one picture and the odd rows of another."""
    frame = VideoFrame(top.width, top.height, top.format.name)
    for of, even, odd in zip(frame.planes, top.planes, bottom.planes, strict=True):
        rows = np.frombuffer(even, np.uint8).reshape(of.height, of.line_size).copy()
        rows[1::2] = np.frombuffer(odd, np.uint8).reshape(of.height, of.line_size)[1::2]
        of.update(rows.tobytes())
    return frame


def interlaced(moments: Sequence[VideoFrame], top_first: bool = True) -> list[VideoFrame]:
    """Half as many frames, each of two moments."""
    pairs = zip(moments[::2], moments[1::2], strict=True)
    return [woven(a, b) if top_first else woven(b, a) for a, b in pairs]


def telecined(film: Sequence[VideoFrame]) -> list[VideoFrame]:
    """Five frames for every four by 3:2 pulldown."""
    frames = []
    for first in range(0, len(film) - 3, 4):
        a, b, c, d = film[first : first + 4]
        frames += [woven(a, a), woven(b, b), woven(b, c), woven(c, d), woven(d, d)]
    return frames


def filtered(frames: Iterable[VideoFrame], *steps: tuple[str, dict[str, str]]) -> list[VideoFrame]:
    """libavfilter's output for a whole stream."""
    graph, previous = Graph(), None
    out = []
    for i, frame in enumerate(frames):
        if previous is None:
            source = previous = graph.add(
                "buffer",
                video_size=f"{frame.width}x{frame.height}",
                pix_fmt=frame.format.name,
                time_base="1/25",
                pixel_aspect="1/1",
                colorspace=str(int(frame.colorspace)),
                range=str(int(frame.color_range)),
            )
            for name, options in (*steps, ("buffersink", {})):
                context = graph.add(name, **options)
                previous.link_to(context)
                previous = context
            graph.configure()
        frame.pts = i
        source.push(frame)
        out += _pulled(previous)
    source.push(None)
    return out + _pulled(previous)


def _pulled(sink: av.filter.context.FilterContext) -> list[VideoFrame]:
    out = []
    try:
        while True:
            out.append(sink.pull())
    except (av.BlockingIOError, av.EOFError):
        return out


def write(
    path: Path,
    frames: Sequence[VideoFrame],
    codec: str = "libx264",
    rate: Fraction | int = 25,
    pix_fmt: str = "yuv420p",
    *,
    flag: str = "",
    options: dict[str, str] | None = None,
    times: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    gop: int = 12,
) -> Path:
    """Write frames, flagged as interlaced where ``flag`` is ``tff`` or ``bff``. Returns ``path``.

    ``times`` are in ticks of ``time_base``, for codecs that do not reorder frames.
    """
    if flag:
        frames = filtered(frames, ("setfield", {"mode": flag}))
    base, number = time_base or 1 / Fraction(rate), itertools.count()
    options = dict(options or {})
    with av.open(str(path), "w") as out:
        if codec == "libx264":
            options |= {"preset": "ultrafast", "qp": "0"}
            options |= {"x264-params": f"{flag}=1"} if flag else {}
        stream = out.add_stream(codec, rate=Fraction(rate), options=options)
        context = stream.codec_context
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, pix_fmt
        context.time_base, context.gop_size = 1 / Fraction(rate), gop
        if flag and codec in ("mpeg2video", "prores_ks"):
            context.flags |= _INTERLACED_DCT | _INTERLACED_MOTION * (codec == "mpeg2video")
        for i, frame in enumerate([*frames, None]):
            picture = frame
            if frame is not None:
                picture = frame if frame.format.name == pix_fmt else frame.reformat(format=pix_fmt)
                picture.pts, picture.time_base = i, 1 / Fraction(rate)
            for packet in stream.encode(picture):
                if times is not None:
                    packet.pts = packet.dts = times[next(number)]
                    packet.time_base = base
                out.mux(packet)
    return path
