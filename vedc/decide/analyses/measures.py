"""What a picture is like from frame to frame: curves that cuts are chosen by.

All are taken from the luma (longer side 320) and the thumbs of the sweep, from codes as they are
stored, so they do not depend on the size of the film. Lengths are shares of the longer side.

``motion``
    Speed of what is seen, in longer sides a second, at most 1: the mean over all structure of
    the normal flow |It| / |grad I| (Horn and Schunck 1981; times pi / 2, as a direction seen
    at random shows 2 / pi of a speed), or the speed of the camera where that is larger. The
    picture is normalised by its local mean and deviation first, so that light does not move, and
    a running median of five looks, 15 a second, takes out cuts and flashes.
``camera``
    Speed of the picture as a whole, in longer sides a second: the median over 4 x 4 areas of
    least squares over gradients (Lucas and Kanade 1981), or, where that is too fast for them,
    phase correlation (Kuglin and Hines 1975) if it holds in most areas.
``shake``
    Root mean square over half a second of how the camera's speed strays from its mean there.
``sharpness``
    1 / mean width of edges in pixels of the luma, 0 to 1: half the sum of absolute second
    differences over that of first differences, across and down, less noise. A step gives 1, a
    ramp over w pixels 1 / w, whatever the contrast where it is well above noise (widths of
    edges: Marziliano and others 2002; second differences: Nayar and Nakagawa 1994).
``brightness``, ``contrast``
    Mean and standard deviation (RMS contrast, Peli 1990) of luma at a quarter of its size, of 1.
``colorfulness``
    M of Hasler and Suesstrunk (2003) on the thumb, over 109, which they call extremely colourful.
``difference``
    Mean absolute difference from the thumb before, of 1.
``novelty``
    How unlike the four seconds before it the picture is, 0 to 1: the mean distance of picture
    signatures to each quarter of a second of them.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import PictureBlock, picture
from vedc.decide.analyses.picture_signatures import (
    PictureSignatures,
    picture_signatures,
    signature_distance,
)
from vedc.decide.analyses.results import Curves
from vedc.decide.arrays import Byte, Float
from vedc.edit.media_info import MediaInfo
from vedc.errors import InternalError

_MOTION_RATE: Final = 15
"""Motion is measured about so often a second, and holds until the next."""
_SCALE: Final = 4
"""Motion is looked for in the luma made smaller by this."""

_LOCAL: Final = 9
"""Side of the square whose mean and deviation a pixel is normalised by."""
_WEAK: Final = 6.0
"""Deviation, in codes, below which a texture is not brought up to full strength."""
_AT_ONCE: Final = 8
"""Frames at a time: as many as a CPU core's cache holds the intermediate pictures of."""
_NOISE: Final = 0.7
"""Codes by which a pixel of the small picture changes without anything moving."""
_EDGE: Final = 0.15
"""Gradient of the normalised picture from which on it is structure."""
_FAST: Final = 1.0
"""Pixels a frame above which gradients no longer tell how far it is."""
_PEAK: Final = 0.15
"""Height of a peak of phase correlation that is believed; of two unlike pictures: about 0.07."""

_AREAS: Final = 4
"""Areas, down and across, most of which must move alike where the camera moves."""

_HELD: Final = Fraction(1, 6)
"""Seconds for which a picture that stands may be a repeated frame of one that moves."""
_MEDIAN: Final = 5

_GRAIN: Final = 6
"""First and second differences, in codes, up to which they are noise; edges rise by more. The
same for both: then a ramp gives 1 / w whatever is taken off."""
_FLAT: Final = 0.15
"""Mean first difference, in codes, below which a picture has no edges to speak of."""
_SHARP_RATE: Final = 8
"""Sharpness is measured at least so often a second, and holds until the next."""

_SAMPLES: Final = 4
"""Looks a second for novelty."""
_BEFORE: Final = 16
"""Looks that novelty is measured against: four seconds."""

_NAMES: Final = ("difference", "brightness", "contrast", "colorfulness")


@picture("measures", version=2, gives=Curves)
class Measures:
    """Watches the picture for the curves above."""

    def __init__(self, media: MediaInfo) -> None:
        if media.video is None:
            raise InternalError(f"'{media.path}' has no picture to look at")
        self._rate = media.video.rate
        self._motion = _Motion(self._rate)
        self._novelty = _Novelty(self._rate)
        self._sharpness = _Sharpness(self._rate)
        self._last: Byte | None = None
        self._parts: dict[str, list[Float]] = {name: [] for name in _NAMES}

    def push(self, block: PictureBlock) -> None:
        small = _quarter(block.luma)
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


