"""An alignment as a spec: ordinary clips and transitions that a person can edit.

``in`` is a frame if the file has the film's rate, otherwise a time; lengths are in frames of the
film. Segments from none of the files are gaps.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.decide.align.alignment import AlignedSegment, Alignment
from vedc.decide.align.pictures import Box
from vedc.edit.media_info import MediaInfo
from vedc.edit.timecode import clock_time

_WHOLE: Final = 0.006
"""Crops this close to the whole picture count as the whole picture."""

_ROUND: Final = 0.015
"""Horizontal and vertical scales closer than this count as equal."""

_HAIR: Final = Fraction(1, 1000)
"""Seconds after a frame's beginning at which it is certainly shown."""

_GRADUAL: Final = {"dissolve": "dissolve", "fade": "dip", "wipe": "wipe", "slide": "slide"}
"""Boundaries written as a transition, with its name."""

_NOWHERE: Final = {
    "black": "black",
    "still": "a still picture or a title that is in none of the files",
    "foreign": "found in none of the files",
}


def as_spec(
    alignment: Alignment,
    folder: Path | None = None,
    *,
    size: tuple[int, int] | None = None,
    more: Mapping[int, str] | None = None,
    remarks: Sequence[str] = ("Grades are not recovered.",),
) -> str:
    """The spec as YAML text. ``folder``: the spec's folder, to which paths are relative (default:
    as given). ``size``: (width, height) of the canvas; by default the film's. ``more``: further
    keys of the clips of some segments, as text; ``remarks``: lines of comment at its head."""
    video = alignment.film.video
    assert video is not None
    width, height = size or video.display_size
    names = as_names(alignment)
    used = sorted({s.source for s in alignment.segments if s.source is not None})
    lines = [
        f"# Found by vedc align: where {os.path.basename(alignment.film.path)} comes from.",
        "# The number behind each clip says how much of its picture the raw file explains, 0 to 1.",
        *(f"# {remark}" for remark in remarks),
        *_summary(alignment),
        "version: 1",
        f"profile: {{width: {width - width % 2}, height: {height - height % 2}, "
        f"fps: {alignment.rate}}}",
    ]
    if used:
        lines.append("assets:")
        for number in used:
            path = alignment.raws[number].path
            if folder is not None:
                path = os.path.relpath(path, folder)
            lines.append(f"  {names[number]}: {{src: {json.dumps(path, ensure_ascii=False)}}}")
    lines.append("timeline:")
    for k, segment in enumerate(alignment.segments):
        lines += _item(alignment, k, segment, names, (more or {}).get(k, ""))
    return "\n".join(lines) + "\n"


def _summary(alignment: Alignment) -> Iterator[str]:
    lost = sum(s.end - s.start for s in alignment.segments if s.source is None)
    if lost:
        yield f"# {lost} of {alignment.frames} frames come from none of the files: gaps."


def as_names(alignment: Alignment) -> dict[int, str]:
    """The asset names of raw files, by number, from the names of the files."""
    out: dict[int, str] = {}
    for number, media in enumerate(alignment.raws):
        stem = Path(media.path).stem
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in stem)
        plain = plain.strip("-_") or "raw"
        name = plain if plain[0].isalpha() else f"raw-{plain}"
        count = 2
        wanted = name
        while name in out.values():
            name, count = f"{wanted}-{count}", count + 1
        out[number] = name
    return out


