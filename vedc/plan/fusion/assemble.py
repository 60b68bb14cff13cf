"""From traced expressions to a kernel: rules, affine rows, tables, uniforms, and the remaining
inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from vedc.color import PixelFormat
from vedc.expr import nodes
from vedc.expr.affine import compose, operations
from vedc.expr.intervals import ANYTHING, Interval
from vedc.expr.math import Scalar
from vedc.expr.nodes import Expr
from vedc.expr.program import Leaf, Memo, Program, Table
from vedc.expr.rules import simplify
from vedc.expr.uniforms import hoist
from vedc.plan.executable import Kernel, Optimised
from vedc.plan.fusion import memos
from vedc.plan.fusion.collapse import bound, collapse
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vedc.plan.fusion.kernel_builder import KernelBuilder

#: Opcodes that read a leaf at any position.
_SAMPLING = nodes.FETCHING - nodes.TABLE_OPS


def assemble(
    k: KernelBuilder,
    roots: Sequence[Scalar],
    target: PixelFormat,
    choices: Iterable[tuple[list[Scalar], list[Scalar]]] = (),
    dither: bool = False,
) -> Kernel:
    """The kernel of some roots. ``choices``: possible memo contents, each with its roots."""
    stages = [_composed(tuple(h), tuple(above)) for h, above in choices or [([], list(roots))]]
    # Colours in a memo cost nothing once it is filled.
    stage = min(stages, key=lambda s: s.cost)
    rows, held = stage.rows, stage.held
    # Layers are processed further, so they must be exact to 12 bits.
    allowed = bound(12 if target.floating else target.depth)
    tabled = _collapsed(k, rows[:held], rows[held:], allowed)
    exprs, uniforms = _hoisted(tuple(tabled))
    exprs = _without_unread(k, exprs)
    remembered = tuple(
        Memo(leaf, (exprs[3 * i], exprs[3 * i + 1], exprs[3 * i + 2]))
        for i, (leaf, _) in enumerate(k.memos)
    )
    sampled = {
        e.attr[0] for e in nodes.walk(exprs) if e.op in _SAMPLING and isinstance(e.attr, tuple)
    }
    program = Program(
        leaves=tuple(
            Leaf(input.format, input.covers, i in sampled, input.streamed)
            for i, input in enumerate(k.inputs)
        ),
        tables=tuple(Table(c.dims, c.size) for c in k.numbers.cubes),
        memos=remembered,
        out=target,
        roots=tuple(exprs[held:]),
        params=len(uniforms),
        dither=dither,
        title=" ".join(dict.fromkeys(k.titles)),
    )
    return Kernel(
        program,
        k.canvas.width,
        k.canvas.height,
        tuple(k.inputs),
        tuple(k.numbers.values),
        tuple(uniforms),
        tuple(k.numbers.tables),
        tuple(memos.inputs(memo) for memo in remembered),
        (
            Optimised("as written", stage.traced),
            Optimised("rules", stage.ruled),
            Optimised("affine rows", stage.operations),
            Optimised("tables", operations(tabled)),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Composed:
    """The memos' expressions and the roots, as affine rows."""

    held: int
    """The number of rows held by memos."""
    rows: tuple[Expr, ...]
    cost: int
    """Operations of the roots alone."""
    traced: int
    """Operations of all, as written ..."""
    ruled: int
    """... under the rules ..."""
    operations: int
    """... and as rows."""


# Numbers of the graph are parameters here, and expressions are interned: clips that differ only in
# the numbers of their grades trace the same expressions, which are optimised once.


@lru_cache(maxsize=256)
def _composed(held: tuple[Expr, ...], roots: tuple[Expr, ...]) -> _Composed:
    traced = [*held, *roots]
    # Rules before and after: the first make chains affine, the second tidy their sums.
    ruled = simplify(traced)
    rows = simplify(compose(ruled))
    cost = operations(rows[len(held) :])
    counts = operations(traced), operations(ruled), operations(rows)
    return _Composed(len(held), tuple(rows), cost, *counts)


@lru_cache(maxsize=256)
def _hoisted(exprs: tuple[Expr, ...]) -> tuple[list[Expr], list[Expr]]:
    return hoist(exprs)


def _collapsed(
    k: KernelBuilder, held: Sequence[Expr], roots: Sequence[Expr], allowed: float
) -> list[Expr]:
    """The expressions with long chains as tables; memos' run too rarely to benefit."""

    def interval(e: Expr) -> Interval:
        if e.op == "load" and isinstance(e.attr, tuple):
            format = k.inputs[e.attr[0]].format
            return ANYTHING if format.floating else (0.0, float(format.peak))
        if e.op == "param" and isinstance(e.attr, int):
            value = constants[e.attr]
            return ANYTHING if value is None else (value, value)
        return ANYTHING

    constants = k.numbers.constants()
    found = collapse(roots, interval, constants, lambda t: k.numbers.table(t).index, allowed)
    return [*held, *(roots if found == list(roots) else simplify(found))]


def _without_unread(k: KernelBuilder, exprs: list[Expr]) -> list[Expr]:
    """Drop inputs that are no longer read, and renumber the leaves."""
    read = (_leaf(e) for e in nodes.walk(exprs))
    used = sorted({leaf for leaf, _ in k.memos} | {leaf for leaf in read if leaf is not None})
    if len(used) == len(k.inputs):
        return exprs
    numbers = {leaf: number for number, leaf in enumerate(used)}
    k.inputs = [k.inputs[leaf] for leaf in used]
    k.memos = [(numbers[leaf], rgb) for leaf, rgb in k.memos]
    done: dict[Expr, Expr] = {}
    for e in nodes.walk(exprs):
        leaf, attr = _leaf(e), e.attr
        if leaf is not None:
            attr = (numbers[leaf], attr[1]) if isinstance(attr, tuple) else numbers[leaf]
        done[e] = nodes.node(e.op, *(done[a] for a in e.args), attr=attr)
    return [done[e] for e in exprs]


def _leaf(e: Expr) -> int | None:
    """The leaf that a node reads."""
    if (e.op == "load" or e.op in _SAMPLING) and isinstance(e.attr, tuple):
        return e.attr[0]
    return e.attr if e.op == "cover" and isinstance(e.attr, int) else None
