"""Lengths in pixels, or in a share of the canvas."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Final

from vedc.lang.schema import limits
from vedc.lang.schema.values import Json, Number, Type, is_number, or_expression, trim
from vedc.lang.yaml.tree import Problems, SpecNode

_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*%", re.ASCII)
_WHOLE: Final = 100


class Length(Type):
    """Pixels above 0, or a percentage; of what, the key's documentation says."""

    def __init__(self, high: float | None = None, *, like: str) -> None:
        self.pixels = Number(above=0, high=high)
        self.phrase = f"{self.pixels.phrase}, or a percentage such as {like}"

    def schema(self, shared: Json) -> Json:
        percent = {"type": "string", "pattern": rf"^{limits.decimal(_WHOLE)}\s*%$"}
        return or_expression({"anyOf": [self.pixels.bare_schema(), percent]}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, str) and (found := _PERCENT.fullmatch(node.value)):
            if not 0 < float(found[1]) <= _WHOLE:
                message = f"{name} must be above 0% and at most {_WHOLE}%, not {node.value}"
                problems.add("out-of-range", message, node)
        elif is_number(node.value) and math.isfinite(node.number):
            self.pixels.check(node, name, problems)
        else:
            pixels = isinstance(node.value, str) and re.fullmatch(r"[\d.]+\s*px", node.value)
            hint = (
                f"pixels have no unit: {node.text.removesuffix('px').strip()}" if pixels else None
            )
            self.reject(node, name, problems, hint)

    def canonical(self, node: SpecNode) -> SpecNode:
        found = _PERCENT.fullmatch(node.value) if isinstance(node.value, str) else None
        return node if found is None else node.with_value(f"{trim(float(found[1]))}%")


def pixels(node: SpecNode, whole: int) -> float:
    """A canonical length, where 100% are ``whole`` pixels."""
    if isinstance(node.value, str):
        return float(Fraction(node.value.removesuffix("%")) * whole / _WHOLE)
    return float(node.number)
