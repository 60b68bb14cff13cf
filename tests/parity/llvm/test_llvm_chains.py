"""Whole chains of ops on the CPU against the float64 reference: the stated tolerance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.llvm.llvm_chains import (
    Chain,
    cdl,
    exposure,
    grain,
    look,
    lut,
    power,
    saturation,
    whole,
)
from tests.parity.llvm.llvm_support import Picture, errors, picture, targets
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.host import Host
from vedc.codegen.llvm.memo import MemoTable
from vedc.color import FORMATS, LAYER
from vedc.expr.nodes import Expr, const, load, node
from vedc.expr.program import Leaf, Program
from vedc.expr.rules import simplify

SIZE = (150, 84)
CHAINS = {
    "none": Chain(),
    "exposure": Chain((exposure,)),
    "cdl": Chain((cdl,)),
    "lut": Chain((lut,)),
    "saturation": Chain((saturation,)),
    "grain": Chain((cdl, grain, saturation)),
    "powers": Chain((power, power, power)),
    "whole": whole(*SIZE),
}


def tables(chain: Chain) -> list[np.ndarray]:
    return [look()] if lut in chain.steps else []


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
@pytest.mark.parametrize("name", CHAINS)
def test_tolerance(name: str, target: Host) -> None:
    """8 bit within 1 code, 10 bit within 2, on random samples from 0 to the peak."""
    chain = CHAINS[name]
    for source, allowed in (("yuv420p", 1), ("yuv420p10le", 2), ("yuv444p10le", 2)):
        fmt = FORMATS[source]
        program = chain.program(fmt, fmt)
        kernel = compile_program(program, target=target)
        worst = errors(program, [picture(fmt, *SIZE)], *SIZE, tables=tables(chain), kernel=kernel)
        assert worst <= allowed, source


def test_every_triple_of_a_coarse_grid() -> None:
    """All corners and faces of the YCbCr cube, most of them no colour at all."""
    codes = np.array([*range(0, 256, 5)], np.uint8)
    y, u, v = (g.ravel() for g in np.meshgrid(codes, codes, codes, indexing="ij"))
    width = 52 * 52
    fmt = FORMATS["yuv444p"]
    source = Picture([p.reshape(-1, width).copy() for p in (y, u, v)], width, y.size // width)
    chain = whole(width, source.height)
    worst = errors(chain.program(fmt, fmt), [source], width, source.height, tables=tables(chain))
    assert worst <= 1


@pytest.mark.parametrize("samples", [False, True])
def test_memo_of_a_whole_chain(samples: bool) -> None:
    fmt = FORMATS["yuv420p"]
    chain = whole(*SIZE, memo=True, samples=samples)
    program = chain.program(fmt, fmt)
    memo = MemoTable()
    for _ in ("cold", "warm"):
        worst = errors(program, [picture(fmt, *SIZE)], *SIZE, tables=tables(chain), memos=[memo])
        assert worst <= 1


def test_untouched_planes_stay_untouched() -> None:
    for name in ("yuv420p", "yuv422p10le", "yuva444p12le", "gbrp", "rgba", "nv12", "yuv444p16le"):
        fmt = FORMATS[name]
        roots = tuple(load(0, k) for k in range(fmt.channels))
        program = Program((Leaf(fmt),), (), (), fmt, roots, 0)
        assert errors(program, [picture(fmt, 99, 45)], 99, 45) == 0


#: Whole numbers in float32 as in float64, so that both see the same noise.
NOISE = st.tuples(*[st.sampled_from([load(0, 0), node("x"), node("y"), const(5.0)])] * 3).map(
    lambda at: node("hash", *at)
)
#: Of a sampled leaf, at places that are far from the border between two samples.
TEXELS = st.builds(
    lambda channel, x, y: node("texel", x, y, attr=(1, channel)),
    st.integers(0, 3),
    st.sampled_from([node("x"), node("x") - 4.0, node("y") * 0.25 + 0.3, const(7.5)]),
    st.sampled_from([node("y") + 2.0, node("y") * -0.5 + 6.3, const(3.5), node("x") * 0.25 - 0.3]),
)
LEAVES = st.one_of(
    st.sampled_from([load(0, p) * (1 / 255.0) for p in range(3)]),
    st.sampled_from([node("x") * (1 / 64.0), node("y") * (1 / 64.0)]),
    st.floats(-2.0, 2.0, width=32).map(const),
    NOISE,
    TEXELS,
)


def _grow(below: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Functions that are continuous and tame: float32's own rounding stays small."""
    pairs = st.tuples(below, below)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        pairs.map(lambda p: node("min", *p) * node("max", *p)),
        st.tuples(below, below, below).map(lambda p: node("fma", *p)),
        pairs.map(lambda p: p[0] / (abs(p[1]) + 1.0)),
        below.map(lambda e: node("sqrt", abs(e) + 0.1)),
        below.map(lambda e: node("exp2", node("min", e, const(3.0)))),
        below.map(lambda e: node("log2", abs(e) + 0.2)),
        below.map(lambda e: node("pow", abs(e), const(0.8))),
        below.map(lambda e: node("sin", e)),
        below.map(lambda e: -node("cos", e)),
        below.map(lambda e: node("atan2", e, abs(e) + 0.3)),
    )


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.tuples(*[st.recursive(LEAVES, _grow, max_leaves=12)] * 3))
def test_expressions_by_chance(roots: tuple[Expr, Expr, Expr]) -> None:
    """Rates, averaging and scheduling of whatever the language can say, simplified or not."""
    fmt = FORMATS["yuv420p"]
    layer = picture(LAYER, 29, 8)
    layer.planes = [np.clip(np.nan_to_num(p), 0.0, 1.0) for p in layer.planes]
    sources = [picture(fmt, 37, 10), layer]
    squashed = [node("sin", r) * 120.0 + 128.0 for r in roots]
    for form in (squashed, simplify(squashed)):
        leaves = (Leaf(fmt), Leaf(LAYER, sampled=True))
        program = Program(leaves, (), (), fmt, tuple(form), 0)
        assert errors(program, sources, 37, 10) <= 1
