"""Pictures in one block of memory, for transfers to and from a GPU."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedc.codegen.image import Image
from vedc.color import PixelFormat

#: Rows are aligned to this many bytes, the widest memory access of a GPU.
ALIGNMENT = 16


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive planes.

    ``planes`` holds (offset, stride, bytes per row, rows) of each.
    """

    planes: tuple[tuple[int, int, int, int], ...]
    width: int
    height: int
    size: int

    def image(self, address: int) -> Image:
        """The picture of a block at an address."""
        planes = tuple((address + offset, stride) for offset, stride, _, _ in self.planes)
        return Image(planes, self.width, self.height)


def layout(format: PixelFormat, image: Image) -> Block:
    """The block for a picture with the given format and the size of ``image``."""
    planes = []
    at = 0
    for plane in range(format.planes):
        width, rows = format.plane_size(plane, image.width, image.height)
        if format.layout == "rgba":
            width *= 4
        elif format.semi and plane == 1:
            width *= 2
        row = width * format.bytes
        stride = -(-row // ALIGNMENT) * ALIGNMENT
        planes.append((at, stride, row, rows))
        at += stride * rows
    return Block(tuple(planes), image.width, image.height, at)


def copy_in(block: Block, format: PixelFormat, image: Image, address: int) -> None:
    """Copy a picture into a block at an address."""
    for (offset, stride, row, rows), (source, given) in zip(
        block.planes, image.planes[: format.planes], strict=True
    ):
        view(address + offset, stride, row, rows)[:] = view(source, given, row, rows)


def copy_out(block: Block, address: int, image: Image) -> None:
    """Copy a picture out of a block at an address."""
    for (offset, stride, row, rows), (target, wanted) in zip(
        block.planes, image.planes[: len(block.planes)], strict=True
    ):
        view(target, wanted, row, rows)[:] = view(address + offset, stride, row, rows)


def view(address: int, stride: int, row: int, rows: int) -> NDArray[np.uint8]:
    """``rows`` rows of ``row`` bytes, ``stride`` bytes apart; a negative stride goes up."""
    lowest = address + min(0, stride * (rows - 1))
    length = abs(stride) * (rows - 1) + row
    memory = (ctypes.c_uint8 * length).from_address(lowest)
    flat: NDArray[np.uint8] = np.ctypeslib.as_array(memory)
    shaped = np.lib.stride_tricks.as_strided(flat, (rows, row), (abs(stride), 1))
    return shaped if stride >= 0 else shaped[::-1]
