"""Memo tables of the CPU kernels: the same bytes whether an entry was there or not."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np
import pytest

from tests.parity.llvm.llvm_support import Array, Picture, blank, errors, picture, render, targets
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.host import Host
from vedc.codegen.llvm.memo import MemoTable
from vedc.codegen.reference.run_program import run
from vedc.color import FORMATS
from vedc.expr.nodes import Expr, load, node
from vedc.expr.program import MEMO_STEPS, Leaf, Memo, Program
from vedc.plan.fusion.memos import STEPS, ZERO

FMT = FORMATS["yuv420p"]


def graded(gain: float = 1.0) -> tuple[Expr, Expr, Expr]:
    y, u, v = (load(0, plane) * (1 / 255.0) for plane in range(3))
    return (
        node("pow", y, u + 0.7) * gain,
        (y - v) * gain,
        node("sqrt", u * v) * gain,
    )


def kept(exprs: Iterable[Expr], leaf: int = 0) -> Memo:
    """Numbers, of which -1/4..5/4 can be remembered."""
    r, g, b = (e * STEPS + ZERO for e in exprs)
    return Memo(leaf, (r, g, b))


def looked_up() -> list[Expr]:
    return [(node("memo", attr=(0, channel)) - ZERO) * (1 / STEPS) for channel in range(3)]


def memo_program(exprs: tuple[Expr, Expr, Expr], source: str = "yuv420p") -> Program:
    leaf = Leaf(FORMATS[source])
    three = looked_up()
    roots = ((three[0] + three[1]) * 200.0, three[1] * 255.0 + 128.0, three[2] * 255.0)
    return Program((leaf,), (), (kept(exprs),), FMT, roots, 0)


def entries(memo: MemoTable) -> Array:
    return np.frombuffer(memo.view(), np.uint32)


@pytest.fixture
def memo() -> MemoTable:
    return MemoTable()


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
@pytest.mark.parametrize("gain", [1.0, 1.9])
def test_hit_and_miss_agree(target: Host, gain: float, memo: MemoTable) -> None:
    """With gain 1.9 a part of the values is out of the table's range and never stored."""
    p = memo_program(graded(gain))
    kernel = compile_program(p, target=target)
    source = picture(FMT, 143, 61)
    cold = render(p, [source], 143, 61, memos=[memo], kernel=kernel)
    filled = np.count_nonzero(entries(memo))
    warm = render(p, [source], 143, 61, memos=[memo], kernel=kernel)
    assert np.count_nonzero(entries(memo)) == filled > 1000
    for c, w in zip(cold, warm, strict=True):
        np.testing.assert_array_equal(c, w)


def test_an_entry_in_part_filled_group(memo: MemoTable) -> None:
    """Remembered lanes beside missing ones: as if all were computed."""
    p = memo_program(graded(1.4))
    kernel = compile_program(p)
    source, other = picture(FMT, 64, 30, seed=1), picture(FMT, 64, 30, seed=2)
    mixed = Picture([p.copy() for p in source.planes], 64, 30)
    for plane, new in zip(mixed.planes, other.planes, strict=True):
        plane[:, ::3] = new[:, ::3]
    render(p, [source], 64, 30, memos=[memo], kernel=kernel)
    after = render(p, [mixed], 64, 30, memos=[memo], kernel=kernel)
    alone = render(p, [mixed], 64, 30, memos=[MemoTable()], kernel=kernel)
    for a, b in zip(after, alone, strict=True):
        np.testing.assert_array_equal(a, b)


def test_values_are_near_the_reference(memo: MemoTable) -> None:
    """Within a code: fields of 10 bits are a fifth of a code off at most, here scaled by 255."""
    assert 0.5 / STEPS * 255 < 0.2
    assert -0.25 * STEPS + ZERO == 0
    assert 1.25 * STEPS + ZERO == MEMO_STEPS
    assert errors(memo_program(graded()), [picture(FMT, 90, 40)], 90, 40, memos=[memo]) <= 1


def test_out_of_range_values_are_not_quantised(memo: MemoTable) -> None:
    far = tuple(e * 3.0 + 2.0 for e in graded())
    assert len(far) == 3
    p = memo_program((far[0], far[1], far[2]))
    source = picture(FMT, 66, 12)
    three = looked_up()
    fine = Program(
        p.leaves, (), p.memos, FORMATS["yuv420p12le"], tuple(t * 800.0 for t in three), 0
    )
    got = render(fine, [source], 66, 12, memos=[memo])
    want = run(fine, [source.arrays()], (), (), 66, 12)
    assert not entries(memo).any()
    for g, w in zip(got, want, strict=True):
        assert np.abs(g.astype(int) - w.astype(int)).max() <= 1


def test_nan_is_not_stored(memo: MemoTable) -> None:
    y, u, v = (load(0, plane) * (1 / 255.0) for plane in range(3))
    p = memo_program((node("sqrt", y - 2.0), u, v))
    got = render(p, [picture(FMT, 32, 4)], 32, 4, memos=[memo])
    assert not entries(memo).any()
    assert not got[0].any()


@pytest.mark.parametrize("source", ["yuv422p", "yuv444p", "gbrp", "rgba", "yuva420p"])
def test_leaves_of_other_layouts(source: str, memo: MemoTable) -> None:
    p = memo_program(graded(), source)
    assert errors(p, [picture(FORMATS[source], 75, 11)], 75, 11, memos=[memo]) <= 1


def test_a_placed_leaf(memo: MemoTable) -> None:
    three = looked_up()
    roots = tuple((three[k] + load(1, k) * (1 / 255.0)) * 127.0 for k in range(3))
    leaves = (Leaf(FMT, covers=False), Leaf(FMT))
    p = Program(leaves, (), (kept(graded()),), FMT, roots, 0)
    for x, y in ((-5, 1), (0, 0), (37, -3), (90, 2)):
        pictures = [picture(FMT, 45, 6, x, y), picture(FMT, 80, 8)]
        assert errors(p, pictures, 80, 8, memos=[memo]) <= 1


def test_two_threads_fill_one_table(memo: MemoTable) -> None:
    p = memo_program(graded(1.3))
    kernel = compile_program(p)
    source = picture(FMT, 320, 240)
    want = render(p, [source], 320, 240, memos=[MemoTable()], kernel=kernel)
    outs = [blank(FMT, 320, 240) for _ in range(4)]
    start = threading.Barrier(len(outs))

    def work(out: Picture) -> None:
        start.wait()
        kernel([source.image()], (), (), out.image(), [memo])

    threads = [threading.Thread(target=work, args=(out,)) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for out in outs:
        for got, expected in zip(out.planes, want, strict=True):
            np.testing.assert_array_equal(got, expected)


def test_a_closed_table_gives_its_memory_back() -> None:
    table = MemoTable()
    assert table.address
    table.close()
    assert not table.address


@pytest.mark.parametrize("source", ["yuv420p", "nv12"])
def test_values_that_are_no_numbers(source: str, memo: MemoTable) -> None:
    """Square roots of negatives are computed each time, and ``max`` still finds the number."""
    y, u, v = (load(0, channel) * (1 / 255.0) for channel in range(3))
    roots_of = tuple(node("sqrt", c - 0.5) for c in (y, u, v))
    three = looked_up()
    roots = tuple(node("max", c, m) * 255.0 for c, m in zip((y, u, v), three, strict=True))
    fmt = FORMATS[source]
    p = Program((Leaf(fmt),), (), (kept(roots_of),), FMT, roots, 0)
    for _ in ("cold", "warm"):
        assert errors(p, [picture(fmt, 64, 9)], 64, 9, memos=[memo]) <= 1
