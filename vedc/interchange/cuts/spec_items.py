"""The items of a resolved edit with the spec text that they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from vedc.edit.model import Edit
from vedc.errors import InternalError
from vedc.interchange.common.losses import Losses, Severity
from vedc.lang.language import ITEM
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import Awaited, SpecNode


def shown_nodes(clips: SpecNode) -> list[int]:
    """Places in a track's list of the items that the resolved track has, in their order."""
    return [
        k
        for k, node in enumerate(clips.items)
        if ITEM.kind_of(node) not in ("gap", "transition") and not is_disabled(node)
    ]


def is_disabled(node: SpecNode) -> bool:
    enabled = node.get("enabled")
    return enabled is not None and enabled.value is False


def tracks_of(document: Document, edit: Edit) -> list[SpecNode]:
    """The tracks of the canonical spec, one for each of the edit."""
    timeline = document.root.get("timeline")
    found = [] if timeline is None else timeline["tracks"].items
    if len(found) != len(edit.tracks):
        raise InternalError(f"{len(found)} tracks in the spec, {len(edit.tracks)} in the edit")
    return found


def verbatim(value: Any) -> Any:
    """Plain data with texts as in the spec: a literal ``${{`` is escaped."""
    if isinstance(value, dict):
        return {key: verbatim(child) for key, child in value.items()}
    if isinstance(value, list):
        return [verbatim(child) for child in value]
    if isinstance(value, Awaited):
        return str(value)
    return value.replace("${{", "$${{") if isinstance(value, str) else value


def from_verbatim(value: Any) -> Any:
    """The inverse, for :mod:`vedc.interchange.common.draft`."""
    if isinstance(value, dict):
        return {key: from_verbatim(child) for key, child in value.items()}
    if isinstance(value, list):
        return [from_verbatim(child) for child in value]
    return Awaited(value) if isinstance(value, str) else value


def lose_keys(
    node: SpecNode,
    carried: Collection[str],
    losses: Losses,
    where: str,
    severity: Severity = "lost",
    instead: str = "left out: the format has no place for it",
) -> None:
    """Put every key of an item that a format does not carry into the loss report."""
    for key, value in _entries(node):
        if key not in carried:
            losses.add(
                severity, f"{key!r} of {where}", instead, value.key_location or value.location
            )


def _entries(node: SpecNode) -> Iterator[tuple[str, SpecNode]]:
    if isinstance(node.value, dict):
        yield from node.value.items()
