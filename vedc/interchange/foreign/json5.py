"""JSON and JSON5 with the place of every value.

JSON5 adds to JSON: comments, trailing commas, keys without quotes, single quotes, hexadecimal
numbers, a leading ``+`` or ``.``, Infinity and NaN (https://spec.json5.org). Numbers stay exact:
they are read as ``int`` or ``Fraction``.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Final, NamedTuple, NoReturn

from vedc.errors import SourceLocation, SpecError

MAX_DEPTH: Final = 200
MAX_VALUES: Final = 500_000
#: The most digits of a number and of its exponent: more is not a plausible time or size.
_MAX_DIGITS: Final = 60
_MAX_EXPONENT: Final = 40

_SPACE: Final = re.compile(r"(?:[\s\ufeff]+|//[^\n\r\u2028\u2029]*|/\*(?:[^*]|\*(?!/))*\*/)+")
_NUMBER: Final = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity|NaN)"
)
_NAME: Final = re.compile(r"[\w$\u200c\u200d]+")
_PLAIN: Final = {'"': re.compile(r'[^"\\\n]*'), "'": re.compile(r"[^'\\\n]*")}
_ESCAPES: Final = {
    "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0",
}  # fmt: skip
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


class Value(NamedTuple):
    """``data`` is dict[str, Value], list[Value], str, bool, None, int, Fraction, or an infinite or
    NaN float."""

    data: Any
    offset: int


def parse(text: str, file: str) -> Value:
    """Read a text. Raises SpecError ``foreign-syntax`` if it is not JSON5."""
    return _Parser(text, file).document()


def location(text: str, file: str, offset: int) -> SourceLocation:
    line = text.count("\n", 0, offset) + 1
    return SourceLocation(file, line, offset - text.rfind("\n", 0, offset))


class _Parser:
    def __init__(self, text: str, file: str) -> None:
        self.text, self.file, self.at, self.values = text, file, 0, 0

    def fail(self, what: str) -> NoReturn:
        raise SpecError.one(
            "foreign-syntax",
            f"this is not JSON: {what}",
            location(self.text, self.file, min(self.at, len(self.text))),
            "repair the file, or export it again",
        )

    def document(self) -> Value:
        found = self.value(0)
        if self.peek():
            self.fail("there is something after the end of the data")
        return found

    def peek(self) -> str:
        if space := _SPACE.match(self.text, self.at):
            self.at = space.end()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Value:
        self.values += 1
        if depth > MAX_DEPTH:
            self.fail(f"it is nested more than {MAX_DEPTH} deep")
        if self.values > MAX_VALUES:
            self.fail(f"it holds more than {MAX_VALUES} values")
        first, start = self.peek(), self.at
        if first == "{":
            return Value(self.mapping(depth), start)
        if first == "[":
            return Value(self.sequence(depth), start)
        if first and first in "\"'":
            return Value(self.string(), start)
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            return Value(self.number(number[0]), start)
        word = _NAME.match(self.text, self.at)
        if word is not None and word[0] in _WORDS:
            self.at = word.end()
            return Value(_WORDS[word[0]], start)
        return self.fail("a value is missing here" if not first else f"{first!r} begins no value")

    def number(self, text: str) -> int | Fraction | float:
        body = text.lstrip("+-")
        sign = -1 if text.startswith("-") else 1
        if body[:2] in ("0x", "0X"):
            return sign * int(body[2 : 2 + _MAX_DIGITS], 16)
        if body in ("Infinity", "NaN"):
            return sign * float(body.lower().replace("infinity", "inf"))
        digits, _, power = body.lower().partition("e")
        if len(digits) > _MAX_DIGITS or abs(int(power or 0)) > _MAX_EXPONENT:
            return sign * float(body)
        exact = sign * Fraction(body)
        return int(exact) if exact.denominator == 1 else exact

    def string(self) -> str:
        quote = self.text[self.at]
        plain, out = _PLAIN[quote], []
        self.at += 1
        while True:
            piece = plain.match(self.text, self.at)
            assert piece is not None
            out.append(piece[0])
            self.at = piece.end()
            here = self.text[self.at : self.at + 1]
            if here == quote:
                self.at += 1
                return "".join(out)
            if here != "\\":
                self.fail("the text is not closed on its line")
            out.append(self.escape())

    def escape(self) -> str:
        letter = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        if letter in ("u", "x"):
            length = 4 if letter == "u" else 2
            digits = self.text[self.at : self.at + length]
            if not re.fullmatch(rf"[0-9a-fA-F]{{{length}}}", digits):
                self.fail(f"\\{letter} needs {length} hexadecimal digits")
            self.at += length
            code = int(digits, 16)
            pair = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})").match(self.text, self.at)
            if 0xD800 <= code < 0xDC00 and pair:
                self.at = pair.end()
                code = 0x10000 + ((code - 0xD800) << 10) + int(pair[1], 16) - 0xDC00
            return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)
        if letter == "\r" and self.text[self.at : self.at + 1] == "\n":
            self.at += 1
        return "" if letter in ("\n", "\r", "\u2028", "\u2029") else _ESCAPES.get(letter, letter)

    def sequence(self, depth: int) -> list[Value]:
        out: list[Value] = []
        self.at += 1
        while self.peek() != "]":
            out.append(self.value(depth + 1))
            if self.peek() == ",":
                self.at += 1
            elif self.peek() != "]":
                self.fail("a comma or ] is missing here")
        self.at += 1
        return out

    def mapping(self, depth: int) -> dict[str, Value]:
        out: dict[str, Value] = {}
        self.at += 1
        while (first := self.peek()) != "}":
            word = _NAME.match(self.text, self.at)
            if first and first in "\"'":
                key = self.string()
            elif word is not None:
                key, self.at = word[0], word.end()
            else:
                self.fail("a key is missing here")
            if self.peek() != ":":
                self.fail(f"a colon is missing after {key!r}")
            self.at += 1
            out[key] = self.value(depth + 1)
            if self.peek() == ",":
                self.at += 1
            elif self.peek() != "}":
                self.fail("a comma or } is missing here")
        self.at += 1
        return out
