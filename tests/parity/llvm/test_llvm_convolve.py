"""Convolution in generated code against the definition, on every width of vectors."""

from __future__ import annotations

import numpy as np
import pytest

from tests.parity.llvm.llvm_support import targets
from vedc.codegen.filters.convolve import convolved
from vedc.codegen.llvm.host import Host
from vedc.kernels import correlate, gaussian


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
@pytest.mark.parametrize("shape", [(3, 5, 67), (1, 9, 200), (4, 9, 7), (1, 1, 1)], ids=str)
def test_both_ways(shape: tuple[int, int, int], target: Host) -> None:
    """Rows shorter than a block, of a block and a bit, and of several; reaches beyond them."""
    layer = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    for bell in (np.ones(1), np.array([0.5, -0.25, 0.75]), gaussian.weights(4.0)):
        made = convolved(layer, bell, target)
        wanted = correlate.along(correlate.along(layer.astype(np.float64), bell, 1), bell, 2)
        np.testing.assert_allclose(made, wanted, rtol=0, atol=5e-6)


def test_layers_are_read_as_they_lie() -> None:
    """A part of a larger array is not contiguous."""
    whole = np.random.default_rng(1).random((2, 20, 90)).astype(np.float32)
    part = whole[:, 3:17, 5:85]
    bell = gaussian.weights(1.5)
    np.testing.assert_array_equal(convolved(part, bell), convolved(part.copy(), bell))
