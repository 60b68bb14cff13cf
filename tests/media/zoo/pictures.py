"""Orientation, transparency, rare pixel formats, odd proportions and sizes that change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

from tests.media.make import numbered_frame, write_cropped, write_numbered
from tests.media.unpacked import packed
from tests.media.zoo.entry import Entry, Rgb, Right

SIZE = WIDTH, HEIGHT = 96, 64
QUARTERS: tuple[tuple[Rgb, Rgb], tuple[Rgb, Rgb]] = (
    ((206, 66, 74), (74, 173, 90)),
    ((66, 82, 206), (231, 222, 132)),
)
"""R, G and B of the quarters: rows of left and right. All have 5 and 6 bits exactly."""


def _rgb() -> np.ndarray:
    """The quarters, (HEIGHT, WIDTH, 3) uint8."""
    rows, columns = np.arange(HEIGHT) * 2 // HEIGHT, np.arange(WIDTH) * 2 // WIDTH
    return np.array(QUARTERS, np.uint8)[rows[:, None], columns[None]]


def _codes() -> list[np.ndarray]:
    """The quarters in Y, Cb and Cr of BT.709 in limited range (ITU-T H.273), 8 bits."""
    r, g, b = np.moveaxis(_rgb() / 255, -1, 0)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    parts = 16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748
    return [np.rint(part).astype(np.uint8) for part in parts]


def _yuv(pix_fmt: str = "yuv420p", alpha: np.ndarray | None = None) -> VideoFrame:
    """The quarters as a frame, perhaps transparent (HEIGHT, WIDTH in 0..255)."""
    frame = VideoFrame(WIDTH, HEIGHT, "yuv444p" if alpha is None else "yuva444p")
    for plane, codes in zip(frame.planes, [*_codes(), alpha], strict=False):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, :WIDTH] = codes
        plane.update(rows.tobytes())
    return frame.reformat(format=pix_fmt)


def _spots(quarters: Sequence[Sequence[Rgb]] = QUARTERS, frame: int = 0) -> dict[Any, Rgb]:
    return {(frame, 0.25 + x / 2, 0.25 + y / 2): quarters[y][x] for y in (0, 1) for x in (0, 1)}


def _right(size: tuple[int, int] = SIZE, **more: Any) -> Right:
    return replace(Right(size, frames=3, rate=25, spots=_spots() | _spots(frame=2)), **more)


_TAGS = (1, 1, 1, 1)
"""BT.709, limited."""


def _write(
    path: Path, frames: Iterable[VideoFrame], codec: str, pix_fmt: str, **options: Any
) -> None:
    rgb = av.VideoFormat(pix_fmt).is_rgb
    options.setdefault("color", None if rgb else _TAGS)
    write_numbered(
        path, 3, 25, codec, pix_fmt, width=WIDTH, height=HEIGHT, pictures=frames, **options
    )


# -- orientation ------------------------------------------------------------------------------

_ONE = 1 << 16


def _turned(path: Path, matrix: Sequence[float]) -> None:
    a, b, c, d = (round(part * _ONE) for part in matrix)
    _write(
        path,
        (_yuv() for _ in range(3)),
        "libx264",
        "yuv420p",
        options={"qp": "0", "preset": "ultrafast"},
        matrix=(a, b, 0, c, d, 0, 0, 0, 1 << 30),
    )


def _shown(matrix: Sequence[int]) -> Right:
    """Where a matrix takes each quarter: (x, y) to (ax + cy, bx + dy)."""
    a, b, c, d = matrix
    taken = [[(0.0, 0.0, 0.0)] * 2 for _ in range(2)]
    for x in (0, 1):
        for y in (0, 1):
            across, down = a * (2 * x - 1) + c * (2 * y - 1), b * (2 * x - 1) + d * (2 * y - 1)
            taken[(down + 1) // 2][(across + 1) // 2] = QUARTERS[y][x]
    size = SIZE if a else SIZE[::-1]
    return _right(size, spots=_spots(taken) | _spots(taken, 2))


_MATRICES = {
    "upright": (1, 0, 0, 1),
    "turned_90": (0, 1, -1, 0),
    "turned_180": (-1, 0, 0, -1),
    "turned_270": (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1),
    "mirrored_90": (0, -1, -1, 0),
    "mirrored_180": (1, 0, 0, -1),
    "mirrored_270": (0, 1, 1, 0),
}
_UPRIGHT = (1, 0, 0, 1)


def _orientations() -> list[Entry]:
    entries = [
        Entry(
            f"{name}.mp4",
            f"the display matrix {matrix}",
            lambda path, matrix=matrix: _turned(path, matrix),  # type: ignore[misc]
            _shown(matrix),
        )
        for name, matrix in _MATRICES.items()
    ]
    odd = frozenset({"odd-orientation"})
    for name, why, given, shown, notes in (
        ("no_matrix", "a display matrix of zeros, which means none", (0, 0, 0, 0), _UPRIGHT, ()),
        ("flat_matrix", "a matrix that leaves no height", (1, 0, 0, 0), _UPRIGHT, odd),
        ("tilted", "turned by 20 degrees: shown upright", (0.94, 0.34, -0.34, 0.94), _UPRIGHT, odd),
        ("near_90", "turned by 89.9 degrees", (0.0017, 1, -1, 0.0017), (0, 1, -1, 0), ()),
    ):
        entries.append(
            Entry(
                f"{name}.mp4",
                why,
                lambda path, given=given: _turned(path, given),  # type: ignore[misc]
                replace(_shown(shown), notes=frozenset(notes)),
            )
        )
    return entries


# -- transparency -----------------------------------------------------------------------------


def _see_through() -> np.ndarray:
    """Opaque, half, clear and opaque quarters."""
    rows, columns = np.arange(HEIGHT) * 2 // HEIGHT, np.arange(WIDTH) * 2 // WIDTH
    return np.array([[255, 128], [0, 255]], np.uint8)[rows[:, None], columns[None]]


def _over_black() -> Right:
    part = ((1.0, 128 / 255), (0.0, 1.0))
    quarters = [[tuple(v * part[y][x] for v in QUARTERS[y][x]) for x in (0, 1)] for y in (0, 1)]
    spots = _spots(quarters) | _spots(quarters, 2)  # type: ignore[arg-type]  # tuples of three
    return _right(spots=spots, tolerance=4.0)


def _clear(path: Path, codec: str, pix_fmt: str, **options: Any) -> None:
    if av.VideoFormat(pix_fmt).is_rgb:
        rgba = np.dstack([_rgb(), _see_through()])
        frames = [VideoFrame.from_ndarray(rgba, "rgba").reformat(format=pix_fmt) for _ in range(3)]
    else:
        frames = [_yuv(pix_fmt, _see_through()) for _ in range(3)]
    _write(path, frames, codec, pix_fmt, **options)


def _clear_ffv1(path: Path) -> None:
    """FFV1 with a tag that WebM uses for its transparency."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bgra"
        stream.metadata["alpha_mode"] = "1"
        rgba = np.dstack([_rgb(), _see_through()])
        for i in range(3):
            frame = VideoFrame.from_ndarray(rgba, "rgba").reformat(format="bgra")
            frame.pts = i
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


