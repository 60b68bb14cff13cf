"""Pictures of a raw and a graded file that show the same things.

Two files that run in step are compared at equal times; otherwise the graded one is aligned with the
raw one, which finds times, speeds and crops. Both are read at a small size, upright.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from vedc.color import HDR_TRANSFERS
from vedc.decide.align.alignment import Alignment, align
from vedc.decide.align.framing import gradients
from vedc.decide.align.pictures import Box
from vedc.decide.analyses.analysis import Progress, video_of
from vedc.decide.analyses.decode_video import Shrinker, frame_count
from vedc.decide.arrays import Floats
from vedc.edit.media_info import MediaInfo
from vedc.errors import UserError

SIDE: Final = 192
"""The longer side of compared pictures."""
_FRAMES: Final = 24
"""Frames compared per film."""
_SAME_SHAPE: Final = 0.02
"""Aspect ratios closer than this count as equal."""
_ALIKE: Final = 0.6
"""Correlation of gradients above which two pictures show the same things, whatever their grade."""

_WHOLE: Final = 0.985
"""Share of a side that a crop shows of a whole picture at least."""
_COARSE: Final = (96, 48)
"""Longer sides at which large pictures are compared, since blurs and cells may hide their
detail."""
_SLOW: Final = 3.0
"""Standard deviation, in their pixels, of the blur that gives their slow variation."""
_OF_A_SHOT: Final = 4
"""Frames compared per shot, if shots are compared."""
_SHOTS: Final = 100
"""Shots compared per film."""
_INSIDE: Final = 10
"""A shot is examined without the first and the last tenth of its length."""

Pair = tuple[list[Floats], list[Floats]]
"""Raw and graded pictures (height, width, 3), display values."""


def pair_frames(
    raw: MediaInfo,
    graded: MediaInfo,
    progress: Progress | None = None,
    *,
    side: int = SIDE,
    frames: int = _FRAMES,
) -> Pair:
    """Pictures of both files that show the same things, in order; see :func:`paired`."""
    return paired(raw, graded, progress, side=side, frames=frames).pictures


class Paired(NamedTuple):
    """Pictures of two files, and how they were matched."""

    pictures: Pair
    cropped: bool
    """Whether the second file shows parts of the first one's pictures, which were scaled."""


def paired(
    raw: MediaInfo,
    graded: MediaInfo,
    progress: Progress | None = None,
    *,
    side: int = SIDE,
    frames: int = _FRAMES,
) -> Paired:
    """Pictures of both files that show the same things, in order.

    ``side``: the longer side to which larger pictures are reduced. ``frames``: frames per film.
    Raises UserError: ``hdr-pair`` if a file's values are not for a display of standard dynamic
    range, ``mixed-pair`` for a still and a film, ``unlike-pair`` if the files do not show the same
    things; and what :func:`~vedc.decide.align.alignment.align` raises.
    """
    _check_pair(raw, graded)
    found = _at_equal_times(raw, graded, spread(0, frame_count(raw) - 1, frames), side)
    cropped = False
    if found is None and raw.kind == "video":
        alignment = align(graded, [raw], progress)
        aligned = _aligned(alignment, raw, graded, frames, side)
        found = None if aligned is None else aligned[1]
        cropped = any(s.source is not None and enlarges(s.crop) for s in alignment.segments)
    if found is None:
        raise _unlike(raw, graded)
    return Paired(found, cropped)


def enlarges(crop: Box) -> bool:
    """Whether a crop leaves out part of the picture. A vignette or a blur moves the edges of a
    whole picture by a few thousandths, too, where it is aligned."""
    return min(crop.width, crop.height) < _WHOLE


