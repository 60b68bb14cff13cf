"""Whole chains of ops and tables in GPU kernels, by Triton's interpreter: the stated tolerance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.triton.triton_support import errors, render  # first: Triton is not yet imported

# isort: split
from tests.parity.llvm.llvm_chains import Chain, cdl, exposure, look, lut, saturation, whole
from tests.parity.llvm.llvm_support import EVERY, Picture, picture
from tests.parity.llvm.test_llvm_chains import LEAVES, _grow
from tests.parity.llvm.test_llvm_tables import program as lookup
from tests.parity.llvm.test_llvm_tables import rough
from vedc.codegen.triton.compile import upload_table
from vedc.color import FORMATS, LAYER
from vedc.errors import InternalError
from vedc.expr.nodes import Expr, load, node
from vedc.expr.program import Leaf, Program, Table
from vedc.expr.rules import simplify

SIZE = (26, 12)
CHAINS = {
    "none": Chain(),
    "exposure": Chain((exposure,)),
    "cdl": Chain((cdl,)),
    "lut": Chain((lut,)),
    "saturation": Chain((saturation,)),
    "whole": whole(*SIZE),
    "whole, remembered": whole(*SIZE, memo=True),
}


@pytest.mark.parametrize("name", CHAINS)
def test_tolerance(name: str) -> None:
    """8 bit within 1 code, 10 bit within 2, on random samples from 0 to the peak."""
    chain = CHAINS[name]
    pairs = {"yuv420p": "yuv420p", "p010le": "yuv422p10le", "yuv444p10le": "yuv420p10le"}
    for source, out in pairs.items():
        if chain.remembered and source != "yuv420p":
            continue
        program = chain.program(FORMATS[source], FORMATS[out])
        tables = [look()] if lut in chain.steps else []
        leaf = picture(FORMATS[source], *SIZE)
        worst = errors(program, [leaf], *SIZE, tables=tables)
        assert worst <= (1 if FORMATS[out].depth == 8 else 2), source


def test_every_triple_of_a_coarse_grid() -> None:
    """All corners and faces of the YCbCr cube, most of them no colour at all."""
    codes = np.array([*range(0, 256, 15)], np.uint8)
    y, u, v = (g.ravel() for g in np.meshgrid(codes, codes, codes, indexing="ij"))
    width = 18 * 18 * 3
    fmt = FORMATS["yuv444p"]
    source = Picture([p.reshape(-1, width).copy() for p in (y, u, v)], width, y.size // width)
    chain = whole(width, source.height)
    program = chain.program(fmt, fmt)
    assert errors(program, [source], width, source.height, tables=[look()]) <= 1


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    st.tuples(*[st.recursive(LEAVES, _grow, max_leaves=12)] * 3),
    st.sampled_from(["yuv420p", "yuv422p", "yuv444p"]),
    st.sampled_from(["yuv420p", "nv12", "yuv422p", "gbrp"]),
)
def test_expressions_by_chance(roots: tuple[Expr, Expr, Expr], source: str, out: str) -> None:
    """Rates and averaging of whatever the language can say, simplified or not."""
    given, layer = picture(FORMATS[source], 13, 4), picture(LAYER, 20, 11, seed=1)
    layer.planes = [np.clip(np.nan_to_num(p), -2.0, 2.0) for p in layer.planes]
    leaves = (Leaf(FORMATS[source]), Leaf(LAYER, sampled=True))
    squashed = [node("sin", r) * 120.0 + 128.0 for r in roots]
    for form in (squashed, simplify(squashed)):
        program = Program(leaves, (), (), FORMATS[out], tuple(form), 0)
        assert errors(program, [given, layer], 13, 4) <= 1


@pytest.mark.parametrize(("size", "low", "high"), [(2, 0, 1), (17, -3, 60), (33, 0, 1), (65, 0, 1)])
def test_cube(size: int, low: float, high: float) -> None:
    table = Table(3, size)
    program = lookup(table, low, high)
    source = picture(FORMATS["gbrp12le"], 40, 9)
    assert errors(program, [source], 40, 9, tables=[rough(table, low, high)]) <= 1


@pytest.mark.parametrize("size", [2, 33, 1024, 65536])
def test_curve(size: int) -> None:
    table = Table(1, size)
    data = rough(table, -1.0, 1.0).cumsum(axis=0)
    data = (data - data.min()) / np.ptp(data)
    source = picture(FORMATS["gbrp12le"], 40, 9)
    assert errors(lookup(table), [source], 40, 9, tables=[data]) <= 1


def test_identity_cube_returns_its_input() -> None:
    """On the nodes and between, to the code of 12 bits."""
    fmt = FORMATS["gbrp12le"]
    axis = np.linspace(0.0, 1.0, 33)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    cube = np.stack([red, green, blue], axis=-1)
    inside = [load(0, plane) * (1 / 4095.0) for plane in (2, 0, 1)]
    roots = [node("lut3d", *inside, attr=(0, c)) * 4095.0 for c in (1, 2, 0)]
    program = Program((Leaf(fmt),), (Table(3, 33),), (), fmt, tuple(roots), 0)
    source = picture(fmt, 90, 20)
    for g, w in zip(render(program, [source], 90, 20, tables=[cube]), source.planes, strict=True):
        np.testing.assert_array_equal(g, w)


def test_tables_of_what_no_table_holds() -> None:
    """NaN and infinities from a float leaf, into a cube and a curve."""
    leaf = picture(LAYER, 24, 8)
    rgb = [load(0, c) for c in range(3)]
    roots = [node("lut3d", *rgb, attr=(0, 0)), node("lut1d", rgb[0], attr=(1, 1)), rgb[2]]
    tables = (Table(3, 5), Table(1, 9))
    program = Program((Leaf(LAYER),), tables, (), EVERY["gbrpf32le"], tuple(roots), 0)
    data = [rough(t, 0.0, 1.0) for t in tables]
    assert errors(program, [leaf], 24, 8, tables=data) < 1e-5


def test_a_table_of_another_size_is_refused() -> None:
    with pytest.raises(InternalError, match="107811 samples, not 3"):
        upload_table(Table(3, 33), bytes(12))
