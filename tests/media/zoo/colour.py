"""Colour tags, ranges, RGB codecs and HDR: patches of known colour in every coding.

The expected values follow from the formulas of ITU-T H.273 and, for HDR, from ``bt2100`` of the
parity tests; changes of primaries are FFmpeg's ``colorspace``. SDR films look the same whatever
their transfer tag, as in players.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from tests.media.make import write_numbered
from tests.media.zoo.entry import Entry, Right
from tests.parity.oracles import bt2100

Array = np.ndarray
Tags = tuple[int, int, int, int]
"""Matrix, primaries, transfer and range as H.273 numbers; range: 1 limited, 2 full."""

PATCHES = np.array(
    [
        [(0.5, 0.5, 0.5), (0.70, 0.50, 0.40), (0.60, 0.25, 0.20)],
        [(0.3, 0.55, 0.25), (0.25, 0.30, 0.60), (0.9, 0.9, 0.9)],
    ]
)
"""R'G'B' of two rows of three."""

_WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}


def _planes(signals: Array, tags: Tags, depth: int) -> list[Array]:
    """Code values of three channels, luma first, or of G, B and R."""
    matrix, _, transfer, range_ = tags
    unit, peak = 2 ** (depth - 8), 2**depth - 1
    r, g, b = np.moveaxis(signals, -1, 0)
    if matrix == 0:
        channels = [g, b, r]
    elif matrix == 8:  # YCgCo
        y = (r + 2 * g + b) / 4
        channels = [y, g - y, (r - b) / 2]
    elif matrix == 14:
        coded = bt2100.ictcp(bt2100.pq_light(signals)) if transfer == 16 else None
        coded = bt2100.hlg_ictcp(signals) if coded is None else coded
        channels = list(np.moveaxis(coded, -1, 0))
    else:
        kr, kb = _WEIGHTS[matrix]
        y = kr * r + (1 - kr - kb) * g + kb * b
        channels = [y, (b - y) / (2 - 2 * kb), (r - y) / (2 - 2 * kr)]
    codes = []
    for index, channel in enumerate(channels):
        chroma = index > 0 and matrix != 0
        if range_ == 2:
            code = channel * peak + (128 * unit if chroma else 0)
        else:
            code = channel * (224 if chroma else 219) * unit + (128 if chroma else 16) * unit
        codes.append(np.round(code))
    return codes


