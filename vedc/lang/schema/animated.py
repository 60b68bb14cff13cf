"""Values that may be keyframed."""

from __future__ import annotations

from typing import Final

from vedc.lang.schema.easings import EasingType
from vedc.lang.schema.records import Key, ListOf, Record, Shared, refer
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Json, Type
from vedc.lang.yaml.tree import Problems, SpecNode

_EASING: Final = Shared(EasingType())


class Animated(Type):
    """A value, or keyframes between which it moves."""

    def __init__(self, inner: Type) -> None:
        self.takes_mappings = inner.takes_mappings
        self.inner = inner = Shared(inner)
        self.phrase = f"{inner.phrase}, or keyframes"
        self.point = Record(
            "keyframe",
            "A value at a time.",
            (
                Key(
                    "time",
                    TimeSpan(from_end=True),
                    "Time from the start of the item, below 0 from its end; a percentage refers to "
                    "its length.",
                    required=True,
                    example="time: 0.5s",
                ),
                Key("value", inner, "The value at that time.", required=True, example="value: 1"),
                Key(
                    "easing",
                    _EASING,
                    "Easing from this keyframe to the next, as in CSS.",
                    "linear",
                ),
            ),
            inline=True,
        )
        self.record = Record(
            "animation",
            "A value over time: held before the first keyframe and after the last one.",
            (
                Key(
                    "keyframes",
                    ListOf(self.point, "keyframe", empty="empty-keyframes"),
                    "The points, in order of time.",
                    required=True,
                    example="keyframes: [{time: 0s, value: 0}, {time: 1s, value: 1}]",
                ),
            ),
            inline=True,
        )

    def schema(self, shared: Json) -> Json:
        rule = {
            "if": {"type": "object"} | ({"required": ["keyframes"]} if self.takes_mappings else {}),
            "then": self.record.schema(shared),
            "else": self.inner.schema(shared),
        }
        return refer(shared, self.phrase, rule)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if self._moves(node):
            self.record.check_keys(node, problems)
        else:
            self.inner.check(node, name, problems)

    def _moves(self, node: SpecNode) -> bool:
        if not isinstance(node.value, dict) or "keyframes" in node:
            return isinstance(node.value, dict)
        point = node.value.keys() == {"x", "y"}  # of other tools: the inner type has the cure
        return not (self.takes_mappings or point)

    def canonical(self, node: SpecNode) -> SpecNode:
        return (self.record if self._moves(node) else self.inner).canonical(node)
