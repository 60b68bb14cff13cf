"""Plane space: filters on the planes of a decoded picture, as they are.

A filter that takes weighted means of each channel by itself commutes with every matrix, hence with
that from Y'CbCr to R'G'B'. So instead of R'G'B' at the size of the picture it may be given the
decoder's planes: 8 or 10 bits, no alpha, chroma in its own size. That is the definition of such a
filter there: each plane is filtered by itself, with lengths in its own samples, and what comes out
is decoded. Chroma keeps its site, because the filter is the same to all sides.

A film with more chroma samples than the picture would show each filtered one as a block, where
R'G'B' is smooth once it is blurred: there the filter is given that.
"""

from __future__ import annotations

from operator import le
from typing import Final

from vedc.color import FORMATS, Color, PixelFormat
from vedc.ir.graph import Node

#: Matrices that are none.
_CURVED: Final = frozenset({"ictcp"})


def samples_below(node: Node, film: PixelFormat) -> Node | None:
    """What a decoder gives, where the filter of ``node`` may be given that; else None. ``film``:
    the format of what the piece makes."""
    op, below = node.facts.op, node.inputs[0]
    if op is None or op.filter is None or not op.filter.planar or op.samples:
        return None
    if op.prepare is not None or any(p.kind == "picture" for p in op.params):
        return None
    while below.op == "relabel":
        below = below.inputs[0]
    if below.op != "decode" or below.inputs[0].facts.fetched != "stream":
        return None
    samples = below.inputs[0]
    format = FORMATS[samples.type.format]
    plain = format.layout in ("yuv", "gbr") and not (format.alpha or format.semi or format.shift)
    plain &= all(map(le, format.subsampling(1), film.subsampling(1)))
    return samples if plain and samples.type.matrix not in _CURVED else None


def color_of(samples: Node) -> Color:
    """What decoded samples mean."""
    type = samples.type
    color = Color(type.primaries, type.transfer, type.matrix)
    return color.with_(range=type.range)
