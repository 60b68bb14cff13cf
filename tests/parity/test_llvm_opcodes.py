"""Every opcode of the CPU kernels against the float64 reference, at each vector width."""

from __future__ import annotations

import pytest

from tests.parity.llvm_support import Picture, errors, picture, targets
from vedc.codegen.llvm import Host, compile_program
from vedc.color import FORMATS
from vedc.expr.nodes import ARITY, Expr, const, load, node, param, walk
from vedc.expr.program import Leaf, Program

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
    assert used == ARITY.keys() - {"lut1d", "lut3d", "memo"}  # see test_llvm_tables, _memo


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
