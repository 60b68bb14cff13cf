"""Expr: the pixel language's only intermediate form.

An ``Expr`` is an immutable, interned node: equal expressions are the same object, so common parts
are shared by construction and identity is equality. All values are real numbers (float64 in the
reference, float32 in generated code); conditions are numbers too, 1.0 or 0.0, made by ``lt`` and
``le`` and consumed by ``select``.

Numeric contract (every backend, tested):
  * ``min``/``max`` return the other operand where one is NaN.
  * ``log2`` of a number <= 0 and ``pow`` of a negative base never happen: ops guard with
    ``max``; generated code treats a base <= 0 as the smallest normal float.
  * ``pow(0, y)`` is 0 for y > 0.
  * ``div`` by zero gives infinity, which the final clamp brings to the peak.
  * ``atan2`` follows C: -pi..pi, and 0 at the origin.
  * ``hash`` treats NaN as 0 and clamps its arguments to -2**24..2**24 before taking their floors;
    the formula is ``scalar_ops.hashed``, in integers, so every backend agrees to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator
from typing import Final
from weakref import WeakValueDictionary

#: Opcode -> number of Expr arguments.
ARITY: Final[dict[str, int]] = {
    "const": 0,  # attr: float
    "param": 0,  # attr: int; a uniform: one float a frame, given by the host
    "load": 0,  # attr: (leaf, plane); the sample's code value as a number, 0 outside
    "cover": 0,  # attr: leaf; 1 inside the leaf's rectangle, else 0
    "x": 0,  # pixel centre in canvas pixels: column + 0.5
    "y": 0,  # row + 0.5
    "add": 2, "sub": 2, "mul": 2, "div": 2, "min": 2, "max": 2,
    "fma": 3,  # a * b + c
    "neg": 1, "abs": 1, "sqrt": 1, "floor": 1, "exp2": 1, "log2": 1,
    "pow": 2,  # base >= 0
    "sin": 1, "cos": 1,
    "atan2": 2,  # y, x
    "hash": 3,  # noise in [0, 1): a number that looks random for each triple of integers
    "lt": 2, "le": 2,  # 1.0 or 0.0
    "select": 3,  # condition, then, else
    "lut3d": 3,  # attr: (table, channel 0..2); r, g, b in 0..1 (clamped): tetrahedral
    "lut1d": 1,  # attr: (table, channel 0..2); value in 0..1 (clamped): linear
    "texel": 2,  # attr: (leaf, plane); of a sampled float leaf, the sample in column floor(x)
    # and row floor(y) of the leaf's own pixels; 0 outside it and where x or y is NaN
    "bilinear": 7, "bicubic": 7,  # attr: (leaf, plane); see taps.Look: interpolated in a window
    "memo": 0,  # attr: (memo group, channel 0..2); see program.Memo
}  # fmt: skip

#: Opcodes whose value is the same for every pixel when their arguments are.
UNIFORM_LEAVES: Final = frozenset({"const", "param"})
#: Table lookups are never uniform, whatever they look up: the host has no tables.
TABLE_OPS: Final = frozenset({"lut3d", "lut1d"})
#: Opcodes that read the kernel's memory and so are never uniform.
FETCHING: Final = TABLE_OPS | {"texel", "bilinear", "bicubic"}

Attr = float | int | tuple[int, int] | None


class Expr:
    """One node. Make nodes with :func:`node` or the helpers below, never directly.

    ``uniform`` is true where no pixel and no table is read below; ``depth`` is the longest
    path down; ``simple`` is true once ``rules`` has found nothing to rewrite here or below.
    Arithmetic and order operators make nodes; ``==`` is identity.
    """

    __slots__ = ("__weakref__", "args", "attr", "depth", "op", "simple", "uniform")

    op: str
    args: tuple[Expr, ...]
    attr: Attr
    uniform: bool
    depth: int
    simple: bool

    def __repr__(self) -> str:
        inner = [repr(self.attr)] if self.attr is not None else []
        inner += [repr(a) for a in self.args]
        return f"{self.op}({', '.join(inner)})" if inner else self.op

    def __reduce__(self) -> tuple[object, ...]:
        # A flat listing: expressions can be deeper than pickle's recursion goes.
        places: dict[int, int] = {}
        listing = []
        for index, e in enumerate(walk([self])):
            places[id(e)] = index
            listing.append((e.op, tuple(places[id(a)] for a in e.args), e.attr))
        return _from_listing, (tuple(listing),)

    @property
    def value(self) -> float:
        """The number of a ``const``."""
        assert isinstance(self.attr, float), "only a const has a value"
        return self.attr

    def __add__(self, other: Operand) -> Expr:
        return _binary("add", self, other)

    def __radd__(self, other: Operand) -> Expr:
        return _binary("add", other, self)

    def __sub__(self, other: Operand) -> Expr:
        return _binary("sub", self, other)

    def __rsub__(self, other: Operand) -> Expr:
        return _binary("sub", other, self)

    def __mul__(self, other: Operand) -> Expr:
        return _binary("mul", self, other)

    def __rmul__(self, other: Operand) -> Expr:
        return _binary("mul", other, self)

    def __truediv__(self, other: Operand) -> Expr:
        return _binary("div", self, other)

    def __rtruediv__(self, other: Operand) -> Expr:
        return _binary("div", other, self)

    def __neg__(self) -> Expr:
        return node("neg", self)

    def __abs__(self) -> Expr:
        return node("abs", self)

    def __lt__(self, other: Operand) -> Expr:
        return _binary("lt", self, other)

    def __le__(self, other: Operand) -> Expr:
        return _binary("le", self, other)

    def __gt__(self, other: Operand) -> Expr:
        return _binary("lt", other, self)

    def __ge__(self, other: Operand) -> Expr:
        return _binary("le", other, self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (int, float)):
            raise TypeError("an Expr has no value yet to compare with a number; use select")
        return self is other

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("an Expr has no value yet to branch on; use select")


Operand = Expr | float


_interned: WeakValueDictionary[tuple[object, ...], Expr] = WeakValueDictionary()


def node(op: str, *args: Expr, attr: Attr = None) -> Expr:
    """Intern a node as it is; rewriting is the job of ``rules``."""
    if op == "const":
        assert isinstance(attr, (int, float))
        attr = float(attr)
        # -0.0 == 0.0 and NaN != NaN: key by representation, not by value.
        key: tuple[object, ...] = ("const", attr.hex() if math.isfinite(attr) else repr(attr))
    else:
        key = (op, attr, *map(id, args))
    found = _interned.get(key)
    if found is not None:
        return found
    made = Expr()
    made.op, made.args, made.attr = op, args, attr
    made.uniform = op in UNIFORM_LEAVES or (
        bool(args) and op not in FETCHING and all(a.uniform for a in args)
    )
    made.depth = 1 + max([a.depth for a in args], default=0)
    made.simple = False
    assert len(args) == ARITY[op], f"{op} takes {ARITY[op]} arguments, got {len(args)}"
    _interned[key] = made
    return made


def _from_listing(listing: tuple[tuple[str, tuple[int, ...], Attr], ...]) -> Expr:
    """The expression of a pickle, interned again."""
    made: list[Expr] = []
    for op, args, attr in listing:
        made.append(node(op, *(made[place] for place in args), attr=attr))
    return made[-1]


def expr(value: Operand) -> Expr:
    """The value itself, with numbers as ``const`` nodes."""
    return value if isinstance(value, Expr) else const(value)


def _binary(op: str, left: Operand, right: Operand) -> Expr:
    if not isinstance(left, (Expr, int, float)) or not isinstance(right, (Expr, int, float)):
        return NotImplemented
    return node(op, expr(left), expr(right))


def const(value: float) -> Expr:
    return node("const", attr=float(value))


def param(index: int) -> Expr:
    return node("param", attr=index)


def load(leaf: int, plane: int) -> Expr:
    return node("load", attr=(leaf, plane))


def cover(leaf: int) -> Expr:
    return node("cover", attr=leaf)


def walk(roots: Iterable[Expr], stop: Container[Expr] = ()) -> Iterator[Expr]:
    """Every node once, arguments before users, in a stable order; nothing below ``stop``."""
    seen: set[Expr] = set()
    stack: list[Expr | None] = [*roots]
    stack.reverse()
    while stack:
        expr = stack.pop()
        if expr is None:  # everything below the next one has been yielded
            below = stack.pop()
            assert below is not None
            yield below
        elif expr not in seen:
            seen.add(expr)
            if not expr.args or (stop and expr in stop):
                yield expr
            else:
                stack += (expr, None)
                stack += expr.args[::-1]


def listing(roots: Iterable[Expr]) -> tuple[list[str], dict[Expr, str]]:
    """Every node below ``roots`` as a line ``%n = op attr arguments``, and the nodes' names."""
    names: dict[Expr, str] = {}
    lines = []
    for index, e in enumerate(walk(roots)):
        names[e] = f"%{index}"
        attr = "" if e.attr is None else f" {e.attr!r}"
        args = "".join(f" {names[a]}" for a in e.args)
        lines.append(f"%{index} = {e.op}{attr}{args}")
    return lines, names
