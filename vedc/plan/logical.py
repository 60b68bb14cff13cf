"""The logical plan: the content of the film, cut into segments and keyed, before fusion.

This suffices to find a film in the segment store. Fusing costs more than everything here together,
so ``make_plan`` fuses only the segments to render.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping

from vedc.edit.contents import Clip
from vedc.edit.media_info import MediaInfo, kept_digest
from vedc.edit.model import Composition, Edit, TimelineItem
from vedc.edit.values import Keyframes
from vedc.errors import SourceLocation
from vedc.ir.graph import Node, walk
from vedc.ir.lower.film import FrameRange, lower, pieces
from vedc.passes import optimise
from vedc.plan.compositions import Compositions
from vedc.plan.compositions import kept as which_become_films
from vedc.plan.copying import CopiedSpan, Copying, Uncopied, grouped
from vedc.plan.footage import CopiedFootage, Footages
from vedc.plan.keys import segment_key, sound_key
from vedc.plan.settings import AudioPlan, VideoSettings
from vedc.plan.sound import plan_sound
from vedc.support.gc_pause import without_gc
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class LogicalPiece:
    """Frames ``start <= n < start + length`` of the film: one optimised graph."""

    start: int
    length: int
    graph: Node


@dataclass(frozen=True, slots=True)
class LogicalSegment:
    """A closed stretch of the encoded film, with its key in the store."""

    key: str
    pieces: tuple[LogicalPiece, ...]
    copied: CopiedFootage | None = None
    """The footage it copies, if it is not encoded: such a segment is never in the store."""


@dataclass(frozen=True, slots=True)
class LogicalPlan:
    """One output file."""

    edit: Edit
    video: VideoSettings | None
    """None for sound alone."""
    segments: tuple[LogicalSegment, ...]
    sound: AudioPlan | None
    sound_key: str | None
    files: Mapping[str, str]
    """Digest -> path of every file that a graph names."""
    media: Mapping[tuple[str, int], MediaInfo]
    """Digest and video stream -> probed facts, for the video files among them."""
    locations: Mapping[str, SourceLocation]
    """Digest -> where the spec first names the file, for messages."""
    drawn: Edit
    """The edit with compositions that become films replaced by clips of those films."""
    compositions: Mapping[str, LogicalPlan]
    """Digest -> plan of each composition shown, innermost first."""
    cover: str | None = None
    """The digest of the cover art's file."""
    uncopied: tuple[Uncopied, ...] = ()
    """Sources shown unchanged that cannot be copied."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The store keys of the segments and sounds, including those of compositions."""
        inner = (key for plan in self.compositions.values() for key in plan.keys)
        keys = (*inner, *(segment.key for segment in self.segments))
        sounds = () if self.sound is None else tuple(self.sound.parts)
        return (*keys, *sounds, self.sound_key) if self.sound_key else keys


PassTrace = tuple[int, str, Node, Node]
"""The effect of one pass on one piece: (its first frame, pass, before, after)."""


class _FileDigests:
    """Names files by content and remembers which file a digest names."""

    def __init__(self, digest: Callable[[str], str]) -> None:
        self.digest, self.paths, self.known = digest, dict[str, str](), dict[str, str]()

    def __call__(self, path: str) -> str:
        kept = kept_digest(path)
        if kept is not None:
            return kept
        if path not in self.known:
            name = self.known[path] = self.digest(path)
            self.paths.setdefault(name, path)
        return self.known[path]


#: A stretch of this many parts is first checked as a whole: it may be constant throughout.
MANY_PARTS = 4


def _still(graph: Node) -> Node | None:
    """The optimised graph of a stretch, if all of its parts have the same one."""
    for current in walk(graph):
        values = [value for _, value in current.params if isinstance(value, Keyframes)]
        moves = any(len({point.value for point in value.points}) > 1 for value in values)
        if moves or current.facts.fetched == "stream" or current.get("clock") is not None:
            return None
    return optimise(graph)


def _items(edit: Edit) -> Iterator[TimelineItem]:
    """The items of an edit and of the compositions that are fused into it."""
    for item in (item for track in edit.tracks for item in track.items):
        yield item
        if isinstance(item.content, Composition):
            yield from _items(item.content.edit)


