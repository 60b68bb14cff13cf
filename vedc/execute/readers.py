"""Open decoders, shared by the pieces of a render."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from vedc.edit.media_info import MediaInfo
from vedc.execute.unchanged_files import media_changed
from vedc.media.delivery import Delivery
from vedc.media.digest import Stamp, file_digest
from vedc.media.picture_reader import FrameReader, open_reader
from vedc.plan.executable import VideoRead, VideoSource

#: Decoders that stay open between pieces.
MOST_IDLE = 6


_Wanted = tuple[tuple[str, int], tuple[Delivery, ...]]
"""A file's digest, its stream, and the forms in which its pictures are delivered."""


def delivery_of(source: VideoSource) -> Delivery:
    return Delivery(
        source.width, source.height, source.format, source.blur, source.crop, source.fields
    )


class Readers:
    """Lends decoders to pieces. Going on where another piece stopped costs no seek.

    ``media``: digest and stream -> what was probed. Used by one thread.
    """

    def __init__(self, media: Mapping[tuple[str, int], MediaInfo], threads: int) -> None:
        self._media, self._threads = media, threads
        self._idle: list[tuple[_Wanted, Fraction, FrameReader]] = []
        self._lent: list[FrameReader] = []
        self._closed_decoded = 0

    def take(self, read: VideoRead, start: Fraction) -> FrameReader:
        """A reader for ``read``: the idle one nearest before the source time ``start``.

        Raises RenderError ``media-changed`` where the file is not the one that was probed.
        """
        wanted = _wanted(read)
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
            _check_unchanged(media, read.digest)
            reader = open_reader(media, wanted[1][0], self._threads)
        self._lent.append(reader)
        return reader

    def give_back(self, read: VideoRead, reader: FrameReader, at: Fraction) -> None:
        """``at`` is the source time that was read last."""
        self._lent.remove(reader)
        self._idle.append((_wanted(read), at, reader))
        while len(self._idle) > MOST_IDLE:
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

    def _close(self, reader: FrameReader) -> None:
        self._closed_decoded += reader.decoded
        reader.close()


def _wanted(read: VideoRead) -> _Wanted:
    return (read.digest, read.stream), tuple(map(delivery_of, read.sources))


def _check_unchanged(media: MediaInfo, digest: str) -> None:
    """Only the planned pictures may be stored under the plan's keys."""
    path, probed = Path(media.locator), Stamp.probed(media)
    with suppress(OSError):  # opening a file that is gone reports it
        now = Stamp.of(path)
        rewritten = (now.size, now.mtime_ns) != (probed.size, probed.mtime_ns)
        # A file may be renamed or given other rights during a render.
        if rewritten or (now != probed and file_digest(path, None) != digest):
            raise media_changed(media.path)


def _away(at: Fraction, start: Fraction) -> Fraction:
    """How far a reader is from a start; behind it is better than beyond it."""
    return start - at if at <= start else (at - start) * 4
