"""Where and when a node is computed: the position and clock passed to op bodies."""

from __future__ import annotations

from vedc.color import Color
from vedc.expr import nodes
from vedc.expr.math import Clock, Math, Position, Scalar
from vedc.ir.graph import Node
from vedc.ops.core import call
from vedc.plan.executable import Count, KernelParam, Rect
from vedc.plan.fusion.param_binder import ParamBinder


class CoordinateBinder:
    """Positions and clocks of one kernel."""

    def __init__(self, math: Math, numbers: ParamBinder) -> None:
        self.math, self.numbers = math, numbers

    def position(self, rect: Rect) -> Position:
        """The pixel's own position, relative to a rectangle."""
        x, y = nodes.node("x"), nodes.node("y")
        number = self.math.number
        size = number(float(rect.width)), number(float(rect.height))
        return Position(x - float(rect.x), y - float(rect.y), *size)

    @staticmethod
    def bounds(node: Node, rect: Rect) -> tuple[float, ...]:
        """The rectangle that a node's positions refer to, in pixels of its picture."""
        bounds = node.get("bounds")
        if bounds is None:
            return 0.0, 0.0, float(rect.width), float(rect.height)
        assert isinstance(bounds, tuple)
        return bounds

    def scene(
        self, node: Node, rect: Rect, position: tuple[Scalar, Scalar] | None = None
    ) -> call.Scene:
        """Where and when a node is computed; ``position``, if not the pixel's own."""
        at = self.position(rect)
        x, y = position or (at.x, at.y)
        left, top, width, height = self.bounds(node, rect)
        number = self.math.number
        here = Position(x - left, y - top, number(width), number(height))
        clock = node.get("clock")
        type = node.inputs[0].type if node.inputs else node.type
        canvas = Color(type.primaries, type.transfer)
        if clock is None:
            return call.Scene(here, canvas=canvas)
        assert isinstance(clock, int)
        ticks = Count(clock), Count(clock, 1 / node.fraction("fps"))
        moment = Clock(*(self.numbers.uniform(KernelParam(tick)) for tick in ticks))
        return call.Scene(here, moment, canvas)

    def inside(self, rect: Rect) -> Scalar:
        """1 within the rectangle, 0 outside, from the pixel's own position."""
        at = self.position(rect)
        math = self.math
        along = [
            math.select(c > 0.0, math.select(c < size, 1.0, 0.0), 0.0)
            for c, size in ((at.x, at.width), (at.y, at.height))
        ]
        return along[0] * along[1]

    def covered(self, along: Scalar, size: float) -> Scalar:
        """The share of a pixel at ``along`` that lies within 0..size, on one axis."""
        clamp = self.math.clamp
        return clamp(along + 0.5) * clamp(size + 0.5 - along)