_VPX = {"auto-alt-ref": "0", "crf": "4", "b": "8M"}
_CLEAR = (
    ("vp8_alpha.webm", "libvpx", "yuva420p", {"options": _VPX}),
    ("vp9_alpha.webm", "libvpx-vp9", "yuva420p", {"options": _VPX}),
    ("vp9_alpha.mkv", "libvpx-vp9", "yuva420p", {"options": _VPX}),
    ("prores_4444.mov", "prores_ks", "yuva444p10le", {}),
    ("qtrle.mov", "qtrle", "argb", {}),
    ("png.mov", "png", "rgba", {}),
    ("utvideo_alpha.avi", "utvideo", "gbrap", {}),
    ("ffv1_yuva.mkv", "ffv1", "yuva420p", {}),
)

# -- pixel formats ----------------------------------------------------------------------------


def _raw(path: Path, pix_fmt: str) -> None:
    """The quarters in an RGB format that swscale does not make exactly."""
    channels = dict(zip("rgb", np.moveaxis(_rgb().astype(np.int64), -1, 0), strict=True))
    _write(path, (packed(pix_fmt, channels) for _ in range(3)), "rawvideo", pix_fmt)


def _few_bits(bits: Mapping[str, int]) -> Right:
    """The quarters in so few bits, widened by their ratio to the largest code."""
    quarters = [
        [
            tuple(
                round(v * ((1 << n) - 1) / 255) * 255 / ((1 << n) - 1)
                for v, n in zip(color, bits.values(), strict=True)
            )
            for color in row
        ]
        for row in QUARTERS
    ]
    spots = _spots(quarters) | _spots(quarters, 2)  # type: ignore[arg-type]  # tuples of three
    return _right(spots=spots, tolerance=2.0)


