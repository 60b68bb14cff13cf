"""Analyses of files for commands without a spec.

Results are cached as for specs, in ``.vedc/cache/analyses`` beside the file, but only if a
``.vedc`` folder already exists, so that vedc leaves nothing behind in other media folders.
Otherwise they go to the user's cache folder; if that cannot be written, nothing is cached.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.decide.analyses.analysis import AnalysisRequest, Progress
from vedc.decide.analyses.results import Curves, Events, KeyFrames, Shots
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.edit.media_info import MediaInfo, ProbeError
from vedc.errors import MissingError, RenderError
from vedc.lang.keys.auto import Detector
from vedc.media.digest import file_digest
from vedc.support.file_patterns import is_pattern
from vedc.workspace.build import CACHE

#: Default rate of image sequences without a spec.
SEQUENCE_RATE: Final = Fraction(25)


def open_media(file: Path) -> MediaInfo:
    """Probe a file, or an image sequence by its pattern.

    Raises MissingError, or RenderError if it is not an intact media file.
    """
    from vedc.media.probe import probe, probe_sequence

    try:
        if is_pattern(str(file)) and not os.path.lexists(file):
            return probe_sequence(file.absolute(), SEQUENCE_RATE)
        return probe(file)
    except ProbeError as error:
        kind = MissingError if error.code == "no-such-file" else RenderError
        raise kind.one(error.code, error.message, hint=error.hint) from None


def cache_for(file: Path, given: Path | None = None) -> Path | None:
    """The cache folder for analyses of ``file``: ``given``, or the one described above."""
    if given is not None:
        return given
    beside = file.absolute().parent / CACHE.parent
    if beside.is_dir() and os.access(beside, os.W_OK):
        return beside / CACHE.name
    from platformdirs import user_cache_path

    folder = user_cache_path("vedc", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def runner_for(
    file: Path, cache: Path | None = None, progress: Progress | None = None
) -> AnalysisRunner:
    """An analysis runner for ``file`` with the cache of :func:`cache_for`."""
    folder = cache_for(file, cache)

    def digest(path: str) -> str:
        return file_digest(Path(path), folder / "digests" if folder else None)

    return AnalysisRunner(folder / "analyses" if folder else None, digest, progress)


def find_shots(runner: AnalysisRunner, media: MediaInfo, detector: Detector) -> Shots:
    """The shots of a file. Raises RenderError ``no-picture`` if it has only sound."""
    _need_picture(media, "shots")
    (found,) = runner(AnalysisRequest.of("shots", media, detector=detector))
    assert isinstance(found, Shots)
    return found


def find_noise(runner: AnalysisRunner, media: MediaInfo) -> tuple[Shots, list[Curves]]:
    """The shots of a file, and the noise of each. Raises RenderError ``no-picture``."""
    _need_picture(media, "noise")
    (shots,) = runner(AnalysisRequest.of("shots", media, detector="best"))
    assert isinstance(shots, Shots)
    asked = [AnalysisRequest.of("noise", media, first=s.start, end=s.end) for s in shots.shots]
    return shots, list(runner(*asked)) if asked else []


def find_keyframes(runner: AnalysisRunner, media: MediaInfo, count: int | None) -> KeyFrames:
    """Key frames by coverage, ``count`` or as many as needed. Raises RenderError ``no-picture``."""
    _need_picture(media, "key frames")
    params = {} if count is None else {"count": count}
    (found,) = runner(AnalysisRequest.of("keyframes", media, **params))
    assert isinstance(found, KeyFrames)
    return found


def find_beats(runner: AnalysisRunner, media: MediaInfo) -> Events:
    """The beats of a file. Raises RenderError ``no-sound`` if it has none."""
    if media.audio is None:
        message = f"'{media.path}' has no sound, so it has no beats"
        raise RenderError.one("no-sound", message, hint="name a file with sound")
    (found,) = runner(AnalysisRequest.of("beats", media))
    assert isinstance(found, Events)
    return found


def _need_picture(media: MediaInfo, what: str) -> None:
    if media.video is None:
        message = f"'{media.path}' has no picture, so it has no {what}"
        raise RenderError.one("no-picture", message, hint="name a film")
