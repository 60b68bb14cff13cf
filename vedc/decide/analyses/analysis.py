"""Declarations of analyses: the input of each, its result, and the other results it needs.

An analysis of the picture or the sound receives blocks as the file is decoded, once for all
analyses; a derived one is a function of other results. ``AnalysisRunner`` runs them and caches
results.

    @picture("measures", version=1, gives=Curves)
    class Measures:
        def __init__(self, media: MediaInfo, **params): ...
        def push(self, block: PictureBlock) -> None: ...
        def finish(self) -> Curves: ...

    @derived("shots", version=1, gives=Shots, needs=("thumbs",))
    def shots(media: MediaInfo, thumbs: Thumbs, **params) -> Shots: ...

``MODULES`` maps each analysis to its module, so that modules load only when used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Literal, Protocol, TypeVar

from vedc.decide.analyses.results import Result
from vedc.decide.arrays import Byte, Float
from vedc.edit.media_info import AudioInfo, MediaInfo, VideoInfo
from vedc.errors import InternalError

#: The module of each analysis.
MODULES: Final[Mapping[str, str]] = {
    "thumbs": "vedc.decide.analyses.thumbs",
    "measures": "vedc.decide.analyses.measures",
    "attention": "vedc.decide.analyses.attention",
    "faces": "vedc.decide.analyses.faces",
    "keyframes": "vedc.decide.analyses.keyframes",
    "shots": "vedc.decide.shots.shots",
    "voice": "vedc.decide.analyses.speech",
    "level": "vedc.decide.analyses.level",
    "silence": "vedc.decide.analyses.level",
    "speech": "vedc.decide.analyses.speech",
    "flux": "vedc.decide.analyses.beats",
    "onsets": "vedc.decide.analyses.beats",
    "beats": "vedc.decide.analyses.beats",
    "noise": "vedc.decide.analyses.noise",
    "lamps": "vedc.decide.effects.lamps.analysis",
    "camera_path": "vedc.decide.effects.camera.analysis",
    "beside": "vedc.decide.transitions.beside",
    "words": "vedc.decide.words.words",
}

Param = str | int | float | bool
By = Callable[[Mapping[str, Param]], str]
Reads = Callable[[MediaInfo, Mapping[str, Any]], float]
Kind = Literal["picture", "sound", "derived"]
T = TypeVar("T", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class PictureBlock:
    """Consecutive frames, upright, as 8-bit codes."""

    first: int
    """Index of the first frame."""
    thumbs: Byte
    """(n, 27, 48, 3): RGB, the whole picture whatever its aspect ratio."""
    luma: Byte
    """(n, height, width): full-range Y, square pixels; the longer side is 320."""


@dataclass(frozen=True, slots=True)
class SoundBlock:
    """Consecutive samples. ``first`` counts at 48 kHz from the first sample of the sound."""

    first: int
    samples: Float
    """(2, n) at 48 kHz, -1 to 1."""
    voice: Float
    """(m,): the same time, mixed to one channel at 16 kHz."""


class Watcher(Protocol):
    """Receives blocks in order and without gaps, and returns its result at the end."""

    def push(self, block: Any, /) -> None: ...

    def finish(self) -> Result: ...


@dataclass(frozen=True, slots=True)
class Analysis:
    """A declared analysis."""

    name: str
    version: int
    of: Kind
    gives: type[Any]
    needs: tuple[str, ...]
    """Analyses of the same media, without parameters, whose results it takes as keywords."""
    make: Callable[..., Any]
    by: By
    """Anything else its result depends on: the digest of weights, a library's version."""
    reads: Reads | None = None
    """The seconds of its file that a derived analysis decodes itself. It then takes ``advance``,
    which it calls with the seconds of each part that is done."""


class Declarer(Protocol):
    """Declares an analysis of one kind: a decorator of its watcher or function."""

    def __call__(
        self,
        name: str,
        *,
        version: int,
        gives: type[Any],
        needs: tuple[str, ...] = (),
        by: By = ...,
        reads: Reads | None = None,
    ) -> Callable[[T], T]: ...


_DECLARED: dict[str, Analysis] = {}


def _declarer(of: Kind) -> Declarer:
    def declare(
        name: str,
        *,
        version: int,
        gives: type[Any],
        needs: tuple[str, ...] = (),
        by: By = lambda params: "",
        reads: Reads | None = None,
    ) -> Callable[[T], T]:
        def register(make: T) -> T:
            if name not in MODULES:
                raise InternalError(f"MODULES does not list the analysis {name!r}")
            _DECLARED[name] = Analysis(name, version, of, gives, needs, make, by, reads)
            return make

        return register

    return declare


picture = _declarer("picture")
sound = _declarer("sound")
derived = _declarer("derived")


def get(name: str) -> Analysis:
    """The declared analysis of a name."""
    if name not in _DECLARED:
        if name not in MODULES:
            raise InternalError(f"there is no analysis {name!r}")
        import_module(MODULES[name])
    return _DECLARED[name]


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """``AnalysisRequest.of("silence", media, threshold=-40.0)`` requests an analysis of a file."""

    name: str
    media: MediaInfo
    params: tuple[tuple[str, Param], ...] = ()

    @classmethod
    def of(cls, name: str, media: MediaInfo, **params: Param) -> AnalysisRequest:
        return cls(name, media, tuple(sorted(params.items())))


def seconds_of(media: MediaInfo, params: Mapping[str, Any]) -> float:
    """How long the frames ``first`` to ``end``, half open, of a file last."""
    return float((params["end"] - params["first"]) / video_of(media).rate)


def video_of(media: MediaInfo) -> VideoInfo:
    """The picture of a file that is known to have one."""
    if media.video is None:
        raise InternalError(f"'{media.path}' has no picture to analyse")
    return media.video


def audio_of(media: MediaInfo) -> AudioInfo:
    """The sound of a file that is known to have one."""
    if media.audio is None:
        raise InternalError(f"'{media.path}' has no sound to analyse")
    return media.audio


class Progress(Protocol):
    """Receives the progress of decoding for analyses."""

    def start(self, what: str, total: float) -> None:
        """``what`` is the file's name; ``total`` counts seconds of media."""

    def advance(self, seconds: float) -> None: ...

    def note(self, text: str) -> None:
        """Something the user should know; the decoding continues."""

    def finish(self) -> None: ...
