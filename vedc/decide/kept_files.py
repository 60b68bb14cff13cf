"""Files of decisions: in the folder ``vedc.lock.d`` beside the lock, named by content.

A lock names them by their path. A person may replace one with another picture or table, which is
then used, with a note.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from vedc.errors import LockError
from vedc.support.atomic_write import write_whole

FOLDER: Final = "vedc.lock.d"
_NAMED: Final = re.compile(r"[0-9a-f]{16}\.(cube|png)")


class KeptFiles:
    """The files of the lock in the folder ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, data: bytes, kind: str, instead: str) -> str:
        """Write a file of a ``kind``, its extension; returns its path as written in a spec beside
        the lock. Raises LockError ``lock-unwritable``, which suggests what to do ``instead``."""
        name = f"{content_digest(data)}.{kind}"
        path = self.root / FOLDER / name
        try:
            if not path.exists() or path.read_bytes() != data:
                write_whole(path, data)
        except OSError as error:
            reason = str(error.strerror or error).lower()
            message = f"{FOLDER}/{name} cannot be written: {reason}"
            hint = f"make its folder writable, or {instead}"
            raise LockError.one("lock-unwritable", message, hint=hint) from None
        return f"{FOLDER}/{name}"

    def missing(self, answer: Any) -> str | None:
        """The first file named by an answer that does not exist."""
        return next((name for name in named(answer) if not (self.root / name).is_file()), None)

    def changed(self, answer: Any) -> str | None:
        """The first file named by an answer whose content is not what vedc wrote."""
        for name in named(answer):
            path = self.root / name
            if not _NAMED.fullmatch(path.name) or not path.is_file():
                continue
            if content_digest(path.read_bytes()) != path.stem:
                return name
        return None

    def tidy(self, lock: str) -> None:
        """Remove the files that the text of a lock does not name, and the folder if it is empty;
        files not written by vedc stay."""
        folder = self.root / FOLDER
        if not folder.is_dir():
            return
        for path in folder.iterdir():
            if _NAMED.fullmatch(path.name) and f"{FOLDER}/{path.name}" not in lock:
                path.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


#: The files beside a lock in the working folder.
BESIDE_SPEC: Final = KeptFiles(Path())


def content_digest(data: bytes) -> str:
    """The digest in a file's name."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def named(answer: Any) -> Iterator[str]:
    """The files of this folder that the steps of a grade, or a transition, name."""
    for step in answer if isinstance(answer, list) else (answer,):
        if isinstance(step, dict) and isinstance(step.get("transition"), dict):
            step = step["transition"]
        source = step.get("src") if isinstance(step, dict) else None
        if isinstance(source, str) and source.startswith(f"{FOLDER}/"):
            yield source
