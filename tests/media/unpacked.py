"""The samples of a frame in any of FFmpeg's integer formats, from the layouts in its manual.

Independent of swscale: by NumPy alone.
"""

from __future__ import annotations

import re

import numpy as np
from av.video.frame import VideoFrame

#: A word for each pixel: bytes of the word, and (shift, bits) of each channel.
_FIELDS = {
    "rgb444": (2, {"r": (8, 4), "g": (4, 4), "b": (0, 4)}),
    "bgr444": (2, {"r": (0, 4), "g": (4, 4), "b": (8, 4)}),
    "rgb555": (2, {"r": (10, 5), "g": (5, 5), "b": (0, 5)}),
    "bgr555": (2, {"r": (0, 5), "g": (5, 5), "b": (10, 5)}),
    "rgb565": (2, {"r": (11, 5), "g": (5, 6), "b": (0, 5)}),
    "bgr565": (2, {"r": (0, 5), "g": (5, 6), "b": (11, 5)}),
    "rgb8": (1, {"r": (5, 3), "g": (2, 3), "b": (0, 2)}),
    "bgr8": (1, {"r": (0, 3), "g": (3, 3), "b": (6, 2)}),
    "rgb4_byte": (1, {"r": (3, 1), "g": (1, 2), "b": (0, 1)}),
    "bgr4_byte": (1, {"r": (0, 1), "g": (1, 2), "b": (3, 1)}),
    "x2rgb10": (4, {"r": (20, 10), "g": (10, 10), "b": (0, 10)}),
    "x2bgr10": (4, {"r": (0, 10), "g": (10, 10), "b": (20, 10)}),
    "v30x": (4, {"y": (12, 10), "u": (2, 10), "v": (22, 10)}),
    "xv30": (4, {"y": (10, 10), "u": (0, 10), "v": (20, 10)}),
}
#: The order of samples of 8 bits, of 16, and of 12 at the upper end of 16; 0 is a gap.
_BYTES = {name: name for name in ("rgba", "bgra", "argb", "abgr", "rgb0", "bgr0", "0rgb", "0bgr")}
_BYTES |= {"rgb24": "rgb", "bgr24": "bgr", "ayuv": "ayuv", "uyva": "uyva", "vuya": "vuya"}
_BYTES |= {"vuyx": "vuy0", "vyu444": "vyu", "gray": "y", "ya8": "ya"}
_WORDS = {"rgb48": "rgb", "bgr48": "bgr", "rgba64": "rgba", "bgra64": "bgra", "ayuv64": "ayuv"}
_WORDS |= {"xv48": "uyv0", "ya16": "ya", "xv36": "uyv0"}
#: Two pixels in four samples: where the first Y, U and V lie.
_PAIRS = {"yuyv422": (0, 1, 3), "uyvy422": (1, 0, 2), "yvyu422": (0, 3, 1)}
_PAIRS |= {"y210": (0, 1, 3), "y212": (0, 1, 3), "y216": (0, 1, 3)}
_SEMI = re.compile(r"nv(?:12|21|16|24|42|20)|p[024](10|12|16)")
_PLANAR = re.compile(r"(yuvj?|yuva|gbr|gbra|gray)(?:\d{3})?p?(9|10|12|14|16)?(msb)?")

Channels = dict[str, tuple[np.ndarray, int]]
"""Codes (height, width) and their bits, by the channel's letter."""


def layout(pix_fmt: str) -> tuple[str, str]:
    """The name without its byte order, and NumPy's sign for that."""
    order = {"le": "<", "be": ">"}.get(pix_fmt[-2:])
    return (pix_fmt[:-2], order) if order else (pix_fmt, "<")


def depth_and_shift(base: str) -> tuple[int, int]:
    """Bits of a sample stored in its own word, and how far it is shifted up there."""
    semi, planar = _SEMI.fullmatch(base), _PLANAR.fullmatch(base)
    if semi:
        bits = 10 if base == "nv20" else int(semi[1] or 8)
        return bits, 16 - bits if base[0] == "p" else 0
    if base in ("y210", "y212", "y216"):
        return int(base[2:]), 16 - int(base[2:])
    if base == "xv36":
        return 12, 4
    if base in _WORDS:
        return 16, 0
    bits = int(planar[2] or 8) if planar else 8
    return bits, 16 - bits if planar and planar[3] else 0


