"""The noise of cameras and codecs, added to clean pictures.

A sensor's noise variance grows with the light: ``a * x + b`` (Foi and others 2008). Demosaicing
correlates neighbouring pixels, sensors clip, and files have 8 bits and may have passed a codec.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Generator

#: The strongest noise: standard deviation, where white is 1.
MOST: Final = 55 / 255


def noisy(clean: Any, random: Generator) -> tuple[Any, float]:
    """A clean window (3, h, w, 3) with noise, and the level of that noise.

    The level is the root of the mean variance over the window, before clipping and codecs.
    """
    level = MOST * random.uniform() ** 1.3
    shape = np.ones_like(clean)
    if random.random() < 0.5:  # shot noise, with some read noise
        luma = clean @ np.array([0.299, 0.587, 0.114], np.float32)
        variance = random.uniform(0.02, 0.3) + luma[..., None]
        shape = np.sqrt(variance / variance.mean())
    grain = random.standard_normal(clean.shape, np.float32)
    if random.random() < 0.2:
        grain = _coarse(grain, random.uniform(0.4, 0.8))
    made = quantised(clean + level * shape * grain)
    if random.random() < 0.2:
        quality = int(random.integers(60, 96))
        made = np.stack([_through_codec(frame, quality) for frame in made])
    return made, level


def white(clean: Any, level: float, random: Generator) -> Any:
    """A clean picture with white noise of a level, clipped and rounded, as in comparisons of
    denoisers."""
    return quantised(clean + level * random.standard_normal(clean.shape, np.float32))


def network_input(window: Any, level: float) -> Any:
    """A window (3, h, w, 3) and a noise level as the network's input: (h, w, 10)."""
    _, h, w, _ = window.shape
    colors = window.transpose(1, 2, 0, 3).reshape(h, w, 9)
    return np.concatenate([colors, np.full((h, w, 1), level, np.float32)], -1).astype(np.float32)


def quantised(picture: Any) -> Any:
    """A picture clipped, and rounded to 8 bits."""
    return np.round(picture.clip(0, 1) * 255).astype(np.float32) / 255


def _coarse(grain: Any, width: float) -> Any:
    """Grain with correlated neighbours, still of unit deviation."""
    import cv2

    blurred = np.stack([cv2.GaussianBlur(frame, (5, 5), width) for frame in grain])
    return blurred / blurred.std()


def _through_codec(frame: Any, quality: int) -> Any:
    """A frame after a codec with chroma subsampling and quantised DCT coefficients."""
    import cv2

    blue_first = np.round(frame[..., ::-1] * 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded: Any = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    return decoded[..., ::-1].astype(np.float32) / 255
