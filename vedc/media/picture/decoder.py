"""Decoding the pictures of a stream: with their transparency, and without hidden edges.

A file may say that only a part of each decoded picture is shown: QuickTime by the clean aperture
(``clap``), Matroska by ``PixelCrop``.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import av
import av.logging
from av.video.codeccontext import VideoCodecContext

from vedc.media.picture.filters import VideoChain

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

#: WebM holds transparency as a second stream inside the packets. Of FFmpeg's decoders, only
#: libvpx's read it, which are not its default.
_WITH_ALPHA: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


#: Demuxers that read such a part.
_CROPPING: Final = frozenset({"matroska", "mov"})
_CROPPED: Final = re.compile(r"Frame cropping: (\d+)/(\d+)/(\d+)/(\d+)", re.IGNORECASE)
_LEVEL: Final = Lock()


def hidden_in(stream: VideoStream) -> tuple[int, ...] | None:
    """Columns on the left and right, and rows at the top and bottom, that the container hides,
    according to FFmpeg's description of the file.

    PyAV hands out side data of frames and packets only, but can print that of streams. For that
    it switches FFmpeg's log on for a moment: not to be called while others decode or encode.
    """
    container: Any = stream.container
    if not _CROPPING & set(container.format.name.split(",")):
        return None
    with _LEVEL:  # the text is a log message, and the level is one for all
        level = av.logging.get_level()
        av.logging.set_level(av.logging.INFO)
        try:
            account = container.dumps_format()
        finally:
            av.logging.set_level(level)
    for part in account.split("\n  Stream #0:")[1:]:
        found = _CROPPED.search(part)
        if found and re.match(rf"{stream.index}\b", part):
            left, right, top, bottom = hidden = tuple(map(int, found.groups()))
            context = stream.codec_context
            fits = left + right < context.width and top + bottom < context.height
            return hidden if fits else None
    return None


class PictureDecoder:
    """Decodes the packets of a video stream; ``hidden`` of each picture is cut off."""

    def __init__(self, stream: VideoStream, hidden: tuple[int, ...] | None = None) -> None:
        context = stream.codec_context
        name = _WITH_ALPHA.get(context.codec.canonical_name)
        self._own: VideoCodecContext | None = None
        if name is not None and stream.metadata.get("alpha_mode") == "1":
            own = av.CodecContext.create(name, "r")
            assert isinstance(own, VideoCodecContext)
            own.extradata = context.extradata
            self._own = own
        self.context = self._own or context
        self._hidden = hidden
        self._stored = context.width, context.height
        self._crops: dict[str, VideoChain] = {}

    def __call__(self, packet: Packet[Any]) -> list[VideoFrame]:
        """The frames that a packet completes. An empty one ends the stream.

        Raises av.FFmpegError.
        """
        if self._own is None:
            frames = packet.decode()
        else:
            frames = self._own.decode(packet if packet.size else None)
        return frames if self._hidden is None else [self._cropped(frame) for frame in frames]

    def _cropped(self, frame: VideoFrame) -> VideoFrame:
        """The part that is shown. Pictures of another size than declared stay whole."""
        if self._hidden is None or (frame.width, frame.height) != self._stored:
            return frame
        left, right, top, bottom = self._hidden
        width, height = frame.width - left - right, frame.height - top - bottom
        name = frame.format.name
        if name not in self._crops:
            source = {
                "video_size": f"{frame.width}x{frame.height}",
                "pix_fmt": name,
                "time_base": "1/25",  # times pass unchanged
                "colorspace": str(int(frame.colorspace)),
                "range": str(int(frame.color_range)),
            }
            # An even row first, or the fields of interlaced pictures would change places.
            part = {"w": width, "h": height, "x": left, "y": top // 2 * 2}
            crop = {key: str(value) for key, value in part.items()}
            self._crops[name] = VideoChain(source, [("crop", crop)])
        return self._crops[name](frame)

    def flush(self) -> None:
        """Forget what was decoded: the container has been sought in."""
        if self._own is not None and self._own.is_open:
            self._own.flush_buffers()
