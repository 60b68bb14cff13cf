"""Colour files in kernels of the CPU and in the reference, against OpenColorIO."""

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
from tests.parity.llvm.llvm_support import render
from vedc.codegen.reference.run_program import run


@pytest.mark.parametrize("name", look_files.FILES)
def test_every_kind(name: str, tmp_path: Path) -> None:
    path = look_files.write(tmp_path, name)
    kernel, tables = kernel_of(path)
    source, params = picture_of(codes()), params_of(kernel)
    theirs = expected(path, codes())
    drawn = render(kernel.program, [source], WIDTH, HEIGHT, params=params, tables=tables)
    assert np.abs(rgb_of(drawn) - theirs).max() <= 1.0
    arrays = run(kernel.program, [source.arrays()], params, tables, WIDTH, HEIGHT)
    assert np.abs(rgb_of(arrays) - theirs).max() <= 0.51
