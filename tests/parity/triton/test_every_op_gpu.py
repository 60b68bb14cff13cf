"""Every op as a graphics card draws it, by Triton's interpreter, against the float64 reference.

The whole executor runs: runs of frames, copies in and out, resident stills, filters, layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parity.triton import triton_support  # noqa: F401  first: Triton is not yet imported

# isort: split
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
from vedc.color import FORMATS
from vedc.execute.devices.cuda import CudaExecutor
from vedc.execute.devices.device import Device

#: The interpreter runs a kernel once per row of blocks, however wide: two rows of blocks, which
#: are two rows of pixels each where the chroma of the film has half the height.
WIDTH, ROWS_OF_BLOCKS = 24, 2
#: Runs of several frames are tested in test_gpu_executor.
FRAMES = 1


def size(out: str) -> tuple[int, int]:
    return WIDTH, ROWS_OF_BLOCKS << FORMATS[out].sub_y


@pytest.fixture(scope="module")
def computer() -> Iterator[CudaExecutor]:
    made = CudaExecutor(Device("interpreter"), Files(), Tables(), None)
    yield made
    made.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_op(computer: CudaExecutor, tmp_path: Path, name: str) -> None:
    pairs = list(FORMATS_TRIED)
    source, out = pairs[sum(name.encode()) % len(pairs)]
    check(computer, Films(tmp_path, size(out), source, out), name, FRAMES)


def test_layers_that_stand_still_are_right_in_every_frame(
    computer: CudaExecutor, tmp_path: Path
) -> None:
    films = Films(tmp_path, size("yuv420p"), "yuv420p", "yuv420p")
    check(computer, films, "stills", root=films.still_film())
    check(computer, films, "stills again", root=films.still_film())


@pytest.mark.parametrize("seed", range(2))
def test_random_chains(computer: CudaExecutor, tmp_path: Path, seed: int) -> None:
    source, out = list(FORMATS_TRIED)[seed % len(FORMATS_TRIED)]
    films = Films(tmp_path, size(out), source, out)
    check_chain(computer, films, chains(seed, films, 12), FRAMES)
