"""The verifier between the passes: a pass that breaks the graph is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parity.ops.every import Films
from vedc import passes
from vedc.errors import InternalError
from vedc.ir.graph import Node


@pytest.fixture
def film(tmp_path: Path) -> Node:
    return Films(tmp_path, (8, 4), "yuv420p", "yuv420p").film("exposure")


def broken(root: Node) -> Node:
    return root.inputs[0]  # samples for an encoder are what a film ends in


def test_a_failing_verification_names_the_pass(film: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    table = (passes.PASSES[0], ("break everything", broken), *passes.PASSES[1:])
    monkeypatch.setattr(passes, "PASSES", table)
    with pytest.raises(InternalError, match="after 'break everything': the root is"):
        passes.optimise(film)


def test_what_lowering_gives_is_verified(film: Node) -> None:
    with pytest.raises(InternalError, match="after 'lowering'"):
        passes.optimise(film.inputs[0])


def test_renders_do_not_verify_and_traces_do(film: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(passes.VERIFY)
    monkeypatch.setattr(passes, "PASSES", (("break everything", broken),))
    assert passes.optimise(film) is film.inputs[0]
    with pytest.raises(InternalError, match="break everything"):
        passes.optimise(film, lambda name, before, after: None)
