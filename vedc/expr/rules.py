"""Simplification: rows of ``pattern -> result``, applied from the leaves up.

A row is text in formula notation. A letter matches any expression of its kind, the same one
wherever it occurs in the row:

    x y z    anything
    s t      varying from pixel to pixel
    u v w    uniform, so that arithmetic on it alone costs a kernel nothing (``uniforms``)
    c d e    constant; a ``where`` may ask something of its value

Commutative nodes are put in order before matching: varying operands first, then uniform
ones, constants last. So a row is written once.

Rows hold for real numbers. They may change the last bits of a result, and may give a number
where an infinity or NaN would have come out (``x * 0 -> 0``), never the reverse.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from vedc.expr.nodes import ARITY, Expr, const, node, walk
from vedc.expr.scalar_ops import FUNCTIONS
from vedc.support.lazy_dataclass import dataclass

ROWS: Final = """
x + 0                        -> x
x + -t                       -> x - t
-t + y                       -> y - t
x + x                        -> x * 2
x + (y - x)                  -> y
(y - x) + x                  -> y
(x + u) + v                  -> x + (u + v)
(s + u) + t                  -> (s + t) + u
s + (t + u)                  -> (s + t) + u
(u - s) + v                  -> (u + v) - s
s * y + z                    -> fma(s, y, z)
x + s * y                    -> fma(s, y, x)
fma(x, y, u) + v             -> fma(x, y, u + v)

x - 0                        -> x
0 - x                        -> -x
x - x                        -> 0
x - -y                       -> x + y
x - c                        -> x + -c
s - u                        -> s + -u
(s + u) - t                  -> (s - t) + u
s - (t + u)                  -> (s - t) + -u
u - (s + v)                  -> (u - v) - s
u - (v - s)                  -> s + (u - v)
s * y - z                    -> fma(s, y, -z)
x - s * u                    -> fma(s, -u, x)
x - s * y                    -> fma(-s, y, x)
u - fma(s, v, w)             -> fma(s, -v, u - w)

-(-x)                        -> x
-(x - y)                     -> y - x
-(s + u)                     -> -u - s
-(s * u)                     -> s * -u
-fma(s, u, v)                -> fma(s, -u, -v)

x * 0                        -> 0
x * 1                        -> x
x * -1                       -> -x
-x * -y                      -> x * y
-s * u                       -> s * -u
(x * u) * v                  -> x * (u * v)
(s + u) * v                  -> fma(s, v, u * v)
(u - s) * v                  -> fma(s, -v, u * v)
fma(s, u, v) * w             -> fma(s, u * w, v * w)

0 / x                        -> 0
x / c                        -> x * (1 / c)
s / u                        -> s * (1 / u)

fma(x, 0, z)                 -> z
fma(x, 1, z)                 -> x + z
fma(x, -1, z)                -> z - x
fma(x, y, 0)                 -> x * y
fma(-x, -y, z)               -> fma(x, y, z)
fma(-s, u, z)                -> fma(s, -u, z)
fma(s, u, s)                 -> s * (u + 1)
fma(s * u, v, z)             -> fma(s, u * v, z)
fma(u, v, z)                 -> z + u * v
fma(s + u, v, w)             -> fma(s, v, fma(u, v, w))
fma(s + u, v, t)             -> fma(s, v, t) + u * v
fma(u - s, v, w)             -> fma(s, -v, fma(u, v, w))
fma(fma(s, u, v), w, z)      -> fma(s, u * w, fma(v, w, z))
fma(x, y, s + u)             -> fma(x, y, s) + u

min(x, x)                    -> x
max(x, x)                    -> x
min(min(x, u), v)            -> min(x, min(u, v))
max(max(x, u), v)            -> max(x, max(u, v))
min(max(x, c), d)            -> d                           where c >= d
max(min(x, c), d)            -> d                           where c <= d
max(min(max(x, c), d), e)    -> min(max(x, max(c, e)), d)   where c <= d and e <= d

