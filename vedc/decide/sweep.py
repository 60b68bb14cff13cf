"""The picture of a file, decoded once and in order for all that look at it.

Each frame is brought down by averaging: halved as long as that is exact (a halving is many
times cheaper than a free scaling), then scaled over areas. Averaging lets no fine texture
flicker as it moves. Depth, range and matrix are dealt with on what is left, a block at a time;
colours stay encoded as they are, whatever their transfer and primaries.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.color import FORMATS, MATRICES, PixelFormat
from vedc.decide.analysis import PictureBlock, Progress, Watcher
from vedc.decide.results import THUMB, Byte, Float
from vedc.errors import InternalError
from vedc.spec.sources import MediaInfo, VideoInfo
from vedc.spec.timeline import source_length

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

    from vedc.media.delivery import Deliverer

LUMA_SIDE: Final = 320
"""The longer side of the luma that watchers see."""

BLOCK: Final = 64
"""Frames in a block; the last one has fewer."""

_RGB_LUMA: Final = MATRICES["bt709"]

Plane = NDArray[np.uint8] | NDArray[np.uint16]


def frame_count(media: MediaInfo) -> int:
    """How many frames analyses see: those that a clip of the whole file shows, at least one.

    The length of :func:`~vedc.spec.timeline.source_length`, rounded half up to frames. Where
    a container claims more than it holds, the reader's rule holds the last frame; where it
    claims less, the rest is not seen, as clips do not show it either.
    """
    if media.video is None:
        raise InternalError(f"'{media.path}' has no picture to look at")
    if media.kind == "image":
        return 1
    length = source_length(media)
    if length is None:
        return max(1, _packets(media))
    return max(1, int(length * media.video.rate + Fraction(1, 2)))


def luma_size(video: VideoInfo) -> tuple[int, int]:
    """(height, width) of the luma: the picture's shape, the longer side 320."""
    width, height = video.display_size
    longer = max(width, height)
    return (
        max(1, round(Fraction(height * LUMA_SIDE, longer))),
        max(1, round(Fraction(width * LUMA_SIDE, longer))),
    )


def sweep(
    media: MediaInfo,
    watchers: Sequence[Watcher],
    progress: Progress | None = None,
    threads: int = 0,
) -> None:
    """Decode the picture once and push every frame to every watcher, in blocks.

    Frame i is what :class:`~vedc.media.reader.VideoReader` shows at ``i / rate``; there are
    ``frame_count(media)``. ``threads`` decode (0: as many as there are processors). Watchers
    may keep a block's arrays. Raises RenderError ``damaged-media`` as the reader does, and
    the code of a ProbeError where the file can no longer be opened.
    """
    video = media.video
    if video is None:
        raise InternalError(f"'{media.path}' has no picture to look at")
    count = frame_count(media)
    if progress is not None:
        progress.start(os.path.basename(media.path), float(count / video.rate))
    with _one_opencv_thread():
        for block in _blocks(media, video, count, threads):
            for watcher in watchers:
                watcher.push(block)
            if progress is not None:
                progress.advance(float(len(block.luma) / video.rate))
    if progress is not None:
        progress.finish()


def _blocks(media: MediaInfo, video: VideoInfo, count: int, threads: int) -> Iterator[PictureBlock]:
    from vedc.media.reader import VideoReader

    reader = VideoReader(media, None, threads)
    try:
        shrinker = Shrinker(video)
        last: VideoFrame | None = None
        for first in range(0, count, BLOCK):
            batch = shrinker.batch(min(BLOCK, count - first))
            for i in range(batch.count):
                frame = reader.decoded_at((first + i) / video.rate)
                if frame is last and i:
                    batch.repeat(i)
                else:
                    batch.put(i, frame)
                last = frame
            luma, thumbs = batch.finish()
            yield PictureBlock(first, thumbs, luma)
    finally:
        reader.close()


