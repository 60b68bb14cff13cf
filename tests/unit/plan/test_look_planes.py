"""Layers of Y'CbCr: which layers of a film become such, and that the film stays the same."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.parity.llvm.llvm_support import picture
from tests.parity.ops.chain_reference import draw
from tests.unit.plan.test_plan_fuse import decode, encode, piece
from tests.unit.plan.test_plan_spatial import LOOK, call
from vedc.color import FORMATS
from vedc.edit.values import Keyframe, Keyframes, OpCall
from vedc.expr.nodes import walk
from vedc.expr.taps import TAPS
from vedc.ir.graph import Node
from vedc.plan.describe import describe_step
from vedc.plan.executable import ComputedPiece
from vedc.plan.fusion import look_planes

ZOOMS = {"enlarged": 2.0, "between": 0.8, "reduced": 0.4}


def drawn(*calls: OpCall, format: str = "yuv420p", picture: Node | None = None) -> ComputedPiece:
    return piece(encode(LOOK.apply(picture or decode(), calls, 0), format))


def looks(made: ComputedPiece) -> list[set[int]]:
    """The planes that each root of the film looks at."""
    found = (
        (e.attr[1] for e in walk([root]) if e.op in TAPS and isinstance(e.attr, tuple))
        for root in made.last.program.roots
    )
    return [{int(plane) for plane in planes} for planes in found]


def frame(made: ComputedPiece) -> list[NDArray[Any]]:
    source = picture(FORMATS["yuv420p"], 64, 36, seed=3).arrays()
    return draw(made, 4, [source], lambda digest: pytest.fail("no table is read"))


@pytest.mark.parametrize("amount", ZOOMS.values(), ids=ZOOMS)
@pytest.mark.parametrize("format", ["yuv420p", "yuv422p10le"])
def test_each_plane_looks_at_its_own(amount: float, format: str) -> None:
    made = drawn(call("zoom", amount=amount), format=format)
    assert looks(made) == [{0}, {1}, {2}]
    layer, *_, film = (describe_step(step) for step in made.steps)
    assert layer["reason"].endswith(", plane by plane: it is Y'CbCr")
    assert film["planes"] == format


@pytest.mark.parametrize("amount", ZOOMS.values(), ids=ZOOMS)
def test_the_film_is_that_of_layers_of_rgb(amount: float, monkeypatch: pytest.MonkeyPatch) -> None:
    moving = Keyframes((Keyframe(Fraction(0), amount), Keyframe(Fraction(9), amount * 1.2)))
    calls = call("zoom", amount=moving), call("saturation", amount=1.3)
    made = frame(drawn(*calls))
    monkeypatch.setattr(look_planes, "by_plane", lambda *given: None)
    for ours, theirs in zip(made, frame(drawn(*calls)), strict=True):
        assert int(np.abs(ours.astype(int) - theirs.astype(int)).max()) <= 1
        assert np.mean(ours == theirs) > 0.999


def test_what_is_not_linear_needs_all_planes_together() -> None:
    zoom = call("zoom", amount=2.0)
    made = drawn(zoom, call("exposure", stops=0.5))
    assert looks(made) == [{0, 1, 2}] * 3
    layer, *_, film = (describe_step(step) for step in made.steps)
    assert layer["reason"].endswith(" at other positions")
    assert film["planes"] == ""
    assert looks(drawn(zoom, format="yuv444p")) == [{0, 1, 2}] * 3


def test_what_lies_below_a_layer_may_be_anything() -> None:
    zoom = call("zoom", amount=2.0)
    for below in (call("exposure", stops=0.5), call("median", radius=4)):
        assert looks(drawn(below, zoom)) == [{0}, {1}, {2}]
