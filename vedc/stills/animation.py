"""Animated GIF, PNG, WebP and AVIF: their composed frames, and when each is shown.

A frame of at most 10 ms is shown for 100 ms, as in browsers: such files were made for viewers that
were no faster. The number of repetitions is up to the spec.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vedc.stills import colors
from vedc.stills.boxes import apng_delays
from vedc.stills.composed_png import ComposedPng
from vedc.stills.kinds import Kind
from vedc.stills.pillow_file import BROKEN, damaged, opened, quiet
from vedc.support.lazy_dataclass import dataclass

_TOO_SHORT: Final = Fraction(1, 100)
_INSTEAD: Final = Fraction(1, 10)

#: Rates for an animation whose own is out of range; the first in which every frame begins with a
#: frame of the film is used.
_USUAL: Final = tuple(Fraction(n, 2) for n in (50, 60, 48, 40, 30, 100, 120, 25, 24, 20))
_SLOWEST: Final = Fraction(10)
_FASTEST: Final = Fraction(60)


@dataclass(frozen=True, slots=True)
class Survey:
    """Facts found by decoding all of an animation."""

    starts: tuple[Fraction, ...]
    """Start of each frame in seconds; the first is 0."""
    duration: Fraction
    rate: Fraction
    """Frames per second at which all of them are shown on time."""
    even: bool
    """Whether each frame lasts for one frame of ``rate``."""
    alpha: bool
    """Whether any pixel is not opaque."""
    lost: str | None
    """The missing part, in words."""


class Frames:
    """The frames of an open animation as displayed: composed over the previous ones.

    Use ``open_frames``. Reading forward is fast.
    """

    def __init__(self, path: str, image: Image.Image, kind: Kind) -> None:
        self._image = image
        # Pillow composes semi-transparent frames of PNG with a wrong alpha.
        self._composed = ComposedPng(Path(path)) if kind.name == "png" else None
        # A PNG's still picture for viewers without animation comes first.
        skipped = 1 if getattr(image, "default_image", False) else 0
        self.count = getattr(image, "n_frames", 1) - skipped
        self._profile = image.info.get("icc_profile")
        self._described = None if self._profile else colors.of_header(path, kind)

    def picture(self, index: int) -> NDArray[np.uint8]:
        """(height, width, 4) of sRGB and alpha, not premultiplied. Raises the errors in BROKEN."""
        image = self._image
        if self._composed is not None:
            image = self._composed.picture(index)
        else:
            with quiet():
                image.seek(index)
                image.load()
        color, alpha = colors.separate(image)
        rgb, _ = colors.to_srgb(color, self._profile, self._described)
        if alpha is not None:
            rgb.putalpha(alpha)
        return np.array(rgb.convert("RGBA"))

    @property
    def shown_for(self) -> Fraction:
        """Duration of the last picture in seconds, as stored."""
        return Fraction(self._image.info.get("duration", 0)) / 1000

    def close(self) -> None:
        if self._composed is not None:
            self._composed.close()


@contextmanager
def open_frames(path: str, kind: Kind) -> Iterator[Frames]:
    """Raises ProbeError ``damaged-media``."""
    with opened(path, kind) as image:
        frames = Frames(path, image, kind)
        try:
            yield frames
        finally:
            frames.close()


def survey(path: Path, kind: Kind) -> Survey:
    """Decode every frame, once while the file is unchanged.

    Raises ProbeError ``damaged-media`` if not even the first can be decoded.
    """
    status = path.stat()
    return _survey(path, kind, status.st_mtime_ns, status.st_ctime_ns, status.st_size)


@lru_cache(maxsize=64)
def _survey(path: Path, kind: Kind, *stamp: int) -> Survey:
    lengths: list[Fraction] = []
    alpha, lost = False, None
    with open_frames(str(path), kind) as frames:
        for index in range(frames.count):
            try:
                picture = frames.picture(index)
            except BROKEN as error:
                if not index:
                    raise damaged(path, str(error)) from error
                lost = f"it ends after {index} of its {frames.count} frames"
                break
            alpha = alpha or bool((picture[..., 3] < 255).any())
            lengths.append(frames.shown_for)
    if kind.name == "avif":
        lengths = _avif_lengths(path, len(lengths)) or lengths
    elif kind.name == "png":
        with open(path, "rb") as file:
            lengths = apng_delays(file)[: len(lengths)]
    lengths = [_INSTEAD if length <= _TOO_SHORT else length for length in lengths]
    ends = list(accumulate(lengths))
    rate = rate_of(lengths)
    return Survey(
        starts=(Fraction(0), *ends[:-1]),
        duration=ends[-1],
        rate=rate,
        even=all(length * rate == 1 for length in lengths),
        alpha=alpha,
        lost=lost,
    )


def rate_of(lengths: list[Fraction]) -> Fraction:
    """A rate from 10 to 60 frames per second that shows every frame on time, if there is one.

    Prefers the frames' own rate, then a usual one.
    """
    denominator = math.lcm(*(length.denominator for length in lengths))
    step = Fraction(math.gcd(*(int(length * denominator) for length in lengths)), denominator)
    if _SLOWEST <= 1 / step <= _FASTEST:
        return 1 / step
    for rate in _USUAL:
        if (step * rate).denominator == 1:
            return rate
    shortest = min(lengths)
    for rate in sorted(_USUAL):
        if rate * shortest >= 1:
            return rate
    return _FASTEST


def _avif_lengths(path: Path, count: int) -> list[Fraction]:
    """Seconds of each frame, from the container: Pillow rounds them to milliseconds.

    Besides the animation a file may hold a still, which is a separate stream to FFmpeg.
    """
    import av

    found: dict[int, list[Fraction]] = {}
    with av.open(io.BytesIO(path.read_bytes()), "r", format="mov") as container:
        for packet in container.demux():
            if packet.size and packet.time_base is not None:
                length = (packet.duration or 0) * packet.time_base
                found.setdefault(packet.stream.index, []).append(length)
    return next((lengths[:count] for lengths in found.values() if len(lengths) >= count), [])
