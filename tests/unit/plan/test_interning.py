"""Interned nodes in pickles: the loaded node is the stored one, however deep."""

from __future__ import annotations

import pickle
import subprocess
import sys
from fractions import Fraction

from vedc.edit.values import Keyframe, Keyframes
from vedc.expr import nodes
from vedc.ir.graph import Node, node
from vedc.ir.text import print_graph

MOVING = Keyframes((Keyframe(Fraction(0), 0.5), Keyframe(Fraction(7, 2), 1.0)))
COLOR = {"primaries": "bt709", "transfer": "bt709"}


def deep_graph(levels: int) -> Node:
    made = node("solid", (), {"color": (0.0, 0.5, 1.0, 1.0), "width": 8, "height": 4, **COLOR})
    for level in range(levels):
        made = node("opacity", (made,), {"value": MOVING if level % 2 else 0.5})
    return made


def deep_expr(levels: int) -> nodes.Expr:
    made = nodes.load(0, 0)
    for level in range(levels):
        made = nodes.node("fma", made, nodes.const(float(level)), nodes.param(1))
    return made


def test_expressions_are_interned_on_loading() -> None:
    for e in (nodes.const(-0.0), nodes.const(float("nan")), deep_expr(5000)):
        assert pickle.loads(pickle.dumps(e)) is e


def test_graphs_are_interned_on_loading() -> None:
    root = deep_graph(5000)
    assert pickle.loads(pickle.dumps(root)) is root


def test_another_process_loads_the_same() -> None:
    root = deep_graph(3)
    code = (
        "import pickle, sys; from vedc.ir.text import print_graph\n"
        "print(print_graph(pickle.load(sys.stdin.buffer)), end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(root), capture_output=True, check=True
    )
    assert done.stdout.decode() == print_graph(root)
