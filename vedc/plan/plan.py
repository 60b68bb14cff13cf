"""The execution plan: what to render, in which segments, under which keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Clip, Edit
from vedc.errors import SourceLocation
from vedc.ir.graph import Node
from vedc.ir.lower import FrameRange, lower, pieces
from vedc.passes import optimise
from vedc.plan.keys import segment_key, sound_key
from vedc.plan.segments import cut
from vedc.plan.settings import AudioPlan, VideoSettings


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames ``start <= n < start + length`` of the film: one optimised graph."""

    start: int
    length: int
    graph: Node


@dataclass(frozen=True, slots=True)
class Segment:
    """A closed stretch of the encoded film."""

    index: int
    pieces: tuple[Piece, ...]
    key: str

    @property
    def start(self) -> int:
        return self.pieces[0].start

    @property
    def frames(self) -> int:
        return sum(piece.length for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Plan:
    """One output file."""

    edit: Edit
    video: VideoSettings
    segments: tuple[Segment, ...]
    sound: AudioPlan | None
    sound_key: str | None
    files: Mapping[str, str]
    """Digest -> path of every file that a graph names."""
    media: Mapping[str, MediaInfo]
    """Digest -> what was probed, for the video files among them."""
    places: Mapping[str, SourceLocation]
    """Digest -> where the spec first names the file, for messages."""

    @property
    def target(self) -> str:
        return self.edit.output.path

    @property
    def frames(self) -> int:
        return sum(segment.frames for segment in self.segments)


PassTrace = tuple[int, str, Node, Node]
"""What one pass did to one piece: (its first frame, pass, before, after)."""


class _Files:
    """Names files by content and remembers which file a name stands for."""

    def __init__(self, digest: Callable[[str], str]) -> None:
        self.digest, self.paths, self.known = digest, dict[str, str](), dict[str, str]()

    def __call__(self, path: str) -> str:
        if path not in self.known:
            name = self.known[path] = self.digest(path)
            self.paths.setdefault(name, path)
        return self.known[path]


def make_plan(
    edit: Edit,
    video: VideoSettings,
    sound: Callable[[Edit, Callable[[str], str]], AudioPlan | None],
    digest: Callable[[str], str],
    engine: Callable[[str], str],
    trace: Callable[[PassTrace], None] | None = None,
    drawn_by: str = "",
) -> Plan:
    """Lower, optimise, cut and key one resolved edit.

    ``digest`` gives the content hash of a file; ``sound`` plans the audio; ``engine`` and
    ``drawn_by`` are as for ``segment_key``. An image output is one segment with one frame.
    """
    files = _Files(digest)

    def piece(span: FrameRange) -> Piece:
        def tracer(name: str, before: Node, after: Node) -> None:
            assert trace is not None
            trace((span.start, name, before, after))

        graph = optimise(lower(edit, span, files), tracer if trace else None)
        return Piece(span.start, span.length, graph)

    spans = pieces(edit)
    at = edit.output.at
    if at is not None:
        groups: tuple[tuple[FrameRange, ...], ...] = ((FrameRange(at, at + 1),),)
    else:
        groups = cut(spans, edit.profile.fps)
    segments = []
    for index, group in enumerate(groups):
        made = tuple(piece(span) for span in group)
        key = segment_key(((p.length, p.graph) for p in made), video, engine, drawn_by)
        segments.append(Segment(index, made, key))
    audio = None if at is not None else sound(edit, files)
    media: dict[str, MediaInfo] = {}
    places: dict[str, SourceLocation] = {}
    for item in (item for track in edit.tracks for item in track.items):
        if isinstance(item.content, Clip):
            name = files(item.content.media.path)
            media[name] = item.content.media
            if item.location is not None:
                places.setdefault(name, item.location)
    return Plan(
        edit,
        video,
        tuple(segments),
        audio,
        sound_key(audio) if audio else None,
        files.paths,
        media,
        places,
    )
