"""``make bench``: every figure the project states, measured again as a ratio within one run.

Name benchmarks to run only those: ``python -m tests.bench cost memory``. The benchmark of colour
takes ``--clips DIR`` and ``--looks DIR``; see ``tests/bench/colour``. Those of effects and reframe
take ``--clips``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.bench import (
    again,
    align,
    analyse,
    batch,
    captions,
    cluster,
    colour,
    copy,
    cost,
    denoise,
    drawing,
    edits,
    effects,
    effects_fit,
    farm,
    gpu,
    hdr,
    kernels,
    large,
    learn,
    memory,
    motion,
    nested,
    networks,
    outputs,
    preview,
    reframe,
    retiming,
    shots,
    speech,
    start,
    stencils,
    store,
    style,
    transitions,
    views,
    words,
    workers,
)
from tests.bench.measure import MEDIA


def _kernels(folder: Path) -> None:
    clip = MEDIA / "video" / "talk.mp4"
    kernels.main(str(clip) if clip.exists() else None)


def _align(folder: Path) -> None:
    # The two that the project states; `python -m tests.bench.align` runs all thirteen, for long.
    align.main(folder, conditions=("all", "speeds"))


def _effects(folder: Path, clips: Path | None = None) -> None:
    effects.main(folder)
    effects_fit.main(folder, clips)


BENCHMARKS: dict[str, Callable[[Path], None]] = {
    "start": start.main,
    "large": large.main,
    "kernels": _kernels,
    "drawing": drawing.main,
    "captions": captions.main,
    "speech": speech.main,
    "stencils": stencils.main,
    "effects": _effects,
    "gpu": gpu.main,
    "hdr": hdr.main,
    "views": views.main,
    "words": words.main,
    "cost": cost.main,
    "edits": edits.main,
    "again": again.main,
    "batch": batch.main,
    "motion": motion.main,
    "networks": networks.main,
    "denoise": denoise.main,
    "retiming": retiming.main,
    "outputs": outputs.main,
    "copy": copy.main,
    "memory": memory.main,
    "workers": workers.main,
    "cluster": cluster.main,
    "farm": farm.main,
    "store": store.main,
    "nested": nested.main,
    "preview": preview.main,
    "analyse": analyse.main,
    "shots": shots.main,
    "align": _align,
    "learn": learn.main,
    "reframe": reframe.main,
    "colour": colour.main,
    "style": style.main,
    "transitions": transitions.main,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--clips", type=Path, help="footage for colour, effects, reframe and style")
    parser.add_argument("--looks", type=Path, help=".cube files for colour")
    parser.add_argument("--paintings", type=Path, help="paintings for style")
    given = parser.parse_args()
    unknown = [n for n in given.names if n not in BENCHMARKS]
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    BENCHMARKS["reframe"] = partial(reframe.main, clips=given.clips)
    BENCHMARKS["effects"] = partial(_effects, clips=given.clips)
    BENCHMARKS["colour"] = partial(colour.main, clips=given.clips, looks=given.looks)
    BENCHMARKS["style"] = partial(style.main, clips=given.clips, paintings=given.paintings)
    for name in given.names or BENCHMARKS:
        with tempfile.TemporaryDirectory(prefix="vedc-bench-") as folder:
            BENCHMARKS[name](Path(folder))
        print()


if __name__ == "__main__":
    main()
