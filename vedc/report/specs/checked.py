"""The report of ``vedc validate`` on a valid spec: each output, its length and its size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vedc.edit.model import Edit
from vedc.report.problems import records
from vedc.workspace.specs.checking import Checked


def data(checked: Checked) -> list[dict[str, Any]]:
    """The documented objects of ``vedc validate --json``."""
    return [
        {
            "output": edit.output.path,
            "frames": None if checked.undecided else _frames(edit),
            "width": edit.profile.width,
            "height": edit.profile.height,
            "fps": str(edit.profile.fps),
            "undecided": list(checked.undecided),
            "warnings": records(edit.warnings),
        }
        for edit in checked.edits
    ]


def lines(spec: str, checked: Checked) -> Iterator[str]:
    """A line for each output."""
    for edit in checked.edits:
        what = [Path(edit.output.path).name, _length(edit, checked)]
        if edit.output.form == "sound":
            what.append("sound alone")
        else:
            profile = edit.profile
            what.append(f"{profile.width}x{profile.height} at {profile.fps} fps")
        yield f"{spec}: valid: {', '.join(what)}"


def _length(edit: Edit, checked: Checked) -> str:
    if checked.undecided:
        return f"to be decided: {', '.join(checked.undecided)}"
    if edit.output.at is not None:
        return "a picture"
    if edit.output.sheet is not None:
        return f"a contact sheet of {_frames(edit)} pictures"
    return f"{float(edit.duration / edit.profile.fps):.2f} s"


def _frames(edit: Edit) -> int:
    """The frames that an output shows."""
    output = edit.output
    if output.sheet is not None:
        return len(output.sheet.frames((0, edit.duration), edit.profile.fps))
    return 1 if output.at is not None else edit.duration
