"""Notes on words whose meaning changed: the old meaning, and how to write it now."""

from __future__ import annotations

from fractions import Fraction

from vedc.lang.language import ITEM
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.tree import Problems, SpecNode


def note_fade(name: SpecNode, lines: Lines, remarks: Problems) -> None:
    """Note the transition ``fade``, which used to go through black; ``name`` is canonical."""
    at = name.location
    if at is None or at.file != lines.file or name.value != "dissolve":
        return
    written = lines.line(at.line)[at.column - 1 : at.column - 1 + at.length]
    if written.strip("'\"").lower() == "fade":
        message = "'fade' is a dissolve, as in most tools; it was a fade through black"
        hint = "write dissolve to agree, or dip for one through a colour"
        remarks.note("changed-fade", message, name, hint)


def note_sizes(output: SpecNode, timeline: SpecNode, by: Fraction, remarks: Problems) -> None:
    """Note that lengths follow the size of an output, which is ``by`` times the profile's."""
    key = next((key for key in ("width", "height") if key in output), None)
    if by == 1 or key is None:
        return
    items = [item for track in timeline["tracks"] for item in track["clips"]]
    if any(ITEM.kind_of(item) == "text" or "offset" in item for item in items):
        message = (
            f"this output is {float(by):.3g} times as large as the profile, and so are type and "
            "lengths in pixels; they used to keep their size"
        )
        hint = "nothing to do if it is to show the same film; else change them"
        remarks.note("changed-sizes", message, output[key], hint)
