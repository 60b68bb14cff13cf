"""Layers in memory: how long each is needed, and which share a buffer."""

from __future__ import annotations

import pytest

from tests.unit.plan.test_plan_spatial import call, chain
from vedc.plan.executable import ComputedPiece, FilterStep
from vedc.plan.layers import layers_read


def blurs(count: int) -> ComputedPiece:
    both = call("saturation", amount=1.2), call("gaussian_blur", radius=2.0)
    return chain(*(both * count))


def test_a_layer_is_needed_as_long_as_what_a_filter_makes_of_it() -> None:
    piece = chain(call("median", radius=2))
    kernel, filtered = piece.layers
    assert isinstance(piece.steps[1], FilterStep)
    assert (kernel.buffer, filtered.buffer) == (0, None)
    assert kernel.last_use == filtered.last_use == 2
    assert piece.buffers == (3 * 4 * 64 * 36,)


@pytest.mark.parametrize("count", [2, 5])
def test_a_long_chain_takes_two_buffers(count: int) -> None:
    piece = blurs(count)
    assert len([s for s in piece.steps if not isinstance(s, FilterStep)]) == count + 1
    assert len(piece.buffers) == 2


def test_no_step_writes_where_it_reads() -> None:
    piece = blurs(4)
    for index, step in enumerate(piece.steps[:-1]):
        for read in layers_read(step):
            own, source = piece.layers[index], piece.layers[read.step]
            assert own.buffer is None or own.buffer != source.buffer
            assert source.last_use >= index
