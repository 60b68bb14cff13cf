"""Filters that are sent to another process."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from vedc import ops
from vedc.ops.core import registry
from vedc.ops.core.filters import ForeignModel
from vedc.ops.core.registry import op

_RECEIVE = "import pickle, sys; print(pickle.load(sys.stdin.buffer).name)"


@pytest.mark.parametrize("name", ["clean", "style", "model_3", "gaussian_blur"])
def test_a_process_that_has_used_no_op_yet_receives_a_filter(name: str) -> None:
    sent = ops.get(name).filter
    assert sent is not None
    made = subprocess.run(
        [sys.executable, "-c", _RECEIVE], input=pickle.dumps(sent), capture_output=True, check=True
    )
    assert made.stdout.decode().strip() == sent.name


def test_a_filter_may_have_another_name_than_its_op() -> None:
    sent = ForeignModel("mine", (0, 0))
    op("stencil", space="display", use="Draw as a network does.", filter=sent)(mine_too)
    try:
        assert pickle.loads(pickle.dumps(sent)) is sent
    finally:
        registry.remove("mine_too")


def mine_too(m, pixel, filtered):  # type: ignore[no-untyped-def]
    """Draw by a network."""
    return filtered
