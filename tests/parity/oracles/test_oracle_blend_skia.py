"""Blends against Skia, the renderer of browsers: premultiplied colours in floating point.

Needs the package ``skia-python``; without it these tests are skipped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ops_support import apply
from tests.oracles import record

skia: Any = pytest.importorskip("skia", reason="skia-python is not installed")

#: Our op -> Skia's BlendMode.
MODES = {
    "normal": "kSrcOver", "multiply": "kMultiply", "screen": "kScreen", "overlay": "kOverlay",
    "darken": "kDarken", "lighten": "kLighten", "color_dodge": "kColorDodge",
    "color_burn": "kColorBurn", "hard_light": "kHardLight", "soft_light": "kSoftLight",
    "difference": "kDifference", "exclusion": "kExclusion", "blend_hue": "kHue",
    "blend_saturation": "kSaturation", "blend_color": "kColor", "luminosity": "kLuminosity",
    "plus_lighter": "kPlus", "clear": "kClear", "copy": "kSrc", "destination": "kDst",
    "destination_over": "kDstOver", "source_in": "kSrcIn", "destination_in": "kDstIn",
    "source_out": "kSrcOut", "destination_out": "kDstOut", "source_atop": "kSrcATop",
    "destination_atop": "kDstATop", "xor": "kXor",
}  # fmt: skip


def picture(seed: int) -> np.ndarray[Any, Any]:
    """Premultiplied 8-bit colours, greys and corners among them."""
    rng = np.random.default_rng(seed)
    colors = rng.integers(0, 256, (90, 120, 3)) / 255
    colors = np.where(rng.random((90, 120, 1)) < 0.1, colors[..., :1], colors)
    special = rng.choice([0.0, 1.0, 127 / 255, 128 / 255], colors.shape)
    colors = np.where(rng.random(colors.shape) < 0.2, special, colors)
    alpha = rng.choice([0.0, 1 / 255, 0.4, 200 / 255, 1.0], (90, 120, 1))
    return np.concatenate([colors * alpha, alpha], -1)


@pytest.mark.parametrize("name", MODES)
def test_skia(name: str) -> None:
    backdrop, source = picture(1), picture(2)
    info = skia.ImageInfo.Make(120, 90, skia.kRGBA_F32_ColorType, skia.kPremul_AlphaType)
    canvas = np.ascontiguousarray(backdrop, np.float32)
    data = skia.Data.MakeWithCopy(source.astype(np.float32).tobytes())
    image = skia.Image.MakeRasterData(info, data, 120 * 16)
    paint = skia.Paint(BlendMode=getattr(skia.BlendMode, MODES[name]))
    surface = skia.Surface.MakeRasterDirect(info, canvas)
    surface.getCanvas().drawImage(image, 0, 0, skia.SamplingOptions(), paint)
    worst = np.abs(apply(name, backdrop, source) - canvas).max() * 255
    record(name, "Skia", worst, "8-bit codes")
    assert worst < 1e-3
