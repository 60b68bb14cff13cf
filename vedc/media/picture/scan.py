"""Whether a video is interlaced or telecined, by its flags or by its pictures.

Flags come first: those of the frames, then the container's. Without flags, some pictures are
judged by libavfilter's idet, which compares each row with the rows that the frames before and
after have in its place. Only candidates are judged: files with a size and rate of interlaced
video, in a codec without field flags or that may have lost them.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

import av
import numpy as np
from av.video.frame import VideoFrame

from vedc.edit.media_info import Note, Scan, VideoInfo
from vedc.media.picture import orientation
from vedc.media.picture.decoder import hidden_in
from vedc.media.picture.fields import MATCHED
from vedc.media.picture.filters import FilterCall, VideoChain

if TYPE_CHECKING:
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

#: FFmpeg's AVFieldOrder: which field is shown first, from 2 on.
_ORDERS: dict[int, Scan] = {2: "top-first", 3: "bottom-first", 4: "bottom-first", 5: "top-first"}

#: Codecs whose decoders flag each frame; in others the container decides for all.
_FLAGGING = frozenset(
    {"dvvideo", "h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "prores", "vc1", "wmv3"}
)
#: Codecs that never held fields.
_WHOLE = frozenset(
    {"apng", "av1", "flv1", "gif", "h263", "png", "rv40", "theora", "vp6", "vp6f", "vp7", "vp8",
     "vp9", "vvc", "webp"}
)  # fmt: skip

_HEIGHTS = (range(400, 609), range(1000, 1089))
"""Heights of video with fields: 480 to 576 and 1080 lines, perhaps a little cropped."""
_RATES = (Fraction(23), Fraction(31))

_PLACES = (Fraction(1, 2), Fraction(1, 5), Fraction(4, 5))
"""Places for judging pictures, as shares of the length: the next only if nothing moved."""
_JUDGED = 9
_FEWEST = 4
"""Frames that can be judged, at least."""
_MOST = 0.7
"""Part of the frames that must agree."""
_MOVES = 0.05
"""Share of the range by which a sample changes between frames where something moves."""
_COMBED = 1.1
_CYCLE = 5
"""Frames in a cycle of pulldown."""
_CYCLES = 4
_FIELDS_A_SECOND = Fraction(60000, 1001)


_MOST_STRETCHED = 8
"""The most extreme pixel aspect ratio, or its inverse: the widest format is 2.7."""

#: In the words of the field.
FIELD_ORDERS = {"top-first": "top field first", "bottom-first": "bottom field first"}


def looked_into(
    frames_from: FramesFrom, video: VideoStream, picture: VideoFrame, info: VideoInfo, path: str
) -> tuple[VideoInfo, list[Note]]:
    """``info`` with facts about fields, and notes about the picture.

    ``picture`` is the first frame.
    """
    found = scan_of(frames_from, video, picture, info.rate)
    notes = []
    position = orientation.of_frame(picture)
    if position.note is not None:
        notes.append(Note("odd-orientation", f"'{path}': {position.note}", part="picture"))
    if not Fraction(1, _MOST_STRETCHED) <= info.sar <= _MOST_STRETCHED:
        notes.append(
            Note(
                "odd-proportions",
                f"the pixels of '{path}' would be {info.sar.numerator}:{info.sar.denominator} wide:"
                " they are taken to be square",
                "`fit: stretch` gives the picture another shape",
                "picture",
            )
        )
        info = replace(info, sar=Fraction(1))
    if found.by == "pictures":
        notes.append(
            Note(
                "interlaced",
                f"'{path}' is not flagged as interlaced, but its pictures are"
                f" ({FIELD_ORDERS[found.scan]}): they are deinterlaced",
                "`deinterlace: off` shows them as stored",
                "picture",
            )
        )
    if found.pulldown == "hard":
        notes.append(
            Note(
                "telecined",
                f"'{path}' is film telecined to video (3:2 pulldown):"
                " its pictures are put together again",
                "`deinterlace: off` shows them as stored",
                "picture",
            )
        )
    hidden = hidden_in(video)
    if hidden is not None:
        left, right, top, bottom = hidden
        info = replace(
            info, width=picture.width - left - right, height=picture.height - top - bottom
        )
    return (
        replace(info, scan=found.scan, scan_by=found.by, pulldown=found.pulldown, hidden=hidden),
        notes,
    )


FramesFrom = Callable[[Fraction], Iterator[VideoFrame]]
"""Whole frames from the key frame at or before a share of the length."""


class ScanFound(NamedTuple):
    scan: Scan = "progressive"
    by: Literal["frames", "file", "pictures"] = "frames"
    pulldown: Literal["none", "soft", "hard"] = "none"


class _Seen(NamedTuple):
    """A frame, and idet's verdict on it."""

    scan: str
    repeated: str
    frame: VideoFrame


