"""The cost of a look as a chain, as a table, and in FFmpeg's ``lut3d``: CPU time per frame.

One look is written twice, as a .clf of a matrix, powers, a table of 17 points and a range, and as a
.cube of 33 points, which FFmpeg reads too. The frame is 720p of noise in R, G, B, computed on one
thread by each way in turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import av
import av.filter
import numpy as np
import PyOpenColorIO as ocio

from tests import look_files
from tests.bench.measure import row
from tests.looks_support import kernel_of, params_of, picture_of
from tests.parity.llvm.llvm_support import Picture, blank
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.tables import prepare_table
from vedc.color import FORMATS

WIDTH, HEIGHT, POINTS, TIMES = 1280, 720, 33, 15


def main(folder: Path) -> None:
    chain = [
        ocio.MatrixTransform([0.9, 0.1, 0, 0, 0, 1, 0, 0, 0.1, 0, 0.9, 0, 0, 0, 0, 1]),
        look_files.CURVE,
        look_files.lattice(17),
        ocio.RangeTransform(0.0, 1.0, 0.02, 0.95),
    ]
    clf, cube = folder / "look.clf", folder / "look.cube"
    clf.write_text(look_files.clf(*chain))
    cube.write_text(_cube(ocio.GroupTransform(chain)))
    noise = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    ways = {
        "clf": _kernel(clf, noise),
        "cube": _kernel(cube, noise),
        "ffmpeg": _filter(cube, noise),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TIMES):
        for name, draw in ways.items():
            begin = time.process_time()
            draw()
            took[name].append(time.process_time() - begin)
    each = {name: median(times) for name, times in took.items()}
    row("a .clf chain, of the same look as .cube", f"{each['clf'] / each['cube']:.2f}")
    row("a .clf chain, of FFmpeg's lut3d", f"{each['clf'] / each['ffmpeg']:.2f}")
    row("a .cube, of FFmpeg's lut3d", f"{each['cube'] / each['ffmpeg']:.2f}")


def _cube(look: Any) -> str:
    axis = np.linspace(0.0, 1.0, POINTS)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    points = np.stack([red, green, blue], -1).reshape(-1, 3)
    rows = (f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in look_files.values(look, points))
    return "\n".join((f"LUT_3D_SIZE {POINTS}", *rows, ""))


def _kernel(path: Path, noise: Any) -> Callable[[], None]:
    kernel, tables = kernel_of(path, (WIDTH, HEIGHT))
    code = compile_program(kernel.program)
    planes = picture_of(noise).planes
    source = Picture(planes, WIDTH, HEIGHT).image()
    out = blank(FORMATS["gbrp"], WIDTH, HEIGHT)
    held = [
        prepare_table(shape, values.tobytes())
        for shape, values in zip(kernel.program.tables, tables, strict=True)
    ]
    addresses, params = [table.address for table in held], params_of(kernel)

    def draw() -> None:
        code([source], params, addresses, out.image())
        assert held

    return draw


def _filter(path: Path, noise: Any) -> Callable[[], None]:
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_buffer(width=WIDTH, height=HEIGHT, format="gbrp", time_base="1/25")
    table = graph.add("lut3d", f"file={path}:interp=tetrahedral")
    sink = graph.add("buffersink")
    source.link_to(table)
    table.link_to(sink)
    graph.configure()
    frame = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format="gbrp")

    def draw() -> None:
        graph.push(frame)
        graph.pull()

    return draw
