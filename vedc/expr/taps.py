"""``bilinear`` and ``bicubic`` written out, for backends without their own code for them, and for
the float64 reference.

Both interpolate in a window of a sampled leaf and weigh what they find. Beyond the window its
outermost pixels are repeated. Positions are finite, and count in pixels from the window's own
corner: the centre of its first pixel is (0.5, 0.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from vedc.expr.math import Math, Scalar, Tracer
from vedc.expr.nodes import Expr, node, walk
from vedc.expr.rules import simplify

#: Opcode -> pixels on each axis that count.
TAPS: Final = {"bilinear": 2, "bicubic": 4}


class Look(NamedTuple):
    """The arguments of the opcodes, in order."""

    u: Scalar
    v: Scalar
    left: Scalar
    """The window, in whole pixels of the leaf: its first column and row ..."""
    top: Scalar
    columns: Scalar
    """... and how many there are, at least 1."""
    rows: Scalar
    weight: Scalar
    """0 where nothing is to be read."""


def linear(t: Scalar) -> list[tuple[int, Scalar]]:
    """Weights of the pixels around a point, by offset from the one at its upper left."""
    return [(0, 1.0 - t), (1, t)]


def cubic(t: Scalar) -> list[tuple[int, Scalar]]:
    """Catmull and Rom's cubic (1974): Keys's kernel with a = -1/2."""
    return [
        (-1, ((-0.5 * t + 1.0) * t - 0.5) * t),
        (0, (1.5 * t - 2.5) * t * t + 1.0),
        (1, ((-1.5 * t + 2.0) * t + 0.5) * t),
        (2, (0.5 * t - 0.5) * t * t),
    ]


def written_out(m: Math, op: str, leaf: int, plane: int, look: Look) -> Scalar:
    """The value of ``op`` in terms of ``texel``."""
    weigh = linear if op == "bilinear" else cubic
    x, y = m.floor(look.u - 0.5), m.floor(look.v - 0.5)
    across, down = weigh(look.u - 0.5 - x), weigh(look.v - 0.5 - y)
    columns = [m.clamp(x + (i + 0.5), 0.5, look.columns - 0.5) + look.left for i, _ in across]
    rows = [m.clamp(y + (j + 0.5), 0.5, look.rows - 0.5) + look.top for j, _ in down]
    total = m.number(0.0)
    for row, (_, high) in zip(rows, down, strict=True):
        line = m.number(0.0)
        for column, (_, wide) in zip(columns, across, strict=True):
            line = line + m.texel(leaf, plane, column, row) * wide
        total = total + line * high
    return total * look.weight


def without_taps(roots: Sequence[Expr]) -> list[Expr]:
    """Expressions with these opcodes written out, simplified."""
    if not any(e.op in TAPS for e in walk(roots)):
        return list(roots)
    m, done = Tracer(), dict[Expr, Expr]()
    for e in walk(roots):
        args = [done[a] for a in e.args]
        if e.op in TAPS and isinstance(e.attr, tuple):
            done[e] = written_out(m, e.op, *e.attr, Look(*args))
        else:
            done[e] = e if tuple(args) == e.args else node(e.op, *args, attr=e.attr)
    return simplify([done[root] for root in roots])
