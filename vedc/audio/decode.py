"""Sample-exact reading of a file's sound, from anywhere, at any rate and layout.

Positions are samples at the wanted rate, counted from the first sample that the decoder
gives. The same position always gives the same samples, whether it was reached by reading on
or by seeking, as far as the codec allows it:

- A stretch of samples without a gap goes through one filter graph. It is aligned so that the
  resampler begins at a source sample that coincides with a wanted one: the phases of its filter are
  then the same as when reading from the file's start.
- A seek lands some way before the wanted sample. The output of decoder and
  resampler is discarded until both have settled.
- Containers that round time stamps (Matroska: to a millisecond) are corrected by the length
  of the codec's frames.

``vedc.audio.downmix`` maps the source's channels to the wanted ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, chain
from pathlib import Path
from statistics import median_low
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import av
import numpy as np

from vedc.audio.downmix import pan
from vedc.audio.packets import SoundPackets
from vedc.audio.report import Loss
from vedc.audio.signal.stretch import Stretch
from vedc.edit.media_info import Join, ProbeError
from vedc.errors import RenderError

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from numpy.typing import NDArray

    Samples: TypeAlias = NDArray[np.float32]
    """Shape (channels, samples); full scale is 1."""

RUN_IN: Final = Fraction(1, 4)
"""Seconds decoded before a wanted sample: Opus needs 0.08, MP3 nine frames (0.22)."""

JITTER: Final = Fraction(1, 50)
"""Seconds that a time stamp may be off before it counts as a gap or an overlap. Recorders
jitter by some milliseconds; the shortest frame that can be lost is longer (AAC: 0.021)."""

_SETTLE: Final = Fraction(1, 10)
"""Seconds of frames after a seek whose time stamps are compared."""

_TAIL: Final = 2
"""This many broken packets at the very end mean a recording cut short, not damage."""

_STUMBLES: Final = 16
"""Failures in a row of a demuxer that count as the end of the file."""


_DAMAGE: Final = (av.InvalidDataError, av.PatchWelcomeError, av.error.UndefinedError)
"""Errors of demuxers about the data, not about reading."""


class SoundReader:
    """One audio stream of one file, as planar float32. Not for several threads.

    ``stream`` is its index among the file's audio streams, ``joins`` is where further parts of a
    joined file begin.

    Raises RenderError (``damaged-media``; on opening also the codes of ``open_media``) where
    the file cannot be read or decoded, on opening and while reading. Close it after use.
    """

    def __init__(
        self, path: str, rate: int, channels: int, stream: int = 0, joins: Sequence[Join] = ()
    ) -> None:
        self.path, self.rate, self.channels, self.stream = path, rate, channels, stream
        self.position = 0
        """The next sample to read."""
        self.reached = 0
        """The sample after the last one that the file has given so far."""
        self.lost: list[Loss] = []
        """Stretches read as silence because they cannot be decoded; repeated if read twice."""
        try:
            self._source = _Source(path, stream, joins)
        except ProbeError as error:
            raise RenderError.one(error.code, str(error), hint=error.hint) from error
        try:
            self._blocks = self._resample(Fraction(0))
            self._block = next(self._blocks, None)
            if self._block is None:
                raise self._source.damaged("it has no decodable sound")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._source.close()

    def seek(self, position: int) -> None:
        """Go to a sample; samples before the first and after the last are silent."""
        if position == self.position:
            return
        if position > self.position and self._source.only_forward:
            lost = list(self.lost)
            while self.position < position:
                self.read(min(position - self.position, self.rate))
            self.lost = lost
            return
        time, back = Fraction(position, self.rate), RUN_IN
        while True:
            self._source.seek(time - back)
            self._blocks = self._resample(time)
            self._block = next(self._blocks, None)
            if time <= back or (self._block is not None and self._block[0] <= position):
                break
            back *= 4  # a poor index led too far, or sound is missing here
        self.position = position

    def read(self, count: int) -> Samples:
        """The next ``count`` samples; silence where the file has none."""
        start, end = self.position, self.position + count
        samples = np.zeros((self.channels, count), np.float32)
        filled = start
        while filled < end and self._block is not None:
            at, block = self._block
            # A seek to the start also yields the encoder's priming samples, before the first one.
            low, high = max(at, filled, 0), min(at + block.shape[1], end)
            if low < high:
                samples[:, low - start : high - start] = block[:, low - at : high - at]
                filled = high
            elif max(at, 0) >= end:
                break
            else:
                self._block = next(self._blocks, None)
        self.lost += self._source.take_lost(Fraction(start, self.rate), Fraction(end, self.rate))
        self.position, self.reached = end, max(self.reached, filled if filled > start else 0)
        return samples

    @property
    def over(self) -> bool:
        """Whether the sound has ended: anything read from here is silence."""
        return self._block is None

    def _resample(self, wanted: Fraction) -> Iterator[tuple[int, Samples]]:
        """Blocks with the position of their first sample, from the source's position on."""
        stretch: Stretch | None = None
        ready = wanted - 2 * RUN_IN
        for index, frame in self._source.frames(wanted):
            if index + frame.samples <= ready * frame.sample_rate:
                continue  # decoded only to know how long it is
            if stretch is None or not stretch.takes(index, frame):
                if stretch is not None:
                    yield from stretch.end()
                speakers = tuple(channel.name for channel in frame.layout.channels)
                mixing = pan(speakers, self.channels)
                if mixing is None:
                    raise self._source.damaged(
                        f"it does not say which speakers its {len(speakers)} channels belong to"
                    )
                stretch = Stretch(index, frame, self.rate, mixing)
            yield from stretch.push(frame)
        if stretch is not None:
            yield from stretch.end()


