"""Decodes the picture of a file once, in order, for all analyses that watch it.

Each frame is reduced by averaging: halved while that is exact (halving is many times cheaper
than free scaling), then area-scaled. Averaging keeps fine texture from flickering as it moves.
Bit depth, range and matrix are converted after that, a block at a time; transfer and primaries
stay as they are in the file.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.color import FORMATS, MATRICES, PixelFormat
from vedc.decide.analyses.analysis import PictureBlock, Progress, Watcher, video_of
from vedc.decide.analyses.results import THUMB
from vedc.decide.arrays import Byte, Float
from vedc.edit.media_info import MediaInfo, VideoInfo
from vedc.errors import RenderError
from vedc.media.damage_text import damage_text
from vedc.support.asked_to_stop import stop_if_asked

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

    from vedc.media.delivery import Deliverer

LUMA_SIDE: Final = 320
"""The longer side of the luma that watchers see, in pixels."""

BLOCK: Final = 64
"""Frames in a block; the last one has fewer."""

Plane = Byte | NDArray[np.uint16]


def frame_count(media: MediaInfo) -> int:
    """The number of frames that analyses see: those of a clip of the whole file, at least one.

    That is :attr:`MediaInfo.clip_length`, rounded half up to frames. If the container claims
    more than it holds, the reader holds the last frame; if it claims less, analyses miss the
    rest, as clips do.
    """
    rate = video_of(media).rate
    if media.kind == "image":
        return 1
    length = media.clip_length
    if length is None:
        return max(1, _packets(media))
    return max(1, int(length * rate + Fraction(1, 2)))


def luma_size(video: VideoInfo) -> tuple[int, int]:
    """(height, width) of the luma: the picture's aspect ratio, with a longer side of 320."""
    width, height = video.display_size
    longer = max(width, height)
    return (
        max(1, round(Fraction(height * LUMA_SIDE, longer))),
        max(1, round(Fraction(width * LUMA_SIDE, longer))),
    )


def decode_video(
    media: MediaInfo,
    watchers: Sequence[Watcher],
    progress: Progress | None = None,
    threads: int = 0,
) -> None:
    """Decode the picture once and push every frame to every watcher, in blocks.

    Of ``frame_count(media)`` frames, frame i is what :class:`~vedc.media.reader.VideoReader` shows
    at ``i / rate``. ``threads`` is the number of decoder threads; 0 uses one per CPU core. Watchers
    may keep the arrays of a block. Damaged frames are concealed and reported to ``progress``.
    Raises RenderError ``damaged-media`` if no picture can be decoded, and the code of a ProbeError
    if the file can no longer be opened.
    """
    video = video_of(media)
    count = frame_count(media)
    if progress is not None:
        progress.start(os.path.basename(media.path), float(count / video.rate))
    damaged: set[Fraction] = set()
    blocks = _blocks(media, video, count, threads, damaged)
    # The next block is decoded while watchers process this one.
    with one_opencv_thread(), closing(blocks), ThreadPoolExecutor(1) as decoder:
        coming = decoder.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = decoder.submit(next, blocks, None)
            stop_if_asked()
            for watcher in watchers:
                watcher.push(block)
            if progress is not None:
                progress.advance(float(len(block.luma) / video.rate))
    if progress is not None:
        progress.finish()
        if damaged:
            progress.note(damage_text(media, damaged))


