"""Every op on the processor: LLVM's frames against the float64 reference, alone and in chains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops_examples import EXAMPLES
from tests.parity.ops.every import (
    FORMATS_TRIED,
    Files,
    Films,
    Tables,
    chains,
    check,
    check_chain,
)
from vedc import ops
from vedc.execute.devices.cpu import CpuExecutor

SIZE = (50, 38)


@pytest.fixture(scope="module")
def computer() -> Iterator[CpuExecutor]:
    made = CpuExecutor(Files(), Tables(), None, 1)
    yield made
    made.close()


def test_every_op_has_an_example() -> None:
    assert set(ops.names()) == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_op(computer: CpuExecutor, tmp_path: Path, name: str) -> None:
    check(computer, Films(tmp_path, SIZE, "yuv420p", "yuv420p"), name, 2)


@pytest.mark.parametrize("name", EXAMPLES)
def test_op_in_another_format(computer: CpuExecutor, tmp_path: Path, name: str) -> None:
    """Formats are printed apart from ops, so that each op is tried in one of the others."""
    others = list(FORMATS_TRIED)[1:]
    source, out = others[sum(name.encode()) % len(others)]
    check(computer, Films(tmp_path, SIZE, source, out), name, 2)


def test_layers_that_stand_still_are_right_in_every_frame(
    computer: CpuExecutor, tmp_path: Path
) -> None:
    films = Films(tmp_path, SIZE, "yuv420p", "yuv420p")
    check(computer, films, "stills", root=films.still_film())
    check(computer, films, "stills again", root=films.still_film())


@pytest.mark.parametrize("seed", range(12))
def test_random_chains(computer: CpuExecutor, tmp_path: Path, seed: int) -> None:
    source, out = list(FORMATS_TRIED)[seed % len(FORMATS_TRIED)]
    films = Films(tmp_path, SIZE, source, out)
    check_chain(computer, films, chains(seed, films, 12))
