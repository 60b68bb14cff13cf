"""Where a kernel would grow too large and is split: the picture so far becomes a layer.

The moments of a motion-blurred item are accumulated by one kernel each: these share their code,
which is compiled once.

LLVM's compile time grows faster than a function's length, and a kernel has a variant for every
placed picture that may or may not meet a group of pixels. Splitting keeps a film's compile time
linear in its ops and pictures. A layer costs one pass through memory; its samples are float32, as
within a kernel.
"""

from __future__ import annotations

from typing import Final

from vedc.ir.graph import Node, walk

#: The most computing nodes in one kernel.
MOST_NODES: Final = 40
#: The most maps of positions composed into one sampling.
MOST_MAPS: Final = 12
#: The most external pictures read by one kernel.
MOST_PICTURES: Final = 16

_NOTHING: Final[frozenset[int]] = frozenset()


def splits(root: Node) -> frozenset[int]:
    """Ids of the nodes whose pictures become separate layers.

    Only pictures as large as the film count: a layer is read pixel by pixel.
    """
    size = root.type.width, root.type.height
    nodes: dict[int, frozenset[int]] = {}
    pictures: dict[int, frozenset[int]] = {}
    run: dict[int, frozenset[int]] = {}
    """For each map, the unbroken run of maps that ends at it: they become one sampling."""
    found: set[int] = set()
    for node in walk(root):
        facts, own = node.facts, id(node)
        inputs = [id(n) for n in node.inputs]
        if facts.spatial:  # its inputs are layers already, unless they are maps like itself
            maps = facts.op is not None and facts.op.kind == "geometry"
            nodes[own] = frozenset({own}).union(*(run[i] for i in inputs if maps and i in run))
            pictures[own] = _NOTHING
            if maps:
                run[own] = nodes[own]
                if len(nodes[own]) >= MOST_MAPS:
                    found.add(own)
                    nodes[own] = run[own] = _NOTHING
            continue
        counts = not facts.direct and facts.fetched is None
        nodes[own] = _NOTHING.union(*(nodes[i] for i in inputs), {own} if counts else ())
        pictures[own] = _NOTHING.union(
            *(pictures[i] for i in inputs), {own} if facts.fetched else ()
        )
        if facts.layered:
            found.add(own)
            nodes[own] = pictures[own] = _NOTHING
            continue
        full = len(nodes[own]) > MOST_NODES or len(pictures[own]) > MOST_PICTURES
        fits = node.type.encoding in ("display", "linear")
        if full and fits and (node.type.width, node.type.height) == size:
            found.add(own)
            nodes[own] = pictures[own] = _NOTHING
    return frozenset(found)
