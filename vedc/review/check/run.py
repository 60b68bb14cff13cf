"""Checking a film: its frames and its sound are decoded once, for all checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from vedc.decide.analyses.analysis import Progress
from vedc.decide.analyses.decode_video import one_opencv_thread
from vedc.review.check import decode
from vedc.review.check.core.check import Check, Film, Frame, Sound, Watcher
from vedc.review.check.core.finding import Finding, by_time

Explain = Callable[[Finding], str | None]
"""Why a finding is as the spec wants it; None if it is not."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings for one film."""

    film: Film
    findings: list[Finding]
    made: tuple[str, ...]
    """The checks that were made ..."""
    left: dict[str, str]
    """... and those that were not, each with the reason."""
    measured: dict[str, float | None] = field(default_factory=dict)

    def count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.findings)


_LACKS: Final = {
    "picture": "there is no picture",
    "sound": "there is no sound",
    "captions": "there are no captions",
    "spec": "only a spec knows where its titles and captions stand",
}


def check_film(
    film: Film,
    checks: Sequence[Check],
    *,
    frames: Iterable[Frame] | None = None,
    blocks: Iterable[Sound] | None = None,
    of_spec: bool = False,
    explain: Explain | None = None,
    progress: Progress | None = None,
    threads: int = 0,
) -> Checked:
    """Make the checks that a film allows. Memory does not depend on its length.

    ``frames`` and ``blocks`` replace decoding. Checks that need a spec are made if ``of_spec``.
    ``explain`` says which findings the spec explains. Raises RenderError.
    """
    media = film.media
    has = {
        "file": True,
        "picture": media.video is not None,
        "sound": media.audio is not None,
        "media": True,
        "captions": bool(film.cues) or of_spec,
        "spec": of_spec,
    }
    made = [check for check in checks if has[check.needs]]
    left = {check.id: _LACKS[check.needs] for check in checks if not has[check.needs]}
    # Checks that share what they measure with, share a watcher.
    factories = dict.fromkeys(check.watch for check in made)
    watchers = {factory: factory(film) for factory in factories}

    def watching(*needs: str) -> list[Watcher]:
        wanted = dict.fromkeys(check.watch for check in made if check.needs in needs)
        return [watchers[factory] for factory in wanted]

    # Only contrast looks behind letters; without it frames need not be decoded for a spec's checks.
    spec = ("spec",) if any(check.id == "contrast" for check in made) and film.texts else ()
    if progress is not None:
        progress.start(film.name, _work(film))
    if (picture_watchers := watching("picture", "media", *spec)) and media.video is not None:
        codes = any(check.id in ("range", "gamut") for check in made)
        shown = decode.frames(media, codes=codes, threads=threads) if frames is None else frames
        _watch(film, picture_watchers, shown, progress)
    if (sound_watchers := watching("sound", "media")) and media.audio is not None:
        _listen(film, sound_watchers, decode.sound(media) if blocks is None else blocks, progress)
    if progress is not None:
        progress.finish()
    enabled = {check.id for check in made}
    found = [each for watcher in watchers.values() for each in watcher.finish()]
    measured: dict[str, float | None] = {}
    for watcher in watchers.values():
        measured.update(watcher.measured())
    findings = [each for each in found if each.check in enabled]
    if explain is not None:
        findings = [_explained(each, explain) for each in findings]
    return Checked(film, by_time(findings), tuple(c.id for c in made), left, measured)


def _explained(finding: Finding, explain: Explain) -> Finding:
    why = explain(finding)
    return finding if why is None else finding.as_note(why)


def _work(film: Film) -> float:
    """Seconds of picture, or of sound alone."""
    length = film.media.clip_length if film.media.video is not None else film.media.duration
    return float(length or 0)


def _watch(
    film: Film, watchers: Sequence[Watcher], frames: Iterable[Frame], progress: Progress | None
) -> None:
    with one_opencv_thread():
        for frame in frames:
            for watcher in watchers:
                watcher.push(frame)
            if progress is not None:
                progress.advance(float(1 / film.rate))


def _listen(
    film: Film, watchers: Sequence[Watcher], blocks: Iterable[Sound], progress: Progress | None
) -> None:
    for block in blocks:
        for watcher in watchers:
            watcher.push(block)
        if progress is not None and film.media.video is None:
            progress.advance(float(Fraction(block.samples.shape[1], block.rate)))
