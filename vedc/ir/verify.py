"""The verifier: whether a graph keeps every promise that later stages rely on."""

from __future__ import annotations

from vedc.edit.values import Keyframes
from vedc.errors import InternalError
from vedc.ir.graph import Node, infer, walk


def verify(root: Node) -> None:
    """Raise InternalError unless the graph is well formed.

    Every node's type is what inference gives, every op works in the encoding that it
    declares, keyframes are sorted, and the root is a picture in code values.
    """
    for current in walk(root):
        expected = infer(current)
        if expected != current.type:
            raise InternalError(f"{current.op}: type {current.type}, inferred {expected}")
        for name, value in current.params:
            if isinstance(value, Keyframes):
                frames = [p.frame for p in value.points]
                if not frames or frames != sorted(frames):
                    raise InternalError(f"{current.op}.{name}: keyframes out of order")
        op = current.facts.op
        if op is not None and op.kind != "blend":  # which works on any encoding
            encoding = current.inputs[0].type.encoding
            if encoding != op.space:
                raise InternalError(f"{op.name} works in {op.space} light, not in {encoding}")
    if root.type.encoding != "code":
        raise InternalError(f"the root is {root.type}, not samples for an encoder")