class Shrinker:
    """Brings decoded frames of one source down to the luma and the thumbs of analyses."""

    def __init__(self, video: VideoInfo) -> None:
        self.video = video
        self.format: PixelFormat = FORMATS[video.format]
        self.turned = video.rotation in (90, 270)
        height, width = luma_size(video)
        self.luma_size = (width, height) if self.turned else (height, width)
        """(height, width) before turning."""
        self.thumb_size = THUMB[::-1] if self.turned else THUMB
        self._deliverers: dict[tuple[int, int], Deliverer] = {}

    def batch(self, count: int) -> Batch:
        """Room for ``count`` frames."""
        return Batch(self, count)

    def planes(self, frame: VideoFrame) -> list[Plane]:
        """Views of the samples of a frame in the source's kernel format, (height, width[, 2])."""
        if frame.format.name != self.video.format:
            frame = self._deliverer(frame)(frame)
        views: list[Plane] = []
        for k in range(min(3, self.format.planes)):
            plane = frame.planes[k]
            width, height = self.format.plane_size(k, frame.width, frame.height)
            size = self.format.element_bytes(k)
            rows = np.frombuffer(memoryview(plane), np.uint8, plane.line_size * height)
            view: Plane = rows.reshape(height, plane.line_size)[:, : width * size]
            if self.format.bytes == 2:
                view = view.view(np.dtype("<u2"))
            if len(self.format.members(k)) > 1:
                view = view.reshape(height, width, -1)
            views.append(view)
        return views

    def _deliverer(self, frame: VideoFrame) -> Deliverer:
        """What makes the kernel format of another: the samples alone, neither turned nor scaled."""
        from vedc.media.delivery import Deliverer, Delivery

        size = frame.width, frame.height
        if size not in self._deliverers:
            stored = replace(self.video, rotation=0)
            self._deliverers[size] = Deliverer(stored, Delivery(*size, self.video.format), 1)
        return self._deliverers[size]


