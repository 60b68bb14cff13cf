"""A spec as a tree in which every value knows where it was written.

Checks and rewrites walk nodes, never paths: a subtree that is moved keeps its places, so an
error found after expansion still points at the user's own text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vedc.errors import InternalError, Place, Problem

Scalar = None | bool | int | float | str


class Node:
    """A value with its place. ``key_place`` is where its key stands, in a mapping."""

    __slots__ = ("key_place", "place", "value")

    def __init__(
        self,
        value: Scalar | list[Node] | dict[str, Node],
        place: Place | None = None,
        key_place: Place | None = None,
    ) -> None:
        self.value = value
        self.place = place
        self.key_place = key_place

    @property
    def entries(self) -> dict[str, Node]:
        """The entries of a mapping. Anything else breaks a promise: check first."""
        if not isinstance(self.value, dict):
            raise InternalError(f"{self.place}: a mapping was promised")
        return self.value

    @property
    def items(self) -> list[Node]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            raise InternalError(f"{self.place}: a list was promised")
        return self.value

    @property
    def text(self) -> str:
        if not isinstance(self.value, str):
            raise InternalError(f"{self.place}: text was promised")
        return self.value

    @property
    def number(self) -> int | float:
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise InternalError(f"{self.place}: a number was promised")
        return self.value

    def get(self, key: str) -> Node | None:
        """An entry of a mapping, or None."""
        return self.entries.get(key)

    def __getitem__(self, key: str) -> Node:
        return self.entries[key]

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)

    def with_value(self, value: Scalar | list[Node] | dict[str, Node]) -> Node:
        """The same places around another value."""
        return Node(value, self.place, self.key_place)

    def under(self, key_place: Place | None) -> Node:
        """The same value under another key."""
        return Node(self.value, self.place, key_place)

    def plain(self) -> Any:
        """Lists, dicts and scalars without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


class Report:
    """Collects problems, so that all of them are told at once."""

    __slots__ = ("problems",)

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(
        self, code: str, message: str, at: Node | Place | None = None, hint: str | None = None
    ) -> None:
        """``at`` is the node (its value's place) or a place."""
        place = at.place if isinstance(at, Node) else at
        self.problems.append(Problem(code, message, place, hint))


def build(data: object, places: Mapping[Any, Place], key_places: Mapping[Any, Place]) -> Node:
    """The tree of plain data, given the places of values and keys by path (tuples)."""

    def visit(value: Any, path: tuple[str | int, ...]) -> Node:
        made: Scalar | list[Node] | dict[str, Node]
        if isinstance(value, dict):
            made = {str(key): visit(child, (*path, key)) for key, child in value.items()}
        elif isinstance(value, list):
            made = [visit(child, (*path, index)) for index, child in enumerate(value)]
        else:
            made = value
        return Node(made, places.get(path), key_places.get(path))

    return visit(data, ())


def flatten(
    root: Node,
) -> tuple[Any, dict[tuple[str | int, ...], Place], dict[tuple[str | int, ...], Place]]:
    """The reverse of :func:`build`: plain data, places, key places."""
    places: dict[tuple[str | int, ...], Place] = {}
    key_places: dict[tuple[str | int, ...], Place] = {}

    def visit(node: Node, path: tuple[str | int, ...]) -> None:
        if node.place is not None:
            places[path] = node.place
        if node.key_place is not None:
            key_places[path] = node.key_place
        if isinstance(node.value, dict):
            for key, child in node.value.items():
                visit(child, (*path, key))
        elif isinstance(node.value, list):
            for index, child in enumerate(node.value):
                visit(child, (*path, index))

    visit(root, ())
    return root.plain(), places, key_places
