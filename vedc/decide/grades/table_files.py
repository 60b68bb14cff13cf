"""Tables of decisions: .cube files in ``vedc.lock.d``, beside the lock, named by content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from vedc.decide.grades.tables import SIZE, Table
from vedc.errors import LockError
from vedc.support.atomic_write import write_whole

FOLDER: Final = "vedc.lock.d"
_NAMED: Final = re.compile(r"[0-9a-f]{16}\.cube")


def cube_text(table: Table) -> str:
    """A table as the text of a .cube file, red fastest, to a millionth."""
    rows = table.transpose(2, 1, 0, 3).reshape(-1, 3).tolist()
    lines = (" ".join(f"{value:.6f}" for value in row) for row in rows)
    return "\n".join((f"LUT_3D_SIZE {SIZE}", *lines, ""))


class TableFiles:
    """The tables of the lock in the folder ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, table: Table) -> str:
        """Write a table; gives its path as a spec beside the lock has it. Raises LockError
        ``lock-unwritable``."""
        data = cube_text(table).encode()
        name = f"{hashlib.blake2b(data, digest_size=8).hexdigest()}.cube"
        path = self.root / FOLDER / name
        try:
            if not path.exists() or path.read_bytes() != data:
                write_whole(path, data)
        except OSError as error:
            reason = str(error.strerror or error).lower()
            message = f"{FOLDER}/{name} cannot be written: {reason}"
            hint = "make its folder writable, or write detail: steps"
            raise LockError.one("lock-unwritable", message, hint=hint) from None
        return f"{FOLDER}/{name}"

    def missing(self, steps: Any) -> str | None:
        """The first table that steps name and that is not there."""
        return next((name for name in named(steps) if not (self.root / name).is_file()), None)

    def tidy(self, lock: str) -> None:
        """Remove the tables that the text of a lock does not name, and the folder if it is empty;
        other files in it stay."""
        folder = self.root / FOLDER
        if not folder.is_dir():
            return
        for path in folder.iterdir():
            if _NAMED.fullmatch(path.name) and f"{FOLDER}/{path.name}" not in lock:
                path.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def named(steps: Any) -> Iterator[str]:
    """The tables of this folder that steps name."""
    for step in steps if isinstance(steps, list) else ():
        source = step.get("src") if isinstance(step, dict) else None
        if isinstance(source, str) and source.startswith(f"{FOLDER}/"):
            yield source
