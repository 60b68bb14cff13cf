"""The optimiser: graph to graph, one file a pass, named in order in ``PASSES``."""

from __future__ import annotations

import os
from collections.abc import Callable

from vedc.errors import InternalError
from vedc.ir.graph import Node
from vedc.ir.verify import verify
from vedc.passes import constants, covered, identities, inverses, passthrough

Pass = Callable[[Node], Node]

PASSES: tuple[tuple[str, Pass], ...] = (
    ("fold constants", constants.run),
    ("drop identities", identities.run),
    ("cancel inverse conversions", inverses.run),
    ("drop covered layers", covered.run),
    ("copy untouched pictures", passthrough.run),
)

#: If this environment variable is set, every graph is verified. The tests set it.
VERIFY = "VEDC_VERIFY_IR"


def optimise(root: Node, trace: Callable[[str, Node, Node], None] | None = None) -> Node:
    """Run every pass once, in order. ``trace`` receives (name, before, after) of each.

    With ``trace``, or if ``VEDC_VERIFY_IR`` is set, the graph is verified as it comes from lowering
    and after every pass; the InternalError names the stage that broke it.
    """
    checked = trace is not None or bool(os.environ.get(VERIFY))
    if checked:
        _verified("lowering", root)
    for name, run in PASSES:
        after = run(root)
        if checked:
            _verified(name, after)
        if trace is not None:
            trace(name, root, after)
        root = after
    return root


def _verified(stage: str, root: Node) -> None:
    try:
        verify(root)
    except InternalError as error:
        raise InternalError(f"after {stage!r}: {error}") from error
