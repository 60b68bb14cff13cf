"""The optimiser: graph to graph, one file a pass, named in order in ``PASSES``."""

from __future__ import annotations

from collections.abc import Callable

from vedc.ir.graph import Node
from vedc.passes import constants, covered, identities, inverses, passthrough

Pass = Callable[[Node], Node]

PASSES: tuple[tuple[str, Pass], ...] = (
    ("fold constants", constants.run),
    ("drop identities", identities.run),
    ("cancel inverse conversions", inverses.run),
    ("drop covered layers", covered.run),
    ("copy untouched pictures", passthrough.run),
)


def optimise(root: Node, trace: Callable[[str, Node, Node], None] | None = None) -> Node:
    """Run every pass once, in order. ``trace`` sees (name, before, after) of each."""
    for name, run in PASSES:
        after = run(root)
        if trace is not None:
            trace(name, root, after)
        root = after
    return root
