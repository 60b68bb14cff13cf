"""Grades made by other software: functions of pictures (height, width, 3) of 8 bits."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Grade = Callable[[Picture], Picture]

#: Chains of FFmpeg's filters, as colourists use them: balance, then tones, then a look.
CHAINS: dict[str, str] = {
    "warm": "colortemperature=temperature=5200,exposure=exposure=0.25",
    "cold night": "exposure=exposure=-0.6,colorbalance=bs=.12:bm=.08:rh=-.06,hue=s=0.8",
    "punch": "curves=all='0/0 0.25/0.2 0.75/0.81 1/1',vibrance=intensity=0.5",
    "teal and orange": "colorbalance=rs=-.12:bs=.1:rh=.12:bh=-.1,hue=s=1.15",
    "faded": "colorlevels=romin=.07:gomin=.06:bomin=.09:romax=.95:gomax=.94:bomax=.9,hue=s=0.75",
    "film": "curves=r='0/0.03 .4/.42 1/.97':g='0/.01 .5/.52 1/.98':b='0/.06 .5/.47 1/.9'",
    "cross": "curves=r='0/0 0.3/0.2 0.7/0.8 1/1':g='0/0 0.3/0.25 0.7/0.76 1/1':b='0/0.15 1/0.85'",
    "bleach": "hue=s=0.45,curves=all='0/0 0.25/0.17 0.75/0.84 1/1',exposure=exposure=0.2",
    "mixed": "colorchannelmixer=.85:.12:.03:0:.06:.88:.06:0:.02:.1:.88:0,exposure=exposure=0.15",
    "turned": "hue=h=8:s=1.2,colorlevels=rimin=.03:gimin=.03:bimin=.03",
    "selective": "selectivecolor=reds='0 .15 .2 0':blues='.2 0 -.2 0':neutrals='.05 0 -.05 0'",
    "contrast": "colorcontrast=rc=.25:gm=-.1:by=.15,curves=all='0/0.02 0.5/0.55 1/1'",
}  # fmt: skip


def ffmpeg() -> Iterator[tuple[str, Grade]]:
    for name, chain in CHAINS.items():
        yield name, chained(chain)


def cubes(folder: Path, count: int) -> Iterator[tuple[str, Grade]]:
    """So many of a folder's looks, spread over their names, read by FFmpeg."""
    files = sorted(folder.rglob("*.cube"))
    chosen = np.unique(np.linspace(0, len(files) - 1, count).round().astype(int)) if files else ()
    for number in chosen:
        path = str(files[number]).replace("\\", "/").replace(":", "\\:").replace("'", r"\'")
        yield files[number].stem, chained(f"lut3d=file='{path}':interp=tetrahedral")


def pilgram() -> Iterator[tuple[str, Grade]]:
    """The looks of pilgram that treat all places alike; none if it is not installed."""
    try:
        package: Any = importlib.import_module("pilgram")
    except ImportError:
        return
    draw = np.random.default_rng(1).integers(0, 256, (64, 96, 3), np.uint8)
    for name in sorted(n for n in dir(package) if callable(getattr(package, n))):
        grade = _look(getattr(package, name))
        # Not turned by a half: a vignette would look the same.
        moved = np.roll(grade(np.roll(draw, (17, 31), (0, 1))), (-17, -31), (0, 1))
        if np.abs(moved.astype(int) - grade(draw)).max() <= 2:
            yield name, grade


def _look(function: Any) -> Grade:
    return lambda picture: np.asarray(function(Image.fromarray(picture)).convert("RGB"), np.uint8)


def chained(chain: str) -> Grade:
    """A chain of FFmpeg's filters, in R'G'B'."""

    def grade(picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        graph = Graph()
        source = graph.add_buffer(width=width, height=height, format="rgb24", time_base=1)
        last = source
        for step in _steps(chain):
            name, _, arguments = step.partition("=")
            added = graph.add(name, arguments)
            last.link_to(added)
            last = added
        end = graph.add("format", "rgb24")
        last.link_to(end)
        sink = graph.add("buffersink")
        end.link_to(sink)
        graph.configure()
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
        frame.pts = 0
        graph.push(frame)
        return graph.pull().to_ndarray(format="rgb24")

    return grade


def _steps(chain: str) -> Iterator[str]:
    """Commas within quotes do not separate."""
    parts, quoted = [""], False
    for letter in chain:
        quoted ^= letter == "'"
        if letter == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    yield from parts
