"""What the segment store contains, as JSON and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vedc.execute.store import StoreEntry


def data(entries: Sequence[StoreEntry]) -> list[dict[str, Any]]:
    """The documented objects of ``vedc cache ls --json``, most recently used first."""
    return [
        {"key": e.key, "kind": e.kind, "bytes": e.size, "used": e.used, "meta": dict(e.meta)}
        for e in reversed(entries)
    ]


def text(entries: Sequence[StoreEntry]) -> str:
    lines = [
        f"{e.key[:12]}  {e.kind:6} {_size(e.size):>10}  "
        + " ".join(f"{k}={v}" for k, v in e.meta.items() if not isinstance(v, dict))
        for e in reversed(entries)
    ]
    return "\n".join([*lines, summary(entries)]) + "\n"


def summary(entries: Sequence[StoreEntry]) -> str:
    """``3 entries, 1.2 MB``."""
    return f"{_count(entries)}, {_size(sum(e.size for e in entries))}"


def _count(entries: Sequence[StoreEntry]) -> str:
    return "1 entry" if len(entries) == 1 else f"{len(entries)} entries"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    value = count / 1000
    for unit in ("kB", "MB"):
        if value < 1000:
            return f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
