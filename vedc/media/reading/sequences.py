"""Reading the frames of an image sequence, as ``VideoReader`` reads video.

Pictures that will probably be wanted next are decoded ahead on further threads, as many as fit
into a fixed amount of memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from av.video.frame import VideoFrame

from vedc.color import FORMATS
from vedc.edit.media_info import MediaInfo, ProbeError
from vedc.errors import InternalError, RenderError
from vedc.media.delivery import Deliverer, Delivery
from vedc.stills.deep import LINEAR, Deep
from vedc.stills.ffmpeg_frame import Samples, samples_of
from vedc.stills.load import sampled
from vedc.stills.raster import Raster
from vedc.stills.sequence.describe import listing_of
from vedc.stills.sequence.frames import read_frame
from vedc.support.control_groups import cores

_ROOM: Final = 128 << 20
"""Bytes of decoded pictures that one reader keeps, but always two pictures."""
_MOST_AHEAD: Final = 8


class SequenceReader:
    """Not thread-safe. A picture that is damaged is replaced by the intact one before it."""

    def __init__(self, info: MediaInfo, delivery: Delivery | None, threads: int = 0) -> None:
        if info.video is None:
            raise InternalError(f"'{info.path}' has no picture to read")
        self._info, self._video = info, info.video
        self._format = FORMATS[info.video.format]
        try:
            listing = listing_of(Path(info.path))
        except ProbeError as error:
            raise _failure(error) from error
        self._files, self._shows = listing.files, listing.frames
        self._delivery = delivery or Delivery.of(info.video)
        self._deliverers: dict[Delivery, Deliverer] = {}
        self._delivered: dict[Delivery, tuple[VideoFrame, VideoFrame]] = {}
        self._coming: dict[int, Future[VideoFrame | None]] = {}
        self._stand_in: tuple[int, VideoFrame] | None = None
        """The pictures shown in place of damaged ones."""
        threads = threads or cores()
        self._ahead = _pictures_ahead(info, threads)
        self._pool = ThreadPoolExecutor(max(1, min(self._ahead, threads)))
        self._last, self._step = 0, 1
        self.decoded = 0
        self.damage: tuple[Fraction, ...] = ()
        self.resized = False

    def frame_at(self, time: Fraction, delivery: Delivery | None = None) -> VideoFrame:
        """The frame shown at ``time`` as delivered. Raises RenderError."""
        decoded, wanted = self.decoded_at(time), delivery or self._delivery
        last = self._delivered.get(wanted)
        if last is None or last[0] is not decoded:
            last = self._delivered[wanted] = (decoded, self._deliver(decoded, wanted))
        return last[1]

    def decoded_at(self, time: Fraction) -> VideoFrame:
        """The frame shown at ``time`` at its own size; the same picture is the same object."""
        at = min(max(0, int(time * self._video.rate // 1)), len(self._shows) - 1)
        if at != self._last:
            self._last, self._step = at, at - self._last
        index = self._shows[at]
        self._order(index, at)
        shown = self._coming[index].result()
        self.damage = () if shown is not None else (at / self._video.rate,)
        if shown is not None:
            return shown
        if self._stand_in is None or self._stand_in[0] != index:
            self._stand_in = index, self._intact(index)
        return self._stand_in[1]

    def span_at(self, time: Fraction) -> tuple[Fraction, Fraction]:
        """Of the picture at ``time``: when it begins, and when the next one does or would."""
        at = min(max(0, int(time * self._video.rate // 1)), len(self._shows) - 1)
        begin = at / self._video.rate
        return begin, begin + 1 / self._video.rate

    def close(self) -> None:
        """Frames already returned stay valid."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._coming, self._delivered = {}, {}

    def _order(self, index: int, at: int) -> None:
        """Have a picture decoded, and those that will follow if reading continues."""
        wanted = [index]
        for ahead in range(1, self._ahead):
            place = at + ahead * self._step
            if not 0 <= place < len(self._shows):
                break
            wanted.append(self._shows[place])
        for kept in [kept for kept in self._coming if kept not in wanted]:
            self._coming.pop(kept).cancel()
        for one in wanted:
            if one not in self._coming:
                self._coming[one] = self._pool.submit(self._read, one)
                self.decoded += 1

    def _intact(self, index: int) -> VideoFrame:
        """The replacement for a damaged picture: the last intact one before it, else the first
        after it."""
        for other in (*range(index - 1, -1, -1), *range(index + 1, len(self._files))):
            found = self._read(other)
            if found is not None:
                return found
        message = f"none of the pictures of '{self._info.path}' can be decoded"
        raise RenderError.one("damaged-media", message, hint="export them again")

    def _read(self, index: int) -> VideoFrame | None:
        """None where the picture cannot be shown whole."""
        depth = 32 if self._format.floating else self._format.depth
        try:
            found = read_frame(Path(self._files[index]), depth)
        except ProbeError:
            return None
        height, width = found.samples.shape[:2]
        if found.lost is not None or (width, height) != (self._video.width, self._video.height):
            return None
        return _of_samples(found.samples, self._video.format)

    def _deliver(self, frame: VideoFrame, wanted: Delivery) -> VideoFrame:
        if not self._format.floating:
            if wanted not in self._deliverers:
                self._deliverers[wanted] = Deliverer(self._video, wanted)
            return self._deliverers[wanted](frame)
        own = (frame.width, frame.height) == (wanted.width, wanted.height)
        if own and wanted.crop is None and wanted.blur is None:
            return frame
        # swscale would clip light at 1.
        light = Deep(samples_of(frame), LINEAR)
        size = wanted.width, wanted.height
        return _of_raster(sampled(light, *size, wanted.blur, wanted.crop, wanted.format))


def _pictures_ahead(info: MediaInfo, threads: int) -> int:
    """Pictures to keep decoded, including the shown one."""
    assert info.video is not None
    format = FORMATS[info.video.format]
    picture = info.video.width * info.video.height * format.planes * format.bytes
    return max(2, min(_MOST_AHEAD, threads + 1, _ROOM // picture))


def _failure(error: ProbeError) -> RenderError:
    return RenderError.one(error.code, error.message, hint=error.hint)


def _planes(samples: Samples, alpha: bool) -> Iterator[Samples]:
    """G, B, R and perhaps A."""
    yield from (samples[..., channel] for channel in (1, 2, 0))
    if alpha and samples.shape[2] == 4:
        yield samples[..., 3]
    elif alpha:
        opaque = {4: 1, 2: 65535, 1: 255}[samples.itemsize]
        yield np.full(samples.shape[:2], opaque, samples.dtype)


def _of_samples(samples: Samples, format: str) -> VideoFrame:
    height, width = samples.shape[:2]
    frame = VideoFrame(width, height, format)
    for plane, values in zip(frame.planes, _planes(samples, FORMATS[format].alpha), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        wide = width * values.itemsize
        rows[:height, :wide].view(values.dtype)[:] = values
    return frame


def _of_raster(raster: Raster) -> VideoFrame:
    frame = VideoFrame(raster.width, raster.height, raster.format)
    for plane, values in zip(frame.planes, raster.planes, strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        given = np.frombuffer(values, np.uint8).reshape(raster.height, -1)
        rows[: raster.height, : given.shape[1]] = given
    return frame
