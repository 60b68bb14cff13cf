"""Views and camera logs of OpenColorIO in CPU kernels, against its own CPU processor."""

from __future__ import annotations

import pytest

from tests.parity.llvm.llvm_support import errors, render
from tests.parity.llvm.spaces_programs import CASES, TOLERANCE, colors, furthest, program


@pytest.mark.parametrize("name", CASES)
def test_against_opencolorio(name: str) -> None:
    kernel, tables = program(name)
    picture, theirs = colors(name)
    drawn = render(kernel, [picture], picture.width, picture.height, tables=tables)
    assert furthest(drawn, theirs) < TOLERANCE
    assert errors(kernel, [picture], picture.width, picture.height, tables=tables) < TOLERANCE
