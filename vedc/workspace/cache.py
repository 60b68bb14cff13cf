"""The segment store of a cache folder, as ``vedc cache`` looks after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vedc.errors import MissingError, UsageError
from vedc.execute.store import Store, StoreEntry

if TYPE_CHECKING:
    from vedc.execute.shared.address import Address
    from vedc.execute.shared.collect import SharedEntry

_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def open_store(folder: Path) -> Store:
    """The store in a cache folder. Raises MissingError ``no-cache``."""
    if not folder.is_dir():
        message = f"there is no cache at {folder}"
        hint = "name it with --cache; it is .vedc/cache beside the spec"
        raise MissingError.one("no-cache", message, hint=hint)
    return Store(folder)


def collect(folder: Path, limit: str | None) -> Sequence[StoreEntry]:
    """Remove the least recently used entries over ``limit``, such as ``2GB``; returns those
    removed.

    None is the store's own limit. Raises UsageError ``bad-size``.
    """
    return open_store(folder).gc(None if limit is None else _size(limit))


def collect_shared(address: Address, limit: str | None) -> Sequence[SharedEntry]:
    """Remove the oldest entries of a shared store over ``limit``; returns those removed.

    Raises UsageError, also without a limit, since a shared store has none; MissingError
    ``no-store``.
    """
    from vedc.execute.shared.collect import collect as collect_oldest
    from vedc.execute.shared.objects import Objects

    if limit is None:
        message = "--store has no limit of its own"
        raise UsageError.one("bad-option", message, hint="add one, such as --limit 500GB")
    size, objects = _size(limit), Objects(address)
    objects.open(make=False)
    return collect_oldest(objects, size)


def list_shared(address: Address) -> Sequence[SharedEntry]:
    """The entries of a shared store, the oldest first. Raises MissingError ``no-store``."""
    from vedc.execute.shared.collect import listed
    from vedc.execute.shared.objects import Objects

    objects = Objects(address)
    objects.open(make=False)
    return listed(objects)


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", text.strip().lower())
    if match is None:
        hint = "write 500MB, 2GB or 0"
        raise UsageError.one("bad-size", f"{text!r} is not a size", hint=hint)
    return int(float(match[1]) * _UNITS[match[2]])
