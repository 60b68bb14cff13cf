"""The time of a frame in the GPU kernels: ``python -m tests.bench.gpu``, where there is a GPU.

4K frames, 8-bit 4:2:0, from one ring of buffers to another. The rings are larger than the
cache between memory and the cores, so every frame comes from memory and goes there. Each
figure is a ratio within one run: to a copy of the same bytes, to another kernel, to the same
formulas in torch on the same tensors, whose frames are compared first. Only GPU time counts:
it sleeps while Python fills its queue.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.measure import row
from tests.parity.llvm.llvm_chains import COLOR, M, cdl, exposure
from vedc import ops
from vedc.color import FORMATS
from vedc.expr.affine import compose
from vedc.expr.math import Vec3
from vedc.expr.nodes import Expr, load, param, walk
from vedc.expr.program import Leaf, Program
from vedc.expr.rules import simplify
from vedc.expr.uniforms import evaluator, hoist
from vedc.ops.shared import color_conversion

if TYPE_CHECKING:
    import torch

    from vedc.codegen.triton.compile import Launch, TritonKernel

FMT = FORMATS["yuv420p"]
WIDTH, HEIGHT = 3840, 2160
FRAMES = 32  # 400 MB in, 400 MB out
BATCH = 8
ROUNDS = 15
#: Frames that eager torch is timed on: each of its many steps fills the cache by itself.
EAGER_ROUNDS = 3

Step = Callable[[Vec3], Vec3]


@dataclass(frozen=True)
class Grade:
    """A grade before anything is simplified, and the values of its parameters."""

    roots: tuple[Expr, ...]
    values: tuple[float, ...] = ()

    def program(self) -> tuple[Program, list[float]]:
        """As fusion makes it: simplified, composed, uniform values computed on the host."""
        exprs, uniforms = hoist(simplify(compose(simplify(self.roots))))
        program = Program((Leaf(FMT),), (), (), FMT, tuple(exprs), len(uniforms))
        return program, evaluator(tuple(uniforms))(self.values)


def graded(steps: Sequence[Step], values: Sequence[float] = ()) -> Grade:
    rgb = color_conversion.decode(M, 0, FMT, COLOR).rgb
    for step in steps:
        rgb = step(rgb)
    return Grade(tuple(color_conversion.encode(M, rgb, FMT, COLOR)), tuple(values))


def composable(count: int) -> Grade:
    """Saturation and gains of the channels in turn, each with a parameter that may move."""

    def step(index: int) -> Step:
        amount = param(index)

        def saturate(rgb: Vec3) -> Vec3:
            changed: Vec3 = ops.get("saturation").body(M, rgb, amount=amount)
            return changed

        def gain(rgb: Vec3) -> Vec3:
            return Vec3(rgb.r * amount, rgb.g, rgb.b / amount)

        return gain if index % 2 else saturate

    return graded([step(k) for k in range(count)], [1.1 - 0.03 * k for k in range(count)])


# ---------------------------------------------------------------- the same in torch

_TORCH = {
    "add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}",
    "fma": "{} * {} + {}", "neg": "-{}", "abs": "abs({})", "sqrt": "torch.sqrt({})",
    "floor": "torch.floor({})", "exp2": "torch.exp2({})", "log2": "torch.log2({})",
    "min": "torch.minimum({}, {})", "max": "torch.maximum({}, {})",
    "lt": "{} < {}", "le": "{} <= {}", "select": "torch.where({}, {}, {})",
}  # fmt: skip


#: Which end of ``clamp`` does the work of an opcode with a constant on the right.
_BOUNDS = {"min": "max", "max": "min"}


def in_torch(grade: Grade) -> Callable[..., tuple[torch.Tensor, ...]]:
    """A function of the planes' batches: one torch operation for each node as the op's author
    wrote it, subsampled planes repeated and averaged."""
    import torch

    names: dict[Expr, str] = {}
    lines = []
    for number, e in enumerate(walk(grade.roots)):
        args = [names[a] for a in e.args]
        names[e] = f"v{number}"
        if e.uniform:
            names[e] = f"({evaluator((e,))(grade.values)[0]!r})"
            continue
        if e.op == "load":
            assert isinstance(e.attr, tuple)
            text = f"planes[{e.attr[1]}].float()"
            if e.attr[1]:
                text += ".repeat_interleave(2, -1).repeat_interleave(2, -2)"
        elif e.op in _BOUNDS and e.args[1].uniform:
            text = f"{args[0]}.clamp({_BOUNDS[e.op]}={args[1]})"
        elif e.op == "pow":
            text = f"({args[0]}).clamp(min=0.0) ** {args[1]}"
        else:
            text = _TORCH[e.op].format(*args)
        lines.append(f"    {names[e]} = {text}\n")
    results = []
    for channel, root in enumerate(grade.roots):
        mean = f"torch.nn.functional.avg_pool2d({names[root]}, 2)" if channel else names[root]
        results.append(f"({mean}.clamp(0.0, 255.0) + 0.5).to(torch.uint8)")
    source = f"def run(*planes):\n{''.join(lines)}    return {', '.join(results)}\n"
    scope: dict[str, object] = {"torch": torch}
    exec(compile(source, "<torch>", "exec"), scope)
    run: Callable[..., tuple[torch.Tensor, ...]] = scope["run"]  # type: ignore[assignment]
    return run


# ---------------------------------------------------------------- frames


class Ring:
    """Frames on a device: a tensor (frames, rows, columns) for each plane."""

    def __init__(self, device: str, frames: int, width: int, height: int) -> None:
        import torch

        torch.manual_seed(0)
        self.width, self.height, self.frames = width, height, frames
        sizes = [FMT.plane_size(p, width, height)[::-1] for p in range(3)]
        self.planes = [
            torch.randint(0, 256, (frames, *size), dtype=torch.uint8, device=device)
            for size in sizes
        ]

    def batch(self, first: int, count: int = BATCH) -> list[torch.Tensor]:
        return [plane[first : first + count] for plane in self.planes]

    @property
    def bytes(self) -> int:
        return sum(plane.nbytes for plane in self.planes)


def launches(
    ring: Ring, out: Ring, values: Sequence[float], batch: int = BATCH
) -> list[list[Launch]]:
    from vedc.codegen.image import Image
    from vedc.codegen.triton.compile import Launch

    def image(of: Ring, frame: int) -> Image:
        planes = tuple((p[frame].data_ptr(), p.stride(1)) for p in of.planes)
        return Image(planes, of.width, of.height, owner=of)

    frames = [Launch([image(ring, k)], values, (), image(out, k)) for k in range(ring.frames)]
    return [frames[k : k + batch] for k in range(0, ring.frames, batch)]


def gpu_milliseconds(round_: Callable[[], None], rounds: int = ROUNDS) -> float:
    """The median time of one round over the ring on the GPU."""
    import torch

    for _ in range(3):
        round_()
    torch.cuda.synchronize()
    times = []
    for _ in range(rounds):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda._sleep(20_000_000)  # some ten milliseconds: Python fills the queue meanwhile
        start.record()
        round_()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end))
    return statistics.median(times)


def worst_difference(got: Sequence[torch.Tensor], want: Sequence[torch.Tensor]) -> int:
    return max(int((g.int() - w.int()).abs().max()) for g, w in zip(got, want, strict=True))


def main(folder: Path) -> None:
    """Print the table; ``folder`` keeps sources and tuned choices."""
    try:
        import torch
    except ImportError:
        print("GPU kernels: not measured, torch is not installed")
        return
    if not torch.cuda.is_available():
        print("GPU kernels: not measured, there is no CUDA device")
        return
    from vedc.codegen.triton.compile import compile_program

    chip = torch.cuda.get_device_properties(0)
    ring, out = (Ring("cuda", FRAMES, WIDTH, HEIGHT) for _ in range(2))
    assert ring.bytes > 2 * chip.L2_cache_size, "frames would come from the cache"
    print(
        f"GPU kernels on {chip.name}, {WIDTH}x{HEIGHT} 4:2:0, {BATCH} frames a launch; ring "
        f"{ring.bytes >> 20} MB, L2 {chip.L2_cache_size >> 20} MB"
    )

    def rate(milliseconds: float) -> str:
        return f"{2e-6 * ring.bytes / milliseconds:.0f} GB/s"

    def time_kernel(kernel: TritonKernel, values: Sequence[float]) -> float:
        queue = launches(ring, out, values)

        def round_() -> None:
            for frames in queue:
                kernel(frames)

        return gpu_milliseconds(round_)

    def copy_round() -> None:
        for first in range(0, FRAMES, BATCH):
            for to, plane in zip(out.batch(first), ring.batch(first), strict=True):
                to.copy_(plane)

    straight = Program((Leaf(FMT),), (), (), FMT, tuple(load(0, c) for c in range(3)), 0)
    by_torch = gpu_milliseconds(copy_round)
    by_kernel = time_kernel(compile_program(straight, folder), ())
    copy = min(by_torch, by_kernel)
    row("copy by torch", rate(by_torch))
    row("copy by a kernel of ours", rate(by_kernel))

    took: dict[str, float] = {}
    grades = {
        "1 composable op": composable(1),
        "8 composable ops": composable(8),
        "cdl": graded([cdl]),
        "exposure in light": graded([exposure]),
    }
    for name, grade in grades.items():
        program, values = grade.program()
        start = time.perf_counter()
        kernel = compile_program(program, folder)
        kernel(launches(ring, out, values)[0])
        torch.cuda.synchronize()
        compiled = time.perf_counter() - start
        took[name] = time_kernel(kernel, values)
        asked = "at least 75%" if name == "1 composable op" else ""
        row(f"{name}: bandwidth of the copy", f"{copy / took[name]:.0%}", asked)
        row(f"{name}: milliseconds a frame", f"{took[name] / FRAMES:.4f}")
        row(f"{name}: seconds to compile and tune", f"{compiled:.1f}")
    ratio = took["8 composable ops"] / took["1 composable op"]
    row("8 composable ops to one", f"{ratio:.2f}x", "at most 1.1x")

    for name in ("1 composable op", "cdl"):
        grade = grades[name]
        _compare(name, grade, ring, out, took[name], folder)
    _host_cost(compile_program(composable(8).program()[0], folder), ring, out)


def _compare(name: str, grade: Grade, ring: Ring, out: Ring, took: float, folder: Path) -> None:
    """The same formulas in torch, eager and compiled, on the same tensors."""
    import torch

    from vedc.codegen.triton.compile import compile_program

    program, values = grade.program()
    for frames in launches(ring, out, values):
        compile_program(program, folder)(frames)
    plain = in_torch(grade)
    for kind, function, rounds, asked in (
        ("eager torch", plain, EAGER_ROUNDS, "at least 8x"),
        ("torch.compile", torch.compile(plain, fullgraph=True), ROUNDS, "at least 1.2x"),
    ):
        differ = worst_difference(out.batch(0), function(*ring.batch(0)))
        assert differ <= 1, f"{kind} and the kernel differ by {differ} codes"

        def round_(function: Callable[..., object] = function) -> None:
            for first in range(0, FRAMES, BATCH):
                function(*ring.batch(first))

        times = gpu_milliseconds(round_, rounds) / took
        row(f"{name}: faster than {kind}", f"{times:.1f}x", asked)


def _host_cost(kernel: TritonKernel, ring: Ring, out: Ring) -> None:
    """The Python time of a launch, and that moving values compile nothing."""
    import torch

    count = kernel.program.params
    queues = [launches(ring, out, [1.0 + 0.01 * k] * count) for k in range(5)]
    kernel(queues[0][0])
    torch.cuda.synchronize()
    start = time.perf_counter()
    for queue in queues:
        for frames in queue:
            kernel(frames)
    spent = (time.perf_counter() - start) / (len(queues) * len(queues[0]))
    torch.cuda.synchronize()
    row("Python's share of a launch, microseconds", f"{spent * 1e6:.0f}")
    made = sum(len(c[0]) for c in kernel._entry.device_caches.values())
    again = len(kernel._tuner._known)
    row("variants compiled, classes of shapes tuned", f"{made}, {again}")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(prefix="vedc-bench-") as temporary:
        main(Path(temporary))
