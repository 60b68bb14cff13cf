"""Words of the language that stand for ops: blend modes and presets of transitions.

They are looked up on every use, because a spec's plugins may add ops and because most specs need
only a few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vedc.lang.schema.records import refer
from vedc.lang.schema.values import Json, Type, one_of, or_expression, show
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops.core import registry
from vedc.support.suggest import suggestion

_LIST: Final = "`vedc ops --kind blend` lists them"
Preset = tuple[str, Mapping[str, Any]]
"""An op and the parameters that a preset gives it, as the op declares them."""


def blend_modes() -> dict[str, str]:
    """The op of each blend mode, by its word in the language."""
    from vedc.ops.blend.w3c import BLEND_MODES

    named = set(BLEND_MODES.values())
    own = {op.name: op.name for op in registry.by_kind("blend") if op.name not in named}
    return BLEND_MODES | own


def transition_presets() -> Mapping[str, Preset]:
    """Presets of transitions: other names for an op with some of its parameters given."""
    from vedc.ops.transition.presets import PRESETS

    return PRESETS


def transition_name(name: str) -> str:
    """The listed name of the transition that a spec means; names are compared without case, ``_``,
    ``-`` and spaces."""
    from vedc.ops.transition.presets import spelled

    return spelled(name)


def transition_spellings(names: Sequence[str]) -> str:
    """The pattern of everything that means one of some transitions."""
    from vedc.ops.transition.presets import spellings

    return spellings(names)


class BlendMode(Type):
    """The word of a blend mode."""

    @property
    def phrase(self) -> str:  # type: ignore[override]  # read anew each time
        return one_of(tuple(blend_modes()))

    def schema(self, shared: Json) -> Json:
        rule = or_expression({"type": "string", "enum": list(blend_modes())}, shared)
        return refer(shared, "a blend mode", rule)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        words = blend_modes()
        if not isinstance(node.value, str):
            message = f"{name} must be a blend mode, not {show(node.value)}"
            problems.add("wrong-type", message, node, _LIST)
        elif node.value not in words:
            message = f"{show(node.value)} is not a blend mode{suggestion(node.value, words)}"
            problems.add("unknown-op", message, node, _LIST)
