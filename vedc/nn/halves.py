"""Scaling around the core of a network that works at half the picture's size: reducing the picture,
and bringing the result back to full size.

The formula is the network's (``put_back`` in models/style/network.py); for the CPU it is written
here as passes over planes, which take a fraction of the time of a network runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from vedc.models.picture_layers import TorchPictureLayers
from vedc.models.style import network

#: The least number of pixels around a picture at half size: the outermost ones, repeated.
BORDER: Final = 8
#: The longest side of a tile's input at half size.
LONGEST: Final = 768
_BAND: Final = 64
"""Rows at half size that are processed at a time."""


def halved(layer: Any) -> Any:
    """The colours of a layer (3 or 4, h, w) at half size, (3, ceil(h / 2), ceil(w / 2)): the mean
    of each square of four."""
    import cv2

    height, width = layer.shape[1:]
    beyond = (0, height % 2), (0, width % 2)
    size = (width + 1) // 2, (height + 1) // 2
    planes = [np.pad(p, beyond, mode="edge") if any(map(any, beyond)) else p for p in layer[:3]]
    return np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in planes])


def put_back(layer: Any, small: Any, made: Any, numbers: Mapping[str, float], out: Any) -> None:
    """Write to ``out`` (3, h, w) the colours of a layer, given the network's result ``made`` for
    ``small``, the layer at half size.

    ``numbers`` are ``strength``, ``color`` and ``detail``, each 0..1. Memory does not grow with
    the height of the picture.
    """
    height, rows = layer.shape[1], small.shape[1]
    for top in range(0, rows, _BAND):
        stop = min(top + _BAND, rows)
        # One more row on either side, for the interpolation of the outermost ones.
        first, last = max(0, top - 1), min(rows, stop + 1)
        band = slice(2 * top, min(2 * stop, height))
        had, now = small[:, first:last], made[:, first:last]
        _put_back(layer[:3, band], had, now, 2 * (top - first), numbers, out[:3, band])


def _put_back(
    layer: Any, small: Any, made: Any, skipped: int, numbers: Mapping[str, float], out: Any
) -> None:
    """The same for a band of rows; the first ``skipped`` rows of enlarged planes lie above it."""
    strength, color, detail = (np.float32(numbers[n]) for n in ("strength", "color", "detail"))
    rows, columns = slice(skipped, skipped + layer.shape[1]), slice(layer.shape[2])

    def doubled(plane: Any) -> Any:
        import cv2

        height, width = plane.shape
        size = 2 * width, 2 * height
        return cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)[rows, columns]

    had = _luma(small)
    added = (detail + color - 1) * (_luma(layer) - doubled(had))
    if color < 1:
        added += (1 - color) * doubled(_luma(made) - had)
    for plane, painted, given in zip(layer, made, out, strict=True):
        change = color * (doubled(painted) - plane) + added
        np.add(plane, strength * change, out=given)


def halved_on_device(colors: Any) -> Any:
    """Tensors (1, c, h, w) on a GPU, at half size."""
    import torch

    height, width = colors.shape[2:]
    even = torch.nn.functional.pad(colors, (0, width % 2, 0, height % 2), mode="replicate")
    return torch.nn.functional.avg_pool2d(even, 2)


def put_back_on_device(layer: Any, small: Any, made: Any, numbers: Mapping[str, float]) -> Any:
    """The result of :func:`put_back` for a layer on a GPU; ``small`` and ``made`` are (1, 3, h / 2,
    w / 2)."""
    import torch

    height, width = layer.shape[1:]
    beyond = (0, width % 2, 0, height % 2)
    frame = torch.nn.functional.pad(layer[None, :3], beyond, mode="replicate")
    frame, small, made = (x.permute(0, 2, 3, 1) for x in (frame, small, made))
    asked = [numbers[name] for name in ("strength", "color", "detail")]
    found = network.put_back(TorchPictureLayers(), frame, small, made, asked)
    return found[0, :height, :width].permute(2, 0, 1)


def _luma(layer: Any) -> Any:
    return sum(plane * np.float32(k) for plane, k in zip(layer, network.LUMA, strict=False))
