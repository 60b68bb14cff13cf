"""One pass over the frames of a film and one over its sound, for all checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.audio.decode import SoundReader
from vedc.decide.analyses.decode_video import Shrinker, frame_count
from vedc.edit.media_info import MediaInfo
from vedc.review.check.core.check import Frame, Sound

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_BLOCK: Final = 1
"""Seconds of sound in a block."""


def frames(media: MediaInfo, *, codes: bool, threads: int = 0) -> Iterator[Frame]:
    """The frames of a film in order, each reduced once. ``codes``: whether levels are wanted.

    Frame n is what players show at ``n / rate``. Raises RenderError where nothing can be decoded.
    """
    from vedc.media.reading.frame_reader import open_reader

    assert media.video is not None
    reader = open_reader(media, None, threads)
    try:
        shrinker = Shrinker(media.video)
        last: VideoFrame | None = None
        made: Frame | None = None
        for number in range(frame_count(media)):
            shown = reader.decoded_at(number / media.video.rate)
            damaged = bool(reader.damage)
            if shown is last and made is not None:
                made = replace(made, number=number, held=True, damaged=damaged)
            else:
                made = reduced(shrinker, shown, number, codes=codes, damaged=damaged)
            last = shown
            yield made
    finally:
        reader.close()


def reduced(
    shrinker: Shrinker,
    shown: VideoFrame,
    number: int,
    *,
    codes: bool = True,
    damaged: bool = False,
) -> Frame:
    """A decoded frame as checks see it."""
    batch = shrinker.batch(1)
    batch.put(0, shown)
    luma, small = batch.finish()
    levels = _levels(shrinker, shown) if codes else ()
    whole = partial(_whole, shrinker, shown)
    return Frame(number, luma[0], small[0], levels, whole, False, damaged)


def _whole(shrinker: Shrinker, shown: VideoFrame) -> NDArray[Any]:
    """A picture of full size in R'G'B', as stored: not turned."""
    planes = shrinker.planes(shown)
    format = shrinker.format
    height, width = planes[0].shape[:2]
    if format.layout == "gbr":
        channels = [planes[2], planes[0], planes[1]]
    else:
        if format.semi:
            planes = [planes[0], planes[1][..., 0], planes[1][..., 1]]
        channels = []
        for number, plane in enumerate(planes[:3]):
            across, down = format.subsampling(number)
            channels.append(plane.repeat(1 << down, 0).repeat(1 << across, 1)[:height, :width])
    stacked: Any = np.stack(channels)[:, np.newaxis]
    whole: NDArray[Any] = shrinker.to_rgb(stacked)[0]
    return whole


def _levels(shrinker: Shrinker, shown: VideoFrame) -> tuple[NDArray[Any], ...]:
    """Y', Cb and Cr of a picture of limited range as levels; nothing of any other."""
    format, color = shrinker.format, shrinker.video.color
    if format.layout != "yuv" or color.range != "limited" or color.matrix in ("ycgco", "ictcp"):
        return ()
    planes = shrinker.planes(shown)
    if format.semi:
        planes = [planes[0], planes[1][..., 0], planes[1][..., 1]]
    unit = float(1 << (format.depth - 8 + format.shift))
    found = []
    for channel, plane in enumerate(planes[:3]):
        whole: Any = np.ascontiguousarray(plane)
        small = shrinker.shrink(whole, shrinker.luma_size)
        zero, span = (128.0, 224.0) if channel else (16.0, 219.0)
        found.append((small.astype(np.float32) - np.float32(zero * unit)) / np.float32(span * unit))
    return tuple(found)


def sound(media: MediaInfo) -> Iterator[Sound]:
    """The sound of a film in blocks, at its own rate, in as many channels as it has; what has
    another number than 1, 2 or 6 is mixed to stereo."""
    audio = media.audio
    assert audio is not None
    channels = audio.channels if audio.channels in (1, 2, 6) else 2
    reader = SoundReader(media.path, audio.rate, channels, audio.stream, media.joins)
    reported = 0
    try:
        while not reader.over:
            first = reader.position
            samples = reader.read(_BLOCK * audio.rate)
            if reader.over:  # padding beyond the end
                samples = samples[:, : max(reader.reached - first, 0)]
            lost = [(Fraction(loss.start), Fraction(loss.end)) for loss in reader.lost[reported:]]
            reported = len(reader.lost)
            yield Sound(first, samples, audio.rate, lost)
    finally:
        reader.close()
