"""Every opcode of the GPU kernels against the float64 reference, by Triton's interpreter."""

from __future__ import annotations

import numpy as np
import pytest

from tests.parity.triton.triton_support import errors, render  # first: Triton is not yet imported

# isort: split
from tests.parity.llvm.llvm_support import EVERY, Picture, picture
from tests.parity.llvm.test_llvm_opcodes import CASES, PARAMS, U, V, n
from vedc.codegen.triton.compile import source
from vedc.codegen.triton.opcodes import literal
from vedc.color import FORMATS, LAYER
from vedc.expr.nodes import ARITY, Expr, const, load, node, param, walk
from vedc.expr.program import Leaf, Memo, Program
from vedc.expr.scalar_ops import hashed
from vedc.expr.taps import TAPS

FMT = FORMATS["yuv444p12le"]
SIZE = (19, 7)
ANGLES = {
    "all round": n("atan2", U - 0.5, V - 0.5),
    "the origin": n("atan2", U - U, V - V),
    "upwards": n("atan2", U + 0.1, V - V),
    "backwards": n("atan2", U - U, -(V + 0.1)),
    "infinite": n("atan2", U / (V - V), U / (V - V)),
    "infinitely up": n("atan2", (U + 1.0) / (V - V), V),
}


@pytest.fixture(scope="module")
def source_picture() -> Picture:
    return picture(FMT, *SIZE)


def test_every_opcode_has_a_case() -> None:
    used = {e.op for e in walk(CASES.values())}
    here = {"atan2", "hash", "texel", "memo", "lut1d", "lut3d"}  # and in test_triton_tables
    assert used | here | TAPS.keys() == ARITY.keys()


@pytest.mark.parametrize("name", CASES)
def test_opcode(name: str, source_picture: Picture) -> None:
    """Within one code of 12 bits: a quarter of what 10 bits allow."""
    program = Program((Leaf(FMT),), (), (), FMT, (CASES[name] * 4095.0, U * 4095.0, V), 3)
    leaves = [source_picture] * len(program.leaves)
    assert errors(program, leaves, *SIZE, params=PARAMS) <= 1


@pytest.mark.parametrize("name", ANGLES)
def test_atan2(name: str, source_picture: Picture) -> None:
    scaled = ANGLES[name] * 600.0 + 2000.0
    program = Program((Leaf(FMT),), (), (), FMT, (scaled, U * 4095.0, V), 0)
    assert errors(program, [source_picture], *SIZE) <= 1


def test_hash_is_the_reference_to_the_bit() -> None:
    values = [0.0, -1.0, 0.7, -0.7, 3e7, -3e7, 65535.9, np.inf, -np.inf, np.nan, 16777215.0, 12.0]
    grid = np.array(np.meshgrid(values, values), np.float32)
    fmt = LAYER
    height, width = grid.shape[1:]
    planes = [*grid, grid[0].T.copy(), grid[1]]
    leaf = Picture(planes, width, height)
    x, y, z = (load(0, k) for k in range(3))
    roots = (node("hash", x, y, z), node("hash", y, x, const(5.0)), node("hash", z, z, x), y)
    program = Program((Leaf(fmt),), (), (), fmt, roots, 0)
    got = render(program, [leaf], width, height)
    for row in range(height):
        for column in range(width):
            a, b, c = (float(p[row, column]) for p in planes[:3])
            assert got[0][row, column] == np.float32(hashed(a, b, c))
            assert got[1][row, column] == np.float32(hashed(b, a, 5.0))
            assert got[2][row, column] == np.float32(hashed(c, c, a))


@pytest.mark.parametrize("out", ["yuv420p", "gbrpf32le"])
def test_texel(out: str) -> None:
    """Of a layer of another size, at every place inside, outside and nowhere."""
    fmt = EVERY[out]
    layer = picture(LAYER, 9, 5, seed=1)  # with infinities and NaN in its first plane
    layer.planes[2][:] = np.random.default_rng(0).uniform(0, 255, (5, 9))
    x, y = node("x"), node("y")
    nowhere = n("select", n("lt", x, 6.0), x, (x - x) / (y - y))
    roots = (
        node("texel", x * 0.7 - 2.0, y * 1.3 - 1.0, attr=(0, 2)),
        node("texel", nowhere, y, attr=(0, 2)),
        node("texel", const(3.5), y * 0.5, attr=(0, 2)) + node("texel", x, y, attr=(0, 0)),
    )
    program = Program((Leaf(LAYER, sampled=True),), (), (), fmt, roots, 0)
    assert errors(program, [layer], *SIZE) <= (1e-5 if fmt.floating else 1)


