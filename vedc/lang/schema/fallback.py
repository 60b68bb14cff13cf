"""The fallback of an op whose weights are missing: another op, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from vedc.lang.schema.records import Key, refer
from vedc.lang.schema.values import Json, Type
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops import Op

#: Leaves the picture as it is.
NONE: Final = "none"


class Calls(Protocol):
    """Calls of ops, possibly a name alone."""

    definition: str

    def complete_names(self) -> list[str]: ...

    def check(self, node: SpecNode, name: str, problems: Problems) -> None: ...

    def canonical(self, node: SpecNode) -> SpecNode: ...


class FallbackType(Type):
    """``none``, the name of an op, or a call of one.

    ``calls`` are the calls that it may be. They have a key of this type themselves, so they are
    set once they are declared.
    """

    phrase = "none, the name of an effect, or a mapping such as {op: denoise}"
    calls: Callable[[], Calls]

    def schema(self, shared: Json) -> Json:
        calls = self.calls()
        # By reference, since the calls of effects that it holds have this key.
        call = {"$ref": f"#/definitions/{calls.definition}"}
        names = {"enum": [NONE, *calls.complete_names()]}
        return refer(shared, "fallback", {"if": {"type": "object"}, "then": call, "else": names})

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if node.value != NONE:
            self.calls().check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return node if node.value == NONE else self.calls().canonical(node)


def needs_weights(op: Op) -> bool:
    """Whether an op may be given a file of weights."""
    return any(param.kind == "weights" for param in op.params)


FALLBACK_TYPE: Final = FallbackType()
FALLBACK: Final = Key(
    "fallback",
    FALLBACK_TYPE,
    "What is drawn where the weights are missing: another effect, or `none`; by default, that is "
    "an error.",
)
