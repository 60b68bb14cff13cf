"""The meaning of ``${{ }}``: checking names, and evaluating a tree.

Types are strict: ``+`` joins two texts or adds two numbers, conditions are true or false, and
``1 == true`` is false. ``/`` of two integers that divide evenly is an integer. Integers stay
within 64 bits and floats finite.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from vedc.lang.expr.functions import (
    FUNCTIONS,
    MAX_ITEMS,
    MAX_TEXT,
    REFERENCES,
    FunctionKind,
    Refused,
    equal,
    exact,
)
from vedc.lang.expr.syntax import (
    Binary,
    Conditional,
    ExpressionError,
    ExprNode,
    FunctionCall,
    ListLiteral,
    LiteralValue,
    Member,
    Name,
    TextRange,
    Unary,
    whole_span,
)
from vedc.lang.yaml.scalars import INTEGER_HIGH, INTEGER_LOW
from vedc.support.suggest import suggestion

_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "%": operator.mod,
}
_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def children(node: ExprNode) -> tuple[ExprNode, ...]:
    match node:
        case ListLiteral():
            return node.items
        case Member():
            return (node.whole, node.index)
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Conditional():
            return (node.then, node.condition, node.otherwise)
        case FunctionCall():
            return node.args
    return ()


def names_in(node: ExprNode) -> Iterator[Name]:
    """Every use of a name."""
    if isinstance(node, Name):
        yield node
    for child in children(node):
        yield from names_in(child)


def check(node: ExprNode, names: Collection[str]) -> Iterator[ExpressionError]:
    """Mistakes of a tree that do not depend on values, also in branches not taken."""
    if isinstance(node, Name) and node.name not in names:
        yield _unknown_name(node, names)
    if isinstance(node, FunctionCall):
        function = FUNCTIONS.get(node.name) or REFERENCES.get(node.name)
        if function is None:
            known = (*FUNCTIONS, *REFERENCES)
            message = f"there is no function {node.name!r}{suggestion(node.name, known)}"
            yield ExpressionError("expression-function", message, node.span)
        elif not function.accepts(len(node.args)):
            message = f"{node.name} takes {function.arity()}, not {len(node.args)}"
            yield ExpressionError("expression-function", message, node.span)
    for child in children(node):
        yield from check(child, names)


def _unknown_name(node: Name, names: Collection[str]) -> ExpressionError:
    if node.name in FUNCTIONS or node.name in REFERENCES:
        message = f"{node.name} is a function; call it: {node.name}(...)"
        return ExpressionError("expression-name", message, node.span)
    message = f"there is no variable {node.name!r}{suggestion(node.name, names)}"
    hint = f"declare it under 'variables', or quote it if it is a text: '{node.name}'"
    return ExpressionError("expression-name", message, node.span, hint)


def evaluate_expression(node: ExprNode, values: Mapping[str, Any]) -> Any:
    """The value of a tree that passed :func:`check`.

    Raises :class:`ExpressionError`.
    """
    match node:
        case LiteralValue():
            return _limited(node.value, node.span)
        case Name():
            return _limited(values[node.name], node.span)
        case ListLiteral():
            return [evaluate_expression(item, values) for item in node.items]
        case Member():
            return _member(
                node,
                evaluate_expression(node.whole, values),
                evaluate_expression(node.index, values),
            )
        case Conditional():
            taken = _truth(node.condition, values)
            return evaluate_expression(node.then if taken else node.otherwise, values)
        case Unary("not"):
            return not _truth(node.operand, values)
        case Unary():
            operand = evaluate_expression(node.operand, values)
            if not _is_number(operand):
                raise _type_error(f"{node.op} takes a number", operand, node.operand)
            return _limited(-operand if node.op == "-" else operand, node.span)
        case Binary("and"):
            return _truth(node.left, values) and _truth(node.right, values)
        case Binary("or"):
            return _truth(node.left, values) or _truth(node.right, values)
        case Binary():
            return _binary(
                node,
                evaluate_expression(node.left, values),
                evaluate_expression(node.right, values),
            )
        case FunctionCall():
            return _call(node, [evaluate_expression(arg, values) for arg in node.args])


def type_name(value: Any) -> str:
    """The user's name for the kind of a value, with its article."""
    if value is None:
        return "null"
    names = {bool: "true or false", str: "a text", list: "a list", dict: "a mapping"}
    return names.get(type(value), "a number")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Fraction)) and not isinstance(value, bool)


def _type_error(
    message: str, value: Any, node: ExprNode, hint: str | None = None
) -> ExpressionError:
    message = f"{message}, and this is {type_name(value)}"
    return ExpressionError("expression-type", message, whole_span(node), hint)


def _truth(node: ExprNode, values: Mapping[str, Any]) -> bool:
    value = evaluate_expression(node, values)
    if not isinstance(value, bool):
        hint = "compare it: x != ''" if isinstance(value, str) else "compare it: x != 0"
        raise _type_error("a condition is true or false", value, node, hint)
    return value


