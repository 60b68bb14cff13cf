"""Lowering of titles."""

from __future__ import annotations

from vedc.edit.contents import Placement, Text
from vedc.edit.model import TimelineItem
from vedc.edit.placement import drawn_text_scale, resting, still
from vedc.edit.text_box import TextBox
from vedc.edit.text_motion import reach
from vedc.edit.values import OpCall
from vedc.ir.graph import Node
from vedc.ir.lower.motion import AROUND_TEXT, Drawn
from vedc.ir.lower.stage import Made, Stage, rectangle
from vedc.ir.lower.turn import Area, rotation_of, turn_of_text


class TitleLowering(Stage):
    """Titles. Their size is known only after layout."""

    def made(self, text: Text, item: TimelineItem, offset: int) -> Made:
        """The title of an item, ``offset`` frames after its start."""
        frame, calls, length = item.frame, (*item.grade, *item.effects), item.end - item.start
        if frame.moves or _uneven(frame):
            assert item.box is not None
            return self._moving(text, item.box, frame, calls, offset, length)
        area, rotation = self.canvas, rotation_of(frame)
        rect, placed = None, None
        if rotation:
            turn = turn_of_text(rotation, frame, self.size)
            area = turn.visible(*self.size)
            rect = rectangle(-area.x, -area.y, *self.size)
            placed = self.turning(turn, area, offset)

        def title(ago: int) -> Node:
            shown = self.shown(offset - ago, length)
            return self.sources.title(text, frame, area, shown)

        return Made(self.ops.apply(title(0), calls, offset, rect, title), rect, placed)

    def _moving(
        self,
        text: Text,
        box: TextBox,
        frame: Placement,
        calls: tuple[OpCall, ...],
        offset: int,
        length: int,
    ) -> Made:
        """A title as drawn, before placement. ``length``: frames of its item."""
        scale = drawn_text_scale(frame, text.size, self.size)
        area = Area(0, 0, box.width, box.height).grown(AROUND_TEXT)
        if any(map(self.ops.spatial, calls)):
            area = area.grown(self.margin)
        for animation in self.shown(offset, length).animations(text).values():
            size = (box.width, box.height)
            area = area.grown(*reach(animation, text.size * scale, size, self.size))

        def title(ago: int) -> Node:
            shown = self.shown(offset - ago, length)
            return self.sources.title(text, resting(frame, (scale, scale)), area, shown)

        rect = rectangle(-area.x, -area.y, box.width, box.height)
        picture = self.ops.apply(title(0), calls, offset, rect, title)
        drawn = Drawn(rect, (box.width / scale, box.height / scale))
        return Made(picture, rect, self.motion(drawn, frame, offset))


def _uneven(frame: Placement) -> bool:
    """Whether an item that does not move is scaled differently across and down."""
    across, down = still(frame.scale)
    return across != down
