"""The cells of a layout on a canvas, and items in them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from vedc.edit.contents import Placement
from vedc.edit.times import round_half_up
from vedc.edit.values import Keyframes, Motion
from vedc.lang.resolve.items.item_values import Values
from vedc.lang.yaml.tree import SpecNode
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """A rectangle of the canvas, in whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def placed(self, frame: Placement, canvas: tuple[int, int], *, boxed: bool) -> Placement:
        """The placement on the canvas of an item placed as if the cell were the canvas."""
        scale = self.width / canvas[0], self.height / canvas[1]
        origin = self.x / canvas[0], self.y / canvas[1]
        position = _mapped(frame.position, scale, origin)
        box = frame.box
        if box is None and boxed:
            box = float(self.width), float(self.height)
        return replace(frame, position=position, box=box)


def _mapped(at: Motion, scale: tuple[float, float], origin: tuple[float, float]) -> Motion:
    if isinstance(at, Keyframes):
        points = []
        for point in at.points:
            assert isinstance(point.value, tuple)
            moved = tuple(o + s * v for o, s, v in zip(origin, scale, point.value, strict=True))
            points.append(replace(point, value=moved))
        return replace(at, points=tuple(points))
    return tuple(o + s * v for o, s, v in zip(origin, scale, at, strict=True))


def cells(layout: SpecNode, values: Values) -> list[Cell]:
    """Those of a canonical layout, row by row. Reports a gap that leaves no room for them."""
    columns, rows = (int(side.number) for side in layout["grid"])
    canvas = values.canvas
    gap, margin = (_pair(layout.get(name), values) for name in ("gap", "margin"))
    sides = []
    for axis, count in enumerate((columns, rows)):
        room = canvas[axis] - 2 * margin[axis] - (count - 1) * gap[axis]
        if room < count:
            wanted = "gap" if "gap" in layout else "margin"
            at = layout.get(wanted) or layout
            message = f"the grid leaves no room for its cells on a canvas of {canvas[axis]} pixels"
            values.problems.add("no-room", message, at, "make the gap or the margin smaller")
            room = Fraction(count)
        starts = [margin[axis] + number * (room / count + gap[axis]) for number in range(count)]
        edges = [(round_half_up(at), round_half_up(at + room / count)) for at in starts]
        sides.append([(first, max(last - first, 1)) for first, last in edges])
    return [Cell(x, y, width, height) for y, height in sides[1] for x, width in sides[0]]


def _pair(node: SpecNode | None, values: Values) -> tuple[Fraction, Fraction]:
    if node is None:
        return Fraction(0), Fraction(0)
    side = min(values.canvas)
    both = node.items if isinstance(node.value, list) else [node, node]
    x, y = (Fraction(values.pixels(each, side)) for each in both)
    return x, y
