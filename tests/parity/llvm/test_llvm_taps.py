"""``bilinear`` and ``bicubic`` of the CPU kernels against the float64 reference."""

from __future__ import annotations

import numpy as np
import pytest

from tests.parity.llvm.llvm_support import Guarded, Picture, errors, render, targets
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.host import Host
from vedc.color import FORMATS, LAYER, OPAQUE_LAYER
from vedc.errors import InternalError
from vedc.expr.nodes import Expr, const, node, param
from vedc.expr.program import Leaf, Program
from vedc.expr.taps import TAPS

TARGETS = pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
X, Y = node("x"), node("y")
SIZE = (57, 13)
#: Leaf and window: the whole, a part, as narrow as can be, at the end of a row, a pixel.
WINDOWS = (
    ((60, 23), (0, 0, 60, 23)),
    ((60, 23), (7, 3, 40, 9)),
    ((4, 2), (0, 0, 4, 2)),
    ((40, 9), (37, 4, 3, 5)),
    ((9, 4), (8, 3, 1, 1)),
)


def clamped(e: Expr) -> Expr:
    return node("max", const(0.0), node("min", const(1.0), e))


def program(op: str, window: tuple[int, ...], u: Expr, v: Expr, weight: Expr) -> Program:
    place = tuple(const(float(number)) for number in window)
    roots = tuple(node(op, u, v, *place, weight, attr=(0, plane)) for plane in range(4))
    return Program((Leaf(LAYER, sampled=True),), (), (), LAYER, roots, 1)


def layer(width: int, height: int) -> Picture:
    rng = np.random.default_rng(1)
    planes = [rng.random((height, width)).astype(np.float32) for _ in range(4)]
    return Picture(planes, width, height)


@TARGETS
@pytest.mark.parametrize("op", TAPS)
def test_every_way_over_every_window(op: str, target: Host) -> None:
    """Turned, with a step for each row, and stretched along the axes: all edges are crossed."""
    ways = (
        (X * 0.9 - 3.0 + Y * 0.2, Y * 1.1 - 2.3 - X * 0.05),
        (X * 0.3 - 2.0, node("floor", Y * 0.5) * 2.5),
        (X * param(0) + 0.25, Y * 0.75 - 1.6),
    )
    for size, window in WINDOWS:
        for u, v in ways:
            p = program(op, window, u, v, clamped((X - 6.0) * 0.1))
            kernel = compile_program(p, target=target)
            leaf = Guarded(layer(*size))  # nothing beyond its planes is read
            worst = errors(p, [leaf.picture], *SIZE, params=[1.3], kernel=kernel)
            assert worst < 1e-5, (size, window)


@TARGETS
def test_nothing_is_read_where_the_weight_is_nothing(target: Host) -> None:
    """Wherever that would be: numbers that are none among it. It is 0, also for a whole row."""
    nowhere = (X - X) / (X - X)
    for weight in (const(0.0), param(0), clamped(Y - 7.0)):
        p = program("bicubic", (0, 0, 9, 5), nowhere, X * 1e30, weight)
        got = render(
            p, [layer(9, 5)], *SIZE, params=[0.0], kernel=compile_program(p, target=target)
        )
        assert all(not plane[:7].any() for plane in got)


@TARGETS
def test_bands_agree_to_the_bit(target: Host) -> None:
    p = program("bicubic", (0, 0, 60, 23), X * 0.9, Y * 0.4 + 1.0, const(1.0))
    kernel = compile_program(p, target=target)
    whole = render(p, [layer(60, 23)], *SIZE, params=[0.0], kernel=kernel)
    bands = (0, 5), (5, 6), (6, 13)
    parts = render(p, [layer(60, 23)], *SIZE, params=[0.0], kernel=kernel, rows=bands)
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


def looked_film(op: str, scale: float, weight: Expr, factor: Expr, format: str) -> Program:
    """Each plane of a film looks at one of a layer: two looks, weighted together."""
    place = (X * scale - 2.3, Y * (scale * 0.9) - 1.1, *map(const, (0.0, 0.0, 60.0, 23.0)))

    def root(plane: int) -> Expr:
        other = node("bilinear", *place, const(0.25), attr=(0, plane))
        sum = node("sub", node(op, *place, weight, attr=(0, plane)), node("neg", other))
        return node("fma", sum * factor, const(100.0), const(60.0))

    roots = tuple(root(plane) for plane in range(3))
    return Program((Leaf(OPAQUE_LAYER, sampled=True),), (), (), FORMATS[format], roots, 1)


WEIGHTS = {
    "none": const(1.0),
    "of the film": param(0),
    "of rows": clamped(Y * 0.2 - 0.5),
    "of columns": clamped((X - 6.0) * 0.1),
    "of both": clamped((X - 6.0) * 0.1) * clamped(Y * 0.2 - 0.5),
    "of neither alone": clamped((X + Y - 9.0) * 0.1),
}


@TARGETS
@pytest.mark.parametrize("format", ["yuv420p", "yuv422p10le"])
@pytest.mark.parametrize("weight", WEIGHTS.values(), ids=WEIGHTS)
def test_means_over_blocks(weight: Expr, format: str, target: Host) -> None:
    """Chroma is the mean of the pixels of its block, however it is summed: enlarged, so that runs
    lie close together, and reduced; beyond odd sizes, outside the window, and in bands."""
    for op, scale, factor in (("bicubic", 0.4, const(1.0)), ("bilinear", 2.6, WEIGHTS["of both"])):
        p = looked_film(op, scale, weight, factor, format)
        kernel = compile_program(p, target=target)
        leaf = layer(60, 23)
        leaf.planes.pop()
        assert errors(p, [leaf], *SIZE, params=[0.7], kernel=kernel) <= 1
        whole = render(p, [leaf], *SIZE, params=[0.7], kernel=kernel)
        rows = kernel.block_rows(SIZE[1])
        parts = render(
            p, [leaf], *SIZE, params=[0.7], kernel=kernel, rows=((0, 2), (2, 3), (3, rows))
        )
        for one, other in zip(whole, parts, strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_leaf_too_narrow_is_refused() -> None:
    p = program("bicubic", (0, 0, 3, 5), X, Y, const(1.0))
    with pytest.raises(InternalError, match="3 columns"):
        render(p, [layer(3, 5)], *SIZE, params=[0.0])
