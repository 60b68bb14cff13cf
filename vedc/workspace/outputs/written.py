"""The files that vedc wrote, so that it replaces only those."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from vedc.media.digest import Stamp, StampCache
from vedc.support.numbered_names import NumberedName

#: Their folder in a cache.
OUTPUTS: Final = "outputs"
_VERSION: Final = 1


class Written:
    """Records of the files that vedc wrote, with size and time of change: one for each file, so
    that concurrent processes do not overwrite each other's, and the cost of a record does not grow
    with their number.

    Without a record, a file is recognised by its mark, or ``-y`` is needed again.
    """

    def __init__(self, folder: Path) -> None:
        self._records = StampCache(folder, "output", _VERSION)

    def knows(self, target: Path) -> bool:
        """Whether vedc wrote a file, or a sequence, that is unchanged since."""
        return self._records.get(_stamp(target)) is not None

    def add(self, target: Path) -> None:
        with suppress(OSError):  # somebody removed it already
            self._records.put(_stamp(target), {})


def files_of(target: Path) -> list[Path]:
    """The files of an output that exist; of a sequence any with its name and a number."""
    if target.exists():
        return [target]
    try:
        return list(NumberedName(str(target)).existing().values())
    except ValueError:
        return []


def _stamp(target: Path) -> Stamp:
    """Bytes and the last change; of a sequence those of all its files, and, as its inode, how many
    there are.

    Other times and inodes do not count: a cache and its films may be copied together, to and from
    the storage of a workflow. Raises OSError if there is no file.
    """
    found = [path.stat() for path in files_of(target)]
    if not found:
        raise FileNotFoundError(target)
    size, changed = sum(s.st_size for s in found), max(s.st_mtime_ns for s in found)
    return Stamp(str(target), size, changed, 0, len(found))
