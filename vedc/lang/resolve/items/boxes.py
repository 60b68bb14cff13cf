"""Settings that conflict with a moving box."""

from __future__ import annotations

from typing import Final

from vedc import ops
from vedc.edit.values import Keyframes, OpCall
from vedc.lang.resolve.items.item_values import KeyValues
from vedc.lang.yaml.tree import Problems, SpecNode

_IN_COMPOSITION: Final = (
    "put the picture with its {what} into a composition, and give that the box that moves"
)


def check_moving_box(kind: str, node: SpecNode, keys: KeyValues, problems: Problems) -> None:
    """Report settings of an item that cannot follow a box with keyframes."""
    sides = (name for name in ("width", "height") if name in node)
    side = next((s for s in sides if isinstance(keys.placement.get(s), Keyframes)), None)
    if side is None:
        return
    if kind == "generator":
        message = f"{side} of a generator cannot move over time"
        hint = "move its scale instead: scale: {keyframes: [...]}"
        problems.add("not-animated", message, node[side], hint)
    if keys.placement.get("fit") == "contain-blur":
        message = f"fit: contain-blur needs a box that stands still, and its {side} moves"
        problems.add("moving-box", message, node["fit"], "use `fit: cover` or `fit: contain`")
    for name in ("grade", "effects"):
        for call in keys.item.get(name, ()):
            if _looks_at_the_place(call):
                message = f"{call.op} works within a box that stands still, and its {side} moves"
                hint = _IN_COMPOSITION.format(what=name)
                problems.add("moving-box", message, node[name], hint)
                break
    if "mask" in node and keys.item.get("mask") is not None:
        message = f"a mask lies in a box that stands still, and its {side} moves"
        hint = f"for round corners use `radius`; else {_IN_COMPOSITION.format(what='mask')}"
        problems.add("moving-box", message, node["mask"], hint)


def _looks_at_the_place(call: OpCall) -> bool:
    """Whether a call's result for a pixel depends on its position or on other pixels."""
    op = ops.get(call.op)
    if op.positional or op.spatial or op.temporal or op.pictures:
        return True
    return call.mask is not None and _looks_at_the_place(call.mask)
