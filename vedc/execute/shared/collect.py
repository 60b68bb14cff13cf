"""Listing the entries of a shared store, and removing the oldest.

Storage does not record when a file was last read, so age is the time since it was stored. Entries
younger than an hour stay: a render on some machine may be about to fetch them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from vedc.errors import RenderError
from vedc.execute.shared.objects import Objects, Refused
from vedc.support.lazy_dataclass import dataclass

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class SharedEntry:
    key: str
    kind: Literal["segment", "source"]
    size: int
    """Bytes."""
    used: float
    """When it was stored, in seconds since the epoch; 0 if unknown."""
    name: str
    """Its name in the store."""
    meta: Mapping[str, Any]
    """Empty: the meta is inside the entry, which is not read."""


def listed(objects: Objects) -> list[SharedEntry]:
    """All entries, oldest first. Raises the errors of :class:`Objects`."""
    found = []
    for folder, kind in _KINDS:
        for file in objects.names(folder):
            key = file.name.rpartition("/")[2]
            found.append(SharedEntry(key, kind, file.size, file.stored, file.name, {}))
    return sorted(found, key=lambda entry: (entry.used, entry.key))


def collect(objects: Objects, limit: int, young: float = _HOUR) -> Sequence[SharedEntry]:
    """Remove the oldest entries down to ``limit`` bytes, and leftovers of aborted renders. Returns
    the removed entries. Raises the errors of :class:`Objects`.

    ``young``: seconds for which an entry always stays.
    """
    now, entries = time.time(), listed(objects)
    size, removed = sum(entry.size for entry in entries), list[SharedEntry]()
    for entry in entries:
        if size <= limit:
            break
        if now - entry.used > young:
            removed.append(entry)
            size -= entry.size
    left = [
        file.name
        for folder in ("drafts", "witnesses")
        for file in objects.names(folder)
        if now - file.stored > _DAY
    ]
    try:
        objects.remove([*(entry.name for entry in removed), *left])
    except Refused:
        message = f"nothing may be removed from the store {objects.address.shown}"
        hint = "ask for the right to delete"
        raise RenderError.one("store-refused", message, hint=hint) from None
    return removed


_KINDS: Final[tuple[tuple[str, Literal["segment", "source"]], ...]] = (
    ("entries", "segment"),
    ("sources", "source"),
)
