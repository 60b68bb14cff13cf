"""Views and camera logs of OpenColorIO in GPU kernels, by Triton's interpreter, against its CPU
processor."""

from __future__ import annotations

import pytest

from tests.parity.triton.triton_support import render  # first: Triton is not yet imported

# isort: split
from tests.parity.llvm.spaces_programs import CASES, TOLERANCE, colors, furthest, program


@pytest.mark.parametrize("name", CASES)
def test_against_opencolorio(name: str) -> None:
    kernel, tables = program(name)
    picture, theirs = colors(name, step=8)
    drawn = render(kernel, [picture], picture.width, picture.height, tables=tables)
    assert furthest(drawn, theirs) < TOLERANCE
