"""Attention: what draws the eye, five times a second, by salience and by independent motion.

Salience is the mean of three maps. Deviations of the log spectrum from its local mean show parts of
the picture that its texture does not repeat (Hou and Zhang, "Saliency Detection: A Spectral
Residual Approach", CVPR 2007). Rare colours are far from the mean colour (Achanta and others,
"Frequency-tuned Salient Region Detection", CVPR 2009). Objects differ from the colours of the
border, which belong to the background (after Zhu and others, "Saliency Optimization from Robust
Background Detection", CVPR 2014).

Independent motion is the optical flow (DIS; Kroeger and others, ECCV 2016) less the camera's: one
affine map, fitted by iteratively reweighted least squares with Cauchy weights, so that objects with
their own motion hardly affect it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import PictureBlock, picture, video_of
from vedc.decide.analyses.results import THUMB, Maps
from vedc.decide.arrays import Byte, Float
from vedc.edit.contents import Image
from vedc.edit.media_info import MediaInfo

EVERY: Final = Fraction(1, 5)
"""Seconds between two maps, as near as frames allow."""

_FITS: Final = 6
"""Rounds of reweighting."""

_STRAY: Final = 0.5
"""Usual residual of a background's flow, in pixels of the flow's picture."""

_LEAST: Final = 0.08
"""Pixels of the flow's picture below which nothing moves."""

_SMOOTH: Final = 1.0
"""Standard deviation of the smoothing of a salience map, in cells."""

_BORDER: Final = 3
"""Width in cells of the border, whose colours count as the background's."""


@picture("attention", version=1, gives=Maps)
class Attention:
    """Maps ``salient`` (0..255, the strongest cell of a picture 255) and ``moving``.

    The latter is 255 times the square root of the speed, in longer sides of the picture a second,
    at most 1. Cells cover the whole picture evenly, whatever its aspect ratio.
    """

    def __init__(self, media: MediaInfo) -> None:
        rate = video_of(media).rate
        self._every = max(1, round(rate * EVERY))
        self._rate = rate / self._every
        self._last: Byte | None = None
        self._salient: list[Byte] = []
        self._moving: list[Byte] = []

    def push(self, block: PictureBlock) -> None:
        for n in range(-block.first % self._every, len(block.luma), self._every):
            self._salient.append(salient(block.luma[n], block.thumbs[n]))
            if self._last is not None:
                self._moving.append(moving(self._last, block.luma[n], float(self._rate)))
            self._last = block.luma[n]

    def finish(self) -> Maps:
        empty = np.zeros((len(self._salient), *THUMB), np.uint8)
        # Motion between two pictures is assigned to the first; the last one repeats the motion
        # before it.
        moves = [*self._moving, *self._moving[-1:]]
        maps = {
            "salient": np.stack(self._salient) if self._salient else empty,
            "moving": np.stack(moves) if moves else empty,
        }
        return Maps(maps, self._rate)


def salient(luma: Byte, thumb: Byte) -> Byte:
    """The salience of a picture: a map (27, 48). ``luma`` (h, w), ``thumb`` (27, 48, 3)."""
    import cv2

    lab: Any = cv2.cvtColor(np.asarray(thumb, np.float32) / 255, cv2.COLOR_RGB2LAB)
    small: Any = cv2.resize(luma, (64, 36), interpolation=cv2.INTER_AREA).astype(np.float32)
    residual: Any = cv2.resize(_residual(small), THUMB[::-1], interpolation=cv2.INTER_AREA)
    found = _even(residual) + _even(_rare(lab)) + _even(_unlike_border(lab))
    top = float(found.max())
    made: Byte = np.rint(found * (255 / top if top > 0 else 0)).astype(np.uint8)
    return made


def small_still(image: Image) -> tuple[Byte, Byte] | None:
    """A still as :func:`salient` takes it: luma whose longer side is 320, and a thumb. None if it
    has transparency. Raises as reading does."""
    import cv2

    from vedc.stills.load import load_still

    side = 320 / max(image.width, image.height)
    size = max(1, round(image.width * side)), max(1, round(image.height * side))
    raster = load_still(image.path, *size, None, None, "rgba")
    pixels = np.frombuffer(raster.planes[0], np.uint8).reshape(raster.height, raster.width, 4)
    if int(pixels[..., 3].min()) < 255:
        return None
    rgb = np.ascontiguousarray(pixels[..., :3])
    luma: Any = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    thumb: Any = cv2.resize(rgb, THUMB[::-1], interpolation=cv2.INTER_AREA)
    return luma, thumb


