"""The verifier: whether a graph keeps every promise that later stages rely on."""

from __future__ import annotations

from vedc import ops
from vedc.edit.model import Keyframes
from vedc.errors import InternalError
from vedc.ir.graph import Node, walk
from vedc.ir.types import STRUCTURAL, infer


def verify(root: Node) -> None:
    """Raise InternalError unless the graph is well formed.

    Every node's type is what inference gives, every grade stands in the space that its op
    declares, keyframes are sorted, and the root is a picture in code values.
    """
    for current in walk(root):
        expected = infer(current.op, tuple(n.type for n in current.inputs), dict(current.params))
        if expected != current.type:
            raise InternalError(f"{current.op}: type {current.type}, inferred {expected}")
        for name, value in current.params:
            if isinstance(value, Keyframes):
                frames = [p.frame for p in value.points]
                if not frames or frames != sorted(frames):
                    raise InternalError(f"{current.op}.{name}: keyframes out of order")
        if current.op not in STRUCTURAL:
            declared = ops.get(current.op)
            # A blend works on whatever its pictures are.
            given = current.inputs[0].type.encoding
            if declared.kind != "blend" and given != declared.space:
                raise InternalError(f"{current.op} works in {declared.space}, stands in {given}")
    if root.type.encoding != "code":
        raise InternalError(f"the root is {root.type}, not samples for an encoder")
