"""Every op as a film would use it: lowered, optimised, fused, drawn by an executor.

The frames of an executor are held to the float64 reference of the same chain, on random and
extreme samples: 8 bit within 1, 10 bit within 2.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.ops_examples import EXAMPLES
from tests.parity.llvm.llvm_support import Picture, blank
from tests.parity.ops import chain_reference
from vedc import ops
from vedc.codegen.reference.run_program import LeafArrays
from vedc.color import FORMATS, PixelFormat
from vedc.edit.values import Keyframe, Keyframes, OpCall, ParamValue
from vedc.execute.devices.executor import Executor, FrameJob
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.ops import OpLowering
from vedc.ir.verify import verify
from vedc.ops.shared.cube import Cube, read
from vedc.passes import optimise
from vedc.plan.executable import ComputedPiece, ExecutablePiece, Fetch, StillSource, VideoSource
from vedc.plan.fusion.fuse import fuse

COLOR = {"primaries": "bt709", "transfer": "bt709"}
FPS = Fraction(25)
LENGTH = 4
Planes = list[Any]
#: Format of the sources and of the film; tolerance in codes.
FORMATS_TRIED = {
    ("yuv420p", "yuv420p"): 1,
    ("yuv422p10le", "yuv444p10le"): 2,
    ("yuva444p", "yuva444p"): 1,
}


class Films:
    """Builds graphs of ops. ``folder`` takes the files that they name."""

    def __init__(self, folder: Path, size: tuple[int, int], format: str, out: str) -> None:
        self.folder, self.size, self.format, self.out = folder, size, format, out
        self.look = OpLowering(LENGTH, FPS, lambda path: path)
        cube = folder / "look.cube"
        if not cube.exists():
            cube.write_text(_cube())
        self.cube = str(cube)

    def source(self, name: str, format: str | None = None) -> Node:
        params: dict[str, Param] = {
            "digest": name, "start": Fraction(1), "step": 1 / FPS, "width": self.size[0],
            "height": self.size[1], "format": format or self.format, **COLOR, "matrix": "bt709",
            "range": "limited",
        }  # fmt: skip
        return node("decode", (node("source", (), params),))

    def call(self, name: str, values: Mapping[str, Any] | None = None) -> OpCall:
        declared = ops.get(name)
        given = EXAMPLES[name] if values is None else values
        params: list[tuple[str, ParamValue]] = []
        for param in declared.params:
            value = given.get(param.name, param.default)
            if param.kind == "picture":
                value = "still"
            elif param.kind in ("table", "palette"):
                value = self.cube
            elif param.kind in ("rgb", "color") and isinstance(value, (int, float)):
                value = (float(value),) * 3
            elif param.kind in ("rgb", "color", "pair", "curve", "points"):
                value = tuple(float(v) for v in value)
            elif param.kind == "number":
                value = float(value)
            params.append((param.name, value))
        return OpCall(name, tuple(params))

    def encode(self, picture: Node, dither: bool = False) -> Node:
        params: dict[str, Param] = {"matrix": "bt709", "range": "limited", "format": self.out}
        if dither:
            params["dither"] = True
        root = optimise(node("encode", (picture,), params))
        verify(root)
        return root

    def still_film(self) -> Node:
        """A blurred photograph under a moving zoom: layers that stand still, and one that moves."""
        params: dict[str, Param] = {
            "digest": "photo", "width": self.size[0], "height": self.size[1], **COLOR
        }  # fmt: skip
        moving = Keyframes((Keyframe(Fraction(0), 1.0), Keyframe(Fraction(3), 1.6)))
        zoom = self.call("zoom")
        zoom = OpCall("zoom", tuple((k, moving if k == "amount" else v) for k, v in zoom.params))
        calls = (self.call("gaussian_blur"), zoom)
        return self.encode(self.look.apply(node("still", (), params), calls, 0))

    def film(self, name: str) -> Node:
        """The op in its place, on one or two pictures."""
        kind, call = ops.get(name).kind, self.call(name)
        first, second = self.source("a"), self.source("b", "yuva444p")
        if kind == "blend":
            return self.encode(self.look.call((first, second), call, 0))
        if kind == "transition":
            moving = Keyframes((Keyframe(Fraction(-1), 0.0), Keyframe(Fraction(LENGTH), 1.0)))
            return self.encode(
                self.look.call((first, self.source("b")), call, 0, {"progress": moving})
            )
        if kind == "mask":
            return self.encode(node("over", (first, self.look.masked(second, call, 3))))
        if kind == "generator":
            clear = node(
                "solid",
                (),
                {"color": (0.0, 0.0, 0.0, 0.0), "width": self.size[0], "height": self.size[1],
                 **COLOR},
            )  # fmt: skip
            return self.encode(node("over", (first, self.look.call((clear,), call, 5))))
        return self.encode(self.look.apply(first, (call,), 5, None, lambda ago: first))


def picture_of(fetch: Fetch, seed: int = 0) -> Picture:
    """Samples for a fetch: noise, runs of the extremes, and a smooth part, the same each time."""
    source = fetch.source
    assert isinstance(source, (VideoSource, StillSource))
    format = FORMATS[source.format]
    size = (source.width, source.height, fetch.rect.x, fetch.rect.y)
    rng = np.random.default_rng([seed, *source.digest.encode(), *format.name.encode()])
    made = blank(format, *size[:2])
    made.x, made.y = size[2:]
    for plane in made.planes:
        noise = rng.integers(0, format.peak + 1, plane.shape)
        smooth = np.linspace(0, format.peak, plane.size).reshape(plane.shape)
        plane[...] = np.where(
            rng.random(plane.shape[:1] + (1,) * (plane.ndim - 1)) < 0.4, smooth, noise
        )
        flat = plane.reshape(len(plane), -1)
        flat[:, : flat.shape[1] // 6] = rng.choice(
            [0, format.peak], flat[:, : flat.shape[1] // 6].shape
        )
    if format.layout == "rgba":  # premultiplied: no colour above its alpha
        plane = made.planes[0]
        plane[..., :3] = plane[..., :3].astype(int) * plane[..., 3:] // 255
    return made


def drawn(
    executor: Executor, root: Node, films: Films, frames: int = LENGTH
) -> tuple[list[Planes], list[Planes]]:
    """The film's first frames as an executor draws them, and as the reference does."""
    piece = fused(root)
    assert isinstance(piece, ComputedPiece)
    pictures = [picture_of(fetch) for fetch in piece.fetches]
    format = FORMATS[films.out]
    outs = [blank(format, *films.size) for _ in range(frames)]

    def jobs() -> Iterator[FrameJob]:
        for frame, out in enumerate(outs):
            yield FrameJob(piece, frame, [p.image() for p in pictures], out.image())

    for job in executor.run(jobs()):
        job.ready()
    return [out.planes for out in outs], reference(piece, frames)