def pair_shots(
    raw: MediaInfo,
    graded: MediaInfo,
    shots: Sequence[tuple[int, int]],
    progress: Progress | None = None,
) -> dict[int, Pair]:
    """As :func:`pair_frames`, for each shot of the raw film by itself, by its number.

    ``shots``: the half-open range of raw frames of each. Shots that the graded file lacks are left
    out; so are most of a film with more than a hundred.
    """
    _check_pair(raw, graded)
    numbers = spread(0, len(shots) - 1, _SHOTS)
    chosen: dict[int, int] = {}
    for number in numbers:
        begin, end = shots[number]
        rim = (end - begin) // _INSIDE
        chosen |= dict.fromkeys(spread(begin + rim, end - 1 - rim, _OF_A_SHOT), number)
    frames = sorted(chosen)
    found = _at_equal_times(raw, graded, frames)
    if found is None and raw.kind == "video":
        count = len(numbers) * _OF_A_SHOT + _FRAMES
        aligned = _aligned(align(graded, [raw], progress), raw, graded, count)
        if aligned is not None:
            rate, (times, found) = video_of(raw).rate, aligned
            frames = [int(time * rate) for time in times]
            chosen = {f: n for f in frames for n in numbers if shots[n][0] <= f < shots[n][1]}
    if found is None:
        raise _unlike(raw, graded)
    by_shot: dict[int, Pair] = {}
    for frame, before, after in zip(frames, *found, strict=True):
        if frame in chosen and _likeness(before, after) >= _ALIKE:
            pair = by_shot.setdefault(chosen[frame], ([], []))
            pair[0].append(before)
            pair[1].append(after)
    return by_shot


def spread(first: int, last: int, count: int) -> list[int]:
    """``count`` integers spaced evenly from the first to the last, without repetitions."""
    return [int(i) for i in np.unique(np.linspace(first, max(first, last), count).round())]


def _check_pair(raw: MediaInfo, graded: MediaInfo) -> None:
    for media in (raw, graded):
        _check_color(media)
    if raw.kind != graded.kind:
        still, film = (raw, graded) if raw.kind == "image" else (graded, raw)
        raise UserError.one(
            "mixed-pair",
            f"'{still.path}' is a still and '{film.path}' a film, which cannot be compared",
            hint="save the frame that the still shows with `vedc still`, and give both stills",
        )


def _unlike(raw: MediaInfo, graded: MediaInfo) -> UserError:
    return UserError.one(
        "unlike-pair",
        f"'{raw.path}' and '{graded.path}' do not show the same",
        hint="give the raw file and the graded one of the same take, framed alike",
    )


def _check_color(media: MediaInfo) -> None:
    if video_of(media).color.transfer in HDR_TRANSFERS | {"linear"}:
        raise UserError.one(
            "hdr-pair",
            f"'{media.path}' is not of standard dynamic range; a grade is fitted to display values",
            hint="render both files on a canvas of bt709 first, and fit those",
        )


def _at_equal_times(
    raw: MediaInfo, graded: MediaInfo, indices: Sequence[int], side: int = SIDE
) -> Pair | None:
    """Some frames; None if the files do not run in step, or show different things."""
    videos = video_of(raw), video_of(graded)
    wide, other = (v.display_size[0] / v.display_size[1] for v in videos)
    counts = frame_count(raw), frame_count(graded)
    if abs(wide / other - 1) > _SAME_SHAPE:
        return None
    if abs(counts[0] - counts[1]) > 1 or abs(videos[0].rate / videos[1].rate - 1) > 1e-3:
        return None
    last = min(counts) - 1
    before, after = (
        read_frames(media, [Fraction(min(i, last)) / video.rate for i in indices], side)
        for media, video in zip((raw, graded), videos, strict=True)
    )
    shape = before[0].shape[:2]
    after = [part_of(picture, Box(), shape) for picture in after]
    sizes = (side,) if side == SIDE else (side, *_COARSE)
    for shown in sizes:
        small = [[_within(p, shown) for p in pictures] for pictures in (before, after)]
        tried = [small] if side == SIDE else [small, [[_detail(p) for p in ps] for ps in small]]
        for first, second in tried:
            likeness = [_likeness(a, b) for a, b in zip(first, second, strict=True)]
            if float(np.median(likeness)) >= _ALIKE:
                return before, after
    return None


