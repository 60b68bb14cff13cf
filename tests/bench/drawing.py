"""The executor's time for a frame of real edits, at 1080p, 4:2:0 to 4:2:0.

Each edit is a spec that goes through every layer down to the kernels. Only decoding and encoding
are left out: frames of a clip stand in, or noise where none is at hand. Times are CPU
times of the whole process, so every thread's work counts; one thread draws.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.bench.measure import MEDIA, row
from tests.parity.ops.films import BT709, build, smooth, write_source
from vedc.codegen.image import Image, of_frame
from vedc.execute.devices.cpu import CpuExecutor
from vedc.ir.lower.film import lower, pieces
from vedc.media.digest import file_digest
from vedc.ops.shared.cube import Cube, read
from vedc.passes import optimise
from vedc.plan.executable import ComputedPiece, VideoSource
from vedc.plan.fusion.fuse import fuse

WIDTH, HEIGHT = 1920, 1080
FRAMES, WARM_UP, TIMES = 6, 8, 15
#: A frame in the middle of what all the edits here show.
AT = 12

Spec = dict[str, Any]


@cache
def pictures(pix_fmt: str) -> list[Image]:
    """Frames of a clip, or of noise."""
    clip = MEDIA / "video" / "talk.mp4"
    if not clip.exists():
        rng = np.random.default_rng(0)
        noise = [rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8) for _ in range(FRAMES)]
        frames = [av.VideoFrame.from_ndarray(n, format="rgb24") for n in noise]
        return [of_frame(frame.reformat(format=pix_fmt)) for frame in frames]
    found = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            found.append(of_frame(frame.reformat(WIDTH, HEIGHT, format=pix_fmt)))
            if len(found) == FRAMES:
                break
    return found


class Drawn:
    """An edit's piece, compiled, with pictures to draw it of; a call draws its next frame."""

    def __init__(self, folder: Path, spec: Spec) -> None:
        files: dict[str, str] = {}

        def digest(path: str) -> str:
            name = file_digest(Path(path), None)
            files[name] = path
            return name

        edit = build(folder, {"profile": PROFILE, "outputs": [OUTPUT]} | spec).edits()[0]
        span = next(s for s in pieces(edit) if s.start <= AT < s.end)
        graph = optimise(lower(edit, span, digest))
        tables: dict[str, Cube] = {}

        def table(name: str) -> Cube:
            return tables.setdefault(name, read(Path(files[name])))

        piece = fuse(graph, table)
        assert isinstance(piece, ComputedPiece), "this edit leaves the picture as it is"
        self.executor = CpuExecutor(files, tables, None, threads=1)
        self.piece, self.length, self.turn = piece, span.length, 0
        self.out = of_frame(av.VideoFrame(WIDTH, HEIGHT, edit.output.pix_fmt))
        self.decoded = [
            pictures(fetch.source.format) if isinstance(fetch.source, VideoSource) else None
            for fetch in piece.fetches
        ]
        for _ in range(WARM_UP):
            self()

    def __call__(self) -> None:
        self.turn += 1
        found = [
            frames and frames[(self.turn + 3 * k) % len(frames)]
            for k, frames in enumerate(self.decoded)
        ]
        self.executor.compute(self.piece, self.turn % self.length, found, self.out)

    def close(self) -> None:
        self.executor.close()


def ratio(first: Drawn, second: Drawn) -> float:
    """How many times as long the first takes: the median of pairs measured in turn."""
    found = []
    for _ in range(TIMES):
        times = []
        for call in (first, second):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
        found.append(times[0] / times[1])
    return statistics.median(found)


PROFILE = {"width": WIDTH, "height": HEIGHT, "fps": 25}
OUTPUT = {"path": "film.mp4", "dither": "none"}
TITLE = {"text": "Two pictures", "size": 160, "position": "bottom", "duration": "1s"}