class _Source:
    """Decoded frames, each with the index of its first sample at the frame's own rate."""

    def __init__(self, path: str, stream: int, joins: Sequence[Join]) -> None:
        self._path = path
        self._packets = SoundPackets(Path(path), stream, joins)
        self._reached = Fraction(0)
        """Seconds: the end of what has been decoded."""
        self._zero: int | None = None
        """The time stamp of the first sample."""
        self._first_stamp: int | None = None
        """The time stamp of the first packet; its samples may be dropped by the decoder."""
        self._first_length = 0
        """Samples of the first frame."""
        self._usual_length = 0
        self._lost: list[Loss] = []
        """What could not be decoded."""

    def close(self) -> None:
        self._packets.close()

    @property
    def only_forward(self) -> bool:
        """Whether any seek means decoding everything before it."""
        return self._packets.only_forward

    def seek(self, time: Fraction) -> None:
        """Go to a frame that begins at or before a time, in seconds from the first sample."""
        tick = self._packets.tick
        zero, first = self._zero or 0, self._first_stamp or 0
        stamp = max(zero + math.floor(time / tick), first) if time > 0 else first
        try:
            self._packets.seek(stamp)
        except av.FFmpegError:  # it can only be read from its beginning
            self._packets.rewind()
        self._reached = max(time, Fraction(0))

    def frames(self, wanted: Fraction) -> Iterator[tuple[int, AudioFrame]]:
        """The following frames. Undecodable ones are left out, so the next frame comes later."""
        decoded = self._decode()
        opening = _opening(decoded)
        expected = self._settle([item for item in opening if isinstance(item, av.AudioFrame)])
        broken, rate, part = 0, 0, 0
        for item, own, following in self._with_next(chain(opening, decoded)):
            if not isinstance(item, av.AudioFrame):
                broken += 1
                continue
            if rate not in (0, item.sample_rate):
                expected = round(Fraction(expected * item.sample_rate, rate))
            if not rate:
                broken = 0  # before the first: a seek, or a recording, begins in mid-frame
            joined, part = part != own, own
            index = self._place(item, expected, broken, exactly=joined)
            if rate and not broken and not joined and index != expected:
                index = self._unless_stray(item, index, expected, following)
            rate = item.sample_rate
            if broken:
                self._lose(expected, index, rate, broken, wanted)
            broken = 0
            expected = index + item.samples
            self._usual_length = item.samples
            self._reached = Fraction(expected, rate)
            yield index, item
        if broken > _TAIL and rate:
            self._lose(expected, expected + broken * self._usual_length, rate, broken, wanted)

    def _place(self, frame: AudioFrame, expected: int, broken: int, *, exactly: bool) -> int:
        """The index of a frame that follows ``broken`` packets which gave none.

        ``exactly``: its time stamp counts even where it is off by less than the usual jitter.
        """
        expected += broken * self._usual_length
        index = self._index(frame)
        jitter = JITTER * frame.sample_rate if self._packets.clock == "stamps" else 2
        if index is None or (abs(index - expected) <= jitter and not exactly):
            return expected
        return index

    def _with_next(
        self, items: Iterator[AudioFrame | str]
    ) -> Iterator[tuple[AudioFrame | str, int, AudioFrame | str | None]]:
        """Each item with its part's offset, and the item after it."""
        item, part = next(items, None), self._packets.part
        while item is not None:
            following, beyond = next(items, None), self._packets.part
            yield item, part, following
            item, part = following, beyond

    def _unless_stray(
        self, frame: AudioFrame, index: int, expected: int, following: AudioFrame | str | None
    ) -> int:
        """``index``, unless the next frame continues as if this one began where expected."""
        after = self._index(following) if isinstance(following, av.AudioFrame) else None
        if after is None:
            return index
        jitter = JITTER * frame.sample_rate
        stray = abs(after - expected - frame.samples) <= jitter < abs(after - index - frame.samples)
        return expected if stray else index

    def _lose(self, begin: int, end: int, rate: int, packets: int, wanted: Fraction) -> None:
        start, until = Fraction(begin, rate), Fraction(max(begin, end), rate)
        if until > wanted:
            self._lost.append(Loss(start, until, packets))

    def take_lost(self, start: Fraction, end: Fraction) -> list[Loss]:
        """Stretches between two times that could not be decoded; everything before ``end`` is
        forgotten."""
        if not self._lost:
            return []
        taken = [loss for loss in self._lost if loss.end > start and loss.start < end]
        self._lost = [loss for loss in self._lost if loss.end > end]
        return taken

    def _decode(self) -> Iterator[AudioFrame | str]:
        """Frames; for a packet that does not decode, the reason."""
        failures = 0
        while True:
            try:
                for packet in self._packets:
                    failures = 0
                    if self._first_stamp is None:
                        self._first_stamp = packet.pts
                    try:
                        frames = cast("list[AudioFrame]", packet.decode())
                    except av.FFmpegError as error:
                        yield error.strerror or "unknown reason"
                    else:
                        yield from (frame for frame in frames if frame.samples)
                return
            except _DAMAGE:  # a demuxer may continue after a failure
                failures += 1
                if failures > _STUMBLES:
                    return
            except av.FFmpegError as error:
                raise self.damaged(error.strerror) from error

    def _settle(self, opening: list[AudioFrame]) -> int:
        """The index of the first frame after a seek, from the time stamps of several.

        One stamp may be wrong: FFmpeg's are, where Vorbis changes the length of its blocks.
        """
        if self._zero is None and opening:
            self._zero, self._first_length = opening[0].pts, opening[0].samples
            return 0
        before = accumulate((frame.samples for frame in opening), initial=0)
        guesses = [
            index - count
            for index, count in zip(map(self._index, opening), before, strict=False)
            if index is not None
        ]
        if not guesses:
            return 0
        start = median_low(guesses)
        doubt = math.ceil(self._packets.tick * opening[0].sample_rate)
        lengths = {frame.samples for frame in opening[1:]}
        if doubt <= 1 or len(lengths) != 1 or min(lengths) <= 2 * doubt:
            return start
        # Rounded stamps, but frames of one length larger than the uncertainty: all but the
        # first, which may be cut at its front, begin at a multiple of it.
        length = lengths.pop()
        off = start + opening[0].samples - self._first_length
        off = (off + length // 2) % length - length // 2
        return start - off if abs(off) <= doubt else start

    def _index(self, frame: AudioFrame) -> int | None:
        """The place of a frame's first sample, by its time stamp."""
        if self._zero is None or frame.pts is None:
            return None
        # Integers, since this is done for every frame: round((pts - zero) * tick * rate).
        tick = self._packets.tick
        ticks = (frame.pts - self._zero) * tick.numerator * frame.sample_rate
        return (2 * ticks + tick.denominator) // (2 * tick.denominator)

    def damaged(self, reason: str | None) -> RenderError:
        return RenderError.one(
            "damaged-media",
            f"the sound of '{self._path}' cannot be decoded at {float(self._reached):.3f} s: "
            f"{reason or 'unknown reason'}",
            hint="use another copy of the file, or leave this part of it out",
        )


def _opening(decoded: Iterator[AudioFrame | str]) -> list[AudioFrame | str]:
    """The first frames, enough to find their position; fewer where one is broken."""
    opening: list[AudioFrame | str] = []
    length = Fraction(0)
    for item in decoded:
        opening.append(item)
        if isinstance(item, av.AudioFrame):
            length += Fraction(item.samples, item.sample_rate)
        elif length:
            break
        if length >= _SETTLE:
            break
    return opening
