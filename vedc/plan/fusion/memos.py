"""Which colour chains a kernel may memoise, and what an entry depends on.

A memo holds ten bits per channel: enough for eight display-encoded bits, too few for ten, for the
dark end of linear light, or for a further grade that stretches tones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from vedc.color import FORMATS, Color, PixelFormat
from vedc.edit.values import Keyframes
from vedc.expr import nodes
from vedc.expr.math import Math, Vec3
from vedc.expr.nodes import Expr
from vedc.expr.program import Memo
from vedc.ir.graph import Node, walk
from vedc.ops.shared import color_conversion
from vedc.plan.executable import MemoInputs

#: Opcodes that make a chain worth memoising: cheaper ones are faster than the table.
COSTLY: Final = frozenset({"pow", "log2", "exp2", "sin", "cos", "atan2", "lut3d", "lut1d"})
#: Levels of a memo per display-encoded unit, and the level of 0: -1/4..5/4 fits.
STEPS, ZERO = 680.0, 170.0
#: The same per 8-bit code value: integers are stored exactly, -42..298 fits.
CODE_STEPS, CODE_ZERO = 3.0, 126.0


def remembered(
    m: Math,
    held: Sequence[Vec3],
    roots: Sequence[Expr],
    target: PixelFormat,
    color: Color,
) -> Iterator[tuple[list[Expr], list[Expr]]]:
    """Possible contents of memos, each with the roots on top: colours, or the film's own samples.

    ``held`` are the colours, for which the roots have ``memo`` nodes. Samples are better if the
    colours only undergo affine operations: then the matrix to R'G'B' and back vanishes.
    """
    count = range(len(held))
    three = [[nodes.node("memo", attr=(i, c)) for c in range(3)] for i in count]

    def replaced(by: Sequence[Vec3]) -> list[Expr]:
        done = {e: new for i in count for e, new in zip(three[i], by[i].channels, strict=True)}
        for e in nodes.walk(roots):
            if e not in done:
                done[e] = nodes.node(e.op, *(done[a] for a in e.args), attr=e.attr)
        return [done[r] for r in roots]

    colors = [Vec3(*((e - ZERO) / STEPS for e in three[i])) for i in count]
    yield [c * STEPS + ZERO for rgb in held for c in rgb.channels], replaced(colors)
    if target.alpha:
        return
    coded = [color_conversion.encode(m, rgb, target, color) for rgb in held]
    samples = [[(e - CODE_ZERO) / CODE_STEPS for e in three[i]] for i in count]
    decoded = [color_conversion.decode_samples(m, s, target, color).rgb for s in samples]
    yield [c * CODE_STEPS + CODE_ZERO for codes in coded for c in codes], replaced(decoded)


def inputs(memo: Memo) -> MemoInputs:
    """The parameters and tables that the finished expressions use."""
    params: set[int] = set()
    tables: set[int] = set()
    for e in nodes.walk(memo.exprs):
        if e.op == "param":
            assert isinstance(e.attr, int)
            params.add(e.attr)
        elif e.op in nodes.TABLE_OPS:
            assert isinstance(e.attr, tuple)
            tables.add(e.attr[0])
    return MemoInputs(tuple(sorted(params)), tuple(sorted(tables)))


def regraded(root: Node) -> set[int]:
    """Ids of the nodes whose colours are changed again further up.

    Ops that depend on the position do not count: they weight a picture locally, without stretching
    its tones.
    """
    found: set[int] = set()
    for node in reversed(tuple(walk(root))):  # users before inputs
        if node.facts.stretches or id(node) in found:
            found.update(id(below) for below in node.inputs)
    return found


def chain_of(node: Node) -> tuple[list[Node], Node] | None:
    """The colour chain that ends at a node, last step first, and the ``decode`` below it, if an
    entry can hold its result."""
    if node.type.encoding != "display":
        return None
    chain, below = [], node
    while below.facts.recolors and not any(isinstance(v, Keyframes) for _, v in below.params):
        chain.append(below)
        below = below.inputs[0]
    if not chain or not below.inputs or below.inputs[0].type.encoding != "code":
        return None
    format = FORMATS[below.inputs[0].type.format]
    if format.layout != "yuv" or format.depth != 8 or format.alpha:
        return None
    return chain, below
