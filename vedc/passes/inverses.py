"""Cancel inverse pairs: conversions there and back, an op and its inverse."""

from __future__ import annotations

from vedc.ir.graph import Node, rewrite


def run(root: Node) -> Node:
    return rewrite(root, lambda node: node.facts.cancel(node))
