"""Grades decided between files without a spec, for ``vedc grade match``.

The files become a film of one item whose grade asks the question, so they are seen and answered as
in any spec.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from vedc.decide.analyses.analysis import Progress
from vedc.decide.grades.shot import Canvas, Decision, Shot
from vedc.decide.lock.lock_file import Lock
from vedc.decide.lock.resolve_lock import Decider, resolve_lock
from vedc.edit.media_info import MediaInfo
from vedc.errors import Problem, RenderError, SpecError, UsageError
from vedc.lang.resolve.compile import canonical
from vedc.lang.yaml.load import load_text
from vedc.media.digest import file_digest
from vedc.workspace.analyses import cache_for, open_media, runner_for
from vedc.workspace.build import Build

_STILL: Final = 1
"""Seconds for which a still is shown: irrelevant to the result."""


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The shots of a clip, each with the decision that brings it nearer to the reference."""

    shots: list[tuple[Shot, str, Decision]]
    """With the stretch of the source that each covers, as text; empty for a still."""
    canvas: Canvas
    """What the display values of the shots' pictures mean."""


def match(
    clip: Path,
    reference: Path,
    *,
    at: str | None = None,
    strength: float = 1.0,
    progress: Progress | None = None,
) -> Matched:
    """Decide the grade that makes a film or a still look like another.

    ``at``: a time in the reference; only its shot counts then. ``strength``: 0 to 1. Decisions
    carry a table if steps cannot express all of it. Raises MissingError or RenderError for files
    that cannot be read or have no picture, UsageError for a time that the reference does not have,
    and what analyses raise.
    """
    media = [_with_picture(file) for file in (clip, reference)]
    asked: dict[str, Any] = {"match": str(reference.absolute()), "detail": "lut"}
    asked |= {"strength": strength} | ({} if at is None else {"at": at})
    item = _item(media[0], clip) | {"grade": [{"auto": asked}]}
    text = yaml.safe_dump({"version": 1, "timeline": [item]}, sort_keys=False)
    folder = cache_for(clip)
    digests = folder / "digests" if folder else None
    build = Build("-", allow=[file.absolute().parent for file in (clip, reference)], cache=folder)
    decider = _Asked(lambda: runner_for(clip, progress=progress))
    try:
        document = canonical(load_text(text, "match"), build.context())
        resolve_lock(
            document,
            Lock(build.lock),
            "-",
            "decide",
            decider,
            build.context(),
            lambda path: file_digest(Path(path), digests),
        )
    except SpecError as error:
        problems = (Problem(p.code, p.message, None, p.hint) for p in error.problems)
        raise UsageError(tuple(problems)) from None
    return Matched(decider.shots, decider.canvas)


class _Asked(Decider):
    """Answers a question about grades, and keeps what it saw and decided."""

    def __init__(self, runner: Callable[[], Any]) -> None:
        super().__init__(runner)
        self.shots: list[tuple[Shot, str, Decision]] = []
        self.canvas = Canvas()

    def answer(self, question: Any) -> Any:
        from vedc.decide.choose.reasons import Choice
        from vedc.decide.grades.answer import decide_grade

        found = decide_grade(question, self._make())
        self.shots = [(seen.shot, seen.text, decision) for seen, decision in found]
        self.canvas = Canvas.of(question.profile.color)
        return tuple(Choice([], 0.0, shot=text) for _, text, _ in self.shots), {}


def _item(media: MediaInfo, file: Path) -> dict[str, Any]:
    if media.kind == "image":
        return {"image": str(file.absolute()), "duration": _STILL}
    return {"clip": str(file.absolute())}


def _with_picture(file: Path) -> MediaInfo:
    media = open_media(file)
    if media.video is None:
        message = f"{file} has no picture"
        raise RenderError.one("no-picture", message, hint="name films or stills")
    return media