def _limited(value: Any, span: TextRange) -> Any:
    """The value, if it is within the language's limits."""
    bad: str | None = None
    if isinstance(value, str) and len(value) > MAX_TEXT:
        bad = f"the text is longer than {MAX_TEXT} characters"
    elif isinstance(value, list) and len(value) > MAX_ITEMS:
        bad = f"the list has more than {MAX_ITEMS} items"
    elif isinstance(value, float) and math.isnan(value):
        bad = "the result is not a number"
    elif (isinstance(value, float) and math.isinf(value)) or (
        isinstance(value, int) and not INTEGER_LOW <= value <= INTEGER_HIGH
    ):
        bad = "the result is too large"
    if bad is not None:
        raise ExpressionError("expression-value", bad, span)
    return value


def _binary(node: Binary, left: Any, right: Any) -> Any:
    op = node.op
    if op in ("==", "!="):
        return equal(left, right) == (op == "==")
    texts = isinstance(left, str), isinstance(right, str)
    if op in _ORDER and (all(texts) or (_is_number(left) and _is_number(right))):
        return _ORDER[op](left, right)
    if op == "+" and all(texts):
        if len(left) + len(right) > MAX_TEXT:
            return _limited(left + right, node.span)
        return left + right
    for value, side in ((left, node.left), (right, node.right)):
        if not _is_number(value):
            if op == "+" and any(texts):
                side, value = (node.left, left) if texts[1] else (node.right, right)
                hint = "turn it into a text: str(...)"
                raise _type_error("a text is joined with a text", value, side, hint)
            what = "two numbers or two texts" if op in _ORDER or op == "+" else "numbers"
            raise _type_error(f"{op} takes {what}", value, side)
    return _limited(_arithmetic(node, left, right), node.span)


def _arithmetic(node: Binary, left: Any, right: Any) -> Any:
    if node.op in ("/", "//", "%") and right == 0:
        raise ExpressionError("expression-value", "division by zero", node.span)
    if isinstance(left, Fraction) or isinstance(right, Fraction):
        left, right = exact(left), exact(right)
    try:
        match node.op:
            case "/":
                whole = isinstance(left, int) and isinstance(right, int) and left % right == 0
                return left // right if whole else left / right
            case "//":
                return math.floor(left // right)
            case "**":
                return _power(node, left, right)
        return _ARITHMETIC[node.op](left, right)
    except OverflowError:
        raise ExpressionError("expression-value", "the result is too large", node.span) from None


def _is_float(*values: Any) -> bool:
    return any(isinstance(value, float) for value in values)


def _power(node: Binary, base: Any, exponent: Any) -> Any:
    if base == 0 and exponent < 0:
        raise ExpressionError("expression-value", "division by zero", node.span)
    if base < 0 and not float(exponent).is_integer():
        message = "a negative number has no such power"
        raise ExpressionError("expression-value", message, node.span)
    if _is_float(base, exponent) or exponent < 0:
        return float(base) ** exponent
    # Known to exceed 64 bits before it is computed.
    if abs(base) > 1 and exponent * math.log2(abs(base)) > 65:
        raise OverflowError
    return base**exponent


def _member(node: Member, whole: Any, index: Any) -> Any:
    if isinstance(whole, dict) and isinstance(index, str):
        if index in whole:
            return whole[index]
        message = f"there is no {index!r} in it{suggestion(index, whole)}"
        raise ExpressionError("expression-name", message, node.span)
    if isinstance(whole, (list, str)) and isinstance(index, int) and not isinstance(index, bool):
        if -len(whole) <= index < len(whole):
            return whole[index]
        message = f"there is no item {index}: there are {len(whole)}, counted from 0"
        raise ExpressionError("expression-value", message, node.span)
    if isinstance(whole, dict):
        raise _type_error("a mapping is indexed by a text", index, node.index)
    if isinstance(whole, (list, str)):
        raise _type_error(f"{type_name(whole)} is indexed by an integer", index, node.index)
    raise ExpressionError("expression-type", f"{type_name(whole)} has no parts", node.span)


#: What arguments of a kind are called, and their types.
_KINDS: Final[dict[FunctionKind, tuple[str, tuple[type, ...]]]] = {
    "number": ("a number", (int, float, Fraction)),
    "whole": ("an integer", (int,)),
    "text": ("a text", (str,)),
    "list": ("a list", (list,)),
    "many": ("a text or a list", (str, list)),
    "any": ("a value", (object,)),
}


def _fits(value: Any, kind: FunctionKind) -> bool:
    # To Python true and false are integers.
    return kind == "any" or (isinstance(value, _KINDS[kind][1]) and not isinstance(value, bool))


def _call(node: FunctionCall, args: list[Any]) -> Any:
    function = FUNCTIONS[node.name]
    for index, (arg, source) in enumerate(zip(args, node.args, strict=True)):
        kind = function.kind(index)
        if isinstance(arg, Fraction) and kind != "number":
            arg = args[index] = float(arg)
        if not _fits(arg, kind):
            raise _type_error(f"{node.name} takes {_KINDS[kind][0]} here", arg, source)
    try:
        result = function.call(*args)
    except Refused as refused:
        culprit = node.args[min(refused.argument, len(node.args) - 1)]
        span = whole_span(culprit)
        raise ExpressionError("expression-value", refused.message, span) from None
    except OverflowError:
        raise ExpressionError("expression-value", "the result is too large", node.span) from None
    return _limited(result, node.span)
