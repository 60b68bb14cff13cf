"""Every op on the processor: LLVM's frames against the float64 reference, alone and in chains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
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
    drawn,
    fused,
    worst,
)
from vedc import ops
from vedc.color import FORMATS
from vedc.execute.devices.cpu import CpuExecutor
from vedc.plan.executable import ComputedPiece, FilterStep

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


@pytest.mark.parametrize("radius", [1.5, 9.0])
@pytest.mark.parametrize(
    ("source", "out", "tolerance"),
    [
        ("yuv420p", "yuv420p", 1),
        ("yuv422p10le", "yuv420p10le", 2),
        ("yuv444p", "yuv444p", 1),
        ("gbrp", "yuv422p", 1),
    ],
)
def test_plane_space(
    computer: CpuExecutor, tmp_path: Path, source: str, out: str, tolerance: int, radius: float
) -> None:
    """Odd sizes, chroma of every kind; bands of several threads, which change no bit."""
    films = Films(tmp_path, (53, 131), source, out)
    calls = (films.call("sharpen", {"radius": radius, "amount": 0.6}), films.call("vignette"))
    root = films.encode(films.look.apply(films.source("a"), calls, 0))
    piece = fused(root)
    assert isinstance(piece, ComputedPiece)
    assert isinstance(piece.steps[0], FilterStep) and piece.steps[0].planes == source
    got, want = drawn(computer, root, films, 1)
    assert worst(got, want, FORMATS[out]).max() <= tolerance
    several = CpuExecutor(Files(), Tables(), None, 3)
    again, _ = drawn(several, root, films, 1)
    several.close()
    for one, other in zip(got[0], again[0], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("seed", range(12))
def test_random_chains(computer: CpuExecutor, tmp_path: Path, seed: int) -> None:
    source, out = list(FORMATS_TRIED)[seed % len(FORMATS_TRIED)]
    films = Films(tmp_path, SIZE, source, out)
    check_chain(computer, films, chains(seed, films, 12))
