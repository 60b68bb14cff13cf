"""Plane space: filters directly on the planes of a decoded picture.

A filter that takes weighted means of each channel separately commutes with every matrix, and so
with the one from Y'CbCr to R'G'B'. Instead of full-size R'G'B' it may take the decoder's planes: 8
or 10 bits, no alpha, chroma at its own size. This defines such a filter in plane space: each plane
is filtered separately, with lengths in its own samples, and the result is decoded. Chroma keeps its
siting, because the filter is symmetric.

A film with more chroma samples than the picture would show each filtered one as a block, whereas
blurred R'G'B' is smooth: such films filter R'G'B'.
"""

from __future__ import annotations

from operator import le
from typing import Final

from vedc.color import FORMATS, Color, PixelFormat
from vedc.ir.graph import Node

#: Encodings named as matrices that are not linear.
_CURVED: Final = frozenset({"ictcp"})


def samples_below(node: Node, film: PixelFormat) -> Node | None:
    """The decoded samples below ``node``, if its filter may take them directly; else None.
    ``film``: the format of the piece's result."""
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
    """The colour space of decoded samples."""
    type = samples.type
    color = Color(type.primaries, type.transfer, type.matrix)
    return color.with_(range=type.range)