_FEW = {
    "rgb555le": {"r": 5, "g": 5, "b": 5},
    "bgr555le": {"r": 5, "g": 5, "b": 5},
    "rgb565le": {"r": 5, "g": 6, "b": 5},
    "rgb444le": {"r": 4, "g": 4, "b": 4},
    "rgb8": {"r": 3, "g": 3, "b": 2},
    "bgr8": {"r": 3, "g": 3, "b": 2},
    "rgb4_byte": {"r": 1, "g": 2, "b": 1},
}

_FORMATS = (
    ("v210.mov", "v210", "yuv422p10le"),
    ("uyvy.mov", "rawvideo", "uyvy422"),
    ("yuy2.avi", "rawvideo", "yuyv422"),
    ("nv12.nut", "rawvideo", "nv12"),
    ("y210.nut", "rawvideo", "y210le"),
    ("nine_bits.mkv", "ffv1", "yuv422p9le"),
    ("fourteen_bits.mkv", "ffv1", "yuv444p14le"),
    ("sixteen_bits.mkv", "ffv1", "yuv444p16le"),
    ("chroma_410.mkv", "ffv1", "yuv410p"),
    ("chroma_411.mkv", "ffv1", "yuv411p"),
    ("chroma_440.mkv", "ffv1", "yuv440p"),
    ("gbrp9.mkv", "ffv1", "gbrp9le"),
    ("gbrp14.mkv", "ffv1", "gbrp14le"),
    ("gbrp16.mkv", "ffv1", "gbrp16le"),
    ("r210.mov", "r210", "gbrp10le"),
    ("rgb48.nut", "rawvideo", "rgb48le"),
    ("bgr24.avi", "rawvideo", "bgr24"),
)


def _any(path: Path, codec: str, pix_fmt: str) -> None:
    if av.VideoFormat(pix_fmt).is_rgb:
        frames = [VideoFrame.from_ndarray(_rgb(), "rgb24").reformat(format=pix_fmt)] * 3
    else:
        frames = [_yuv(pix_fmt) for _ in range(3)]
    _write(path, frames, codec, pix_fmt)


def _one_bit(path: Path, pix_fmt: str) -> None:
    frames = (numbered_frame(40 + i, WIDTH, HEIGHT, pix_fmt) for i in range(3))
    _write(path, frames, "rawvideo", pix_fmt, color=None)


def _mosaic(path: Path) -> None:
    _write(path, [VideoFrame(WIDTH, HEIGHT, "bayer_rggb8")] * 3, "rawvideo", "bayer_rggb8",
           color=None)  # fmt: skip


def _cinema(path: Path) -> None:
    """X'Y'Z' of SMPTE 428-1, whose white is 48 of 52.37 cd/m2."""
    to_xyz = np.array(
        [
            [0.412391, 0.357584, 0.180481],
            [0.212639, 0.715169, 0.072192],
            [0.019331, 0.119195, 0.950532],
        ]
    )
    light = (_rgb() / 255) ** 2.2
    codes = np.rint(4095 * (light @ to_xyz.T * 48 / 52.37) ** (1 / 2.6)).astype("<u2") << 4
    frames = []
    for _ in range(3):
        frame = VideoFrame(WIDTH, HEIGHT, "xyz12le")
        rows = np.zeros((HEIGHT, frame.planes[0].line_size), np.uint8)
        rows[:, : WIDTH * 6] = codes.reshape(HEIGHT, -1).view(np.uint8)
        frame.planes[0].update(rows.tobytes())
        frames.append(frame)
    _write(path, frames, "rawvideo", "xyz12le", color=None)


def _hidden(path: Path) -> None:
    """A black edge that the container hides."""
    whole = np.full((HEIGHT + 24, WIDTH + 32, 3), 0, np.uint8)
    whole[8:-16, 12:-20] = _rgb()
    r, g, b = np.moveaxis(whole / 255, -1, 0)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    parts = 16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748
    frames = []
    for _ in range(3):
        frame = VideoFrame(WIDTH + 32, HEIGHT + 24, "yuv444p")
        for plane, codes in zip(frame.planes, parts, strict=True):
            rows = np.zeros((plane.height, plane.line_size), np.uint8)
            rows[:, : plane.width] = np.rint(codes)
            plane.update(rows.tobytes())
        frames.append(frame)
    write_cropped(
        path, 3, (8, 16, 12, 20), width=WIDTH + 32, height=HEIGHT + 24, pix_fmt="yuv444p",
        color=_TAGS, pictures=frames, options={"qp": "0", "preset": "ultrafast"},
    )  # fmt: skip


