"""How long a frame takes in the CPU kernels: ``python -m tests.bench.kernels [clip]``.

Frames are decoded from the clip and scaled to 720p and 1080p; without a clip they are
noise, the hardest case for a memo. Prints, for each chain, milliseconds of processor time a
frame, the ratio to the bare matrix and back of the same frame, and the time to compile; then
the ratios that are asked of the kernels (``ratios``).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import av
import numpy as np

from tests.bench import ratios
from tests.parity.llvm.llvm_chains import (
    CUBE,
    Chain,
    cdl,
    exposure,
    look,
    lut,
    power,
    saturation,
    vignette,
    whole,
)
from vedc.codegen.image import Image, of_frame
from vedc.codegen.llvm.compile import CompiledKernel, compile_program
from vedc.codegen.llvm.host import host
from vedc.codegen.llvm.memo import MemoTable
from vedc.codegen.tables import prepare_table
from vedc.color import FORMATS

FMT = FORMATS["yuv420p"]
WARM_UP, MEASURED = 30, 10


def frames(path: str | None, width: int, height: int) -> list[Image]:
    """The clip's first frames at a size."""
    count = WARM_UP + MEASURED
    if path is None:
        rng = np.random.default_rng(0)
        shape = (height * 3 // 2, width)
        return [
            of_frame(av.VideoFrame.from_ndarray(noise, format="yuv420p"))
            for noise in (rng.integers(0, 256, shape, np.uint8) for _ in range(count))
        ]
    found = []
    with av.open(path) as container:
        for frame in container.decode(video=0):
            found.append(of_frame(frame.reformat(width, height, format="yuv420p")))
            if len(found) == count:
                return found
    raise SystemExit(f"{path} has fewer than {count} frames")


def seconds(call: Callable[[Image], None], images: list[Image]) -> list[float]:
    """The processor time of each frame."""
    times = []
    for image in images:
        start = time.thread_time()
        call(image)
        times.append(time.thread_time() - start)
    return times


def main(path: str | None) -> None:
    table = prepare_table(CUBE, look().tobytes())
    print(f"{host().cpu}, {host().lanes} lanes, one thread; milliseconds a frame")
    for width, height in ((1280, 720), (1920, 1080)):
        images = frames(path, width, height)
        out = of_frame(av.VideoFrame(width, height, "yuv420p"))
        chains = {
            "matrix and back": Chain((lambda rgb: rgb.map(lambda x: abs(x)),)),
            "one power a channel": Chain((power,)),
            "three powers a channel": Chain((power, power, power)),
            "exposure in light": Chain((exposure,)),
            "cdl": Chain((cdl,)),
            "33-point cube": Chain((lut,)),
            "saturation, vignette": Chain((saturation, vignette(width, height))),
            "whole chain": whole(width, height),
            "whole chain, memo": whole(width, height, memo=True),
        }
        base = 0.0
        for name, chain in chains.items():
            program = chain.program(FMT, FMT)
            start = time.thread_time()
            kernel = compile_program(program)
            compiling = time.thread_time() - start
            memos = [MemoTable() for _ in program.memos]
            tables = [table.address for _ in program.tables]

            def call(image: Image, kernel: CompiledKernel = kernel) -> None:
                kernel([image], (), tables, out, memos)  # noqa: B023 - called before they change

            times = seconds(call, images)
            steady = sorted(times[WARM_UP:])[MEASURED // 2] * 1e3
            base = base or steady
            first = f", first frame {times[0] * 1e3:.2f}" if memos else ""
            print(
                f"{width}x{height}  {name:24s} {steady:6.2f}  {steady / base:5.1f}x  "
                f"compiled in {compiling * 1e3:.0f} ms{first}"
            )
    picture = images[0].owner
    assert isinstance(picture, av.VideoFrame)
    ratios.main(images[:8], planes(picture))


def planes(frame: av.VideoFrame) -> list[np.ndarray[Any, Any]]:
    """A frame's samples as arrays."""
    return [
        np.frombuffer(p, np.uint8).reshape(p.height, p.line_size)[:, : p.width].copy()
        for p in frame.planes
    ]


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
