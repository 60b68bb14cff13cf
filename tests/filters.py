"""Arrays through FFmpeg's filters, by PyAV: the other side of many oracles."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import av.filter
import numpy as np

Planes = Sequence[np.ndarray[Any, Any]]


def frame(planes: Planes, format: str) -> av.VideoFrame:
    """A frame of 8-bit or float planes, in the order of FFmpeg's format."""
    rows, columns = planes[0].shape[:2]  # of a packed plane: its channels come after
    made = av.VideoFrame(columns, rows, format)
    for plane, samples in zip(made.planes, planes, strict=True):
        padded = np.zeros((plane.height, plane.line_size), np.uint8)
        data = np.ascontiguousarray(samples).view(np.uint8).reshape(rows, -1)
        padded[:, : data.shape[1]] = data
        plane.update(padded.tobytes())
    return made


def planes_of(made: av.VideoFrame, like: Planes) -> list[np.ndarray[Any, Any]]:
    """The samples of a frame's planes, without padding, in the shapes and type of ``like``."""
    found = []
    for plane, given in zip(made.planes, like, strict=True):
        rows = np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)
        found.append(rows[:, : given[0].nbytes].copy().view(given.dtype).reshape(given.shape))
    return found


def filtered(chain: str, format: str, *pictures: Planes) -> list[np.ndarray[Any, Any]]:
    """The planes of one frame through a chain of filters, such as ``blend=all_mode=screen``.

    ``format`` names the samples of all pictures and of the result. A packed plane may have any
    number of axes after its rows. Raises what PyAV raises.
    """
    frames = [frame(planes, format) for planes in pictures]
    graph = av.filter.Graph()
    name, _, options = chain.partition("=")
    step = graph.add(name, options)
    sources = []
    for pad, given in enumerate(frames):
        source = graph.add_buffer(
            width=given.width,
            height=given.height,
            format=given.format,
            time_base=Fraction(1, 25),
        )
        source.link_to(step, 0, pad)
        sources.append(source)
    last = graph.add("format", f"pix_fmts={format}")
    sink = graph.add("buffersink")
    step.link_to(last)
    last.link_to(sink)
    graph.configure()
    for source, given in zip(sources, frames, strict=True):
        given.pts, given.time_base = 0, Fraction(1, 25)
        source.push(given)
        source.push(None)
    return planes_of(sink.pull(), pictures[0])


def xfade_frames(
    name: str, pair: Sequence[np.ndarray[Any, Any]], format: str, count: int
) -> list[np.ndarray[Any, Any]]:
    """xfade's frames at progress 0, 1/count, ... 1, of two pictures of shape (rows, columns, 3).

    The channels are R, G, B where ``format`` is ``gbrp``, and Y, Cb, Cr where it is ``yuv444p``.
    """
    rows, columns = pair[0].shape[:2]
    graph = av.filter.Graph()
    fade = graph.add("xfade", f"transition={name}:duration=1:offset=0")
    sources = []
    for pad in range(2):
        source = graph.add_buffer(
            width=columns, height=rows, format=format, time_base=Fraction(1, count)
        )
        rate = graph.add("fps", str(count))  # xfade asks for a constant rate
        source.link_to(rate)
        rate.link_to(fade, 0, pad)
        sources.append(source)
    sink = graph.add("buffersink")
    fade.link_to(sink)
    graph.configure()
    order = (1, 2, 0) if format == "gbrp" else (0, 1, 2)
    found: list[np.ndarray[Any, Any]] = []
    for number in range(count + 2):
        for source, pixels in zip(sources, pair, strict=True):
            made = frame([pixels[..., channel] for channel in order], format)
            made.pts, made.time_base = number, Fraction(1, count)
            source.push(made)
        while True:
            try:
                out = sink.pull()
            except (av.BlockingIOError, av.EOFError):
                break
            assert isinstance(out, av.VideoFrame)
            planes = planes_of(out, [pair[0][..., 0].copy()] * 3)
            found.append(np.stack([planes[order.index(c)] for c in range(3)], axis=-1))
    return found[: count + 1]
