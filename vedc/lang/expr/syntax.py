"""The syntax of ``${{ }}``: tokens, a Pratt parser and its tree.

Loosest first: ``a if c else b``; ``or``; ``and``; ``not``; one comparison; ``+ -``;
``* / // %``; unary ``- +``; ``**`` (from the right); ``x.name``, ``x[index]``, ``f(x)``.
All offsets count characters of the YAML value that holds the expression.
"""

from __future__ import annotations

import math
import re
from typing import Final

from vedc.support.lazy_dataclass import dataclass

MAX_LENGTH: Final = 2000
"""Characters of one expression."""
MAX_DEPTH: Final = 64
"""Levels of the tree."""

KEYWORDS: Final = frozenset({"if", "else", "and", "or", "not", "true", "false", "null"})

TextRange = tuple[int, int]


class ExpressionError(Exception):
    """A mistake in an expression; ``span`` is the offending part."""

    def __init__(self, code: str, message: str, span: TextRange, hint: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.span, self.hint = code, message, span, hint


@dataclass(frozen=True, slots=True)
class LiteralValue:
    value: str | int | float | bool | None
    span: TextRange


@dataclass(frozen=True, slots=True)
class ListLiteral:
    items: tuple[ExprNode, ...]
    span: TextRange


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    span: TextRange


@dataclass(frozen=True, slots=True)
class Member:
    """``whole.name`` and ``whole[index]``; ``span`` is of the name or the index."""

    whole: ExprNode
    index: ExprNode
    span: TextRange


@dataclass(frozen=True, slots=True)
class Unary:
    op: str
    operand: ExprNode
    span: TextRange


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: ExprNode
    right: ExprNode
    span: TextRange
    """Of the operator."""


@dataclass(frozen=True, slots=True)
class Conditional:
    then: ExprNode
    condition: ExprNode
    otherwise: ExprNode
    span: TextRange


@dataclass(frozen=True, slots=True)
class FunctionCall:
    name: str
    args: tuple[ExprNode, ...]
    span: TextRange
    """Of the name."""


ExprNode = LiteralValue | ListLiteral | Name | Member | Unary | Binary | Conditional | FunctionCall


def whole_span(node: ExprNode) -> TextRange:
    """From the first to the last character of a node, parentheses aside."""
    match node:
        case Binary():
            return whole_span(node.left)[0], whole_span(node.right)[1]
        case Conditional():
            return whole_span(node.then)[0], whole_span(node.otherwise)[1]
        case Unary():
            return node.span[0], whole_span(node.operand)[1]
        case Member():
            return whole_span(node.whole)[0], node.span[1]
        case FunctionCall() if node.args:
            return node.span[0], whole_span(node.args[-1])[1] + 1
    return node.span


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """number, string, name, op or end."""
    text: str
    span: TextRange
    value: str | int | float | None = None


_SPACE: Final = re.compile(r"\s*")
_NUMBER: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OP: Final = re.compile(r"\}\}|\*\*|//|==|!=|<=|>=|&&|\|\||[-+*/%<>()\[\].,=!?&|^~:]")
_WORD: Final = re.compile(r"[\w.]+")
_ESCAPES: Final = {"n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"'}
#: Operators of other languages, and what to write instead.
_FOREIGN: Final = {
    "&&": "write 'and'",
    "||": "write 'or'",
    "!": "write 'not'",
    "=": "write '==' to compare",
    "?": "write 'a if condition else b'",
    "^": "write '**' for powers",
}

_BINARY: Final = {
    "or": 2, "and": 3,
    "==": 5, "!=": 5, "<": 5, "<=": 5, ">": 5, ">=": 5,
    "+": 6, "-": 6, "*": 7, "/": 7, "//": 7, "%": 7, "**": 9,
}  # fmt: skip
_CONDITIONAL, _NOT, _COMPARE, _SIGN = 1, 4, 5, 8


def parse_expression(text: str, start: int) -> tuple[ExprNode, int]:
    """Parse the text after ``${{``; returns the tree and the offset after ``}}``.

    Raises :class:`ExpressionError`.
    """
    parser = _Parser(text, start)
    if parser.token.text == "}}" and parser.token.kind == "op":
        raise ExpressionError(
            "expression-syntax", "the expression is empty", (start - 3, parser.token.span[1])
        )
    node, _ = parser.expression(0, 1)
    if parser.token.kind != "op" or parser.token.text != "}}":
        raise parser.unexpected("an operator or '}}'")
    return node, parser.token.span[1]


class _Parser:
    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.token = self._scan(start)

    def _scan(self, at: int) -> _Token:
        space = _SPACE.match(self.text, at)
        at = space.end() if space else at
        if at >= len(self.text):
            opened = (self.start - 3, self.start)
            message = "the '${{' that opens here has no '}}'"
            hint = "close it with '}}', or write $${{ for the characters themselves"
            raise ExpressionError("expression-syntax", message, opened, hint)
        if at - self.start > MAX_LENGTH:
            message = f"the expression is longer than {MAX_LENGTH} characters"
            raise ExpressionError("expression-limit", message, (self.start - 3, self.start))
        if self.text[at] in "'\"":
            return self._string(at)
        if found := _NUMBER.match(self.text, at):
            return self._number(found)
        if found := _NAME.match(self.text, at):
            return _Token("name", found[0], found.span())
        if found := _OP.match(self.text, at):
            return _Token("op", found[0], found.span())
        char = self.text[at]
        raise ExpressionError(
            "expression-syntax", f"{char!r} has no meaning in an expression", (at, at + 1)
        )

    def _number(self, found: re.Match[str]) -> _Token:
        text, span = found[0], found.span()
        if after := _WORD.match(self.text, span[1]):
            whole = (span[0], after.end())
            shown = self.text[whole[0] : whole[1]]
            times = after[0] in ("s", "ms", "f")
            hint = f"a time is a text: '{shown}'" if times else None
            raise ExpressionError("expression-syntax", f"{shown} is not a number", whole, hint)
        value: int | float = int(text) if text.isdigit() and len(text) <= 40 else float(text)
        if math.isinf(value):
            raise ExpressionError("expression-value", f"{text} is too large", span)
        return _Token("number", text, span, value)

    def _string(self, at: int) -> _Token:
        quote, here = self.text[at], at + 1
        parts: list[str] = []
        while here < len(self.text):
            char = self.text[here]
            if char == quote:
                span = (at, here + 1)
                return _Token("string", self.text[at : here + 1], span, "".join(parts))
            if char == "\\":
                follower = self.text[here + 1 : here + 2]
                if follower not in _ESCAPES:
                    raise ExpressionError(
                        "expression-syntax",
                        f"\\{follower} is not an escape; there are \\n, \\t, \\\\, \\' and \\\"",
                        (here, here + 2),
                    )
                char = _ESCAPES[follower]
                here += 1
            parts.append(char)
            here += 1
        message = f"the quote {quote} that opens here is not closed"
        raise ExpressionError("expression-syntax", message, (at, at + 1))

    def _next(self) -> _Token:
        token = self.token
        self.token = self._scan(token.span[1])
        return token

    def unexpected(self, wanted: str) -> ExpressionError:
        """The error for anything but ``wanted``."""
        token = self.token
        hint = _FOREIGN.get(token.text) if token.kind == "op" else None
        if token.kind == "op" and token.text == "}}":
            message = f"the expression ends where {wanted} is expected"
        else:
            message = f"{token.text!r} is found where {wanted} is expected"
        return ExpressionError("expression-syntax", message, token.span, hint)

    def _expect(self, text: str, wanted: str) -> _Token:
        if self.token.text != text or self.token.kind not in ("op", "name"):
            raise self.unexpected(wanted)
        return self._next()

    def _is(self, *texts: str) -> bool:
        return self.token.kind in ("op", "name") and self.token.text in texts

    def expression(self, binding: int, level: int) -> tuple[ExprNode, int]:
        """Parse an expression that binds tighter than ``binding``; returns the tree and its
        depth."""
        self._check_depth(level, self.token.span)
        node, depth = self._prefix(level)
        compared = False
        while True:
            token = self.token
            if token.kind not in ("op", "name"):
                return node, depth
            power = _BINARY.get(token.text)
            if token.text in ("(", "[", "."):
                node, more = self._postfix(node, level)
            elif token.text == "if" and binding < _CONDITIONAL:
                node, more = self._conditional(node, level)
            elif power is not None and power > binding:
                if power == _COMPARE and compared:
                    hint = "write 'a < b and b < c'"
                    message = "comparisons cannot be chained"
                    raise ExpressionError("expression-syntax", message, token.span, hint)
                compared = compared or power == _COMPARE
                self._next()
                right, more = self.expression(power - (token.text == "**"), level + 1)
                node = Binary(token.text, node, right, token.span)
            else:
                return node, depth
            depth = 1 + max(depth, more)
            self._check_depth(depth, token.span)

    def _check_depth(self, depth: int, span: TextRange) -> None:
        if depth > MAX_DEPTH:
            message = f"the expression is nested more than {MAX_DEPTH} deep"
            raise ExpressionError("expression-limit", message, span)

    def _prefix(self, level: int) -> tuple[ExprNode, int]:
        token = self.token
        if token.kind in ("number", "string"):
            self._next()
            return LiteralValue(token.value, token.span), 1
        if token.kind == "name" and token.text not in KEYWORDS:
            self._next()
            return Name(token.text, token.span), 1
        if self._is("true", "false", "null"):
            self._next()
            value = None if token.text == "null" else token.text == "true"
            return LiteralValue(value, token.span), 1
        if self._is("-", "+", "not"):
            self._next()
            operand, depth = self.expression(_NOT if token.text == "not" else _SIGN, level + 1)
            return Unary(token.text, operand, token.span), depth + 1
        if self._is("("):
            self._next()
            node, depth = self.expression(0, level + 1)
            self._expect(")", "')'")
            return node, depth
        if self._is("["):
            items, depth, end = self._arguments("]", level)
            return ListLiteral(items, (token.span[0], end)), depth + 1
        raise self.unexpected("a value")

    def _arguments(self, closer: str, level: int) -> tuple[tuple[ExprNode, ...], int, int]:
        """Comma-separated values up to ``closer``; with their depth and where they end."""
        self._next()
        items: list[ExprNode] = []
        deepest = 0
        while not self._is(closer):
            if items:
                self._expect(",", f"',' or '{closer}'")
            node, depth = self.expression(0, level + 1)
            items.append(node)
            deepest = max(deepest, depth)
        return tuple(items), deepest, self._next().span[1]

    def _postfix(self, node: ExprNode, level: int) -> tuple[ExprNode, int]:
        token = self.token
        if token.text == "(":
            if not isinstance(node, Name):
                hint = None
                if isinstance(node, Member) and isinstance(node.index, LiteralValue):
                    hint = f"write {node.index.value}(...), with the value as first argument"
                message = "only functions can be called"
                raise ExpressionError("expression-syntax", message, token.span, hint)
            args, depth, _ = self._arguments(")", level)
            return FunctionCall(node.name, args, node.span), depth
        if token.text == ".":
            self._next()
            if self.token.kind != "name":
                raise self.unexpected("a name")
            name = self._next()
            return Member(node, LiteralValue(name.text, name.span), name.span), 1
        self._next()
        index, depth = self.expression(0, level + 1)
        end = self._expect("]", "']'")
        return Member(node, index, (token.span[0], end.span[1])), depth

    def _conditional(self, then: ExprNode, level: int) -> tuple[ExprNode, int]:
        token = self._next()
        condition, depth = self.expression(_CONDITIONAL, level + 1)
        self._expect("else", "'else'")
        otherwise, more = self.expression(0, level + 1)
        return Conditional(then, condition, otherwise, token.span), max(depth, more)
