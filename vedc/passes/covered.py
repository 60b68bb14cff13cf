"""Drop layers covered by an opaque one: they need not even be decoded."""

from __future__ import annotations

from vedc.ir.graph import Node, rewrite


def run(root: Node) -> Node:
    return rewrite(root, _uncover)


def _uncover(node: Node) -> Node:
    return node.inputs[1] if node.facts.covers and node.inputs[1].type.opaque else node
