"""The table of IR ops: every structural op has all that later stages look up."""

from __future__ import annotations

import pytest

from tests.unit.plan.test_plan_fuse import decode, encode
from vedc import ops
from vedc.errors import InternalError
from vedc.ir.graph import node
from vedc.ir.ir_ops import STRUCTURAL, ir_op
from vedc.plan.fusion.emit import EMIT, MATTE, RECOLOR
from vedc.plan.fusion.fetches import SOURCES


def test_every_picture_is_emitted() -> None:
    """Samples are read by ``decode`` and written by the kernel of an ``encode``."""
    assert EMIT.keys() | MATTE.keys() == STRUCTURAL.keys() - {"source", "encode"}
    assert SOURCES.keys() == {name for name, op in STRUCTURAL.items() if op.fetched}
    assert RECOLOR.keys() == {name for name, op in STRUCTURAL.items() if op.recolors}


def test_a_declared_op_has_an_entry() -> None:
    entry = ir_op("luma_wipe")
    assert (entry.op, entry.arity) == (ops.get("luma_wipe"), 3)
    assert ir_op("luma_wipe") is entry
    assert ir_op("gaussian_blur").spatial and ir_op("gaussian_blur").ramps
    assert ir_op("exposure").recolors and not ir_op("vignette").recolors


def test_errors_name_the_op() -> None:
    with pytest.raises(InternalError, match="over takes 2 inputs, got 1"):
        node("over", (decode(),))
    with pytest.raises(InternalError, match="to_linear: a display picture is needed, not 64x36"):
        node("to_linear", (encode(decode()),))


def test_structural_ops_take_no_name_of_a_declared_one() -> None:
    assert {*STRUCTURAL} & {*ops.names()} == set()