@cache
def fused(root: Node) -> ExecutablePiece:
    return fuse(root, reader)


def reference(piece: ComputedPiece, frames: int, noise: float = 0.0) -> list[Planes]:
    """The frames in float64; ``noise`` moves every sample by up to so many codes."""
    rng = np.random.default_rng(7)
    leaves = []
    for fetch in piece.fetches:
        given = picture_of(fetch).arrays()
        moved = [p + noise * rng.uniform(-1, 1, p.shape) if noise else p for p in given.planes]
        leaves.append(LeafArrays(moved, given.x, given.y))
    return [chain_reference.draw(piece, n, leaves, reader) for n in range(frames)]


def reader(digest: str) -> Cube:
    return read(Path(digest))


class Tables(dict[str, Cube]):
    """Every digest names a .cube file of that path."""

    def __missing__(self, key: str) -> Cube:
        return reader(key)


class Files(dict[str, str]):
    """Every digest names a file of that path."""

    def __missing__(self, key: str) -> str:
        return key


def worst(got: list[list[Any]], want: list[list[Any]], format: PixelFormat) -> Any:
    """All differences, in codes.

    Colour is stored without its coverage, and divided by next to nothing it is anything: a
    difference of colour counts as far as it can be seen.
    """
    found = []
    for planes, wanted in zip(got, want, strict=True):
        pairs = [(g.astype(float), w.astype(float)) for g, w in zip(planes, wanted, strict=True)]
        offs = [np.abs(g - w) for g, w in pairs]
        if format.alpha:
            seen = np.maximum(*pairs[3]) / format.peak
            offs[:3] = [off * seen for off in offs[:3]]
        found += [off.ravel() for off in offs]
    return np.concatenate(found)


