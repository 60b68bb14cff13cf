"""Encoding pictures: each becomes the bytes of one file.

A segment of pictures is a ZIP archive without compression, with one file for each frame in order,
for numbering or an animation later.
"""

from __future__ import annotations

import zipfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from vedc.edit.tables.codecs import PILLOW
from vedc.errors import InternalError
from vedc.media import encode
from vedc.media.files import cannot_write, whole_file
from vedc.plan.settings import VideoSettings

#: The packed formats that encoders of pictures take, by the planar ones that kernels write.
_PACKED: Final = {
    "gbrp": "rgb24",
    "gbrap": "rgba",
    "gbrp12le": "rgb48be",
    "gbrp16le": "rgb48be",
    "gbrap16le": "rgba64be",
}

#: Formats of an encoder that takes others than the usual ones.
_PACKED_BY: Final = {
    "tiff": {"gbrp12le": "rgb48le", "gbrp16le": "rgb48le", "gbrap16le": "rgba64le"},
    "libwebp": {"gbrp": "bgra", "gbrap": "bgra"},
}

_THREADS: Final = 4

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every file in an archive: the same pictures make the same bytes."""


def _packed(settings: VideoSettings, frame: VideoFrame) -> VideoFrame:
    """A frame's samples in the encoder's form, in separate memory."""
    encode.check_shape(frame, settings)
    if settings.encoder == PILLOW:
        return encode.copied(frame, VideoFrame(frame.width, frame.height, frame.format.name))
    own = _PACKED_BY.get(settings.encoder, {})
    format = own.get(settings.pix_fmt) or _PACKED.get(settings.pix_fmt, settings.pix_fmt)
    if format == settings.pix_fmt:
        return encode.copied(frame, VideoFrame(frame.width, frame.height, format))
    # Not the frame's memory, which other encoders may be reading.
    return VideoReformatter().reformat(frame, format=format)


def _encoded(settings: VideoSettings, frame: VideoFrame) -> bytes:
    """The file of a packed frame."""
    if settings.encoder == PILLOW:
        from vedc.media.image_files.pillow_encode import encoded

        return encoded(settings, frame)
    context = encode.new_context(settings, frame.format.name)
    encode.open_encoder(context, settings)
    encode.tag(frame, context)
    frame.pts = 0
    try:
        return b"".join(bytes(p) for p in (*context.encode(frame), *context.encode(None)))
    except FFmpegError as error:
        raise encode.failed(settings, str(error.strerror)) from error


def write_image(settings: VideoSettings, frame: VideoFrame, target: Path) -> None:
    """Write one frame as a picture, atomically.

    ``frame`` has the settings' size and format: planar R'G'B', for JPEG full-range BT.601
    Y'CbCr 4:4:4. Raises MissingError and RenderError as :class:`~vedc.media.encode.SegmentEncoder`.
    """
    encode.require(settings)
    data = _encoded(settings, _packed(settings, frame))
    with whole_file(target) as part:
        part.write_bytes(data)


class StillEncoder:
    """Encodes one picture through the interface of a segment's encoder."""

    def __init__(self, settings: VideoSettings, path: Path) -> None:
        self._settings, self._path = settings, path
        self._frames = 0

    def new_frame(self) -> VideoFrame:
        """A writable frame of the settings' format and size."""
        return VideoFrame(self._settings.width, self._settings.height, self._settings.pix_fmt)

    def write(self, frame: VideoFrame) -> None:
        """Encode the picture and write the file."""
        if self._frames:
            raise InternalError("a picture of several frames was encoded")
        write_image(self._settings, frame, self._path)
        self._frames = 1

    def finish(self) -> int:
        """Returns the number of frames written."""
        return self._frames

    def abort(self) -> None:
        """Remove the file if it exists."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


class PicturesEncoder:
    """Encodes a segment of pictures through the interface of a film segment's encoder.

    Pictures are encoded on several threads, since they are independent, and stored in order.
    """

    def __init__(self, settings: VideoSettings, path: Path, pool: encode.FramePool) -> None:
        encode.require(settings)
        self._settings, self._path, self._pool = settings, path, pool
        self._workers = ThreadPoolExecutor(_THREADS, thread_name_prefix="vedc-picture")
        self._coming: deque[Future[bytes]] = deque()
        self._frames = 0
        self._archive = zipfile.ZipFile(path, "w")

    def new_frame(self) -> VideoFrame:
        """A writable frame of the settings' format and size."""
        return self._pool.take()

    def write(self, frame: VideoFrame) -> None:
        """Encode a frame. One from ``new_frame`` returns to the pool."""
        packed = _packed(self._settings, frame)
        if self._pool.has_lent(frame):
            self._pool.give_back(frame)
        self._coming.append(self._workers.submit(_encoded, self._settings, packed))
        while len(self._coming) > _THREADS + 1:
            self._store()

    def _store(self) -> None:
        data = self._coming.popleft().result()
        try:
            self._archive.writestr(zipfile.ZipInfo(f"{self._frames:08d}", _EPOCH), data)
        except OSError as error:
            raise cannot_write(self._path, error.errno) from error
        self._frames += 1

    def finish(self) -> int:
        """Store what is left. Returns the number of frames written."""
        while self._coming:
            self._store()
        self._workers.shutdown()
        try:
            self._archive.close()
        except OSError as error:
            raise cannot_write(self._path, error.errno) from error
        return self._frames

    def abort(self) -> None:
        """Stop, and remove the file if it exists."""
        self._workers.shutdown(cancel_futures=True)
        with suppress(OSError, ValueError):
            self._archive.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def pictures_of(path: Path) -> Iterator[bytes]:
    """The files of a segment of pictures, in order."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield archive.read(name)
