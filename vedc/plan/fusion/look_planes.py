"""Layers that a film only looks at, as Y'CbCr instead of R'G'B'.

``bilinear`` and ``bicubic`` are sums of samples, so they commute with the matrix. If all between
them and the subsampled planes of a film is linear, the layer holds Y', Cb and Cr: each plane of
the film looks at one of these, instead of all three, and the looks of a block that share a chroma
sample are summed by rows and columns.

Whether that is so is read off the result: the roots are rewritten, and used if all matrices cancel.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from vedc.color import MATRICES, Color, Mat3, PixelFormat
from vedc.expr.affine import compose
from vedc.expr.nodes import Expr, const, node, walk
from vedc.expr.rules import simplify
from vedc.expr.taps import TAPS
from vedc.ops.shared import matrix
from vedc.plan.executable import Kernel


def to_planes(color: Color) -> Mat3:
    """The rows that make Y', Cb and Cr of R', G' and B'."""
    kr, kb = MATRICES[color.matrix]
    luma = kr, 1.0 - kr - kb, kb
    blue, red = 0.5 / (1.0 - kb), 0.5 / (1.0 - kr)
    return (
        luma,
        (-kr * blue, -luma[1] * blue, 0.5),
        (0.5, -luma[1] * red, -kb * red),
    )


def looked_at(roots: Sequence[Expr]) -> Set[int]:
    """The leaves that are read by looks alone."""
    found, others = set[int](), set[int]()
    for e in walk(roots):
        if isinstance(e.attr, tuple) and e.op in (*TAPS, "load", "texel"):
            (found if e.op in TAPS else others).add(e.attr[0])
    return found - others


def by_plane(
    roots: Sequence[Expr], leaves: Set[int], target: PixelFormat, color: Color
) -> list[Expr] | None:
    """The roots of a film whose layers ``leaves`` hold Y', Cb and Cr; None if not each plane looks
    at its own alone."""
    if target.subsampling(1) == (0, 0) or color.matrix not in MATRICES or not leaves:
        return None
    back = matrix.inverse(to_planes(color))
    done: dict[Expr, Expr] = {}
    for e in walk(roots):
        args = tuple(done[a] for a in e.args)
        done[e] = node(e.op, *args, attr=e.attr)
        if e.op in TAPS and isinstance(e.attr, tuple) and e.attr[0] in leaves:
            looks = [node(e.op, *args, attr=(e.attr[0], plane)) for plane in range(3)]
            red, green, blue = (
                part * const(number)
                for part, number in zip(looks, back[int(e.attr[1])], strict=True)
            )
            done[e] = red + green + blue
    rows = simplify(compose(simplify([done[root] for root in roots])))
    pure = all(
        e.attr[1] == plane
        for plane, root in enumerate(rows)
        for e in walk([root])
        if e.op in TAPS and isinstance(e.attr, tuple) and e.attr[0] in leaves
    )
    return rows if pure else None


def in_planes(kernel: Kernel, color: Color) -> Kernel:
    """The kernel of an opaque layer of R'G'B', changed to make Y', Cb and Cr."""
    red, green, blue = kernel.program.roots
    made = [
        red * const(row[0]) + green * const(row[1]) + blue * const(row[2])
        for row in to_planes(color)
    ]
    roots = tuple(simplify(compose(simplify(made))))
    return replace(kernel, program=replace(kernel.program, roots=roots), in_planes=True)
