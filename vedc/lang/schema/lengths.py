"""Lengths in pixels, or in a share of the canvas."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Final

from vedc.lang.schema import limits
from vedc.lang.schema.values import Json, Number, Type, is_number, or_expression, trim
from vedc.lang.yaml.tree import Problems, SpecNode

_PERCENT: Final = re.compile(r"([+-]?)(\d+(?:\.\d+)?|\.\d+)\s*%", re.ASCII)


class Length(Type):
    """Pixels, or a percentage of what the key's documentation says.

    ``low`` is the least number of pixels; without it they must be above 0. Percentages are up to
    ``percent``, below 0 only where ``low`` is.
    """

    def __init__(
        self,
        high: float | None = None,
        *,
        like: str,
        low: float | None = None,
        percent: int = 100,
    ) -> None:
        self.pixels = Number(above=0, high=high) if low is None else Number(low, high)
        self.low, self.high, self.percent = low, high, percent
        self.phrase = f"{self.pixels.phrase}, or a percentage such as {like}"

    def bare_schema(self) -> Json:
        sign = "[+-]?" if self.low is not None and self.low < 0 else ""
        # A value above 0 is not 0%, however written.
        more = r"(?!0*(\.0*)?\s*%)" if self.low is None else ""
        pattern = rf"^{more}{sign}{limits.decimal(self.percent)}\s*%$"
        percent = {"type": "string", "pattern": pattern}
        return {"anyOf": [self.pixels.bare_schema(), percent]}

    def schema(self, shared: Json) -> Json:
        return or_expression(self.bare_schema(), shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        found = _PERCENT.fullmatch(node.value) if isinstance(node.value, str) else None
        if found is not None and (not found[1] or (self.low is not None and self.low < 0)):
            share = float(found[2])
            if share > self.percent or (share == 0 and self.low is None):
                message = f"{name} must be {self._range}, not {node.value}"
                problems.add("out-of-range", message, node)
        elif is_number(node.value) and math.isfinite(node.number):
            self.pixels.check(node, name, problems)
        else:
            pixels = isinstance(node.value, str) and re.fullmatch(r"[-\d.]+\s*px", node.value)
            hint = (
                f"pixels have no unit: {node.text.removesuffix('px').strip()}" if pixels else None
            )
            self.reject(node, name, problems, hint)

    @property
    def _range(self) -> str:
        """The range of percentages, in words."""
        if self.low is None:
            return f"above 0% and at most {self.percent}%"
        return f"from {'-' * (self.low < 0)}{self.percent * (self.low < 0)}% to {self.percent}%"

    def canonical(self, node: SpecNode) -> SpecNode:
        found = _PERCENT.fullmatch(node.value) if isinstance(node.value, str) else None
        if found is None:
            return node
        sign = "-" if found[1] == "-" else ""
        return node.with_value(f"{sign}{trim(float(found[2]))}%")


class LengthOrNone(Length):
    """A length, or ``none``."""

    def __init__(self, high: float | None = None, *, like: str) -> None:
        super().__init__(high, like=like)
        self.phrase += ", or none"

    def bare_schema(self) -> Json:
        return {"anyOf": [*super().bare_schema()["anyOf"], {"const": "none"}]}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if node.value != "none":
            super().check(node, name, problems)


class Lengths(Type):
    """``[x, y]``, each a length; or one for both, where ``one`` says so."""

    def __init__(self, each: Length, phrase: str, *, one: bool = False) -> None:
        self.each, self.phrase, self.one = each, phrase, one

    def schema(self, shared: Json) -> Json:
        item = self.each.schema(shared)
        pair = {"type": "array", "items": item, "minItems": 2, "maxItems": 2}
        if not self.one:
            return or_expression(pair, shared)
        return or_expression({"if": {"type": "array"}, "then": pair, "else": item}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, list) and len(node.value) == 2:
            for axis, element in zip("xy", node, strict=True):
                self.each.check(element, f"{axis} of {name}", problems)
        elif self.one and not isinstance(node.value, (list, dict)):
            self.each.check(node, name, problems)
        else:
            self.reject(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        if isinstance(node.value, list):
            return node.with_value([self.each.canonical(element) for element in node])
        return self.each.canonical(node)


def pixels(node: SpecNode, whole: int | Fraction) -> float:
    """A canonical length, where 100% are ``whole`` pixels."""
    if isinstance(node.value, str):
        return float(Fraction(node.value.removesuffix("%")) * whole / 100)
    return float(node.number)