@without_gc
def plan_logically(
    edit: Edit,
    video: VideoSettings | None,
    digest: Callable[[str], str],
    engine: Callable[[str], str],
    trace: Callable[[PassTrace], None] | None = None,
    computed_by: str = "",
    kept: frozenset[int] | None = None,
    footages: Footages | None = None,
) -> LogicalPlan:
    """Lower, optimise, cut and key one resolved edit, and the compositions in it.

    ``digest`` gives the content hash of a file; ``engine`` and ``computed_by`` are as for
    ``segment_key``. An image output is one segment of one frame, without sound; an output of sound
    alone, without ``video``, has no segments. ``kept``: the compositions that become films, if the
    edit is one of them. ``footages`` gives the packet layout; without it nothing is copied.
    """
    files = _FileDigests(digest)

    def composed(inner: Edit, settings: VideoSettings) -> LogicalPlan:
        return plan_logically(inner, settings, digest, engine, None, computed_by, films)

    films = which_become_films(edit) if kept is None else kept
    compositions = Compositions(composed, films)
    original = edit
    if video is not None:
        edit = compositions.drawn(edit)
    stretches = pieces(edit) if video is not None else ()
    still: dict[FrameRange, Node | None] = {}
    keys: dict[tuple[tuple[int, Node], ...], str] = {}
    drawn: dict[FrameRange, Node] = {}
    media: dict[tuple[str, int], MediaInfo] = {}
    locations: dict[str, SourceLocation] = {}
    for item in _items(edit):
        if isinstance(item.content, Clip):
            name = files(item.content.media.locator)
            probed = item.content.media
            media[name, probed.video.stream if probed.video else 0] = probed
            if item.location is not None:
                locations.setdefault(name, item.location)

    def piece(span: FrameRange) -> LogicalPiece:
        def tracer(name: str, before: Node, after: Node) -> None:
            assert trace is not None
            trace((span.start, name, before, after))

        graph = drawn.get(span) if trace is None else None
        whole = stretches[bisect_right(stretches, span.start, key=lambda s: s.start) - 1]
        if graph is None and trace is None and whole.length >= MANY_PARTS * span.length:
            if whole not in still:
                still[whole] = _still(lower(edit, whole, files))
            graph = still[whole]
        if graph is None:
            graph = optimise(lower(edit, span, files), tracer if trace else None)
        return LogicalPiece(span.start, span.length, graph)

    def graph_of(span: FrameRange) -> Node:
        """The graph of the span as a whole, which is the graph of most parts, too."""
        if span not in drawn:
            drawn[span] = optimise(lower(edit, span, files))
        return drawn[span]

    at, copying = edit.output.at, None
    if footages is not None and video is not None and edit.output.copies:
        copying = Copying(edit, video, media, footages)
    groups: Iterable[tuple[tuple[FrameRange, ...], CopiedSpan | None]] = ()
    if video is not None and at is not None:
        groups = [((FrameRange(at, at + 1),), None)]
    elif video is not None:
        groups = grouped(stretches, edit.profile.fps, edit.part, copying, graph_of)
    segments = []
    for group, copied in groups:
        if copied is not None:
            whole = LogicalPiece(copied.span.start, copied.span.length, copied.graph)
            segments.append(LogicalSegment(copied.key, (whole,), copied.footage))
            continue
        members = tuple(piece(span) for span in group)
        shown = tuple((p.length, p.graph) for p in members)
        if shown not in keys and video is not None:
            keys[shown] = segment_key(shown, video, engine, computed_by)
        segments.append(LogicalSegment(keys[shown], members))
    sound = plan_sound(original, files)
    audio_key = sound_key(sound) if sound else None
    cover = files(edit.output.cover) if edit.output.cover is not None else None
    return LogicalPlan(
        original,
        video,
        tuple(segments),
        sound,
        audio_key,
        files.paths,
        media,
        locations,
        edit,
        compositions.plans,
        cover,
        copying.uncopied if copying is not None else (),
    )
