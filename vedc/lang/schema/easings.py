"""Easings as values of a spec."""

from __future__ import annotations

from typing import Final

from vedc.edit.easing import EASINGS, PATTERNS, canonical
from vedc.lang.schema.values import Json, Type, or_expression, show
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import did_you_mean


class EasingType(Type):
    """A word such as ``ease-out``, or a function such as ``cubic-bezier(0.3, 0, 0.2, 1)``."""

    phrase = "an easing such as ease-out or cubic-bezier(0.3, 0, 0.2, 1)"

    def schema(self, shared: Json) -> Json:
        words = {"enum": list(EASINGS)}
        pattern = {"type": "string", "pattern": f"^(?:{'|'.join(PATTERNS)})$"}
        return or_expression({"anyOf": [words, pattern]}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, str):
            self.reject(node, name, problems)
            return
        if canonical(node.value) is not None:
            return
        call = node.value.partition("(")[0].strip()
        if "(" in node.value and call in _CALLS:
            message = f"{name}: {show(node.value)} is not an easing: {_CALLS[call]}"
            problems.add("unknown-value", message, node)
            return
        near = did_you_mean(node.value, tuple(EASINGS))
        tail = f"; did you mean {near!r}?" if near else ""
        hint = None if near else "write linear, ease-in-out-cubic or cubic-bezier(0.3, 0, 0.2, 1)"
        message = f"{name}: {show(node.value)} is not an easing{tail}"
        problems.add("unknown-value", message, node, hint)

    def canonical(self, node: SpecNode) -> SpecNode:
        return node.with_value(canonical(node.text))


_CALLS: Final = {
    "cubic-bezier": "cubic-bezier takes four numbers, of which the first and the third are 0 to 1",
    "steps": "steps takes 1 to 9999, and jump-start, jump-end, jump-none (from 2) or jump-both",
    "spring": "spring takes its bounce, from 0 to less than 0.95",
}