class Batch:
    """Frames of one block on their way: small, still in the codes and the turn of the file."""

    def __init__(self, shrinker: Shrinker, count: int) -> None:
        self.count = count
        self._of = shrinker
        dtype: type[Any] = np.uint8 if shrinker.format.bytes == 1 else np.uint16
        self._rgb = shrinker.format.layout == "gbr"
        self._luma: Plane = np.empty((count, *shrinker.luma_size), dtype)
        self._thumbs: Plane = np.empty((count, *shrinker.thumb_size, 3), dtype)

    def put(self, i: int, frame: VideoFrame) -> None:
        """Shrink a frame into place ``i``."""
        of = self._of
        planes = of.planes(frame)
        thumb = self._thumbs[i]
        if self._rgb:
            smaller = [shrink(plane, of.luma_size) for plane in planes]
            kr, kb = _RGB_LUMA
            green, blue, red = (plane.astype(np.float32) for plane in smaller)
            self._luma[i] = kr * red + (1 - kr - kb) * green + kb * blue + 0.5
            for k, plane in zip((1, 2, 0), smaller, strict=True):
                thumb[..., k] = shrink(plane, of.thumb_size)
            return
        luma = shrink(planes[0], of.luma_size)
        self._luma[i] = luma
        thumb[..., 0] = shrink(luma, of.thumb_size)
        if of.format.semi:
            thumb[..., 1:] = shrink(planes[1], of.thumb_size)
        else:
            thumb[..., 1] = shrink(planes[1], of.thumb_size)
            thumb[..., 2] = shrink(planes[2], of.thumb_size)

    def repeat(self, i: int) -> None:
        """Show the frame before once more."""
        self._luma[i] = self._luma[i - 1]
        self._thumbs[i] = self._thumbs[i - 1]

    def finish(self) -> tuple[Byte, Byte]:
        """Luma (n, height, width) and thumbs (n, 27, 48, 3), upright, of 8 bits."""
        quarter = -(self._of.video.rotation // 90)
        luma = np.rot90(self._full_range(self._luma), quarter, (1, 2))
        thumbs = np.rot90(self._to_rgb(self._thumbs), quarter, (1, 2))
        return np.ascontiguousarray(luma), np.ascontiguousarray(thumbs)

    def _scale(self) -> tuple[float, float, float]:
        """Black, and the spans of luma (or R, G, B) and of chroma, as words hold them."""
        format = self._of.format
        unit = 1 << (format.depth - 8 + format.shift)
        if self._of.video.color.range == "limited" and not self._rgb:
            return 16.0 * unit, 219.0 * unit, 224.0 * unit
        peak = float(format.peak << format.shift)
        return 0.0, peak, peak

    def _full_range(self, luma: Plane) -> Byte:
        black, span, _ = self._scale()
        if luma.dtype == np.uint8 and span == 255.0:
            return luma.astype(np.uint8, copy=False)
        codes = np.arange(256 if luma.dtype == np.uint8 else 65536, dtype=np.float64)
        table = np.clip(np.rint((codes - black) * 255 / span), 0, 255).astype(np.uint8)
        if luma.dtype == np.uint8:
            import cv2

            flat = luma.reshape(len(luma), -1)
            return np.asarray(cv2.LUT(flat, table), np.uint8).reshape(luma.shape)
        return np.asarray(table[luma])

    def _to_rgb(self, thumbs: Plane) -> Byte:
        black, span, chroma = self._scale()
        format = self._of.format
        if self._rgb:
            scaled = thumbs.astype(np.float32) * np.float32(255 / span)
        else:
            middle = float(1 << (format.depth - 1 + format.shift))
            kr, kb = MATRICES.get(self._of.video.color.matrix, MATRICES["bt709"])
            kg = 1 - kr - kb
            a, b = 255 / span, 255 / chroma
            # H.273, equations for Y'CbCr: each row one of Y, Cb, Cr; each column R, G, B.
            matrix: Float = np.array(
                [
                    [a, a, a],
                    [0, -2 * b * kb * (1 - kb) / kg, 2 * b * (1 - kb)],
                    [2 * b * (1 - kr), -2 * b * kr * (1 - kr) / kg, 0],
                ],
                np.float32,
            )
            offset = np.array([black, middle, middle], np.float32)
            scaled = (thumbs.astype(np.float32) - offset) @ matrix
        np.rint(scaled, out=scaled)
        np.clip(scaled, 0, 255, out=scaled)
        return scaled.astype(np.uint8)


def shrink(plane: Plane, size: tuple[int, int]) -> Plane:
    """A plane (height, width[, channels]) averaged over areas to ``size`` (height, width)."""
    import cv2

    height, width = size
    small: Any = plane
    while _halves(small.shape[0], height) and _halves(small.shape[1], width):
        half = small.shape[1] // 2, small.shape[0] // 2
        small = cv2.resize(small, half, interpolation=cv2.INTER_AREA)
    if small.shape[:2] != size:
        enlarged = small.shape[0] < height or small.shape[1] < width
        way = cv2.INTER_LINEAR if enlarged else cv2.INTER_AREA
        small = cv2.resize(small, (width, height), interpolation=way)
    shrunk: Plane = small
    return shrunk


def _halves(length: int, wanted: int) -> bool:
    """Whether halving is exact and leaves the end exact, or far enough off to be smooth."""
    return length % 2 == 0 and (length % (2 * wanted) == 0 or length >= 4 * wanted)


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    """Pictures are too small to share out, and the processors are decoding."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _packets(media: MediaInfo) -> int:
    """Pictures in a file that tells no length: counted, not decoded."""
    from pathlib import Path

    from vedc.media.container import first_video, open_media, packets_of

    with open_media(Path(media.path)) as container:
        stream = first_video(container)
        if stream is None:
            return 0
        return sum(1 for packet in packets_of(container, stream) if packet.size)
