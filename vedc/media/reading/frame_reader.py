"""A reader for any file with a picture. Only the modules for its kind are loaded."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from av.video.frame import VideoFrame

from vedc.edit.media_info import SEQUENCE, MediaInfo
from vedc.media.delivery import Delivery
from vedc.media.reader import VideoReader
from vedc.stills.kinds import KINDS


class FrameReader(Protocol):
    """The interface of ``open_reader``'s result; see ``VideoReader`` for the meaning of each
    method."""

    @property
    def decoded(self) -> int: ...

    @property
    def damage(self) -> tuple[Fraction, ...]: ...

    @property
    def resized(self) -> bool: ...

    def frame_at(self, time: Fraction, delivery: Delivery | None = None) -> VideoFrame: ...

    def decoded_at(self, time: Fraction) -> VideoFrame: ...

    def span_at(self, time: Fraction) -> tuple[Fraction, Fraction]: ...

    def close(self) -> None: ...


def open_reader(info: MediaInfo, delivery: Delivery | None, threads: int = 0) -> FrameReader:
    """A reader for a file, chosen by its probe."""
    if info.container in KINDS:
        from vedc.media.reading.pictures import PictureReader

        return PictureReader(info, delivery)
    if info.container == SEQUENCE:
        from vedc.media.reading.sequences import SequenceReader

        return SequenceReader(info, delivery, threads)
    return VideoReader(info, delivery, threads)