def check(
    executor: Executor, films: Films, name: str, frames: int = LENGTH, root: Node | None = None
) -> float:
    """Draw an op's film and hold it to the reference; returns the largest difference in codes."""
    tolerance = FORMATS_TRIED[films.format, films.out]
    root = root or films.film(name)
    if not isinstance(fused(root), ComputedPiece):
        assert name == "destination"  # it shows the backdrop, which is then copied
        return 0.0
    off = worst(*drawn(executor, root, films, frames), FORMATS[films.out])
    assert off.max() <= tolerance, f"{name}: {(off > tolerance).mean():.4%} beyond, {off.max()}"
    return float(off.max())


#: float32's error in a sample, in codes: chains are tried with samples that far off.
NOISE = 2e-3
#: The part of a chain's samples that may stand on the edge of a step.
ON_EDGES = 0.05
#: The share of them that this does not find: a colour burn of exact black jumps at the first
#: bit above it, wherever the input goes.
MISSED = 1e-3


def check_chain(executor: Executor, films: Films, root: Node, frames: int = LENGTH) -> None:
    """The same for a chain of ops.

    Several ops in sequence can stand on the edge of a step (a threshold, a sorted median), where
    the last bit of float32 decides. Such samples are found by moving the reference's own input by
    that much; they are few, and all others must meet the tolerance.
    """
    tolerance = FORMATS_TRIED[films.format, films.out]
    piece = fused(root)
    if not isinstance(piece, ComputedPiece):
        return  # the blends have left nothing but a source
    got, want = drawn(executor, root, films, frames)
    format = FORMATS[films.out]
    steady = worst(reference(piece, frames, NOISE), want, format) <= tolerance / 2
    assert (~steady).mean() <= ON_EDGES
    off = worst(got, want, format)[steady]
    beyond = float((off > tolerance).mean())
    assert beyond <= MISSED, f"{beyond:.4%} beyond, worst {off.max()}"


def chains(seed: int, films: Films, most: int) -> Node:
    """A random film: layers by random blends, each with random ops, masks and transitions."""
    rng = random.Random(seed)

    def names(*kinds: str) -> list[str]:
        return [n for n in EXAMPLES if ops.get(n).kind in kinds]

    def layer(label: str, count: int) -> Node:
        picture = films.source(label, rng.choice([films.format, "yuva444p", "yuv420p"]))
        calls = []
        for name in rng.choices(names("grade", "key", "geometry", "stencil"), k=count):
            call = films.call(name)
            if rng.random() < 0.25:
                call = OpCall(call.op, call.params, films.call(rng.choice(names("mask"))))
            calls.append(call)
        return films.look.apply(picture, tuple(calls), 5, None, lambda ago: picture)

    layers = rng.randint(1, 3)
    share = [rng.randint(0, max(0, most // layers)) for _ in range(layers)]
    picture = layer("a", share[0])
    for index, count in enumerate(share[1:]):
        above = layer("bcd"[index], count)
        if rng.random() < 0.3:
            moving = Keyframes((Keyframe(Fraction(-1), 0.0), Keyframe(Fraction(LENGTH), 1.0)))
            call = films.call(rng.choice(names("transition")))
            picture = films.look.call((picture, above), call, 0, {"progress": moving})
        else:
            blend = films.call(rng.choice(names("blend")))
            picture = films.look.call((picture, above), blend, 0)
    return films.encode(picture, dither=rng.random() < 0.3)


def _cube(size: int = 5) -> str:
    """A .cube file that bends and mixes the channels."""
    steps = [i / (size - 1) for i in range(size)]
    rows = [
        f"{0.9 * r**1.2 + 0.05 * g:.6f} {g**0.8:.6f} {0.8 * b + 0.1 * r:.6f}"
        for b in steps for g in steps for r in steps
    ]  # fmt: skip
    return f"LUT_3D_SIZE {size}\n" + "\n".join(rows) + "\n"
