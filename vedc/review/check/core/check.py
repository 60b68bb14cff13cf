"""A row of the table of checks: what it measures, against which limits, and by whose word."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, Protocol

from vedc.edit.media_info import MediaInfo
from vedc.edit.sounds import LoudnessTarget
from vedc.lang.keys.targets import Target
from vedc.review.check.core.finding import Finding, Severity
from vedc.review.check.core.shown import ShownText

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vedc.edit.captions import Cue
    from vedc.errors import SourceLocation

Needs = Literal["file", "picture", "sound", "media", "captions", "spec"]
"""What a check looks at: the file, its frames, its sound, both, captions with their times, or what
only the spec knows, such as where its titles stand."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that a film is held against; ``vedc check --limit CHECK.NAME=VALUE`` sets it."""

    name: str
    default: float | None
    """None: nothing is asked for, unless it is given or the film's target says."""
    unit: str
    doc: str


@dataclass(frozen=True, slots=True)
class TimedCue:
    """A caption as it is shown, whatever it came from."""

    cue: Cue
    stream: str
    """Which captions it belongs to: those of one stream are read one after another."""
    location: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Film:
    """The facts about a film before its first frame."""

    name: str
    media: MediaInfo
    limits: Mapping[str, float | None]
    """By ``check.limit``."""
    target: Target | None = None
    loudness: LoudnessTarget | None = None
    """What is asked of its loudness, by its target or by the spec."""
    cues: Sequence[TimedCue] = ()
    texts: Sequence[ShownText] = ()
    """Titles and burned-in captions that stand still: of a spec only."""
    duration: Fraction | None = None
    """Seconds that it should last; None where nobody says."""

    @property
    def rate(self) -> Fraction:
        """Frames a second; of sound alone, hundredths of a second."""
        return Fraction(100) if self.media.video is None else self.media.video.rate

    def limit(self, name: str) -> float:
        """The value of a limit that has a default."""
        value = self.limits[name]
        assert value is not None
        return value

    def frames_of(self, name: str) -> int:
        """A limit in seconds as frames, at least one."""
        return max(1, round(self.limit(name) * float(self.rate)))

    def found(
        self,
        check: str,
        severity: Severity,
        message: str,
        frames: tuple[int, int] | None = None,
        times: tuple[Fraction, Fraction] | None = None,
        **more: Any,
    ) -> Finding:
        """A finding at frames, or at times that become the frames around them."""
        if frames is not None:
            start, end = (Fraction(n) / self.rate for n in frames)
        elif times is not None:
            start, end = times
            if self.media.video is not None:
                first = math.floor(start * self.rate)
                frames = first, max(first + 1, math.ceil(end * self.rate))
        else:
            return Finding(check, severity, message, **more)
        return Finding(check, severity, message, start=start, end=end, frames=frames, **more)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A frame of the film as checks see it: reduced once, for all of them."""

    number: int
    luma: NDArray[Any]
    """(height, width) uint8 of full range, at most 320 pixels a side."""
    small: NDArray[Any]
    """(rows, columns, 3) R'G'B', uint8, of a few dozen cells a side."""
    codes: tuple[NDArray[Any], ...]
    """Y', Cb, Cr of Y'CbCr of limited range, float32, 0 to 1 and -0.5 to 0.5 nominally, each of the
    size of ``luma``; nothing of other pictures."""
    picture: Callable[[], NDArray[Any]]
    """Makes its R'G'B' of full size, uint8 (height, width, 3), for those few that need it."""
    held: bool = False
    """Whether the file has no frame of its own here, so that players show the last one on."""
    damaged: bool = False
    """Whether it cannot be decoded whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A block of samples."""

    first: int
    samples: NDArray[Any]
    """(channels, samples) float32; full scale is 1."""
    rate: int
    lost: Sequence[tuple[Fraction, Fraction]] = ()
    """Seconds of it that cannot be decoded."""


class Watcher(Protocol):
    """A check at work on one film."""

    def push(self, part: Any, /) -> None:
        """Take the next :class:`Frame`, or the next :class:`Sound`."""

    def finish(self) -> Iterable[Finding]:
        """What was found."""

    def measured(self) -> Mapping[str, float | None]:
        """Properties of the film, whether or not they are a fault; by name."""
        return {}


class Base:
    """Shared by most watchers."""

    def __init__(self, film: Film) -> None:
        self.film = film
        self.findings: list[Finding] = []

    def push(self, part: Any, /) -> None:
        """Checks of the file and of captions see neither frames nor sound."""

    def finish(self) -> Iterable[Finding]:
        return self.findings

    def measured(self) -> Mapping[str, float | None]:
        return {}


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of fault."""

    id: str
    """In kebab-case; it never changes."""
    summary: str
    """What is reported."""
    needs: Needs
    how: str
    """How it is measured, in a few sentences."""
    source: str
    """Where the limits come from."""
    watch: Callable[[Film], Watcher]
    limits: tuple[Limit, ...] = field(default=())
