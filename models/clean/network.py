"""The denoiser ``clean``: it cleans a frame with the help of its two neighbours.

A U-Net of two levels, at a half and a quarter of the picture's size. As in FFDNet (Zhang, Zuo and
Zhang 2018, arXiv:1710.04026) the picture is folded (space to depth), so that all work is done at
half size, and the noise level is an input, so that one network serves all levels; as in FastDVDnet
(Tassano, Delon and Veit 2020, arXiv:1907.01361) the neighbours are stacked, without motion
estimation.

The network outputs a smooth version of the frame, and for each sample the share by which to move
from the recorded value towards it: so it never has to represent the noise itself, which would take
many channels. The share is multiplied by a gate that is 0 where the level is 0: there, the picture
passes unchanged.

The formula is :func:`forward`, over the primitives of models/picture_layers.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from vedc.models.picture_layers import Array, Arrays, PictureLayers

#: Frames before and after the one that is cleaned.
WINDOW: Final = (1, 1)
#: The sides of its input must be multiples of this.
MULTIPLE: Final = 4
#: Channels of input: three frames, then the noise level.
INPUTS: Final = 10
#: Channels at a half and at a quarter of the size.
CHANNELS: Final = (24, 36)
#: The noise level at which the gate is fully open; white is 1.
OPEN: Final = 0.02


def shapes() -> Mapping[str, tuple[int, ...]]:
    """The shapes of the weights."""
    half, quarter = CHANNELS
    kernels = {
        "enter": (3, 3, 4 * INPUTS, half),
        "down": (3, 3, half, quarter),
        "deep1": (3, 3, quarter, quarter),
        "deep2": (3, 3, quarter, quarter),
        "up": (1, 1, quarter, half),
        "join": (3, 3, half, half),
        "leave": (3, 3, half + 36, 24),
    }
    biases = {f"{name}.bias": shape[-1:] for name, shape in kernels.items()}
    return {**{f"{name}.weight": shape for name, shape in kernels.items()}, **biases}


def initial(seed: int) -> dict[str, Any]:
    """Initial weights for training: He and others 2015; the last layer starts near 0."""
    random = np.random.default_rng(seed)
    found = {}
    for name, shape in shapes().items():
        if len(shape) == 1:
            found[name] = np.zeros(shape, np.float32)
            continue
        deviation = np.sqrt(2 / np.prod(shape[:3])) * (0.1 if name == "leave.weight" else 1)
        found[name] = (random.standard_normal(shape) * deviation).astype(np.float32)
    return found


def forward(of: PictureLayers, w: Arrays, x: Array) -> Array:
    """The clean middle frame (n, h, w, 3) of ``x``, (n, h, w, 10).

    Channels of ``x``: R'G'B' of the previous frame, of this frame and of the next, display values
    in 0..1; then the standard deviation of the noise at the pixel, where white is 1.
    """

    def conv(x: Array, name: str, stride: int = 1) -> Array:
        return of.conv(x, w[f"{name}.weight"], stride, bias=w[f"{name}.bias"])

    frame, level = x[..., 3:6], x[..., 9:10]
    folded = of.space_to_depth(x, 2)
    half = of.relu(conv(folded, "enter"))
    deep = of.relu(conv(half, "down", 2))
    deep = deep + of.relu(conv(deep, "deep1"))
    deep = deep + of.relu(conv(deep, "deep2"))
    half = of.relu(conv(half + of.nearest(conv(deep, "up"), 2), "join"))
    colors = of.space_to_depth(x[..., :9], 2)
    left = conv(of.join([half, colors]), "leave")
    smooth = of.depth_to_space(left[..., :12], 2)
    share = of.depth_to_space(of.sigmoid(left[..., 12:]), 2)
    # The level, clipped at OPEN: min(level, OPEN) / OPEN.
    gate = 1.0 - of.relu(1.0 - level * (1 / OPEN))
    return frame + gate * share * (smooth - frame)
