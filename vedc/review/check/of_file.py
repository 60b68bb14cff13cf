"""Checking a finished file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from vedc.captions.read import read_captions
from vedc.decide.analyses.analysis import Progress
from vedc.edit.captions import Cue
from vedc.edit.media_info import MediaInfo, ProbeError
from vedc.edit.sounds import LoudnessTarget
from vedc.edit.tables import sound_words
from vedc.errors import MissingError, RenderError, SourceLocation
from vedc.lang.keys.targets import Target
from vedc.media.demux.container import open_media as open_container
from vedc.review.check.catalogue import chosen, limits
from vedc.review.check.core.check import Check, Film, TimedCue
from vedc.review.check.run import Checked, check_film
from vedc.workspace.analyses import open_media


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of a check on the command line."""

    checks: tuple[Check, ...]
    limits: dict[str, float | None]
    target: Target | None = None
    captions: tuple[Path, ...] = ()

    @classmethod
    def of(
        cls,
        only: Iterable[str] = (),
        skip: Iterable[str] = (),
        given: Iterable[str] = (),
        target: Target | None = None,
        captions: Iterable[Path] = (),
    ) -> Wanted:
        """Raises UsageError for names that there are not and values that are none."""
        return cls(chosen(only, skip), limits(given), target, tuple(captions))


def check_file(
    file: Path, wanted: Wanted, progress: Progress | None = None, threads: int = 0
) -> Checked:
    """Check a film, or sound alone. Raises MissingError and RenderError."""
    media = open_media(file)
    if media.kind == "image":
        message = f"{file} is a picture, and a picture has nothing to check"
        raise RenderError.one("no-film", message, hint="name a film or a spec")
    film = Film(
        str(file),
        media,
        wanted.limits,
        wanted.target,
        loudness_of(wanted.target),
        captions_of(media, wanted.captions),
    )
    return check_film(film, wanted.checks, progress=progress, threads=threads)


def loudness_of(target: Target | None) -> LoudnessTarget | None:
    """The loudness that a target asks for; None if it leaves the mix alone."""
    if target is None:
        return None
    name = next((s.value for s in target.settings if s.key == "loudness"), None)
    if not isinstance(name, str):
        return None
    named = sound_words.TARGETS[name]
    return LoudnessTarget(named.integrated, named.true_peak)


def captions_of(media: MediaInfo, files: Sequence[Path] = ()) -> list[TimedCue]:
    """The captions within a file, and those of caption files beside it.

    Raises MissingError ``no-such-file``, RenderError ``not-captions``.
    """
    found = []
    for file in files:
        try:
            read = read_captions(file)
        except ProbeError as error:
            kind = RenderError if file.exists() else MissingError
            code = error.code if file.exists() else "no-such-file"
            raise kind.one(code, error.message, hint=error.hint) from None
        for cue in read.cues:
            where = SourceLocation(str(file), max(1, cue.line))
            found.append(TimedCue(cue, str(file), where))
    streams = [stream for stream in media.streams if stream.kind == "subtitle"]
    if streams:
        found += _within(media.path)
    return found


def _within(path: str) -> list[TimedCue]:
    """The captions of a film's own streams, as text without tags."""
    found: list[TimedCue] = []
    with open_container(Path(path)) as container:
        streams = [s for s in container.streams if s.type == "subtitle"]
        texts: dict[int, list[tuple[Fraction, Fraction, str]]] = {}
        for packet in container.demux(streams) if streams else ():
            if packet.pts is None or packet.time_base is None:
                continue
            start = packet.pts * Fraction(packet.time_base)
            length = (packet.duration or 0) * Fraction(packet.time_base)
            text = _text(packet)
            if text is not None:
                texts.setdefault(packet.stream.index, []).append((start, start + length, text))
    for index, cues in texts.items():
        cues.sort()
        for n, (start, end, text) in enumerate(cues):
            if end <= start:  # until the next one
                end = cues[n + 1][0] if n + 1 < len(cues) else start + 3
            if text:
                found.append(TimedCue(Cue(start, end, text), f"stream {index}"))
    return found


def _text(packet: Any) -> str | None:
    """The words of a packet of captions; None of those that are pictures or damaged."""
    try:
        parts = [rect for given in packet.decode() for rect in _rects(given)]
    except av.FFmpegError:
        return None
    words = []
    for part in parts:
        data = getattr(part, "dialogue", None)
        if data is None:
            return None
        words.append(data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data))
    return "\n".join(words).strip()


def _rects(given: Any) -> list[Any]:
    return list(given) if hasattr(given, "__iter__") else [given]


def shown_name(path: str) -> str:
    """A path as reports have it: relative where it lies below."""
    try:
        near = os.path.relpath(path)
    except ValueError:
        return path
    return path if near.startswith("..") else near
