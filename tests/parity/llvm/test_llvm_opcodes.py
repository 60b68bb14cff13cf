"""Every opcode of the CPU kernels against the float64 reference, at each vector width."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.parity.llvm.llvm_support import Picture, errors, picture, render, targets
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.host import Host
from vedc.color import FORMATS, OPAQUE_LAYER
from vedc.expr import scalar_ops
from vedc.expr.nodes import ARITY, Expr, const, load, node, param, walk
from vedc.expr.program import Leaf, Program
from vedc.expr.taps import TAPS

FMT = FORMATS["yuv444p12le"]
U, V, W = (load(0, plane) * (1 / 4095.0) for plane in range(3))
ZERO = V - V
INFINITE = (abs(U) + 0.1) / ZERO
WIDE = (U - 0.5) * 250.0
PARAMS = [0.7, 0.31, 0.9]


def n(op: str, *args: Expr | float) -> Expr:
    return node(op, *(a if isinstance(a, Expr) else const(a) for a in args))


#: Name -> an expression whose value is 0..1 of the output's range, or clamped to it.
CASES: dict[str, Expr] = {
    "const": const(0.3),
    "param": param(2) * U,
    "load": load(0, 1) * (1 / 4095.0),
    "cover": node("cover", attr=0),
    "x": node("x") * (1 / 128.0),
    "y": node("y") * (1 / 64.0),
    "add": U + V,
    "sub": U - V,
    "mul": U * V,
    "div": U / (V + 0.5),
    "div by a uniform": U / param(0),
    "div by zero": (U - 0.5) / ZERO,
    "zero by zero": ZERO / ZERO,
    "min": n("min", U, V),
    "max": n("max", U, V),
    "min of NaN": n("min", ZERO / ZERO, V),
    "max of NaN": n("max", V, ZERO / ZERO),
    "max of NaN and an unknown": n("max", V / (W + 0.1), ZERO / ZERO),
    "min of an unknown and NaN": n("min", ZERO / ZERO, V / (W + 0.1)),
    "min of two NaN": n("min", ZERO / ZERO, ZERO / ZERO),
    "fma": n("fma", U, V, W),
    "neg": 1.0 - -(U - 1.0),
    "abs": abs(U - 0.3),
    "sqrt": n("sqrt", U),
    "sqrt of negatives": n("sqrt", U - 0.5),
    "floor": n("floor", load(0, 0) * (1 / 16.0) - 100.0) * (1 / 256.0) + 0.5,
    "exp2": n("exp2", U * 3.0 - 3.0),
    "exp2 far out": n("exp2", WIDE * 2.0),
    "exp2 of infinity": n("exp2", INFINITE),
    "exp2 of -infinity": n("exp2", -INFINITE) + 0.5,
    "log2": n("log2", U) * 0.08 + 1.0,
    "log2 of large numbers": n("log2", WIDE * 1000.0) * 0.05,
    "log2 of negatives": n("log2", U - 0.5) * -0.005,
    "log2 of infinity": n("log2", INFINITE) * 0.001,
    "log2 of NaN": n("log2", ZERO / ZERO) * -0.005,
    "pow": n("pow", U, V + 0.1),
    "pow 2.4": n("pow", U, 2.4),
    "pow 0.45": n("pow", U, 0.45),
    "pow 0.01": n("pow", n("max", U - 0.3, 0.0), 0.01),
    "pow of a parameter": n("pow", n("max", U - 0.2, 0.0), param(1)),
    "pow with negative exponents": n("pow", U + 0.1, V - 1.0) * 0.05,
    "pow of negatives": n("pow", U - 0.5, 0.1),
    "pow of 0 to 0": n("pow", ZERO, ZERO) * 0.7,
    "pow of infinity": n("pow", INFINITE, 2.2),
    "sin": n("sin", WIDE) * 0.5 + 0.5,
    "cos": n("cos", WIDE) * 0.5 + 0.5,
    "sin of infinity": n("sin", INFINITE),
    "atan2": n("atan2", U - 0.5, V - 0.5) * (0.5 / math.pi) + 0.5,
    "atan2 of a steep slope": n("atan2", WIDE, V) * (0.5 / math.pi) + 0.5,
    "atan2 on the axes": n("atan2", n("floor", U * 3.0 - 1.0), n("floor", V * 3.0 - 1.0)) * 0.15
    + 0.5,
    "atan2 of infinities": n("atan2", (U - 0.5) / ZERO, (V - 0.5) / ZERO) * 0.15 + 0.5,
    "atan2 of one infinity": n("atan2", U - 0.5, (V - 0.5) / ZERO) * 0.15 + 0.5,
    "atan2 of NaN": n("atan2", ZERO / ZERO, V),
    "atan2 with NaN": n("atan2", V, ZERO / ZERO),
    "hash": n("hash", node("x"), node("y"), 3.0),
    "hash of fractions and negatives": n(
        "hash", load(0, 0) * 0.125 - 99.0, load(0, 2) * -0.25, 0.5
    ),
    "hash of large numbers": n("hash", WIDE * 1e9, INFINITE, -INFINITE),
    "hash of NaN": n("hash", ZERO / ZERO, load(0, 1), -ZERO),
    "lt": n("lt", U, V),
    "le": n("le", load(0, 0), load(0, 1)) * 0.8,
    "lt of NaN": n("lt", ZERO / ZERO, V),
    "select": n("select", n("lt", U, V), U, W),
    "select by a number": n("select", n("floor", U * 2.0), U, W),
    "select by NaN": n("select", ZERO / ZERO, U, W),
    "uniform functions": n("exp2", param(0)) * n("pow", param(1), 2.2) * U,
    "functions of y": n("sqrt", node("y") * (1 / 64.0)) * U,
}


@pytest.fixture(scope="module")
def source() -> Picture:
    return picture(FMT, 83, 37)


def test_every_opcode_has_a_case() -> None:
    used = {e.op for e in walk(CASES.values())}
    elsewhere = {"lut1d", "lut3d", "memo", "texel"}  # test_llvm_tables, _memo, _sampling
    elsewhere |= TAPS.keys()  # test_llvm_taps
    assert used == ARITY.keys() - elsewhere


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
def test_opcode(source: Picture, target: Host) -> None:
    """Within one code of 12 bits: a quarter of what 10 bits allow."""
    wrong = {}
    for name, e in CASES.items():
        program = Program((Leaf(FMT),), (), (), FMT, (e * 4095.0, U * 4095.0, U * 4095.0), 3)
        kernel = compile_program(program, target=target)
        worst = errors(program, [source], 83, 37, params=PARAMS, kernel=kernel)
        if worst > 1:
            wrong[name] = worst
    assert wrong == {}


def test_parameters_may_be_anything() -> None:
    """Infinite and NaN parameters, and such as float32 cannot hold, raise nothing."""
    program = Program((Leaf(FMT),), (), (), FMT, (U * param(0), n("max", param(0), U), U), 1)
    kernel = compile_program(program)
    small = picture(FMT, 5, 3)
    for value in (float("inf"), float("-inf"), float("nan"), 1e300):
        assert errors(program, [small], 5, 3, params=[value], kernel=kernel) == 0


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
def test_angles(target: Host) -> None:
    """Within a millionth of a radian in every direction, near and far, to the axes and on them."""
    turns = np.linspace(-math.pi, math.pi, 480)
    radii = 2.0 ** np.linspace(-60.0, 60.0, 24)[:, np.newaxis]
    y, x = ((f(turns) * radii).astype(np.float32) for f in (np.sin, np.cos))
    y[0, ::3], x[0, ::5], y[1, ::4], x[2, ::4] = 0.0, 0.0, -0.0, y[2, ::4]
    roots = (n("atan2", load(0, 0), load(0, 1)), load(0, 0), load(0, 1))
    program = Program((Leaf(OPAQUE_LAYER),), (), (), OPAQUE_LAYER, roots, 0)
    kernel = compile_program(program, target=target)
    got = render(program, [Picture([y, x, x], 480, 24)], 480, 24, kernel=kernel)[0]
    want = np.array(
        [math.atan2(*at) if any(at) else 0.0 for at in zip(y.flat, x.flat, strict=True)]
    )
    assert np.abs(got.ravel() - want).max() < 1e-6


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
def test_noise_is_the_same_to_the_bit(target: Host) -> None:
    values = [0.0, -0.0, 0.99, -0.01, -1.0, 7.5, 1e6, 2.0**24 - 1, 2.0**24, -(2.0**24), 3e38,
              math.inf, -math.inf, math.nan, 123456.0, 65535.5]  # fmt: skip
    grid = np.array(np.meshgrid(values, values, values)).reshape(3, 64, 64).astype(np.float32)
    roots = tuple(n("hash", *(load(0, (k + j) % 3) for j in range(3))) for k in range(3))
    program = Program((Leaf(OPAQUE_LAYER),), (), (), OPAQUE_LAYER, roots, 0)
    kernel = compile_program(program, target=target)
    got = render(program, [Picture(list(grid), 64, 64)], 64, 64, kernel=kernel)
    for k, plane in enumerate(got):
        want = [scalar_ops.hashed(*np.roll(at, -k).tolist()) for at in grid.reshape(3, -1).T]
        np.testing.assert_array_equal(plane.ravel(), np.array(want))


def test_samples_that_are_no_numbers() -> None:
    """Floating leaves bring NaN and infinities, which extremes and comparisons must expect."""
    number = node("x") * 0.01
    roots = (
        n("max", number + load(0, 2), load(0, 0)),
        n("min", load(0, 1), number - load(0, 0)),
        n("select", n("lt", load(0, 0), load(0, 1)), load(0, 2), number),
    )
    program = Program((Leaf(OPAQUE_LAYER),), (), (), OPAQUE_LAYER, roots, 0)
    assert errors(program, [picture(OPAQUE_LAYER, 83, 37)], 83, 37) < 1e-6
