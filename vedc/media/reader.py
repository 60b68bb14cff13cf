"""Frame-exact reading of a video file, in order or at random.

The rule, stated once: the frame shown at time t is the last one that begins at or before t.
Before the first frame the first is shown, after the last the last. A frame begins at its pts;
source time 0 is the pts of the first decoded frame. Where the stream's time base cannot express
the rate (Matroska's milliseconds and 30000/1001), the container had to round: a pts within a tick
of n / rate then means n / rate.

Reading on decodes forward. Reading elsewhere seeks to the preceding key frame, without trusting
the container: if decoding then starts after the wanted frame, it seeks further back in doubling
steps, and finally restarts the file.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import av
from av.video.frame import VideoFrame

from vedc.edit.media_info import Fields, MediaInfo, ProbeError
from vedc.errors import InternalError, RenderError
from vedc.media.delivery import Deliverer, Delivery
from vedc.media.demux.container import open_media, packets_of
from vedc.media.demux.joins import Mender
from vedc.media.digest import Stamp
from vedc.media.picture.decoder import PictureDecoder
from vedc.media.picture.fields import Deinterlacer, interlaced

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_FIRST_STEP = Fraction(1, 2)
"""Seconds by which the second attempt seeks further back than the first."""

_FURTHEST_STEP = Fraction(8)
"""The most seconds to seek further back for a frame that decodes damaged."""

_REACH = Fraction(1)
"""Seconds ahead within which reading on beats seeking when key frames are unknown."""

_WORTH_SKIPPING = 8
"""Frames that a seek must save; below that, refilling the decoder costs more."""

_MANY_TICKS = 4
"""Ticks per frame below which rounding is indistinguishable from an uneven rate."""

_HALF_A_FIELD = Fraction(1001, 120000)
"""Seconds, of video with 60000/1001 fields a second."""

#: Containers whose index lists actual key frames (others list positions to seek to).
_INDEXED = frozenset({"avi", "matroska", "mov"})

#: AVI stores no presentation times, and FFmpeg makes none for these, which reorder frames.
_COUNTED_IN_AVI = frozenset({"h264", "hevc"})


class VideoReader:
    """The pictures of one file by source time.

    ``delivery`` None means the picture as shown, at its own size (``Delivery.of``). ``threads``
    are for decoding; 0 uses one per CPU core. Holds three decoded frames and a frame per delivery,
    besides those in the decoder. Not thread-safe.
    """

    def __init__(self, info: MediaInfo, delivery: Delivery | None, threads: int = 0) -> None:
        if info.video is None:
            raise InternalError(f"'{info.path}' has no picture to read")
        self._info, self._video = info, info.video
        self._number = info.video.stream
        self._threads = threads
        self._delivery = delivery or Delivery.of(info.video)
        self._deinterlacer = Deinterlacer(info.video, threads)
        self._deliverers = {self._delivery: Deliverer(info.video, self._delivery, threads)}
        self._rate = info.video.rate
        self._container: InputContainer | None = None
        self._frames: Iterator[_Timed] = iter(())
        self._previous: _Timed | None = None
        self._current: _Timed | None = None
        self._next: _Timed | None = None
        self._ended = False
        self._sought = False
        self._delivered: dict[Delivery, tuple[VideoFrame, VideoFrame]] = {}
        self.decoded = 0
        """Frames decoded so far, including those skipped over."""

    def frame_at(self, time: Fraction, delivery: Delivery | None = None) -> VideoFrame:
        """The frame shown at source time ``time`` (seconds), in the reader's own or another
        delivery, for which it is not decoded again.

        The frame is shared: do not write into it. Raises RenderError ``damaged-media``,
        or the code of a ProbeError where the file can no longer be opened.
        """
        decoded = self.decoded_at(time)
        wanted = delivery or self._delivery
        if wanted.fields != "weave" and interlaced(decoded, self._video):
            decoded = self._deinterlaced(time, wanted.fields)
        last = self._delivered.get(wanted)
        if last is None or last[0] is not decoded:
            try:
                last = self._delivered[wanted] = (decoded, self._deliverer(wanted)(decoded))
            except av.FFmpegError as error:
                raise self._damaged(
                    f"a {decoded.width} x {decoded.height} {decoded.format.name} picture"
                    f" cannot be converted ({error.strerror})",
                    decoded.pts,
                ) from error
        return last[1]

    def decoded_at(self, time: Fraction) -> VideoFrame:
        """As ``frame_at`` but as decoded; the same frame is the same object."""
        try:
            return self._locate(time)
        except ProbeError as error:
            raise RenderError.one(error.code, error.message, hint=error.hint) from error
        except RenderError:
            self.close()  # or the next call would take the failure for the end of the file
            raise

    def close(self) -> None:
        """Release the decoder and the file. Frames already returned stay valid."""
        self._frames = iter(())
        self._previous = self._current = self._next = None
        self._delivered = {}
        if self._container is not None:
            self._container.close()
            self._container = None

    def _deliverer(self, delivery: Delivery) -> Deliverer:
        if delivery not in self._deliverers:
            self._deliverers[delivery] = Deliverer(self._video, delivery, self._threads)
        return self._deliverers[delivery]

    def _deinterlaced(self, time: Fraction, fields: Fields) -> VideoFrame:
        """The picture at ``time`` of the interlaced frame that is shown then."""
        shown = self._advance(self._last_tick(time))
        back = 0
        # bwdif needs the frame before, too: the same one whichever way the shown one was reached.
        while shown.pts > self._zero and (
            self._previous is None or self._previous.frame.is_corrupt
        ):
            if back > _FURTHEST_STEP / self._base:
                break
            self._seek(shown.pts - 1, back)
            shown = self._advance(shown.pts)
            back = max(2 * back, math.ceil(_FIRST_STEP / self._base))
        before, after = (
            None if timed is None or timed.frame.is_corrupt else timed.frame
            for timed in (self._previous, self._next)
        )
        try:
            pictures = self._deinterlacer(before, shown.frame, after, fields)
        except av.FFmpegError as error:
            raise self._damaged(
                f"its fields cannot be taken apart ({error.strerror})", shown.pts
            ) from error
        second = len(pictures) > 1 and self._in_second_half(time, shown.pts)
        return pictures[1 if second else 0]

    def _in_second_half(self, time: Fraction, pts: int) -> bool:
        """Whether the frame that begins at ``pts`` shows its second moment at ``time``."""
        begun = pts - self._zero
        if self._rounded:
            return time * self._rate >= round(begun / self._length) + Fraction(1, 2)
        lasts: Fraction = self._length
        if self._next is not None:
            lasts = min(lasts, Fraction(self._next.pts - pts))
        return time / self._base >= begun + lasts / 2

    def _locate(self, time: Fraction) -> VideoFrame:
        if self._container is None:
            self._open()
        limit = self._last_tick(time)
        if (self._current is not None and limit < self._current.pts) or self._is_far(limit):
            self._seek(limit)
        shown = self._advance(limit)
        back = _FIRST_STEP
        while shown.frame.is_corrupt and self._sought and back <= _FURTHEST_STEP:
            # Its references may be missing only because decoding began too late.
            self._seek(limit, math.ceil(back / self._base))
            shown = self._advance(limit)
            back *= 2
        if shown.frame.is_corrupt:
            raise self._damaged("the picture cannot be decoded whole", shown.pts)
        return shown.frame

    def _last_tick(self, time: Fraction) -> int:
        """The latest pts of a frame that has begun at source time ``time``."""
        # In integers, as this runs for every frame: floor(time / time base).
        ticks = (time.numerator * self._base.denominator) // (
            time.denominator * self._base.numerator
        )
        if self._rounded:
            begun = math.floor(time * self._rate)
            latest = math.floor(begun * self._length) + 1
            too_late = math.ceil((begun + 1) * self._length) - 1
            ticks = min(max(ticks, latest), too_late - 1)
        return max(self._zero, self._zero + ticks + self._late)

    def _advance(self, limit: int) -> _Timed:
        """Decode on to the last frame with ``pts <= limit``."""
        while not self._ended:
            if self._next is None:
                self._next = next(self._frames, None)
                self._ended = self._next is None
            if self._next is None or self._next.pts > limit:
                break
            self._previous, self._current, self._next = self._current, self._next, None
        shown = self._current or self._next
        if shown is None:
            raise self._damaged("no picture can be decoded", None)
        return shown

    def _is_far(self, limit: int) -> bool:
        """Whether seeking to ``limit`` is cheaper than decoding on to it."""
        newest = self._next or self._current
        position = self._zero if newest is None else newest.pts
        if self._ended or not self._seekable or limit - position <= _WORTH_SKIPPING * self._step:
            return False
        reach = _REACH / self._base
        if self._indexed:
            entries = self._stream.index_entries
            found = entries.search_timestamp(limit)
            if found >= 0:
                key = entries[found].timestamp
                if key - position > _WORTH_SKIPPING * self._step:
                    return True
                if entries[len(entries) - 1].timestamp >= limit - reach:
                    return False  # the index reaches that far: no key frame in between
        return limit - position > reach

    def _open(self) -> None:
        path = Path(self._info.path)
        start = _start(Stamp.probed(self._info), self._number)
        self._container = open_media(path)
        stream = _video(self._container, self._number)
        if stream is None or stream.time_base is None:
            raise ProbeError("no-streams", f"'{path}' no longer holds a picture")
        self._decoder = PictureDecoder(stream)
        context = self._decoder.context
        context.thread_type = "AUTO"
        context.thread_count = self._threads
        self._stream: VideoStream = stream
        self._base = stream.time_base
        self._length = 1 / (self._rate * self._base)
        self._rounded = (
            self._length.denominator != 1
            and self._length >= _MANY_TICKS
            and self._rate.denominator in (1, 1001)  # a nominal rate, not a mere average
        )
        self._step = max(1, round(self._length))
        # Of film with repeat flags every other frame begins half a field late.
        soft = self._video.pulldown == "soft"
        self._late = math.ceil(_HALF_A_FIELD / self._base) + 1 if soft else 0
        self._zero, timed = start
        # Where times jump back, only reading from the beginning finds a frame for certain.
        self._seekable = timed and not self._info.joins
        self._mender = Mender(self._info.joins, stream.time_base)
        names = set(self._container.format.name.split(","))
        self._indexed = bool(names & _INDEXED) and hasattr(stream, "index_entries")
        self._counted = not timed or (
            "avi" in names and context.codec.canonical_name in _COUNTED_IN_AVI
        )
        self._frames, self._ended, self._sought = self._decode(None), False, False

    def _restart(self) -> None:
        """Read from the first frame again, without seeking, which fails on some files."""
        delivered = self._delivered
        self.close()
        self._delivered = delivered
        self._open()

    def _seek(self, limit: int, back: int = 0) -> None:
        """Go to or before the last frame with ``pts <= limit``, by ``back`` ticks further."""
        if self._container is None:
            raise InternalError("seeking in a closed file")
        while self._seekable and limit - back > self._zero:
            try:
                self._container.seek(limit - back, stream=self._stream)
            except av.FFmpegError:
                break  # this file is not seekable
            self._decoder.flush()
            self._frames = self._decode(limit)
            self._current, self._next, self._ended = next(self._frames, None), None, False
            self._previous = None
            if self._current is not None and self._current.pts <= limit:
                self._sought = True
                return
            back = max(2 * back, math.ceil(_FIRST_STEP / self._base))
        self._restart()

    def _decode(self, limit: int | None) -> Iterator[_Timed]:
        """Decode from the container's current position.

        With ``limit``, begin at a key frame, and yield nothing if even that comes later.
        """
        if self._container is None:
            raise InternalError("decoding a closed file")
        wait_for_key = limit is not None
        last: int | None = None
        try:
            for packet in packets_of(self._container, self._stream):
                self._mender.mend(packet)
                if wait_for_key:
                    # A packet without a position shares its PES with others, and after a seek
                    # may carry another's time (MPEG-PS).
                    if not packet.is_keyframe or packet.pos is None or not packet.size:
                        continue
                    if limit is not None and _time_of(packet) > limit:
                        return
                    wait_for_key = False
                if self._counted and last is None:
                    last = _time_of(packet) - self._step
                try:
                    frames = self._decoder(packet)
                except av.InvalidDataError:
                    if limit is None and last is None:
                        continue  # a recording may begin in the middle of a frame
                    raise
                for frame in frames:
                    self.decoded += 1
                    pts = None if self._counted else frame.pts
                    if pts is None and not self._counted:
                        pts = frame.dts
                    if pts is None:
                        pts = self._zero if last is None else last + self._step
                    last = pts
                    yield _Timed(pts, frame)
        except (av.FFmpegError, OSError) as error:
            raise self._damaged(error.strerror or str(error), last) from error

    def _damaged(self, why: str, last: int | None) -> RenderError:
        after = last if last is not None else self._current.pts if self._current else self._zero
        seconds = float((after - self._zero) * self._base)
        return RenderError.one(
            "damaged-media",
            f"'{self._info.path}' is damaged after {seconds:.3f} s: {why}",
            hint="copy or download it again, or repair it with ffmpeg",
        )


class _Timed(NamedTuple):
    """A decoded frame and its time in ticks, which may differ from its own pts."""

    pts: int
    frame: VideoFrame


def _video(container: InputContainer, number: int) -> VideoStream | None:
    videos = container.streams.video
    return videos[number] if number < len(videos) else None


def _time_of(packet: Packet[VideoStream]) -> int:
    if packet.pts is not None:
        return packet.pts
    return packet.dts if packet.dts is not None else 0


@functools.lru_cache(maxsize=256)
def _start(stamp: Stamp, number: int) -> tuple[int, bool]:
    """The first frame's time in ticks, and whether the stream has times and so is seekable."""
    damaged = ProbeError("damaged-media", f"no picture of '{stamp.path}' can be decoded")
    with open_media(Path(stamp.path)) as container:
        stream = _video(container, number)
        if stream is None:
            raise ProbeError("no-streams", f"'{stamp.path}' no longer holds a picture")
        stream.codec_context.thread_count = 1
        first: Packet[VideoStream] | None = None
        try:
            for packet in packets_of(container, stream):
                first = first or packet
                try:
                    frames = packet.decode()
                except av.InvalidDataError:
                    continue  # a recording may begin in the middle of a frame
                for frame in frames:
                    if frame.is_corrupt:
                        continue
                    timed = first.pts is not None or first.dts is not None
                    pts = frame.pts if frame.pts is not None else frame.dts
                    return (pts if pts is not None else _time_of(first)), timed
        except av.FFmpegError as error:
            raise damaged from error
    raise damaged