# -- proportions and sizes --------------------------------------------------------------------


def _proportions(path: Path, sar: Fraction | None) -> None:
    _write(
        path,
        (_yuv() for _ in range(3)),
        "libx264",
        "yuv420p",
        options={"qp": "0", "preset": "ultrafast"},
        sar=sar,
    )


def sizes(path: Path, *sizes: tuple[int, int], pix_fmts: Sequence[str] = ("yuv420p",)) -> None:
    """One elementary stream of four numbered frames of each size and format."""
    data = b""
    number = 40
    for size in sizes:
        for pix_fmt in pix_fmts:
            part = path.with_suffix(".part.h264")
            write_numbered(
                part, 4, 25, pix_fmt=pix_fmt, width=size[0], height=size[1], first=number,
                options={"qp": "0", "preset": "ultrafast", "bf": "0"},
            )  # fmt: skip
            data += part.read_bytes()
            part.unlink()
            number += 4
    path.write_bytes(data)


ENTRIES = (
    *_orientations(),
    *(
        Entry(
            name,
            f"{codec} with transparency",
            lambda path, codec=codec, pix_fmt=pix_fmt, options=options: _clear(  # type: ignore[misc]
                path, codec, pix_fmt, **options
            ),
            _over_black(),
        )
        for name, codec, pix_fmt, options in _CLEAR
    ),
    Entry(
        "ffv1_alpha_mode.mkv",
        "FFV1 with transparency and the tag of WebM's",
        _clear_ffv1,
        _over_black(),
    ),
    *(
        Entry(
            f"{pix_fmt}.nut",
            f"raw pictures in {pix_fmt}",
            lambda path, pix_fmt=pix_fmt: _raw(path, pix_fmt),  # type: ignore[misc]
            _few_bits(bits),
        )
        for pix_fmt, bits in _FEW.items()
    ),
    *(
        Entry(
            name,
            f"{codec} in {pix_fmt}",
            lambda path, codec=codec, pix_fmt=pix_fmt: _any(path, codec, pix_fmt),  # type: ignore[misc]
            _right(),
        )
        for name, codec, pix_fmt in _FORMATS
    ),
    *(
        Entry(
            f"{pix_fmt}.nut",
            "one bit for a pixel",
            lambda path, pix_fmt=pix_fmt: _one_bit(path, pix_fmt),  # type: ignore[misc]
            Right(SIZE, frames=3, numbers={0: 40, 1: 41, 2: 42}),
        )
        for pix_fmt in ("monow", "monob")
    ),
    Entry("cinema.nut", "X'Y'Z' of digital cinema", _cinema, _right()),
    Entry("mosaic.nut", "the mosaic of a camera's sensor", _mosaic,
          Right(refused="unsupported-pixels")),
    *(
        Entry(f"hidden_edge.{container}", "an edge that the container hides", _hidden,
              _right(means={0: tuple(np.mean(QUARTERS, (0, 1)))}))
        for container in ("mp4", "mkv")
    ),
    Entry("no_proportions.mp4", "no sample aspect ratio",
          lambda path: _proportions(path, None), _right()),
    Entry("anamorphic.mp4", "pixels of 2:1",
          lambda path: _proportions(path, Fraction(2)), _right((192, 64))),
    Entry("tall_pixels.mp4", "pixels of 1:2",
          lambda path: _proportions(path, Fraction(1, 2)), _right((96, 128))),
    Entry("absurd_proportions.mp4", "pixels of 20:1, which nobody means",
          lambda path: _proportions(path, Fraction(20)),
          _right(notes=frozenset({"odd-proportions"}))),
    Entry("grows.h264", "a stream that changes its size midway",
          lambda path: sizes(path, (96, 64), (192, 128)),
          Right(SIZE, frames=8, numbers={i: 40 + i for i in range(8)})),
    Entry("shrinks.h264", "the same, from large to small",
          lambda path: sizes(path, (192, 128), (96, 64)),
          Right((192, 128), frames=8, numbers={i: 40 + i for i in range(8)})),
    Entry("changes_format.h264", "a stream that changes its chroma format midway",
          lambda path: sizes(path, (96, 64), pix_fmts=("yuv420p", "yuv444p", "yuv420p")),
          Right(SIZE, frames=12, numbers={i: 40 + i for i in range(12)})),
)  # fmt: skip
