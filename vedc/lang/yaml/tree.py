"""A spec as a tree in which every value knows where it was written.

Checks and rewrites walk nodes, never paths: a subtree that is moved keeps its places, so an
error found after expansion still points at the user's own text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vedc.errors import InternalError, Problem, SourceLocation

Scalar = None | bool | int | float | str


class SpecNode:
    """A value with its place. ``key_location`` is where its key stands, in a mapping."""

    __slots__ = ("key_location", "location", "value")

    def __init__(
        self,
        value: Scalar | list[SpecNode] | dict[str, SpecNode],
        location: SourceLocation | None = None,
        key_location: SourceLocation | None = None,
    ) -> None:
        self.value = value
        self.location = location
        self.key_location = key_location

    @property
    def entries(self) -> dict[str, SpecNode]:
        """The entries of a mapping. Anything else breaks a promise: check first."""
        if not isinstance(self.value, dict):
            raise InternalError(f"{self.location}: a mapping was promised")
        return self.value

    @property
    def items(self) -> list[SpecNode]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            raise InternalError(f"{self.location}: a list was promised")
        return self.value

    @property
    def text(self) -> str:
        if not isinstance(self.value, str):
            raise InternalError(f"{self.location}: text was promised")
        return self.value

    @property
    def number(self) -> int | float:
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise InternalError(f"{self.location}: a number was promised")
        return self.value

    def get(self, key: str) -> SpecNode | None:
        """An entry of a mapping, or None."""
        return self.entries.get(key)

    def __getitem__(self, key: str) -> SpecNode:
        return self.entries[key]

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[SpecNode]:
        return iter(self.items)

    def with_value(self, value: Scalar | list[SpecNode] | dict[str, SpecNode]) -> SpecNode:
        """The same places around another value."""
        return SpecNode(value, self.location, self.key_location)

    def under(self, key_location: SourceLocation | None) -> SpecNode:
        """The same value under another key."""
        return SpecNode(self.value, self.location, key_location)

    def plain(self) -> Any:
        """Lists, dicts and scalars without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


class Problems(list[Problem]):
    """Everything that is wrong, so that it is all reported at once."""

    def add(
        self,
        code: str,
        message: str,
        at: SpecNode | SourceLocation | None = None,
        hint: str | None = None,
    ) -> None:
        """``at`` is the node (its value's location) or a location."""
        location = at.location if isinstance(at, SpecNode) else at
        self.append(Problem(code, message, location, hint))


def build(
    data: object, places: Mapping[Any, SourceLocation], key_locations: Mapping[Any, SourceLocation]
) -> SpecNode:
    """The tree of plain data, given the places of values and keys by path (tuples)."""

    def visit(value: Any, path: tuple[str | int, ...]) -> SpecNode:
        made: Scalar | list[SpecNode] | dict[str, SpecNode]
        if isinstance(value, dict):
            made = {str(key): visit(child, (*path, key)) for key, child in value.items()}
        elif isinstance(value, list):
            made = [visit(child, (*path, index)) for index, child in enumerate(value)]
        else:
            made = value
        return SpecNode(made, places.get(path), key_locations.get(path))

    return visit(data, ())


def flatten(
    root: SpecNode,
) -> tuple[
    Any, dict[tuple[str | int, ...], SourceLocation], dict[tuple[str | int, ...], SourceLocation]
]:
    """The reverse of :func:`build`: plain data, places, key places."""
    places: dict[tuple[str | int, ...], SourceLocation] = {}
    key_locations: dict[tuple[str | int, ...], SourceLocation] = {}

    def visit(node: SpecNode, path: tuple[str | int, ...]) -> None:
        if node.location is not None:
            places[path] = node.location
        if node.key_location is not None:
            key_locations[path] = node.key_location
        if isinstance(node.value, dict):
            for key, child in node.value.items():
                visit(child, (*path, key))
        elif isinstance(node.value, list):
            for index, child in enumerate(node.value):
                visit(child, (*path, index))

    visit(root, ())
    return root.plain(), places, key_locations
