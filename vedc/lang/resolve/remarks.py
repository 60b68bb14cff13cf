"""Warnings of one output: what its user should know although the film can be made."""

from __future__ import annotations

from collections.abc import Iterable

from vedc.edit.media_info import Note
from vedc.lang.yaml.tree import Problems, SpecNode


class Remarks:
    """Collects warnings. What a probe noted of a file is told once, where the file is first used.

    ``warnings`` takes other warnings, too: ``remarks.warnings.warn(code, message, node, hint)``.
    """

    def __init__(self) -> None:
        self.warnings = Problems()
        self._told: set[tuple[str, Note]] = set()

    def tell(self, path: str, notes: Iterable[Note], at: SpecNode, *used: str) -> None:
        """Warn of the notes on a file of which the item at ``at`` uses these parts."""
        for note in notes:
            if (path, note) not in self._told and note.part in ("file", *used):
                self._told.add((path, note))
                self.warnings.warn(note.code, note.message, at, note.hint)