abs(abs(x))                  -> abs(x)
abs(-x)                      -> abs(x)
abs(max(x, c))               -> max(x, c)                   where c >= 0
abs(min(max(x, c), d))       -> min(max(x, c), d)           where c >= 0 and d >= 0

lt(max(x, c), d)             -> 0                           where c >= d
lt(min(max(x, c), e), d)     -> 0                           where c >= d and e >= d
lt(x, x)                     -> 0
le(x, x)                     -> 1
select(c, x, y)              -> x                           where c != 0
select(c, x, y)              -> y                           where c == 0
select(x, y, y)              -> y
select(lt(x, y), 1, 0)       -> lt(x, y)
select(le(x, y), 1, 0)       -> le(x, y)

pow(x, 0)                    -> 1
pow(x, 0.5)                  -> sqrt(max(x, 0))
pow(x, 1)                    -> max(x, 0)
pow(x, 2)                    -> max(x, 0) * max(x, 0)
pow(x, 3)                    -> max(x, 0) * max(x, 0) * max(x, 0)
pow(c, y)                    -> exp2(y * log2(c))           where c > 0
pow(max(x, c), y)            -> pow(x, y)                   where c <= 0
pow(pow(x, c), d)            -> pow(x, c * d)               where c > 0 and d > 0
log2(exp2(x))                -> x
"""

Bindings = dict[str, Expr]
Matcher = Callable[[Expr, Bindings], bool]
Builder = Callable[[Bindings, "Simplifier"], Expr]

_COMMUTATIVE: Final = frozenset({"add", "mul", "min", "max", "fma"})
_OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row, compiled."""

    text: str
    root: str
    """The opcode that it can begin at ..."""
    arguments: tuple[Callable[[str, bool], bool], ...]
    """... and for each argument, whether one with that opcode, uniform or not, may match."""
    match: Matcher
    build: Builder


def simplify(roots: Sequence[Expr]) -> list[Expr]:
    """Rewrite until no row applies anywhere. Common parts stay common."""
    simplifier = Simplifier()
    done: dict[Expr, Expr] = {}
    for e in walk(roots, stop=_SIMPLE):
        done[e] = e if e.simple else simplifier.make(e.op, *[done[a] for a in e.args], like=e)
    return [done[r] for r in roots]


class _Simple:
    """All nodes in which nothing is left to rewrite."""

    def __contains__(self, e: object) -> bool:
        return isinstance(e, Expr) and e.simple


_SIMPLE: Final = _Simple()


class Simplifier:
    """Builds simplified nodes of simplified arguments."""

    def __init__(self) -> None:
        self._results: dict[Expr, Expr] = {}

    def make(self, op: str, *args: Expr, like: Expr | None = None) -> Expr:
        """The simplest form of a node; ``like`` gives its attribute."""
        if (
            args
            and args[-1].op == "const"
            and op in FUNCTIONS
            and all(a.op == "const" for a in args)
        ):
            return const(FUNCTIONS[op](*(a.value for a in args)))
        if op in _COMMUTATIVE and _rank(args[0]) > _rank(args[1]):
            args = (args[1], args[0], *args[2:])
        plain = node(op, *args, attr=like.attr if like is not None else None)
        if plain.simple:
            return plain
        result = self._results.get(plain)
        if result is None:
            result = self._results[plain] = self._rewrite(plain)
            result.simple = True
        return result

    def _rewrite(self, e: Expr) -> Expr:
        for rule in _candidates(e.op, tuple((a.op, a.uniform) for a in e.args)):
            bindings: Bindings = {}
            if rule.match(e, bindings):
                return rule.build(bindings, self)
        return e


def _rank(e: Expr) -> int:
    """The sort key of a commutative node's operand."""
    return 2 if e.op == "const" else int(e.uniform)


@cache
def rules() -> dict[str, tuple[Rule, ...]]:
    """The rows by opcode, in the order in which they are tried."""
    table: dict[str, list[Rule]] = {}
    for row in ROWS.strip().splitlines():
        if row:
            rule = _parse(row)
            table.setdefault(rule.root, []).append(rule)
    return {op: tuple(rows) for op, rows in table.items()}


