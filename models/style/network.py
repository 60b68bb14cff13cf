"""The style networks: they paint a frame with the help of its two neighbours.

The first step needs no learning: models/style/start.py gives the frame the palette and the
contrasts of the painting. A U-Net (Ronneberger and others 2015, arXiv:1505.04597) of three levels
adds the learned part, as in feed-forward styles since Johnson and others 2016 (arXiv:1603.08155),
with four differences. Everything works at half the picture's size or less: strokes are wider than a
pixel. Nothing is normalised by the statistics of a whole frame, which would make the picture
flicker and tiles differ. Neighbours are stacked with the frame, which evens out noise; there is no
state. And the user's numbers are inputs: the strength, how far to take on the painting's colours,
and how much of the frame's fine detail to bring back.

The formula is :func:`forward`, over the primitives of models/picture_layers.py. Its core,
:func:`painted`, is the trained part; :func:`put_back` brings the half-size picture to the frame's
size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from vedc.models.picture_layers import Array, Arrays, PictureLayers
from vedc.models.style import start

#: Frames before and after the one that is painted.
WINDOW: Final = (1, 1)
#: The sides of its input must be multiples of this.
MULTIPLE: Final = 2 * start.BLOCK
#: Channels of input: three frames, then strength, colour and detail.
INPUTS: Final = 12
#: Channels at a quarter, an eighth and a sixteenth of the picture's size, by the network's size.
CHANNELS: Final[Mapping[str, tuple[int, int, int]]] = {
    "xs": (8, 16, 32),
    "s": (16, 32, 64),
    "l": (40, 80, 160),
}
#: The size of a style without a learned part.
START: Final = "start"
SIZES: Final = (START, *CHANNELS)
#: Luma of R'G'B' (BT.709).
LUMA: Final = start.LUMA
_LAST: Final = 8
_ENTERS: Final = 9 + 4 + 3
"""Input channels at a quarter: three frames, the start's luma (four to a pixel), its color."""


def shapes(size: str = "s") -> Mapping[str, tuple[int, ...]]:
    """The shapes of the weights of a size. Raises ValueError for an unknown size."""
    begun = {f"start.{name}": shape for name, shape in start.shapes().items()}
    if size == START:
        return begun
    if size not in CHANNELS:
        raise ValueError(f"there is no size {size!r} of styles: {', '.join(SIZES)}")
    quarter, eighth, sixteenth = CHANNELS[size]
    kernels = {
        "enter": (3, 3, _ENTERS, quarter),
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
    return {
        **begun,
        **{f"{name}.weight": shape for name, shape in kernels.items()},
        **biases,
    }


def initial(seed: int, size: str = "s") -> dict[str, Any]:
    """Initial weights for training: He and others 2015; the last layer starts near 0, and the start
    leaves frames unchanged."""
    random = np.random.default_rng(seed)
    found: dict[str, Any] = {f"start.{name}": value for name, value in start.neutral().items()}
    for name, shape in shapes(size).items():
        if name in found:
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

    ``x`` (n, h, w, 10): R'G'B' of the previous frame, of this frame and of the next, all at half
    size, display values in 0..1; then the canvas (models/style/start.py) times the strength of the
    strokes. h and w are multiples of start.BLOCK. The result may exceed 0..1.
    """
    return drawn(of, w, x)[0]


def drawn(of: PictureLayers, w: Arrays, x: Array) -> tuple[Array, Array]:
    """The same, and the start before strokes are added."""

    def conv(x: Array, name: str, stride: int = 1) -> Array:
        return of.conv(x, w[f"{name}.weight"], stride, bias=w[f"{name}.bias"])

    own = {name: w[f"start.{name}"] for name in start.shapes()}
    frame, canvas = x[..., 3:6], x[..., 9:10]
    if "leave.weight" not in w:
        begun = start.started(of, own, frame, of.mean(frame, 2), canvas)[0]
        return begun, begun
    soft = of.mean(x[..., :9], 2)
    begun, light, color = start.started(of, own, frame, soft[..., 3:6], canvas)
    quarter = of.relu(conv(of.join([soft, of.space_to_depth(light, 2), color]), "enter"))
    eighth = of.relu(conv(quarter, "down1", 2))
    eighth = eighth + of.relu(conv(eighth, "wide"))
    deep = of.relu(conv(eighth, "down2", 2))
    deep = deep + conv(of.relu(conv(deep, "deep1")), "deep2")
    deep = deep + conv(of.relu(conv(deep, "deep3")), "deep4")
    eighth = of.relu(conv(eighth + of.nearest(conv(deep, "lift1"), 2), "join1"))
    quarter = of.relu(conv(quarter + of.nearest(conv(eighth, "lift2"), 2), "join2"))
    quarter = quarter + of.relu(conv(quarter, "stroke"))
    half = of.relu(of.depth_to_space(conv(quarter, "unfold"), 2))
    return begun + conv(half, "leave"), begun


def forward(of: PictureLayers, w: Arrays, x: Array) -> Array:
    """The painted middle frame (n, h, w, 3) of ``x``, (n, h, w, 12).

    Channels of ``x``: R'G'B' of the previous frame, of this frame and of the next, display values
    in 0..1; then ``strength``, ``color`` and ``detail``, each 0..1. ``color`` 0 keeps the frame's
    colour differences and takes only luma from the painted picture; 1 takes all of it. There are
    no strokes from the canvas.
    """
    small = of.mean(x[..., :9], 2)
    numbers = [x[..., i : i + 1] for i in (9, 10, 11)]
    made = painted(of, w, of.join([small, small[..., :1] * 0.0]))
    return put_back(of, x[..., 3:6], small[..., 3:6], made, numbers)


def put_back(
    of: PictureLayers, frame: Array, small: Array, made: Array, numbers: Sequence[Array]
) -> Array:
    """The styled frame (n, h, w, 3), given ``made``, painted from ``small``, the frame at half
    size. ``numbers`` are strength, colour and detail."""
    strength, color, detail = numbers
    had = start.luma(small)
    lumas = of.bilinear(of.join([had, start.luma(made) - had]), 2)
    # Detail that is lost at half size: its luma returns as far as requested, its colours as far as
    # the frame's colours are kept.
    fine = (detail + color - 1.0) * (start.luma(frame) - lumas[..., :1])
    gray = (1.0 - color) * lumas[..., 1:2]
    return frame + strength * (color * (of.bilinear(made, 2) - frame) + gray + fine)