def _blocks(
    media: MediaInfo, video: VideoInfo, count: int, threads: int, damaged: set[Fraction]
) -> Generator[PictureBlock]:
    """The blocks; the source times of damaged frames are added to ``damaged``."""
    from vedc.media.reading.frame_reader import open_reader

    reader = open_reader(media, None, threads)
    try:
        shrinker = Shrinker(video)
        last: VideoFrame | None = None
        for first in range(0, count, BLOCK):
            batch = shrinker.batch(min(BLOCK, count - first))
            for i in range(batch.count):
                frame = reader.decoded_at((first + i) / video.rate)
                damaged.update(reader.damage)
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
    """Reduces decoded frames of one source to the luma and the thumbnails of analyses."""

    def __init__(self, video: VideoInfo) -> None:
        if FORMATS[video.format].floating:  # light above white is clipped
            video = replace(video, format=video.format.replace("f32", "16"))
        self.video = video
        self.format: PixelFormat = FORMATS[video.format]
        turned = video.rotation in (90, 270)
        height, width = luma_size(video)
        self.luma_size = (width, height) if turned else (height, width)
        """(height, width) before rotation."""
        self.thumb_size = THUMB[::-1] if turned else THUMB
        # Scratch arrays, reused: allocating costs more than filling them.
        self._between: dict[tuple[tuple[int, ...], np.dtype[Any]], Plane] = {}
        words: type[Any] = np.uint8 if self.format.bytes == 1 else np.uint16
        self.room: Plane = np.empty(self.luma_size, words)
        self._steps: dict[tuple[tuple[int, ...], tuple[int, int]], list[tuple[int, int]]] = {}
        self._deliverers: dict[tuple[int, int, str], Deliverer] = {}
        unit = 1 << (self.format.depth - 8 + self.format.shift)
        rgb = self.format.layout == "gbr"
        if video.color.range == "limited" and not rgb:
            self._black, self._span, self._chroma = 16.0 * unit, 219.0 * unit, 224.0 * unit
        else:
            self._black = 0.0
            self._span = self._chroma = float(self.format.peak << self.format.shift)
        codes = np.arange(1 << (8 * self.format.bytes), dtype=np.float64)
        levels = np.rint((codes - self._black) * 255 / self._span)
        self._levels: Byte = np.clip(levels, 0, 255).astype(np.uint8)
        self._matrix = self._to_rgb()

    def batch(self, count: int) -> Batch:
        """Room for ``count`` frames."""
        return Batch(self, count)

    def planes(self, frame: VideoFrame) -> list[Plane]:
        """Views of the samples of a frame in the source's kernel format, (height, width[, 2])."""
        if frame.format.name != self.video.format:
            frame = self._converted(frame)
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

    def shrink(self, plane: Plane, size: tuple[int, int], out: Plane | None = None) -> Plane:
        """A plane (height, width[, channels]) area-averaged to ``size`` (height, width).

        Returns ``out`` if given, else a new array or ``plane`` itself.
        """
        import cv2

        small: Any = plane
        for half in self._halvings(plane.shape, size):
            into = out if half == size else self._room_of((*half, *small.shape[2:]), small.dtype)
            small = cv2.resize(small, half[::-1], into, interpolation=cv2.INTER_AREA)
        if small.shape[:2] != size:
            enlarged = small.shape[0] < size[0] or small.shape[1] < size[1]
            way = cv2.INTER_LINEAR if enlarged else cv2.INTER_AREA
            small = cv2.resize(small, size[::-1], out, interpolation=way)
        elif out is not None and small is not out:
            out[:] = small
        return small if out is None else out

    def _halvings(self, shape: tuple[int, ...], size: tuple[int, int]) -> list[tuple[int, int]]:
        """The sizes between ``shape`` and ``size`` that halving reaches."""
        steps = self._steps.get((shape, size))
        if steps is None:
            steps = self._steps[shape, size] = []
            down, across = shape[:2]
            while _halves(down, size[0]) and _halves(across, size[1]):
                down, across = down // 2, across // 2
                steps.append((down, across))
        return steps

    def _room_of(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Plane:
        key = shape, dtype
        if key not in self._between:
            self._between[key] = np.empty(shape, dtype)
        return self._between[key]

    def full_range(self, luma: Plane, out: Byte) -> None:
        """Convert luma codes (height, width) to 8-bit full range."""
        if self.format.bytes == 1:
            import cv2

            cv2.LUT(luma, self._levels, out)
        else:
            np.take(self._levels, luma, out=out)

    def to_rgb(self, thumbs: Plane) -> Byte:
        """Thumbnails (3, n, height, width) in the file's codes as RGB (n, height, width, 3)."""
        import cv2

        _, n, height, width = thumbs.shape
        # On 16 bits OpenCV multiplies by floats (error below 0.002); on 8 it rounds the matrix.
        pixels: Any = cv2.merge([plane.reshape(-1, width) for plane in thumbs])
        pixels = cv2.transform(pixels.astype(np.uint16), self._matrix)
        rgb: Byte = cv2.convertScaleAbs(pixels)  # never negative; clips above 255
        return rgb.reshape(n, height, width, 3)

    def _to_rgb(self) -> Float:
        """The matrix (3, 4), last column added, from the file's codes to RGB in 0..255."""
        a, b = 255 / self._span, 255 / self._chroma
        if self.format.layout == "gbr":
            return np.eye(3, 4, dtype=np.float32) * np.float32(a)
        middle = float(1 << (self.format.depth - 1 + self.format.shift))
        kr, kb = MATRICES.get(self.video.color.matrix, MATRICES["bt709"])
        kg = 1 - kr - kb
        # ITU-T H.273, inverse Y'CbCr: rows are R, G, B, columns Y, Cb, Cr.
        matrix = np.array(
            [
                [a, 0, 2 * b * (1 - kr)],
                [a, -2 * b * kb * (1 - kb) / kg, -2 * b * kr * (1 - kr) / kg],
                [a, 2 * b * (1 - kb), 0],
            ]
        )
        added = -matrix @ np.array([self._black, middle, middle])
        return np.column_stack([matrix, added]).astype(np.float32)

    def _converted(self, frame: VideoFrame) -> VideoFrame:
        """The frame in the source's kernel format, neither rotated nor scaled."""
        import av

        from vedc.media.delivery import Deliverer, Delivery

        key = frame.width, frame.height, frame.format.name
        try:
            if key not in self._deliverers:
                stored = replace(self.video, rotation=0, mirrored=False)
                wanted = Delivery(frame.width, frame.height, self.video.format)
                self._deliverers[key] = Deliverer(stored, wanted, 1)
            return self._deliverers[key](frame)
        except av.FFmpegError as error:
            raise RenderError.one(
                "damaged-media",
                f"a {frame.width} x {frame.height} {frame.format.name} picture"
                f" cannot be converted ({error.strerror})",
                hint="copy or download the file again, or repair it with ffmpeg",
            ) from error


class Batch:
    """The reduced frames of one block, not rotated yet."""

    def __init__(self, shrinker: Shrinker, count: int) -> None:
        self.count = count
        self._of = shrinker
        dtype: type[Any] = np.uint8 if shrinker.format.bytes == 1 else np.uint16
        self._luma: Byte = np.empty((count, *shrinker.luma_size), np.uint8)
        # Y, Cb, Cr or R, G, B, as codes of the file.
        self._thumbs: Plane = np.empty((3, count, *shrinker.thumb_size), dtype)

    def put(self, i: int, frame: VideoFrame) -> None:
        """Reduce a frame into slot ``i``."""
        of, thumb = self._of, self._thumbs[:, i]
        planes = of.planes(frame)
        if of.format.layout == "gbr":
            smaller = [of.shrink(plane, of.luma_size) for plane in planes]
            green, blue, red = (plane.astype(np.float32) for plane in smaller)
            kr, kb = MATRICES["bt709"]
            luma = kr * red + (1 - kr - kb) * green + kb * blue + 0.5
            of.full_range(luma.astype(thumb.dtype), self._luma[i])
            for k, plane in zip((1, 2, 0), smaller, strict=True):
                of.shrink(plane, of.thumb_size, thumb[k])
            return
        first = of.shrink(planes[0], of.luma_size, of.room)
        of.full_range(first, self._luma[i])
        of.shrink(first, of.thumb_size, thumb[0])
        if of.format.semi:
            thumb[1:] = of.shrink(planes[1], of.thumb_size).transpose(2, 0, 1)
        else:
            of.shrink(planes[1], of.thumb_size, thumb[1])
            of.shrink(planes[2], of.thumb_size, thumb[2])

    def repeat(self, i: int) -> None:
        """Repeat the previous frame."""
        self._luma[i] = self._luma[i - 1]
        self._thumbs[:, i] = self._thumbs[:, i - 1]

    def finish(self) -> tuple[Byte, Byte]:
        """Luma (n, height, width) and thumbnails (n, 27, 48, 3), 8 bits, rotated upright."""
        quarter = -(self._of.video.rotation // 90)
        luma, thumbs = self._luma, self._of.to_rgb(self._thumbs)
        if self._of.video.mirrored:
            luma, thumbs = luma[:, :, ::-1], thumbs[:, :, ::-1]
        luma, thumbs = (np.rot90(pictures, quarter, (1, 2)) for pictures in (luma, thumbs))
        return np.ascontiguousarray(luma), np.ascontiguousarray(thumbs)


def _halves(length: int, wanted: int) -> bool:
    """Whether to halve: it is exact, and ``wanted`` stays exactly reachable or is far below."""
    return length % 2 == 0 and (length % (2 * wanted) == 0 or length >= 4 * wanted)


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """The pictures are too small to split, and the CPU cores are busy decoding."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _packets(media: MediaInfo) -> int:
    """The number of pictures in a file of unknown length, counted without decoding."""
    from pathlib import Path

    from vedc.media.demux.container import open_media, packets_of

    with open_media(Path(media.path)) as container:
        stream = container.streams.video[video_of(media).stream]
        return sum(1 for packet in packets_of(container, stream) if packet.size)
