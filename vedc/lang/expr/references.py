"""Functions of ``${{ }}`` that look at the timeline and at files: ``start``, ``end``, ``probe``.

Their values are known only once items are laid out, which may depend on such values. So an
expression that calls one is kept as a :class:`~vedc.lang.yaml.tree.Awaited` text, with its
variables filled in, until ``vedc.lang.resolve.references`` evaluates it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Protocol

from vedc.edit.times import ExactSeconds
from vedc.errors import InternalError, SourceLocation
from vedc.lang.expr.evaluate import children, evaluate_expression, type_name
from vedc.lang.expr.functions import REFERENCES, as_text
from vedc.lang.expr.syntax import (
    Binary,
    Conditional,
    ExpressionError,
    ExprNode,
    FunctionCall,
    ListLiteral,
    LiteralValue,
    Member,
    TextRange,
    Unary,
    whole_span,
)
from vedc.lang.yaml.tree import Awaited
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Hole:
    """One ``${{ }}`` in a text; ``span`` includes the braces."""

    tree: ExprNode
    span: TextRange


@dataclass(frozen=True, slots=True)
class Reference:
    """A call: ``end('intro')`` is ``end`` of ``intro``."""

    function: str
    name: str
    span: TextRange


class MediaLookup(Protocol):
    """Answers references to files, which depend on no timeline."""

    def knows(self, reference: Reference) -> bool: ...

    def value(self, reference: Reference) -> Any:
        """Raises ExpressionError."""


def calls_in(node: ExprNode) -> Iterator[FunctionCall]:
    """The calls of these functions."""
    if isinstance(node, FunctionCall) and node.name in REFERENCES:
        yield node
    for child in children(node):
        yield from calls_in(child)


class DeferredText(Awaited):
    """The text of a value, its expressions in canonical form, and how to evaluate it."""

    parts: Sequence[str | Hole]
    values: Mapping[str, Any]
    locate: Callable[[TextRange], SourceLocation]

    @classmethod
    def of(
        cls,
        parts: Sequence[str | Hole],
        values: Mapping[str, Any],
        locate: Callable[[TextRange], SourceLocation],
    ) -> DeferredText:
        """``locate`` gives the location of a part of the text. Raises ExpressionError."""
        named = [
            part
            if isinstance(part, str)
            else replace(part, tree=_with_calls(part.tree, lambda call: _named(call, values)))
            for part in parts
        ]
        shown = (
            part.replace("${{", "$${{")
            if isinstance(part, str)
            else f"${{{{ {_shown(part.tree, values)} }}}}"
            for part in named
        )
        made = cls("".join(shown))
        made.parts, made.values, made.locate = named, values, locate
        return made

    def references(self) -> list[Reference]:
        """The calls in it."""
        holes = [part.tree for part in self.parts if isinstance(part, Hole)]
        return [_reference(call) for tree in holes for call in calls_in(tree)]

    def evaluate(self, value_of: Callable[[Reference], Any]) -> Any:
        """Its value. Raises ExpressionError, and what ``value_of`` raises."""
        results = []
        for part in self.parts:
            if isinstance(part, Hole):
                tree = _with_calls(part.tree, lambda call: _value(call, value_of))
                value = evaluate_expression(tree, self.values)
                results.append(value if len(self.parts) == 1 else joined(value, part))
            else:
                results.append(part)
        if len(results) > 1:
            return "".join(results)
        return ExactSeconds(results[0]) if isinstance(results[0], Fraction) else results[0]


def joined(value: Any, part: Hole) -> str:
    """A value as part of a text. Raises ExpressionError."""
    try:
        return as_text(value)
    except TypeError:
        message = f"{type_name(value)} cannot be part of a text"
        hint = "use default(x, '') for what may be null, join(x, ', ') for a list"
        raise ExpressionError("expression-type", message, part.span, hint) from None


def _value(call: FunctionCall, value_of: Callable[[Reference], Any]) -> LiteralValue:
    return LiteralValue(value_of(_reference(call)), call.span)


def _reference(call: FunctionCall) -> Reference:
    (argument,) = call.args
    assert isinstance(argument, LiteralValue)
    return Reference(call.name, str(argument.value), argument.span)


def _with_calls(node: ExprNode, change: Callable[[FunctionCall], ExprNode]) -> ExprNode:
    """A tree with each call of these functions changed."""

    def inside(child: ExprNode) -> ExprNode:
        return _with_calls(child, change)

    match node:
        case FunctionCall() if node.name in REFERENCES:
            return change(node)
        case FunctionCall():
            return replace(node, args=tuple(map(inside, node.args)))
        case ListLiteral():
            return replace(node, items=tuple(map(inside, node.items)))
        case Member():
            return replace(node, whole=inside(node.whole), index=inside(node.index))
        case Unary():
            return replace(node, operand=inside(node.operand))
        case Binary():
            return replace(node, left=inside(node.left), right=inside(node.right))
        case Conditional():
            then, otherwise = inside(node.then), inside(node.otherwise)
            return Conditional(then, inside(node.condition), otherwise, node.span)
    return node


def _named(call: FunctionCall, values: Mapping[str, Any]) -> FunctionCall:
    """A call whose argument is a literal. Raises ExpressionError."""
    (argument,) = call.args
    span = whole_span(argument)
    if any(True for _ in calls_in(argument)):
        message = f"the name of what {call.name} asks for cannot depend on the timeline"
        raise ExpressionError("expression-value", message, span)
    name = evaluate_expression(argument, values)
    if not isinstance(name, str):
        message = f"{call.name} takes the name of an item or a file, and this is {type_name(name)}"
        raise ExpressionError("expression-type", message, span, "quote it")
    return replace(call, args=(LiteralValue(name, span),))


def _shown(node: ExprNode, values: Mapping[str, Any], *, nested: bool = False) -> str:
    """An expression in canonical form: only unknown parts remain to be computed."""
    if not any(True for _ in calls_in(node)):
        return _literal(evaluate_expression(node, values), node)

    def part(child: ExprNode) -> str:
        return _shown(child, values, nested=True)

    match node:
        case FunctionCall():
            return f"{node.name}({', '.join(_shown(arg, values) for arg in node.args)})"
        case ListLiteral():
            return f"[{', '.join(_shown(item, values) for item in node.items)}]"
        case Member(index=LiteralValue(value=str(name))) if name.isidentifier():
            return f"{part(node.whole)}.{name}"
        case Member():
            return f"{part(node.whole)}[{_shown(node.index, values)}]"
        case Unary():
            text = f"{node.op}{' ' * node.op.isalpha()}{part(node.operand)}"
        case Binary():
            text = f"{part(node.left)} {node.op} {part(node.right)}"
        case Conditional():
            text = f"{part(node.then)} if {part(node.condition)} else {part(node.otherwise)}"
        case _:
            raise InternalError(f"{node} holds no call")
    return f"({text})" if nested else text


def _literal(value: Any, node: ExprNode) -> str:
    match value:
        case str():
            escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
            return f"'{escaped}'"
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case list():
            return f"[{', '.join(_literal(item, node) for item in value)}]"
        case int() | float():
            return f"({value})" if value < 0 else str(value)
    message = f"{type_name(value)} cannot be part of an expression that looks at the timeline"
    raise ExpressionError("expression-type", message, whole_span(node), "take one of its parts")
