"""Factors on a size, of one axis or both."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from vedc.lang.schema import limits
from vedc.lang.schema.values import Json, Number, Type, is_number, or_expression
from vedc.lang.yaml.tree import Problems, SpecNode


class Factors(Type):
    """A factor on a size: a number, a percentage, or one each for the width and the height."""

    _PERCENT = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*%", re.ASCII)
    low = 0

    def __init__(self, high: int) -> None:
        self.high = high
        self.number = Number(self.low, high)
        self.phrase = f"a number from {self.low} to {high}, or 60%, or [x, y] of such"

    def schema(self, shared: Json) -> Json:
        percent = limits.decimal(100 * self.high)
        one = {
            "anyOf": [
                self.number.bare_schema(),
                {"type": "string", "pattern": rf"^{percent}\s*%$"},
                {"$ref": "#/definitions/expression"},
            ]
        }
        pair = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
        return or_expression({"if": {"type": "array"}, "then": pair, "else": one}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, list) and len(node.value) == 2:
            for axis, element in zip("xy", node, strict=True):
                self._check_one(element, f"{axis} of {name}", problems)
        else:
            self._check_one(node, name, problems)

    def _check_one(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        found = self._PERCENT.fullmatch(value) if isinstance(value, str) else None
        if found and float(found[1]) > 100 * self.high:
            most = f"{100 * self.high}%"
            problems.add("out-of-range", f"{name} must be at most {most}, not {value}", node)
        elif found is None and (not is_number(value) or not math.isfinite(node.number)):
            self.reject(node, name, problems)
        elif found is None:
            self.number.check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        if isinstance(node.value, list):
            return node.with_value([self.canonical(element) for element in node])
        found = self._PERCENT.fullmatch(node.value) if isinstance(node.value, str) else None
        if found is None:
            return node
        share = float(Fraction(found[1]) / 100)
        return node.with_value(int(share) if share.is_integer() else share)
