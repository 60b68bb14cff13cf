"""The text of lock entries: written in one form, and patched if a person has edited it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from vedc.decide.lock.lock_entry import LockedItem, LockEntry
from vedc.lang.yaml.scalars import resolve_plain


def entry_text(entry: LockEntry) -> str:
    """The text of an entry."""
    lines = [
        f"    - {entry.asks}: {scalar_text(entry.name)}",
        f"      asked: {scalar_text(entry.asked)}",
        f"      decided: {scalar_text(entry.decided)}",
    ]
    if entry.marked:
        lines.append("      edited: true")
    if entry.media:
        lines.append(f"      media: {flow_text(dict(entry.media))}")
    if entry.by:
        lines.append(f"      by: {flow_text(dict(sorted(entry.by.items())))}")
    lines.append("      items:" if entry.items else "      items: []")
    for item in entry.items:
        lines += _item_lines(item)
        if item.score is not None:
            lines.append(f"          score: {item.score:.2f}")
        for key, values in (
            ("for", item.reasons_for),
            ("against", item.reasons_against),
            ("instead", item.instead),
            ("removed", item.removed),
        ):
            line = f"          {key}: {flow_text(list(values))}"
            if len(line) <= _WIDTH and values:
                lines.append(line)
            elif values:
                lines.append(f"          {key}:")
                lines += [f"            - {scalar_text(value)}" for value in values]
        if item.marked:
            lines.append("          edited: true")
        if item.sum:
            lines.append(f"          sum: {scalar_text(item.sum)}")
    return "\n".join(lines) + "\n"


def _item_lines(item: LockedItem) -> list[str]:
    """What an item applies to, and the item; the steps of a grade take a line each."""
    found = [
        f"{key}: {scalar_text(of)}" for key, of in (("clip", item.clip), ("shot", item.shot)) if of
    ]
    plain = item.node.plain()
    if isinstance(plain, list) and plain:
        found += ["item:", *(f"  - {flow_text(step)}" for step in plain)]
    else:
        found.append(f"item: {flow_text(plain)}")
    return [f"        - {found[0]}", *(f"          {line}" for line in found[1:])]


#: Columns beyond which a list is written as a block.
_WIDTH: Final = 100
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./+-]([A-Za-z0-9_./:+%()=~ \[\]-]*[A-Za-z0-9_./+%)\]])?")


def scalar_text(value: Any, flow: bool = False) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = _PLAIN.fullmatch(value) and ": " not in value and not value.startswith("- ")
    if plain and flow and ("[" in value or "]" in value):
        plain = False
    try:
        plain = plain and resolve_plain(value) == value
    except ValueError:
        plain = False
    return value if plain else json.dumps(value, ensure_ascii=False)


def flow_text(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{scalar_text(k, True)}: {flow_text(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(flow_text(v) for v in value)}]"
    return scalar_text(value, True)
