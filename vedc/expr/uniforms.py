"""Uniforms: values that are the same for every pixel, computed once per frame on the host in
float64.

``hoist`` takes uniforms out of a kernel's expressions; ``evaluator`` compiles a function that
computes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from vedc.expr.nodes import Expr, node, param, walk
from vedc.expr.scalar_ops import FUNCTIONS

Evaluator = Callable[[Sequence[float]], list[float]]
"""Parameters in, values out."""


def hoist(roots: Sequence[Expr]) -> tuple[list[Expr], list[Expr]]:
    """Replace every maximal uniform subtree that is not a constant by a parameter.

    Returns the new roots and the uniforms: ``param(i)`` of the new roots is ``uniforms[i]``, an
    expression of the old parameters. The kernel is left with constants, parameters and nodes
    that vary from pixel to pixel.
    """
    uniforms: list[Expr] = []
    places: dict[Expr, Expr] = {}
    done: dict[Expr, Expr] = {}

    def placed(e: Expr) -> Expr:
        """A uniform as the kernel sees it: a constant or a parameter."""
        if e.op == "const":
            return e
        if e not in places:
            places[e] = param(len(uniforms))
            uniforms.append(e)
        return places[e]

    for e in walk(roots):
        if not e.uniform:
            args = tuple(placed(a) if a.uniform else done[a] for a in e.args)
            done[e] = e if args == e.args else node(e.op, *args, attr=e.attr)
    return [placed(r) if r.uniform else done[r] for r in roots], uniforms


#: Opcodes that Python's own operators compute without raising.
_INLINE: Final = {
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} * {}",
    "fma": "{} * {} + {}",
    "neg": "-{}",
    "abs": "abs({})",
    "lt": "1.0 if {} < {} else 0.0",
    "le": "1.0 if {} <= {} else 0.0",
    "select": "{1} if {0} else {2}",
}


@lru_cache(maxsize=256)
def evaluator(exprs: tuple[Expr, ...]) -> Evaluator:
    """Compile uniform expressions to one Python function that shares common parts."""
    names: dict[Expr, str] = {}
    lines: list[str] = []
    scope: dict[str, object] = dict(FUNCTIONS)
    for index, e in enumerate(walk(exprs)):
        args = [names[a] for a in e.args]
        if e.op == "const":
            names[e] = f"c{index}"
            scope[names[e]] = e.value
            continue
        names[e] = f"t{index}"
        if e.op == "param":
            value = f"p[{e.attr}]"
        elif e.op in _INLINE:
            value = _INLINE[e.op].format(*args)
        else:
            value = f"{e.op}({', '.join(args)})"
        lines.append(f"    {names[e]} = {value}\n")
    source = f"def run(p):\n{''.join(lines)}    return [{', '.join(names[e] for e in exprs)}]\n"
    exec(compile(source, "<uniforms>", "exec"), scope)
    run: Evaluator = scope["run"]  # type: ignore[assignment]  # made by the line above
    return run
