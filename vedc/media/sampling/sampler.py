"""The picture of a clip at a time that falls between its frames."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from av.video.frame import VideoFrame

from vedc.media.delivery import Delivery
from vedc.media.reading.frame_reader import FrameReader
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vedc.media.sampling.flow import Between

_HAIR: Final = Fraction(1, 1000)
"""Share of a frame below which a time counts as the frame's own."""

_MOST: Final = 64
"""The most frames in a mean; higher speeds sample that many."""

_HELD: Final = 3


@dataclass(frozen=True)
class _Shown:
    begin: Fraction
    end: Fraction
    picture: VideoFrame


class Sampler:
    """Pictures of one reader, by the ``sampling`` of each delivery.

    ``nearest``: the frame that is shown. ``blend``: between two frames their mix; at a speed that
    skips frames, the mean of those that a frame of the film covers. ``flow``: between two frames, a
    picture by optical flow.
    """

    def __init__(self, reader: FrameReader) -> None:
        self._reader = reader
        self._held: dict[Delivery, list[_Shown]] = {}
        self._between: dict[Delivery, Between] = {}

    def frame_at(self, time: Fraction, step: Fraction, delivery: Delivery) -> VideoFrame:
        """The picture at a source time. ``step``: source seconds to the next frame of the film.

        Raises what reading raises. The frame is shared: do not write into it.
        """
        if delivery.sampling == "nearest":
            return self._reader.frame_at(time, delivery)
        here = self._shown(time, delivery)
        lasts = here.end - here.begin
        if delivery.sampling == "blend" and abs(step) > lasts * (1 + _HAIR):
            low = time if step > 0 else time + step
            return self._passed(low, low + abs(step), delivery)
        if step < 0:  # backwards, the picture at a time is the frame before it
            here = self._shown(time - lasts, delivery)
            time = max(time - lasts, here.begin)
        share = (time - here.begin) / (here.end - here.begin)
        if share <= _HAIR:
            return here.picture
        following = self._shown(here.end, delivery)
        if share >= 1 - _HAIR or following.picture is here.picture:
            return following.picture
        return self._mixed(here.picture, following.picture, float(share), delivery)

    def _mixed(
        self, first: VideoFrame, second: VideoFrame, share: float, delivery: Delivery
    ) -> VideoFrame:
        if delivery.sampling == "blend":
            from vedc.media.sampling.planes import mean

            return mean(((first, 1 - share), (second, share)))
        from vedc.media.sampling.flow import Between

        known = self._between.get(delivery)
        if known is None or known.first is not first or known.second is not second:
            known = self._between[delivery] = Between(first, second)
        return known.at(share)

    def _passed(self, low: Fraction, high: Fraction, delivery: Delivery) -> VideoFrame:
        """The mean of the frames that are shown from one time to another."""
        from vedc.media.sampling.planes import mean

        parts: list[tuple[VideoFrame, float]] = []
        at, least = low, (high - low) / _MOST
        while at < high:
            shown = self._shown(at, delivery)
            until = min(shown.end, high) if shown.end > at else high
            if shown.end - shown.begin < least:
                until = min(max(until, at + least), high)
            if until - at > (high - low) * _HAIR:
                parts.append((shown.picture, float(until - at)))
            at = until
        return parts[0][0] if len(parts) == 1 else mean(parts)

    def _shown(self, time: Fraction, delivery: Delivery) -> _Shown:
        """The frame that is shown at a time; the last few are kept."""
        held = self._held.setdefault(delivery, [])
        for one in held:
            if one.begin <= time < one.end:
                return one
        picture = self._reader.frame_at(time, replace(delivery, sampling="nearest"))
        begin, end = self._reader.span_at(time)
        made = _Shown(begin, end, picture)
        held.append(made)
        del held[:-_HELD]
        return made
