"""What is drawn along the outline of an item's box, at the very end."""

from __future__ import annotations

from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.ops import Rectangle

#: The parameters of ``affine`` that say how the picture's own coordinates lie on the canvas.
_WAY = ("anchor", "pivot", "offset", "scale", "zoom", "rotation")


def clipped(picture: Node, box: Rectangle, placed: dict[str, Param] | None) -> Node:
    """A picture on the canvas without what lies beyond a box.

    The box is in pixels of what ``placed`` put there, parameters of ``affine``, if it is given.
    """
    way = {name: value for name, value in (placed or {}).items() if name in _WAY}
    return node("masked", (picture, node("box_matte", (picture,), {"box": box} | way)))
