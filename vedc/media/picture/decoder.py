"""Decoding the pictures of a stream, transparency included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import av
from av.video.codeccontext import VideoCodecContext

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

#: WebM holds transparency as a second stream inside the packets. Of FFmpeg's decoders only those
#: of libvpx read it, which are not its first choice.
_WITH_ALPHA: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


class PictureDecoder:
    """Decodes the packets of a video stream."""

    def __init__(self, stream: VideoStream) -> None:
        context = stream.codec_context
        name = _WITH_ALPHA.get(context.codec.canonical_name)
        self._own: VideoCodecContext | None = None
        if name is not None and stream.metadata.get("alpha_mode") == "1":
            own = av.CodecContext.create(name, "r")
            assert isinstance(own, VideoCodecContext)
            own.extradata = context.extradata
            self._own = own
        self.context = self._own or context

    def __call__(self, packet: Packet[Any]) -> list[VideoFrame]:
        """The frames that a packet completes. An empty one ends the stream.

        Raises av.FFmpegError.
        """
        if self._own is None:
            return packet.decode()
        return self._own.decode(packet if packet.size else None)

    def flush(self) -> None:
        """Forget what was decoded: the container has been sought in."""
        if self._own is not None and self._own.is_open:
            self._own.flush_buffers()
