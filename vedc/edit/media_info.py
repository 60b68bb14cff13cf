"""Properties of a media file, known before it is decoded.

Probing lives in ``vedc.media.probe``; the spec's checks and the lowering see only these
records, through a :class:`Prober` that is handed to them. So validation needs no decoder.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import PurePath
from typing import Final, Literal

from vedc.color import Color
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """One thing about a file that was guessed, repaired or lost, in one line."""

    code: str
    """In kebab-case, as of a problem; it never changes."""
    message: str
    """Names the file, and gives times in seconds and counts."""
    hint: str | None = None
    part: Literal["file", "picture", "sound"] = "file"
    """The part it concerns: clips that do not use that part get no warning."""


Scan = Literal["progressive", "top-first", "bottom-first"]
Sampling = Literal["nearest", "blend", "flow"]
"""The picture between two frames: the first of them, their mix, or one by optical flow."""
Fields = Literal["weave", "frames", "fields"]
"""Handling of an interlaced frame: shown as stored, one picture of its first moment, or one of each
moment."""


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A stream of a file, as its headers describe it."""

    kind: Literal["video", "audio", "subtitle", "other"]
    index: int
    """Number among the streams of its kind, from 0, as in ``stream``."""
    codec: str
    language: str | None = None
    """As tagged, usually by ISO 639-2."""
    title: str | None = None
    default: bool = False
    """Whether it is flagged as the one to play."""
    cover: bool = False
    """A still that goes with the file, cover art or a thumbnail: never used as a clip."""
    channels: int | None = None
    """Of sound."""


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams to use, each by its index among those of its kind.

    ``None`` is the first that is flagged default, else the first.
    """

    video: int | None = None
    audio: int | None = None


USUAL: Final = Streams()


@dataclass(frozen=True, slots=True)
class Join:
    """The beginning of another part in a file, where times jump back."""

    position: int
    """Bytes into the file: packets from there belong to this part or a later one."""
    offset: Fraction
    """Seconds to add to the times of the part."""
    time: Fraction
    """Seconds on the container's clock, continued: when the part begins."""


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """The video stream of a file that is used; cover art never is.

    ``width``, ``height`` and ``sar`` describe the stored picture. For display it is mirrored left
    to right if ``mirrored``, and then turned clockwise by ``rotation`` (0, 90, 180, 270).
    """

    width: int
    height: int
    sar: Fraction
    rotation: int
    pix_fmt: str
    """As stored."""
    format: str
    """The kernel format (a key of ``FORMATS``) that the reader delivers: ``pix_fmt`` itself
    where kernels read it, else the nearest that loses nothing."""
    rate: Fraction
    """Average frames a second."""
    color: Color
    """As tagged; missing tags are guessed as players guess them (see ``media.probe``)."""
    tagged: bool
    """Whether matrix, primaries and transfer all came from the file."""
    codec: str
    time_base: Fraction
    frames: int | None
    """Number of frames, if the container says."""
    stream: int = 0
    """Its index among the file's video streams."""
    length: Fraction | None = None
    """Seconds from its first frame to the end of its last."""
    mirrored: bool = False
    peak: float | None = None
    """The largest light of the film in cd/m2, if its HDR metadata says."""
    scan: Scan = "progressive"
    """Whether frames are interlaced, and which rows come first."""
    scan_by: Literal["frames", "file", "pictures"] = "frames"
    """How that is known: by the flags of each frame, which may then differ, by the headers of the
    file, or because the pictures look so."""
    pulldown: Literal["none", "soft", "hard"] = "none"
    """Film telecined for video (3:2): as flags that repeat fields, or in the stored frames."""
    hidden: tuple[int, ...] | None = None
    """Cropping of each decoded picture that the container asks for: left, right, top and bottom.
    ``width`` and ``height`` are those of the rest."""
    begins: int | None = None
    """The time of its first frame in ticks; None where that takes a closer look: without times, or
    where they jump back or the beginning is damaged."""

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height as shown, upright and in square pixels; the stored height stays."""
        width, height = round(self.width * self.sar), self.height
        if self.sar < 1:  # never throw stored columns away: grow the height instead
            width, height = self.width, round(self.height / self.sar)
        return (height, width) if self.rotation in (90, 270) else (width, height)


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """The audio stream of a file that is used."""

    rate: int
    channels: int
    layout: str
    codec: str
    start: Fraction
    """Seconds from the file's zero (its first video frame, if it has one) to the first sample."""
    duration: Fraction | None
    stream: int = 0
    """Its index among the file's audio streams."""


