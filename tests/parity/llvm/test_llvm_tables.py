"""Lookup tables of the CPU kernels against the float64 reference."""

from __future__ import annotations

import numpy as np
import pytest

from tests.parity.llvm.llvm_support import errors, picture, render, targets
from vedc.codegen.llvm.compile import compile_program
from vedc.codegen.llvm.host import Host
from vedc.codegen.tables import prepare_table
from vedc.color import FORMATS
from vedc.errors import InternalError
from vedc.expr.nodes import load, node
from vedc.expr.program import Leaf, Program, Table

FMT = FORMATS["gbrp12le"]
RGB = [(load(0, plane) - 200.0) * (1 / 3600.0) for plane in (2, 0, 1)]  # a little out of 0..1
TARGETS = pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")


def program(table: Table, low: float = 0.0, high: float = 1.0) -> Program:
    args = RGB if table.dims == 3 else None
    out = [
        node(f"lut{table.dims}d", *(args or [RGB[channel]]), attr=(0, channel))
        for channel in range(3)
    ]
    scaled = [(value - low) * (4095.0 / (high - low)) for value in out]
    return Program((Leaf(FMT),), (table,), (), FMT, (scaled[1], scaled[2], scaled[0]), 0)


def rough(table: Table, low: float, high: float) -> np.ndarray:
    """Random samples: the hardest case for interpolation."""
    shape = (table.size,) * table.dims + (3,)
    return np.random.default_rng(table.size).uniform(low, high, shape).astype(np.float32)


@TARGETS
@pytest.mark.parametrize("size", [2, 3, 17, 33, 65])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 60.0)])
def test_cube(size: int, low: float, high: float, target: Host) -> None:
    table = Table(3, size)
    p = program(table, low, high)
    kernel = compile_program(p, target=target)
    source = picture(FMT, 70, 40)
    assert errors(p, [source], 70, 40, tables=[rough(table, low, high)], kernel=kernel) <= 1


@TARGETS
@pytest.mark.parametrize("size", [2, 33, 1024, 65536])
def test_curve(size: int, target: Host) -> None:
    table = Table(1, size)
    # A random walk: as rough as a curve of that many samples can be for 12-bit input.
    data = rough(table, -1.0, 1.0).cumsum(axis=0)
    data = (data - data.min()) / np.ptp(data)
    p = program(table)
    kernel = compile_program(p, target=target)
    assert errors(p, [picture(FMT, 70, 40)], 70, 40, tables=[data], kernel=kernel) <= 1


def test_identity_cube_returns_its_input() -> None:
    """On the nodes and between, within half a code of 12 bits."""
    axis = np.linspace(0.0, 1.0, 33)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    cube = np.stack([red, green, blue], axis=-1)
    inside = [load(0, plane) * (1 / 4095.0) for plane in (2, 0, 1)]
    roots = [node("lut3d", *inside, attr=(0, c)) * 4095.0 for c in (1, 2, 0)]
    p = Program((Leaf(FMT),), (Table(3, 33),), (), FMT, tuple(roots), 0)
    source = picture(FMT, 90, 50)
    got = render(p, [source], 90, 50, tables=[cube])
    for g, w in zip(got, source.planes, strict=True):
        np.testing.assert_array_equal(g, w)


def test_flat_cube() -> None:
    table = Table(3, 5)
    p = program(table)
    for value in (0.0, 0.25, 1.0):
        data = np.full((5, 5, 5, 3), value, np.float32)
        assert errors(p, [picture(FMT, 20, 5)], 20, 5, tables=[data]) == 0


def test_a_table_of_another_size_is_refused() -> None:
    with pytest.raises(InternalError, match="107811 samples, not 3"):
        prepare_table(Table(3, 33), bytes(12))


@TARGETS
def test_a_curve_ends_on_its_last_sample(target: Host) -> None:
    """At 1 and beyond: the memory after it has no influence, however large its values."""
    table = Table(1, 5)
    data = np.zeros((5, 3), np.float32)
    data[0], data[-1] = 1e30, (0.25, 0.5, 0.75)
    at = [load(0, 0) * 0.0 + value for value in (1.0, 1.5, 1e20)]
    for x in at:
        roots = tuple(node("lut1d", x, attr=(0, c)) * 4095.0 for c in (1, 2, 0))
        p = Program((Leaf(FMT),), (table,), (), FMT, roots, 0)
        kernel = compile_program(p, target=target)
        got = render(p, [picture(FMT, 20, 3)], 20, 3, tables=[data], kernel=kernel)
        for plane, want in zip(got, (2048, 3071, 1024), strict=True):
            np.testing.assert_array_equal(plane, want)
