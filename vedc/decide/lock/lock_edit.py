"""Changes to lock entries that leave the rest of a person's text unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from vedc.decide.lock.lock_entry import LockEntry
from vedc.decide.lock.lock_file import VERSION, Lock
from vedc.decide.lock.lock_text import entry_text, flow_text, scalar_text
from vedc.errors import LockError

_ITEM_BEGINS: Final = "        - "
_MARK: Final = re.compile(r"edited:[ ]*(true|false)[ ]*\n")


def mark_edited(entry: LockEntry) -> LockEntry:
    """The entry with its edits marked; the entry itself if its marks are already correct."""
    if entry.marked == entry.edited and all(i.marked == i.edited for i in entry.items):
        return entry
    items = tuple(replace(item, marked=item.edited) for item in entry.items)
    marked = replace(entry, items=items, marked=entry.edited, text=None)
    if entry.text is None:
        return marked
    blocks: list[list[str]] = [[]]  # the lines before the items, then each item
    for line in entry.text.splitlines(keepends=True):
        if line.startswith(_ITEM_BEGINS):
            blocks.append([])
        if not _MARK.fullmatch(line.lstrip(" ")):
            blocks[-1].append(line)
    if marked.marked:
        _insert_mark(blocks[0], "      ", "decided:", after=True)
    for block, item in zip(blocks[1:], items, strict=False):
        if item.marked:
            _insert_mark(block, "          ", "sum:", after=False)
    return _with_text(marked, "".join(line for block in blocks for line in block))


def accept(entry: LockEntry, asked: str, media: Mapping[str, str]) -> LockEntry:
    """The same items as the answer to today's question."""
    accepted = replace(entry, asked=asked, media=dict(media), text=None)
    if entry.text is None:
        return accepted
    text = entry.text
    for key, value in (("asked", scalar_text(asked)), ("media", flow_text(dict(media)))):
        literal = value.replace("\\", r"\\")
        text = re.sub(rf"(?m)^( {{6}}{key}:) .*$", rf"\1 {literal}", text, count=1)
    return _with_text(accepted, text)


def _with_text(entry: LockEntry, text: str) -> LockEntry:
    """The entry with this text, or without text if it does not parse as the entry."""
    try:
        lock = Lock(Path("vedc.lock"), f"lock: {VERSION}\nspecs:\n  a:\n{text}")
        (read,) = lock.entries("a")
    except (LockError, ValueError):
        return entry
    return replace(entry, text=text) if entry_text(read) == entry_text(entry) else entry


def _insert_mark(lines: list[str], indent: str, key: str, *, after: bool) -> None:
    """Add the mark beside a key, or after the last line that is not a comment."""
    at = next((i for i, line in enumerate(lines) if line.startswith(indent + key)), None)
    if at is None:
        content = (i for i, line in enumerate(lines) if line.split("#")[0].strip())
        at, after = max(content, default=-1), True
    lines.insert(at + after, f"{indent}edited: true\n")
