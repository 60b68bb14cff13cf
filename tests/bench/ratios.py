"""How the CPU kernels' times relate to each other and to NumPy's, at 1080p, 4:2:0 to 4:2:0.

Each ratio is the median of pairs measured in turn within one run, so that a machine that
drifts hits both sides.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.bench.measure import row
from tests.parity.llvm.llvm_chains import M, Step, cdl, exposure, power, saturation, vignette
from tests.parity.llvm.llvm_chains import program as program_of
from vedc import ops
from vedc.codegen.image import Image, of_frame
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.memo import MemoTable
from vedc.codegen.tables import prepare_table
from vedc.color import FORMATS, Color
from vedc.expr.affine import compose
from vedc.expr.array_ops import FUNCTIONS
from vedc.expr.math import Lut, Pixel, Vec3
from vedc.expr.nodes import Expr, load, node, param
from vedc.expr.program import Leaf, Program, Table
from vedc.expr.rules import simplify
from vedc.ops.shared import color_conversion

FMT, RGBA, COLOR = FORMATS["yuv420p"], FORMATS["rgba"], Color()
WIDTH, HEIGHT = 1920, 1080
PAIRS = 15

Call = Callable[[], object]


def contrast(rgb: Vec3) -> Vec3:
    light = color_conversion.linearize(M, rgb, COLOR.transfer)
    bent: Vec3 = ops.get("contrast").body(M, light, amount=1.1, pivot=0.18)
    return color_conversion.delinearize(M, bent, COLOR.transfer)


def wheels(rgb: Vec3) -> Vec3:
    graded: Vec3 = ops.get("lift_gamma_gain").body(
        M,
        rgb,
        lift=M.color((0.01, 0.0, -0.01)),
        gamma=M.color((1.05, 1.0, 0.95)),
        gain=M.color((0.98, 1.0, 1.02)),
    )
    return graded


def fade(rgb: Vec3) -> Vec3:
    """Affine, as brightness and balance are."""
    return rgb * Vec3(M.number(0.97), M.number(1.01), M.number(0.99)) + 0.003


#: Eight grades, in NumPy one by one and in one kernel.
EIGHT: Sequence[Step] = (
    exposure, contrast, wheels, cdl, saturation, fade, power, vignette(WIDTH, HEIGHT)
)  # fmt: skip


def program(*steps: Step) -> Program:
    rgb = color_conversion.decode(M, 0, FMT, COLOR).rgb
    for step in steps:
        rgb = step(rgb)
    roots = simplify(compose(simplify(color_conversion.encode(M, rgb, FMT, COLOR))))
    return Program((Leaf(FMT),), (), (), FMT, tuple(roots), 0)


def tabled(count: int) -> Program:
    """The compiled form of a long per-channel chain: tables of 4096 points, one after the other."""
    rgb = color_conversion.decode(M, 0, FMT, COLOR).rgb
    for k in range(count):
        rgb = M.lookup(Lut(k, 1, 4096, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)), rgb)
    roots = simplify(compose(simplify(color_conversion.encode(M, rgb, FMT, COLOR))))
    return Program((Leaf(FMT),), (Table(1, 4096),) * count, (), FMT, tuple(roots), 0)


def dissolve(grade: Sequence[Step], *, memo: bool, layers: int) -> Program:
    """Graded layers dissolved under a title, or one graded layer alone."""
    pixels, held = [], []
    for leaf in range(layers):
        rgb = color_conversion.decode(M, leaf, FMT, COLOR).rgb
        for step in grade:
            rgb = step(rgb)
        if memo:
            held.append(rgb)
            rgb = Vec3(*(node("memo", attr=(leaf, k)) for k in range(3)))
        pixels.append(Pixel(rgb, M.number(1.0)))
    leaves = [Leaf(FMT) for _ in range(layers)]
    shown = pixels[0]
    if layers > 1:
        mixed = ops.get("dissolve").body(M, pixels[0], pixels[1], param(0))
        title = color_conversion.decode_rgba(M, layers)
        shown = ops.get("normal").body(M, mixed, title)
        leaves.append(Leaf(RGBA, covers=False))
    roots = color_conversion.encode(M, shown.rgb, FMT, COLOR)
    return program_of(leaves, (), held, FMT, roots, True, layers - 1)


#: Opcodes as one writes them in NumPy, without the care for NaN that kernels take.
PLAIN: dict[str, Callable[..., Any]] = {
    **FUNCTIONS,
    "min": np.minimum,
    "max": np.maximum,
    "pow": lambda x, y: np.power(np.maximum(x, np.float32(0)), y),
}


def evaluate(wanted: Sequence[Expr], known: dict[Expr, Any]) -> None:
    """Add the values of expressions to those known; those above the known ones only."""
    for e in wanted:
        if e not in known:
            evaluate(e.args, known)
            known[e] = (
                np.float32(e.value) if e.op == "const" else PLAIN[e.op](*(known[a] for a in e.args))
            )


def numpy_frame(planes: Sequence[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    """``EIGHT`` in float32 NumPy, op by op: each arithmetic step passes over the picture."""
    chroma = [p.repeat(2, 0).repeat(2, 1) for p in planes[1:]]
    done: dict[Expr, Any] = {
        load(0, k): plane.astype(np.float32) for k, plane in enumerate((planes[0], *chroma))
    }
    place = {
        node("x"): np.arange(0.5, WIDTH, dtype=np.float32)[np.newaxis],
        node("y"): np.arange(0.5, HEIGHT, dtype=np.float32)[:, np.newaxis],
    }
    rgb = color_conversion.decode(M, 0, FMT, COLOR).rgb
    for step in (lambda rgb: rgb, *EIGHT, None):
        known = done | place
        wanted = step(rgb).channels if step else color_conversion.encode(M, rgb, FMT, COLOR)
        evaluate(wanted, known)
        done = {e: known[e] for e in wanted}
        rgb = Vec3(*wanted)
    y, cb, cr = done.values()
    small = [p.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean((1, 3)) for p in (cb, cr)]
    return [np.floor(np.clip(p, 0, 255) + 0.5).astype(np.uint8) for p in (y, *small)]


class Bench:
    """Frames, and calls that compute one."""

    def __init__(self, frames: Sequence[Image]) -> None:
        self.frames = frames
        self.out = of_frame(av.VideoFrame(WIDTH, HEIGHT, FMT.name))
        self.turn = 0
        curve = np.linspace(0.0, 1.0, 4096, dtype=np.float32)[:, np.newaxis] ** (1.1, 1.0, 0.9)
        self.table = prepare_table(Table(1, 4096), curve.astype(np.float32).tobytes())
        title = np.zeros((HEIGHT // 4, WIDTH * 2 // 3, 4), np.uint8)
        title[40:-40, 60:-60] = 200
        place = WIDTH // 6, HEIGHT * 2 // 3
        self.title = Image(
            ((title.ctypes.data, title.strides[0]),), *title.shape[1::-1], *place, owner=title
        )

    def call(self, program: Program, rows: tuple[int, int] | None = None) -> Call:
        """A kernel on the next frames, warmed up."""
        kernel = compile_program(program)
        memos = [MemoTable() for _ in program.memos]
        tables = [self.table.address for _ in program.tables]
        videos = sum(leaf.covers for leaf in program.leaves)

        def run() -> None:
            self.turn += 1
            leaves = [self.frames[(self.turn + k) % len(self.frames)] for k in range(videos)]
            leaves += [self.title] * (len(program.leaves) - videos)
            kernel(leaves, [0.4] * program.params, tables, self.out, memos, rows)

        for _ in range(len(self.frames)):
            run()
        return run


def ratio(first: Call, second: Call, clock: Callable[[], float] = time.thread_time) -> float:
    """How many times as long the first takes as the second."""
    found = []
    for _ in range(PAIRS):
        times = []
        for call in (first, second):
            start = clock()
            call()
            times.append(clock() - start)
        found.append(times[0] / times[1])
    return statistics.median(found)


def seconds(call: Call) -> float:
    start = time.thread_time()
    call()
    return time.thread_time() - start


def counting() -> None:
    total = 0
    for k in range(10_000_000):
        total += k


def powers(count: int) -> Sequence[Step]:
    """Different powers, each with its own offset: nothing merges them."""

    def step(k: int) -> Step:
        return lambda rgb: rgb.map(lambda x: M.pow(M.max(x, 0.0), 0.8 + 0.03 * k) + 0.001 * k)

    return [step(k) for k in range(count)]


def affine(count: int) -> Sequence[Step]:
    """Fades and saturations by turns."""
    return [(fade, saturation)[k % 2] for k in range(count)]


def main(frames: Sequence[Image], planes: Sequence[np.ndarray[Any, Any]]) -> None:
    """Print the table: measurements and their limits."""
    b = Bench(frames)
    eight = b.call(program(*EIGHT))
    start = time.thread_time()
    numpy_frame(planes)
    slow = time.thread_time() - start
    fast = statistics.median(seconds(eight) for _ in range(PAIRS))
    row("NumPy in float32 over one kernel, 8 ops", f"{slow / fast:.1f}x", ">= 15x")

    one = b.call(program(*affine(1)))
    row(
        "16 composable ops over one", f"{ratio(b.call(program(*affine(16))), one):.2f}x", "<= 1.15x"
    )
    one = b.call(program(*powers(1)))
    for count in (9, 16):
        many = b.call(program(*powers(count)))
        row(f"{count} different powers a channel over one", f"{ratio(many, one):.2f}x")
    many = b.call(tabled(1))
    row("a table a channel over one power", f"{ratio(many, one):.2f}x", "<= 2x")

    for name, grade in (("3 ops", (cdl, saturation, fade)), ("8 ops", EIGHT[:-1])):
        for memo in (False, True):
            one, both = (b.call(dissolve(grade, memo=memo, layers=layers)) for layers in (1, 2))
            kind = f"{name}, memo" if memo else name
            row(
                f"two graded layers and a title over one ({kind})",
                f"{ratio(both, one):.2f}x",
                "<= 1.6x",
            )

    half = HEIGHT // 4
    upper, lower = (b.call(program(*EIGHT), r) for r in ((0, half), (half, HEIGHT // 2)))
    with ThreadPoolExecutor(2) as threads:

        def split() -> None:
            for done in [threads.submit(part) for part in (upper, lower)]:
                done.result()

        def both() -> None:
            for done in [threads.submit(call) for call in (eight, eight)]:
                done.result()

        gain = ratio(eight, split, time.perf_counter)
        limit = 2 * ratio(eight, both, time.perf_counter)
    work = ratio(lambda: (upper(), lower()), eight)
    row("one thread over two, by the clock", f"{gain:.2f}x", ">= 1.8x")
    row("two frames one by one over both at once: the limit", f"{limit:.2f}x")
    row("processor time of two halves over the whole", f"{work:.2f}x")

    sixteen = program(*EIGHT, *EIGHT)
    compiling = statistics.median(seconds(lambda: compile_program(sixteen)) for _ in range(5))
    counted = statistics.median(seconds(counting) for _ in range(3))
    row("compiling 16 ops over counting to ten million", f"{compiling / counted:.2f}x", "<= 2x")
    with tempfile.TemporaryDirectory(prefix="vedc-bench-") as folder:
        compile_program(sixteen, Path(folder))
        loading = [seconds(lambda: compile_program(sixteen, Path(folder))) for _ in range(5)]
    row("loading it from the disk cache", f"{statistics.median(loading) * 1e3:.1f} ms", "<= 50 ms")