def fill(frame: VideoFrame, draw: np.random.Generator) -> None:
    """Random codes; bits that belong to no sample are zero."""
    base, order = layout(frame.format.name)
    bits, shift = depth_and_shift(base)
    for plane in frame.planes:
        data = draw.integers(0, 256, (plane.height, plane.line_size), np.uint8)
        if bits > 8:
            words = data.view(f"{order}u2")
            words[:] = (words & (1 << bits) - 1) << shift
        elif base in _FIELDS:
            size, fields = _FIELDS[base]
            words = data.view(f"{order}u{size}")
            words &= sum(((1 << n) - 1) << at for at, n in fields.values())
        plane.update(data.tobytes())


def packed(pix_fmt: str, channels: dict[str, np.ndarray]) -> VideoFrame:
    """A frame of R, G and B of 8 bits (height, width), rounded to the few bits of a format."""
    base, order = layout(pix_fmt)
    size, fields = _FIELDS[base]
    height, width = channels["r"].shape
    words = np.zeros((height, width), np.int64)
    for letter, (at, n) in fields.items():
        words |= np.rint(channels[letter] * ((1 << n) - 1) / 255).astype(np.int64) << at
    frame = VideoFrame(width, height, pix_fmt)
    plane = frame.planes[0]
    rows = np.zeros((height, plane.line_size), np.uint8)
    rows[:, : width * size] = words.astype(f"{order}u{size}").view(np.uint8)
    plane.update(rows.tobytes())
    return frame


def unpacked(frame: VideoFrame) -> Channels:
    """Every channel of a frame. Raises KeyError for formats that are not listed here."""
    base, order = layout(frame.format.name)
    width = frame.width
    if base in _FIELDS:
        size, fields = _FIELDS[base]
        words = _rows(frame, 0, f"{order}u{size}", width)
        return {c: (words >> at & (1 << n) - 1, n) for c, (at, n) in fields.items()}
    if base in ("monow", "monob"):
        bits = np.unpackbits(_rows(frame, 0, "u1", width // 8).astype(np.uint8), axis=1)
        return {"y": ((bits if base == "monob" else 1 - bits).astype(np.int64), 1)}
    depth, shift = depth_and_shift(base)
    kind = "u1" if depth == 8 else f"{order}u2"
    if base in _BYTES or base in _WORDS:
        names = _BYTES.get(base) or _WORDS[base]
        all_of = _rows(frame, 0, kind, width * len(names)) >> shift
        return {c: (all_of[:, i :: len(names)], depth) for i, c in enumerate(names) if c != "0"}
    if base in _PAIRS:
        y, u, v = _PAIRS[base]
        all_of = _rows(frame, 0, kind, 2 * width) >> shift
        return {"y": (all_of[:, y::2], depth), "u": (all_of[:, u::4], depth),
                "v": (all_of[:, v::4], depth)}  # fmt: skip
    if base == "uyyvyy411":
        six = _rows(frame, 0, "u1", width * 6 // 4).reshape(frame.height, -1, 6)
        luma = six[:, :, [1, 2, 4, 5]].reshape(frame.height, -1)
        return {"y": (luma, 8), "u": (six[:, :, 0], 8), "v": (six[:, :, 3], 8)}
    narrow = frame.format.chroma_width(width)
    if _SEMI.fullmatch(base):
        pairs = _rows(frame, 1, kind, 2 * narrow) >> shift
        first, second = (pairs[:, 1::2], pairs[:, ::2]) if base in ("nv21", "nv42") else (
            pairs[:, ::2], pairs[:, 1::2])  # fmt: skip
        luma = _rows(frame, 0, kind, width) >> shift
        return {"y": (luma, depth), "u": (first, depth), "v": (second, depth)}
    planar = _PLANAR.fullmatch(base)
    if planar is None:
        raise KeyError(base)
    names = {"yuvj": "yuv", "gray": "y"}.get(planar[1], planar[1])
    return {
        c: (_rows(frame, i, kind, narrow if c in "uv" else width) >> shift, depth)
        for i, c in enumerate(names)
    }


def _rows(frame: VideoFrame, number: int, kind: str, count: int) -> np.ndarray:
    plane = frame.planes[number]
    data = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return data[:, : count * np.dtype(kind).itemsize].view(kind).astype(np.int64)