def _item(
    alignment: Alignment, k: int, segment: AlignedSegment, names: dict[int, str], more: str
) -> Iterator[str]:
    following = alignment.segments[k + 1] if k + 1 < len(alignment.segments) else None
    # Both clips of a transition show for all of it.
    start, end = segment.start, segment.end
    if has_transition(alignment, k):
        start = segment.boundary_range[0]
        length = segment.boundary_range[1] - segment.boundary_range[0]
        yield f"  - transition: {{{', '.join(_call(segment))}, duration: {length}f}}"
    if following is not None and has_transition(alignment, k + 1):
        end = following.boundary_range[1]
    length = end - start
    at = f"{clock_time(segment.start / alignment.rate)} of the film"
    if segment.source is None:
        yield f"  - gap: {length}f  # {at}: {_NOWHERE[segment.origin]}"
        return
    media = alignment.raws[segment.source]
    assert media.video is not None
    times = segment.time_map.window((start - segment.start) / alignment.rate)
    begin = times.source_at(0)
    moment = _moment(begin, media.video.rate, alignment)
    if segment.speed < 0:  # the frame shown first comes last in the file
        begin = begin + _HAIR + segment.speed * length / alignment.rate
        moment = f"{float(max(begin, Fraction(0))):.4f}s"
    words = [f"clip: {names[segment.source]}", f"in: {moment}"]
    if media.video.rate == alignment.rate and segment.speed == 1:
        words.append(f"out: {int(max(begin, Fraction(0)) * alignment.rate // 1) + length}f")
    else:
        words.append(f"duration: {length}f")
    if segment.speed != 1:
        words.append(f"speed: {float(segment.speed):.6g}")
    words += _framing(alignment, segment, media)
    remark = f"{at}; {segment.confidence:.2f}"
    yield f"  - {{{', '.join(words)}{more}}}  # {remark}"


def _call(segment: AlignedSegment) -> Iterator[str]:
    """A transition's name and direction."""
    yield f"name: {_GRADUAL[segment.boundary]}"
    if segment.way is not None:
        yield f"direction: {segment.way}"


def has_transition(alignment: Alignment, k: int) -> bool:
    """Whether stretch ``k`` begins with a transition that a spec can express."""
    segment = alignment.segments[k]
    low, high = segment.boundary_range
    return (
        k > 0
        and high > low
        and segment.boundary in _GRADUAL
        and segment.source is not None
        and alignment.segments[k - 1].source is not None
    )


def _moment(begin: Fraction, rate: Fraction, alignment: Alignment) -> str:
    """``in`` of a clip."""
    begin = max(begin, Fraction(0))
    if rate == alignment.rate:
        return f"{int(begin * rate // 1)}f"
    return f"{float(begin):.4f}s"


def _framing(alignment: Alignment, segment: AlignedSegment, media: MediaInfo) -> Iterator[str]:
    """The keys that place the raw picture on the canvas, unless ``fit: contain`` does."""
    assert alignment.film.video is not None and media.video is not None
    area, box = alignment.area, segment.crop
    film_width, film_height = alignment.film.video.display_size
    raw_width, raw_height = media.video.display_size
    # Size of the whole raw picture, in fractions of the canvas.
    across, down = area.width / box.width, area.height / box.height
    if box.distance(Box()) < _WHOLE and area.distance(Box()) < _WHOLE:
        if abs(film_width / film_height / (raw_width / raw_height) - 1) > _ROUND:
            yield "fit: stretch"
        return
    ratio = (film_width / film_height) / (raw_width / raw_height)
    contained = (1 / ratio, 1.0) if ratio > 1 else (1.0, ratio)
    scales = across / contained[0], down / contained[1]
    if abs(scales[0] / scales[1] - 1) > 2 * _ROUND:
        yield "fit: stretch"
        scales = across, down
    scale = (scales[0] * scales[1]) ** 0.5
    if abs(scale - 1) > 1e-3:
        yield f"scale: {scale:.4f}"
    middle = box.x + box.width / 2, box.y + box.height / 2
    point = area.x + area.width / 2, area.y + area.height / 2
    if max(abs(m - 0.5) for m in middle) > 5e-4 or max(abs(p - 0.5) for p in point) > 5e-4:
        yield f"anchor: [{middle[0]:.4f}, {middle[1]:.4f}]"
        yield f"position: [{point[0]:.4f}, {point[1]:.4f}]"