def _residual(small: Float) -> Float:
    """The residual of a picture's spectrum over its local mean, as a map."""
    import cv2

    if float(small.std()) < 1.0:  # nothing but noise
        return np.zeros_like(small)
    spectrum = np.fft.fft2(small)
    log = np.log(np.abs(spectrum) + 1e-6)
    mean: Any = cv2.blur(log, (3, 3), borderType=cv2.BORDER_REFLECT_101)
    phase = spectrum / (np.abs(spectrum) + 1e-12)
    made = np.abs(np.fft.ifft2(np.exp(log - mean) * phase)) ** 2
    smooth: Any = cv2.GaussianBlur(made.astype(np.float32), (0, 0), 2.5)
    return np.asarray(smooth, np.float32)


def _rare(lab: Float) -> Float:
    """The distance of each colour from the mean colour."""
    import cv2

    soft: Any = cv2.GaussianBlur(lab, (0, 0), _SMOOTH)
    away: Float = np.linalg.norm(soft - lab.reshape(-1, 3).mean(axis=0), axis=2)
    return away


def _unlike_border(lab: Float) -> Float:
    """The distance of each colour from the border's: Mahalanobis', the least over the four sides,
    which may show different things."""
    import cv2

    soft: Any = cv2.GaussianBlur(lab, (0, 0), _SMOOTH)
    flat = soft.reshape(-1, 3)
    away = []
    for side in (soft[:_BORDER], soft[-_BORDER:], soft[:, :_BORDER], soft[:, -_BORDER:]):
        colors = side.reshape(-1, 3)
        spread = np.cov(colors.T) + 9.0 * np.eye(3)
        apart = flat - colors.mean(axis=0)
        squares = np.einsum("ni,ij,nj->n", apart, np.linalg.inv(spread), apart)
        away.append(np.sqrt(squares))
    least: Float = np.minimum(np.min(away, axis=0), 6.0).reshape(soft.shape[:2])
    return least.astype(np.float32)


def _even(found: Float) -> Float:
    """A map from 0 to 1: its median subtracted, divided by its strongest cells."""
    made = np.maximum(found - np.median(found), 0)
    top = float(np.quantile(made, 0.98))
    even: Float = np.minimum(made / top, 1) if top > 1e-6 else np.zeros_like(made)
    return even


def moving(before: Byte, after: Byte, rate: float) -> Byte:
    """The independent motion from one picture (h, w) to the next, ``1 / rate`` seconds later."""
    import cv2

    flow = _flow(before, after)
    own = flow - camera(flow)
    speed = np.hypot(own[..., 0], own[..., 1])
    speed = speed - max(_LEAST, 1.5 * float(np.median(speed)))
    speed = np.maximum(speed, 0) * rate / max(flow.shape[:2])
    cells: Any = cv2.resize(speed.astype(np.float32), THUMB[::-1], interpolation=cv2.INTER_AREA)
    made: Byte = np.rint(255 * np.sqrt(np.minimum(cells, 1))).astype(np.uint8)
    return made


def _flow(before: Byte, after: Byte) -> Float:
    """The flow (h / 2, w / 2, 2), in its own pixels."""
    import cv2

    height, width = before.shape
    if min(height, width) < 32:  # too small to track anything
        return np.zeros((max(1, height // 2), max(1, width // 2), 2), np.float32)
    half = (width // 2, height // 2)
    one, two = (cv2.resize(p, half, interpolation=cv2.INTER_AREA) for p in (before, after))
    search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = search.calc(one, two, None)
    return np.asarray(flow, np.float32)


def camera(flow: Float) -> Float:
    """The part of a flow (h, w, 2) that one affine map explains, as a flow."""
    height, width = flow.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    terms = np.stack([np.ones(y.size), x.ravel() / width - 0.5, y.ravel() / height - 0.5], axis=1)
    wanted = flow.reshape(-1, 2).astype(np.float64)
    step = max(1, len(terms) // 4000)  # as many as the fit needs
    some, of_some = terms[::step], wanted[::step]
    weights = np.ones(len(some))
    solution = np.zeros((3, 2))
    solution[0] = np.median(of_some, axis=0)
    for _ in range(_FITS):
        away = np.hypot(*(of_some - some @ solution).T)
        scale = max(_STRAY, 1.5 * float(np.median(away)))
        weights = 1 / (1 + (away / scale) ** 2)
        weighted = some * weights[:, None]
        solution = np.linalg.solve(weighted.T @ some + 1e-6 * np.eye(3), weighted.T @ of_some)
    made: Float = (terms @ solution).reshape(height, width, 2).astype(np.float32)
    return made
