"""Formulas given as text in a spec: parser, type check and evaluation.

A formula is an expression of numbers and colours, in the notation of C and GLSL::

    condition ? then : otherwise
    or  ||      and  &&      not
    <  <=  >  >=  ==  !=         once, not chained; 1 or 0
    +  -        *  /  %          % is what is left above a multiple, never negative
    -x  !x      x ** y           from the right
    f(x, y)     a.r              a colour's part: r, g, b, a

Only the named values and functions are accessible. :func:`check` finds every mistake, so that
:func:`evaluate_formula` cannot fail on a checked formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.shared.formula_functions import FUNCTIONS, OPERATORS, FormulaFunction, FormulaValue

MAX_LENGTH: Final = 2000
"""Characters of a formula."""
MAX_NESTING: Final = 32
"""Nested parentheses, calls, signs and conditionals."""
MAX_DEPTH: Final = 200
"""Levels of its tree."""
MAX_SAMPLES: Final = 32
"""Positions other than its own that a formula may sample for one pixel."""

FormulaKind = Literal["number", "color"]

#: The values available to a transition's formula.
NAMES: Final[dict[str, FormulaKind]] = {
    "p": "number", "progress": "number", "x": "number", "y": "number", "width": "number",
    "height": "number", "ratio": "number", "pi": "number", "a": "color", "b": "color",
}  # fmt: skip
#: The pictures that can be sampled elsewhere: a(x, y).
PICTURES: Final = ("a", "b")


class FormulaError(Exception):
    """A mistake in a formula; ``column`` counts characters from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"{message} (column {column})")
        self.message, self.column = message, column


@dataclass(frozen=True, slots=True)
class FormulaNode:
    """One part of a formula. ``op`` is ``number``, ``name``, ``sample``, ``part``, a function's
    name behind ``call``, or an operator; ``text`` is the number, the name or the part."""

    op: str
    kind: FormulaKind
    args: tuple[FormulaNode, ...] = ()
    text: str = ""

    @property
    def depth(self) -> int:
        """Levels of the tree from here on."""
        deepest, level = 0, [self]
        while level:
            deepest, level = deepest + 1, [arg for node in level for arg in node.args]
        return deepest


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """number, name, op or end."""
    text: str
    column: int


_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<op>\*\*|<=|>=|==|!=|&&|\|\||[-+*/%<>()?:,.!]))"
)
_WORDS: Final = {"and": "&&", "or": "||", "not": "not"}
_LEVELS: Final = (("||",), ("&&",), ("<", "<=", ">", ">=", "==", "!="), ("+", "-"), ("*", "/", "%"))
_COMPARE: Final = 2


def check(text: str) -> None:
    """Raise :class:`FormulaError` if the text is not a formula."""
    parse(text)


