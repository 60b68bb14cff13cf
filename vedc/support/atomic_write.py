"""Writing files atomically, even with concurrent writers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from vedc.support.drafts import new_draft, remove_abandoned


def write_whole(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace the file by ``data``, making its folder if need be, with the permissions ``mode``, by
    default those of a new file. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not ``tempfile``, whose import would slow every start of the command line.
    with new_draft(lambda: path.with_name(f".{path.stem[:16]}-{os.urandom(6).hex()}.tmp")) as draft:
        try:
            draft.write_bytes(data)
            if mode is not None:
                draft.chmod(mode)
            os.replace(draft, path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def sweep(folders: Iterable[Path]) -> None:
    """Remove leftovers of killed processes in these folders: drafts with names such as those of
    :func:`write_whole`."""
    for folder in folders:
        remove_abandoned(folder.glob(".*.tmp"))