def _frame(
    signals: Array, tags: Tags, pix_fmt: str, width: int, height: int, depth: int
) -> VideoFrame:
    frame = VideoFrame(width, height, pix_fmt)
    rows, columns = (np.arange(n) * parts // n for n, parts in ((height, 2), (width, 3)))
    whole = signals[rows[:, None], columns[None]]
    for plane, codes in zip(frame.planes, _planes(whole, tags, depth), strict=True):
        step = height // plane.height
        line = plane.line_size // (1 if depth == 8 else 2)
        stored = np.zeros((plane.height, line), np.uint8 if depth == 8 else "<u2")
        stored[:, : plane.width] = codes[step // 2 :: step, step // 2 :: width // plane.width]
        plane.update(stored.tobytes())
    return frame


def write(
    path: Path,
    tags: Tags,
    *,
    signals: Array = PATCHES,
    tagged: Tags | None = None,
    codec: str = "ffv1",
    pix_fmt: str = "yuv444p10le",
    stored: str | None = None,
    depth: int = 10,
    size: tuple[int, int] = (96, 64),
    options: dict[str, str] | None = None,
) -> None:
    """Patches coded as ``tags`` say, and tagged so, or as ``tagged``. ``stored`` is the encoder's
    format, if it is not ``pix_fmt``."""
    frames = (_frame(signals, tags, pix_fmt, *size, depth) for _ in range(3))
    if stored is not None:
        frames = (frame.reformat(format=stored) for frame in frames)
    write_numbered(
        path, 3, 25, codec, stored or pix_fmt, width=size[0], height=size[1],
        color=tags if tagged is None else tagged, pictures=frames, options=options,
    )  # fmt: skip


def _right(rgb: Array, size: tuple[int, int] = (96, 64), tolerance: float = 2.0) -> Right:
    """R'G'B' 0..1 of the patches, as the film shows them."""
    spots = {
        (frame, (column + 0.5) / 3, (row + 0.5) / 2): tuple(rgb[row, column] * 255)
        for frame in (0, 2)
        for row in range(2)
        for column in range(3)
    }
    return Right(size, frames=3, rate=25, spots=spots, tolerance=tolerance)  # type: ignore[arg-type]


@cache
def _converted(primaries: str) -> Array:
    """R'G'B' of BT.709 of the patches, whose primaries are others and whose curve is BT.709's."""
    graph = av.filter.Graph()
    first = graph.add("buffer", video_size="48x32", pix_fmt="yuv444p12le", time_base="1/25")
    graph.link_nodes(
        first,
        graph.add(
            "colorspace",
            f"ispace=bt709:irange=pc:itrc=bt709:iprimaries={primaries}"
            ":space=bt709:range=pc:trc=bt709:primaries=bt709",
        ),
        graph.add("buffersink"),
    ).configure()
    frame = _frame(PATCHES, (1, 1, 1, 2), "yuv444p12le", 48, 32, 12)
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    graph.push(frame)
    y, cb, cr = (
        np.frombuffer(p, "<u2").reshape(32, -1)[8::16, 8:48:16].astype(float) / 4095
        for p in graph.vpull().planes
    )
    r, b = y + 1.5748 * (cr - 2048 / 4095), y + 1.8556 * (cb - 2048 / 4095)
    rgb = np.stack([r, (y - 0.2126 * r - 0.0722 * b) / 0.7152, b], -1)
    return rgb.clip(0, 1)


def _on_sdr(light: Array, peak: float = 1000.0) -> Array:
    return bt2100.on_sdr(light, peak) ** (1 / 2.4)


def _entry(
    name: str,
    why: str,
    make: Callable[[Path], object],
    right: Right,
    *,
    notes: Sequence[str] = (),
) -> Entry:
    right = replace(right, notes=frozenset(notes))
    return Entry(name, why, make, right, profile={"color": "bt709"})


def _tagged() -> list[Entry]:
    """Film of standard range by its tags: one look for all transfers."""
    found = []
    for number, name in (
        (1, "bt709"), (4, "gamma22"), (5, "gamma28"), (6, "bt601"), (7, "smpte240m"),
        (11, "xvycc"), (12, "bt1361"), (13, "srgb"), (14, "bt2020_10"), (15, "bt2020_12"),
    ):  # fmt: skip
        tags = (1, 1, number, 1)
        found.append(
            _entry(
                f"transfer_{name}.mkv",
                f"transfer {number}, which players show as they show BT.709",
                lambda path, tags=tags: write(path, tags),  # type: ignore[misc]
                _right(PATCHES),
            )
        )
    for number, name in ((4, "fcc"), (6, "smpte170m"), (7, "smpte240m"), (8, "ycgco")):
        tags = (number, 1, 1, 1)
        found.append(
            _entry(
                f"matrix_{name}.mkv",
                f"matrix {number}",
                lambda path, tags=tags: write(path, tags),  # type: ignore[misc]
                _right(PATCHES),
            )
        )
    for number, name in (
        (4, "bt470m"), (5, "bt470bg"), (6, "smpte170m"), (7, "smpte240m"), (8, "film"),
        (9, "bt2020"), (12, "smpte432"), (22, "ebu3213"),
    ):  # fmt: skip
        tags = (1, number, 1, 1)
        found.append(
            _entry(
                f"primaries_{name}.mkv",
                f"primaries {number}",
                lambda path, tags=tags: write(path, tags),  # type: ignore[misc]
                _right(_converted(name), tolerance=3.0),
            )
        )
    return found


def _pal(path: Path) -> None:
    write(path, (5, 5, 5, 1), depth=8, pix_fmt="yuv420p", size=(720, 576))


def _bright(signals: Array) -> Array:
    """The patches with the last row lit up: signals of PQ or HLG."""
    return np.concatenate([signals[:1], np.clip(signals[1:] * 1.1, 0, 1)])


_LIT = _bright(PATCHES)
_LINEAR = ((PATCHES + 0.055) / 1.055) ** 2.4
"""The light of the patches, as sRGB shows them."""
_SCENE = ((PATCHES + 0.09929682680944) / 1.09929682680944) ** (1 / 0.45)
"""The light of the patches, as BT.709 sees it."""

ENTRIES = (
    *_tagged(),
    _entry(
        "pal.mkv",
        "PAL, tagged BT.470 BG throughout: gamma 2.8 is on paper only",
        _pal,
        _right(_converted("bt470bg"), (720, 576), 3.0),
    ),
    _entry(
        "pq.mkv",
        "PQ without metadata",
        lambda path: write(path, (9, 9, 16, 1), signals=_LIT),
        _right(_on_sdr(bt2100.pq_light(_LIT))),
        notes=["tone-mapped"],
    ),
    _entry(
        "pq_4000.mkv",
        "PQ mastered on a display of 4000 cd/m2",
        lambda path: write(
            path,
            (9, 9, 16, 1),
            signals=_LIT,
            codec="libx265",
            options={
                "preset": "ultrafast",
                "x265-params": "log-level=none:qp=4:master-display=G(8500,39850)B(6550,2300)"
                "R(35400,14600)WP(15635,16450)L(40000000,50)",
            },
        ),
        _right(_on_sdr(bt2100.pq_light(_LIT), 4000.0)),
        notes=["tone-mapped"],
    ),
    _entry(
        "pq_rgb.mkv",
        "PQ in R, G and B",
        lambda path: write(path, (0, 9, 16, 2), signals=_LIT, pix_fmt="gbrp12le", depth=12),
        _right(_on_sdr(bt2100.pq_light(_LIT))),
        notes=["tone-mapped"],
    ),
    _entry(
        "ictcp.mkv",
        "PQ in ICtCp",
        lambda path: write(path, (14, 9, 16, 1), signals=_LIT),
        _right(_on_sdr(bt2100.pq_light(_LIT))),
        notes=["tone-mapped"],
    ),
    _entry(
        "ictcp_hlg.mkv",
        "HLG in ICtCp",
        lambda path: write(path, (14, 9, 18, 1), signals=_LIT),
        _right(_on_sdr(bt2100.hlg_light(_LIT))),
        notes=["tone-mapped"],
    ),
    _entry(
        "hlg.mkv",
        "HLG",
        lambda path: write(path, (9, 9, 18, 1), signals=_LIT),
        _right(_on_sdr(bt2100.hlg_light(_LIT))),
        notes=["tone-mapped"],
    ),
    _entry(
        "bt2020.mkv",
        "BT.2020 of standard range",
        lambda path: write(path, (9, 9, 14, 1)),
        _right(_converted("bt2020"), tolerance=3.0),
    ),
    _entry(
        "linear.mkv",
        "linear light, shown as stills of it are",
        lambda path: write(path, (1, 1, 8, 2), signals=_LINEAR, pix_fmt="yuv444p12le", depth=12),
        _right(PATCHES),
    ),
    _entry(
        "log100.mkv",
        "logarithm of light, over two decades",
        lambda path: write(
            path, (1, 1, 9, 1), signals=1 + np.log10(_SCENE) / 2, pix_fmt="yuv444p12le", depth=12
        ),
        _right(PATCHES),
    ),
    _entry(
        "log316.mkv",
        "logarithm of light, over two and a half decades",
        lambda path: write(
            path, (1, 1, 10, 1), signals=1 + np.log10(_SCENE) / 2.5, pix_fmt="yuv444p12le", depth=12
        ),
        _right(PATCHES),
    ),
    _entry(
        "full_range.mkv",
        "full range, tagged",
        lambda path: write(path, (1, 1, 1, 2)),
        _right(PATCHES),
    ),
    _entry(
        "jpeg_range.mov",
        "Motion JPEG: full range by its format, BT.601 by JFIF",
        lambda path: write(
            path,
            (6, 1, 1, 2),
            tagged=(2, 2, 2, 2),
            codec="mjpeg",
            pix_fmt="yuvj444p",
            depth=8,
            options={"qmin": "1", "qmax": "1"},
        ),
        _right(PATCHES),
    ),
    *(
        _entry(
            f"untagged_{height}.mkv",
            f"no tags: {'BT.709' if matrix == 1 else 'BT.601'} by its size",
            lambda path, matrix=matrix, size=(width, height): write(  # type: ignore[misc]
                path, (matrix, 2, 2, 1), tagged=(2, 2, 2, 0), pix_fmt="yuv420p", depth=8, size=size
            ),
            _right(PATCHES, (width, height)),
        )
        for matrix, width, height in ((6, 720, 480), (5, 720, 576), (1, 1280, 720))
    ),
    *(
        _entry(
            name,
            f"{codec} of {stored or pix_fmt}",
            lambda path, codec=codec, pix_fmt=pix_fmt, stored=stored, depth=depth: write(  # type: ignore[misc]
                path,
                (0, 1, 13, 2),
                codec=codec,
                pix_fmt=pix_fmt,
                stored=stored,
                depth=depth,
                tagged=(0, 2, 2, 0),
                options={"crf": "4"} if codec == "libx264rgb" else None,
            ),
            _right(PATCHES),
        )
        for name, codec, pix_fmt, stored, depth in (
            ("utvideo.avi", "utvideo", "gbrp", None, 8),
            ("magicyuv.avi", "magicyuv", "gbrp", None, 8),
            ("huffyuv.avi", "huffyuv", "gbrp", "rgb24", 8),
            ("animation.mov", "qtrle", "gbrp", "rgb24", 8),
            ("raw_bgr.avi", "rawvideo", "gbrp", "bgr24", 8),
            ("x264_rgb.mkv", "libx264rgb", "gbrp", "rgb24", 8),
            ("rgb_png.mov", "png", "gbrp", "rgb24", 8),
            ("png16.mov", "png", "gbrp12le", "rgb48be", 12),
        )
    ),
    *(
        Entry(
            f"{name}.mkv",
            why,
            lambda path, tags=tags, tagged=tagged: write(path, tags, tagged=tagged),  # type: ignore[misc]
            Right(refused="unknown-color"),
        )
        for name, why, tags, tagged in (
            ("constant_luminance", "constant luminance", (9, 9, 14, 1), (10, 9, 14, 1)),
            ("smpte2085", "Y'D'zD'x", (9, 9, 16, 1), (11, 9, 16, 1)),
            ("xyz_primaries", "primaries of CIE XYZ", (1, 1, 1, 1), (1, 10, 1, 1)),
            ("dci_transfer", "DCI's transfer", (1, 1, 1, 1), (1, 1, 17, 1)),
        )
    ),
)
