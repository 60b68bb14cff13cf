"""A comparison as text and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

from vedc.edit.timecode import brief, clock_time
from vedc.errors import SourceLocation, shorten
from vedc.review.compare.documents import Change
from vedc.review.compare.results import (
    CaptionChange,
    Comparison,
    Setting,
    SoundStretch,
    Stretch,
)
from vedc.review.compare.sides import Canvas, Span

#: Lines of one kind that are printed; JSON has all of them.
_MOST: Final = 60
#: Characters of a value that is printed.
_VALUE: Final = 60


def as_text(found: Comparison) -> str:
    """What differs, for people."""
    parts = [
        ("spec", list(_changes(found.changes))),
        ("film", [*map(_output, found.outputs), *map(_setting, found.settings)]),
        ("frames", list(_frames(found))),
        ("sound", [_sound(stretch) for stretch in found.sound]),
        ("captions", [_caption(change) for change in found.captions]),
    ]
    lines = [f"{found.before} -> {found.after}"]
    for title, rows in parts:
        if rows:
            lines.append(title)
            lines += (f"  {line}" for line in rows[:_MOST])
            if len(rows) > _MOST:
                lines.append(f"  and {len(rows) - _MOST} more, which --json lists")
    lines.append(_verdict(found))
    return "\n".join(lines) + "\n"


def _verdict(found: Comparison) -> str:
    if found.same:
        return "no difference" if not found.changes else "the specs differ, the films do not"
    film = found.settings or found.outputs or found.stretches or found.sound or found.captions
    if not film:
        return "the specs differ; the films were not compared"
    if not found.measured and found.stretches:
        return "frames were not drawn: those listed can differ, all others are the same"
    return "the films differ"


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    """One line for each changed text: behind an anchor, or in an item that became several, it
    changes many places."""
    groups: dict[str, list[Change]] = {}
    for number, change in enumerate(changes):
        at = change.after_at or change.before_at
        key = json.dumps([change.kind, change.before, change.after])
        groups.setdefault(f"{number if at is None else at} {key}", []).append(change)
    for group in groups.values():
        line = _change(group[0])
        yield line if len(group) == 1 else f"{line}, and {len(group) - 1} more like it"


def _change(change: Change) -> str:
    at = change.after_at or change.before_at
    where = f"  ({at})" if at is not None else ""
    match change.kind:
        case "added":
            return f"+ {change.path}: {_value(change.after)}{where}"
        case "removed":
            return f"- {change.path}: {_value(change.before)}{where}"
        case "moved":
            return f"> {change.path}: moved from {change.old_path}{where}"
        case "changed":
            return f"~ {change.path}: {_value(change.before)} -> {_value(change.after)}{where}"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return shorten(json.dumps(value, ensure_ascii=False), _VALUE)
    return shorten(json.dumps(value, ensure_ascii=False), _VALUE)


def _setting(setting: Setting) -> str:
    return f"~ {setting.name}: {setting.before} -> {setting.after}"


def _output(setting: Setting) -> str:
    return f"- output {setting.before}" if setting.before else f"+ output {setting.after}"


def _frames(found: Comparison) -> Iterator[str]:
    if not found.stretches and not found.moved:
        return
    fps = found.fps
    shift = 0
    counts = dict.fromkeys(("changed", "inserted", "removed"), 0)
    for stretch in found.stretches:
        counts[stretch.kind] += stretch.length
    parts = [f"{count} {kind}" for kind, count in counts.items() if count]
    can = sum(stretch.length for stretch in found.possible)
    of = f"of {found.frames[0]}" if found.frames[0] == found.frames[1] else (
        f"of {found.frames[0]} before and {found.frames[1]} after"
    )  # fmt: skip
    if found.measured:
        yield (
            f"{', '.join(parts) or 'none changed'}, {of}; {can} can differ by their plans"
            if found.planned and can
            else f"{', '.join(parts) or 'none changed'}, {of}"
        )
    else:
        yield f"{can} can differ, {of}"
    if found.scaled:
        yield "the pictures differ in size, format or colour; they were compared in one form"
    if found.limit < math.inf:
        yield f"frames with a PSNR of {found.limit:g} dB or more count as the same"
    for stretch in found.stretches:
        yield _stretch(stretch, found, fps)
        if stretch.kind != "changed":
            shift += stretch.length if stretch.kind == "inserted" else -stretch.length
            yield f"    {_follows(stretch, found, fps, shift)}"


def _stretch(stretch: Stretch, found: Comparison, fps: Fraction) -> str:
    span = stretch.before if stretch.kind == "removed" else stretch.after
    time = f"{clock_time(span[0] / fps, short=True)} to {clock_time(span[1] / fps, short=True)}"
    length = f"{stretch.length} frame{'s' if stretch.length != 1 else ''}"
    if stretch.kind != "changed":
        return f"{time}  {length} ({brief(stretch.length / fps)}) {stretch.kind}"
    numbers = f"frame{'s' if stretch.length != 1 else ''} {_range(stretch.after)}"
    if stretch.before != stretch.after:
        numbers += f", before {_range(stretch.before)}"
    measured = stretch.measured
    if measured is None:
        return f"{time}  {length} can differ ({numbers})"
    worst = clock_time((stretch.after[0] + measured.worst) / fps, short=True)
    peak = (1 << measured.depth) - 1
    return (
        f"{time}  {length} changed ({numbers}): PSNR {_db(measured.psnr)}, worst "
        f"{_db(measured.worst_psnr)} at {worst}, SSIM {measured.ssim:.4f}, "
        f"by up to {measured.largest} of {peak}"
    )


def _follows(stretch: Stretch, found: Comparison, fps: Fraction, shift: int) -> str:
    """The text about frames after an insertion or removal."""
    end = stretch.after[1]
    left = found.frames[1] - end
    if left <= 0:
        return "that is the end of the film"
    later = f"{brief(abs(shift) / fps)} {'later' if shift > 0 else 'earlier'}" if shift else (
        "at its old time"
    )  # fmt: skip
    rest = [each for each in found.stretches if each.after[0] >= end and each is not stretch]
    if not rest:
        return f"the rest is the same, {later}"
    return f"what follows is {later}"


def _range(span: Span) -> str:
    return f"{span[0]} to {span[1] - 1}" if span[1] - span[0] > 1 else f"{span[0]}"


def _sound(stretch: SoundStretch) -> str:
    begin, end = (clock_time(time, short=True) for time in stretch.after)
    was = "" if stretch.before == stretch.after else (
        f" (before: {clock_time(stretch.before[0], short=True)})"
    )  # fmt: skip
    return (
        f"{begin} to {end}{was}: {_db(stretch.level_before)}FS -> {_db(stretch.level_after)}FS, "
        f"the difference has {_db(stretch.level_difference)}FS"
    )


def _caption(change: CaptionChange) -> str:
    time = f"{clock_time(change.start, short=True)} to {clock_time(change.end, short=True)}"
    language = f" [{change.language}]" if change.language else ""
    match change.kind:
        case "added":
            return f"+ {time}{language}: {_value(change.after)}"
        case "removed":
            return f"- {time}{language}: {_value(change.before)}"
        case "changed":
            return f"~ {time}{language}: {_value(change.before)} -> {_value(change.after)}"


def _db(level: float) -> str:
    if level == math.inf:
        return "infinite dB"
    return "-inf dB" if level == -math.inf else f"{level:.1f} dB"


# ------------------------------------------------------------ JSON


def as_data(found: Comparison) -> dict[str, Any]:
    """What differs, as documented JSON."""
    fps = found.fps
    return {
        "version": 1,
        "before": found.before,
        "after": found.after,
        "same": found.same and not found.changes,
        "spec": [_change_data(change) for change in found.changes],
        "settings": [_setting_data(setting) for setting in found.settings],
        "outputs": [_setting_data(setting) for setting in found.outputs],
        "frame_rate": str(fps),
        "frames": {"before": found.frames[0], "after": found.frames[1]},
        "canvas": {
            name: _canvas_data(canvas)
            for name, canvas in zip(("before", "after"), found.canvas, strict=True)
        },
        "compared": found.measured,
        "scaled": found.scaled,
        "min_psnr": _finite(found.limit),
        "drawn": found.drawn,
        "can_differ": [_stretch_data(each, fps) for each in found.possible],
        "stretches": [_stretch_data(each, fps) for each in found.stretches],
        "moved": [{"before": list(before), "after": list(after)} for before, after in found.moved],
        "sound": [_sound_data(each) for each in found.sound],
        "sound_compared": found.sound_compared,
        "captions": [
            {
                "kind": each.kind,
                "language": each.language,
                "start": float(each.start),
                "end": float(each.end),
                "before": each.before,
                "after": each.after,
            }
            for each in found.captions
        ],
    }


def _change_data(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "path": change.path,
        "old_path": change.old_path,
        "before": change.before,
        "after": change.after,
        "before_at": _place(change.before_at),
        "after_at": _place(change.after_at),
    }


def _place(at: SourceLocation | None) -> dict[str, Any] | None:
    return None if at is None else {"file": at.file, "line": at.line, "column": at.column}


def _setting_data(setting: Setting) -> dict[str, str | None]:
    return {
        "name": setting.name,
        "before": setting.before or None,
        "after": setting.after or None,
    }


def _canvas_data(canvas: Canvas | None) -> dict[str, Any] | None:
    if canvas is None:
        return None
    return {
        "width": canvas.width,
        "height": canvas.height,
        "fps": str(canvas.fps),
        "pix_fmt": canvas.pix_fmt,
    }


def _stretch_data(stretch: Stretch, fps: Fraction) -> dict[str, Any]:
    measured = stretch.measured
    data: dict[str, Any] = {
        "kind": stretch.kind,
        "before": list(stretch.before),
        "after": list(stretch.after),
        "start": float(stretch.after[0] / fps),
        "length": float(stretch.length / fps),
    }
    if measured is not None:
        data |= {
            "psnr": _finite(round(measured.psnr, 3)),
            "ssim": round(measured.ssim, 6),
            "largest": measured.largest,
            "bits": measured.depth,
            "worst": stretch.after[0] + measured.worst,
            "worst_psnr": _finite(round(measured.worst_psnr, 3)),
        }
    return data


def _sound_data(stretch: SoundStretch) -> dict[str, Any]:
    return {
        "before": [float(time) for time in stretch.before],
        "after": [float(time) for time in stretch.after],
        "level_before": _finite(round(stretch.level_before, 2)),
        "level_after": _finite(round(stretch.level_after, 2)),
        "level_difference": _finite(round(stretch.level_difference, 2)),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def of_stretches(stretches: Sequence[Stretch]) -> int:
    """Frames in stretches."""
    return sum(stretch.length for stretch in stretches)
