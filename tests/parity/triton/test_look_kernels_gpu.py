"""Colour files in kernels of the GPU, against OpenColorIO: 8 bits within a code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests import look_files
from tests.looks_support import (
    HEIGHT,
    WIDTH,
    codes,
    expected,
    kernel_of,
    params_of,
    picture_of,
    rgb_of,
)
from tests.parity.triton.triton_support import render  # before what may import Triton

#: One of each way through a chain; the CPU's test has every kind of file.
NAMES = ("log.clf", "half.clf", "curves.ctf", "one.cc", "table.clf")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_chains(name: str, tmp_path: Path) -> None:
    path = look_files.write(tmp_path, name)
    kernel, tables = kernel_of(path)
    source, params = picture_of(codes()), params_of(kernel)
    drawn = render(kernel.program, [source], WIDTH, HEIGHT, params=params, tables=tables)
    assert np.abs(rgb_of(drawn) - expected(path, codes())).max() <= 1.0
