"""The steps that follow the outline of an item's box, at the very end: clip, corners, border,
shadow."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from vedc.edit.contents import Placement, Shadow
from vedc.edit.lengths import scaled
from vedc.edit.model import TimelineItem
from vedc.edit.placement import still
from vedc.edit.values import Keyframes, OpCall
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.motion import mapped
from vedc.ir.lower.ops import OpLowering
from vedc.ir.lower.source import SourceLowering
from vedc.ir.lower.stage import Made

#: The parameters of ``affine`` that map the picture's coordinates to the canvas.
_WAY = (
    "anchor", "pivot", "offset", "scale", "zoom", "rotation", "box_width", "box_height", "moved",
)  # fmt: skip


class OutlineLowering:
    """Puts the picture of an item on the canvas, with its outline."""

    def __init__(self, sources: SourceLowering, ops: OpLowering) -> None:
        self.sources, self.ops = sources, ops

    def placed(self, made: Made, item: TimelineItem, offset: int) -> Node:
        """The picture of an item, ``offset`` frames after its start, over its shadow."""
        picture = self._outlined(made, item, offset)
        if item.shadow is None or item.shadow.color[3] == 0.0:
            return picture
        below = self._shadow(made, item, item.shadow, offset)
        return node("over", (below, picture))

    def _outlined(self, made: Made, item: TimelineItem, offset: int) -> Node:
        """The picture on the canvas, with its corners and its border, clipped by its box."""
        picture, border = made.picture, item.border
        rounded = item.radius != (0.0, 0.0)
        shaped = rounded or border is not None
        if made.placed is not None:
            # The outline smooths the edge; a picture that ends there must not be smoothed twice.
            cut = shaped or made.clip is not None
            edge: dict[str, Param] = {"edge": "clamp"} if cut and made.fills else {}
            picture = node("affine", (picture,), made.placed | edge)
        if not shaped:
            return picture if made.clip is None else self._within(picture, made, made.clip, {})
        assert made.outline is not None
        radius = self._length(item.radius, item.frame, offset) if rounded else None
        corners: dict[str, Param] = {} if radius is None else {"radius": radius}
        if border is not None:
            around = self.sources.solid(border.color)
            covered = around if around.type.opaque else node("over", (picture, around))
            width = self._length(border.width, item.frame, offset)
            inner = {**corners, "inset": width, "invert": True}
            beyond = self._matte(picture, made, made.outline, inner)
            picture = node("mixed", (picture, covered, beyond))
        return self._within(picture, made, made.outline, corners)

    def _shadow(self, made: Made, item: TimelineItem, shadow: Shadow, offset: int) -> Node:
        """The shadow on the canvas: of the box if opaque, else of the visible picture."""
        color = self.sources.solid(shadow.color)
        if made.solid and item.mask is None:
            assert made.outline is not None
            soft: dict[str, Param] = {
                "shift": self._length(shadow.offset, item.frame, offset),
                "blur": self._length(shadow.blur, item.frame, offset),
            }
            if item.radius != (0.0, 0.0):
                soft["radius"] = self._length(item.radius, item.frame, offset)
            return self._within(color, made, made.outline, soft)
        x, y = shadow.offset
        if made.placed is None:
            factor = min(still(item.frame.scale))
            shape = self._outlined(made, item, offset)
            size = shape.type.width, shape.type.height
            shift: dict[str, Param] = {
                "width": size[0], "height": size[1], "anchor": (0.0, 0.0),
                "pivot": (x * factor, y * factor), "scale": (1.0, 1.0), "rotation": 0.0,
            }  # fmt: skip
            shape = node("affine", (shape,), shift)
        elif made.way is not None:
            aside: dict[str, Param] = {"moved": shadow.offset}
            cast_by = replace(made, placed=made.placed | aside, way=made.way | aside)
            shape = self._outlined(cast_by, item, offset)
        else:
            # Moving the anchor to the upper left moves it to the lower right.
            anchor, scale = made.placed["anchor"], made.placed["scale"]
            assert isinstance(anchor, (tuple, Keyframes)) and isinstance(scale, tuple)
            zoomed = 1.0 if "zoom" in made.placed else min(still(item.frame.scale))
            by = -x * zoomed / scale[0], -y * zoomed / scale[1]
            moved = made.placed | {"anchor": mapped(anchor, (1.0, 1.0), by)}
            shape = self._outlined(replace(made, placed=moved), item, offset)
        cast = node("masked", (color, node("alpha_matte", (shape,))))
        deviation = _halved(_times(item.frame, shadow.blur))
        blur = OpCall("gaussian_blur", (("radius", deviation),))
        return self.ops.call((cast,), blur, offset)

    def _within(
        self,
        picture: Node,
        made: Made,
        box: tuple[float, float, float, float],
        params: dict[str, Param],
    ) -> Node:
        """A picture on the canvas clipped to a box."""
        return node("masked", (picture, self._matte(picture, made, box, params)))

    @staticmethod
    def _matte(
        picture: Node,
        made: Made,
        box: tuple[float, float, float, float],
        params: dict[str, Param],
    ) -> Node:
        lies = made.way or made.placed or {}
        way = {name: value for name, value in lies.items() if name in _WAY}
        return node("box_matte", (picture,), {"box": box} | way | params)

    def _length(
        self, value: float | tuple[float, ...] | Keyframes, frame: Placement, offset: int
    ) -> Param:
        """A length in pixels of the canvas; of an item whose scale moves, at scale 1."""
        if not frame.moves:
            value = scaled(value, Fraction(str(min(still(frame.scale)))))
        return self.ops.rebased(value, offset)


def _times(frame: Placement, length: float) -> float | Keyframes:
    """A length multiplied by the item's scale."""
    if not isinstance(frame.scale, Keyframes):
        return min(frame.scale) * length
    points = tuple(
        replace(point, value=length * min(point.value))
        for point in frame.scale.points
        if isinstance(point.value, tuple)
    )
    low, high = frame.scale.limits
    return Keyframes(points, (low * length, high * length))


def _halved(blur: float | Keyframes) -> float | Keyframes:
    """The standard deviation of a CSS blur."""
    return scaled(blur, Fraction(1, 2))
