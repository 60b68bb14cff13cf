"""Collapsing: a long chain of functions of one number becomes a 1D table.

Single-channel grades (powers, curves, transfer functions) often follow each other, and their
composition is a function of one number. If everything else in it is constant during the piece, it
is tabulated once: a lookup with linear interpolation replaces any number of powers.

A table is used only if it is as good as the chain: on a grid eight times finer than its own, its
error is at most :func:`bound`, a sixteenth of an 8-bit code and a quarter of any deeper one.
Functions with a step or an infinite slope fail that and stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from vedc.expr.intervals import Interval, intervals
from vedc.expr.nodes import FETCHING, Expr, const, node, walk
from vedc.plan.tables import TabulatedFunctions

SIZES: Final = (1024, 4096)
#: Costs of opcodes in multiply-adds, measured on the CPU; a lookup costs about ten.
COSTS: Final = {
    "pow": 14,
    "log2": 8,
    "exp2": 6,
    "sin": 6,
    "cos": 6,
    "atan2": 14,
    "div": 3,
    "sqrt": 3,
}
#: The least cost of a chain worth a table.
LEAST: Final = 30


def bound(depth: int) -> float:
    """The largest error of a table for samples of ``depth`` bits, for channels in 0..1."""
    return 2.0 ** -(max(depth, 10) + 2)


def collapse(
    roots: Sequence[Expr],
    leaf: Callable[[Expr], Interval],
    values: Sequence[float | None],
    add: Callable[[TabulatedFunctions], int],
    allowed: float,
) -> list[Expr]:
    """Replace chains with lookups where that is cheaper and exact enough.

    ``leaf`` gives the interval of loads and parameters; ``values`` the value of each parameter,
    None where it is animated; ``add`` adds a table to the program and returns its number;
    ``allowed`` is the largest error of a table.
    """
    tops = _chains(tuple(roots), tuple(v is None for v in values))
    if not tops:
        return list(roots)
    spans = intervals([atom for _, atom in tops], leaf)
    worth = tuple(0.0 if v is None else v for v in values)
    passed: dict[int, list[tuple[Expr, Expr]]] = {size: [] for size in SIZES}
    for top, atom in tops:
        low, high = spans[atom]
        if not low < high or math.isinf(low) or math.isinf(high):
            continue
        for size in SIZES:
            if TabulatedFunctions((top,), (atom,), ((low, high),), worth, size).error() <= allowed:
                passed[size].append((top, atom))
                break
    replaced: dict[Expr, Callable[[Expr], Expr]] = {}
    for size, found in passed.items():
        for start in range(0, len(found), 3):
            group = found[start : start + 3]
            chains, atoms = zip(*group, strict=True)
            table = add(
                TabulatedFunctions(chains, atoms, tuple(spans[a] for a in atoms), worth, size)
            )
            for channel, (top, atom) in enumerate(group):
                replaced[top] = _look_up(table, channel, spans[atom])
    return _rewritten(roots, replaced, dict(tops))


def _look_up(table: int, channel: int, span: Interval) -> Callable[[Expr], Expr]:
    low, high = span

    def at(atom: Expr) -> Expr:
        unit = (atom - const(low)) * const(1.0 / (high - low))
        return node("lut1d", unit, attr=(table, channel))

    return at


@lru_cache(maxsize=256)
def _chains(roots: tuple[Expr, ...], moves: tuple[bool, ...]) -> list[tuple[Expr, Expr]]:
    """The tops of chains: nodes that are an expensive function of one number and constants, each
    with that number. ``moves`` says for each parameter whether it is animated."""
    atoms: dict[Expr, Expr] = {}
    moving: set[Expr] = set()
    tops: dict[Expr, None] = dict.fromkeys(roots)
    order = list(walk(roots))
    for e in order:
        if e.op == "param" and isinstance(e.attr, int) and moves[e.attr]:
            moving.add(e)
        if any(a in moving for a in e.args):
            moving.add(e)
        if e.uniform:
            continue
        below = {atoms[a] for a in e.args if not a.uniform}
        # A moving node starts a new chain: a table could not follow it.
        alone = len(below) == 1 and e.op not in FETCHING and e not in moving
        atoms[e] = below.pop() if alone else e
        if atoms[e] is e:
            tops.update(dict.fromkeys(a for a in e.args if not a.uniform))
    # Affine nodes on top are cheap, and may change the unit, for instance to code values; the error
    # would then be measured in that unit.
    bent = {_bent(e, atoms) for e in tops if not e.uniform}
    return [
        (e, atoms[e])
        for e in order
        if e in bent and atoms[e] is not e and _cost(e, atoms[e]) >= LEAST
    ]


def _bent(top: Expr, atoms: dict[Expr, Expr]) -> Expr:
    """The first node below a chain's top that is not affine, or its atom."""
    while top.op in ("add", "sub", "neg", "mul", "fma") and atoms[top] is not top:
        varying = [a for a in top.args if not a.uniform]
        if len(varying) != 1:
            break
        top = varying[0]
    return top


def _cost(top: Expr, atom: Expr) -> int:
    inner = (e for e in walk([top], stop={atom}) if e is not atom and not e.uniform)
    return sum(COSTS.get(e.op, 1) for e in inner)


def _rewritten(
    roots: Sequence[Expr],
    replaced: dict[Expr, Callable[[Expr], Expr]],
    atoms: dict[Expr, Expr],
) -> list[Expr]:
    done: dict[Expr, Expr] = {}
    for e in walk(roots):
        if e in replaced:
            done[e] = replaced[e](done[atoms[e]])
        else:
            done[e] = node(e.op, *(done[a] for a in e.args), attr=e.attr)
    return [done[r] for r in roots]
