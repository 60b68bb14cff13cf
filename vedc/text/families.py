"""Fonts of this machine by name: ``Inter``, or ``Inter Bold``.

Reading the names of all fonts takes seconds, so facts about a file are cached and read again only
when the file changes.
"""

from __future__ import annotations

import contextlib
import struct
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from vedc.media.digest import Stamp, StampCache
from vedc.text.fonts import silence
from vedc.text.machine_fonts import MOST, font_files

#: Names of a family's regular style.
_PLAIN: Final = ("regular", "book", "roman", "normal", "medium", "text", "")
_VERSION: Final = 1


class _Names(NamedTuple):
    family: str
    style: str

    def answers(self, wanted: str) -> int | None:
        """How well the font matches a lower-case name; lowest is best."""
        family, style = self.family.lower(), self.style.lower()
        if wanted == f"{family} {style}":
            return 0
        if wanted == family and style in _PLAIN:
            return 1 + _PLAIN.index(style)
        upright = "italic" not in style and "oblique" not in style
        return 1 + len(_PLAIN) if wanted == family and upright else None


class Families:
    """The fonts of this machine; facts about them are kept in the folder ``cache``."""

    def __init__(self, cache: Path) -> None:
        self._records = StampCache(cache, "families", _VERSION)
        self._known: dict[Path, _Names] | None = None

    def find(self, name: str) -> list[Path]:
        """The files of a family, or of one of its styles; the best first."""
        wanted = " ".join(name.lower().split())
        found = [
            (rank, number, path)
            for number, (path, names) in enumerate(self._fonts().items())
            if (rank := names.answers(wanted)) is not None
        ]
        return [path for _, _, path in sorted(found)]

    def names(self) -> list[str]:
        """All families."""
        return sorted({names.family for names in self._fonts().values()})

    def _fonts(self) -> dict[Path, _Names]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[Path, _Names]:
        whole = Stamp(
            "fonts of this machine", 0, 0, 0, 0
        )  # the record does not belong to a single file
        held = self._records.get(whole)
        known = held.get("files") if held is not None else None
        known = known if isinstance(known, dict) else {}
        entries: dict[str, list[object]] = {}
        for path in islice(font_files(), MOST):
            try:
                stamp = Stamp.of(path)
            except OSError:
                continue
            facts = [stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.inode]
            entry = known.get(str(path))
            if not isinstance(entry, list) or entry[:4] != facts or len(entry) != 6:
                entry = [*facts, *_names_of(path)]
            entries[str(path)] = entry
        if entries != known:
            self._records.put(whole, {"files": entries})
        return {
            Path(path): _Names(str(entry[4]), str(entry[5]))
            for path, entry in entries.items()
            if entry[4]
        }


def _names_of(path: Path) -> _Names:
    """The family and the style of a font file's first face; empty where it cannot be read."""
    from fontTools.ttLib import TTFont, TTLibError

    damaged = (TTLibError, struct.error, AssertionError, AttributeError, EOFError, IndexError,
               KeyError, OSError, TypeError, ValueError)  # fmt: skip
    with (
        contextlib.suppress(*damaged),
        silence("fontTools"),
        open(path, "rb") as file,
        TTFont(file, lazy=True, fontNumber=0) as font,
    ):
        names = font["name"]
        family, style = names.getBestFamilyName() or "", names.getBestSubFamilyName() or ""
        return _Names(" ".join(family.split()), " ".join(style.split()))
    return _Names("", "")
