"""The built-in styles and the op `paint`, on footage that no training saw.

Run as ``python -m tests.bench style [--clips DIR] [--paintings DIR]``. Footage comes from the
sources that ``manifest.json`` of ``--clips`` reserves for tests, films only; paintings are files
named after the styles. Frames are of 720 lines. ``tests/bench/style/judging.py`` defines the
measures.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
from safetensors.numpy import save_file

from tests.bench.colour.judging import interval
from tests.bench.measure import MEDIA, row
from tests.bench.style.judging import LUMA, Likeness, flows, lines_kept, warping_error
from tests.bench.style.references import references
from vedc import ops
from vedc.decide.analyses.results import Curves
from vedc.decide.effects.camera.analysis import curves, motions_of
from vedc.decide.effects.camera.follower import Follower
from vedc.decide.effects.strokes import path_of
from vedc.models.style import network
from vedc.nn.architectures import ARCHITECTURES
from vedc.nn.run import cost, run
from vedc.train.cuts.footage import list_items
from vedc.train.style.pictures import read_painting

HEIGHT, WIDTH = 720, 1280
TAKES: Final = (40,)
"""Frames of a source at which its takes begin."""
LENGTH: Final = 3
_RUNS: Final = 5
_VIDEO: Final = {".avi", ".mp4", ".mpg", ".mkv"}
Draw = Callable[[Sequence[Any]], list[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """Frames in a row, (h, w, 3) in 0..1."""

    source: str
    frames: list[Any]


def main(folder: Path, clips: Path | None = None, paintings: Path | None = None) -> None:
    cv2.setNumThreads(1)
    seen = takes(clips or MEDIA / "video", TAKES, LENGTH)
    if not seen:
        print("style: left out, there is no footage; name some with --clips")
        return
    sources = len({take.source for take in seen})
    print(f"style: {len(seen)} takes of {sources} sources, {WIDTH}x{HEIGHT}")
    for name in ARCHITECTURES["style"].shipped:
        file = (paintings or MEDIA / "style") / f"{name}.jpg"
        if not file.is_file():
            print(f"{name}: left out, there is no painting '{file}'")
            continue
        try:
            judge = Likeness(read_painting(file).astype(np.float32) / 255)
        except ImportError as error:
            print(f"style: left out, the judge is not installed: {error}")
            return
        references(name, file, judge, [take.frames[1] for take in seen])
        _compare(name, file, judge, seen)
    _speed(seen[0])


def takes(clips: Path, begins: Sequence[int], length: int) -> list[Take]:
    """Takes of the films of a folder that are kept for tests, of a length, from some frames on."""
    items = [i for i in list_items(clips) if i.file.suffix.lower() in _VIDEO]
    if (clips / "manifest.json").exists():
        items = [i for i in items if i.use == "test"]
    found = []
    for item in items:
        with av.open(str(item.file)) as container:
            frames: list[Any] = []
            for number, frame in enumerate(container.decode(video=0)):
                if any(begin <= number < begin + length for begin in begins):
                    frames.append(_covering(frame.to_ndarray(format="rgb24")))
                if number >= begins[-1] + length:
                    break
        found += [
            Take(item.source, frames[first : first + length])
            for first in range(0, len(frames) - length + 1, length)
        ]
    return found


def _covering(picture: Any) -> Any:
    """A picture that covers a frame of 720 lines."""
    height, width = picture.shape[:2]
    factor = max(HEIGHT / height, WIDTH / width)
    size = round(width * factor), round(height * factor)
    large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    top, left = (size[1] - HEIGHT) // 2, (size[0] - WIDTH) // 2
    return large[top : top + HEIGHT, left : left + WIDTH].astype(np.float32) / 255


def styled(name: str, follow: bool = False, **given: Any) -> Draw:
    """``follow``: the strokes follow the camera, as by ``{auto: strokes}``."""
    op = ops.get("style")
    values = {**op.defaults(), "painting": name, **given}
    arguments = op.arguments
    assert arguments is not None

    def draw(frames: Sequence[Any]) -> list[Any]:
        layers = [np.ascontiguousarray(f.transpose(2, 0, 1)) for f in frames]
        places = _places(frames) if follow else [{}] * len(frames)
        last, found = len(layers) - 1, []
        for n in range(len(layers)):
            around = [layers[min(max(n + k, 0), last)] for k in (-1, 0, 1)]
            made = run("style", around, arguments({**values, **places[n]}), "cv", 1)
            found.append(made.clip(0, 1).transpose(1, 2, 0))
        return found

    return draw


def _places(frames: Sequence[Any]) -> list[dict[str, Any]]:
    """The canvas of strokes in each frame, carried along by the camera."""
    high, wide = frames[0].shape[:2]
    size = round(320 * high / wide), 320
    follower = Follower(size, 8)
    for frame in frames:
        small = cv2.resize(frame @ LUMA, size[::-1], interpolation=cv2.INTER_AREA)
        follower.push((small * 255).round().astype(np.uint8))
    path = path_of(motions_of(Curves(curves(follower.frames, size), Fraction(25), Fraction(0))))
    x, y = 0.5 + path.place.real * high / wide, 0.5 + path.place.imag
    return [
        {"position": (float(a), float(b)), "scale": float(abs(gain)), "angle": float(turn)}
        for a, b, gain, turn in zip(x, y, path.gain, path.turn, strict=True)
    ]


def _compare(name: str, painting: Path, judge: Likeness, seen: Sequence[Take]) -> None:
    sources = [take.source for take in seen]
    ways: dict[str, Draw] = {
        "style": styled(name),
        "style, following the camera": styled(name, follow=True),
        "style, strokes 0": styled(name, strokes=0.0),
        "style, strokes 0.1": styled(name, strokes=0.1),
        "style, strokes 0.15": styled(name, strokes=0.15),
        "style, strokes 1": styled(name, strokes=1.0),
        "style, color keep": styled(name, color="keep"),
    }
    if "paint" in ops.names():
        from tests.bench.style.painting import painted

        ways["paint"] = painted(painting)
    before = [judge.distance(take.frames[1]) for take in seen]
    moved = [flows(take.frames) for take in seen]
    errors = [warping_error(m, take.frames) for m, take in zip(moved, seen, strict=True)]
    nearer: dict[str, list[float]] = {}
    for way, draw in ways.items():
        made = [draw(take.frames) for take in seen]
        after = [judge.distance(m[1]) for m in made]
        nearer[way] = [1 - a / b for a, b in zip(after, before, strict=True)]
        unsteady = [warping_error(m, pictures) for m, pictures in zip(moved, made, strict=True)]
        raw = [e[0] / max(b[0], 1e-7) for e, b in zip(unsteady, errors, strict=True)]
        relative = [e[1] / max(b[1], 1e-7) for e, b in zip(unsteady, errors, strict=True)]
        kept = [lines_kept(t.frames[1], m[1]) for t, m in zip(seen, made, strict=True)]
        reported = (
            f"{_mean(nearer[way], sources)} closer, E_warp normalised {_mean(relative, sources)}"
        )
        reported += f", raw {_mean(raw, sources)}; gradient SSIM {_mean(kept, sources)}"
        row(f"{name}: {way}", reported)
    if "paint" in nearer:
        gain = [a - b for a, b in zip(nearer["style"], nearer["paint"], strict=True)]
        row(f"{name}: style closer than paint by", _mean(gain, sources))


def _mean(values: Sequence[float], sources: Sequence[str]) -> str:
    mean, low, high = interval(values, sources)
    return f"{mean:.2f} [{low:.2f}, {high:.2f}]"


def _speed(take: Take) -> None:
    """CPU time of each size, whose numbers do not matter for that."""
    layers = [np.ascontiguousarray(f.transpose(2, 0, 1)) for f in take.frames]
    for size in ("start", "xs", "s"):
        with tempfile.TemporaryDirectory(prefix="vedc-bench-") as name:
            file = Path(name) / f"{size}.safetensors"
            save_file(network.initial(1, size), str(file), {"arch": "style", "size": size})
            arguments = {"strength": 1.0, "color": 1.0, "detail": 0.5, "weights": str(file)}
            taken = []
            for _ in range(_RUNS + 1):
                begin = time.process_time()
                run("style", layers, arguments, "cv", 1)
                taken.append(time.process_time() - begin)
            gmac, least = cost("style", HEIGHT, WIDTH, str(file)), min(taken[1:])
            reported = (
                f"{gmac:.1f} GMAC, {least:.3f} CPU s a frame: {2 / least:.1f} a second on two"
            )
            row(f"style, size {size}, 720p", f"{reported} cores")