class _Motion:
    """Motion, the camera's speed and its shake, from frame to frame about 15 times a second."""

    def __init__(self, rate: Fraction) -> None:
        self._every = max(1, round(rate / _MOTION_RATE))
        self._rate = rate / self._every
        self._flow = _Flow()
        self._parts: list[Float] = []

    def push(self, first: int, small: Float) -> None:
        chosen = small[-first % self._every :: self._every]
        if len(chosen):
            self._parts.append(self._flow.push(chosen))

    def finish(self, difference: Float) -> dict[str, Float]:
        """Curves for as many frames as there are differences of thumbs."""
        speeds = np.concatenate(self._parts, axis=1)
        rate, count = float(self._rate), len(difference)
        # What is seen at a frame of ours came about since the one before.
        place = -(np.arange(count) // -self._every)
        changed: Any = np.bincount(place, difference, speeds.shape[1])
        spread_over_repeats(speeds, changed, max(1, int(_HELD * self._rate)))
        if speeds.shape[1] > 1:
            speeds[:, 0] = speeds[:, 1]  # nothing was before the first frame
        flow, across, down = (_median(row, _MEDIAN) * rate for row in speeds)
        camera = np.hypot(across, down)
        place = np.minimum(place, speeds.shape[1] - 1)
        return {
            "motion": np.minimum(np.maximum(flow, camera), 1)[place],
            "camera": camera[place],
            "shake": _strays(speeds[1:] * rate, max(3, int(self._rate / 2) | 1))[place],
        }


class _Flow:
    """How fast the picture moves, in longer sides a frame: all of it, and the camera alone."""

    def __init__(self) -> None:
        self._last: Float | None = None
        self._window: Float | None = None

    def push(self, small: Float) -> Float:
        """Small pictures (n, height, width) to (3, n): speed, and the camera's in x and y."""
        n, height, width = small.shape
        found = np.zeros((3, n), np.float32)
        if min(height, width) < 4:  # a line rather than a picture
            return found
        for start in range(0, n, _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            pictures, weights = _normalised(small[part])
            before = pictures[:1] if self._last is None else self._last
            self._last = pictures[-1:]
            pair = np.concatenate([before, pictures])
            found[:, part] = self._between(pair, weights[:, 1:-1, 1:-1])
        found /= max(height, width)
        return found

    def _between(self, pair: Float, weights: Float) -> Float:
        """As ``push``, in pixels, from each picture (n + 1, height, width) to the next."""
        change = (pair[1:] - pair[:-1])[:, 1:-1, 1:-1]
        both = pair[1:] + pair[:-1]
        gx = both[:, 1:-1, 2:] - both[:, 1:-1, :-2]
        gy = both[:, 2:, 1:-1] - both[:, :-2, 1:-1]
        gx *= 0.25
        gy *= 0.25
        slope = gx * gx
        slope += gy * gy
        np.sqrt(slope, out=slope)
        structure = (slope > _EDGE).astype(np.float32)
        moved = np.abs(change)
        moved -= _NOISE * weights
        np.maximum(moved, 0, out=moved)
        total = _summed(slope, structure) + 0.01 * slope[0].size
        flow = np.float32(np.pi / 2) * _summed(moved, structure) / total
        gx *= structure
        gy *= structure
        shift = _least_squares(gx, gy, change)
        for i in np.flatnonzero(flow > _FAST):
            shift[i] = self._correlated(pair[i], pair[i + 1])
        found: Float = np.concatenate([flow[None], shift.T])
        return found

    def _correlated(self, before: Float, after: Float) -> Float:
        """Shift in pixels by phase correlation; none where no single shift explains both."""
        none = np.zeros(2, np.float32)
        if self._window is None:
            height, width = before.shape
            self._window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
        a, b = (np.fft.rfft2(picture * self._window) for picture in (before, after))
        cross = b * np.conj(a)
        peaks: Any = np.fft.irfft2(cross / (np.abs(cross) + 1e-6), s=before.shape)
        y, x = divmod(int(np.argmax(peaks)), peaks.shape[1])
        if peaks[y, x] < _PEAK:
            return none
        shift = np.array([_refined(peaks[y], x), _refined(peaks[:, x], y)], np.float32)
        return shift if _holds(before, after, *np.rint(shift).astype(int).tolist()) else none


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
    """Sum of what values have above ``noise``."""
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
            # The last frame of each quarter of a second, which stands for all of it.
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


def _quarter(luma: Byte) -> Float:
    """Luma (n, height, width) made four times smaller by averaging."""
    import cv2

    n, height, width = luma.shape
    down, across = max(1, height // _SCALE), max(1, width // _SCALE)
    even = luma[:, : down * _SCALE, : across * _SCALE]
    # All frames as one tall picture: one call for a block.
    tall: Any = np.ascontiguousarray(even).reshape(-1, even.shape[2])
    for _ in range(2):
        if tall.shape[0] % (2 * n) == 0 and tall.shape[1] % 2 == 0:
            half = tall.shape[1] // 2, tall.shape[0] // 2
            tall = cv2.resize(tall, half, interpolation=cv2.INTER_AREA)
    small: Float = tall.reshape(n, -1, tall.shape[1]).astype(np.float32)
    return small


def _normalised(small: Float) -> tuple[Float, Float]:
    """Pictures less their local mean, over their local deviation; and one over the latter."""
    import cv2

    side = (_LOCAL, _LOCAL)
    soft, mean, weight = (np.empty_like(small) for _ in range(3))
    for i, one in enumerate(small):
        # Central differences tell the slope of smooth pictures only.
        one = cv2.GaussianBlur(one, (5, 5), 0, dst=soft[i])
        cv2.blur(one, side, dst=mean[i])
        cv2.sqrBoxFilter(one, cv2.CV_32F, side, dst=weight[i])
    weight -= mean * mean
    np.maximum(weight, 0, out=weight)
    weight += _WEAK**2
    np.sqrt(weight, out=weight)
    np.reciprocal(weight, out=weight)
    np.subtract(soft, mean, out=mean)
    mean *= weight
    return mean, weight


def _least_squares(gx: Float, gy: Float, change: Float) -> Float:
    """The shift (n, 2) in pixels of most of the picture: the median over areas with structure."""
    xx, yy, xy = _by_areas(gx, gx), _by_areas(gy, gy), _by_areas(gx, gy)
    xt, yt = _by_areas(gx, change), _by_areas(gy, change)
    determinant = xx * yy - xy * xy
    # Both directions must be seen: a single edge does not tell where it goes along itself.
    seen = determinant > 0.02 * (xx + yy) ** 2 + 1e-3
    steady = np.where(seen, determinant, 1)
    shifts = np.stack([xy * yt - yy * xt, xy * xt - xx * yt], axis=-1) / steady[..., None]
    out = np.zeros((len(gx), 2), np.float32)
    for i in np.flatnonzero(seen.sum(axis=(1, 2)) >= _AREAS):
        out[i] = np.median(shifts[i][seen[i]], axis=0)
    return out


def _by_areas(a: Float, b: Float) -> Float:
    """Sums (n, 4, 4) of products of pictures over even areas; what is left over is left out."""
    n, height, width = a.shape
    down, across = height // _AREAS, width // _AREAS
    shape = n, _AREAS, down, _AREAS, across
    a, b = (p[:, : _AREAS * down, : _AREAS * across].reshape(shape) for p in (a, b))
    sums: Float = np.einsum("nyixj,nyixj->nyx", a, b)
    return sums


def _summed(a: Float, b: Float) -> Float:
    """Sums (n,) of products of pictures."""
    sums: Float = np.einsum("nij,nij->n", a, b)
    return sums


def _holds(before: Float, after: Float, x: int, y: int) -> bool:
    """Whether a shift by whole pixels makes most areas of two pictures more alike."""
    height, width = before.shape
    if abs(x) >= width - _AREAS or abs(y) >= height - _AREAS:
        return False
    rows, columns = slice(max(y, 0), height + min(y, 0)), slice(max(x, 0), width + min(x, 0))
    came = slice(max(-y, 0), height + min(-y, 0)), slice(max(-x, 0), width + min(-x, 0))
    now = after[rows, columns]
    shifted, stood = (np.abs(now - was)[None] for was in (before[came], before[rows, columns]))
    ones = np.ones_like(shifted)
    better = _by_areas(shifted, ones) < _by_areas(stood, ones)
    return bool(better.mean() > 0.6)


def _refined(line: Float, at: int) -> float:
    """Where the top of a peak of a circular line lies, by a parabola; signed."""
    n = len(line)
    left, top, right = (float(line[(at + k) % n]) for k in (-1, 0, 1))
    bend = left - 2 * top + right
    place = at + (0.5 * (left - right) / bend if bend < 0 else 0.0)
    return place - n if place > n / 2 else place


def spread_over_repeats(speeds: Float, difference: Float, most: int) -> None:
    """Share what a frame moved with the repeated frames before it, in place.

    ``speeds`` (k, n); a frame whose ``difference`` is zero repeats the one before. More than
    ``most`` repeats in a row are a picture that stands.
    """
    moving = np.flatnonzero(difference > 0)
    for before, at in pairwise(moving.tolist()):
        run = at - before
        if 1 < run <= most:
            speeds[:, before + 1 : at + 1] = speeds[:, at : at + 1] / run


def _windows(values: Float, size: int) -> Float:
    """Stretches (..., n, size) of values (..., n), centred; the ends stand on beyond."""
    half = size // 2
    pad = [(0, 0)] * (values.ndim - 1) + [(half, half)]
    return np.lib.stride_tricks.sliding_window_view(np.pad(values, pad, mode="edge"), size, axis=-1)


def _median(values: Float, size: int) -> Float:
    """Running median of an odd number of values."""
    middle: Float = np.median(_windows(values, size), axis=-1)
    return middle


def _strays(speeds: Float, size: int) -> Float:
    """Root mean square of how far speeds (2, n) lie from their running mean."""
    away = speeds - _windows(speeds, size).mean(axis=-1)
    square: Float = _windows((away * away).sum(axis=0), size).mean(axis=-1)
    return np.sqrt(square)
