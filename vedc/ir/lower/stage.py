"""Shared by the lowering of pictures and titles: the canvas, ops, placement."""

from __future__ import annotations

from typing import NamedTuple

from vedc.edit.contents import Placement
from vedc.edit.placement import still
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.motion import Drawn, motion
from vedc.ir.lower.ops import OpLowering, Rectangle
from vedc.ir.lower.source import Shown, SourceLowering
from vedc.ir.lower.turn import Area, Turn, corner_of
from vedc.support.lazy_dataclass import dataclass


class Size(NamedTuple):
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Made:
    """An item's picture, with its grade and its effects."""

    picture: Node
    rect: Rectangle | None = None
    """The rectangle that mask positions refer to, if not the whole picture."""
    placed: dict[str, Param] | None = None
    """The parameters of ``affine`` that put it on the canvas; None if it is already there."""
    clip: Rectangle | None = None
    """The box that clips it, in pixels of the picture; None if nothing extends beyond."""
    outline: Rectangle | None = None
    """Its box, in pixels of the picture; None if it has none."""
    fills: bool = False
    """Whether the picture itself fills its box."""
    solid: bool = False
    """Whether its box is opaque all over."""
    way: dict[str, Param] | None = None
    """The placement of its outline, if different from the picture's: for a moving box, one pixel is
    the whole box."""


class Stage:
    """A canvas, for a span of frames."""

    def __init__(self, sources: SourceLowering, ops: OpLowering) -> None:
        self.sources, self.ops = sources, ops
        self.canvas = sources.canvas
        self.size = Size(self.canvas.width, self.canvas.height)

    @property
    def margin(self) -> int:
        """Pixels around a moving item, for ops that extend over its edge."""
        return min(self.size) // 8

    def shown(self, start: int, length: int) -> Shown:
        """The frames of an item of ``length`` frames that the piece shows, from its frame
        ``start``."""
        return Shown(start, start + self.ops.length, length)

    def motion(self, drawn: Drawn, frame: Placement, offset: int) -> dict[str, Param]:
        """The parameters of ``affine`` for an item that moves."""
        return motion(drawn, frame, self.size, lambda value: self.ops.rebased(value, offset))

    def turning(self, turn: Turn, area: Area, offset: int) -> dict[str, Param]:
        """The parameters of ``affine`` for a picture of an area of the unturned plane."""
        return {
            "width": self.size.width,
            "height": self.size.height,
            "anchor": (turn.anchor[0] - area.x, turn.anchor[1] - area.y),
            "pivot": turn.pivot,
            "scale": (1.0, 1.0),
            "rotation": self.ops.rebased(turn.rotation, offset),
        }

    def corner(self, size: tuple[int, int], frame: Placement) -> tuple[int, int]:
        """The canvas pixel of the upper left corner of a picture of ``size``."""
        return corner_of(frame, still(frame.anchor), size, self.size)


def rectangle(x: float, y: float, width: float, height: float) -> Rectangle:
    return float(x), float(y), float(width), float(height)


def placed(picture: Node, at: tuple[int, int], area: Area) -> Node:
    """A picture with its upper left corner at a pixel of the plane, clipped to an area."""
    x, y = at
    return node(
        "place",
        (picture,),
        {"x": x - area.x, "y": y - area.y, "width": area.width, "height": area.height},
    )
