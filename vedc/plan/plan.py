"""The plan: everything needed to render one output, as data.

A plan can be printed, hashed, pickled and reloaded, in another process or on another machine that
sees the same files; executors run it and decide nothing. Each distinct graph is fused once, and
pieces refer to the result by index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from fractions import Fraction

from vedc.edit.captions import CaptionStream
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Form, Marker
from vedc.errors import SourceLocation
from vedc.ops.looks.look_file import LookFile
from vedc.ops.shared.cube import Cube
from vedc.plan.copying import Uncopied
from vedc.plan.executable import ExecutablePiece
from vedc.plan.footage import CopiedFootage
from vedc.plan.keys import digest
from vedc.plan.settings import AnimationSettings, AudioPlan, VideoSettings
from vedc.support.lazy_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames ``start <= n < start + length`` of the film, made by one executable."""

    start: int
    length: int
    executable: int
    """Index in the plan's ``executables``."""
    times: tuple[Fraction, ...]
    """The source time of the first frame, in seconds, for each of the executable's reads."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A closed stretch of the encoded film, with its key in the store."""

    index: int
    start: int
    frames: int
    key: str
    pieces: tuple[Piece, ...] | None
    """None for a segment that the plan takes from the store."""
    copied: CopiedFootage | None = None
    """The footage copied when the file is written, if the segment is not encoded."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One output file."""

    target: str
    """The path."""
    form: Form
    fps: Fraction
    video: VideoSettings | None
    """None for sound alone."""
    segments: tuple[Segment, ...]
    executables: tuple[ExecutablePiece, ...]
    tables: Mapping[str, Cube | LookFile]
    """Digest -> content of every colour file that a kernel reads."""
    sound: AudioPlan | None
    sound_key: str | None
    files: Mapping[str, str]
    """Digest -> path of every file that the plan names."""
    media: Mapping[tuple[str, int], MediaInfo]
    """Digest and video stream -> probed facts, for the video files among them."""
    locations: Mapping[str, SourceLocation]
    """Digest -> where the spec first names the file, for messages."""
    metadata: tuple[tuple[str, str], ...] = ()
    """The file's tags, by FFmpeg's names."""
    chapters: tuple[Marker, ...] = ()
    """Positions are frames of the file."""
    first_number: int = 1
    """The number of the first file of a sequence."""
    length: int = 0
    """Duration in frames: the sum of its segments, if it has pictures."""
    captions: tuple[CaptionStream, ...] = ()
    """Times are seconds of the file."""
    location: SourceLocation | None = None
    """Where the spec names the output, for messages."""
    compositions: Mapping[str, Plan] = field(default_factory=dict)
    """Digest -> film of a composition that is kept in the store and read like a file. Segments that
    are not needed have no pieces."""
    stream_segment: Fraction | None = None
    """Seconds per segment of the adaptive stream, if the film is one of its renditions."""
    cover: str | None = None
    """The digest of the cover art's file."""
    animation: AnimationSettings | None = None
    """How pictures are assembled into an animated file."""
    uncopied: tuple[Uncopied, ...] = ()
    """Sources shown unchanged that cannot be copied."""
    transitions: tuple[tuple[range, SourceLocation | None], ...] = ()
    """The frames of each transition that compares its two pictures, and where the spec names it,
    for messages."""

    @property
    def frames(self) -> int:
        """The number of pictures."""
        return sum(segment.frames for segment in self.segments)

    @property
    def copied_frames(self) -> int:
        """The number of pictures copied from footage."""
        return sum(segment.frames for segment in self.segments if segment.copied is not None)

    @property
    def keys(self) -> tuple[str, ...]:
        """The store keys of the segments and sounds, including those of compositions."""
        inner = (key for plan in self.compositions.values() for key in plan.keys)
        keys = (*inner, *(segment.key for segment in self.segments))
        sounds = () if self.sound is None else tuple(self.sound.parts)
        return (*keys, *sounds, self.sound_key) if self.sound_key else keys

    def with_compositions(self) -> Iterator[Plan]:
        """The plan and its compositions' plans, innermost first."""
        for film in self.compositions.values():
            yield from film.with_compositions()
        yield self

    def text(self) -> str:
        """A stable listing of everything that shapes the film's bytes. Files are named by content;
        paths and spec locations do not appear."""
        from vedc.plan.listing import list_plan

        return list_plan(self)

    def digest(self) -> str:
        """SHA-256 of the listing, in hexadecimal."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    def film_digest(self) -> str:
        """SHA-256 of the file's ingredients: the keys of its segments and its sound.

        Unlike ``digest`` it does not depend on which segments the store has.
        """
        parts = [f"{segment.frames} {segment.key}" for segment in self.segments]
        tags = [f"{name}: {value}" for name, value in self.metadata]
        chapters = [f"chapter {marker.frame} {marker.name}" for marker in self.chapters]
        captions = [repr(stream) for stream in self.captions]
        sound = f"sound {self.sound_key}"
        if self.animation is not None:
            tags.append(repr(self.animation))
        if self.cover is not None:
            tags.append(f"cover {self.cover}")
        return digest([f"film at {self.fps}", *parts, sound, *tags, *chapters, *captions])
