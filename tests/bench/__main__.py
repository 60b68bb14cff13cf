"""``make bench``: every figure the project states, measured anew as a ratio within one run.

Name benchmarks to run only those: ``python -m tests.bench cost memory``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import (
    again,
    align,
    analyse,
    captions,
    cost,
    drawing,
    gpu,
    hdr,
    kernels,
    large,
    memory,
    motion,
    nested,
    outputs,
    retiming,
    shots,
    start,
    stencils,
)
from tests.bench.measure import MEDIA


def _kernels(folder: Path) -> None:
    clip = MEDIA / "video" / "talk.mp4"
    kernels.main(str(clip) if clip.exists() else None)


def _align(folder: Path) -> None:
    # The two that the project states; `python -m tests.bench.align` runs all thirteen, for long.
    align.main(folder, conditions=("all", "speeds"))


BENCHMARKS: dict[str, Callable[[Path], None]] = {
    "start": start.main,
    "large": large.main,
    "kernels": _kernels,
    "drawing": drawing.main,
    "captions": captions.main,
    "stencils": stencils.main,
    "gpu": gpu.main,
    "hdr": hdr.main,
    "cost": cost.main,
    "again": again.main,
    "motion": motion.main,
    "retiming": retiming.main,
    "outputs": outputs.main,
    "memory": memory.main,
    "nested": nested.main,
    "analyse": analyse.main,
    "shots": shots.main,
    "align": _align,
}


def main(names: list[str]) -> None:
    unknown = [n for n in names if n not in BENCHMARKS]
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    for name in names or BENCHMARKS:
        with tempfile.TemporaryDirectory(prefix="vedc-bench-") as folder:
            BENCHMARKS[name](Path(folder))
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
