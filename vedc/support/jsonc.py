"""JSON with comments, as in editor settings: read with positions, changed in place.

Comments (``//`` and ``/* */``) and trailing commas are allowed. A change leaves every other
character of the text as it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

_BLANK: Final = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD: Final = re.compile(r"[-+.\w]+")
#: The deepest nesting that is read.
_DEEPEST: Final = 200


@dataclass(frozen=True, slots=True)
class Member:
    """A key of an object with its value."""

    value: Value
    start: int
    """Where the key begins."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value, and where it is in the text: ``start <= n < end``."""

    plain: Any
    start: int
    end: int
    members: dict[str, Member] = field(default_factory=dict)
    """The members of an object. Of duplicate keys the last counts, as for editors."""
    comma: bool = False
    """Of an object: whether a comma follows its last member."""


def parse(text: str) -> Value:
    """The value of a text. Raises ValueError, whose text says where it is wrong."""
    reader = _Reader(f" {text[1:]}" if text.startswith("\ufeff") else text)
    value = reader.value(reader.skip(0), 0)
    if reader.skip(value.end) != len(reader.text):
        raise reader.wrong(value.end, "something follows the value")
    return value


def with_member(text: str, at: Value, key: str, value: Any, indent: str = "    ") -> str:
    """The text with a key of the object ``at``: its value is replaced, or it is added at the end.

    ``indent`` is the indentation of a level.
    """
    own, line = _indent_of(text, at.start), "\r\n" if "\r\n" in text else "\n"
    inner = own + indent
    shown = json.dumps(value, indent=indent, ensure_ascii=False).replace("\n", f"{line}{inner}")
    if key in at.members:
        old = at.members[key].value
        return text[: old.start] + shown + text[old.end :]
    close = at.end - 1
    body = text[at.start + 1 : close]
    kept = at.start + 1 + len(body.rstrip())
    lead, tail = text[:kept], text[kept:]
    if at.members and not at.comma:
        last = max(member.value.end for member in at.members.values())
        lead = f"{text[:last]},{text[last:kept]}"
    closing = "" if "\n" in tail[: close - kept] else f"{line}{own}"
    return f"{lead}{line}{inner}{json.dumps(key)}: {shown}{closing}{tail}"


def _indent_of(text: str, at: int) -> str:
    """The indentation of a position's line."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def skip(self, at: int) -> int:
        """The next position that is neither blank nor a comment."""
        found = _BLANK.match(self.text, at)
        return at if found is None else found.end()

    def wrong(self, at: int, why: str) -> ValueError:
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        return ValueError(f"line {line}, column {column}: {why}")

    def value(self, at: int, depth: int) -> Value:
        if depth > _DEEPEST:
            raise self.wrong(at, "it is nested too deeply")
        first = self.text[at : at + 1]
        if first == "{":
            return self._object(at, depth)
        if first == "[":
            return self._array(at, depth)
        if first == '"':
            found = self._string(at)
            return Value(found[0], at, found[1])
        word = _WORD.match(self.text, at)
        if word is None:
            raise self.wrong(at, "a value is expected")
        try:
            return Value(json.loads(word[0]), at, word.end())
        except ValueError:
            raise self.wrong(at, f"{word[0]} is no value") from None

    def _string(self, at: int) -> tuple[str, int]:
        found = _STRING.match(self.text, at)
        if found is None:
            raise self.wrong(at, "a text in double quotes is expected")
        try:
            return str(json.loads(found[0])), found.end()
        except ValueError:
            raise self.wrong(at, "the text has an escape that JSON does not know") from None

    def _object(self, start: int, depth: int) -> Value:
        members: dict[str, Member] = {}
        comma = False
        at = self.skip(start + 1)
        while self.text[at : at + 1] != "}":
            if members and not comma:
                raise self.wrong(at, "a comma or } is expected")
            key, end = self._string(at)
            colon = self.skip(end)
            if self.text[colon : colon + 1] != ":":
                raise self.wrong(colon, "a colon is expected")
            value = self.value(self.skip(colon + 1), depth + 1)
            members[key] = Member(value, at)
            at = self.skip(value.end)
            comma = self.text[at : at + 1] == ","
            if comma:
                at = self.skip(at + 1)
        plain = {key: member.value.plain for key, member in members.items()}
        return Value(plain, start, at + 1, members, comma)

    def _array(self, start: int, depth: int) -> Value:
        items: list[Any] = []
        comma = True
        at = self.skip(start + 1)
        while self.text[at : at + 1] != "]":
            if not comma:
                raise self.wrong(at, "a comma or ] is expected")
            value = self.value(at, depth + 1)
            items.append(value.plain)
            at = self.skip(value.end)
            comma = self.text[at : at + 1] == ","
            if comma:
                at = self.skip(at + 1)
        return Value(items, start, at + 1)
