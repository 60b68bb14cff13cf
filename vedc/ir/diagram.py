"""Drawing a graph: Mermaid (which Markdown viewers show) and Graphviz DOT."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vedc.ir.graph import Node, walk
from vedc.ir.text import print_value
from vedc.ir.types import FETCHES, STRUCTURAL
from vedc.spec.model import Keyframes

#: Parameters that say nothing to a reader of a picture of the graph.
_HIDDEN = frozenset({"digest", "primaries", "transfer", "matrix", "range", "format", "step"})
#: Of structural operations, those that say something.
_SHOWN = frozenset({"value", "start", "color", "text_text", "x", "y", "blur"})
_LONGEST = 32


def _lines(node: Node, files: Mapping[str, str]) -> list[str]:
    """What stands in a node's box."""
    lines = [node.op]
    digest = next((v for _, v in node.params if isinstance(v, str) and v in files), None)
    if digest is not None:
        lines.append(files[digest])
    for name, value in node.params:
        if name in _HIDDEN or value is None or value == digest:
            continue
        if node.op not in STRUCTURAL or name in _SHOWN:
            text = "keyframes" if isinstance(value, Keyframes) else print_value(value)
            short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
            lines.append(f"{name.removeprefix('text_')} = {short}")
    lines.append(str(node.type))
    return lines


def _draw(
    root: Node,
    files: Mapping[str, str],
    box: Callable[[str, list[str], str], str],
    arrow: str,
    indent: str,
) -> list[str]:
    names: dict[int, str] = {}
    lines = []
    for index, node in enumerate(walk(root)):
        names[id(node)] = name = f"n{index}"
        kind = "fetch" if node.op in FETCHES else "root" if node is root else "op"
        lines.append(indent + box(name, _lines(node, files), kind))
        lines += [f"{indent}{names[id(n)]} {arrow} {name}" for n in node.inputs]
    return lines


def mermaid(root: Node, files: Mapping[str, str]) -> str:
    """``files``: digest -> the name to show."""
    shapes = {"fetch": ('[("', '")]'), "root": ('(["', '"])'), "op": ('["', '"]')}

    def box(name: str, lines: list[str], kind: str) -> str:
        before, after = shapes[kind]
        text = "<br>".join(
            line.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;") for line in lines
        )
        return f"{name}{before}{text}{after}"

    return "\n".join(["flowchart TD", *_draw(root, files, box, "-->", "    ")]) + "\n"


def dot(root: Node, files: Mapping[str, str]) -> str:
    """``files``: digest -> the name to show."""
    shapes = {"fetch": "cylinder", "root": "doubleoctagon", "op": "box"}

    def box(name: str, lines: list[str], kind: str) -> str:
        text = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
        return f'{name} [shape={shapes[kind]}, label="{text}"];'

    head = ["digraph edit {", '    node [fontname="sans-serif", fontsize=10];']
    return "\n".join([*head, *_draw(root, files, box, "->", "    "), "}"]) + "\n"
