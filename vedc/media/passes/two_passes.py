"""Two passes over a segment: the first measures, the second distributes its bits accordingly.

While frames arrive they are encoded once, and kept without loss in a scratch folder; at the end
they are encoded again from there. x264 and x265 pass on their measurements of every frame. The
others get a rate corrected for their error, twice if necessary.

Each segment has the bit rate by itself. So a segment depends on nothing else, like any other, and a
film of any length needs scratch space for one.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import av
from av.video.frame import VideoFrame

from vedc.errors import InternalError
from vedc.media.encode import FramePool, SegmentEncoder
from vedc.plan.encoders import video_settings
from vedc.plan.settings import VideoSettings

#: The option by which an encoder passes on its measurements.
_STATISTICS: Final = {"h264": "x264-params", "hevc": "x265-params"}

#: Otherwise x264 adapts parameter sets to its measurements, and segments would differ.
_EXTRA: Final = {"x264-params": ":stitchable=1"}

_MOST_CORRECTION: Final = 2.0
"""Largest correction of the requested rate: a still picture never uses its share."""

_NEAR: Final = 0.03
"""Accepted error of the rate."""


class TwoPassEncoder:
    """Encodes a segment through the interface of a :class:`SegmentEncoder`, in two passes.

    The settings have a bit rate and a ``pix_fmt`` that FFV1 keeps.
    """

    def __init__(self, settings: VideoSettings, path: Path, pool: FramePool) -> None:
        self._settings, self._path, self._pool = settings, path, pool
        self._scratch = TemporaryDirectory(prefix="vedc-passes-")
        folder = Path(self._scratch.name)
        self._frames, self._draft = folder / "frames", folder / "first"
        self._statistics = folder / "statistics"
        self._open = [
            SegmentEncoder(_lossless(settings), self._frames),
            SegmentEncoder(self._passing(1), self._draft, pool),
        ]

    def new_frame(self) -> VideoFrame:
        """A writable frame of the settings' format and size, to be filled and written."""
        return self._pool.take()

    def write(self, frame: VideoFrame) -> None:
        """Encode a frame. One from ``new_frame`` returns to the pool."""
        for encoder in self._open:
            encoder.write(frame)

    def finish(self) -> int:
        """Make the segment. Returns the number of frames written."""
        (count,) = {encoder.finish() for encoder in self._open}
        self._open.clear()  # only a closed encoder has written all its measurements
        if self._settings.codec in _STATISTICS:
            self._encode(self._passing(2), count)
        else:
            self._approach(count)
        self._scratch.cleanup()
        return count

    def _approach(self, count: int) -> None:
        """Encode with a rate that brings the encoder close to the wanted one."""
        wanted = asked = int(dict(self._settings.options)["b"])
        got = self._bit_rate(self._draft)
        for _ in range(2):
            least, most = wanted / _MOST_CORRECTION, wanted * _MOST_CORRECTION
            asked = round(min(max(asked * wanted / max(got, 1.0), least), most))
            options = dict(self._settings.options) | {"b": str(asked)}
            self._encode(replace(self._settings, options=tuple(sorted(options.items()))), count)
            got = self._bit_rate(self._path)
            if abs(got / wanted - 1) < _NEAR or asked in (round(least), round(most)):
                break

    def _encode(self, settings: VideoSettings, count: int) -> None:
        """Make the segment from the kept frames."""
        encoder = SegmentEncoder(settings, self._path)
        self._open.append(encoder)
        with av.open(str(self._frames)) as file:
            for frame in file.decode(video=0):
                encoder.write(frame)
        if encoder.finish() != count:
            raise InternalError(f"{count} frames in the first pass, and not in the second")
        self._open.clear()

    def abort(self) -> None:
        """Stop, and remove what was written, whatever its state."""
        for encoder in self._open:
            encoder.abort()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._scratch.cleanup()

    def _passing(self, number: int) -> VideoSettings:
        """The settings of a pass."""
        options = dict(self._settings.options)
        name = _STATISTICS.get(self._settings.codec)
        if name is not None:
            options[name] += f":pass={number}:stats={self._statistics}{_EXTRA.get(name, '')}"
        return replace(self._settings, options=tuple(sorted(options.items())))

    def _bit_rate(self, path: Path) -> float:
        """Bits per second of a segment's packets."""
        with av.open(str(path)) as file:
            sizes = [packet.size for packet in file.demux(video=0) if packet.size]
        return float(8 * sum(sizes) * self._settings.rate / max(len(sizes), 1))


def _lossless(settings: VideoSettings) -> VideoSettings:
    return video_settings(
        "ffv1",
        width=settings.width,
        height=settings.height,
        rate=settings.rate,
        color=settings.color,
        pix_fmt=settings.pix_fmt,
    )
