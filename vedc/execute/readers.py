"""Open decoders, shared by the pieces of a render."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from vedc.edit.media_info import MediaInfo
from vedc.execute.kept_film import KeptFilm, KeptReader
from vedc.execute.unchanged_files import media_changed
from vedc.media.delivery import Delivery
from vedc.media.digest import Stamp, file_digest
from vedc.media.reading.frame_reader import FrameReader, open_reader
from vedc.plan.executable import VideoRead, VideoSource
from vedc.support.lazy_dataclass import dataclass

#: Decoders that stay open between pieces.
MOST_IDLE = 6


_File = tuple[str, int]
"""A file's digest and its stream."""

Line = tuple[Fraction, Fraction]
"""A linear time map of a file: the source time at the start of the film, and source seconds per
second of the film."""


@dataclass(slots=True, eq=False)
class _Reader:
    """A decoder with its requests."""

    file: _File
    reader: FrameReader
    deliveries: set[Delivery]
    """The requested forms of its pictures; it holds a converter for each."""
    line: Line | None = None
    borrowers: int = 0
    at: Fraction = Fraction(0)
    """The source time read last, once it is idle."""


def delivery_of(source: VideoSource) -> Delivery:
    return Delivery(
        source.width,
        source.height,
        source.format,
        source.blur,
        source.crop,
        source.fields,
        source.sampling,
    )


class Readers:
    """Lends decoders to pieces. Continuing where another piece stopped needs no seek.

    ``media``: digest and stream -> probed facts. ``kept``: digest -> a composition's film, in
    segments. Used by one thread.
    """

    def __init__(
        self,
        media: Mapping[tuple[str, int], MediaInfo],
        threads: int,
        kept: Mapping[str, KeptFilm] | None = None,
    ) -> None:
        self._media, self._threads, self._kept = media, threads, kept or {}
        self._idle: list[_Reader] = []
        self._lent: list[_Reader] = []
        self._closed_decoded = 0

    def take(self, read: VideoRead, start: Fraction, line: Line | None = None) -> FrameReader:
        """A reader for ``read``: the idle one nearest before the source time ``start``.

        One that is lent for the same ``line`` may be lent again: its borrowers read in film order,
        so none goes back. Raises RenderError ``media-changed`` if the file is not the one that was
        probed.
        """
        file, wanted = (read.digest, read.stream), set(map(delivery_of, read.sources))
        found = next((r for r in self._lent if line and (r.file, r.line) == (file, line)), None)
        if found is None:
            found = self._idle_or_new(read, wanted, start)
            found.line = line
            self._lent.append(found)
        found.deliveries |= wanted
        found.borrowers += 1
        return found.reader

    def give_back(self, reader: FrameReader, at: Fraction) -> None:
        """``at`` is the source time read last."""
        lent = next(entry for entry in self._lent if entry.reader is reader)
        lent.borrowers -= 1
        if lent.borrowers:
            return
        lent.at = at
        self._lent.remove(lent)
        self._idle.append(lent)
        while len(self._idle) > MOST_IDLE:
            self._close(self._idle.pop(0))

    def close(self) -> None:
        for entry in (*self._lent, *self._idle):
            self._close(entry)
        self._lent, self._idle = [], []

    @property
    def decoded(self) -> int:
        """Frames decoded so far, by all readers."""
        alive = (*self._lent, *self._idle)
        return self._closed_decoded + sum(entry.reader.decoded for entry in alive)

    def _idle_or_new(self, read: VideoRead, wanted: set[Delivery], start: Fraction) -> _Reader:
        """A reader with converters for all wanted forms: none are added to a decoder later."""
        file = read.digest, read.stream
        fit = [r for r in self._idle if r.file == file and wanted <= r.deliveries]
        if fit:
            nearest = min(fit, key=lambda entry: _away(entry.at, start))
            self._idle.remove(nearest)
            return nearest
        first = delivery_of(read.sources[0])
        if read.digest in self._kept:
            kept = KeptReader(self._kept[read.digest], first, self._threads)
            return _Reader(file, kept, wanted)
        media = self._media[file]
        _check_unchanged(media, file[0])
        return _Reader(file, open_reader(media, first, self._threads), wanted)

    def _close(self, entry: _Reader) -> None:
        self._closed_decoded += entry.reader.decoded
        entry.reader.close()


def _check_unchanged(media: MediaInfo, digest: str) -> None:
    """Only the planned pictures may be stored under the plan's keys."""
    path, probed = Path(media.locator), Stamp.probed(media)
    with suppress(OSError):  # opening a missing file reports it
        now = Stamp.of(path)
        rewritten = (now.size, now.mtime_ns) != (probed.size, probed.mtime_ns)
        # A file's name or permissions may change during a render.
        if rewritten or (now != probed and file_digest(path, None) != digest):
            raise media_changed(media.path)


def _away(at: Fraction, start: Fraction) -> Fraction:
    """A reader's distance from a start; a position before the start is better than one after."""
    return start - at if at <= start else (at - start) * 4
