"""Lowering of one item of a track: its picture made, masked, put in its place and clipped."""

from __future__ import annotations

from dataclasses import replace

from vedc.edit.model import Adjustment, Text, TimelineItem
from vedc.edit.placement import largest_scale
from vedc.ir.graph import Node, node
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
        """The item on the canvas, ``offset`` frames after its start; None where nothing shows.

        ``below`` is what lies below its track, which an adjustment works on.
        """
        if 0.0 in largest_scale(item.frame):
            return None
        made = self._made(item, offset, below)
        if made is None:
            return None
        if item.mask is not None:
            masked = self.ops.masked(made.picture, item.mask, offset, made.rect)
            made = replace(made, picture=masked)
        picture = self.outlines.placed(made, item, offset)
        return node("opacity", (picture,), {"value": self.ops.rebased(item.frame.opacity, offset)})

    def _made(self, item: TimelineItem, offset: int, below: Node) -> Made | None:
        content, calls = item.content, (*item.grade, *item.effects)
        if isinstance(content, Text):
            return self.titles.made(content, item, offset)
        if isinstance(content, Adjustment):
            return Made(self.ops.apply(below, calls, offset))
        masks = () if item.mask is None else (item.mask,)
        return self.pictures.made(content, item.frame, calls, masks, offset)
