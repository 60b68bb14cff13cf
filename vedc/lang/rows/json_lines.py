"""JSON Lines: an object of names and values on each line."""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, Final, NoReturn

from vedc.errors import Problem, SourceLocation
from vedc.lang.rows.table import MAX_ROWS, Row, Table, read_text, too_many
from vedc.lang.yaml.load import display_name
from vedc.lang.yaml.tree import SpecNode

_SPACE: Final = re.compile(r"[ \t\r]*")
_MOST_DEEP: Final = 64
_HALF: Final = re.compile("[\ud800-\udfff]")
_EXAMPLE: Final = 'write one object on each line: {"name": "Ada", "age": 36}'


def read_json_lines(path: Path) -> Table:
    """The rows of a file; a line that is not an object becomes a row with a problem. Raises
    MissingError, or SpecError where the file cannot be read."""
    file, rows = display_name(path), list[Row]()
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        if len(rows) == MAX_ROWS:
            raise too_many(file, number)
        rows.append(_row(line, file, number))
    return Table(file, rows)


def _row(line: str, file: str, number: int) -> Row:
    start = SourceLocation(file, number, _SPACE.match(line, 0).end() + 1)  # type: ignore[union-attr]
    try:
        node = _Reader(line, file, number).whole()
    except JSONDecodeError as error:
        at = SourceLocation(file, number, error.pos + 1)
        message = f"the line is not JSON: {error.msg[0].lower()}{error.msg[1:]}"
        return Row(number, start, {}, [Problem("data-row", message, at, _EXAMPLE)])
    if not isinstance(node.value, dict):
        message = "the line is not an object of names and values"
        return Row(number, start, {}, [Problem("data-row", message, node.location, _EXAMPLE)])
    return Row(number, start, node.value)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_SCALARS: Final = JSONDecoder(parse_constant=_no_constant)


class _Reader:
    """One line as a tree of nodes with locations."""

    def __init__(self, line: str, file: str, number: int) -> None:
        self.line, self.file, self.number = line, file, number
        self.at = 0

    def whole(self) -> SpecNode:
        """Raises JSONDecodeError."""
        node = self._value(None, 0)
        self._space()
        if self.at < len(self.line):
            raise JSONDecodeError("there is text after the object", self.line, self.at)
        return node

    def _value(self, key: SourceLocation | None, depth: int) -> SpecNode:
        self._space()
        start, first = self.at, self.line[self.at : self.at + 1]
        if depth > _MOST_DEEP:
            raise JSONDecodeError("it is nested too deeply", self.line, start)
        value: Any
        if first == "{":
            value = self._object(depth)
        elif first == "[":
            value = self._list(depth)
        elif first:
            value = self._scalar()
        else:
            raise JSONDecodeError("a value is missing", self.line, start)
        return SpecNode(value, self._location(start), key)

    def _scalar(self) -> Any:
        start = self.at
        try:
            value, self.at = _SCALARS.raw_decode(self.line, start)
        except JSONDecodeError:
            raise
        except ValueError as error:
            constant = str(error) in ("NaN", "Infinity", "-Infinity")
            why = f"a number cannot be {error}" if constant else "the number has too many digits"
            raise JSONDecodeError(why, self.line, start) from None
        if isinstance(value, str) and _HALF.search(value):
            raise JSONDecodeError("the text holds half of a surrogate pair", self.line, start)
        return value

    def _list(self, depth: int) -> list[SpecNode]:
        found: list[SpecNode] = []
        self.at += 1
        while not self._ends("]", first=not found):
            found.append(self._value(None, depth + 1))
        return found

    def _object(self, depth: int) -> dict[str, SpecNode]:
        found: dict[str, SpecNode] = {}
        self.at += 1
        while not self._ends("}", first=not found):
            self._space()
            start = self.at
            if self.line[start : start + 1] != '"':
                raise JSONDecodeError("a name in double quotes is missing", self.line, start)
            name = self._scalar()
            if name in found:
                raise JSONDecodeError(f"the name {name!r} appears twice", self.line, start)
            key = self._location(start)
            self._space()
            if self.line[self.at : self.at + 1] != ":":
                raise JSONDecodeError("a ':' is missing", self.line, self.at)
            self.at += 1
            found[name] = self._value(key, depth + 1)
        return found

    def _ends(self, mark: str, first: bool) -> bool:
        """Whether a list or an object ends here; skips separators."""
        self._space()
        here = self.line[self.at : self.at + 1]
        if here == mark:
            self.at += 1
            return True
        if first:
            return False
        if here != ",":
            raise JSONDecodeError(f"a ',' or {mark!r} is missing", self.line, self.at)
        self.at += 1
        return False

    def _space(self) -> None:
        found = _SPACE.match(self.line, self.at)
        self.at = found.end() if found else self.at

    def _location(self, start: int) -> SourceLocation:
        return SourceLocation(self.file, self.number, start + 1, max(1, self.at - start))
