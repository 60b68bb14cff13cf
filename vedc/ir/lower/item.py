"""Lowering of one item of a track: its picture made, masked, placed and clipped."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from vedc.edit.contents import Adjustment, Text
from vedc.edit.model import MotionBlur, TimelineItem
from vedc.edit.placement import largest_scale
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.ops import OpLowering
from vedc.ir.lower.outline import OutlineLowering
from vedc.ir.lower.picture import PictureLowering
from vedc.ir.lower.source import SourceLowering
from vedc.ir.lower.stage import Made
from vedc.ir.lower.title import TitleLowering


class ItemLowering:
    def __init__(self, sources: SourceLowering, ops: OpLowering) -> None:
        self.ops = ops
        self.pictures, self.titles = PictureLowering(sources, ops), TitleLowering(sources, ops)
        self.outlines = OutlineLowering(sources, ops)

    def item(self, item: TimelineItem, offset: int, below: Node) -> Node | None:
        """The item on the canvas, ``offset`` frames after its start; None if nothing shows.

        ``below`` is the picture below its track, on which an adjustment works.
        """
        if 0.0 in largest_scale(item.frame):
            return None
        picture = self._exposed(item, item.motion_blur, offset, below)
        if picture is None:
            return None
        return node("opacity", (picture,), {"value": self.ops.rebased(item.frame.opacity, offset)})

    def _exposed(
        self, item: TimelineItem, blur: MotionBlur | None, offset: int, below: Node
    ) -> Node | None:
        """The item on the canvas, blurred by its motion."""
        if blur is None:
            return self._placed(item, offset, below)
        moments: list[Node] = []
        for number in range(blur.samples):
            share = Fraction(2 * number + 1, 2 * blur.samples) - Fraction(1, 2)
            self.ops.lag = share * Fraction(blur.angle) / 360
            moment = self._placed(item, offset, below)
            moments += [] if moment is None else [moment]
        self.ops.lag = Fraction(0)
        if len(set(map(id, moments))) <= 1:  # nothing moves
            return moments[0] if moments else None
        part: dict[str, Param] = {"weight": 1 / len(moments)}
        total = self.pictures.sources.solid((0.0, 0.0, 0.0, 0.0))
        for moment in moments:
            total = node("summed", (total, moment), part)
        return total

    def _placed(self, item: TimelineItem, offset: int, below: Node) -> Node | None:
        """The item on the canvas over its shadow, without its opacity."""
        made = self._made(item, offset, below)
        if made is None:
            return None
        if item.mask is not None:
            masked = self.ops.masked(made.picture, item.mask, offset, made.rect)
            made = replace(made, picture=masked)
        return self.outlines.placed(made, item, offset)

    def _made(self, item: TimelineItem, offset: int, below: Node) -> Made | None:
        content, calls = item.content, (*item.grade, *item.effects)
        if isinstance(content, Text):
            return self.titles.made(content, item, offset)
        if isinstance(content, Adjustment):
            return Made(self.ops.apply(below, calls, offset))
        masks = () if item.mask is None else (item.mask,)
        return self.pictures.made(content, item.frame, calls, masks, offset)
