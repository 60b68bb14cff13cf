"""Optical flow between two pictures, forward and backward, as far as it is reliable.

The result has four planes: the displacement of each point from the first picture to the second
(x, y), and the same from the second to the first, all in pixels. It is computed by OpenCV's DIS (T.
Kroeger et al., "Fast optical flow using dense inverse search", 2016) on 8-bit lightness, in
pictures of at most ``LARGEST`` pixels a side.

Two unrelated pictures have a flow, too, but a meaningless one: it does not lead back to its
starting point. :func:`agreement` is the share of the structure whose flow does; the planes are
multiplied by a smooth step from ``DOUBT`` to ``BELIEF`` of the smaller agreement of both
directions, so they are all 0 if the pictures are unrelated. Reference, CPU and GPU share all of
this: DIS's result is the definition. For a GPU the two pictures and the four planes are copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

    Field = NDArray[np.float32]

VERSION: Final = 1
#: In pixels. Samples that differ in the last bits may differ by one code at eight bits.
TOLERANCE: Final = 0.05

#: Pixels of the longer side at which motion is estimated.
LARGEST: Final = 480
#: Pixels by which a flow forward and back may miss its start, besides a tenth of its length.
MISSED: Final = 1.5
#: Structure, as Sobel's gradient, that counts against agreement everywhere: flat areas, or noise in
#: the dark, agree with anything.
PLAIN: Final = 2.0
#: Agreements below which flow is rejected, and above which it is fully accepted.
DOUBT: Final = 0.4
BELIEF: Final = 0.65


def reference(layers: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Flow between two layers, shapes (channels, rows, columns): shape (4, rows, columns)."""
    first, second = (layer.astype(np.float32) for layer in layers)
    return _planes(first, second).astype(np.float64)


def cpu(layers: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """:func:`reference` in float32."""
    return _planes(*layers)


def gpu(layers: Sequence[torch.Tensor]) -> torch.Tensor:
    """:func:`cpu` on copies."""
    import torch

    first, second = (layer.cpu().numpy() for layer in layers)
    return torch.from_numpy(_planes(first, second)).to(layers[0].device)


def _planes(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    import cv2

    rows, columns = first.shape[1:]
    small = tuple(lightness(layer) for layer in (first, second))
    there, back = between(*small)
    share = min(agreement(small[0], there, back), agreement(small[1], back, there))
    believed = np.clip((share - DOUBT) / (BELIEF - DOUBT), 0, 1)
    believed = believed * believed * (3 - 2 * believed)
    if believed <= 0:
        return np.zeros((4, rows, columns), np.float32)
    height, width = small[0].shape
    scale = np.array([columns / width, rows / height] * 2, np.float32) * np.float32(believed)
    both = np.concatenate([there, back], axis=-1)
    wide = cv2.resize(both, (columns, rows), interpolation=cv2.INTER_LINEAR) * scale
    return np.ascontiguousarray(np.moveaxis(wide, -1, 0))


def lightness(layer: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A layer's luma (BT.709's weights, good enough for any) at eight bits, scaled down."""
    import cv2

    luma = np.float32(0.2126) * layer[0] + np.float32(0.7152) * layer[1]
    luma += np.float32(0.0722) * layer[2]
    rows, columns = luma.shape
    ratio = min(1.0, LARGEST / max(rows, columns))
    size = max(16, round(columns * ratio)), max(16, round(rows * ratio))
    if size != (columns, rows):
        luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    # Rounded to a thousandth of a code first, so that the last bits of a sample have no effect.
    codes = np.floor(np.round(np.nan_to_num(luma) * 255, 3) + 0.5)
    found: NDArray[np.uint8] = np.clip(codes, 0, 255).astype(np.uint8)
    return found


def between(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[Field, Field]:
    """The flow from the first to the second and back, shapes (rows, columns, 2)."""
    import cv2

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # DIS's result depends on how its work is divided among threads
    try:
        finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        first, second = np.ascontiguousarray(first), np.ascontiguousarray(second)
        still = np.zeros((*first.shape, 2), np.float32)
        there = finder.calc(first, second, still.copy())
        back = finder.calc(second, first, still)
    finally:
        cv2.setNumThreads(threads)
    return there.astype(np.float32), back.astype(np.float32)


def agreement(first: NDArray[np.uint8], there: Field, back: Field) -> float:
    """The share of the first picture's structure whose flow leads back to its start: 0..1."""
    import cv2

    rows, columns = first.shape
    x = np.arange(columns, dtype=np.float32) + there[..., 0]
    y = np.arange(rows, dtype=np.float32)[:, None] + there[..., 1]
    home = cv2.remap(back, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    off = np.linalg.norm(there + home, axis=-1)
    inside = (x >= -0.5) & (x <= columns - 0.5) & (y >= -0.5) & (y <= rows - 0.5)
    kept = inside & (off < MISSED + 0.1 * np.linalg.norm(there, axis=-1))
    soft = cv2.GaussianBlur(first.astype(np.float32), (0, 0), 1.0)
    across, down = cv2.Sobel(soft, -1, 1, 0), cv2.Sobel(soft, -1, 0, 1)
    weight = np.sqrt(across * across + down * down)
    # A single strong edge would decide alone: weights are limited to twice their mean.
    weight = np.minimum(weight, 2 * float(weight.mean()))
    return float((weight * kept).sum() / (weight.sum() + PLAIN * weight.size))
