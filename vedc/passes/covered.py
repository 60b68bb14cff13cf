"""Drop what an opaque layer covers: it need not be decoded, let alone drawn."""

from __future__ import annotations

from vedc.ir.graph import Node, rewrite


def run(root: Node) -> Node:
    return rewrite(root, _uncover)


def _uncover(node: Node) -> Node:
    if node.op == "over" and node.inputs[1].type.opaque:
        return node.inputs[1]
    return node
