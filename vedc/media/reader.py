"""Frame-exact reading of a video file, in order or at random.

The rule, stated once: the frame shown at time t is the last one that begins at or before t.
Before the first frame the first is shown, after the last the last. A frame begins at its pts;
source time 0 is the pts of the first decoded frame. Where the stream's time base cannot express
the rate (Matroska's milliseconds and 30000/1001), the container had to round: a pts within a tick
of n / rate then means n / rate.

Reading on decodes forward. Reading elsewhere seeks to the preceding key frame, without trusting
the container: if decoding then starts after the wanted frame, it seeks further back in doubling
steps, and finally restarts the file. Damage is concealed, in the same way however it was reached;
``vedc.media.decoding`` explains how.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import av
from av.video.frame import VideoFrame

from vedc.edit.media_info import Fields, MediaInfo, ProbeError, VideoInfo
from vedc.errors import InternalError, RenderError
from vedc.media.decoding import Decoding, Doubt, Timed
from vedc.media.delivery import Deliverer, Delivery
from vedc.media.picture.fields import PLANES, Deinterlacer, interlaced

_FIRST_STEP = Fraction(1, 2)
"""Seconds by which the second seek goes further back than the first."""

_FURTHEST_STEP = Fraction(8)
"""The most seconds to seek further back for a frame that decodes damaged."""

_ATTEMPTS = 40
"""Beginnings to try for a damaged frame before the file's own is taken."""

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
        self._deinterlacer = Deinterlacer(info.video, planes_of(info.video), threads)
        self._deliverers = {self._delivery: Deliverer(info.video, self._delivery, threads)}
        self._rate = info.video.rate
        self._decoding: Decoding | None = None
        self._frames: Iterator[Timed] = iter(())
        self._previous: Timed | None = None
        self._current: Timed | None = None
        self._next: Timed | None = None
        self._ended = False
        self._sought = False
        self._delivered: dict[Delivery, tuple[VideoFrame, VideoFrame]] = {}
        self._closed_decoded = 0
        self._limit = 0

    @property
    def decoded(self) -> int:
        """Frames decoded so far, including those skipped over."""
        return self._closed_decoded + (self._decoding.decoded if self._decoding else 0)

    @property
    def damage(self) -> tuple[Fraction, ...]:
        """Source times of the damaged frames that the last picture shows or averages."""
        decoding, shown = self._decoding, self._current or self._next
        if decoding is None or shown is None or not (decoding.damaged or decoding.ends_at):
            return ()
        ticks = {at for _, at in decoding.damaged if shown.pts <= at <= self._limit}
        ends = decoding.ends_at
        if ends is not None and self._ended and ends <= self._limit:
            beyond = (self._limit - ends) // decoding.step
            ticks.add(ends + beyond * decoding.step)
        return tuple((at - decoding.zero) * decoding.base for at in sorted(ticks))

    @property
    def resized(self) -> bool:
        """Whether the frame of the last picture has another size than the file's first."""
        shown = self._current or self._next
        if shown is None:
            return False
        return (shown.frame.width, shown.frame.height) != (self._video.width, self._video.height)

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
        """As ``frame_at``, but unconverted; the same frame is the same object."""
        try:
            return self._locate(time)
        except ProbeError as error:
            raise RenderError.one(error.code, error.message, hint=error.hint) from error
        except RenderError:
            self.close()  # or the next call would mistake the failure for the end of the file
            raise

    def span_at(self, time: Fraction) -> tuple[Fraction, Fraction]:
        """Of the frame at ``time``: when it begins, and when the next one does or would."""
        self.decoded_at(time)
        decoding, shown = self._open(), self._current or self._next

        def seconds(timed: Timed) -> Fraction:
            ticks = timed.pts - decoding.zero
            return (
                round(ticks / self._length) / self._rate
                if self._rounded
                else (ticks * decoding.base)
            )

        assert shown is not None
        following = self._next if self._next is not shown else None
        begin = seconds(shown)
        return begin, begin + 1 / self._rate if following is None else seconds(following)

    def close(self) -> None:
        """Release the decoder and the file. Frames already returned stay valid."""
        self._frames = iter(())
        self._previous = self._current = self._next = None
        self._delivered = {}
        if self._decoding is not None:
            self._closed_decoded += self._decoding.decoded
            self._decoding.close()
            self._decoding = None

    def _deliverer(self, delivery: Delivery) -> Deliverer:
        if delivery not in self._deliverers:
            self._deliverers[delivery] = Deliverer(self._video, delivery, self._threads)
        return self._deliverers[delivery]

    def _deinterlaced(self, time: Fraction, fields: Fields) -> VideoFrame:
        """The picture at ``time`` of the interlaced frame that is shown then."""
        decoding = self._open()
        limit = self._limit
        shown = self._find(limit)
        back = 0
        # bwdif needs the frame before, too: the same one whichever way the shown one was reached.
        while shown.pts > decoding.zero and (
            self._previous is None or self._previous.frame.is_corrupt
        ):
            if back > _FURTHEST_STEP / decoding.base:
                break
            self._find(max(shown.pts - 1 - back, decoding.zero))
            shown = self._find(limit)
            back = max(2 * back, math.ceil(_FIRST_STEP / decoding.base))
        self._limit = limit
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
        decoding = self._open()
        begun = pts - decoding.zero
        if self._rounded:
            return time * self._rate >= round(begun / self._length) + Fraction(1, 2)
        lasts: Fraction = self._length
        if self._next is not None:
            lasts = min(lasts, Fraction(self._next.pts - pts))
        return time / decoding.base >= begun + lasts / 2

    def _locate(self, time: Fraction) -> VideoFrame:
        self._open()
        self._limit = self._last_tick(time)
        return self._find(self._limit).frame

    def _find(self, limit: int) -> Timed:
        """The last frame with ``pts <= limit``, by the quick way if it is not damaged."""
        decoding = self._open()
        try:
            if (self._current is not None and limit < self._current.pts) or self._is_far(limit):
                self._seek(limit)
            shown = self._advance(limit)
            back = _FIRST_STEP
            while not decoding.careful and shown.frame.is_corrupt and self._sought:
                if back > _FURTHEST_STEP:
                    break
                # Its references may be missing only because decoding began too late.
                self._seek(limit, math.ceil(back / decoding.base))
                shown = self._advance(limit)
                back *= 2
            if not decoding.careful:
                if shown.frame.is_corrupt:
                    raise Doubt
                return shown
        except Doubt:
            return self._find_carefully(limit)
        return shown if self._is_certain(shown) else self._find_carefully(limit)

    def _find_carefully(self, limit: int) -> Timed:
        """The last frame with ``pts <= limit``, concealed where it is damaged.

        Concealment copies from earlier frames. So decoding begins at a fixed key frame before the
        damage, and the result is the same wherever reading began.
        """
        decoding = self._open()
        back = 0
        key: int | None = None  # where to begin, once that is known
        for _ in range(_ATTEMPTS):
            begin = limit if key is None else key
            if not decoding.seekable or begin <= decoding.zero:
                break
            try:
                at = max(begin - back, decoding.zero)
                self._frames = decoding.seek(at, limit, careful=True, key=key)
            except av.FFmpegError:
                break  # this file is not seekable
            self._begin()
            late = key is not None and (not decoding.keys or decoding.keys[0] > key)
            if not late and self._current is not None and self._current.pts <= limit:
                shown = self._advance(limit)
                key = self._beginning(shown)
                if key == decoding.keys[0]:
                    return shown
                if key is not None:
                    back = 0
                    continue
            if at == decoding.zero:
                break
            back = max(2 * back, math.ceil(_FIRST_STEP / decoding.base))
        self._frames = decoding.start(careful=True)
        self._begin()
        return self._advance(limit)

    def _beginning(self, shown: Timed) -> int | None:
        """The key frame at which careful decoding begins for ``shown``; None if that is an earlier
        one.

        It is the second before the damage: the group of pictures that begins with it may lack
        frames from before it, the next is intact. Without damage it is where decoding began.
        """
        decoding = self._open()
        damaged = {group for group, _ in decoding.damaged}
        group = bisect_right(decoding.keys, shown.pts)
        near = damaged & {group, group + 1}  # frames shown before a key frame may depend on it
        if not near:
            return decoding.keys[0] if decoding.keys else None
        intact = min(near) - 1
        while intact in damaged:
            intact -= 1
        return decoding.keys[intact - 2] if intact >= 2 else None

    def _is_certain(self, shown: Timed) -> bool:
        """Whether careful decoding began at the right place for the shown frame."""
        decoding = self._open()
        wanted = self._beginning(shown)
        if decoding.fresh:
            return not decoding.seekable or wanted is None or wanted <= decoding.zero
        return wanted is not None and wanted == decoding.keys[0]

    def _begin(self) -> None:
        """Take the first frame of a new beginning."""
        self._previous = self._next = None
        self._current, self._ended = next(self._frames, None), False

    def _last_tick(self, time: Fraction) -> int:
        """The latest pts of a frame that has begun at source time ``time``."""
        decoding = self._open()
        # In integers, as this runs for every frame: floor(time / time base).
        ticks = (time.numerator * decoding.base.denominator) // (
            time.denominator * decoding.base.numerator
        )
        if self._rounded:
            begun = math.floor(time * self._rate)
            latest = math.floor(begun * self._length) + 1
            too_late = math.ceil((begun + 1) * self._length) - 1
            ticks = min(max(ticks, latest), too_late - 1)
        return max(decoding.zero, decoding.zero + ticks + self._late)

    def _advance(self, limit: int) -> Timed:
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
        decoding = self._open()
        newest = self._next or self._current
        position = decoding.zero if newest is None else newest.pts
        near = limit - position <= _WORTH_SKIPPING * decoding.step
        if self._ended or not decoding.seekable or near:
            return False
        reach = _REACH / decoding.base
        if decoding.container_names & _INDEXED and hasattr(decoding.stream, "index_entries"):
            entries = decoding.stream.index_entries
            found = entries.search_timestamp(limit)
            if found >= 0:
                key = entries[found].timestamp
                if key - position > _WORTH_SKIPPING * decoding.step:
                    return True
                if entries[len(entries) - 1].timestamp >= limit - reach:
                    return False  # the index reaches that far: no key frame in between
        return limit - position > reach

    def _open(self) -> Decoding:
        if self._decoding is None:
            decoding = self._decoding = Decoding(self._info, self._threads)
            self._length = 1 / (self._rate * decoding.base)
            self._rounded = (
                self._length.denominator != 1
                and self._length >= _MANY_TICKS
                and self._rate.denominator in (1, 1001)  # a nominal rate, not a mere average
            )
            # In film with repeat flags, every other frame begins half a field late.
            soft = self._video.pulldown == "soft"
            self._late = math.ceil(_HALF_A_FIELD / decoding.base) + 1 if soft else 0
            self._frames = decoding.start()
            self._ended = self._sought = False
        return self._decoding

    def _seek(self, limit: int, back: int = 0) -> None:
        """Go to or before the last frame with ``pts <= limit``, by ``back`` ticks further."""
        decoding = self._open()
        while decoding.seekable and limit - back > decoding.zero:
            try:
                self._frames = decoding.seek(limit - back, limit)
            except av.FFmpegError:
                break  # this file is not seekable
            self._begin()
            if self._current is not None and self._current.pts <= limit:
                self._sought = True
                return
            back = max(2 * back, math.ceil(_FIRST_STEP / decoding.base))
        # Read from the first frame again, without seeking, which fails on some files.
        self._frames = decoding.start()
        self._previous = self._current = self._next = None
        self._ended = self._sought = False

    def _damaged(self, why: str, last: int | None) -> RenderError:
        decoding = self._decoding
        after = last if last is not None else self._current.pts if self._current else None
        seconds = 0.0
        if decoding is not None and after is not None:
            seconds = float((after - decoding.zero) * decoding.base)
        return RenderError.one(
            "damaged-media",
            f"'{self._info.path}' is damaged after {seconds:.3f} s: {why}",
            hint="copy or download it again, or repair it with ffmpeg",
        )


def planes_of(video: VideoInfo) -> Deliverer:
    """Converts frames as stored to planes, neither turned nor scaled."""
    stored = replace(video, rotation=0, mirrored=False, sar=Fraction(1))
    planes = PLANES.get(video.format, video.format)
    return Deliverer(stored, Delivery(video.width, video.height, planes), 1)
