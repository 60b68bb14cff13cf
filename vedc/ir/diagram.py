"""Drawing a graph: Mermaid (which Markdown viewers show) and Graphviz DOT."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from vedc.edit.values import Keyframes
from vedc.ir.graph import Node, walk
from vedc.ir.text import print_value

#: Parameters left out of diagrams.
_HIDDEN = frozenset(
    {"digest", "fonts", "primaries", "transfer", "matrix", "range", "format", "step"}
)
#: Parameters of structural ops that are shown.
_SHOWN = frozenset({"value", "start", "color", "text_text", "x", "y", "blur", "crop", "rotation"})
_LONGEST = 32


def _lines(node: Node, files: Mapping[str, str]) -> list[str]:
    """The text of a node's box."""
    lines = [node.op]
    digest = next((v for _, v in node.params if isinstance(v, str) and v in files), None)
    if digest is not None:
        lines.append(files[digest])
    for name, value in node.params:
        if name in _HIDDEN or value is None or value == digest:
            continue
        if node.facts.op is not None or name in _SHOWN:
            text = "keyframes" if isinstance(value, Keyframes) else print_value(value)
            short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
            lines.append(f"{name.removeprefix('text_')} = {short}")
    lines.append(str(node.type))
    return lines


@dataclass(frozen=True, slots=True)
class Box:
    """A node of a diagram. ``kind`` gives its shape; ``inputs`` names the boxes before it."""

    name: str
    lines: Sequence[str]
    kind: Literal["fetch", "op", "root"]
    inputs: Sequence[str] = ()


def _boxes(root: Node, files: Mapping[str, str]) -> list[Box]:
    names: dict[int, str] = {}
    boxes = []
    for index, node in enumerate(walk(root)):
        names[id(node)] = f"n{index}"
        kind: Literal["fetch", "op", "root"] = "root" if node is root else "op"
        if node.facts.fetched:
            kind = "fetch"
        inputs = [names[id(n)] for n in node.inputs]
        boxes.append(Box(names[id(node)], _lines(node, files), kind, inputs))
    return boxes


def mermaid(root: Node, files: Mapping[str, str]) -> str:
    """``files``: digest -> the name to show."""
    return mermaid_of(_boxes(root, files))


def dot(root: Node, files: Mapping[str, str]) -> str:
    """``files``: digest -> the name to show."""
    return dot_of(_boxes(root, files))


def mermaid_of(boxes: Iterable[Box]) -> str:
    shapes = {"fetch": ('[("', '")]'), "root": ('(["', '"])'), "op": ('["', '"]')}
    drawn = ["flowchart TD"]
    for box in boxes:
        before, after = shapes[box.kind]
        text = "<br>".join(
            line.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
            for line in box.lines
        )
        drawn.append(f"    {box.name}{before}{text}{after}")
        drawn += [f"    {before} --> {box.name}" for before in box.inputs]
    return "\n".join(drawn) + "\n"


def dot_of(boxes: Iterable[Box]) -> str:
    shapes = {"fetch": "cylinder", "root": "doubleoctagon", "op": "box"}
    drawn = ["digraph edit {", '    node [fontname="sans-serif", fontsize=10];']
    for box in boxes:
        text = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in box.lines)
        drawn.append(f'    {box.name} [shape={shapes[box.kind]}, label="{text}"];')
        drawn += [f"    {before} -> {box.name}" for before in box.inputs]
    return "\n".join([*drawn, "}"]) + "\n"
