"""Checking a spec and its files, without rendering or deciding anything."""

from __future__ import annotations

from collections.abc import Sequence

from vedc.edit.model import Edit
from vedc.errors import Problem
from vedc.support.lazy_dataclass import dataclass
from vedc.workspace.build import Build, Deciding, warnings_of


@dataclass(frozen=True, slots=True)
class Checked:
    """A spec that is valid."""

    edits: Sequence[Edit]
    """One for each output."""
    undecided: Sequence[str]
    """Names of open decisions."""
    warnings: Sequence[Problem]
    """Warnings and notes about decisions and sources, by place."""

    def check_sound(self) -> None:
        """Raise SpecError for sources and codecs whose channels do not fit.

        Undecided parts are checked later.
        """
        from vedc.plan.sound import plan_sound

        for edit in self.edits if not self.undecided else ():
            plan_sound(edit, str)


def check_spec(build: Build, *, locked: bool = False) -> Checked:
    """Check a spec. Raises with every problem. ``locked``: the lock must be up to date."""
    deciding = Deciding(build, "locked" if locked else "kept")
    edits = build.edits(deciding)
    undecided = deciding.settled.open if deciding.settled is not None else []
    return Checked(edits, undecided, warnings_of(edits, deciding, notes=True))
