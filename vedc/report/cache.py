"""What the segment store contains, as JSON and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Entry(Protocol):
    """The description of a store entry."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def used(self) -> float: ...
    @property
    def meta(self) -> Mapping[str, Any]: ...


def data(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The documented objects of ``vedc cache ls --json``, most recently used first."""
    return [
        {"key": e.key, "kind": e.kind, "bytes": e.size, "used": e.used, "meta": dict(e.meta)}
        for e in reversed(entries)
    ]


def text(entries: Sequence[Entry]) -> str:
    lines = [
        f"{e.key[:12]}  {e.kind:7} {_size(e.size):>10}  "
        + " ".join(f"{k}={v}" for k, v in e.meta.items() if not isinstance(v, dict))
        for e in reversed(entries)
    ]
    return "\n".join([*lines, summary(entries)]) + "\n"


def summary(entries: Sequence[Entry]) -> str:
    """``3 entries, 1.2 MB``."""
    return f"{_count(entries)}, {_size(sum(e.size for e in entries))}"


def _count(entries: Sequence[Entry]) -> str:
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
