"""Curves of picture measures from frame to frame, by which cuts are chosen.

All are taken from stored codes of the luma (longer side 320) and the thumbs, so they do not
depend on the size of the film. Lengths are shares of the longer side.

``motion``, ``camera``
    Speed of everything visible (at most 1) and of the picture as a whole, in longer sides a second:
    see ``motion.py``.
``shake``
    Root mean square over half a second of the camera speed's deviation from its mean there.
``sharpness``
    1 / mean width of edges in pixels of the luma, 0 to 1: half the sum of absolute second
    differences over that of first differences, across and down, less noise. A step gives 1, a ramp
    over w pixels 1 / w, whatever its contrast, if well above noise (widths of edges: Marziliano and
    others 2002; second differences: Nayar and Nakagawa 1994).
``brightness``, ``contrast``
    Mean and standard deviation (RMS contrast, Peli 1990) of luma at a quarter of its size, of 1.
``colorfulness``
    M of Hasler and Suesstrunk (2003) on the thumb, over 109, which they call extremely colourful.
``difference``
    Mean absolute difference from the previous thumb, of 1.
``novelty``
    How much the picture differs from the four seconds before it, 0 to 1: the mean distance of its
    signature to one for each quarter of a second.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import PictureBlock, picture, video_of
from vedc.decide.analyses.motion import Motion, quarter_size
from vedc.decide.analyses.picture_signatures import (
    PictureSignatures,
    picture_signatures,
    signature_distance,
)
from vedc.decide.analyses.results import Curves
from vedc.decide.arrays import Byte, Float
from vedc.edit.media_info import MediaInfo

_GRAIN: Final = 6
"""The largest first and second differences, in codes, that count as noise; edges rise by more. The
same for both: then a ramp gives 1 / w whatever is subtracted."""

_FLAT: Final = 0.15
"""Mean first difference, in codes, below which a picture has practically no edges."""

_SHARP_RATE: Final = 8
"""Sharpness measurements per second, at least; each holds until the next."""

_SAMPLES: Final = 4
"""Samples per second for novelty."""

_BEFORE: Final = 16
"""Samples against which novelty is measured: four seconds."""

_NAMES: Final = ("difference", "brightness", "contrast", "colorfulness")


@picture("measures", version=2, gives=Curves)
class Measures:
    """Watches the picture for the curves above."""

    def __init__(self, media: MediaInfo) -> None:
        self._rate = video_of(media).rate
        self._motion = Motion(self._rate)
        self._novelty = _Novelty(self._rate)
        self._sharpness = _Sharpness(self._rate)
        self._last: Byte | None = None
        self._parts: dict[str, list[Float]] = {name: [] for name in _NAMES}

    def push(self, block: PictureBlock) -> None:
        small = quarter_size(block.luma)
        found = {
            "difference": self._difference(block.thumbs),
            "brightness": small.mean(axis=(1, 2)) / 255,
            "contrast": small.std(axis=(1, 2)) / 255,
            "colorfulness": colorfulness(block.thumbs),
        }
        for name, values in found.items():
            self._parts[name].append(np.asarray(values, np.float32))
        self._motion.push(block.first, small)
        self._sharpness.push(block)
        self._novelty.push(block)

    def finish(self) -> Curves:
        values = {name: np.concatenate(parts) for name, parts in self._parts.items()}
        values |= self._motion.finish(values["difference"])
        values["sharpness"] = self._sharpness.finish()
        values["novelty"] = self._novelty.finish()
        return Curves({k: v.astype(np.float32) for k, v in sorted(values.items())}, self._rate)

    def _difference(self, thumbs: Byte) -> Float:
        before = thumbs[:1] if self._last is None else self._last
        self._last = thumbs[-1:].copy()
        pair = np.concatenate([before, thumbs]).reshape(len(thumbs) + 1, -1).astype(np.int16)
        steps = pair[1:] - pair[:-1]
        found: Float = np.abs(steps, out=steps).mean(axis=1, dtype=np.float32)
        return found / np.float32(255)


def colorfulness(rgb: Byte) -> Float:
    """M of Hasler and Suesstrunk (2003) of pictures (n, height, width, 3), over 109; at most 1."""
    import cv2

    channels = cv2.split(rgb.reshape(-1, rgb.shape[2], 3))
    red, green, blue = (channel.astype(np.int16).reshape(len(rgb), -1) for channel in channels)
    found = [
        [cv2.meanStdDev(one) for one in opponent]
        for opponent in (red - green, red + green - 2 * blue)
    ]
    # (mean, deviation) of rg and of twice yb, (2, n) each.
    mean, deviation = np.array(found)[..., 0, 0].transpose(2, 0, 1) / np.array([[1], [2]])
    most = (np.hypot(*deviation) + 0.3 * np.hypot(*mean)) / 109
    colors: Float = np.minimum(most, 1).astype(np.float32)
    return colors


class _Sharpness:
    def __init__(self, rate: Fraction) -> None:
        self._every = max(1, int(rate / _SHARP_RATE))
        self._values: list[float] = []
        self._count = 0

    def push(self, block: PictureBlock) -> None:
        self._values += [
            sharpness(luma)
            for i, luma in enumerate(block.luma, start=block.first)
            if i % self._every == 0
        ]
        self._count = block.first + len(block.luma)

    def finish(self) -> Float:
        values = np.repeat(np.array(self._values, np.float32), self._every)
        return values[: self._count]


def sharpness(luma: Byte) -> float:
    """1 / mean width of the edges of a picture (height, width), in pixels: 0 to 1."""
    import cv2

    wide: Any = luma.astype(np.int16)
    first = second = 0.0
    for before, after in (
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ):
        step = cv2.subtract(wide[after], wide[before])
        first += _above(cv2.absdiff(luma[after], luma[before]), _GRAIN)
        second += _above(cv2.absdiff(step[after], step[before]), _GRAIN)
    return min(1.0, second / 2 / (first + _FLAT * luma.size))


def _above(values: Any, noise: int) -> float:
    """Sum of the excesses of values over ``noise``."""
    import cv2

    if not values.size:
        return 0.0
    kept = cv2.threshold(values, noise, 0, cv2.THRESH_TOZERO)[1]
    return float(cv2.norm(kept, cv2.NORM_L1)) - noise * cv2.countNonZero(kept)


class _Novelty:
    def __init__(self, rate: Fraction) -> None:
        self._rate = rate
        self._seen: PictureSignatures | None = None
        self._values: list[Float] = []
        self._waiting = self._count = 0
        self._last: Byte | None = None

    def push(self, block: PictureBlock) -> None:
        for thumb in block.thumbs:
            before, self._count = self._count, self._count + 1
            self._waiting += 1
            self._last = thumb
            # The last frame of each quarter of a second, which represents all of it.
            if self._quarters(self._count) > self._quarters(before):
                self._look()

    def finish(self) -> Float:
        if self._waiting:
            self._look()
        return np.concatenate(self._values)

    def _quarters(self, frames: int) -> int:
        return frames * _SAMPLES * self._rate.denominator // self._rate.numerator

    def _look(self) -> None:
        assert self._last is not None
        new, seen = picture_signatures(self._last[None]), self._seen
        novelty = 0.0 if seen is None else float(signature_distance(new, seen).mean())
        self._values.append(np.full(self._waiting, novelty, np.float32))
        self._waiting = 0
        if seen is not None:
            kept = (np.concatenate(pair)[-_BEFORE:] for pair in zip(seen, new, strict=True))
            new = PictureSignatures(*kept)
        self._seen = new
