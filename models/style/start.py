"""The start of a style, before anything is learned: a frame with the palette and the contrasts of a
painting, in closed form.

Luma is decomposed into a Laplacian pyramid (Burt and Adelson 1983), whose bands are scaled locally
to the energy that they have in the painting: local normalisation (as in Lyu and Simoncelli 2008),
once per scale of detail. The remaining low-pass level is stretched to the painting's. A color is
then derived from luma as in the painting (a curve with a few knots). The difference of the frame's
color from its surroundings, in units of its local spread, is added with the spread of the
painting's colors about that curve.

Where a band of the frame falls short of the painting's energy, the painting's own strokes make up
for it: they come from a canvas, periodic and without any motion of its own, which a band shows by
as much as the frame's contrast leaves room.

All of it is local and stateless: it uses no statistics of a whole frame, which would make the
picture pulsate, and tiles give the same result as the whole frame. The numbers are weights like any
other (train/style/palette.py computes them from a painting), so training may refine them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from vedc.models.picture_layers import Array, Arrays, PictureLayers

#: Bands of luma; the first is the finest, each next one an octave lower.
BANDS: Final = 4
#: The sides of a picture must be multiples of this, the width of a block of the coarsest energies.
BLOCK: Final = 2**BANDS
#: The number of kinks of the curve from luma to color, which is linear between them.
KNOTS: Final = 8
#: Rows and columns of the canvas of strokes, which repeats; in pixels of the frames that a start
#: works on.
CANVAS: Final = (384, 512)
#: Luma of R'G'B' (BT.709).
LUMA: Final = (0.2126, 0.7152, 0.0722)
_LEAST: Final = 1e-6


def shapes() -> Mapping[str, tuple[int, ...]]:
    """The shapes of the weights."""
    return {
        # Scale and offset of each band's energy; the band is multiplied by the result's inverse
        # root times a gain.
        "energy.weight": (BANDS,),
        "energy.bias": (BANDS,),
        "gain.weight": (BANDS,),
        # Luma of the painting's strokes.
        "canvas.weight": CANVAS,
        # Scale and offset of the level of luma.
        "level.weight": (1,),
        "level.bias": (1,),
        # The color of a luma, minus that luma: kinks, and the contribution of each.
        "kink.weight": (1, 1, 1, KNOTS),
        "kink.bias": (KNOTS,),
        "palette.weight": (1, 1, KNOTS, 3),
        "palette.bias": (3,),
        # The share of the surroundings' color that is subtracted; scale and offset of the
        # remainder's energy, as above.
        "around.weight": (1,),
        "spread.weight": (1, 1, 3, 1),
        "spread.bias": (1,),
        "tint.weight": (1, 1, 3, 3),
    }


def neutral() -> dict[str, Any]:
    """The weights of a start that leaves a frame unchanged."""
    found = {name: np.zeros(shape, np.float32) for name, shape in shapes().items()}
    for name in ("energy.bias", "gain.weight", "level.weight", "kink.weight", "spread.bias"):
        found[name] += 1
    found["tint.weight"] += np.eye(3, dtype=np.float32)
    return found


def started(
    of: PictureLayers, w: Arrays, frame: Array, quarter: Array, canvas: Array
) -> tuple[Array, Array, Array]:
    """The start (n, h, w, 3) of a frame; its luma (n, h, w, 1), and its color minus luma at half
    the size, (n, h / 2, w / 2, 3).

    ``frame`` is (n, h, w, 3), display values, with h and w multiples of BLOCK; ``quarter`` is the
    frame at half that size; ``canvas`` (n, h, w, 1) is the strokes at each pixel, times their
    strength. Results may exceed 0..1.
    """
    own, level = bands(of, luma(frame))
    strokes, _ = bands(of, canvas)
    sizes = [BLOCK >> i for i in range(BANDS)]
    energies = of.join([of.mean(b * b, size) for b, size in zip(own, sizes, strict=True)])
    energies = of.affine(energies, w["energy.weight"], w["energy.bias"])
    share = of.inverse_root(of.relu(energies) + _LEAST)
    gains = [of.bilinear(share[..., i : i + 1], size) for i, size in enumerate(sizes)]
    light = of.affine(level, w["level.weight"], w["level.bias"])
    # With no energy in the frame, ``share`` is the inverse root of the offset.
    room, scale = w["energy.bias"] ** 0.5, w["gain.weight"]
    made = [
        (b * scale[i : i + 1] + s * room[i : i + 1]) * gain
        for i, (b, s, gain) in enumerate(zip(own, strokes, gains, strict=True))
    ]
    for band in reversed(made[1:]):
        light = of.bilinear(light, 2) + band
    color, light = _colored(of, w, quarter, light), of.bilinear(light, 2) + made[0]
    return light + of.bilinear(color, 2), light, color


def bands(of: PictureLayers, light: Array) -> tuple[list[Array], Array]:
    """The bands of a picture of one channel, the finest first, and the level below them."""
    found = []
    for _ in range(BANDS):
        small = of.mean(light, 2)
        found.append(light - of.bilinear(small, 2))
        light = small
    return found, light


def _colored(of: PictureLayers, w: Arrays, frame: Array, light: Array) -> Array:
    """The color minus luma for a frame (n, h, w, 3) whose new luma is ``light``."""
    own, side, around = frame - luma(frame), BLOCK // 2, w["around.weight"]
    mean = of.mean(own, side)
    # The mean square of ``own - around * mean`` in each block.
    square = of.mean(own * own, side) - mean * mean * (around * (2.0 - around))
    spread = of.conv(square, w["spread.weight"], bias=w["spread.bias"])
    relative = own - of.bilinear(mean * around, side)
    relative = relative * of.bilinear(of.inverse_root(of.relu(spread) + _LEAST), side)
    kinks = of.relu(of.conv(light, w["kink.weight"], bias=w["kink.bias"]))
    palette = of.conv(kinks, w["palette.weight"], bias=w["palette.bias"])
    return palette + of.conv(relative, w["tint.weight"])


def luma(x: Array) -> Array:
    """The luma (n, h, w, 1) of R'G'B' (n, h, w, 3)."""
    red, green, blue = (x[..., i : i + 1] * k for i, k in enumerate(LUMA))
    return red + green + blue