@pytest.mark.parametrize("op", TAPS)
def test_taps(op: str) -> None:
    """In a window, at its edges and beyond them, with and without weight."""
    layer = picture(LAYER, 9, 5, seed=1)
    layer.planes[2][:] = np.random.default_rng(0).uniform(0, 1, (5, 9))
    x, y = node("x"), node("y")
    window = (const(float(number)) for number in (1, 2, 7, 3))
    weight = n("max", const(0.0), (x - 4.0) * 0.05)
    root = node(op, x * 0.7 - 2.0, y * 1.3 - x * 0.1, *window, weight, attr=(0, 2))
    program = Program((Leaf(LAYER, sampled=True),), (), (), LAYER, (root,) * 4, 0)
    assert errors(program, [layer], *SIZE) <= 1e-5


def test_a_memo_is_computed_in_place() -> None:
    fmt = FORMATS["yuv420p"]
    graded = tuple(n("pow", load(0, c) * (1 / 255.0), 0.7) for c in range(3))
    roots = tuple(node("memo", attr=(0, c)) * 255.0 for c in range(3))
    program = Program((Leaf(fmt),), (), (Memo(0, graded),), fmt, roots, 0)
    assert errors(program, [picture(fmt, *SIZE)], *SIZE) <= 1


@pytest.mark.parametrize("root", ["const", "param", "of params", "comparison of params", "line"])
def test_roots_that_do_not_vary(root: str) -> None:
    """With the pixel, that is: they are computed seldom, and written everywhere."""
    e: dict[str, Expr] = {
        "const": const(99.4),
        "param": param(0) * 100.0,
        "of params": n("exp2", param(0)) * param(1) * 50.0,
        "comparison of params": n("lt", param(0), param(1)) * 100.0
        + n("select", n("lt", param(1), param(0)), const(20.0), param(2)),
        "line": n("floor", node("y") * 7.3),
    }
    for name in ("yuv420p", "yuv422p", "rgba", "nv12", "gbrpf32le"):
        fmt = FORMATS[name]
        roots = [e[root]] * fmt.channels
        program = Program((), (), (), fmt, tuple(roots), 3)
        assert errors(program, [], *SIZE, params=PARAMS) <= (1e-4 if fmt.floating else 1), name


def test_parameters_may_be_anything() -> None:
    program = Program((Leaf(FMT),), (), (), FMT, (U * param(0), n("max", param(0), U), U), 1)
    small = picture(FMT, 5, 3)
    for value in (float("inf"), float("-inf"), float("nan"), 1e300, 1e-300):
        assert errors(program, [small], 5, 3, params=[value]) == 0


def test_extreme_floats() -> None:
    """Infinities and NaN of a float leaf, through arithmetic, to integers and to floats."""
    leaf = picture(LAYER, 24, 12, seed=4)
    r, g, b, a = (load(0, c) for c in range(4))
    roots = [
        n("min", n("max", r * 255.0, g), b * 300.0),
        n("select", n("lt", r, g), b * 200.0, a * 100.0),
        n("sqrt", abs(g)) * 255.0 + n("floor", a),
        n("pow", r, 2.2) * 255.0 - b * 10.0,
    ]
    for name in ("yuv420p", "yuva444p16le", "yuv422p10le", "gbrapf32le", "rgba"):
        fmt = FORMATS[name]
        program = Program((Leaf(LAYER),), (), (), fmt, tuple(roots[: fmt.channels]), 0)
        assert errors(program, [leaf], 24, 12) <= (1e-4 if fmt.floating else 1), name


def test_constants_are_written_as_float32() -> None:
    for value in (0.1, -3.25e-7, 1 / 3, 16777217.0, 1.1754944e-38, 3.4e38):
        assert np.float32(float(literal(value))) == np.float32(value)
    assert literal(1e39) == 'float("inf")' and literal(float("nan")) == 'float("nan")'
    assert literal(1e-40) == "0.0"


def test_the_source_names_its_ops() -> None:
    program = Program((Leaf(FMT),), (), (), FMT, (U, U, U), 0, title="exposure cdl")
    head = source(program).splitlines()[:3]
    assert head == ["# ops: exposure cdl", "# leaf 0: yuv444p12le, covers", "# out: yuv444p12le"]
