"""Drop what an opaque layer covers: it need not be decoded, let alone drawn."""

from __future__ import annotations

from vedc import ops
from vedc.ir.graph import Node, rewrite
from vedc.ir.types import STRUCTURAL


def run(root: Node) -> Node:
    return rewrite(root, _uncover)


def _uncover(node: Node) -> Node:
    if node.op != "over" and (node.op in STRUCTURAL or not ops.get(node.op).covers):
        return node
    return node.inputs[1] if node.inputs[1].type.opaque else node
