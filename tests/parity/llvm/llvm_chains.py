"""Programs of real ops, as fusion makes them: decode, grade, encode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedc import ops
from vedc.color import Color, PixelFormat
from vedc.expr.affine import compose
from vedc.expr.math import Lut, Position, Tracer, Vec3
from vedc.expr.nodes import Expr, node
from vedc.expr.program import Leaf, Memo, Program, Table
from vedc.expr.rules import simplify
from vedc.ops.shared import color_conversion
from vedc.plan.fusion.memos import remembered

M = Tracer()
COLOR = Color()
CUBE = Table(3, 33)
Step = Callable[[Vec3], Vec3]


def look() -> NDArray[np.float32]:
    """A 33-point cube that bends and crosses the channels a little."""
    axis = np.linspace(0.0, 1.0, CUBE.size)
    b, g, r = np.meshgrid(axis, axis, axis, indexing="ij")
    bent = np.stack([r**1.1 * 0.95 + 0.03 * b, g**0.95, b**1.05 * 0.9 + 0.05 * g], axis=-1)
    return np.ascontiguousarray(bent, np.float32)


def exposure(rgb: Vec3) -> Vec3:
    """In light: nine comparisons and six powers."""
    light = color_conversion.linearize(M, rgb, COLOR.transfer)
    lit: Vec3 = ops.get("exposure").body(M, light, stops=0.3)
    return color_conversion.delinearize(M, lit, COLOR.transfer)


def cdl(rgb: Vec3) -> Vec3:
    graded: Vec3 = ops.get("cdl").body(
        M,
        rgb,
        slope=M.color((1.02, 1.0, 0.97)),
        offset=M.color((0.01, 0.0, -0.01)),
        power=M.color((1.05, 0.98, 1.1)),
        saturation=M.number(1.1),
    )
    return graded


def lut(rgb: Vec3) -> Vec3:
    return M.lookup(Lut(0, 3, CUBE.size, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)), rgb)


def saturation(rgb: Vec3) -> Vec3:
    graded: Vec3 = ops.get("saturation").body(M, rgb, amount=M.number(1.2))
    return graded


def power(rgb: Vec3) -> Vec3:
    return rgb.map(lambda x: M.pow(M.max(x, 0.0), 1.3) + 0.01)


def grain(rgb: Vec3) -> Vec3:
    """A little noise of the place and of the colour's direction."""
    noise = node("hash", node("x"), node("y"), M.number(7.0))
    angle = node("atan2", rgb.g - rgb.b, rgb.r + 0.6)
    return rgb + ((noise - 0.5) * 0.1 + angle * 0.05)


def vignette(width: int, height: int) -> Step:
    at = Position(node("x"), node("y"), M.number(float(width)), M.number(float(height)))

    def darken(rgb: Vec3) -> Vec3:
        graded: Vec3 = ops.get("vignette").body(
            M, rgb, at, amount=M.number(0.6), size=M.number(0.4), softness=M.number(0.7)
        )
        return graded

    return darken


@dataclass(frozen=True)
class Chain:
    """Grades of one leaf; the first ``remembered`` of them as a memo."""

    steps: Sequence[Step] = ()
    remembered: int = 0
    samples: bool = False
    """Whether what is remembered are the film's samples."""

    def program(self, source: PixelFormat, out: PixelFormat) -> Program:
        rgb = color_conversion.decode(M, 0, source, COLOR).rgb
        for step in self.steps[: self.remembered]:
            rgb = step(rgb)
        held = [rgb] if self.remembered else []
        if held:
            rgb = Vec3(*(node("memo", attr=(0, c)) for c in range(3)))
        for step in self.steps[self.remembered :]:
            rgb = step(rgb)
        roots = color_conversion.encode(M, rgb, out, COLOR)
        tables = (CUBE,) if lut in self.steps else ()
        return program([Leaf(source)], tables, held, out, roots, self.samples)


def program(
    leaves: Sequence[Leaf],
    tables: tuple[Table, ...],
    held: Sequence[Vec3],
    out: PixelFormat,
    roots: Sequence[Expr],
    samples: bool = False,
    params: int = 0,
) -> Program:
    """A program whose memos hold colours, or with ``samples`` the samples that they become."""
    if not held:
        return Program(tuple(leaves), tables, (), out, tuple(simplify(roots)), params)
    choices = tuple(remembered(M, held, roots, out, COLOR))
    kept, above = choices[samples]
    exprs = simplify(compose(simplify([*kept, *above])))
    memos = tuple(
        Memo(i, (exprs[3 * i], exprs[3 * i + 1], exprs[3 * i + 2])) for i in range(len(held))
    )
    return Program(tuple(leaves), tables, memos, out, tuple(exprs[len(kept) :]), params)


def whole(width: int, height: int, *, memo: bool = False, samples: bool = False) -> Chain:
    """Exposure in light, CDL, cube, saturation, vignette."""
    steps = (exposure, cdl, lut, saturation, vignette(width, height))
    return Chain(steps, 4 if memo else 0, samples)
