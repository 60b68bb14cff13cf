"""One state of a spec in the preview: resolved, decided and planned in draft quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.color import CANVAS_COLORS
from vedc.edit.model import Edit, Output
from vedc.errors import Problem, SpecError
from vedc.execute.devices.device import Device
from vedc.plan.logical import LogicalPlan
from vedc.report.decisions.source import decided_in
from vedc.report.decisions.view import DecisionView
from vedc.workspace.build import Build, Deciding, warnings_of
from vedc.workspace.planning import plan_edit

#: The longer side of a draft, in pixels.
SIDE: Final = 640

#: Times outside the film: nothing is drawn for its decisions.
_NEVER: Final = Fraction(-1)


@dataclass(frozen=True, slots=True)
class Film:
    """A spec that can be shown."""

    revision: int
    build: Build
    deciding: Deciding
    edit: Edit
    """Of the output that is shown, in draft quality."""
    title: str
    """The file name of that output."""
    logical: LogicalPlan
    scale: Fraction
    """The size of the draft, relative to the output's."""
    decisions: DecisionView
    locked: bool
    """Whether vedc.lock has all of these decisions."""
    warnings: Sequence[Problem]
    text: str
    """The spec's own text."""

    @property
    def starts(self) -> list[int]:
        """The first frame of every segment, and of what follows the last."""
        starts = [0]
        for segment in self.logical.segments:
            starts.append(starts[-1] + sum(piece.length for piece in segment.pieces))
        return starts

    def still(self, frame: int, device: Device) -> LogicalPlan:
        """The plan of a picture of one frame."""
        output = replace(
            self.edit.output, codec="jpeg", pix_fmt="yuv444p", quality=92, crf=None, at=frame
        )
        edit = replace(self.edit, output=output, part=None)
        return plan_edit(self.build, edit, device=device)

    def part(self, index: int) -> LogicalPlan:
        """The plan of one segment alone, without the sound."""
        segments = (self.logical.segments[index],)
        return replace(self.logical, segments=segments, sound=None, sound_key=None)

    def sound(self) -> LogicalPlan:
        """The plan of the sound alone."""
        return replace(self.logical, segments=())


def open_film(
    build: Build, revision: int, deciding: Deciding, device: Device, scale: Fraction | None
) -> Film:
    """Check, decide and plan a spec. Nothing is written except the cache.

    ``scale``: the previous film's, which is tried first; the result does not depend on it. Raises
    UserError with every problem.
    """
    edits, scale = _drafts(build, deciding, scale or Fraction(1))
    shown = _shown(edits)
    title = Path(shown.output.path).name
    edit = _draft(shown, build.folder)
    logical = plan_edit(build, edit, device=device)
    items, picks = decided_in(deciding, shown, _NEVER, pictures=False)
    rate = edit.profile.fps
    return Film(
        revision,
        build,
        deciding,
        edit,
        title,
        logical,
        scale,
        DecisionView(deciding.name, _NEVER, rate, edit.duration / rate, items, (), picks),
        deciding.in_lock,
        warnings_of(edits, deciding, notes=True),
        text_of(build),
    )


def _drafts(build: Build, deciding: Deciding, scale: Fraction) -> tuple[list[Edit], Fraction]:
    """All edits in the size of the preview: as large as fits, and never enlarged."""
    edits = replace(build, draft=scale).edits(deciding)
    profile = _shown(edits).profile
    longer = max(profile.width, profile.height)
    if longer == SIDE or (scale == 1 and longer < SIDE):
        return edits, scale
    if scale != 1:
        return _drafts(build, deciding, Fraction(1))
    scale = Fraction(SIDE, longer)
    return replace(build, draft=scale).edits(deciding), scale


def _shown(edits: Sequence[Edit]) -> Edit:
    """The first output that moves; else the first that has a picture."""
    seen = [edit for edit in edits if edit.output.form != "sound"]
    if not seen:
        message = "the preview shows pictures, and the outputs are sound alone"
        hint = "add an output with a picture, such as out/film.mp4"
        place = edits[0].output.location if edits else None
        raise SpecError.one("nothing-to-show", message, place, hint)
    return next((edit for edit in seen if edit.output.at is None), seen[0])


def _draft(edit: Edit, folder: Path) -> Edit:
    """An edit with an output that encodes fast and that a browser plays.

    Its sound is lossless, so that its parts join seamlessly.
    """
    output = Output(
        str(folder / "preview.mp4"),
        "h264",
        "yuv420p",
        crf=27,
        preset="ultrafast",
        audio_codec="flac",
        audio_depth=16,
        loudness=edit.output.loudness,
        location=edit.output.location,
    )
    film = replace(edit, output=output, part=None, caption_streams=())
    if edit.profile.color.primaries != "bt2020":
        return film
    # The display of the page.
    return replace(film, profile=replace(film.profile, color=CANVAS_COLORS["bt709"]))


def text_of(build: Build) -> str:
    """The text of a spec as it is now; empty if it cannot be read."""
    if build.spec == "-":
        return ""
    try:
        return build.spec.read_text("utf-8-sig", errors="replace")
    except OSError:
        return ""
