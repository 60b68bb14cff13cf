"""The frames of an animated PNG, composed by FFmpeg."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image

from vedc.stills.ffmpeg_frame import samples_of

if TYPE_CHECKING:
    from av.video.frame import VideoFrame


class ComposedPng:
    """Frames by number; going back restarts decoding."""

    def __init__(self, path: Path) -> None:
        self._content = path.read_bytes()
        self._open()

    def _open(self) -> None:
        self._container = av.open(io.BytesIO(self._content), "r", format="apng")
        self._frames: Iterator[VideoFrame] = self._container.decode(
            self._container.streams.video[0]
        )
        self._next = 0

    def picture(self, index: int) -> Image.Image:
        """In mode L, LA, RGB or RGBA. Raises ValueError if there is no such frame."""
        if index < self._next:
            self.close()
            self._open()
        try:
            for frame in self._frames:
                self._next += 1
                if self._next > index:
                    return _image(frame)
        except av.FFmpegError as error:
            raise ValueError(error.strerror or str(error)) from error
        raise ValueError("image file is truncated")

    def close(self) -> None:
        self._container.close()


def _image(frame: VideoFrame) -> Image.Image:
    samples = samples_of(frame)
    if samples.dtype != np.uint8:
        samples = ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return Image.fromarray(samples.squeeze(2) if samples.shape[2] == 1 else samples)