def one(name: str, effects: list[Spec], **item: Any) -> Spec:
    """A clip with effects."""
    clip = {"clip": name, "duration": "1s", "effects": effects, **item}
    return {"timeline": {"tracks": [{"clips": [clip]}]}}


def two(transition: Spec, grade: list[Spec], title: bool = False) -> Spec:
    """Two clips, both graded, that turn into each other for a second."""
    clips: list[Spec] = [
        {"clip": name, "in": "1s", "duration": "1s", "grade": grade} for name in ("a.mkv", "b.mkv")
    ]
    clips.insert(1, {"transition": transition, "duration": "1s"})
    tracks = [{"clips": clips}]
    if title:
        tracks.append({"clips": [TITLE]})
    return {"timeline": {"tracks": tracks}}


def powers(count: int) -> list[Spec]:
    """Grades that bend each channel in its own way, which nothing composes."""

    def grade(k: int) -> Spec:
        a, b, c = (round(1 + 0.02 * ((k + i) % 5 - 2) + 0.003 * k, 4) for i in range(3))
        match k % 3:
            case 0:
                return {"op": "lift_gamma_gain", "lift": [0.004 * a, 0, -0.002],
                        "gamma": [a, b, c], "gain": [c, a, b]}  # fmt: skip
            case 1:
                return {"op": "cdl", "slope": [a, b, c], "offset": 0.002, "power": [b, c, a]}
            case _:
                return {"op": "gamma", "amount": [c, a, b]}

    return [grade(k) for k in range(count)]


GRADE = [
    {"op": "exposure", "stops": 0.3},
    {"op": "contrast", "amount": 1.1},
    *powers(2),
    {"op": "saturation", "amount": 1.1},
]

SPATIAL: dict[str, Spec] = {
    "transform, moved by parts of a pixel": one(
        "a.mkv", [{"op": "transform", "position": [3.3, 2.7]}]
    ),
    "transform, turned": one("a.mkv", [{"op": "transform", "rotation": 3}]),
    "transform, at 0.6 of its size": one("a.mkv", [{"op": "transform", "scale": [0.6, 0.6]}]),
    "gaussian_blur": one("a.mkv", [{"op": "gaussian_blur", "radius": 8}]),
    "halo": one("a.mkv", [{"op": "halo"}]),
    "chromatic_aberration": one("a.mkv", [{"op": "chromatic_aberration"}]),
    "slide": two({"name": "slide"}, []),
}


def sources(folder: Path) -> None:
    """Clips for the specs to name; the drawn frames come from :func:`pictures`."""
    for name, pix_fmt in (("a", "yuv420p"), ("b", "yuv420p"), ("ten", "yuv420p10le")):
        write_source(
            folder / f"{name}.mkv", smooth, pix_fmt, BT709, frames=56, width=WIDTH, height=HEIGHT
        )


def main(folder: Path) -> None:
    print("drawing frames of edits, 1080p, one thread: processor time, as ratios")
    sources(folder)

    def compared(name: str, first: Spec, second: Spec, asked: str = "") -> None:
        a, b = Drawn(folder, first), Drawn(folder, second)
        row(name, f"{ratio(a, b):.2f}x", asked)
        a.close()
        b.close()

    for kind, clip in (("8 bits, remembered", "a.mkv"), ("10 bits", "ten.mkv")):
        compared(
            f"16 power-like grades over one ({kind})",
            one(clip, powers(16)),
            one(clip, powers(1)),
            "<= 2x",
        )
    for kind, grade in (("3 grades", powers(3)), ("5 grades", GRADE)):
        compared(
            f"dissolve of two graded clips and a title over one ({kind})",
            two({"name": "dissolve"}, grade, title=True),
            one("a.mkv", grade),
            "<= 1.6x",
        )
    plain = one("a.mkv", [{"op": "brightness", "amount": 0.01}])
    for name, spec in SPATIAL.items():
        compared(f"{name} over a plain kernel", spec, plain)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="vedc-bench-") as temporary:
        main(Path(temporary))
