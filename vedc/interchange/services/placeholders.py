"""Values in place of ``{{ name }}``, as the services fill in templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from vedc.interchange.foreign.node import Node

_PLACEHOLDER: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


def fill(node: Node, values: Mapping[str, Any], scope: str = "") -> None:
    """Fill in the texts of a tree; one that is nothing but a placeholder becomes the value itself.

    Values under the key ``scope`` of a mapping apply within it. Placeholders without a value are
    kept and reported.
    """
    if isinstance(node.value, dict):
        own = node.take(scope) if scope else None
        if own is not None and own.is_map:
            values = {**values, **{name: child.value for name, child in own.keep().value.items()}}
            node.note_loss("the variables", "filled in with the values that they have here", "note")
        for name, child in node.value.items():
            if child is not own and name != "merge":
                fill(child, values, scope)
    elif isinstance(node.value, list):
        for child in node.value:
            fill(child, values, scope)
    elif isinstance(node.value, str):
        whole = _PLACEHOLDER.fullmatch(node.value.strip())
        if whole is not None and _is_known(whole[1], values):
            node.value = values[whole[1]]
            return

        def put(found: re.Match[str]) -> str:
            if _is_known(found[1], values):
                value = values[found[1]]
                return f"{float(value):g}" if isinstance(value, Fraction) else str(value)
            node.note_loss(f"the placeholder {found[0]!r}", "left as it is", "lost")
            return found[0]

        node.value = _PLACEHOLDER.sub(put, node.value)


def _is_known(name: str, values: Mapping[str, Any]) -> bool:
    """Whether a name has a value that can be part of a text."""
    return (
        name in values and not isinstance(values[name], (list, dict)) and values[name] is not None
    )
