"""Six editors with hidden habits, who cut films with FFmpeg alone.

No part of vedc is involved: an editor sees the footage through FFmpeg's filters ``signalstats`` and
``ebur128``, choices are drawn by NumPy, and the films are made by FFmpeg's ``xfade``, ``eq``,
``curves`` and others. So the learner does not merely recover its own assumptions.

An editor looks for a moment by taste (how lively, colourful, bright and loud it is), among others
that were tried and missed; draws a length from their own distribution; moves both ends by up to
half a second to where something calms down, sets in or falls silent; and joins, grades, crops and
slows pieces by habit.
"""

from __future__ import annotations

import math
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BT709: Final = (
    "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)
"""FFmpeg joins files whatever their matrices are; so all footage, and every film, has this one."""

RATE: Final = 30
SIZE: Final = (320, 180)
_REACH: Final = 0.5
"""Seconds by which an end is moved."""
_TRIED: Final = 80
"""Moments that an editor considers for each piece."""


@dataclass(frozen=True, slots=True)
class Editor:
    """Habits. Tastes and ends weigh measures that are deviations within their file."""

    name: str
    taste: Mapping[str, float]
    begins: Mapping[str, float]
    ends: Mapping[str, float]
    lengths: Sequence[tuple[float, float, float]]
    """Share, median in seconds and spread (of its logarithm) of each kind of shot."""
    grade: str
    joins: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Share and seconds of each ``xfade`` transition."""
    crop: tuple[float, float] = (0.0, 1.0)
    """Share of pieces that are enlarged, and by how much."""
    speeds: tuple[float, Sequence[Fraction]] = (0.0, ())
    """Share of pieces that are not played as they are, and how fast they are."""


EDITORS: Final = (
    Editor(
        "quiet",
        {"motion": -1.5, "light": 0.5},
        {"motion": -2.5},
        {"motion": -2.5},
        ((1.0, 3.4, 0.2),),
        "eq=contrast=1.08:saturation=0.7,curves=all='0/0.06 0.5/0.52 1/0.94'",
        {"fadeblack": (0.5, 0.8)},
    ),
    Editor(
        "pop",
        {"motion": 1.5, "color": 1.0},
        {"motion": 2.5},
        {"motion": 2.0},
        ((1.0, 1.1, 0.2),),
        "eq=contrast=1.18:saturation=1.5:brightness=0.03",
    ),
    Editor(
        "travel",
        {"light": 1.5, "color": 0.8},
        {"motion": -2.0},
        {"sharp": 2.0},
        ((1.0, 2.3, 0.25),),
        "colorbalance=rs=.12:bs=-.12:rm=.08:bm=-.1:rh=.06:bh=-.06,eq=saturation=1.15",
        {"fade": (0.7, 0.6)},
    ),
    Editor(
        "trailer",
        {"loud": 1.5, "motion": 0.8},
        {"rise": 2.5},
        {"loud": -2.0},
        ((0.65, 0.9, 0.12), (0.35, 2.8, 0.12)),
        "colorbalance=rs=-.12:bs=.16:rh=.1:bh=-.12,curves=all='0/0 0.25/0.18 0.75/0.82 1/1'",
        {"wipeleft": (0.5, 0.5)},
    ),
    Editor(
        "report",
        {"loud": 1.0, "motion": -0.6},
        {"loud": -2.5},
        {"loud": -2.5},
        ((1.0, 4.6, 0.15),),
        "eq=gamma=1.12:saturation=0.9,colorbalance=gm=.05:gs=.04",
        crop=(0.35, 1.2),
    ),
    Editor(
        "sport",
        {"motion": 2.0},
        {"motion": 2.5},
        {"motion": -2.0},
        ((1.0, 1.7, 0.18),),
        "eq=contrast=1.3:brightness=-0.04:saturation=1.1,colorbalance=bs=.08:bm=.08:rm=-.06",
        {"slideleft": (0.45, 0.35)},
        speeds=(0.3, (Fraction(1, 2), Fraction(2))),
    ),
)


@dataclass(frozen=True, slots=True)
class Used:
    """A piece of a film, as it was meant: the truth."""

    file: Path
    begin: float
    """Seconds of the file."""
    frames: int
    """Of the film, transitions included."""
    speed: Fraction = Fraction(1)
    zoom: float = 1.0
    join: str | None = None
    """The transition before it."""
    overlap: int = 0
    """Its frames."""


@lru_cache(maxsize=64)
def measured(file: Path) -> Mapping[str, Floats]:
    """FFmpeg's measurements of a file, 10 values a second, as deviations from the mean."""
    seen = _printed(file, "-vf", "signalstats,metadata=print:file=-")
    heard = _printed(file, "-af", "ebur128=metadata=1,ametadata=print:file=-")
    length = max(seen["YAVG"][0][-1], 0.2)
    grid = np.arange(0.0, length, 0.1)

    def curve(of: Mapping[str, tuple[Floats, Floats]], key: str) -> Floats:
        if key not in of:
            return np.zeros(len(grid))
        times, values = of[key]
        found = np.interp(grid, times, np.maximum(values, -60.0))
        return np.asarray((found - found.mean()) / max(float(found.std()), 1e-6))

    loud = curve(heard, "M")
    spread = _difference(seen)
    return {
        "motion": curve(seen, "YDIF"),
        "color": curve(seen, "SATAVG"),
        "light": curve(seen, "YAVG"),
        "sharp": curve(spread, "contrast"),
        "loud": loud,
        "rise": np.clip(np.gradient(loud) * 4, -3, 3),
    }


def _difference(
    seen: Mapping[str, tuple[Floats, Floats]],
) -> Mapping[str, tuple[Floats, Floats]]:
    times, high = seen["YHIGH"]
    return {"contrast": (times, high - seen["YLOW"][1])}


def _printed(file: Path, option: str, graph: str) -> dict[str, tuple[Floats, Floats]]:
    """Times and values of each measure that a graph prints."""
    command = ["ffmpeg", "-v", "error", "-i", str(file), option, graph, "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True)
    found: dict[str, tuple[list[float], list[float]]] = {}
    time = 0.0
    for line in done.stdout.splitlines():
        if stamp := re.search(r"pts_time:([\d.]+)", line):
            time = float(stamp[1])
        elif pair := re.match(r"lavfi\.(?:signalstats|r128)\.(\w+)=(-?[\d.]+)", line):
            times, values = found.setdefault(pair[1], ([], []))
            times.append(time)
            values.append(float(pair[2]))
    return {name: (np.array(t), np.array(v)) for name, (t, v) in found.items()}


def cut(
    editor: Editor, raws: Sequence[Path], rng: np.random.Generator, seconds: float
) -> list[Used]:
    """The pieces of a film of about that length."""
    taken: dict[Path, list[tuple[float, float]]] = {}
    film: list[Used] = []
    total = 0.0
    for _ in range(200):
        if total >= seconds:
            break
        piece = _piece(editor, raws, rng, taken)
        if piece is None:
            continue
        shown = piece.frames / RATE * float(piece.speed)
        taken.setdefault(piece.file, []).append((piece.begin - 0.4, piece.begin + shown + 0.4))
        if film:
            piece = _joined(editor, piece, film[-1], rng)
        film.append(piece)
        total += (piece.frames - piece.overlap) / RATE
    return film


def _piece(
    editor: Editor,
    raws: Sequence[Path],
    rng: np.random.Generator,
    taken: Mapping[Path, Sequence[tuple[float, float]]],
) -> Used | None:
    shares = np.array([share for share, _, _ in editor.lengths])
    _, median, spread = editor.lengths[rng.choice(len(shares), p=shares)]
    length = float(median * math.exp(spread * rng.standard_normal()))
    speed = Fraction(1)
    if rng.random() < editor.speeds[0]:
        speed = editor.speeds[1][rng.integers(len(editor.speeds[1]))]
    options: list[tuple[float, Path, float]] = []
    for _ in range(_TRIED):
        file = raws[rng.integers(len(raws))]
        curves = measured(file)
        whole = len(curves["motion"]) / 10
        shown = length * float(speed)
        if whole < shown + 1.2:
            continue
        begin = float(rng.uniform(0.6, whole - shown - 0.5))
        if any(begin < b and a < begin + shown for a, b in taken.get(file, ())):
            continue
        inside = slice(int(begin * 10), max(int((begin + shown) * 10), int(begin * 10) + 1))
        liked = sum(w * float(curves[name][inside].mean()) for name, w in editor.taste.items())
        options.append((liked, file, begin))
    if not options:
        return None
    liked = np.array([o[0] for o in options])
    odds = np.exp(liked - liked.max())
    _, file, begin = options[rng.choice(len(options), p=odds / odds.sum())]
    begin = _moved(editor.begins, file, begin, rng)
    end = _moved(editor.ends, file, begin + length * float(speed), rng)
    whole = len(measured(file)["motion"]) / 10
    end = min(max(end, begin + 0.4 * float(speed)), whole - 0.2)
    frames = max(12, round((end - begin) / float(speed) * RATE))
    zoom = editor.crop[1] if rng.random() < editor.crop[0] else 1.0
    return Used(file, begin, frames, speed, zoom)


def _moved(habit: Mapping[str, float], file: Path, at: float, rng: np.random.Generator) -> float:
    """A place near ``at`` that suits a habit, drawn."""
    curves = measured(file)
    last = (len(curves["motion"]) - 1) / 10
    places = np.clip(at + np.linspace(-_REACH, _REACH, 31), 0.2, max(last - 0.2, 0.2))
    grid = np.arange(len(curves["motion"])) / 10
    liked = np.zeros(len(places))
    for name, weight in habit.items():
        near = np.interp(places, grid, curves[name])
        liked += weight * (near - near.mean()) / max(float(near.std()), 0.05)
    odds = np.exp(liked - liked.max())
    return float(places[rng.choice(len(places), p=odds / odds.sum())])


def _joined(editor: Editor, piece: Used, before: Used, rng: np.random.Generator) -> Used:
    drawn = rng.random()
    for name, (share, length) in editor.joins.items():
        if drawn < share:
            room = min(before.frames - before.overlap, piece.frames) // 2
            overlap = min(round(length * RATE * float(np.exp(0.1 * rng.standard_normal()))), room)
            if overlap >= 6:
                shown = (piece.file, piece.begin, piece.frames, piece.speed, piece.zoom)
                return Used(*shown, name, overlap)
            return piece
        drawn -= share
    return piece


def make(film: Sequence[Used], grade: str, out: Path) -> None:
    """The film, by FFmpeg."""
    width, height = SIZE
    command = ["ffmpeg", "-v", "error", "-y"]
    graph: list[str] = []
    for number, piece in enumerate(film):
        shown = piece.frames / RATE * float(piece.speed) + 0.5
        command += ["-ss", f"{piece.begin:.6f}", "-t", f"{shown:.6f}", "-i", str(piece.file)]
        zoomed = ""
        if piece.zoom != 1:
            zoomed = f"crop=w=2*trunc(iw/{2 * piece.zoom}):h=2*trunc(ih/{2 * piece.zoom}),"
        graph.append(
            f"[{number}:v]setpts=(PTS-STARTPTS)/{float(piece.speed)},fps={RATE},{zoomed}"
            f"scale={width}:{height}:flags=bicubic,setsar=1,tpad=stop_mode=clone:stop_duration=1,"
            f"trim=end_frame={piece.frames},format=yuv420p[p{number}]"
        )
    last, length = "p0", film[0].frames
    for number, piece in enumerate(film[1:], 1):
        name = f"c{number}"
        if piece.join is None:
            graph.append(f"[{last}][p{number}]concat=n=2:v=1,fps={RATE}[{name}]")
        else:
            at, long = (length - piece.overlap) / RATE, piece.overlap / RATE
            graph.append(
                f"[{last}][p{number}]xfade=transition={piece.join}:duration={long:.6f}"
                f":offset={at:.6f},fps={RATE}[{name}]"
            )
        last, length = name, length + piece.frames - piece.overlap
    graph.append(f"[{last}]{grade},{_BT709}[out]")
    command += ["-filter_complex", ";".join(graph), "-map", "[out]", "-c:v", "libx264"]
    command += ["-crf", "14", "-preset", "veryfast", "-threads", "2", str(out)]
    subprocess.run(command, check=True)


def prepared(clips: Path, names: Sequence[str], folder: Path) -> list[Path]:
    """Small copies of clips, as raw files."""
    folder.mkdir(parents=True, exist_ok=True)
    width, height = SIZE
    out = []
    for name in names:
        file = folder / f"{name}.mp4"
        if not file.exists():
            shape = f"scale={width}:{height}:force_original_aspect_ratio=increase"
            subprocess.run(
                ["ffmpeg", "-v", "error", "-y", "-i", str(clips / f"{name}.mp4"), "-t", "40",
                 "-vf", f"{shape},crop={width}:{height},{_BT709}", "-c:v", "libx264", "-crf", "12",
                 "-preset", "veryfast", "-c:a", "aac", str(file)],
                check=True,
            )  # fmt: skip
        out.append(file)
    return out