def parse(text: str) -> FormulaNode:
    """The formula's tree. Raises :class:`FormulaError`."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"the formula is longer than {MAX_LENGTH} characters", MAX_LENGTH + 1)
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise FormulaError(f"{text[at]!r} has no meaning in a formula", at + 1)
        kind = match.lastgroup or "op"
        word = match[kind]
        column = match.start(kind) + 1
        if kind == "name" and word in _WORDS:
            kind, word = "op", _WORDS[word]
        if kind == "number" and found and found[-1].kind in ("number", "name"):
            last = found[-1]
            if last.column + len(last.text) == column:
                raise FormulaError(f"{last.text + word!r} is not a number", last.column)
        found.append(_Token(kind, word, column))
        at = match.end()
    found.append(_Token("end", "", end + 1))
    return found


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.at, self.samples = tokens, 0, 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def whole(self) -> FormulaNode:
        if self.token.kind == "end":
            raise FormulaError("the formula is empty", 1)
        node = self.conditional(1)
        if self.token.kind != "end":
            raise self.unexpected("an operator or the end")
        if node.depth > MAX_DEPTH:
            raise FormulaError(f"more than {MAX_DEPTH} operations depend on each other", 1)
        return node

    def unexpected(self, wanted: str) -> FormulaError:
        token = self.token
        if token.kind == "end":
            return FormulaError(f"the formula ends where {wanted} is expected", token.column)
        return FormulaError(f"found {token.text!r} where {wanted} is expected", token.column)

    def take(self, *texts: str) -> _Token | None:
        """The next token, if it is one of these operators."""
        token = self.token
        if token.kind == "op" and token.text in texts:
            self.at += 1
            return token
        return None

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.unexpected(repr(text))

    def limit(self, depth: int) -> None:
        if depth > MAX_NESTING:
            raise FormulaError(f"nested more than {MAX_NESTING} deep", self.token.column)

    def conditional(self, depth: int) -> FormulaNode:
        self.limit(depth)
        start = self.token
        condition = self.binary(0, depth)
        if not self.take("?"):
            return condition
        _number(condition, start, "a condition")
        then = self.conditional(depth + 1)
        self.need(":")
        place = self.token
        other = self.conditional(depth + 1)
        if then.kind != other.kind:
            raise FormulaError(
                f"this is a {other.kind}, the other branch a {then.kind}", place.column
            )
        return FormulaNode("?", then.kind, (condition, then, other))

    def binary(self, level: int, depth: int) -> FormulaNode:
        if level == len(_LEVELS):
            return self.unary(depth)
        if level == _COMPARE and (token := self.take("not")):
            self.limit(depth)
            operand = self.binary(level, depth + 1)
            _number(operand, token, "'not'")
            return FormulaNode("!", "number", (operand,))
        node = self.binary(level + 1, depth)
        count = 0
        while token := self.take(*_LEVELS[level]):
            count += 1
            if level == _COMPARE and count > 1:
                raise FormulaError(
                    "comparisons cannot be chained: combine them with 'and'", token.column
                )
            right = self.binary(level + 1, depth)
            node = FormulaNode(token.text, _joined(token, node, right), (node, right))
        return node

    def unary(self, depth: int) -> FormulaNode:
        self.limit(depth)
        if token := self.take("-", "+", "!"):
            operand = self.unary(depth + 1)
            _number(operand, token, f"{token.text!r}")
            if token.text == "+":
                return operand
            return FormulaNode("neg" if token.text == "-" else "!", "number", (operand,))
        node = self.postfix(depth)
        if token := self.take("**"):
            power = self.unary(depth + 1)
            _number(node, token, "a base")
            _number(power, token, "an exponent")
            return FormulaNode("**", "number", (node, power))
        return node

    def postfix(self, depth: int) -> FormulaNode:
        node = self.primary(depth)
        while dot := self.take("."):
            part = self.token
            if part.kind != "name" or part.text not in ("r", "g", "b", "a"):
                raise self.unexpected("r, g, b or a")
            if node.kind != "color":
                raise FormulaError("only colours have channels", dot.column)
            self.at += 1
            node = FormulaNode("part", "number", (node,), part.text)
        return node

    def primary(self, depth: int) -> FormulaNode:
        token = self.token
        if self.take("("):
            node = self.conditional(depth + 1)
            self.need(")")
            return node
        if token.kind == "number":
            self.at += 1
            return FormulaNode("number", "number", (), token.text)
        if token.kind != "name":
            raise self.unexpected("a value")
        self.at += 1
        if self.take("("):
            return self.call(token, depth)
        if token.text in NAMES:
            return FormulaNode("name", NAMES[token.text], (), token.text)
        if token.text in FUNCTIONS:
            raise FormulaError(f"{token.text} is a function: {token.text}(...)", token.column)
        raise FormulaError(f"{token.text!r} is unknown; there are {', '.join(NAMES)}", token.column)

    def call(self, name: _Token, depth: int) -> FormulaNode:
        places: list[int] = []
        args: list[FormulaNode] = []
        while not self.take(")"):
            if args:
                self.need(",")
            places.append(self.token.column)
            args.append(self.conditional(depth + 1))
        if name.text in PICTURES:
            if [arg.kind for arg in args] != ["number", "number"]:
                raise FormulaError(f"{name.text} takes a position: {name.text}(x, y)", name.column)
            self.samples += 1
            if self.samples > MAX_SAMPLES:
                raise FormulaError(f"more than {MAX_SAMPLES} positions are sampled", name.column)
            return FormulaNode("sample", "color", tuple(args), name.text)
        function = FUNCTIONS.get(name.text)
        if function is None:
            known = ", ".join(FUNCTIONS)
            raise FormulaError(f"no function {name.text!r}; there are {known}", name.column)
        return FormulaNode("call", _checked(name, function, args, places), tuple(args), name.text)


def _number(node: FormulaNode, token: _Token, what: str) -> None:
    if node.kind != "number":
        raise FormulaError(f"{what} takes a number, not a colour", token.column)


def _joined(token: _Token, left: FormulaNode, right: FormulaNode) -> FormulaKind:
    """The kind of an operator's result."""
    kinds = (left.kind, right.kind)
    if kinds == ("number", "number"):
        return "number"
    if kinds == ("color", "color") and token.text in ("+", "-", "*"):
        return "color"
    if token.text == "*" or (token.text == "/" and kinds == ("color", "number")):
        return "color"
    raise FormulaError(
        f"{token.text!r} cannot combine a {left.kind} and a {right.kind}", token.column
    )


def _checked(
    name: _Token, function: FormulaFunction, args: list[FormulaNode], places: list[int]
) -> FormulaKind:
    """The kind of a function's result."""
    if len(args) not in function.counts:
        counts = " or ".join(map(str, function.counts))
        raise FormulaError(f"{name.text} takes {counts} values, not {len(args)}", name.column)
    kinds = [arg.kind for arg in args]
    for place, (kind, wanted) in enumerate(zip(kinds, function.kinds, strict=False)):
        meant = kinds[function.kinds.index("same")] if wanted == "same" else wanted
        if kind != meant:
            raise FormulaError(f"{name.text} takes a {meant} here, not a {kind}", places[place])
    if function.result != "same":
        return function.result
    return kinds[function.kinds.index("same")]


def evaluate_formula(
    m: Math,
    text: str,
    names: Mapping[str, FormulaValue],
    sample: Mapping[str, Callable[[Scalar, Scalar], Pixel]],
) -> FormulaValue:
    """The formula's value; ``sample`` returns a picture's colour at (x, y) in 0..1.

    Raises :class:`FormulaError`.
    """

    def number(node: FormulaNode) -> Scalar:
        value = worth(node)
        assert not isinstance(value, Pixel)
        return value

    def worth(node: FormulaNode) -> FormulaValue:
        match node.op:
            case "number":
                return m.number(float(node.text))
            case "name":
                return names[node.text]
            case "sample":
                return sample[node.text](number(node.args[0]), number(node.args[1]))
            case "part":
                color = worth(node.args[0])
                assert isinstance(color, Pixel)
                return dict(zip("rgba", (*color.rgb.channels, color.a), strict=True))[node.text]
            case "call":
                return FUNCTIONS[node.text].body(m, *map(worth, node.args))
        return OPERATORS[node.op](m, *map(worth, node.args))

    return worth(parse(text))
