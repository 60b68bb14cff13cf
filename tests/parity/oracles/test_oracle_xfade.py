"""Our own transitions that are also xfade's, against FFmpeg's filter, run through PyAV.

xfade measures from a pixel's corner and has hard edges; we measure from its centre and draw
edges a pixel wide. So ramps differ by half a pixel's worth, hard edges by the pixels at them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.filters import xfade_frames
from tests.ops_support import apply
from tests.oracles import record
from vedc.ops.transition.presets import PRESETS, spelled

HEIGHT, WIDTH = 64, 96
#: xfade's progress at frame n is n / FRAMES; a whole number of pixels either way.
FRAMES = 16
STEPS = range(FRAMES + 1)

RNG = np.random.default_rng(20)
Pair = tuple[np.ndarray, np.ndarray]


def noise() -> np.ndarray:
    """Three planes of random bytes over a ramp, as (HEIGHT, WIDTH, 3)."""
    ramp = np.linspace(20, 200, WIDTH)[np.newaxis, :, np.newaxis]
    return np.clip(ramp + RNG.uniform(-60, 80, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)


def waves(phase: float) -> np.ndarray:
    """A picture without fine detail."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [np.sin(x / 30 + phase + i) + np.cos(y / 25 - phase * i) for i in range(3)]
    return (128 + 50 * np.stack(planes, axis=-1)).astype(np.uint8)


NOISE: Pair = (noise(), noise())
WAVES: Pair = (waves(0.0), waves(2.0))


@cache
def xfade(name: str, detail: bool = True, format: str = "gbrp") -> list[np.ndarray]:
    """xfade's frames at progress 0, 1/FRAMES, ... 1: R, G, B or Y, Cb, Cr."""
    return xfade_frames(name, NOISE if detail else WAVES, format, FRAMES)


def target(name: str) -> tuple[str, dict[str, Any]]:
    """The op that draws ours, and its parameters."""
    listed = spelled(name)
    return PRESETS.get(listed, (listed, {}))


def ours(name: str, step: float, pair: Pair = NOISE, **others: Any) -> np.ndarray:
    """Our preset of that name: 8-bit code values, not rounded."""
    op, params = target(name)
    pictures = [np.dstack([p / 255.0, np.ones(p.shape[:2])]) for p in pair]
    return apply(op, *pictures, progress=step, **{**params, **others})[..., :3] * 255.0


def test_the_oracle_begins_and_ends_with_the_pictures() -> None:
    frames = xfade("fade")
    np.testing.assert_array_equal(frames[0], NOISE[0])
    np.testing.assert_array_equal(frames[FRAMES], NOISE[1])


#: Codes that a smoothstep over the canvas's width or height changes by within half a pixel,
#: where black meets white.
ACROSS, DOWN = 255 * 0.75 / WIDTH, 255 * 0.75 / HEIGHT

#: The same formula: xfade's name -> the largest difference in codes; 1 is xfade's rounding.
RAMPS = {
    "fadefast": 1.0,
    "fadeslow": 1.0,
    "smoothleft": 1.0 + ACROSS,
    "smoothright": 1.0 + ACROSS,
    "smoothup": 1.0 + DOWN,
    "smoothdown": 1.0 + DOWN,
    "vertopen": 1.0 + 2.0 * ACROSS,
    "vertclose": 1.0 + 2.0 * ACROSS,
    "horzopen": 1.0 + 2.0 * DOWN,
    "horzclose": 1.0 + 2.0 * DOWN,
    "diagtl": 1.0 + ACROSS + DOWN,
    "diagtr": 1.0 + ACROSS + DOWN,
    "diagbl": 1.0 + ACROSS + DOWN,
    "diagbr": 1.0 + ACROSS + DOWN,
}


@pytest.mark.parametrize("name", RAMPS)
def test_ramps(name: str) -> None:
    frames = xfade(name)
    worst = max(float(np.abs(ours(name, n / FRAMES) - frames[n]).max()) for n in STEPS)
    record(target(name)[0], f"FFmpeg xfade={name}", worst, "8-bit codes")
    assert worst <= RAMPS[name]


def test_gray() -> None:
    """xfade's grey of Y'CbCr keeps luma, as ours does."""
    kr, kb = 0.2126, 0.0722
    to_yuv = np.array(
        [
            [kr, 1 - kr - kb, kb],
            np.array([-kr, kr + kb - 1, 1 - kb]) / (2 - 2 * kb),
            np.array([1 - kr, kr + kb - 1, -kb]) / (2 - 2 * kr),
        ]
    )
    zero = np.array([0.0, 128.0, 128.0])
    pair = tuple((p - zero) @ np.linalg.inv(to_yuv).T for p in NOISE)
    frames = xfade("fadegrays", format="yuv444p")
    worst = 0.0
    for n in STEPS:
        seen = ours("fadegrays", n / FRAMES, pair) @ to_yuv.T + zero  # type: ignore[arg-type]
        worst = max(worst, float(np.abs(seen - frames[n]).max()))
    record("fade_grays", "FFmpeg xfade=fadegrays", worst, "8-bit codes")
    assert worst <= 1.0