#: The ``container`` of an image sequence.
SEQUENCE: Final = "image sequence"


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A probed file. Source time 0 is the first video frame, or the first audio sample."""

    path: str
    """Of an image sequence, the pattern of its files."""
    size: int
    mtime_ns: int
    kind: Literal["video", "audio", "image"]
    container: str
    duration: Fraction | None
    """Seconds from zero to the end of the longest stream used; ``None`` for an image."""
    video: VideoInfo | None = None
    audio: AudioInfo | None = None
    ctime_ns: int = 0
    inode: int = 0
    notes: tuple[Note, ...] = ()
    """What the probe guessed, repaired or lost."""
    no_picture: Note | None = None
    """Why its picture cannot be played, although it should have one."""
    no_sound: Note | None = None
    """The same of its sound. Both are also among the notes."""
    joins: tuple[Join, ...] = ()
    """Where further parts of a joined file begin, in order; see ``vedc.media.demux.joins``."""
    streams: tuple[StreamInfo, ...] = ()
    """Everything in the file, in its order."""

    @property
    def locator(self) -> str:
        """Identifies its content to ``vedc.media.digest``: the path, and for a sequence its
        rate."""
        if self.container != SEQUENCE or self.video is None:
            return self.path
        return sequence_locator(self.path, self.video.rate)

    @property
    def clip_length(self) -> Fraction | None:
        """Seconds that a clip of the file can last; None where not known.

        If the sound outlasts the picture, the picture counts.
        """
        if self.video is None or self.duration is None:
            return self.duration
        if self.video.frames is not None:
            return min(self.duration, self.video.frames / self.video.rate)
        return min(self.duration, self.video.length or self.duration)

    @property
    def sound_length(self) -> Fraction | None:
        """Seconds from the file's zero to the end of its sound; None where not known."""
        if self.audio is not None and self.audio.duration is not None:
            return self.audio.start + self.audio.duration
        return self.duration


_RATE_MARK: Final = "\0rate="
"""Separates a pattern from a rate; it never occurs in a path."""


def sequence_locator(pattern: str, rate: Fraction) -> str:
    return f"{pattern}{_RATE_MARK}{rate}"


def split_locator(locator: str) -> tuple[str, str | None]:
    """The path, and the rate of an image sequence."""
    path, mark, rate = locator.partition(_RATE_MARK)
    return path, rate if mark else None


#: Pixels of a still picture: Pillow's limit, which treats more as an attack.
LARGEST_STILL: Final = 178_956_970


class ProbeError(Exception):
    """A file could not be probed. ``code``, ``message`` and ``hint`` become a Problem."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


Prober = Callable[..., MediaInfo]
"""Takes a path and, if they are not the usual ones, :class:`Streams`.

Raises :class:`ProbeError`. Must not load a decoder for a file that it has seen before."""


#: The container of a composition's film.
COMPOSITION: Final = "composition"


def kept_path(name: str, digest: str) -> str:
    """A stand-in for the path of a composition's film, which is in the segment store in parts."""
    return f"{COMPOSITION}:{digest}:{name}"


def kept_digest(path: str) -> str | None:
    """The digest in a path of :func:`kept_path`; None for the path of a file."""
    scheme, _, rest = path.partition(":")
    return rest.partition(":")[0] if scheme == COMPOSITION else None


def shown_name(path: str) -> str:
    """The displayed name of a file, an image sequence or a composition."""
    if kept_digest(path) is not None:
        return path.split(":", 2)[2]
    return PurePath(split_locator(path)[0]).name
