"""Breathing removed from takes with synthetic breathing, beside FFmpeg's deflicker.

The remainder is the deviation, in stops, of the light of cells that hold still in the take. Takes
whose camera moves are left alone and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.bench.colour.judging import interval
from vedc.decide.grades.balance.light import encoded, light_of
from vedc.decide.grades.deflicker.breathing import breathing, cells_of
from vedc.decide.grades.deflicker.decide import decide_deflicker
from vedc.decide.grades.shot import Shot
from vedc.train.cuts.footage import Footage

THUMB = (27, 48)
FRAMES = 300
Frames = np.ndarray[Any, np.dtype[np.uint8]]


def main(folder: Path, clips: Path) -> None:
    kept = "test" if (clips / "manifest.json").exists() else "any"
    footage = Footage.load(clips, THUMB, folder, only=lambda item: item.use == kept)
    takes = [clip for clip in footage.clips if not clip.still and len(clip.frames) >= 50]
    ways: dict[str, Callable[[Frames, float], Frames]] = {
        "keyframes": _keyframed,
        "FFmpeg's deflicker, 5 frames": lambda frames, rate: _ffmpeg(frames, rate, 5),
        "FFmpeg's deflicker, 65 frames": lambda frames, rate: _ffmpeg(frames, rate, 65),
    }
    left: dict[str, list[float]] = {name: [] for name in ways}
    sources, moving, touched = [], 0, 0
    for number, take in enumerate(takes):
        frames, rate = np.asarray(take.frames[:FRAMES]), float(take.rate)
        if breathing(cells_of(frames)).still < 0.12:
            moving += 1
            continue
        touched += not np.array_equal(_keyframed(frames, rate), frames)
        shown = _breathing(frames, rate, number)
        before = breathing(cells_of(shown)).stops.std()
        sources.append(take.source)
        for name, way in ways.items():
            left[name].append(float(breathing(cells_of(way(shown, rate))).stops.std() / before))
    print(f"deflicker: {len(sources)} takes from a fixed camera, {moving} from a moving one")
    if not sources:
        return
    print(f"takes that breathe before anything is done to them: {touched}")
    for name, values in left.items():
        mean, low, high = interval(values, sources)
        print(f"{name}: leaves {mean:.2f} [{low:.2f}, {high:.2f}] of the breathing")


def _breathing(frames: Frames, rate: float, seed: int) -> Frames:
    """Waves of a few seconds."""
    rng = np.random.default_rng(seed)
    times = np.arange(len(frames)) / rate
    periods, starts = rng.uniform(1.5, 5, 2), rng.uniform(0, 6, 2)
    stops = sum(
        size * np.sin(2 * np.pi * times / period + start)
        for size, period, start in zip((0.3, 0.15), periods, starts, strict=True)
    )
    return _exposed(frames, np.asarray(stops))


def _exposed(frames: Frames, stops: np.ndarray[Any, Any]) -> Frames:
    light = light_of(frames / 255) * 2.0 ** stops[:, None, None, None]
    return np.rint(encoded(light) * 255).astype(np.uint8)


def _keyframed(frames: Frames, rate: float) -> Frames:
    shot = Shot("", Fraction(0), Fraction(len(frames)) / Fraction(rate), frames[:1] / 255)
    (decided,) = decide_deflicker([shot], [breathing(cells_of(frames))], [rate], strength=1.0)
    if not decided.steps:
        return frames
    points = decided.steps[0]["stops"]["keyframes"]
    at = [float(point["time"].removesuffix("s")) for point in points]
    times = np.arange(len(frames)) / rate
    return _exposed(frames, np.interp(times, at, [point["value"] for point in points]))


def _ffmpeg(frames: Frames, rate: float, size: int) -> Frames:
    graph = av.filter.Graph()
    base = 1 / Fraction(rate).limit_denominator(1001)
    given = graph.add_buffer(
        width=THUMB[1], height=THUMB[0] - 1, format=av.VideoFormat("gray"), time_base=base
    )
    made, end = graph.add("deflicker", f"size={size}:mode=median"), graph.add("buffersink")
    given.link_to(made)
    made.link_to(end)
    graph.configure()
    luma = (frames @ np.array([0.2126, 0.7152, 0.0722]))[:, : THUMB[0] - 1]
    shown: list[Any] = []

    def pull() -> None:
        while True:
            try:
                pulled: Any = graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            shown.append(pulled.to_ndarray())

    for number, picture in enumerate(luma):
        frame = av.VideoFrame.from_ndarray(np.rint(picture).astype(np.uint8), format="gray")
        frame.pts, frame.time_base = number, base
        graph.push(frame)
        pull()
    graph.push(None)
    pull()
    grey = np.stack(shown)[: len(frames)]
    padded = np.concatenate([grey, grey[:, -1:]], 1)
    return np.repeat(padded[..., np.newaxis], 3, -1)
