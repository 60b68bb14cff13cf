"""A chain on colours in float64: the reference for kernels."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.expr.chain import Chain, Interpolation
from vedc.expr.math import Lut, Scalar, Vec3
from vedc.ops.looks.look_file import Compiled
from vedc.ops.shared.cube import Cube


def run(
    chain: Compiled, colors: NDArray[Any], interpolation: Interpolation = "auto"
) -> NDArray[np.float64]:
    """Colours (n, 3) after a chain."""
    luts = tuple(lut_of(number, cube) for number, cube in enumerate(chain.tables))
    channels = cast("tuple[Scalar, ...]", tuple(np.asarray(colors, np.float64).T))
    with np.errstate(all="ignore"):
        m = NumpyMath(tables=[samples(cube) for cube in chain.tables])
        shown = Chain(chain.steps, luts).look_up(m, Vec3(*channels), interpolation)
    return np.stack(np.broadcast_arrays(*(np.asarray(c) for c in shown.channels)), -1)


def lut_of(number: int, cube: Cube) -> Lut:
    """The handle of a table."""
    return Lut(number, cube.dims, cube.size, cube.domain_min, cube.domain_max)


def samples(cube: Cube) -> NDArray[np.float64]:
    """A table in the reference's layout: by blue, green and red, or one axis for all."""
    return np.array(cube.data, np.float64).reshape((cube.size,) * cube.dims + (3,))