@cache
def _candidates(op: str, arguments: tuple[tuple[str, bool], ...]) -> tuple[Rule, ...]:
    """The rules that nodes with such arguments may match: few of all, which saves most of the
    time of long expressions."""
    return tuple(
        rule
        for rule in rules().get(op, ())
        if all(may(*a) for may, a in zip(rule.arguments, arguments, strict=True))
    )


def _parse(row: str) -> Rule:
    left, _, rest = row.partition("->")
    right, _, where = rest.partition("where")
    pattern = ast.parse(left.strip(), mode="eval").body
    matches, build = _matcher(pattern), _builder(ast.parse(right.strip(), mode="eval").body)
    root, operands = _split(pattern)
    arguments = tuple(map(_argument, operands))
    if not where:
        return Rule(row, root, arguments, matches, build)
    condition = compile(where.strip(), row, "eval")

    def matches_where(e: Expr, bindings: Bindings) -> bool:
        if not matches(e, bindings):
            return False
        values = {name: b.value for name, b in bindings.items() if b.op == "const"}
        return bool(eval(condition, {}, values))

    return Rule(row, root, arguments, matches_where, build)


def _split(tree: ast.expr) -> tuple[str, list[ast.expr]]:
    """Opcode and operands of a formula that is neither a letter nor a number."""
    if isinstance(tree, ast.BinOp):
        return _OPERATORS[type(tree.op)], [tree.left, tree.right]
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return "neg", [tree.operand]
    assert isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name), ast.dump(tree)
    assert ARITY[tree.func.id] == len(tree.args), ast.dump(tree)
    return tree.func.id, tree.args


def _literal(tree: ast.expr) -> float | None:
    """The number that a formula is, if it is one."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = _literal(tree.operand)
        return None if inner is None else -inner
    if isinstance(tree, ast.Constant):
        assert isinstance(tree.value, (int, float))
        return float(tree.value)
    return None


#: Whether a letter takes an expression with that opcode, uniform or not.
_KINDS: Final[dict[str, Callable[[str, bool], bool]]] = {
    **dict.fromkeys("xyz", lambda op, uniform: True),
    **dict.fromkeys("st", lambda op, uniform: not uniform),
    **dict.fromkeys("uvw", lambda op, uniform: uniform),
    **dict.fromkeys("cde", lambda op, uniform: op == "const"),
}


def _argument(tree: ast.expr) -> Callable[[str, bool], bool]:
    """Whether an argument with that opcode, uniform or not, may match a part of a pattern."""
    if isinstance(tree, ast.Name):
        return _KINDS[tree.id]
    wanted = "const" if _literal(tree) is not None else _split(tree)[0]
    return lambda op, uniform: op == wanted


def _matcher(tree: ast.expr) -> Matcher:
    number = _literal(tree)
    if number is not None:
        return lambda e, bindings: e.op == "const" and e.value == number
    if isinstance(tree, ast.Name):
        return _letter(tree.id)
    op, operands = _split(tree)
    parts = [_matcher(operand) for operand in operands]

    def match(e: Expr, bindings: Bindings) -> bool:
        return e.op == op and all(
            part(arg, bindings) for part, arg in zip(parts, e.args, strict=True)
        )

    return match


def _letter(name: str) -> Matcher:
    of_kind = _KINDS[name]

    def match(e: Expr, bindings: Bindings) -> bool:
        return bindings.setdefault(name, e) is e and of_kind(e.op, e.uniform)

    return match


def _builder(tree: ast.expr) -> Builder:
    number = _literal(tree)
    if number is not None:
        constant = const(number)
        return lambda bindings, simplifier: constant
    if isinstance(tree, ast.Name):
        name = tree.id
        return lambda bindings, simplifier: bindings[name]
    op, operands = _split(tree)
    parts = [_builder(operand) for operand in operands]
    return lambda bindings, simplifier: simplifier.make(
        op, *(part(bindings, simplifier) for part in parts)
    )
