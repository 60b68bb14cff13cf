"""The float64 reference keeps program.py's contract, on pictures small enough to see."""

from __future__ import annotations

import numpy as np
import pytest

from vedc.codegen.reference.numpy_math import look_up
from vedc.codegen.reference.run_program import LeafArrays, run, run_unrounded
from vedc.color import FORMATS
from vedc.errors import InternalError
from vedc.expr.nodes import Expr, const, cover, load, node, param
from vedc.expr.program import Leaf, Memo, Program, Table


def program(out: str, *roots: Expr, leaves: tuple[Leaf, ...] = (), params: int = 0) -> Program:
    return Program(leaves, (), (), FORMATS[out], roots, params)


def test_samples_go_through_unchanged_at_odd_sizes() -> None:
    rng = np.random.default_rng(1)
    planes = [rng.integers(0, 1024, shape).astype(np.uint16) for shape in ((5, 7), (3, 4), (3, 4))]
    leaf = Leaf(FORMATS["yuv420p10le"])
    copy = program("yuv420p10le", load(0, 0), load(0, 1), load(0, 2), leaves=(leaf,))
    for got, given in zip(run(copy, [LeafArrays(planes)], [], [], 7, 5), planes, strict=True):
        assert got.dtype == np.uint16
        np.testing.assert_array_equal(got, given)


def test_subsampled_planes_are_averaged_and_the_edge_counts_twice() -> None:
    out = run(program("yuv420p", const(0), node("x"), node("y")), [], [], [], 3, 3)
    # Columns 0.5 1.5 | 2.5 2.5 in the mean; rows alike; halves round up.
    np.testing.assert_array_equal(out[1], [[1, 3], [1, 3]])
    np.testing.assert_array_equal(out[2], [[1, 1], [3, 3]])
    exact = run_unrounded(program("yuv420p", const(0), node("x"), node("y")), [], [], [], 3, 3)
    np.testing.assert_array_equal(exact[1], [[1.0, 2.5], [1.0, 2.5]])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.5, 1), (1.4999, 1), (1.5, 2), (-3.0, 0), (255.4, 255), (300.0, 255),
        (float("nan"), 0), (float("inf"), 255), (-float("inf"), 0),
    ],
)  # fmt: skip
def test_rounding_and_clamping(value: float, code: int) -> None:
    (plane, *_) = run(program("gbrp", *[param(0)] * 3, params=1), [], [value], [], 2, 1)
    assert plane.tolist() == [[code, code]]


@pytest.mark.parametrize(("x", "y"), [(1, 1), (-1, -2), (3, 0), (9, 9)])
def test_a_placed_leaf_is_zero_outside(x: int, y: int) -> None:
    rng = np.random.default_rng(2)
    image = rng.integers(1, 256, (3, 4, 4)).astype(np.uint8)
    leaf = Leaf(FORMATS["rgba"], covers=False)
    roots = (load(0, 1), load(0, 3), cover(0) * 255.0)
    (g, a, inside) = run(
        program("gbrp", *roots, leaves=(leaf,)), [LeafArrays([image], x, y)], [], [], 5, 4
    )
    canvas = np.zeros((4 + 20, 5 + 20, 5), np.uint8)
    canvas[10 + y : 13 + y, 10 + x : 14 + x] = np.concatenate(
        [image, np.full((3, 4, 1), 255, np.uint8)], -1
    )
    for got, channel in ((g, 1), (a, 3), (inside, 4)):
        np.testing.assert_array_equal(got, canvas[10:14, 10:15, channel])


def test_chroma_of_a_placed_leaf_lies_on_the_leafs_own_grid() -> None:
    planes = [
        np.zeros((2, 4), np.uint8),
        np.array([[10, 20]], np.uint8),
        np.zeros((1, 2), np.uint8),
    ]
    leaf = Leaf(FORMATS["yuv420p"], covers=False)
    out = run(
        program("gbrp", load(0, 1), const(0), const(0), leaves=(leaf,)),
        [LeafArrays(planes, 1, 0)], [], [], 5, 1,
    )  # fmt: skip
    assert out[0].tolist() == [[0, 10, 10, 20, 20]]


def test_packed_output() -> None:
    roots = [const(v) for v in (1, 2, 3, 4)]
    (packed,) = run(program("rgba", *roots), [], [], [], 2, 1)
    assert packed.tolist() == [[[1, 2, 3, 4], [1, 2, 3, 4]]]


def test_memos_are_computed() -> None:
    leaf = Leaf(FORMATS["yuv444p"])
    memo = Memo(0, (load(0, 0) * 2.0, load(0, 1), load(0, 2)))
    roots = tuple(node("memo", attr=(0, c)) for c in range(3))
    planes = [np.full((1, 1), v, np.uint8) for v in (7, 8, 9)]
    made = Program((leaf,), (), (memo,), FORMATS["gbrp"], roots, 0)
    assert [int(p[0, 0]) for p in run(made, [LeafArrays(planes)], [], [], 1, 1)] == [14, 8, 9]


def test_tetrahedral_interpolation_by_hand() -> None:
    """One cell whose corners are known: green between red and blue takes the path r, g, b."""
    table = np.zeros((2, 2, 2, 3))
    table[..., 0] = np.arange(8).reshape(2, 2, 2) ** 2  # index = 4 b + 2 g + r
    at = [np.array(v) for v in (0.75, 0.5, 0.25)]
    expected = 0 * 0.25 + 1 * 0.25 + 9 * 0.25 + 49 * 0.25
    assert look_up(table, 0, *at) == pytest.approx(expected)
    assert look_up(table, 0, *[np.array(v) for v in (2.0, -1.0, np.nan)]) == 1.0
    assert look_up(np.array([[0.0] * 3, [4.0] * 3, [5.0] * 3]), 0, np.array(0.75)) == 4.5


def test_a_lookup_in_a_program() -> None:
    made = Program(
        (), (Table(1, 2),), (), FORMATS["gbrp"],
        tuple(node("lut1d", const(0.5), attr=(0, c)) for c in range(3)), 0,
    )  # fmt: skip
    planes = run(made, [], [], [np.array([[0, 10, 20], [2, 30, 60]], np.float32)], 1, 1)
    assert [int(p[0, 0]) for p in planes] == [1, 20, 40]


def test_a_call_that_does_not_fit_is_a_broken_promise() -> None:
    with pytest.raises(InternalError, match="takes 0 leaves and 1 params"):
        run(program("gbrp", *[param(0)] * 3, params=1), [], [], [], 1, 1)
