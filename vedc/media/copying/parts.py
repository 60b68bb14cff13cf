"""The packets of a part of a film: from a rendered segment, or from footage as it is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from av.error import FFmpegError

from vedc.edit.media_info import ProbeError
from vedc.errors import InternalError, RenderError
from vedc.media.demux.container import open_media, packets_of
from vedc.plan.footage import CopiedPart

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

#: Seconds to seek further back where a file's index leads too far.
_FURTHER: Final = (0, 1, 8, 60)


_HALF: Final = Fraction(1, 2)


class Coded(NamedTuple):
    """A picture as it is stored."""

    shown: int
    """Its frame, counted from the part's first."""
    data: bytes
    key: bool


class Footage:
    """Reads parts of files; one file is open at a time."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._open: tuple[Path, InputContainer] | None = None

    def __enter__(self) -> Footage:
        return self

    def __exit__(self, *_reason: object) -> None:
        self._stack.close()

    def stream(self, part: CopiedPart) -> VideoStream:
        """The stream that a part is copied from. Raises RenderError."""
        return self._container(part).streams.video[part.stream]

    def packets(self, part: CopiedPart) -> Iterator[Coded]:
        """The pictures of a part, in the order in which they are stored. Raises RenderError if the
        file does not have them as planned."""
        seen = 0
        for packet in self._from(part):
            shown = -1 if packet.pts is None else round((packet.pts - part.pts) / part.ticks)
            if shown < 0 and part.leads:
                continue  # shown before the part, and refers to packets before it
            if not 0 <= shown < part.frames or packet.is_corrupt:
                raise changed(part, f"packet {seen} shows frame {shown} of {part.frames}")
            yield Coded(shown, bytes(packet), bool(packet.is_keyframe))
            seen += 1
            if seen == part.frames:
                return
        raise changed(part, f"it has {seen} of {part.frames} frames")

    def _from(self, part: CopiedPart) -> Iterator[Packet[Any]]:
        """The packets from the part's first one on."""
        begun = False
        for back in (*_FURTHER, None):
            try:
                if back is None:  # some files cannot be sought in
                    self._stack.close()
                    self._open = None
                stream = self.stream(part)
                assert stream.time_base is not None
                if back is not None:
                    ticks = part.pts - round(back / stream.time_base)
                    self._container(part).seek(ticks, stream=stream)
                for packet in self._following(part, stream):
                    begun = True
                    yield packet
                return
            except _TooLate:
                continue
            except FFmpegError as error:
                if begun or back is None:
                    raise changed(part, str(error.strerror)) from error
        raise changed(part, "its key frame is gone")

    def _following(self, part: CopiedPart, stream: VideoStream) -> Iterator[Packet[Any]]:
        begun = False
        for packet in packets_of(self._container(part), stream):
            if not packet.size:
                continue
            if not begun:
                if packet.pts is None:
                    break
                late = (packet.pts - part.pts) / part.ticks
                begun = abs(late) < _HALF
                if packet.is_keyframe and late >= _HALF:
                    break
            if begun:
                yield packet
        if not begun:
            raise _TooLate

    def _container(self, part: CopiedPart) -> InputContainer:
        if self._open is None or self._open[0] != part.path:
            self._stack.close()
            self._open = None
            try:
                container = self._stack.enter_context(open_media(part.path))
            except ProbeError as error:
                raise RenderError.one(error.code, error.message, hint=error.hint) from error
            self._open = part.path, container
        return self._open[1]


class _TooLate(Exception):
    """Reading began after the wanted packet."""


def changed(part: CopiedPart, why: str) -> RenderError:
    return RenderError.one(
        "cannot-copy",
        f"'{part.path}' cannot be copied as planned: {why}",
        hint="render again, or with copy: never",
    )


def stored_packets(
    source: InputContainer, path: Path, rate: Fraction, frames: int
) -> Iterator[tuple[int, Packet[VideoStream]]]:
    """The packets of a rendered segment, each with its frame. Raises InternalError for an
    unexpected one."""
    stream, index = source.streams.video[0], 0
    assert stream.time_base is not None
    to_frames, rounded = stream.time_base * rate, stream.time_base == _MILLISECOND
    for packet in source.demux(stream):
        if packet.size == 0:  # the demuxer's end mark
            continue
        shown = _frame_number(packet, to_frames, rounded, path)
        if shown >= frames or (index == 0 and not packet.is_keyframe):
            raise InternalError(f"{path}: packet {index} shows frame {shown} of {frames}")
        index += 1
        yield shown, packet
    if index != frames:
        raise InternalError(f"{path} holds {index} frames, not {frames}")


#: The clock of Matroska, which keeps no finer times.
_MILLISECOND: Final = Fraction(1, 1000)


def _frame_number(
    packet: Packet[VideoStream], to_frames: Fraction, rounded: bool, path: Path
) -> int:
    """The frame that a packet shows; ``to_frames``: of its clock's ticks, which are ``rounded``."""
    if packet.pts is None:
        raise InternalError(f"{path}: a packet has no time")
    if rounded:
        number, rest = round(packet.pts * to_frames), 0
    else:
        number, rest = divmod(packet.pts * to_frames.numerator, to_frames.denominator)
    if rest or number < 0:
        raise InternalError(f"{path}: a packet is at frame {packet.pts * to_frames}")
    return number
