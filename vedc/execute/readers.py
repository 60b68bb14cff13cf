"""Open decoders, shared by the pieces of a render."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from vedc.edit.media_info import MediaInfo
from vedc.errors import RenderError
from vedc.ir.graph import Node
from vedc.media.digest import Stamp
from vedc.media.reader import Delivery, VideoReader

#: Decoders kept open between pieces.
KEPT = 6


_Wanted = tuple[str, tuple[Delivery, ...]]
"""A file's digest and the deliveries that are asked of it."""


def delivery_of(source: Node) -> Delivery:
    """What a ``source`` node asks of its reader."""
    blur = source.get("blur")
    assert blur is None or isinstance(blur, float)
    crop = source.get("crop")
    assert crop is None or isinstance(crop, tuple)
    return Delivery(
        source.integer("width"),
        source.integer("height"),
        source.text("format"),
        blur,
        None if crop is None else tuple(map(int, crop)),
    )


def together(sources: Iterable[Node]) -> list[list[Node]]:
    """``source`` nodes in groups that one decoder serves: one file at the same times."""
    groups: dict[tuple[str, Fraction, Fraction], list[Node]] = {}
    for source in sources:
        key = (source.text("digest"), source.fraction("start"), source.fraction("step"))
        groups.setdefault(key, []).append(source)
    return list(groups.values())


class Readers:
    """Lends decoders to pieces. Going on where another piece stopped costs no seek.

    ``media``: digest -> what was probed. Used by one thread.
    """

    def __init__(self, media: Mapping[str, MediaInfo], threads: int) -> None:
        self._media, self._threads = media, threads
        self._idle: list[tuple[_Wanted, Fraction, VideoReader]] = []
        self._lent: list[VideoReader] = []
        self._closed_decoded = 0

    def take(self, sources: list[Node]) -> VideoReader:
        """A reader for a group of ``source`` nodes: the idle one nearest before their start.

        Raises RenderError ``media-changed`` where the file is not the one that was probed.
        """
        wanted = self._wanted(sources)
        start = sources[0].fraction("start")
        best: int | None = None
        for i, (key, at, _) in enumerate(self._idle):
            if key == wanted and (
                best is None or _away(at, start) < _away(self._idle[best][1], start)
            ):
                best = i
        if best is not None:
            reader = self._idle.pop(best)[2]
        else:
            media = self._media[wanted[0]]
            _unchanged(media)
            reader = VideoReader(media, wanted[1][0], self._threads)
        self._lent.append(reader)
        return reader

    def give_back(self, sources: list[Node], reader: VideoReader, at: Fraction) -> None:
        """``at`` is the source time that was read last."""
        self._lent.remove(reader)
        self._idle.append((self._wanted(sources), at, reader))
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
    def _wanted(sources: list[Node]) -> _Wanted:
        return sources[0].text("digest"), tuple(delivery_of(source) for source in sources)


def _unchanged(media: MediaInfo) -> None:
    """Other pictures than those that were planned must not be stored under the plan's keys."""
    with suppress(OSError):  # a file that is gone is told of when it is opened
        if Stamp.of(Path(media.path)) != Stamp(media.path, media.size, media.mtime_ns):
            raise RenderError.one(
                "media-changed",
                f"'{media.path}' was changed after it had been checked",
                hint="render again; what does not show it is kept",
            )


def _away(at: Fraction, start: Fraction) -> Fraction:
    """How far a reader is from a start; behind it is better than beyond it."""
    return start - at if at <= start else (at - start) * 4