def scan_of(
    frames_from: FramesFrom, video: VideoStream, picture: VideoFrame, rate: Fraction
) -> ScanFound:
    """Facts about the file's fields. Reads a few frames of files that could be interlaced.

    ``picture`` is the first frame.
    """
    codec = video.codec_context.codec.canonical_name
    scan, by = _by_flags(codec, video, picture)
    if codec in _WHOLE or not _RATES[0] <= rate <= _RATES[1]:
        return ScanFound(scan, by)
    telecinable = abs(rate - 30) < Fraction(1, 10) and picture.format.name in MATCHED
    if scan != "progressive":
        seen = _judge(frames_from, _PLACES[0], _CYCLE * _CYCLES) if telecinable else []
        return ScanFound(scan, by, _pulldown(seen))
    if not _may_have_fields(picture):
        return ScanFound()
    for place in _PLACES:
        seen = _judge(frames_from, place, _JUDGED)
        if telecinable and any(one.scan in ("tff", "bff") for one in seen):
            seen = _judge(frames_from, place, _CYCLE * _CYCLES)
        if codec == "mpeg2video" and _soft(seen, video.time_base or Fraction(0)):
            return ScanFound(pulldown="soft")
        pulldown = _pulldown(seen) if telecinable else "none"
        verdict = _verdict(seen, telecined=pulldown == "hard")
        if verdict == "progressive" or (verdict is not None and not _combed(seen)):
            break
        if verdict is not None:
            return ScanFound(verdict, "pictures", pulldown)
    return ScanFound()


def _by_flags(
    codec: str, video: VideoStream, picture: VideoFrame
) -> tuple[Scan, Literal["frames", "file"]]:
    if picture.interlaced_frame:
        return _first_field(video, picture), "frames"
    if codec not in _FLAGGING and codec not in _WHOLE:
        return _ORDERS.get(int(video.codec_context.field_order), "progressive"), "file"
    return "progressive", "frames"


