"""The style networks: a frame as if it were painted, from that frame and its two neighbours.

A U-Net (Ronneberger and others 2015, arXiv:1505.04597) of three levels, as feed-forward styles
have since Johnson and others 2016 (arXiv:1603.08155), with four differences. All of it works at a
half of the picture's size or less: strokes are wider than a pixel. Nothing is normalised at run
time, where the statistics of a frame would flicker and tiles would differ. Neighbours are stacked
with the frame, which evens out noise; there is no state. And the user's numbers are inputs: how
much, how far to take the painting's colours, and how much fine detail of the frame comes back.

The formula is :func:`forward`, over the primitives of models/picture_layers.py. Its core,
:func:`painted`, is what is trained; :func:`put_back` says how the picture at half size becomes one
of the frame's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from vedc.models.picture_layers import Array, Arrays, PictureLayers

#: Frames before and after the one that is painted.
WINDOW: Final = (1, 1)
#: What the sides of its input must be a multiple of.
MULTIPLE: Final = 16
#: Channels of input: three frames, then strength, colour and detail.
INPUTS: Final = 12
#: Channels at a quarter, an eighth and a sixteenth of the picture's size, by the network's size.
CHANNELS: Final[Mapping[str, tuple[int, int, int]]] = {
    "xs": (10, 20, 32),
    "s": (16, 32, 64),
    "l": (40, 80, 160),
}
#: Luma of R'G'B' (BT.709).
LUMA: Final = (0.2126, 0.7152, 0.0722)
_LAST: Final = 8


def shapes(size: str = "s") -> Mapping[str, tuple[int, ...]]:
    """The arrays of the weights of a size. Raises ValueError for an unknown size."""
    if size not in CHANNELS:
        raise ValueError(f"there is no size {size!r} of styles: {', '.join(CHANNELS)}")
    quarter, eighth, sixteenth = CHANNELS[size]
    kernels = {
        "color": (1, 1, 3, 3),
        "enter": (3, 3, 36, quarter),
        "down1": (3, 3, quarter, eighth),
        "wide": (3, 3, eighth, eighth),
        "down2": (3, 3, eighth, sixteenth),
        "deep1": (3, 3, sixteenth, sixteenth),
        "deep2": (3, 3, sixteenth, sixteenth),
        "deep3": (3, 3, sixteenth, sixteenth),
        "deep4": (3, 3, sixteenth, sixteenth),
        "lift1": (1, 1, sixteenth, eighth),
        "join1": (3, 3, eighth, eighth),
        "lift2": (1, 1, eighth, quarter),
        "join2": (3, 3, quarter, quarter),
        "stroke": (3, 3, quarter, quarter),
        "unfold": (3, 3, quarter, 4 * _LAST),
        "leave": (3, 3, _LAST, 3),
    }
    biases = {f"{name}.bias": shape[-1:] for name, shape in kernels.items()}
    return {**{f"{name}.weight": shape for name, shape in kernels.items()}, **biases}


def initial(seed: int, size: str = "s") -> dict[str, Any]:
    """Weights to start training from: He and others 2015; the last layer begins near 0, and colours
    as they are."""
    random = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for name, shape in shapes(size).items():
        if name == "color.weight":
            found[name] = np.eye(3, dtype=np.float32).reshape(shape)
            continue
        if len(shape) == 1:
            found[name] = np.zeros(shape, np.float32)
            continue
        deviation = np.sqrt(2 / np.prod(shape[:3]))
        if name in ("leave.weight", "deep2.weight", "deep4.weight"):
            deviation *= 0.1
        found[name] = (random.standard_normal(shape) * deviation).astype(np.float32)
    return found


def painted(of: PictureLayers, w: Arrays, x: Array) -> Array:
    """The painted picture (n, h, w, 3) at half size.

    ``x`` (n, h, w, 9): R'G'B' of the frame before, of the frame and of the one after, all at half
    size, display values in 0..1; h and w are multiples of 8. The result may leave 0..1.
    """

    def conv(x: Array, name: str, stride: int = 1) -> Array:
        return of.conv(x, w[f"{name}.weight"], stride, bias=w[f"{name}.bias"])

    folded = of.space_to_depth(x, 2)
    # The frame with its finest texture gone: there, strokes take its place.
    soft = (folded[..., 3:6] + folded[..., 12:15] + folded[..., 21:24] + folded[..., 30:33]) * 0.25
    quarter = of.relu(conv(folded, "enter"))
    eighth = of.relu(conv(quarter, "down1", 2))
    eighth = eighth + of.relu(conv(eighth, "wide"))
    deep = of.relu(conv(eighth, "down2", 2))
    deep = deep + conv(of.relu(conv(deep, "deep1")), "deep2")
    deep = deep + conv(of.relu(conv(deep, "deep3")), "deep4")
    eighth = of.relu(conv(eighth + of.nearest(conv(deep, "lift1"), 2), "join1"))
    quarter = of.relu(conv(quarter + of.nearest(conv(eighth, "lift2"), 2), "join2"))
    quarter = quarter + of.relu(conv(quarter, "stroke"))
    half = of.relu(of.depth_to_space(conv(quarter, "unfold"), 2))
    return of.bilinear(conv(soft, "color"), 2) + conv(half, "leave")


def forward(of: PictureLayers, w: Arrays, x: Array) -> Array:
    """The painted middle frame (n, h, w, 3) of ``x``, (n, h, w, 12).

    Channels of ``x``: R'G'B' of the frame before, of the frame and of the one after, display
    values in 0..1; then ``strength``, ``color`` and ``detail``, each 0..1. ``color`` 0 keeps the
    frame's colour differences and takes only luma from the painting; 1 takes all of it.
    """
    small = of.mean(x[..., :9], 2)
    numbers = [x[..., i : i + 1] for i in (9, 10, 11)]
    return put_back(of, x[..., 3:6], small[..., 3:6], painted(of, w, small), numbers)


def put_back(
    of: PictureLayers, frame: Array, small: Array, made: Array, numbers: Sequence[Array]
) -> Array:
    """A frame (n, h, w, 3) once ``made`` was painted of ``small``, its half. ``numbers`` are
    strength, colour and detail."""
    strength, color, detail = numbers
    had = _luma(small)
    lumas = of.bilinear(of.join([had, _luma(made) - had]), 2)
    # What half the size cannot hold: its luma comes back as far as is wanted, its colours where
    # those of the frame are kept.
    fine = (detail + color - 1.0) * (_luma(frame) - lumas[..., :1])
    gray = (1.0 - color) * lumas[..., 1:2]
    return frame + strength * (color * (of.bilinear(made, 2) - frame) + gray + fine)


def _luma(x: Array) -> Array:
    red, green, blue = (x[..., i : i + 1] * k for i, k in enumerate(LUMA))
    return red + green + blue
