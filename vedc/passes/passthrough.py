"""Copy untouched pictures: samples that decoding and encoding would not change."""

from __future__ import annotations

from vedc.ir.graph import Node


def run(root: Node) -> Node:
    if root.op != "encode":
        return root
    below = root.inputs[0]
    while below.op == "relabel":
        below = below.inputs[0]
    if below.op != "decode":
        return root
    samples = below.inputs[0]
    wanted, source = root.type, samples.type
    same = (
        source.format == wanted.format
        and (source.width, source.height) == (wanted.width, wanted.height)
        and source.range == wanted.range
        and source.matrix == wanted.matrix
        and source.opaque
    )
    return samples if same else root
