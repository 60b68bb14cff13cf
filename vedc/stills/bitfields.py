"""BMP whose samples are extracted from words by masks of any width."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import numpy as np

from vedc.edit.media_info import LARGEST_STILL
from vedc.stills.ffmpeg_frame import Samples

#: The header's codes for pixels extracted by masks, without and with one for alpha.
_MASKED: Final = (3, 6)


def read(path: Path) -> Samples | None:
    """RGB or RGBA of 8 bits, or of 16 if a mask has more; None for other kinds of BMP.

    Raises ValueError or struct.error if the file is damaged.
    """
    content = path.read_bytes()
    (start, size, width, height, _, bits, compression) = struct.unpack("<IIiiHHI", content[10:34])
    if compression not in _MASKED or size < 40 or bits not in (16, 32):
        return None
    masks = list(struct.unpack("<3I", content[54:66]))
    if size >= 56 or compression == _MASKED[1]:
        masks += struct.unpack("<I", content[66:70])
    masks = masks[: 3 + any(masks[3:])]
    down = height < 0
    height = abs(height)
    if not 0 < width * height <= LARGEST_STILL or not all(masks):
        raise ValueError("its header makes no sense")
    stride = (width * bits + 31) // 32 * 4
    rows = np.frombuffer(content, np.uint8, stride * height, start).reshape(height, stride)
    words = np.ascontiguousarray(rows[:, : width * bits // 8]).view(f"<u{bits // 8}")
    words = words if down else words[::-1]
    deep = any(mask.bit_count() > 8 for mask in masks)
    largest = 65535 if deep else 255
    kind = np.uint16 if deep else np.uint8
    planes = []
    for mask in masks:
        low = (mask & -mask).bit_length() - 1
        codes = (words & mask) >> low
        planes.append(np.rint(codes * (largest / (mask >> low))).astype(kind))
    return np.stack(planes, axis=-1)
