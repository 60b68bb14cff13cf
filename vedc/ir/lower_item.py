"""Lowering of one item of a track: its picture graded, put in its place and changed by effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vedc.edit.model import (
    Adjustment,
    Clip,
    Generated,
    Image,
    Keyframes,
    OpCall,
    Placement,
    Solid,
    Text,
    TimelineItem,
)
from vedc.edit.placement import (
    drawn_scale,
    drawn_text_scale,
    largest_scale,
    picture_size,
    placed_size,
    resting,
    still,
    tone_map_of,
)
from vedc.edit.text_box import TextBox
from vedc.edit.text_motion import reach
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower_motion import (
    AROUND_TEXT,
    WINDOW,
    Drawn,
    fitting,
    motion,
    view_of_box,
    whole_pixels,
)
from vedc.ir.lower_ops import Earlier, OpLowering, Rectangle
from vedc.ir.lower_source import Shown, SourceLowering
from vedc.ir.lower_turn import (
    Area,
    Turn,
    corner_of,
    quarter_turns,
    rotation_of,
    turn_of_picture,
    turn_of_text,
)

#: The blur behind a picture with ``fit: contain-blur``: standard deviation of the Gaussian,
#: in shorter sides of the canvas. Strong enough that no face or letter is recognised.
BACKDROP_BLUR = 0.05


class ItemLowering:
    def __init__(self, sources: SourceLowering, ops: OpLowering) -> None:
        self.sources, self.ops = sources, ops
        self.canvas = sources.canvas
        self.width, self.height = self.canvas.width, self.canvas.height

    def item(self, item: TimelineItem, offset: int, below: Node) -> Node | None:
        """The item on the canvas, ``offset`` frames after its start; None where nothing shows.

        ``below`` is what lies below its track, which an adjustment works on.
        """
        content, frame = item.content, item.frame
        picture: Node | None
        rect: Rectangle | None = None
        turn: dict[str, Param] | None = None
        calls = (*item.grade, *item.effects)
        masks = () if item.mask is None else (item.mask,)
        if 0.0 in largest_scale(frame):
            return None
        if isinstance(content, Text) and (frame.moves or uneven(frame)):
            assert item.box is not None
            picture, rect, turn = self.moving_title(
                content, item.box, frame, calls, offset, item.end - item.start
            )
        elif isinstance(content, Text):
            area, rotation = self.canvas, rotation_of(frame)
            if rotation:
                turning = turn_of_text(rotation, frame, (self.width, self.height))
                area = turning.visible(self.width, self.height)
                rect = (float(-area.x), float(-area.y), float(self.width), float(self.height))
                turn = self.turning(turning, area, offset)

            def title(ago: int) -> Node:
                shown = self.shown(offset - ago, item.end - item.start)
                return self.sources.title(content, frame, area, shown)

            picture = self.ops.apply(title(0), calls, offset, rect, title)
        elif isinstance(content, Generated):

            def generated(ago: int) -> Node:
                return self.sources.generated(
                    lambda clear: self.ops.call((clear,), content.call, offset - ago)
                )

            picture = self.ops.apply(generated(0), calls, offset, None, generated)
        elif isinstance(content, Solid):
            picture, rect, turn = self.solid(content, frame, calls, masks, offset)
        elif isinstance(content, Adjustment):
            picture = self.ops.apply(below, calls, offset)
        else:
            picture, rect, turn = self.fitted(content, frame, calls, masks, offset)
        if picture is None:
            return None
        if item.mask is not None:
            picture = self.ops.masked(picture, item.mask, offset, rect)
        if turn is not None:
            picture = node("affine", (picture,), turn)
        return node("opacity", (picture,), {"value": self.ops.rebased(frame.opacity, offset)})

    def on_canvas(
        self, draw: Earlier, frame: Placement, calls: tuple[OpCall, ...], offset: int, area: Area
    ) -> tuple[Node, Rectangle | None]:
        """A picture graded, put in its place, and changed by what looks around itself.

        ``draw`` gives the picture as it is, some frames ago; ``area`` is what is drawn: the
        canvas, or of an item that is turned afterwards the part that is seen.

        Grades of the colour go on the picture alone. From the first op on that samples elsewhere
        the picture is the whole area, so that a blur may run over the picture's edge; positions
        still count from the picture's own corner, which is returned.
        """
        split = next((i for i, c in enumerate(calls) if self.ops.spatial(c)), len(calls))
        now = draw(0)
        size = (now.type.width, now.type.height)
        x, y = self.corner(size, frame)
        x, y = x - area.x, y - area.y
        whole = (x, y, *size) == (0, 0, area.width, area.height)
        rect = None if whole else (float(x), float(y), float(size[0]), float(size[1]))

        def placed(ago: int) -> Node:
            graded = self.ops.apply(
                draw(ago) if ago else now,
                calls[:split],
                offset - ago,
                None,
                lambda more: draw(ago + more),
            )
            return self.place(graded, frame, area)

        return self.ops.apply(placed(0), calls[split:], offset, rect, placed), rect

    def moving_title(
        self,
        text: Text,
        box: TextBox,
        frame: Placement,
        calls: tuple[OpCall, ...],
        offset: int,
        length: int,
    ) -> tuple[Node, Rectangle, dict[str, Param]]:
        """A title as it is drawn before it is put in its place, as ``fitted`` gives it.

        ``length``: frames of its item.
        """
        scale = drawn_text_scale(frame, text.size, (self.width, self.height))
        area = Area(0, 0, box.width, box.height).grown(AROUND_TEXT)
        if any(map(self.ops.spatial, calls)):
            area = area.grown(self.margin)
        for animation in self.shown(offset, length).animations(text).values():
            size = (box.width, box.height)
            across, down = reach(animation, text.size * scale, size, (self.width, self.height))
            area = area.grown(across, down)

        def title(ago: int) -> Node:
            shown = self.shown(offset - ago, length)
            return self.sources.title(text, resting(frame, (scale, scale)), area, shown)

        rect = (float(-area.x), float(-area.y), float(box.width), float(box.height))
        picture = self.ops.apply(title(0), calls, offset, rect, title)
        drawn = Drawn(rect, (box.width / scale, box.height / scale))
        return picture, rect, self.motion(drawn, frame, offset)

    def shown(self, start: int, length: int) -> Shown:
        """What the piece shows of an item of ``length`` frames from its frame ``start`` on."""
        return Shown(start, start + self.ops.length, length)

    def solid(
        self,
        content: Solid,
        frame: Placement,
        calls: tuple[OpCall, ...],
        masks: tuple[OpCall, ...],
        offset: int,
    ) -> tuple[Node, Rectangle | None, dict[str, Param] | None]:
        """A plain colour, as ``fitted`` gives a picture; at scale 1 as large as the canvas."""

        def draw(size: tuple[int, int], ago: int) -> Node:
            return self.sources.solid(content.color, size)

        canvas = (self.width, self.height)
        if frame.moves or rotation_of(frame):
            return self.moving(draw, canvas, canvas, frame, calls, masks, offset)
        drawn = draw(placed_size(*canvas, *canvas, frame), 0)
        picture, rect = self.on_canvas(lambda ago: drawn, frame, calls, offset, self.canvas)
        return picture, rect, None

    def moving(
        self,
        draw: Callable[[tuple[int, int], int], Node],
        own: tuple[int, int],
        size: tuple[int, int],
        frame: Placement,
        calls: tuple[OpCall, ...],
        masks: tuple[OpCall, ...],
        offset: int,
        *,
        scalable: bool = False,
    ) -> tuple[Node, Rectangle | None, dict[str, Param]]:
        """A picture that moves, as ``fitted`` gives it.

        ``draw`` gives it in any size, some frames ago. It is drawn in its ``own``, unless it is
        ``scalable`` or an op looks at the place: then as large as it is ever shown, which at scale
        1 is ``size``.
        """
        canvas = (self.width, self.height)
        rest = resting(frame, drawn_scale(frame, size, canvas))
        largest = placed_size(*own, *canvas, rest)
        if not any(map(self.ops.positional, calls + masks)):
            made = largest if scalable else own
            whole = (0.0, 0.0, float(made[0]), float(made[1]))
            picture = self.ops.apply(draw(made, 0), calls, offset)
            return picture, None, self.motion(Drawn(whole, size), frame, offset)
        area = Area(0, 0, *largest)
        if any(map(self.ops.spatial, calls)):  # they may run over the picture's edge
            area = area.grown(self.margin)
        drawn, rect = self.on_canvas(lambda ago: draw(largest, ago), rest, calls, offset, area)
        box = rect or (0.0, 0.0, float(area.width), float(area.height))
        return drawn, rect, self.motion(Drawn(box, size), frame, offset)

    def motion(self, drawn: Drawn, frame: Placement, offset: int) -> dict[str, Param]:
        canvas = (self.width, self.height)
        return motion(drawn, frame, canvas, lambda value: self.ops.rebased(value, offset))

    @property
    def margin(self) -> int:
        """Pixels around an item that moves, for ops that run over its edge."""
        return min(self.width, self.height) // 8

    def fitted(
        self,
        content: Clip | Image,
        frame: Placement,
        calls: tuple[OpCall, ...],
        masks: tuple[OpCall, ...],
        offset: int,
    ) -> tuple[Node | None, Rectangle | None, dict[str, Param] | None]:
        """A clip's or a still's picture in its place, over its backdrop if it has one.

        The rectangle is the one that a mask's positions count from. Parameters of ``affine`` come
        with a picture that is not in its place yet.
        """
        own = picture_size(content)
        if own is None:
            return None, None, None
        source: dict[str, Param] = dict(frame.of("source"))
        tone_map = tone_map_of(frame, calls)
        crop = source.get("crop")
        if isinstance(crop, Keyframes):
            return self.panning(content, own, crop, frame, calls, masks, offset)
        if isinstance(crop, tuple):
            own = int(crop[2]), int(crop[3])
        rotation = rotation_of(frame)
        moves = frame.moves
        size = placed_size(
            *own, self.width, self.height, resting(frame, (1.0, 1.0)) if moves else frame
        )

        def picture(size: tuple[int, int], ago: int, **extra: Param) -> Node:
            return self.sources.picture(content, size, offset - ago, source | extra, tone_map)

        def front(ago: int) -> Node:
            return picture(size, ago)

        still_upright = not rotation and not moves
        if frame.fit != "contain-blur" or (still_upright and self.covers(size, frame)):
            if moves:
                drawing = isinstance(content, Image) and content.scalable
                return self.moving(
                    picture, own, size, frame, calls, masks, offset, scalable=drawing
                )
            if not rotation:
                return *self.on_canvas(front, frame, calls, offset, self.canvas), None
            turn = turn_of_picture(rotation, frame, size, (self.width, self.height))
            if quarter_turns(rotation) is None and not any(map(self.ops.positional, calls + masks)):
                # A drawing is rendered as large as it is shown, not sampled larger.
                drawing = isinstance(content, Image) and content.scalable
                made = size if drawing else own
                whole = self.ops.apply(picture(made, 0), calls, offset)
                return whole, None, self.turned_at_once(turn, made, size, frame, offset)
            area = Area(*self.corner(size, frame), *size)
            if any(map(self.ops.spatial, calls)):  # they may run over the picture's edge
                area = area.with_margin(self.canvas)
            area = area.within(turn.visible(self.width, self.height))
            drawn, rect = self.on_canvas(front, frame, calls, offset, area)
            return drawn, rect, self.turning(turn, area, offset)
        # Grades of the colour alone go on both layers, where they fuse with their decoding.
        # From the first op that looks at the place on, the item is one picture, the canvas.
        split = next((i for i, c in enumerate(calls) if self.ops.positional(c)), len(calls))

        def composed(ago: int) -> Node:
            backdrop = picture((self.width, self.height), ago, blur=BACKDROP_BLUR)
            below = self.ops.apply(backdrop, calls[:split], offset - ago)
            if still_upright:
                above = self.ops.apply(front(ago), calls[:split], offset - ago)
                return node("over", (below, self.place(above, frame, self.canvas)))
            contained = replace(frame, fit="contain")
            turned, _, turn = self.fitted(content, contained, calls[:split], (), offset - ago)
            assert turned is not None and turn is not None
            return node("over", (below, node("affine", (turned,), turn)))

        return self.ops.apply(composed(0), calls[split:], offset, None, composed), None, None

    def panning(
        self,
        content: Clip | Image,
        own: tuple[int, int],
        crop: Keyframes,
        frame: Placement,
        calls: tuple[OpCall, ...],
        masks: tuple[OpCall, ...],
        offset: int,
    ) -> tuple[Node, Rectangle | None, dict[str, Param] | None]:
        """A picture whose crop moves, as ``fitted`` gives others.

        Its box, the canvas, is drawn as a picture of its own, in one sampling of the file's.
        Only where that is scaled or turned after an op that looks at the place, are there two.
        """
        canvas = (self.width, self.height)
        source: dict[str, Param] = dict(frame.of("source"))
        del source["crop"]
        tone_map = tone_map_of(frame, calls)
        if frame.fit == "contain-blur":
            first = whole_pixels(crop.points[0].value)
            split = next((i for i, c in enumerate(calls) if self.ops.positional(c)), len(calls))
            behind = source | {"crop": first, "blur": BACKDROP_BLUR}
            contained = replace(frame, fit="contain")

            def composed(ago: int) -> Node:
                backdrop = self.sources.picture(content, canvas, offset - ago, behind, tone_map)
                below = self.ops.apply(backdrop, calls[:split], offset - ago)
                above, _, placed = self.panning(
                    content, own, crop, contained, calls[:split], (), offset - ago
                )
                if placed is not None:
                    above = node("affine", (above,), placed)
                return node("over", (below, above))

            return self.ops.apply(composed(0), calls[split:], offset, None, composed), None, None

        def whole(ago: int) -> Node:
            return self.sources.picture(content, own, offset - ago, source, tone_map)

        def draw(size: tuple[int, int], ago: int) -> Node:
            view = view_of_box(
                crop, frame, canvas, size, lambda value: self.ops.rebased(value, offset - ago)
            )
            return node("affine", (whole(ago),), view)

        stretched = replace(frame, fit="stretch")
        positional = any(map(self.ops.positional, calls + masks))
        # A picture with ``fit: none`` may be larger than the box.
        boxed = positional or frame.fit != "none"
        if boxed and not (frame.moves or rotation_of(frame)):
            size = placed_size(*canvas, *canvas, stretched)
            drawn, rect = self.on_canvas(
                lambda ago: draw(size, ago), stretched, calls, offset, self.canvas
            )
            return drawn, rect, None
        if positional:
            return self.moving(draw, canvas, canvas, stretched, calls, masks, offset)
        picture = self.ops.apply(whole(0), calls, offset)
        view = self.motion(WINDOW, frame, offset)
        return picture, None, view | fitting(self.ops.rebased(crop, offset), frame, canvas)

    def turning(self, turn: Turn, area: Area, offset: int) -> dict[str, Param]:
        """The parameters of ``affine`` for what is drawn in an area of the unturned plane."""
        return {
            "width": self.width,
            "height": self.height,
            "anchor": (turn.anchor[0] - area.x, turn.anchor[1] - area.y),
            "pivot": turn.pivot,
            "scale": (1.0, 1.0),
            "rotation": self.ops.rebased(turn.rotation, offset),
        }

    def turned_at_once(
        self,
        turn: Turn,
        own: tuple[int, int],
        size: tuple[int, int],
        frame: Placement,
        offset: int,
    ) -> dict[str, Param]:
        """The same for a picture of the size ``own`` that is scaled to ``size`` as well."""
        x, y = still(frame.anchor)
        anchor = (x * own[0], y * own[1])
        scale = (size[0] / own[0], size[1] / own[1])
        return self.turning(turn, self.canvas, offset) | {"anchor": anchor, "scale": scale}

    def corner(self, size: tuple[int, int], frame: Placement) -> tuple[int, int]:
        """The canvas pixel of the upper left corner of a picture of ``size``."""
        return corner_of(frame, still(frame.anchor), size, (self.width, self.height))

    def covers(self, size: tuple[int, int], frame: Placement) -> bool:
        """Whether a picture of ``size``, in its place, leaves nothing of the canvas free."""
        x, y = self.corner(size, frame)
        return x <= 0 and y <= 0 and x + size[0] >= self.width and y + size[1] >= self.height

    def place(self, picture: Node, frame: Placement, area: Area) -> Node:
        x, y = self.corner((picture.type.width, picture.type.height), frame)
        return node(
            "place",
            (picture,),
            {"x": x - area.x, "y": y - area.y, "width": area.width, "height": area.height},
        )


def uneven(frame: Placement) -> bool:
    """Whether an item that does not move is scaled differently across and down."""
    across, down = still(frame.scale)
    return across != down