def near_edges(shown: np.ndarray, reach: int) -> np.ndarray:
    """Where a pixel of the first picture is within ``reach`` of one that is not."""
    first = (shown == NOISE[0]).all(axis=-1)
    second = (shown == NOISE[1]).all(axis=-1)
    kind = np.where(first, 1, np.where(second, 2, 0))
    padded = np.pad(kind, reach, mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, (2 * reach + 1,) * 2)
    return views.min(axis=(2, 3)) != views.max(axis=(2, 3))


#: Hard edges: xfade's name -> how many pixels ours may be off.
EDGES = {
    **{f"wipe{way}": 2 for way in ("left", "right", "up", "down", "tl", "tr", "bl", "br")},
    **{f"{way}slice": 2 for way in ("hl", "hr", "vu", "vd")},
    "circlecrop": 2,
    "rectcrop": 2,
}


@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str) -> None:
    """All pixels are the same but those at an edge; slices have one on each cut, however thin."""
    worst = 0.0
    cuts = np.zeros((HEIGHT, WIDTH), bool)
    if name.endswith("slice"):
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        place, size = (x, WIDTH) if name.startswith("h") else (y, HEIGHT)
        off = (place + 0.5) * 10 / size
        cuts = np.abs(off - np.round(off)) * size / 10 < 1.0
    for n in STEPS[1:-1]:
        theirs = xfade(name)[n]
        apart = np.abs(ours(name, n / FRAMES) - theirs).max(axis=-1) > 0.5
        assert not (apart & ~near_edges(theirs, EDGES[name]) & ~cuts).any()
        worst = max(worst, float(apart.mean()))
    record(target(name)[0], f"FFmpeg xfade={name}", worst * 100, "% of pixels, all at edges")


@pytest.mark.parametrize("move", ["slide", "cover", "reveal"])
@pytest.mark.parametrize("way", ["left", "right", "up", "down"])
def test_moves(move: str, way: str) -> None:
    """The very same pixels. At the start xfade already shows a line of the second picture."""
    name = move + way
    worst = max(float(np.abs(ours(name, n / FRAMES) - xfade(name)[n]).max()) for n in STEPS[1:])
    record(target(name)[0], f"FFmpeg xfade={name}", worst, "8-bit codes")
    assert worst <= 1e-6


def test_pixelize() -> None:
    """The same squares, once they are two pixels wide; xfade divides in float32, so a line of
    pixels between two squares may fall to either."""
    worst = 0.0
    for n in STEPS[4:-4]:
        apart = np.abs(ours_pixelize(n / FRAMES) - xfade("pixelize")[n]).max(axis=-1) > 1.0
        worst = max(worst, float(apart.mean()))
    record("pixelize", "FFmpeg xfade=pixelize", worst * 100, "% of pixels")
    assert worst <= 0.05


def ours_pixelize(step: float) -> np.ndarray:
    pictures = [np.dstack([p / 255.0, np.ones(p.shape[:2])]) for p in NOISE]
    return apply("pixelize", *pictures, progress=step)[..., :3] * 255.0


@pytest.mark.parametrize(
    ("name", "tolerance"), [("squeezeh", 4.0), ("squeezev", 4.0), ("zoomin", 4.0)]
)
def test_resampled(name: str, tolerance: float) -> None:
    """xfade takes the nearest pixel, we mix four: compared on pictures without fine detail,
    away from the edges of the squeezed picture and while it is more than a few pixels high."""
    worst = 0.0
    for n in STEPS[:-2]:
        seen, theirs = ours(name, n / FRAMES, WAVES), xfade(name, detail=False)[n]
        apart = np.abs(seen - theirs).max(axis=-1)
        if name != "zoomin":
            axis, size = (0, HEIGHT) if name == "squeezeh" else (1, WIDTH)
            place = np.moveaxis(np.indices(apart.shape), 0, -1)[..., axis] + 0.5
            edge = np.abs(np.abs(place - size / 2) - size / 2 * (1 - n / FRAMES))
            apart = np.where(edge <= 1.0, 0.0, apart)
            tolerance_here = tolerance / (1 - n / FRAMES)
        else:
            tolerance_here = tolerance
        assert apart.max() <= tolerance_here
        worst = max(worst, float(apart.max()))
    record(target(name)[0], f"FFmpeg xfade={name}", worst, "8-bit codes")