def _aligned(
    found: Alignment, raw: MediaInfo, graded: MediaInfo, count: int, side: int = SIDE
) -> tuple[list[Fraction], Pair] | None:
    """Frames of the graded film that come from the raw one, with their times there; None if there
    are none."""
    crops: dict[int, Box] = {}
    for segment in found.segments:
        if segment.source is not None:
            low, high = segment.start, segment.end
            inside = np.arange(low + (high - low) // 10, high - (high - low) // 10)
            crops.update(dict.fromkeys(inside.tolist(), segment.crop))
    if not crops:
        return None
    frames = sorted(crops)
    chosen = [frames[i] for i in spread(0, len(frames) - 1, count)]
    located = [found.time_of(frame) for frame in chosen]
    times = [place[1] for place in located if place is not None]
    after = read_frames(graded, [Fraction(frame) / found.rate for frame in chosen], side)
    order = sorted(range(len(times)), key=times.__getitem__)
    read = read_frames(raw, [times[i] for i in order], side)
    before = [picture for _, picture in sorted(zip(order, read, strict=True), key=lambda p: p[0])]
    shape = after[0].shape[:2]
    shape = max(4, round(shape[0] * found.area.height)), max(4, round(shape[1] * found.area.width))
    return times, (
        [part_of(p, crops[f], shape) for p, f in zip(before, chosen, strict=True)],
        [part_of(p, found.area, shape) for p in after],
    )


def read_frames(media: MediaInfo, times: Sequence[Fraction], side: int) -> list[Floats]:
    """Frames at ascending times: (height, width, 3), display values, 0..1."""
    from vedc.media.reading.frame_reader import open_reader

    video = video_of(media)
    wide, high = video.display_size
    scale = min(1.0, side / max(wide, high))
    size = max(1, round(high * scale)), max(1, round(wide * scale))
    shrinker = Shrinker(video)
    with closing(open_reader(media, None)) as reader:
        return [_shrunk(shrinker, reader.decoded_at(time), size) for time in times]


def _shrunk(shrinker: Shrinker, frame: Any, size: tuple[int, int]) -> Floats:
    video = shrinker.video
    if video.rotation in (90, 270):
        size = size[::-1]
    shrunk = [shrinker.shrink(plane, size) for plane in shrinker.planes(frame)]
    if shrinker.format.layout == "gbr":
        shrunk = [shrunk[k] for k in (2, 0, 1)]
    elif shrinker.format.semi:
        shrunk = [shrunk[0], shrunk[1][..., 0], shrunk[1][..., 1]]
    small: Any = np.stack(shrunk)
    rgb = shrinker.to_rgb(small[:, np.newaxis])[0]
    if video.mirrored:
        rgb = rgb[:, ::-1]
    return np.asarray(np.rot90(rgb, -(video.rotation // 90)), np.float64) / 255


def part_of(picture: Floats, box: Box, shape: tuple[int, ...]) -> Floats:
    """The part ``box`` of a picture, scaled to ``shape`` (height, width)."""
    import cv2

    rows, columns = picture.shape[:2]
    across, down = box.width * columns / shape[1], box.height * rows / shape[0]
    if box == Box() and (rows, columns) == tuple(shape):
        return picture
    matrix = np.array(
        [
            [across, 0, box.x * columns + across / 2 - 0.5],
            [0, down, box.y * rows + down / 2 - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    part = cv2.warpAffine(
        picture, matrix, (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(part, np.float64)


def _within(picture: Floats, side: int) -> Floats:
    """The picture, reduced to a longer side of at most ``side``."""
    import cv2

    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    size = max(4, round(width * scale)), max(4, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float64)


def _detail(picture: Floats) -> Floats:
    """A picture without its slow variation, such as a vignette on a plain wall."""
    import cv2

    return np.asarray(picture - cv2.GaussianBlur(picture, (0, 0), _SLOW), np.float64)


def _likeness(first: Floats, second: Floats) -> float:
    """Correlation of the gradients of two pictures, -1 to 1; 1 where both are plain."""
    luma = np.stack([picture @ (0.2126, 0.7152, 0.0722) * 255 for picture in (first, second)])
    a, b = (field.ravel() for field in gradients(luma.astype(np.float32)))
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 1e-6 else 1.0
