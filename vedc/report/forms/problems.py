"""The forms of problems: the ``--json`` output of a failing command, and warnings."""

from __future__ import annotations

from typing import Final

from vedc.report.forms.shape import choice, count, integer, listing, maybe, record, text

PROBLEM: Final = record(
    {
        "severity": choice("", "error", "warning", "note"),
        "code": text("What kind of problem it is, in kebab-case; never changes."),
        "message": text("What is wrong, and why."),
        "file": maybe(text("The file it is in; null for a problem without a place.")),
        "line": maybe(integer("Counted from 1.", 1)),
        "column": maybe(integer("Counted from 1.", 1)),
        "length": maybe(integer("Characters that it spans.", 1)),
        "hint": maybe(text("What to do about it.")),
    }
)

WARNINGS: Final = listing(PROBLEM, "Warnings and notes, in order of place.")

FAILURE: Final = record(
    {
        "errors": count("How many of the problems are errors."),
        "warnings": count("How many are warnings."),
        "problems": listing(PROBLEM, "In order of place."),
    },
    "What a command that fails prints in place of its result.",
)
