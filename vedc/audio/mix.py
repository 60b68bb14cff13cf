"""The sum of a plan's pieces, block by block; only the files that are heard are open."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Final

import numpy as np

from vedc.audio.buses import Buses, Strip
from vedc.audio.decode import SoundReader
from vedc.audio.downmix import LAYOUTS
from vedc.audio.gain import level, pan
from vedc.audio.limiter import Overload
from vedc.audio.report import SoundReport
from vedc.audio.retime import Straight, Stretcher, retimed
from vedc.audio.signal.chain import Chain
from vedc.audio.signal.reverb import Reverb
from vedc.audio.tape import Tape
from vedc.plan.settings import AudioPiece, AudioPlan

if TYPE_CHECKING:
    from vedc.audio.decode import Samples

_IDLE: Final = 8
"""Files kept open after their piece ends, for the next cut back to them: opening one takes about 20
ms."""


_RUN_IN: Final = 2
"""Seconds of the file before a piece that settle its filters."""


def mix(plan: AudioPlan, report: SoundReport | None = None) -> Generator[Samples, None, None]:
    """The whole sound of a plan in blocks of a second, shape (channels, samples).

    Pieces are summed on their buses, and these into the film: nothing is attenuated to make room.
    The sum may exceed full scale; the limiter is next. Skipped damage goes into ``report``.

    Raises RenderError where a source cannot be read. Close the generator to close the files.
    """
    rate = plan.settings.rate
    report = report or SoundReport(Overload(rate))
    with _Readers(rate, plan.settings.channels, report) as readers:
        sounding: list[_Voice] = []
        buses = Buses(plan.buses, plan.settings)
        master = Strip(plan.master, plan.settings)
        late = buses.latency + master.latency
        whole = plan.length + late
        coming = deque(sorted(plan.pieces, key=lambda piece: piece.start))
        for start in range(0, whole, rate):
            end = min(start + rate, whole)
            shape = plan.settings.channels, end - start
            total = np.zeros(shape, np.float32)
            sums = [np.zeros(shape, np.float32) for _ in plan.buses]
            for voice in sounding:
                voice.add_to(total if voice.bus is None else sums[voice.bus], start, end)
            while coming and coming[0].start < end:
                # Opened only now: a piece that ends in this block passes its reader on to the next.
                voice = _Voice(coming.popleft(), readers)
                voice.add_to(total if voice.bus is None else sums[voice.bus], start, end)
                sounding.append(voice)
            sounding = [voice for voice in sounding if not voice.over]
            total = master.filtered(buses.mixed(total, sums, start))
            at = start - late
            master.play(total, at)
            if at + total.shape[1] > 0:
                yield total[:, max(0, -at) :]


class _Voice:
    """A piece that sounds now, with its reader."""

    def __init__(self, piece: AudioPiece, readers: _Readers) -> None:
        self._piece, self._readers = piece, readers
        self._retimed: Straight | Stretcher | None = None
        self._at = 0
        """Samples played of the piece and of the reverb after it."""
        rate, channels = readers.rate, readers.channels
        self._channels = channels
        self._fed = 0 if piece.retimed else -min(_RUN_IN * rate, max(0, piece.source_in))
        """The next sample for its filters; negative ones settle them."""
        self._chain = Chain(piece.filters, rate, LAYOUTS[channels], self._fed)
        self._reverb = None if piece.room is None else Reverb(piece.room, rate, channels)
        self._reader = readers.take(piece)
        if piece.retimed is not None:
            self._retimed = retimed(
                piece.retimed, Tape(self._reader), self._reader.rate, piece.pitch
            )

    @property
    def bus(self) -> int | None:
        return self._piece.bus

    @property
    def over(self) -> bool:
        tail = self._reverb.length if self._reverb is not None else 0
        return self._at >= self._piece.length + tail

    def add_to(self, total: Samples, start: int, end: int) -> None:
        """Add what is left of the piece before sample ``end`` of the timeline."""
        until = min(end - self._piece.start, self._piece.length)
        piece = self._piece
        for samples in self._samples(until):
            count = samples.shape[1]
            factor = level(piece.gain_db, piece.fades, self._at, count)
            if isinstance(factor, np.ndarray) or factor != 1.0:
                samples *= factor
            pan(samples, piece.pan, self._at, mono=piece.mono)
            if self._reverb is not None:
                samples = samples + self._reverb.process(samples)
            place = self._piece.start + self._at - start
            total[:, place : place + count] += samples
            self._at += count
            if self._at >= piece.length:
                self._readers.give(self._reader)
        if self._reverb is not None and self._at >= piece.length:
            place = piece.start + self._at - start
            count = min(end - start - place, piece.length + self._reverb.length - self._at)
            silence = np.zeros((total.shape[0], count), np.float32)
            total[:, place : place + count] += self._reverb.process(silence)
            self._at += count

    def _samples(self, until: int) -> Iterator[Samples]:
        """What is left of the piece before its sample ``until``."""
        if until <= self._at:
            return
        if not self._piece.filters:
            yield self._read(self._at, until)
            return
        ahead = until + self._chain.latency
        processed = self._chain.process(self._read(self._fed, ahead))
        self._fed = ahead
        yield processed[:, self._at - until :]

    def _read(self, begin: int, end: int) -> Samples:
        """Samples of its source, in the channels of the film."""
        samples = self._source(begin, end)
        return samples if self._piece.channels is None else self._mapped(samples)

    def _mapped(self, stereo: Samples) -> Samples:
        left, right = stereo
        match self._piece.channels:
            case "left":
                right = left
            case "right":
                left = right
            case "swap":
                left, right = right, left
            case _:
                left = right = (left + right) / 2
        mapped: Samples = np.stack([left, right])
        return mapped if self._channels == 2 else mapped.mean(axis=0, keepdims=True)

    def _source(self, begin: int, end: int) -> Samples:
        """Samples of its source. Where that is retimed, ``begin`` is where the last ended."""
        if self._retimed is not None:
            return self._retimed.read(end - begin)
        self._reader.seek(self._piece.source_in + begin)
        return self._reader.read(end - begin)


class _Readers:
    """Open files. A few unused ones are kept for a piece that needs them again."""

    def __init__(self, rate: int, channels: int, report: SoundReport) -> None:
        self.rate, self.channels, self._report = rate, channels, report
        self._idle: list[SoundReader] = []
        """Most recently used last."""
        self._busy: list[SoundReader] = []

    def __enter__(self) -> _Readers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for reader in (*self._busy, *self._idle):
            self._close(reader)

    def take(self, piece: AudioPiece) -> SoundReader:
        """A reader at the beginning of a piece, if possible one already in position."""
        channels = self.channels if piece.channels is None else 2
        wanted = piece.path, piece.stream, channels
        same = [r for r in self._idle if (r.path, r.stream, r.channels) == wanted]
        position = piece.source_in
        if same:
            found = next((r for r in same if r.position == position), same[-1])
            self._idle.remove(found)
        else:
            found = SoundReader(piece.path, self.rate, channels, piece.stream, piece.joins)
        self._busy.append(found)
        found.seek(position)
        return found

    def give(self, reader: SoundReader) -> None:
        self._busy.remove(reader)
        self._idle.append(reader)
        if len(self._idle) > _IDLE:
            self._close(self._idle.pop(0))

    def _close(self, reader: SoundReader) -> None:
        self._report.add(reader.path, reader.lost)
        reader.close()
