"""Writing files that appear whole or not at all, whoever else writes the same one."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file by ``data``, making its folder if need be. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not ``tempfile``, whose import every start of the command line would feel.
    draft = path.with_name(f".{path.stem[:16]}-{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        draft.write_bytes(data)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
