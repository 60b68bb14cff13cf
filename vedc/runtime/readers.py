"""Open decoders, shared by the pieces of a render."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from vedc.ir.graph import Node
from vedc.media.reader import Delivery, VideoReader
from vedc.spec.sources import MediaInfo

#: Decoders kept open between pieces.
KEPT = 6


class Readers:
    """Lends decoders to pieces. Going on where another piece stopped costs no seek.

    ``media``: digest -> what was probed. Used by one thread.
    """

    def __init__(self, media: Mapping[str, MediaInfo], threads: int) -> None:
        self._media, self._threads = media, threads
        self._idle: list[tuple[tuple[str, Delivery], Fraction, VideoReader]] = []
        self._lent: list[VideoReader] = []
        self._closed_decoded = 0

    def take(self, source: Node) -> VideoReader:
        """A reader for a ``source`` node: the idle one that is nearest before its start."""
        wanted = self._wanted(source)
        start = source.fraction("start")
        best: int | None = None
        for i, (key, at, _) in enumerate(self._idle):
            if key == wanted and (
                best is None or _away(at, start) < _away(self._idle[best][1], start)
            ):
                best = i
        if best is not None:
            reader = self._idle.pop(best)[2]
        else:
            reader = VideoReader(self._media[wanted[0]], wanted[1], self._threads)
        self._lent.append(reader)
        return reader

    def give_back(self, source: Node, reader: VideoReader, at: Fraction) -> None:
        """``at`` is the source time that was read last."""
        self._lent.remove(reader)
        self._idle.append((self._wanted(source), at, reader))
        while len(self._idle) > KEPT:
            self._close(self._idle.pop(0)[2])

    def close(self) -> None:
        for reader in (*self._lent, *(entry[2] for entry in self._idle)):
            self._close(reader)
        self._lent, self._idle = [], []

    @property
    def decoded(self) -> int:
        """Frames decoded so far, by all readers."""
        alive = (*self._lent, *(entry[2] for entry in self._idle))
        return self._closed_decoded + sum(reader.decoded for reader in alive)

    def _close(self, reader: VideoReader) -> None:
        self._closed_decoded += reader.decoded
        reader.close()

    @staticmethod
    def _wanted(source: Node) -> tuple[str, Delivery]:
        delivery = Delivery(
            source.integer("width"), source.integer("height"), source.text("format")
        )
        return source.text("digest"), delivery


def _away(at: Fraction, start: Fraction) -> Fraction:
    """How far a reader is from a start; behind it is better than beyond it."""
    return start - at if at <= start else (at - start) * 4
