"""Placed leaves: images anywhere on the canvas, entirely, partly or not at all inside it."""

from __future__ import annotations

from collections.abc import Set

from vedc.codegen.llvm.context import FunctionContext, smaller, truncate
from vedc.codegen.llvm.streams import Stream, copied, in_place
from vedc.expr.affine import compose
from vedc.expr.nodes import Expr, const, walk
from vedc.expr.program import Program
from vedc.expr.rules import Simplifier, simplify

_NOWHERE = -(1 << 40)


class PlacedLeaf:
    """Bounds of a placed leaf in a block row, and the addresses of its samples.

    ``leaf_streams`` are the streams of the planes that the program reads.
    """

    def __init__(self, c: FunctionContext, leaf: int, leaf_streams: list[Stream]) -> None:
        self.c = c
        entry, head, arguments = c.entry, c.head, c.opcodes.arguments
        at = arguments.leaf_place(leaf)
        self.x, y, self.width, height = (c.opcodes.argument(at + k) for k in range(4))
        self.x_lanes = entry.splat("i32", truncate(entry, self.x))
        last = entry.emit(f"sub i64 {height}, 1")
        right = entry.emit(f"add i64 {self.x}, {self.width}")
        some, every = "false", "true"
        rows: list[str] = []
        self.widths: list[str] = []
        for number in c.row_numbers:
            row = head.emit(f"sub i64 {number}, {y}")
            inside = head.emit(f"icmp ult i64 {row}, {height}")
            some = head.emit(f"or i1 {some}, {inside}")
            every = head.emit(f"and i1 {every}, {inside}")
            # In a row outside the image, ``load`` and ``cover`` see an image of width 0.
            self.widths.append(head.emit(f"select i1 {inside}, i64 {self.width}, i64 0"))
            # Its row is then an arbitrary one, whose address is never used.
            rows.append(_not_negative(c, smaller(head, row, last)))
        self.every = every
        self.right = head.emit(f"select i1 {some}, i64 {right}, i64 {_NOWHERE}")
        self.width_lanes = [head.splat("i32", truncate(head, w)) for w in self.widths]
        self.rows = {
            s: c.row_pointer(
                arguments.leaf_plane(leaf, s.plane), rows[s.row], c.sampling(leaf, s.plane)[1]
            )
            for s in leaf_streams
        }

    def touches(self, reach: str) -> str:
        """Whether the group, which ends before column ``reach``, overlaps the image."""
        b = self.c.body
        left = b.emit(f"icmp slt i64 {self.x}, {reach}")
        return b.emit(f"and i1 {left}, {b.emit(f'icmp slt i64 {self.c.x}, {self.right}')}")

    def sources(self, tail: str) -> dict[Stream, str]:
        """Addresses of the group's samples: in place if all its pixels are inside, otherwise
        copied.

        ``tail``: whether the group extends beyond the canvas.
        """
        c, b = self.c, self.c.body
        if not self.rows:
            return {}
        here, fetch, join = (c.module.label(stem) for stem in ("placed", "fetch", "fetched"))
        b.do(f"br label %{here}")
        b.label(here)
        start = b.emit(f"sub i64 {c.x}, {self.x}")
        end = b.emit(f"add i64 {start}, {c.group}")
        whole = b.emit(f"xor i1 {tail}, true")
        for inside in (
            b.emit(f"icmp sge i64 {start}, 0"),
            b.emit(f"icmp sle i64 {end}, {self.width}"),
            self.every,
        ):
            whole = b.emit(f"and i1 {whole}, {inside}")
        direct = {s: in_place(b, s, row, start) for s, row in self.rows.items()}
        b.do(f"br i1 {whole}, label %{join}, label %{fetch}, !prof !0")
        b.label(fetch)
        last = b.emit(f"sub i64 {c.last_column}, {self.x}")
        copies = {
            s: copied(c, s, row, start, last, self.widths[s.row]) for s, row in self.rows.items()
        }
        b.do(f"br label %{join}")
        b.label(join)
        return {
            s: b.emit(f"phi ptr [ {direct[s]}, %{here} ], [ {copies[s]}, %{fetch} ]")
            for s in self.rows
        }

    def cover(self, columns: str, row: int) -> str:
        """1 where the canvas columns are inside the image, else 0; ``row`` counts in the block."""
        b = self.c.body
        at = b.emit(f"sub {b.i} {columns}, {self.x_lanes}")
        inside = b.emit(f"icmp ult {b.i} {at}, {self.width_lanes[row]}")
        return b.choose(inside, b.const(1.0), b.const(0.0))


def without(program: Program, leaves: Set[int]) -> list[Expr]:
    """The program's roots outside the given placed leaves, whose samples become 0."""
    simplifier = Simplifier()
    done: dict[Expr, Expr] = {}

    def outside(e: Expr) -> Expr:
        match e.op, e.attr:
            case "load", (leaf, _) if leaf in leaves:
                return const(0.0)
            case "cover", leaf if leaf in leaves:
                return const(0.0)
            case "memo", (int(group), int(channel)) if program.memos[group].leaf in leaves:
                return replaced(program.memos[group].exprs[channel])
        return simplifier.make(e.op, *(done[a] for a in e.args), like=e)

    def replaced(root: Expr) -> Expr:
        for e in walk([root]):
            if e not in done:
                done[e] = outside(e)
        return done[root]

    # Without the leaf, sums that it separated may combine into one row.
    return simplify(compose([replaced(root) for root in program.roots]))


def _not_negative(c: FunctionContext, value: str) -> str:
    c.module.declared["llvm.smax.i64"] = "declare i64 @llvm.smax.i64(i64, i64)"
    return c.head.emit(f"call i64 @llvm.smax.i64(i64 {value}, i64 0)")
