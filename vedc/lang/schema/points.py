"""Lists of points: the corners of a shape, the knots of a curve."""

from __future__ import annotations

from vedc.lang.schema.quantities import Pair
from vedc.lang.schema.values import Json, Number, Type, or_expression
from vedc.lang.yaml.tree import Problems, SpecNode


class Points(Type):
    """``[[x, y], ...]``: at least ``least`` points, each number within inclusive limits.

    ``resolve`` checks that the x of a curve rise, which no schema can express.
    """

    def __init__(self, low: float | None, high: float | None, *, least: int) -> None:
        number = Number(low, high)
        self.point = Pair(f"[x, y], each {number.phrase}", low, high)
        self.least = least
        few = f"at least {least} " if least > 1 else ""
        self.phrase = f"a list of {few}points [x, y], each {number.phrase}"

    def schema(self, shared: Json) -> Json:
        points = {
            "type": "array",
            "items": self.point.list_schema(shared),
            "minItems": self.least,
        }
        return or_expression(points, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, list):
            self.reject(node, name, problems)
            return
        if len(node.value) < self.least:
            self.reject(node, name, problems)
        for number, point in enumerate(node, 1):
            self.point.check(point, f"point {number} of {name}", problems)


def flat(node: SpecNode) -> tuple[float, ...]:
    """x0, y0, x1, y1, ... of points that a :class:`Points` passed."""
    return tuple(float(number.number) for point in node for number in point)
