"""Analyses, declared once: what each looks at, what it gives, what it needs of others.

An analysis of the picture or the sound is fed blocks as the file is decoded, once for all of
them; a derived one is a function of other results. ``Analyst`` runs them and keeps results.

    @picture("measures", version=1, gives=Curves)
    class Measures:
        def __init__(self, media: MediaInfo, **params): ...
        def push(self, block: PictureBlock) -> None: ...
        def finish(self) -> Curves: ...

    @derived("shots", version=1, gives=Shots, needs=("thumbs",))
    def shots(media: MediaInfo, thumbs: Thumbs, **params) -> Shots: ...

What is declared is found by name: ``MODULES`` says where, so that nothing is loaded unasked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, Final, Literal, Protocol, TypeVar

from vedc.decide.analyses.results import Result
from vedc.decide.arrays import Byte, Float
from vedc.edit.media_info import MediaInfo
from vedc.errors import InternalError

#: The room of each analysis.
MODULES: Final[Mapping[str, str]] = {
    "thumbs": "vedc.decide.analyses.thumbs",
    "measures": "vedc.decide.analyses.measures",
    "keyframes": "vedc.decide.analyses.keyframes",
    "shots": "vedc.decide.shots.shots",
    "voice": "vedc.decide.analyses.speech",
    "level": "vedc.decide.analyses.level",
    "silence": "vedc.decide.analyses.level",
    "speech": "vedc.decide.analyses.speech",
    "flux": "vedc.decide.analyses.beats",
    "onsets": "vedc.decide.analyses.beats",
    "beats": "vedc.decide.analyses.beats",
}

Param = str | int | float | bool


@dataclass(frozen=True, slots=True)
class PictureBlock:
    """Some frames in a row, upright, as codes of 8 bits."""

    first: int
    """Index of the first frame."""
    thumbs: Byte
    """(n, 27, 48, 3): RGB, the whole picture whatever its shape."""
    luma: Byte
    """(n, height, width): Y in full range, square pixels; the longer side is 320."""


@dataclass(frozen=True, slots=True)
class SoundBlock:
    """Some samples in a row. ``first`` counts at 48 kHz from the first sample of the sound."""

    first: int
    samples: Float
    """(2, n) at 48 kHz, -1 to 1."""
    voice_first: int
    """As ``first``, at 16 kHz."""
    voice: Float
    """(m,): the same stretch, mixed to one channel at 16 kHz."""


class Watcher(Protocol):
    """Looks at blocks, in order and without gaps, and tells its result at the end."""

    def push(self, block: Any, /) -> None: ...

    def finish(self) -> Result: ...


@dataclass(frozen=True, slots=True)
class Analysis:
    """A declared analysis."""

    name: str
    version: int
    of: Literal["picture", "sound", "derived"]
    gives: type[Any]
    needs: tuple[str, ...]
    """Analyses whose results are handed to it, as keywords; the same media, no parameters."""
    make: Callable[..., Any]
    by: Callable[[Mapping[str, Param]], str]
    """What its result depends on besides: the digest of weights, a library's version."""


AnalysisResult = TypeVar("AnalysisResult", bound=Callable[..., Any])
_DECLARED: dict[str, Analysis] = {}


By = Callable[[Mapping[str, Param]], str]


def _nothing(params: Mapping[str, Param]) -> str:
    return ""


def picture(
    name: str, *, version: int, gives: type[Any], by: By = _nothing
) -> Callable[[AnalysisResult], AnalysisResult]:
    """Declare a watcher of pictures."""
    return partial(_declare, name, version, "picture", gives, (), by)


def sound(
    name: str, *, version: int, gives: type[Any], by: By = _nothing
) -> Callable[[AnalysisResult], AnalysisResult]:
    """Declare a watcher of sound."""
    return partial(_declare, name, version, "sound", gives, (), by)


def derived(
    name: str, *, version: int, gives: type[Any], needs: tuple[str, ...], by: By = _nothing
) -> Callable[[AnalysisResult], AnalysisResult]:
    """Declare a function of other results."""
    return partial(_declare, name, version, "derived", gives, needs, by)


def _declare(
    name: str,
    version: int,
    of: Literal["picture", "sound", "derived"],
    gives: type[Any],
    needs: tuple[str, ...],
    by: By,
    make: AnalysisResult,
) -> AnalysisResult:
    if name not in MODULES:
        raise InternalError(f"no room is known for the analysis {name!r}")
    _DECLARED[name] = Analysis(name, version, of, gives, needs, make, by)
    return make


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


class Progress(Protocol):
    """Told how far the decoding for analyses is."""

    def start(self, what: str, total: float) -> None:
        """``what`` is the file's name; ``total`` counts seconds of media."""

    def advance(self, seconds: float) -> None: ...

    def finish(self) -> None: ...
