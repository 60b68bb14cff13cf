"""What is drawn in place of an op whose weights are missing: another op, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vedc.lang.schema.records import Key, refer
from vedc.lang.schema.values import Json, Type
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops import Op

if TYPE_CHECKING:
    from vedc.lang.keys.calls import Call

#: Leaves the picture as it is.
NONE: Final = "none"


class FallbackType(Type):
    """``none``, the name of an op, or a call of one."""

    phrase = "none, the name of an effect, or a mapping such as {op: denoise}"

    @property
    def _call(self) -> Call:
        from vedc.lang.keys.parts import FALLBACK_CALL  # whose calls have this key themselves

        return FALLBACK_CALL

    def schema(self, shared: Json) -> Json:
        # By reference: the calls of effects, which have this key, are what it may hold.
        call = {"$ref": f"#/definitions/{self._call.definition}"}
        names = {"enum": [NONE, *self._call.complete_names()]}
        return refer(shared, "fallback", {"if": {"type": "object"}, "then": call, "else": names})

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if node.value != NONE:
            self._call.check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return node if node.value == NONE else self._call.canonical(node)


def needs_weights(op: Op) -> bool:
    """Whether an op may be given a file of weights."""
    return any(param.kind == "weights" for param in op.params)


FALLBACK: Final = Key(
    "fallback",
    FallbackType(),
    "What is drawn where the weights are missing: another effect, or `none`; by default, that is "
    "an error.",
)
