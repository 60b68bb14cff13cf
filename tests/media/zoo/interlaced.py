"""Interlaced and telecined video: numbered moments, woven as cameras and telecines do."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av.video.frame import VideoFrame

from tests.media.make import numbered_frame
from tests.media.woven import interlaced, telecined, write
from tests.media.zoo.entry import Entry, Item, Right

NTSC = Fraction(30000, 1001)
FILM = Fraction(24000, 1001)


def _number(moment: int) -> int:
    """A Gray code: one bit of the number changes at each moment, and no bit changes at every one.
    So most of the picture stands still, and the moving part also moves from field to like field."""
    return 64 + (moment ^ moment >> 1)


def _moments(count: int, size: tuple[int, int]) -> list[VideoFrame]:
    return [numbered_frame(_number(i), *size) for i in range(count)]


def _fields(
    path: Path, order: str = "tff", size: tuple[int, int] = (96, 64), **options: Any
) -> None:
    """Twelve frames of 24 moments, flagged as they are; not with a question mark."""
    frames = interlaced(_moments(24, size), order.startswith("tff"))
    write(path, frames, flag="" if order.endswith("?") else order, **options)


def _shown(size: tuple[int, int], every: int, frames: int, **more: Any) -> Right:
    """A film frame shows every so many moments."""
    numbers = {i: _number(every * i) for i in (0, 1, 2, 5, frames - 2, frames - 1)}
    return Right(size, frames=frames, numbers=numbers, **more)


def _entry(
    name: str,
    why: str,
    right: Right,
    flag: str,
    *,
    profile: Item | None = None,
    item: Item | None = None,
    size: tuple[int, int] = (96, 64),
    **options: Any,
) -> Entry:
    return Entry(
        name,
        why,
        lambda path: _fields(path, flag, size, **options),
        right,
        profile=profile or {},
        item=item or {},
    )


_SMALL, _PAL, _NTSC = (96, 64), (720, 576), (720, 480)
_FLAGGED = (
    ("tff.mp4", "H.264, top field first", "tff", {}),
    ("bff.mkv", "H.264, bottom field first", "bff", {}),
    ("tff.mpg", "MPEG-2, top field first", "tff", {"codec": "mpeg2video", "gop": 5}),
    ("bff.ts", "MPEG-2 in a transport stream", "bff", {"codec": "mpeg2video", "gop": 5}),
    ("tff.mov", "ProRes", "tff", {"codec": "prores_ks", "pix_fmt": "yuv422p10le"}),
    ("tff_ffv1.mkv", "FFV1", "tff", {"codec": "ffv1"}),
)


def _film(path: Path, flag: str = "tff", **options: Any) -> None:
    write(path, telecined(_moments(32, _NTSC)), "ffv1", NTSC, flag=flag, **options)


def _film_numbers() -> dict[int, int]:
    """Frames 0, 1, 4, 5, 6, 9, ... show one picture of the film; others may show either of two."""
    return {5 * cycle + at: _number(4 * cycle + film) for cycle in range(8)
            for at, film in ((0, 0), (1, 1), (4, 3))}  # fmt: skip


def _repeat_flags(path: Path) -> None:
    """Film with repeat flags, decoded: whole frames that last two and three fields in turn."""
    times = [round((5 * i + 1) // 2 * 1001 / 60) for i in range(24)]
    write(
        path,
        _moments(24, _NTSC),
        "mpeg2video",
        FILM,
        times=times,
        time_base=Fraction(1, 1000),
    )


def _flat(path: Path) -> None:
    """Rows of two greys: what `deinterlace: off` shows on average is between the two."""
    greys = []
    for value in (60, 180) * 6:
        frame = VideoFrame(96, 64, "yuv420p")
        for plane, code in zip(frame.planes, (value, 128, 128), strict=True):
            plane.update(bytes([code]) * plane.buffer_size)
        greys.append(frame)
    write(path, interlaced(greys), flag="tff")


_STEP, _SIDE = 36, 144


def _running(path: Path, top_first: bool, codec: str) -> None:
    """A bright square of 144 pixels that moves by 36 pixels from one moment to the next."""
    moments = []
    for i in range(16):
        frame = VideoFrame(720, 576, "yuv420p")
        for plane, code in zip(frame.planes, (60, 128, 128), strict=True):
            rows = np.full((plane.height, plane.line_size), code, np.uint8)
            if code == 60:
                rows[216:360, _STEP * (i + 1) : _STEP * (i + 1) + _SIDE] = 200
            plane.update(rows.tobytes())
        moments.append(frame)
    write(path, interlaced(moments, top_first), codec)


def _run() -> Right:
    """At the first moment of each frame: the square at its left edge, and not yet beyond."""
    spots = {}
    for frame in range(1, 7):
        left = _STEP * (2 * frame + 1)
        spots[frame, (left + _STEP / 2) / 720, 0.5] = _grey(200)
        spots[frame, (left + _SIDE + _STEP / 2) / 720, 0.5] = _grey(60)
    return Right(_PAL, frames=8, spots=spots, notes=frozenset({"interlaced"}))


def _grey(code: float) -> tuple[float, float, float]:
    value = (code - 16) * 255 / 219
    return value, value, value


ENTRIES = (
    *(
        _entry(name, why, _shown(_SMALL, 2, 12, rate=25), flag, **options)  # type: ignore[arg-type]
        for name, why, flag, options in _FLAGGED
    ),
    _entry(
        "dv.avi", "DV, which is always interlaced", _shown((768, 576), 2, 12), "bff",
        size=_PAL, codec="dvvideo",
    ),
    _entry(
        "fields_50.mp4", "25i on a canvas of 50 frames a second: a picture for each field",
        _shown(_SMALL, 1, 24, rate=50), "tff", profile={"fps": 50},
    ),
    _entry(
        "fields_bff_50.mp4", "the same, bottom field first",
        _shown(_SMALL, 1, 24, rate=50), "bff", profile={"fps": 50},
    ),
    _entry(
        "fields_59.mkv", "29.97i on a canvas of 59.94 frames a second",
        _shown(_SMALL, 1, 24), "tff", profile={"fps": "60000/1001"}, rate=NTSC,
    ),
    Entry(
        "as_stored.mp4", "`deinterlace: off`: the rows as they are", _flat,
        Right(_SMALL, frames=6, means={i: _grey(120) for i in range(6)}),
        item={"deinterlace": "off"},
    ),
    Entry(
        "flat_fields.mp4", "the same, deinterlaced, where the two moments differ everywhere",
        _flat, Right(_SMALL, frames=6, rate=25),
    ),
    Entry(
        "unflagged_tff.avi", "interlaced, which nothing says: it shows",
        lambda path: _running(path, True, "utvideo"), _run(),
    ),
    Entry(
        "unflagged_bff.mkv", "the same in Matroska, bottom field first",
        lambda path: _running(path, False, "ffv1"), _run(),
    ),
    Entry(
        "psf.mp4", "whole frames that are flagged as interlaced",
        lambda path: write(path, _moments(12, _SMALL), flag="tff"),
        _shown(_SMALL, 1, 12),
    ),
    Entry(
        "telecine.mkv", "film with 3:2 pulldown, put together again", _film,
        Right(_NTSC, frames=40, numbers=_film_numbers(), notes=frozenset({"telecined"})),
    ),
    Entry(
        "telecine_unflagged.mkv", "the same without flags", lambda path: _film(path, ""),
        Right(
            _NTSC, frames=40, numbers=_film_numbers(),
            notes=frozenset({"interlaced", "telecined"}),
        ),
    ),
    Entry(
        "repeat_flags.mkv", "film with repeat flags (soft 3:2 pulldown)", _repeat_flags,
        Right(_NTSC, frames=24, rate=24000 / 1001, numbers={i: _number(i) for i in (0, 1, 11, 23)}),
    ),
)  # fmt: skip
