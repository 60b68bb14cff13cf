"""The values to average over a block of pixels that share a chroma sample."""

from __future__ import annotations

from collections.abc import Callable

from vedc.expr.nodes import Expr, walk


def averaged(narrow: list[Expr], full: list[Expr], steady: Callable[[Expr], bool]) -> list[Expr]:
    """The nodes to average over a block so that the means of the ``narrow`` roots follow.

    ``steady`` returns whether a node is constant in the block. The mean of an affine function is
    the function of the mean, so these are the first nodes below the roots that are neither sums nor
    multiples, unless averaging them takes more additions than the affine steps it saves. ``full``
    roots need those steps anyway.
    """
    parts: dict[Expr, None] = {}
    steps: set[Expr] = set()
    varying = [root for root in narrow if not steady(root)]
    pending = list(varying)
    while pending:
        e = pending.pop()
        if e in steps or e in parts:
            continue
        if e.op in ("add", "sub", "neg") or (
            e.op in ("mul", "fma") and (steady(e.args[0]) or steady(e.args[1]))
        ):
            steps.add(e)
            pending += [a for a in e.args if not steady(a)]
        else:
            parts[e] = None
    saved = len(steps - set(walk(full)))
    return list(parts) if len(parts) <= saved + len(varying) else varying