def _first_field(video: VideoStream, picture: VideoFrame) -> Scan:
    """By a frame's own flag, which PyAV shows only by what filters do with it."""
    # separatefields asks for an even number of rows.
    even = {"w": str(picture.width), "h": str(picture.height // 2 * 2), "x": "0", "y": "0"}
    steps: list[FilterCall] = [("copy", {}), ("crop", even), ("separatefields", {})]
    order: Scan = _ORDERS.get(int(video.codec_context.field_order), "top-first")
    if picture.height < 2:
        return order
    chain = VideoChain(_plain(picture), steps)
    chain.push(picture)
    chain.push(None)
    whole, field = _luma(picture), _luma(chain.pull_all()[0])
    rows = len(field)
    top, bottom = ((whole[at : at + 2 * rows : 2] == field).all() for at in (0, 1))
    if top == bottom:  # a black frame, perhaps
        return order
    return "top-first" if top else "bottom-first"


def _may_have_fields(picture: VideoFrame) -> bool:
    """Whether a picture has the shape of video with fields, and planes that idet can read."""
    format = picture.format
    planes = {part.plane for part in format.components}
    readable = len(planes) == len(format.components) and not format.has_palette
    wide = picture.width > picture.height
    return readable and wide and any(picture.height in heights for heights in _HEIGHTS)


def _judge(frames_from: FramesFrom, place: Fraction, count: int) -> list[_Seen]:
    """``count`` frames from a place with idet's verdicts; fewer at the end of the file."""
    chain: VideoChain | None = None
    shape: tuple[int, int, str] | None = None
    seen: list[_Seen] = []

    def take(frames: Sequence[VideoFrame]) -> None:
        for frame in frames:
            scan = frame.metadata["lavfi.idet.multiple.current_frame"]
            repeated = frame.metadata["lavfi.idet.repeated.current_frame"]
            seen.append(_Seen(scan, repeated, frame))

    with suppress(av.FFmpegError):  # not seekable, or damaged: use what was read
        for frame in itertools.islice(frames_from(place), count):
            if chain is None:
                shape = frame.width, frame.height, frame.format.name
                chain = VideoChain(_plain(frame), [("idet", {})])
            if (frame.width, frame.height, frame.format.name) != shape:
                break
            chain.push(frame)
            take(chain.pull_all())
    if chain is not None:
        chain.push(None)
        take(chain.pull_all())
    return seen


def _plain(frame: VideoFrame) -> dict[str, str]:
    """Options of ``buffer`` for filters that do not care about colour or time."""
    size = f"{frame.width}x{frame.height}"
    return {"video_size": size, "pix_fmt": frame.format.name, "time_base": "1/25"}


def _verdict(seen: Sequence[_Seen], *, telecined: bool) -> Scan | None:
    """The verdict on a few pictures; None if too little moves in them."""
    if len(seen) < _FEWEST:
        return None
    found = Counter(one.scan for one in seen[1:])
    top, bottom, whole = (found[name] for name in ("tff", "bff", "progressive"))
    if top + bottom + whole < len(seen) // 2:
        return None
    enough = telecined or max(top, bottom) >= _MOST * (len(seen) - 1)
    if enough and not min(top, bottom):
        return "top-first" if top else "bottom-first"
    return "progressive"


def _combed(seen: Sequence[_Seen]) -> bool:
    """Whether, where something moves, rows differ more from their neighbours than from the rows
    beyond: idet alone is deceived by patterns that repeat as they scroll."""
    near, far = 0.0, 0.0
    for one, other in itertools.islice(itertools.pairwise(seen), 0, None, 3):
        before, now = (_luma(each.frame) for each in (one, other))
        moves = abs(now - before)[2:-2] > _MOVES * now.max()
        near += float(abs(2 * now[2:-2] - now[1:-3] - now[3:-1])[moves].sum())
        far += float(abs(2 * now[2:-2] - now[:-4] - now[4:])[moves].sum())
    return near > _COMBED * far


def _luma(frame: VideoFrame) -> NDArray[np.float32]:
    """The first plane, (height, width)."""
    plane, deep = frame.planes[0], frame.format.components[0].bits > 8
    rows = np.frombuffer(memoryview(plane), np.uint8, plane.line_size * frame.height)
    samples = rows.reshape(frame.height, -1)[:, : frame.width * (2 if deep else 1)]
    return (samples.view(np.dtype("<u2")) if deep else samples).astype(np.float32)


def _pulldown(seen: Sequence[_Seen]) -> Literal["none", "hard"]:
    """Film in video repeats a field of either kind once in five frames, two frames apart."""
    if len(seen) < 3 * _CYCLE:
        return "none"
    marks = [
        (at % _CYCLE, one.repeated) for at, one in enumerate(seen) if one.repeated != "neither"
    ]
    phases = {mark: {at for at, other in marks if other == mark} for mark in ("top", "bottom")}
    if len(phases["top"]) != 1 or len(phases["bottom"]) != 1:
        return "none"
    (top,), (bottom,) = phases["top"], phases["bottom"]
    apart = (top - bottom) % _CYCLE in (2, 3)
    return "hard" if apart and len(marks) >= _MOST * 2 * (len(seen) // _CYCLE - 1) else "none"


def _soft(seen: Sequence[_Seen], base: Fraction) -> bool:
    """Whether frames last two and three fields in turn: progressive film with repeat flags."""
    times = sorted(one.frame.pts for one in seen if one.frame.pts is not None)
    fields = [float((b - a) * base * _FIELDS_A_SECOND) for a, b in itertools.pairwise(times)]
    whole = [round(count) for count in fields]
    near = all(abs(count - n) < 0.2 for count, n in zip(fields, whole, strict=True))
    turns = all({a, b} == {2, 3} for a, b in itertools.pairwise(whole))
    return len(whole) >= _CYCLE and near and turns
