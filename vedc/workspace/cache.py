"""The segment store of a cache folder, as ``vedc cache`` looks after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vedc.errors import MissingError, UsageError
from vedc.execute.store import Store, StoreEntry

_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def open_store(folder: Path) -> Store:
    """The store in a cache folder. Raises MissingError ``no-cache``."""
    if not folder.is_dir():
        message = f"there is no cache at {folder}"
        hint = "name it with --cache; it is .vedc/cache beside the spec"
        raise MissingError.one("no-cache", message, hint=hint)
    return Store(folder)


def collect(folder: Path, limit: str | None) -> Sequence[StoreEntry]:
    """Remove the least recently used entries over ``limit``, such as ``2GB``; gives those removed.

    None is the store's own limit. Raises UsageError ``bad-size``.
    """
    size: int | None = None
    if limit is not None:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", limit.strip().lower())
        if match is None:
            hint = "write 500MB, 2GB or 0"
            raise UsageError.one("bad-size", f"{limit!r} is not a size", hint=hint)
        size = int(float(match[1]) * _UNITS[match[2]])
    return open_store(folder).gc(size)
