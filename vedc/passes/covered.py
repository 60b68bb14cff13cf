"""Drop what an opaque layer covers: it need not be decoded, let alone drawn."""

from __future__ import annotations

from vedc.ir.graph import Node, rewrite


def run(root: Node) -> Node:
    return rewrite(root, _uncover)


def _uncover(node: Node) -> Node:
    return node.inputs[1] if node.facts.covers and node.inputs[1].type.opaque else node
