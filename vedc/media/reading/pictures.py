"""Reading still and animated picture files frame by frame, as ``VideoReader`` reads video."""

from __future__ import annotations

from bisect import bisect_right
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from vedc.color import FORMATS
from vedc.edit.media_info import MediaInfo, ProbeError
from vedc.errors import InternalError, RenderError
from vedc.media.delivery import Deliverer, Delivery
from vedc.stills import animation
from vedc.stills.kinds import KINDS
from vedc.stills.load import load_still
from vedc.stills.pillow_file import BROKEN

#: Bytes of the frames that are kept where an animation is played backwards.
_ROOM = 64 << 20


class PictureReader:
    """The frames of an animation, or a still as the only one. Not thread-safe."""

    def __init__(self, info: MediaInfo, delivery: Delivery | None) -> None:
        if info.video is None:
            raise InternalError(f"'{info.path}' has no picture to read")
        self._info, self._video = info, info.video
        self._kind = KINDS[info.container]
        self._delivery = delivery or Delivery.of(info.video)
        self._deliverers: dict[Delivery, Deliverer] = {}
        self._delivered: dict[Delivery, tuple[VideoFrame, VideoFrame]] = {}
        self._open = ExitStack()
        self._frames: animation.Frames | None = None
        self._starts: tuple[Fraction, ...] = ()
        self._kept: dict[int, VideoFrame] = {}
        self.decoded = 0
        self.damage: tuple[Fraction, ...] = ()
        self.resized = False

    def frame_at(self, time: Fraction, delivery: Delivery | None = None) -> VideoFrame:
        """The frame shown at ``time`` as delivered. Raises RenderError."""
        decoded, wanted = self.decoded_at(time), delivery or self._delivery
        last = self._delivered.get(wanted)
        if last is None or last[0] is not decoded:
            if wanted not in self._deliverers:
                self._deliverers[wanted] = Deliverer(self._video, wanted)
            last = self._delivered[wanted] = (decoded, self._deliverers[wanted](decoded))
        return last[1]

    def decoded_at(self, time: Fraction) -> VideoFrame:
        """The frame shown at ``time``, as stored; the same frame is the same object."""
        if self._info.kind == "image":
            if not self._kept:
                self._kept[0] = self._still()
            return self._kept[0]
        try:
            return self._moving(time)
        except ProbeError as error:
            raise RenderError.one(error.code, error.message, hint=error.hint) from error
        except BROKEN as error:
            message = f"cannot use '{self._info.path}': it is damaged ({error})"
            raise RenderError.one("bad-image", message, hint="export it again") from error

    def span_at(self, time: Fraction) -> tuple[Fraction, Fraction]:
        """Of the frame at ``time``: when it begins, and when the next one does or would."""
        self.decoded_at(time)
        index = max(0, bisect_right(self._starts, time) - 1)
        begin = self._starts[index] if self._starts else Fraction(0)
        if index + 1 < len(self._starts):
            return begin, self._starts[index + 1]
        return begin, begin + 1 / self._video.rate

    def close(self) -> None:
        """Close the file. Frames already returned stay valid."""
        self._open.close()
        self._frames, self._kept, self._delivered = None, {}, {}

    def _moving(self, time: Fraction) -> VideoFrame:
        if self._frames is None:
            self._starts = animation.survey(Path(self._info.path), self._kind).starts
            opening = animation.open_frames(self._info.path, self._kind)
            self._frames = self._open.enter_context(opening)
        index = max(0, bisect_right(self._starts, time) - 1)
        if index not in self._kept:
            self._keep(self._frames, index)
        return self._kept[index]

    def _keep(self, frames: animation.Frames, index: int) -> None:
        """Decode a frame. Going back restarts, so earlier frames are then kept as well."""
        first = index
        if self._kept and index < min(self._kept):
            room = _ROOM // (4 * self._video.width * self._video.height)
            first = max(0, index + 1 - max(1, room))
        self._kept = {at: self._frame(frames.picture(at)) for at in range(first, index + 1)}

    def _still(self) -> VideoFrame:
        """As stored, that is not yet turned upright: the delivery does that."""
        video = self._video
        raster = load_still(self._info.path, *video.display_size)
        shape = (raster.height, raster.width, 4)
        pixels = np.frombuffer(raster.planes[0], np.uint8).reshape(shape).astype(np.uint16)
        alpha = np.maximum(pixels[..., 3:], 1)
        pixels[..., :3] = np.minimum((pixels[..., :3] * 255 + alpha // 2) // alpha, 255)
        stored = np.rot90(pixels.astype(np.uint8), video.rotation // 90)
        return self._frame(stored[:, ::-1] if video.mirrored else stored)

    def _frame(self, pixels: NDArray[np.uint8]) -> VideoFrame:
        """RGBA as a frame in planes."""
        self.decoded += 1
        height, width = pixels.shape[:2]
        alpha = FORMATS[self._video.format].alpha
        frame = VideoFrame(width, height, "gbrap" if alpha else "gbrp")
        for plane, channel in zip(frame.planes, (1, 2, 0, 3), strict=False):
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            rows[:height, :width] = pixels[..., channel]
        return frame
