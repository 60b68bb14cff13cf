"""A spec as a tree in which every value has its source location.

It is the one form of a spec from loading to the resolved edit. A subtree that is moved keeps
its locations, so an error found after expansion still points at the user's own text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Self

from vedc.errors import InternalError, Problem, SourceLocation

Scalar = None | bool | int | float | str

#: Among the ``lost`` keys of a mapping: a removed key may have meant any key that is missing.
ANY: Final = "*"


class Awaited(str):
    """The text of a value that depends on the timeline: it is known once items are laid out.

    See ``vedc.lang.expr.references``.
    """


class SpecNode:
    """A value with the location of its text, and in a mapping that of its key.

    Malformed parts have been reported and are removed before the rest is checked: ``broken``
    marks a value about which nothing is known, ``lost`` the keys removed from a mapping. No
    problem may be reported that depends on either.
    """

    __slots__ = ("broken", "key_location", "location", "lost", "value")

    def __init__(
        self,
        value: Scalar | list[SpecNode] | dict[str, SpecNode],
        location: SourceLocation | None = None,
        key_location: SourceLocation | None = None,
        *,
        broken: bool = False,
        lost: frozenset[str] = frozenset(),
    ) -> None:
        self.value = value
        self.location = location
        self.key_location = key_location
        self.broken = broken
        self.lost = lost

    @classmethod
    def of(
        cls,
        data: Any,
        location: SourceLocation | None = None,
        key_location: SourceLocation | None = None,
    ) -> Self:
        """The tree of plain data, all of it at one location."""
        if isinstance(data, Mapping):
            return cls(
                {str(key): cls.of(child, location, location) for key, child in data.items()},
                location,
                key_location,
            )
        if isinstance(data, (list, tuple)):
            return cls([cls.of(child, location) for child in data], location, key_location)
        return cls(data, location, key_location)

    @property
    def entries(self) -> dict[str, SpecNode]:
        """The entries of a mapping. Raises InternalError for anything else: check first."""
        if not isinstance(self.value, dict):
            raise InternalError(f"{self.location}: expected a mapping")
        return self.value

    @property
    def items(self) -> list[SpecNode]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            raise InternalError(f"{self.location}: expected a list")
        return self.value

    @property
    def text(self) -> str:
        if not isinstance(self.value, str):
            raise InternalError(f"{self.location}: expected text")
        return self.value

    @property
    def number(self) -> int | float:
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise InternalError(f"{self.location}: expected a number")
        return self.value

    def get(self, key: str) -> SpecNode | None:
        """An entry of a mapping, or None."""
        value = self.value  # not through ``entries``: these three are the hottest
        return value.get(key) if isinstance(value, dict) else self.entries.get(key)

    def __getitem__(self, key: str) -> SpecNode:
        value = self.value
        return value[key] if isinstance(value, dict) else self.entries[key]

    def __contains__(self, key: str) -> bool:
        value = self.value
        return key in (value if isinstance(value, dict) else self.entries)

    def __iter__(self) -> Iterator[SpecNode]:
        return iter(self.items)

    def with_value(self, value: Scalar | list[SpecNode] | dict[str, SpecNode]) -> SpecNode:
        """The same node with another value."""
        return SpecNode(value, self.location, self.key_location, broken=self.broken, lost=self.lost)

    def losing(self, keys: Iterable[str]) -> SpecNode:
        """The same node, with ``keys`` among those removed."""
        return SpecNode(
            self.value,
            self.location,
            self.key_location,
            broken=self.broken,
            lost=self.lost.union(keys),
        )

    def under(self, key_location: SourceLocation | None) -> SpecNode:
        """The same node under another key."""
        return SpecNode(self.value, self.location, key_location, broken=self.broken, lost=self.lost)

    def plain(self) -> Any:
        """Lists, dicts and scalars without locations."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return float(self.value) if isinstance(self.value, float) else self.value


class Problems(list[Problem]):
    """All problems, so that they are reported together; or all warnings."""

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

    def warn(
        self,
        code: str,
        message: str,
        at: SpecNode | SourceLocation | None = None,
        hint: str | None = None,
    ) -> None:
        """Add a warning, ``at`` as for :meth:`add`."""
        location = at.location if isinstance(at, SpecNode) else at
        self.append(Problem(code, message, location, hint, "warning"))

    def note(
        self,
        code: str,
        message: str,
        at: SpecNode | SourceLocation | None = None,
        hint: str | None = None,
    ) -> None:
        """Add a note that only ``vedc validate`` reports, ``at`` as for :meth:`add`."""
        location = at.location if isinstance(at, SpecNode) else at
        self.append(Problem(code, message, location, hint, "note"))
