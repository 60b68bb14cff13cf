"""Which stretches of a film are copied from their footage, packet by packet.

A stretch is copied if the film shows a source unchanged and the properties that players rely on
stay the same: codec, size, rate, samples and colours. It begins with a closed GOP and ends where
everything stored so far has been shown, so only the frames between a cut and the nearest such
points are encoded. In case of doubt a stretch is encoded, and the plan says why.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from math import floor
from typing import Final

from vedc.color import HDR_TRANSFERS
from vedc.edit.contents import Clip
from vedc.edit.media_info import MediaInfo, VideoInfo, shown_name
from vedc.edit.model import Edit
from vedc.edit.tables.codecs import COPIED_CODECS
from vedc.ir.graph import Node
from vedc.ir.lower.film import FrameRange
from vedc.plan.footage import CopiedFootage, Footage, Footages
from vedc.plan.keys import digest
from vedc.plan.segments import SHORT, cut, within
from vedc.plan.settings import VideoSettings
from vedc.support.lazy_dataclass import dataclass

#: Raised by hand when copying produces different bytes than in the previous release.
COPYING: Final = "1"

#: The decoder's names of presets, for codecs whose stream should have the same one throughout.
_PROFILES: Final[dict[str, dict[str, str]]] = {
    "prores": {
        "proxy": "Proxy", "lt": "LT", "standard": "Standard", "hq": "HQ", "4444": "4444",
        "4444xq": "XQ",
    },
    "dnxhr": {
        f"dnxhr_{word}": f"DNXHR {word.upper()}" for word in ("lb", "sq", "hq", "hqx", "444")
    },
}  # fmt: skip

#: Codecs that code whole blocks, and the block's side in vedc's encoders: 8 in x265, except for its
#: preset ultrafast. Players reinitialise where the coded size changes.
_PADDED: Final = {"h264": 16, "hevc": 8}

#: Parameters of a source's node that do not alter its pictures.
_PLAIN: Final = frozenset(
    {"digest", "start", "step", "width", "height", "format", "primaries", "transfer", "matrix"}
    | {"range", "depth", "stream"}
)

#: The most streams with different parameter sets joined into one film: each needs free ids.
_MANY_KINDS: Final = 12


@dataclass(frozen=True, slots=True)
class CopiedSpan:
    """Frames of the film that are copied."""

    span: FrameRange
    graph: Node
    footage: CopiedFootage

    @property
    def key(self) -> str:
        """The hash of everything that can change its bytes, as for a rendered segment."""
        source = self.footage
        place = f"{source.digest} stream {source.stream} frame {source.first} at {source.pts}"
        return digest([f"vedc copy {COPYING}", place, f"{self.span.length} frames"])


@dataclass(frozen=True, slots=True)
class Uncopied:
    """A source that the film shows unchanged, and why it is encoded nevertheless."""

    name: str
    reason: str


class Copying:
    """Finds the copied stretches of one film. ``media``: probed files, by digest and stream."""

    def __init__(
        self,
        edit: Edit,
        settings: VideoSettings,
        media: Mapping[tuple[str, int], MediaInfo],
        footages: Footages,
    ) -> None:
        self._fps, self._settings, self._hdr = edit.profile.fps, settings, edit.output.hdr
        self._media, self._footages = media, footages
        self._tracks = [track.items for track in edit.tracks]
        self._kinds: set[str] = set()
        self._uncopied: dict[Uncopied, None] = {}
        self._copied: set[str] = set()
        """Names of sources that are copied at least in part."""
        self._least = max(1, round(SHORT * self._fps))

    @property
    def uncopied(self) -> tuple[Uncopied, ...]:
        """Sources not copied at all so far."""
        return tuple(each for each in self._uncopied if each.name not in self._copied)

    def may_copy(self, span: FrameRange) -> bool:
        """Whether a clip is shown in a span, which does not cross the edge of an item."""
        if span.length < self._least:
            return False
        for items in self._tracks:
            index = bisect_right(items, span.start, key=lambda item: item.start)
            item = items[index - 1] if index else None
            if item is not None and item.end > span.start and isinstance(item.content, Clip):
                return True
        return False

    def of(self, span: FrameRange, graph: Node) -> Iterator[CopiedSpan]:
        """The copied parts of a span that one graph draws."""
        if graph.op != "source":
            return
        name, stream = graph.text("digest"), graph.get("stream") or 0
        info = self._media.get((name, stream if isinstance(stream, int) else 0))
        video = info.video if info is not None else None
        if info is None or video is None:
            return
        reason = self._unlike(graph, video)
        footage = self._footages(info) if reason is None else None
        if footage is not None:
            reason = footage.refused or self._unsuited(footage)
        if footage is None or reason is not None:
            self._uncopied[Uncopied(shown_name(info.path), reason or "")] = None
            return
        begin = floor(graph.fraction("start") * self._fps)
        found = list(footage.copies(begin, begin + span.length, self._least))
        if not found:
            reason = "no closed group of pictures begins in the part that is shown"
            self._uncopied[Uncopied(shown_name(info.path), reason)] = None
            return
        self._copied.add(shown_name(info.path))
        self._kinds.add(footage.headers)
        for first, frames, pts, leads in found:
            start = span.start + first - begin
            later = graph.fraction("start") + (first - begin) * graph.fraction("step")
            yield CopiedSpan(
                FrameRange(start, start + frames),
                graph.replace(params={"start": later}),
                CopiedFootage(
                    name,
                    video.stream,
                    first,
                    pts,
                    footage.reorder,
                    footage.headers,
                    footage.ticks,
                    leads,
                ),
            )

    def _unlike(self, graph: Node, video: VideoInfo) -> str | None:
        """Why a source cannot be copied, as far as known without reading its packets."""
        settings = self._settings
        wanted = COPIED_CODECS[settings.codec]
        size = (settings.width, settings.height)
        if settings.codec == "h264" and dict(settings.options).get("crf") in ("0", "0.0"):
            return "crf 0 is lossless, which FFmpeg does not decode after other footage"
        if video.codec != wanted:
            return f"it is {video.codec}, and the output {settings.codec}"
        if (video.width, video.height) != size or video.sar != 1:
            return f"it is not stored as {size[0]}x{size[1]} square pixels"
        if video.rotation or video.mirrored or video.hidden is not None:
            return "it is turned, mirrored or cropped when it is shown"
        if video.scan != "progressive" or video.pulldown != "none":
            return "it is interlaced"
        if video.pix_fmt != settings.pix_fmt:
            return f"its samples are {video.pix_fmt}, and the output's {settings.pix_fmt}"
        if video.rate != self._fps or graph.fraction("step") != 1 / self._fps:
            return f"it has {_rate(video.rate)} frames a second, and the film {_rate(self._fps)}"
        if settings.color.transfer in HDR_TRANSFERS or self._hdr is not None:
            return "its HDR metadata could differ from the film's"
        if graph.fraction("start") < 0:
            return "it is shown from before its beginning"
        touched = sorted(
            name for name, value in graph.params if name not in _PLAIN and value is not None
        )
        return f"it has {', '.join(touched)}" if touched else None

    def _unsuited(self, footage: Footage) -> str | None:
        """The same, judged by its packets."""
        codec = self._settings.codec
        if codec in _PROFILES:
            preset = dict(self._settings.options).get("profile", "auto")
            if preset == "auto":
                preset = "4444" if "444" in self._settings.pix_fmt else "hq"
            wanted = _PROFILES[codec].get(preset)
            if footage.profile != wanted:
                return f"it is {footage.profile or 'of no known profile'}, and the output {wanted}"
        coded = _coded(self._settings)
        if footage.coded != coded and codec in _PADDED:
            of_each = (f"{width}x{height}" for width, height in (footage.coded, coded))
            return "it is coded as {} before cropping, and the film as {}".format(*of_each)
        if footage.headers not in self._kinds and len(self._kinds) >= _MANY_KINDS:
            return "the film's header has no room for the parameter sets of another encoder"
        return None


def _coded(settings: VideoSettings) -> tuple[int, int]:
    """The film's coded size, padded to whole blocks for codecs in ``_PADDED``."""
    block = _PADDED.get(settings.codec, 1)
    if settings.codec == "hevc" and dict(settings.options).get("preset") == "ultrafast":
        block = 16
    return -settings.width // block * -block, -settings.height // block * -block


