"""Changes to a spec, key by key: a comparison of canonical forms, not of lines of text.

Items of a list belong together if they are equal, have the same ``id`` or show the same; remaining
items of one kind between two such pairs are compared in order. An item that left one place and
appears unchanged in another was moved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from vedc.errors import SourceLocation
from vedc.lang.yaml.tree import SpecNode
from vedc.review.compare.alignment import align

ChangeKind = Literal["changed", "added", "removed", "moved"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference of two specs."""

    kind: ChangeKind
    path: str
    """Where in the canonical form: ``timeline.tracks[0].clips[2].grade[0].stops``; of the new spec,
    and of the old one for what was removed."""
    before: Any
    """Plain data; None for what was added."""
    after: Any
    before_at: SourceLocation | None = None
    after_at: SourceLocation | None = None
    old_path: str | None = None
    """Of what was moved."""


def compare_documents(before: SpecNode, after: SpecNode) -> list[Change]:
    """The differences of two canonical specs, in the order of the new one."""
    return _moved(list(_compare("", before, after)))


def _compare(path: str, before: SpecNode, after: SpecNode) -> Iterator[Change]:
    if isinstance(before.value, dict) and isinstance(after.value, dict):
        yield from _mappings(path, before, after)
    elif _has_items(before) and _has_items(after):
        yield from _lists(path, before, after)
    elif _text(before) != _text(after):
        yield _change("changed", path, before, after)


def _mappings(path: str, before: SpecNode, after: SpecNode) -> Iterator[Change]:
    for key in dict.fromkeys([*after.entries, *before.entries]):
        old, new = before.get(key), after.get(key)
        below = f"{path}.{key}" if path else key
        if old is None:
            yield _change("added", below, None, new)
        elif new is None:
            yield _change("removed", below, old, None)
        else:
            yield from _compare(below, old, new)


def _lists(path: str, before: SpecNode, after: SpecNode) -> Iterator[Change]:
    runs = align(
        [_text(item) for item in before],
        [_text(item) for item in after],
        [_identity(item) for item in before],
        [_identity(item) for item in after],
    )
    for run in runs:
        if run.kind == "same":
            continue
        old = [(n, before.items[n]) for n in range(*run.before)]
        new = [(n, after.items[n]) for n in range(*run.after)]
        if run.kind == "paired":
            for (a, was), (b, is_now) in zip(old, new, strict=True):
                if _kind(was) == _kind(is_now):
                    yield from _compare(f"{path}[{b}]", was, is_now)
                else:
                    yield _change("removed", f"{path}[{a}]", was, None)
                    yield _change("added", f"{path}[{b}]", None, is_now)
            continue
        for number, item in old:
            yield _change("removed", f"{path}[{number}]", item, None)
        for number, item in new:
            yield _change("added", f"{path}[{number}]", None, item)


def _moved(changes: list[Change]) -> list[Change]:
    """The same changes, with what was removed and added unchanged as one."""
    left: dict[str, Change] = {}
    for change in changes:
        if change.kind == "removed" and isinstance(change.before, (dict, list)):
            left.setdefault(json.dumps(change.before, sort_keys=True), change)
    made, gone = [], set()
    for change in changes:
        old = None
        if change.kind == "added" and isinstance(change.after, (dict, list)):
            old = left.pop(json.dumps(change.after, sort_keys=True), None)
        if old is None:
            made.append(change)
            continue
        gone.add(id(old))
        made.append(
            replace(
                change, kind="moved", before=old.before, before_at=old.before_at, old_path=old.path
            )
        )
    return [change for change in made if id(change) not in gone]


def _change(kind: ChangeKind, path: str, before: SpecNode | None, after: SpecNode | None) -> Change:
    return Change(
        kind,
        path,
        None if before is None else before.plain(),
        None if after is None else after.plain(),
        None if before is None else before.key_location or before.location,
        None if after is None else after.key_location or after.location,
    )


def _has_items(node: SpecNode) -> bool:
    """Whether a list is one of items; one of numbers is a value."""
    return isinstance(node.value, list) and any(
        isinstance(item.value, (dict, list)) for item in node.value
    )


def _text(node: SpecNode) -> str:
    return json.dumps(node.plain(), sort_keys=True)


def _kind(node: SpecNode) -> str:
    """The word that says what an item is: the first key of a mapping."""
    if not isinstance(node.value, dict):
        return type(node.value).__name__
    return next((key for key in node.value if key != "id"), "")


#: Keys that identify items of one list; the first that an item has counts.
_NAMES: Final = ("id", "path", "op", "time", "name")


def _identity(node: SpecNode) -> str:
    """An item's identity."""
    if not isinstance(node.value, dict):
        return _text(node)
    for key in _NAMES:
        if key in node.value:
            return f"{key} {_text(node.value[key])}"
    kind = _kind(node)
    named = node.value.get(kind)
    if named is not None and isinstance(named.value, dict):
        named = named.value.get("name", named)
    return f"{kind} {_text(named)}" if named is not None else _text(node)
