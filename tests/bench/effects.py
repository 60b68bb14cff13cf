"""The cost of effects, how much `steady` calms, and how well lamps are found (see `lamps.py`).

Cost: a frame of 1080p through the whole compiler and one thread, relative to a frame with a simple
grade; FFmpeg has no filter like these. Calm: how far frames differ from their neighbours moved by
the flow of the clip (E_warp, mean square on pixels visible in both), after relative to before; the
same minus the clip's own difference, which leaves only the flicker; and the remaining gradient
energy; on real clips with added flicker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np

from tests.bench import lamps
from tests.bench.drawing import Drawn, one, ratio, sources
from tests.bench.measure import MEDIA, row
from vedc.kernels.temporal import steady

Frame = np.ndarray[Any, np.dtype[np.float32]]

COSTS: Final[list[dict[str, Any]]] = [
    {"op": "halo"},
    {"op": "flare"},
    {"op": "leak"},
    {"op": "god_rays"},
    {"op": "lens_dirt"},
    {"op": "paint"},
    {"op": "paint", "relief": 0},
    {"op": "steady", "over": 1},
    {"op": "steady"},
]
CLIPS: Final = ("crystal", "car-detection", "monster")
_SIZE: Final = (640, 360)
_FRAMES: Final = 13


def _frames(clip: str) -> list[Frame]:
    found: list[Frame] = []
    with av.open(str(MEDIA / "video" / f"{clip}.mp4")) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number >= 40:
                picture = frame.to_ndarray(width=_SIZE[0], height=_SIZE[1], format="rgb24")
                found.append(picture.transpose(2, 0, 1).astype(np.float32) / 255)
            if len(found) == _FRAMES:
                break
    return found


def _flickers() -> Iterator[tuple[str, Callable[[Frame], Frame]]]:
    """Brightness that jumps by up to an eighth; a stylisation of OpenCV's, frame by frame."""
    rng = np.random.default_rng(0)
    yield "brightness", lambda x: np.clip(x * np.float32(rng.uniform(0.88, 1.12)), 0, 1)

    def stylised(x: Frame) -> Frame:
        codes = np.ascontiguousarray((x.transpose(1, 2, 0) * 255).astype(np.uint8))
        return cv2.stylization(codes).transpose(2, 0, 1).astype(np.float32) / np.float32(255)

    yield "cv2.stylization", stylised


def _warped(source: list[Frame], shown: list[Frame]) -> float:
    """The mean square between each frame and the next one, moved back by the source's flow."""
    flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    errors = []
    for n in range(len(source) - 1):
        here, there = (
            (np.clip(f[1], 0, 1) * 255).astype(np.uint8) for f in (source[n], source[n + 1])
        )
        forth, back = flow.calc(here, there, None), flow.calc(there, here, None)
        rows, columns = here.shape
        x = np.arange(columns, dtype=np.float32) + forth[..., 0]
        y = np.arange(rows, dtype=np.float32)[:, None] + forth[..., 1]
        off = [
            forth[..., c] + cv2.remap(np.ascontiguousarray(back[..., c]), x, y, cv2.INTER_LINEAR)
            for c in range(2)
        ]
        seen = np.hypot(*off) < 1
        moved = cv2.remap(shown[n + 1].transpose(1, 2, 0).copy(), x, y, cv2.INTER_LINEAR)
        errors.append(float(((moved - shown[n].transpose(1, 2, 0)) ** 2)[seen].mean()))
    return float(np.mean(errors))


def _gradients(shown: list[Frame]) -> float:
    energy = [np.square(np.diff(f, axis=1)).mean() + np.square(np.diff(f)).mean() for f in shown]
    return float(np.mean(energy))


def main(folder: Path) -> None:
    sources(folder)
    print("effects at 1080p, one thread: times a frame with a simple grade")
    plain = Drawn(folder, one("a.mkv", [{"op": "exposure", "stops": 0.3}]))
    for effect in COSTS:
        drawn = Drawn(folder, one("a.mkv", [effect]))
        name = " ".join(f"{k} {v}" if k != "op" else v for k, v in effect.items())
        row(name, f"{ratio(drawn, plain):.1f}x")
        drawn.close()
    plain.close()
    print(
        "steady, over 3 at 0.7: E_warp, flicker and energy of gradients, relative to what flickers"
    )
    for clip in CLIPS:
        if not (MEDIA / "video" / f"{clip}.mp4").exists():
            continue
        source = _frames(clip)
        for name, flicker in _flickers():
            given = [flicker(f) for f in source]
            inner = slice(3, len(given) - 3)
            calm = [
                steady.cpu(given[n - 3 : n + 4], over=3, strength=0.7)
                for n in range(3, len(given) - 3)
            ]
            own, before, after = (
                _warped(source[inner], shown) for shown in (source[inner], given[inner], calm)
            )
            flicker = max(0.0, after - own) / (before - own)
            kept = _gradients(calm) / _gradients(given[inner])
            reported = f"{flicker:.2f}x flicker, {kept:.3f}x gradients"
            row(f"{clip}, {name}", f"{after / before:.2f}x", reported)
    lamps.main(folder)
