"""editly's defaults: the file's defaults fill in what a clip or a layer does not set."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from vedc.interchange.foreign.node import Node


class Merged:
    """A chain of mappings: a key is read from the first that has it, even if it is null. All of
    them count as read."""

    def __init__(self, *nodes: Node | None) -> None:
        self.nodes = [node for node in nodes if node is not None and node.is_map]

    @property
    def first(self) -> Node:
        return self.nodes[0]

    def _holder(self, key: str) -> Node | None:
        for node in self.nodes[1:]:
            node.take(key)
        return next((node for node in self.nodes if key in node), None)

    def __contains__(self, key: str) -> bool:
        return any(key in node for node in self.nodes)

    def take(self, key: str) -> Node | None:
        holder = self._holder(key)
        return None if holder is None else holder.take(key)

    def number(self, key: str, **limits: float) -> Fraction | None:
        holder = self._holder(key)
        return None if holder is None else holder.number(key, **limits)

    def text(self, key: str) -> str | None:
        holder = self._holder(key)
        return None if holder is None else holder.text(key)

    def flag(self, key: str) -> bool | None:
        holder = self._holder(key)
        return None if holder is None else holder.flag(key)

    def mapping(self, key: str) -> Node | None:
        holder = self._holder(key)
        return None if holder is None else holder.mapping(key)

    def drop(self, key: str, why: str, instead: str = "left out") -> None:
        for node in self.nodes:
            node.drop(key, why, instead)

    def note_loss(self, what: str, instead: str, severity: Any = "changed") -> None:
        self.first.note_loss(what, instead, severity)
