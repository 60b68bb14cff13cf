"""Drop no-ops: ops at their identity, full opacity, transparent layers."""

from __future__ import annotations

from vedc.ir.graph import Node, rewrite


def run(root: Node) -> Node:
    return rewrite(root, lambda node: node.facts.simplify(node))
