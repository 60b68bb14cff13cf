"""How often a GPU kernel computes each value: its blocks, its lanes, and the rates of values.

A lane handles one block of the canvas: the pixels that share a sample of the coarsest plane read or
written, 2x2 if any is 4:2:0. A program of the grid handles rows of blocks, so a value may be shared
by the whole frame, a row of blocks, a block, or the rows or columns within it, or belong to one
pixel. It is computed once for all pixels that share it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vedc.codegen.block_average import averaged
from vedc.expr.nodes import Expr, const, node, walk
from vedc.expr.program import Program
from vedc.expr.scalar_ops import FUNCTIONS
from vedc.expr.taps import without_taps

# Rates, as bits: a value varies with rows of blocks, lanes, rows of a block, columns of a block.
LINE, LANE, ROW, COLUMN = 1, 2, 4, 8


def suffix(varies: int, row: int, column: int) -> str:
    """The end of a value's name: which row and column of the block it belongs to."""
    return (f"_r{row}" if varies & ROW else "") + (f"_c{column}" if varies & COLUMN else "")


@dataclass(frozen=True)
class Narrow:
    """Output channels with one sample for several pixels, and how their means are computed."""

    channels: list[int]
    shared: int
    """The rates within the block that is averaged."""
    parts: dict[Expr, None]
    """The averaged nodes."""
    steps: dict[Expr, None]
    """The nodes computed from the means, in order."""


class Rates:
    """A program with its memos computed in place, the size of its blocks, and its rates."""

    def __init__(self, program: Program) -> None:
        self.program = program
        roots = _without_memos(program)
        self.loaded = {
            e.attr[0] for e in walk(roots) if e.op == "load" and isinstance(e.attr, tuple)
        }
        """Leaves read pixel by pixel; the others are only sampled."""
        streamed = [program.leaves[i].format for i in self.loaded if program.leaves[i].covers]
        grids = [f.subsampling(c) for f in (program.out, *streamed) for c in range(f.channels)]
        self.sub_x, self.sub_y = (max(g[axis] for g in grids) for axis in (0, 1))
        self.columns, self.rows = 1 << self.sub_x, 1 << self.sub_y
        self._varies: dict[Expr, int] = {}
        self.roots = self._divided(roots)

    def instances(self, varies: int) -> list[tuple[int, int]]:
        """Row and column within the block of each value of a rate."""
        rows = range(self.rows) if varies & ROW else (0,)
        columns = range(self.columns) if varies & COLUMN else (0,)
        return [(row, column) for row in rows for column in columns]

    def suffixes(self, varies: int) -> list[str]:
        """The name suffixes of a rate's values."""
        within = (ROW if self.rows > 1 else 0) | (COLUMN if self.columns > 1 else 0)
        return [suffix(varies & within, *at) for at in self.instances(varies & within)]

    def varies(self, e: Expr) -> int:
        """The rate of ``e``: bits of ``LINE``, ``LANE``, ``ROW`` and ``COLUMN``."""
        found = self._varies.get(e)
        if found is None:
            match e.op, e.attr:
                case "x", _:
                    found = LANE | COLUMN
                case "y", _:
                    found = LINE | ROW
                case "cover", _:
                    found = LANE | ROW | COLUMN
                case "load", (int(leaf), int(channel)):
                    found = self._load_varies(leaf, channel)
                case _:
                    found = 0
                    for a in e.args:
                        found |= self.varies(a)
            if self.columns == 1:
                found &= ~COLUMN
            if self.rows == 1:
                found &= ~ROW
            if found & LANE:
                found &= ~LINE
            self._varies[e] = found
        return found

    def _load_varies(self, leaf: int, channel: int) -> int:
        if not self.program.leaves[leaf].covers:
            return LANE | ROW | COLUMN
        sub_x, sub_y = self.program.leaves[leaf].format.subsampling(channel)
        found = LANE
        if sub_x < self.sub_x:
            found |= COLUMN
        if sub_y < self.sub_y:
            found |= ROW
        return found

    def _divided(self, roots: list[Expr]) -> list[Expr]:
        """Replace divisions by shared values with multiplications by their inverses."""
        done: dict[Expr, Expr] = {}
        for e in walk(roots):
            args = tuple(done[a] for a in e.args)
            if e.op == "div" and not self.varies(args[1]) & LANE:
                inverse = _made("div", const(1.0), args[1])
                done[e] = args[0] if inverse is const(1.0) else _made("mul", args[0], inverse)
            else:
                done[e] = e if args == e.args else node(e.op, *args, attr=e.attr)
        return [done[r] for r in roots]

    def narrow(self) -> Narrow | None:
        """The output channels that are coarser than its pixels, or None."""
        out = self.program.out
        channels = [c for c in range(out.channels) if out.subsampling(c) != (0, 0)]
        if not channels:
            return None
        sub_x, sub_y = out.subsampling(channels[0])
        shared = (COLUMN if sub_x else 0) | (ROW if sub_y else 0)
        roots = [self.roots[c] for c in channels]
        full = [e for c, e in enumerate(self.roots) if c not in channels]
        parts = dict.fromkeys(averaged(roots, full, lambda e: not self.varies(e) & shared))
        steps: dict[Expr, None] = {}
        pending = [e for e in roots if self.varies(e) & shared]
        while pending:
            e = pending.pop()
            if e not in parts and e not in steps:
                steps[e] = None
                pending += [a for a in e.args if self.varies(a) & shared]
        return Narrow(channels, shared, parts, {e: None for e in walk(roots) if e in steps})


def _without_memos(program: Program) -> list[Expr]:
    """The roots with memos replaced by their expressions, and certain covers by 1.

    On a GPU, memo tables would cost more than computing most of their entries. Constants are folded
    here, since generated code takes them only as operands.
    """
    done: dict[Expr, Expr] = {}

    def replaced(roots: Iterable[Expr]) -> list[Expr]:
        roots = list(roots)
        for e in walk(roots):
            if e in done:
                continue
            match e.op, e.attr:
                case "memo", (int(group), int(channel)):
                    done[e] = replaced([program.memos[group].exprs[channel]])[0]
                case "cover", int(leaf) if program.leaves[leaf].covers:
                    done[e] = const(1.0)
                case _:
                    args = [done[a] for a in e.args]
                    done[e] = e if tuple(args) == e.args else node(e.op, *args, attr=e.attr)
                    done[e] = _made(done[e].op, *args, like=done[e])
        return [done[r] for r in roots]

    return replaced(without_taps(program.roots))


def _made(op: str, *args: Expr, like: Expr | None = None) -> Expr:
    """A node, folded if it is constant."""
    if args and op in FUNCTIONS and all(a.op == "const" for a in args):
        return const(FUNCTIONS[op](*(a.value for a in args)))
    if op == "select" and args[0].op == "const":
        return args[1] if args[0].value else args[2]
    return like if like is not None else node(op, *args)
