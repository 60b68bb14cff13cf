"""Data of another program, with a record of the parts that were read.

A reader takes every value by its key. Once :meth:`Node.finish` is called on the root, everything it
ignored is in the loss report, so nothing is dropped silently.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from vedc.errors import SourceLocation, SpecError, shorten
from vedc.interchange.common.losses import Losses, Severity
from vedc.interchange.foreign import json5


class Source:
    """The text that nodes point into, and its losses."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file, self.losses = text, file, Losses(file)


class Node:
    """A value of a file: a mapping, a list or a scalar."""

    __slots__ = ("_kept", "_offset", "_read", "path", "source", "value")

    def __init__(self, value: json5.Value, source: Source, path: str = "") -> None:
        data = value.data
        self.source, self.path, self._offset = source, path, value.offset
        self.value: Any = data
        if isinstance(data, dict):
            self.value = {
                key: Node(child, source, f"{path}.{key}" if path else key)
                for key, child in data.items()
            }
        elif isinstance(data, list):
            self.value = [Node(each, source, f"{path}[{k}]") for k, each in enumerate(data)]
        self._read: set[str] = set()
        self._kept = False

    @classmethod
    def parse(cls, text: str, file: str) -> Node:
        """Raises SpecError as :func:`json5.parse`."""
        return cls(json5.parse(text, file), Source(text, file))

    @property
    def losses(self) -> Losses:
        return self.source.losses

    @property
    def location(self) -> SourceLocation:
        return json5.location(self.source.text, self.source.file, self._offset)

    # What kind of value it is

    @property
    def is_map(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int | Fraction) and not isinstance(self.value, bool)

    @property
    def is_text(self) -> bool:
        return isinstance(self.value, str)

    @property
    def items(self) -> list[Node]:
        """The elements of a list; none of anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def keys(self) -> Sequence[str]:
        """The keys of a mapping; listing them does not count as reading."""
        return tuple(self.value) if isinstance(self.value, dict) else ()

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)

    # Reading

    def take(self, key: str) -> Node | None:
        """The value of a key, which counts as read; None if it is missing or null."""
        if not isinstance(self.value, dict) or key not in self.value:
            return None
        self._read.add(key)
        found: Node = self.value[key]
        return None if found.value is None else found

    def peek(self, key: str) -> Any:
        """The plain value of a key, which does not count as read."""
        if not isinstance(self.value, dict) or key not in self.value:
            return None
        found: Node = self.value[key]
        return found.plain()

    def number(
        self, key: str, *, low: float = -math.inf, high: float = math.inf
    ) -> Fraction | None:
        """A number; text that is one counts too. Anything else is a loss, and None."""
        found = self.take(key)
        if found is None:
            return None
        value = found.value
        if isinstance(value, str):
            try:
                value = Fraction(value.strip()) if len(value) < 40 and "/" not in value else None
            except (ValueError, ZeroDivisionError):
                value = None
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            found.lose("is not a number")
            return None
        if not low <= value <= high:
            found.lose(f"{found.short} is out of range")
            return None
        return Fraction(value)

    def text(self, key: str) -> str | None:
        """Text; a number counts too. Anything else is a loss, and None."""
        found = self.take(key)
        if found is None:
            return None
        if isinstance(found.value, str):
            return found.value
        if found.is_number:
            return found.short
        found.lose("is not text")
        return None

    def flag(self, key: str) -> bool | None:
        found = self.take(key)
        if found is None:
            return None
        if isinstance(found.value, bool):
            return found.value
        found.lose("is neither true nor false")
        return None

    def mapping(self, key: str) -> Node | None:
        found = self.take(key)
        if found is not None and not found.is_map:
            found.lose("is not an object")
            return None
        return found

    def sequence(self, key: str) -> list[Node]:
        found = self.take(key)
        if found is not None and not found.is_list:
            found.lose("is not a list")
        return found.items if found is not None else []

    def keep(self) -> Node:
        """Count everything in it as read: it is carried over whole."""
        self._kept = True
        return self

    # Losing

    def lose(
        self,
        what: str = "is not known here",
        instead: str = "left out",
        severity: Severity = "lost",
    ) -> None:
        """Put it into the loss report, all of it."""
        self._kept = True
        self.losses.add(severity, f"{self.name} {what}", instead, self.location, self.path)

    def note_loss(self, what: str, instead: str, severity: Severity = "changed") -> None:
        """Add a remark at its place to the loss report."""
        self.losses.add(severity, what, instead, self.location, self.path)

    def drop(
        self, key: str, why: str, instead: str = "left out", severity: Severity = "lost"
    ) -> None:
        """Put a key into the loss report, if it is there."""
        if (found := self.take(key)) is not None:
            found.lose(why, instead, severity)

    def finish(self) -> None:
        """Put everything that was not read into the loss report."""
        if self._kept:
            return
        if isinstance(self.value, dict):
            for key, child in self.value.items():
                if key not in self._read:
                    child.lose()
                else:
                    child.finish()
        elif isinstance(self.value, list):
            for child in self.value:
                child.finish()

    # Plain data

    @property
    def name(self) -> str:
        """Its key, as messages name it."""
        tail = self.path.rpartition(".")[2]
        return f"{tail!r}" if tail else "the file"

    @property
    def short(self) -> str:
        value = self.value
        if isinstance(value, Fraction):
            return repr(float(value))
        return shorten(str(self.plain() if isinstance(value, dict | list) else value))

    def plain(self) -> Any:
        """Lists, dicts and scalars; numbers are ints and floats."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return float(self.value) if isinstance(self.value, Fraction) else self.value


def wrong_file(source: Node, what: str, hint: str) -> SpecError:
    """The error for a file of another format than assumed."""
    return SpecError.one("foreign-format", what, source.location, hint)