def _rate(rate: Fraction) -> str:
    return f"{float(rate):.6g}"


def grouped(
    stretches: Iterable[FrameRange],
    fps: Fraction,
    part: tuple[int, int] | None,
    copying: Copying | None,
    graph_of: Callable[[FrameRange], Node],
) -> Iterator[tuple[tuple[FrameRange, ...], CopiedSpan | None]]:
    """The film cut into segments, each with the spans that it renders or the span that it copies.

    ``stretches`` have constant structure; ``part`` is the range of frames shown, if not all.
    """
    stretches = tuple(stretches)
    spans: list[CopiedSpan] = []
    if copying is not None:
        for stretch in stretches:
            first, end = part or (stretch.start, stretch.end)
            seen = FrameRange(max(first, stretch.start), min(end, stretch.end))
            if seen.length > 0 and copying.may_copy(seen):
                spans += copying.of(seen, graph_of(seen))
    if not spans:
        groups = cut(stretches, fps)
        yield from ((group, None) for group in (within(groups, *part) if part else groups))
        return
    begin, end = part or (0, stretches[-1].end)
    for copied in spans:
        yield from ((g, None) for g in cut(_between(stretches, begin, copied.span.start), fps))
        yield (copied.span,), copied
        begin = copied.span.end
    yield from ((group, None) for group in cut(_between(stretches, begin, end), fps))


def _between(stretches: Iterable[FrameRange], begin: int, end: int) -> Iterator[FrameRange]:
    for stretch in stretches:
        seen = FrameRange(max(begin, stretch.start), min(end, stretch.end))
        if seen.length > 0:
            yield seen
