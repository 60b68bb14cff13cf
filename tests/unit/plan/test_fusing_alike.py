"""Graphs that differ only in numbers are optimised once, and fuse as each would alone."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest

from tests.parity.ops.every import FORMATS_TRIED, Films, chains, reader
from vedc.expr import derive
from vedc.ir.graph import Node, node, rewrite
from vedc.ir.image import Param
from vedc.plan.executable import ComputedPiece, ExecutablePiece, FilterStep
from vedc.plan.fusion import assemble, collapse
from vedc.plan.fusion.fuse import PieceFuser, fuse
from vedc.plan.listing import _executable

CACHES = (assemble._composed, assemble._hoisted, collapse._chains, derive.footprint)
COLOR = {"primaries": "bt709", "transfer": "bt709"}


def forget() -> None:
    for cache in CACHES:
        cache.cache_clear()


def varied(root: Node, rng: random.Random) -> Node:
    """The graph with other numbers; now and then one that is a literal of the kernel."""

    def other(current: Node) -> Node:
        op = current.facts.op
        if op is None:
            return current
        numbers: dict[str, Param] = {}
        for param in op.params:
            value = current.get(param.name)
            if param.kind == "number" and isinstance(value, float):
                new = (
                    rng.choice([0.0, 1.0]) if rng.random() < 0.1 else value * rng.uniform(0.9, 1.1)
                )
                low, high = param.low, param.high
                if (low is None or low <= new) and (high is None or new <= high):
                    numbers[param.name] = new
        return current.replace(params=numbers)

    return rewrite(root, other)


def facts(piece: ExecutablePiece) -> tuple[object, ...]:
    """All of a piece, with what equality and the listing leave out."""
    if not isinstance(piece, ComputedPiece):
        return (piece,)
    kernels = [step for step in piece.steps if not isinstance(step, FilterStep)]
    programs = [(k.program.text(), k.program.title, k.optimised) for k in kernels]
    return piece, list(_executable(piece)), programs


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.slow
def test_warm_caches_change_nothing(tmp_path: Path, seed: int) -> None:
    source, out = list(FORMATS_TRIED)[seed % len(FORMATS_TRIED)]
    root = chains(seed, Films(tmp_path, (16, 10), source, out), 8)
    rng = random.Random(seed)
    graphs = [root, *(varied(root, rng) for _ in range(3))]
    forget()
    together = [facts(fuse(graph, reader)) for graph in graphs]
    alone = []
    for graph in graphs:
        forget()
        alone.append(facts(fuse(graph, reader)))
    assert together == alone


def graded(stops: float) -> Node:
    source = node(
        "source",
        (),
        {"digest": "a", "start": Fraction(0), "step": Fraction(1, 30), "width": 64, "height": 36,
         "format": "yuv420p", **COLOR, "matrix": "bt709", "range": "limited"},
    )  # fmt: skip
    linear = node("to_linear", (node("decode", (source,)),))
    exposed = node("exposure", (linear,), {"stops": stops})
    picture = node("to_display", (exposed,), {"transfer": "bt709"})
    return node("encode", (picture,), {"matrix": "bt709", "range": "limited", "format": "yuv420p"})


def test_a_grade_with_other_numbers_is_not_optimised_again() -> None:
    forget()
    fuser = PieceFuser(reader)
    fuser.fuse(graded(0.5))
    once = assemble._composed.cache_info().misses
    for n in range(2, 20):
        fuser.fuse(graded(n / 50))
    assert assemble._composed.cache_info().misses == once
    assert len(fuser.pieces) == 19
