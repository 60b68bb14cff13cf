"""Lookup tables as generated code reads them, on the CPU and the GPU.

A prepared table is a header of 16 float32 and the samples.

3d: one 64-bit word per node, red varying fastest. From the top: 21 bits of channel 0, 22 of
channel 1, 21 of channel 2, each coding ``low..high`` of its channel, so a table with
values outside 0..1 loses nothing but range / 2**22 (a quarter of a code of a 10-bit
picture is reached at a range of 1,000). A field is used together with the bits below it,
which saves masking; ``prepare_table`` takes those bits into account, so they cost no
accuracy. Header: scale of channels 0..2, then offset of channels 0..2.

1d: the samples of channel 0, then 1, then 2, as float32, and one more number that is read
with weight 0 when looking up the last sample. The header is unused.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from vedc.errors import InternalError
from vedc.expr.program import Table
from vedc.support.lazy_dataclass import dataclass

HEADER_BYTES = 64


@dataclass(frozen=True, slots=True)
class PackedTable:
    """A table in the kernels' layout, in memory of the CPU or the GPU. Kernels take ``address``."""

    address: int
    owner: object


def prepare_table(table: Table, data: array[float] | bytes) -> PackedTable:
    """Lay out a table's samples for kernels.

    ``data`` is float32 in :class:`Table`'s order and shape. NaN becomes 0, infinities the largest
    finite sample of their sign.
    """
    samples = np.frombuffer(data, np.float32)
    nodes = table.size**table.dims
    if samples.size != 3 * nodes or table.size < 2:
        raise InternalError(f"{table} holds {3 * nodes} samples, not {samples.size}")
    samples = samples.reshape(nodes, 3)
    if not np.isfinite(samples).all():
        known = samples[np.isfinite(samples)]
        peak = np.abs(known).max() if known.size else 0.0
        samples = np.nan_to_num(samples, nan=0.0, posinf=peak, neginf=-peak)
    words = nodes if table.dims == 3 else 3 * nodes // 2 + 1
    memory = np.zeros(HEADER_BYTES // 8 + words, "<u8")
    floats = memory.view("<f4")
    at = HEADER_BYTES // 4
    if table.dims == 3:
        floats[0:3], floats[3:6], memory[HEADER_BYTES // 8 :] = _pack(samples.astype(np.float64))
    else:
        floats[at : at + 3 * nodes] = samples.T.reshape(-1)
    return PackedTable(address=memory.ctypes.data, owner=memory)


def _pack(
    samples: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint64]]:
    """Scale, offset and words of a 3D table's nodes, shape (n, 3)."""
    low, high = samples.min(axis=0), samples.max(axis=0)
    full = float((1 << 32) - (1 << 12))  # a field's largest value, with room for rounding
    offset = low.astype(np.float32)
    scale = (np.where(high > low, high - offset, 1.0) / full).astype(np.float32)
    target = np.clip((samples - offset) / scale, 0.0, full)
    blue = np.rint(target[:, 2] / 2**11).astype(np.uint64)
    green = np.rint(np.maximum(target[:, 1] - (blue >> np.uint64(11)), 0) / 2**10).astype(np.uint64)
    below = green & np.uint64(0x3FF_FFF)
    red = np.rint(np.maximum(target[:, 0] - (below >> np.uint64(11)), 0) / 2**11).astype(np.uint64)
    return scale, offset, red << np.uint64(43) | green << np.uint64(21) | blue
