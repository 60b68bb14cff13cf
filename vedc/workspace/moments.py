"""Times given on the command line: moments and parts of a film."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from vedc.edit.model import Edit
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time, to_frames
from vedc.errors import UsageError
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a film between two times, as written; None is the film's own start or end."""

    start: str | None = None
    end: str | None = None

    def of(self, edit: Edit) -> tuple[int, int] | None:
        """The frames ``first <= n < end``; None for the whole film.

        Raises UsageError ``bad-time`` for times beyond the film and for a part without a frame.
        """
        if self.start is None and self.end is None:
            return None
        length = edit.duration / edit.profile.fps
        first, end = 0, edit.duration
        if self.start is not None:
            first = to_frames(seconds(edit, "--from", self.start), edit.profile.fps)
        if self.end is not None:
            until = seconds(edit, "--to", self.end)
            if until > length:
                message = f"--to {self.end} is past the end of the film at {brief(length)}"
                hint = f"leave --to out, or give at most {brief(length)}"
                raise UsageError.one("bad-time", message, hint=hint)
            end = to_frames(until, edit.profile.fps)
        if first >= edit.duration:
            raise _past_the_end(edit, "--from", self.start or "")
        if end <= first:
            message = f"no frame lies between --from {self.start or 0} and --to {self.end}"
            hint = "the film is cut before the frame at --to: give a later one"
            raise UsageError.one("bad-time", message, hint=hint)
        return None if (first, end) == (0, edit.duration) else (first, end)


def frame_at(edit: Edit, option: str, text: str) -> int:
    """The frame of a film that is nearest to a time. Raises UsageError ``bad-time``."""
    frame = to_frames(seconds(edit, option, text), edit.profile.fps)
    if frame >= edit.duration:
        raise _past_the_end(edit, option, text)
    return frame


def frame_shown_at(edit: Edit, option: str, text: str) -> int:
    """The frame of a film that is shown at a time. Raises UsageError ``bad-time``."""
    frame = floor(seconds(edit, option, text) * edit.profile.fps)
    if frame >= edit.duration:
        raise _past_the_end(edit, option, text)
    return frame


def seconds(edit: Edit, option: str, text: str) -> Fraction:
    """A time in a film; negative times count from the end. Raises UsageError."""
    length = edit.duration / edit.profile.fps
    try:
        return parse_time(text, from_end=True).seconds(edit.profile.fps, length)
    except ValueError as error:
        hint = "give a time within the film" if text.startswith("-") else None
        raise UsageError.one("bad-time", f"{option}: {error}", hint=hint) from None


def _past_the_end(edit: Edit, option: str, text: str) -> UsageError:
    length = brief(edit.duration / edit.profile.fps)
    message = f"{option} {text} is past the end of the film at {length}"
    return UsageError.one("bad-time", message, hint="give an earlier time; -1f is the last frame")
