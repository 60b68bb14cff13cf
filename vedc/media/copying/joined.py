"""The parts of a film's picture as one stream, where some are copied from footage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av

from vedc.errors import InternalError
from vedc.media.bitstream import h264, hevc
from vedc.media.bitstream.bits import BitsError
from vedc.media.copying.h264_stream import H264Stream
from vedc.media.copying.hevc_stream import HevcStream
from vedc.media.copying.kinds import JoinedStream, Kind
from vedc.media.copying.parts import Coded, Footage, changed, stored_packets
from vedc.media.demux.container import local_only
from vedc.plan.footage import CopiedPart

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

#: A stand-in for the parameter sets of rendered segments.
_RENDERED: Final = ""


class Joined:
    """Use as a context manager: files stay open until it ends."""

    def __init__(
        self,
        parts: Sequence[Path | CopiedPart],
        frames: Sequence[int],
        codec: str,
        color: tuple[int, int, int, bool],
        rate: Fraction,
    ) -> None:
        """``color``: primaries, transfer and matrix by the numbers of H.273, and whether the range
        is full. Raises RenderError."""
        self._parts, self._frames, self._rate = parts, frames, rate
        self._stack = ExitStack()
        self._footage = self._stack.enter_context(Footage())
        rendered = next((part for part in parts if isinstance(part, Path)), None)
        copied = [part for part in parts if isinstance(part, CopiedPart)]
        self.template: VideoStream
        """A stream of the codec."""
        if rendered is not None:
            self.template = self._stack.enter_context(_open(rendered)).streams.video[0]
            self._stored_record = self.template.codec_context.extradata
        else:  # it must stay open, while other files are opened
            self.template = self._stack.enter_context(Footage()).stream(copied[0])
        self.record: bytes | None = None
        """The header of the stream; None for the template's."""
        self.reorder = 0
        """The most frames by which a packet is stored later than it is shown."""
        self._stream: JoinedStream | None = None
        self._kinds: list[str] = []
        if codec in ("h264", "hevc"):
            self._stream = self._join(codec, copied, rendered is not None, color)
            self.record, self.reorder = self._stream.record, self._stream.reorder

    def __enter__(self) -> Joined:
        return self

    def __exit__(self, *_reason: object) -> None:
        self._stack.close()

    def _join(
        self,
        codec: str,
        copied: Sequence[CopiedPart],
        rendered: bool,
        color: tuple[int, int, int, bool],
    ) -> JoinedStream:
        lengths: dict[str, int] = {}
        first: dict[str, CopiedPart] = {}
        for part in copied:
            lengths[part.headers] = lengths.get(part.headers, 0) + part.frames
            first.setdefault(part.headers, part)
        # The most frequent kind keeps its ids, so it is copied byte for byte.
        self._kinds = sorted(lengths, key=lambda name: (-lengths[name], name))
        headers = []
        for name in self._kinds:
            extradata = self._footage.stream(first[name]).codec_context.extradata or b""
            headers.append((extradata, max(p.reorder for p in copied if p.headers == name)))
        if rendered:
            self._kinds.append(_RENDERED)
            headers.append((self.template.codec_context.extradata or b"", 0))
        with _as_changed(copied[0]):
            if codec == "h264":
                kinds = [Kind(*h264.headers_of(record), reorder) for record, reorder in headers]
                return H264Stream(kinds, color, self._rate)
            others = [Kind(*hevc.headers_of(record), reorder) for record, reorder in headers]
            return HevcStream(others, color, self._rate)

    def part(self, index: int) -> Iterator[Coded]:
        """The pictures of one part, as they are in the stream. Parts come in their order."""
        part = self._parts[index]
        if isinstance(part, CopiedPart):
            with _as_changed(part):
                yield from self._restated(part.headers, self._footage.packets(part))
            return
        with _open(part) as source:
            if source.streams.video[0].codec_context.extradata != self._stored_record:
                raise InternalError(f"{part} has other parameter sets than the first segment")
            packets = stored_packets(source, part, self._rate, self._frames[index])
            pictures = (Coded(n, bytes(each), bool(each.is_keyframe)) for n, each in packets)
            try:
                yield from self._restated(_RENDERED, pictures)
            except BitsError as error:
                raise InternalError(f"{part}: {error}") from error

    def _restated(self, kind: str, pictures: Iterator[Coded]) -> Iterator[Coded]:
        if self._stream is None:
            return pictures
        return self._stream.restated(self._kinds.index(kind), pictures)


def _open(path: Path) -> InputContainer:
    return av.open(str(path), options=local_only())


@contextmanager
def _as_changed(part: CopiedPart) -> Iterator[None]:
    """A file that changed since planning is a user error."""
    try:
        yield
    except BitsError as error:
        raise changed(part, str(error)) from error
