"""Expr to Triton statements: one node, one line, by opcode."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from vedc.color import PixelFormat
from vedc.errors import InternalError
from vedc.expr.nodes import Expr
from vedc.expr.program import Program

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_COMPARISONS = {"lt": "<", "le": "<="}
_CALLS = {
    "min": "tl.minimum",
    "max": "tl.maximum",
    "fma": "tl.fma",
    "abs": "tl.abs",
    "sqrt": "tl.sqrt",
    "floor": "tl.floor",
    "exp2": "tl.exp2",
}
#: Opcodes that the prelude computes, by the name of its function.
_HELPERS = {
    "log2": "log2",
    "sin": "sine",
    "cos": "cosine",
    "atan2": "angle",
    "hash": "noise",
}


def literal(value: float) -> str:
    """A constant as Triton reads a float32: the shortest digits that identify it."""
    with np.errstate(over="ignore"):
        number = np.float32(value)
    if math.isnan(number):
        return 'float("nan")'
    if math.isinf(number):
        return 'float("inf")' if number > 0 else 'float("-inf")'
    if abs(number) < np.finfo(np.float32).tiny:
        return "0.0"  # Triton would take a denormal number for a float64
    return str(number)


class Scope:
    """The lines of one function and the names of the values in it.

    ``name`` names values from outside; anything else that a line needs from the kernel (planes,
    tables) is collected in ``resources``.
    """

    def __init__(self, program: Program, numbers: dict[Expr, int], name: Callable[[Expr], str]):
        self.program = program
        self.numbers = numbers
        self.outside = name
        self.lines: list[str] = []
        self.inputs: dict[str, None] = {}
        self.resources: dict[str, None] = {}
        self.names: dict[Expr, str] = {}
        self._masks: dict[Expr, str] = {}
        self._shared: dict[tuple[object, ...], str] = {}

    def value(self, e: Expr) -> str:
        """The text that refers to the value of ``e``."""
        if e.op == "const":
            return literal(e.value)
        if e in self._masks and e not in self.names:
            self.names[e] = self._line(
                f"v{self.numbers[e]}", f"tl.where({self._masks[e]}, 1.0, 0.0)"
            )
        if e not in self.names:
            found = self.names[e] = self.outside(e)
            self.inputs[found] = None
        return self.names[e]

    def add(self, e: Expr, *args: str) -> None:
        """Compute ``e``. ``args``, if given, replace the texts of its arguments."""
        target = f"v{self.numbers[e]}"
        if e.op in _COMPARISONS:
            left, right = args or map(self.value, e.args)
            mask = self._line(f"m{self.numbers[e]}", f"{left} {_COMPARISONS[e.op]} {right}")
            self._masks[e] = mask
        elif e.op == "select":
            self.names[e] = self._line(target, self._select(e, args))
        else:
            self.names[e] = self._line(
                target, self._text(e, args or tuple(map(self.value, e.args)))
            )

    def define(self, e: Expr, text: str) -> None:
        """Compute ``e`` by the given text."""
        self.names[e] = self._line(f"v{self.numbers[e]}", text)

    def _line(self, name: str, text: str) -> str:
        self.lines.append(f"{name} = {text}")
        return name

    def _select(self, e: Expr, args: tuple[str, ...]) -> str:
        condition, then, other = e.args
        mask = self._masks.get(condition)
        if mask is None:
            mask = f"{args[0] if args else self.value(condition)} != 0.0"
        chosen = args[1:] or (self.value(then), self.value(other))
        return f"tl.where({mask}, {', '.join(chosen)})"

    def _text(self, e: Expr, args: tuple[str, ...]) -> str:
        op = e.op
        if op in _INFIX:
            return f"{args[0]} {_INFIX[op]} {args[1]}"
        if op == "neg":
            return f"-{args[0]}"
        if op in _CALLS:
            return f"{_CALLS[op]}({', '.join(args)})"
        if op in _HELPERS:
            return f"{_HELPERS[op]}({', '.join(map(tensor, args))})"
        if op == "pow":
            exponent = e.args[1]
            if exponent.op == "const" and exponent.value >= 0.25:
                return f"power({tensor(args[0])}, {args[1]})"
            return f"any_power({tensor(args[0])}, {tensor(args[1])})"
        if isinstance(e.attr, tuple):
            if op == "texel":
                return self._texel(*e.attr, args)
            if op == "lut1d":
                return self._curve(*e.attr, tensor(args[0]))
            if op == "lut3d":
                return self._cube(*e.attr, tuple(map(tensor, args)))
        raise InternalError(f"the Triton generator has no code for {op!r}")

    def resource(self, *names: str) -> str:
        self.resources.update(dict.fromkeys(names))
        return ", ".join(names)

    def _texel(self, leaf: int, channel: int, args: tuple[str, ...]) -> str:
        if not samplable(self.program.leaves[leaf].format):
            raise InternalError(f"leaf {leaf} is not of planes of float32: it cannot be sampled")
        key = ("texel", leaf, *args)
        if key not in self._shared:
            size = self.resource(f"leaf{leaf}_width", f"leaf{leaf}_height")
            n = len(self._shared)
            self._shared[key] = f"column{n}, row{n}, inside{n}"
            at = ", ".join(map(tensor, args))
            self._line(self._shared[key], f"texel_at({at}, {size})")
        plane = self.resource(f"leaf{leaf}_{channel}", f"leaf{leaf}_{channel}_stride")
        return f"load_texel({plane}, {self._shared[key]})"

    def _curve(self, table: int, channel: int, at: str) -> str:
        size = self.program.tables[table].size
        return f"curve({self.resource(f'table{table}')}, {at}, {channel}, {size})"

    def _cube(self, table: int, channel: int, args: tuple[str, ...]) -> str:
        key = ("cube", table, *args)
        if key not in self._shared:
            n = len(self._shared)
            self._shared[key] = f"cube{n}"
            size = self.program.tables[table].size
            base = self.resource(f"table{table}")
            self._line(
                ", ".join(f"cube{n}_{c}" for c in range(3)),
                f"cube({base}, {', '.join(args)}, {size})",
            )
        names = f"table{table}_scale{channel}", f"table{table}_offset{channel}"
        return f"tl.fma({self._shared[key]}_{channel}, {self.resource(*names)})"


def samplable(fmt: PixelFormat) -> bool:
    """Whether ``texel`` may read a leaf of this format."""
    return fmt.floating


def tensor(text: str) -> str:
    """An operand for a function that cannot take a Python number."""
    return text if text.isidentifier() else f"tl.full((), {text}, tl.float32)"
