"""Checks that the source range of an item is inside its file."""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.timecode import brief
from vedc.lang.yaml.tree import Problems, SpecNode


def check_source_range(
    node: SpecNode,
    begin: Fraction,
    end: Fraction | None,
    whole: Fraction | None,
    slack: Fraction,
    problems: Problems,
    *,
    loops: bool | None = None,
) -> bool:
    """Whether source seconds ``begin`` to ``end`` can be taken from a file of ``whole`` seconds.

    Reports why not. The end may pass the file's by ``slack``, a frame, because containers round
    durations. ``loops``: whether the range loops; None where it could not.
    """
    name = node["clip"].text
    key = next((k for k in ("duration", "out", "in") if k in node), "clip")
    if whole is not None and begin >= whole:
        message = f"in is {brief(begin)}, but {name} is only {brief(whole)} long"
        problems.add("in-beyond-end", message, node["in"], f"begin before {brief(whole)}")
    elif whole is not None and end is not None and end > whole + slack:
        message = f"{name} is only {brief(whole)} long, but this needs it until {brief(end)}"
        cure = f"end at {brief(whole)} at the latest"
        if key == "duration":
            cure = f"make it at most {brief(whole - begin)}"
        hint = cure if loops is None else f"{cure}, or set loop: true"
        problems.add("out-beyond-end", message, node[key], hint)
    elif end is not None and begin >= end and (loops or "duration" not in node):
        message = f"in ({brief(begin)}) must be before out ({brief(end)})"
        problems.add("in-after-out", message, node.get("out") or node[key])
    else:
        return True
    return False
