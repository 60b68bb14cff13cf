"""Lowering of pictures: clips, stills, plain colours and generators, fitted, placed and changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from vedc import ops
from vedc.edit.contents import Clip, Generated, Image, Placement, Solid
from vedc.edit.model import Composition
from vedc.edit.placement import (
    drawn_scale,
    fit_factors,
    largest_scale,
    lies,
    picture_size,
    placed_size,
    resting,
    still,
    tone_map_of,
)
from vedc.edit.times import round_half_up
from vedc.edit.values import Keyframes, OpCall, Point2
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.fitting import (
    Fitted,
    box_in_pixels,
    enough,
    exact_box,
)
from vedc.ir.lower.motion import Drawn, whole_pixels
from vedc.ir.lower.moving_box import drawn_for_moving_box, motion_in_box, shown_in_moving_box
from vedc.ir.lower.ops import Rectangle
from vedc.ir.lower.stage import Made, Size, placed, rectangle
from vedc.ir.lower.subject import Calls, Subject, SubjectLowering
from vedc.ir.lower.turn import Area, quarter_turns, rotation_of, turn_of_picture
from vedc.support.lazy_dataclass import dataclass

#: The blur behind a picture with ``fit: contain-blur``: standard deviation of the Gaussian,
#: in shorter sides of its box. Strong enough that no face or letter is recognised.
BACKDROP_BLUR = 0.05

#: An invisible share of a pixel.
_HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class Split:
    """Calls, divided after the leading colour grades and maps of positions, which still allow a
    single sampling."""

    colors: Calls
    maps: Calls
    rest: Calls


class PictureLowering(SubjectLowering):
    def made(
        self,
        content: Clip | Composition | Image | Solid | Generated,
        frame: Placement,
        calls: Calls,
        masks: Calls,
        offset: int,
    ) -> Made | None:
        """The picture of an item, ``offset`` frames after its start; None for sound alone.

        ``masks`` are applied to its picture afterwards.
        """
        if isinstance(content, Solid) and frame.box_moves:
            return self._in_moving_box(
                self.drawn(content, replace(frame, box=None), offset),
                None,
                replace(frame, fit="stretch"),
                calls,
                offset,
            )
        if isinstance(content, (Solid, Generated)):
            subject = self.drawn(content, frame, offset)
            return self._shown(subject, replace(frame, fit="stretch"), calls, masks, offset)
        own = picture_size(content)
        if own is None:
            return None
        if isinstance(content, Composition):
            subject = self.composed(content, tone_map_of(frame, calls), offset)
            if frame.box_moves:
                return self._in_moving_box(subject, None, frame, calls, offset)
            return self._shown(subject, frame, calls, masks, offset)
        source: dict[str, Param] = dict(frame.of("source"))
        crop = source.pop("crop", None)
        if isinstance(crop, tuple):
            own = int(crop[2]), int(crop[3])
            source["crop"] = crop
        tone_map = tone_map_of(frame, calls)

        def picture(size: tuple[int, int], ago: int, graded: Calls, **extra: Param) -> Node:
            made = self.sources.picture(content, size, offset - ago, source | extra, tone_map)
            return self.ops.apply(made, graded, offset - ago)

        drawing = isinstance(content, Image) and content.scalable
        opaque = picture(own, 0, ()).type.opaque
        subject = Subject(Size(*own), picture, scalable=drawing, opaque=opaque)
        if frame.box_moves:
            window = crop if isinstance(crop, Keyframes) else None
            return self._in_moving_box(subject, window, frame, calls, offset)
        behind: dict[str, Param] = {"blur": BACKDROP_BLUR}
        if isinstance(crop, Keyframes):
            behind["crop"] = whole_pixels(crop.points[0].value)
            fit = "contain" if frame.fit == "contain-blur" else frame.fit
            subject = self.panning(subject, crop, replace(frame, fit=fit), offset)
        if frame.fit != "contain-blur":
            fitted = replace(frame, fit="stretch") if isinstance(crop, Keyframes) else frame
            return self._shown(subject, fitted, calls, masks, offset)

        def backdrop(size: tuple[int, int], ago: int, graded: Calls) -> Node:
            return picture(size, ago, graded, **behind)

        if frame.still_box is not None:
            filled = isinstance(crop, Keyframes)
            subject = self.backed(subject, backdrop, frame.still_box, filled)
            return self._shown(subject, replace(frame, fit="stretch"), calls, masks, offset)
        contained = replace(frame, fit="stretch" if isinstance(crop, Keyframes) else "contain")
        if not isinstance(crop, Keyframes) and self._covers(subject, contained):
            return self._shown(subject, contained, calls, masks, offset)
        return self._on_backdrop(subject, backdrop, contained, calls, offset)

    def _in_moving_box(
        self, of: Subject, crop: Keyframes | None, frame: Placement, calls: Calls, offset: int
    ) -> Made:
        """A picture in a resizing box, in one sampling of all of it. Only colour grades may apply:

        ops that depend on the box are refused.
        """
        whole = rectangle(0, 0, *of.own)
        wanted = shown_in_moving_box(of.own, crop or whole, frame)
        read = of.own if of.fixed else enough(of.own, wanted)
        if of.scalable and crop is None:
            read = drawn_for_moving_box(wanted, self.size)
        placed_by, way = motion_in_box(
            of.own, read, crop or whole, frame, self.size,
            lambda value: self.ops.rebased(value, offset),
        )  # fmt: skip
        fills = frame.fit in ("cover", "stretch")
        keyed = any(ops.get(call.op).kind == "key" for call in calls)
        unit = rectangle(0, 0, 1, 1)
        return Made(
            of.draw(read, 0, calls),
            placed=placed_by,
            clip=None if frame.fit == "contain" else unit,
            outline=unit,
            fills=fills,
            solid=fills and of.opaque and not keyed,
            way=way,
        )

    def _on_backdrop(
        self,
        front: Subject,
        backdrop: Callable[[tuple[int, int], int, Calls], Node],
        frame: Placement,
        calls: Calls,
        offset: int,
    ) -> Made:
        """A picture in its place on a canvas filled by its blurred copy.

        Pure colour grades go on both layers, where they fuse with decoding. From the first
        position-dependent op, the item is one picture, the canvas.
        """
        split = next((i for i, c in enumerate(calls) if self.ops.positional(c)), len(calls))

        def composed(ago: int) -> Node:
            below = backdrop(self.size, ago, calls[:split])
            above = self._shown(front, frame, calls[:split], (), offset - ago, ago)
            picture = above.picture
            if above.placed is not None:
                picture = node("affine", (picture,), above.placed)
            return node("over", (below, picture))

        picture = self.ops.apply(composed(0), calls[split:], offset, None, composed)
        solid = not any(map(self.ops.spatial, calls[split:]))
        return Made(picture, outline=rectangle(0, 0, *self.size), fills=True, solid=solid)

    # ------------------------------------------------------------ where it is shown

    def _shown(
        self, of: Subject, frame: Placement, calls: Calls, masks: Calls, offset: int, ago: int = 0
    ) -> Made:
        """A picture in its place; for an item that moves or is turned, with its placement."""
        alone = of.alone and not lies(frame, of.own, self.size)
        if frame.moves or alone or (of.fixed and still(frame.scale) != (1, 1)):
            return self._moving(of, frame, calls, masks, offset, ago)
        if rotation_of(frame):
            return self._turned(of, frame, calls, masks, offset, ago)
        fitted = self._fitted(of.own, frame, still(frame.scale))
        corner = self.corner(fitted.outer, frame)
        picture, rect = self._on_canvas(of, fitted, corner, calls, offset, self.canvas, ago)
        outline = rect or rectangle(0, 0, *self.size)
        return self._made(of, fitted.inner, frame, calls, picture, rect, None, outline)

    def _turned(
        self, of: Subject, frame: Placement, calls: Calls, masks: Calls, offset: int, ago: int
    ) -> Made:
        """A picture at rest that is turned."""
        rotation, fitted = rotation_of(frame), self._fitted(of.own, frame, still(frame.scale))
        turn = turn_of_picture(rotation, frame, fitted.outer, self.size)
        if quarter_turns(rotation) is None and not any(map(self.ops.positional, calls + masks)):
            # A drawing is rendered at the size shown, not enlarged.
            made = fitted.inner if of.scalable else of.read_for(fitted.inner)
            scale = fitted.inner.width / made.width, fitted.inner.height / made.height
            box = box_in_pixels(fitted, scale)
            x, y = still(frame.anchor)
            anchor = box[0] + x * box[2], box[1] + y * box[3]
            placed_by = self.turning(turn, self.canvas, offset)
            placed_by |= {"anchor": anchor, "scale": scale}
            picture = of.draw(made, ago, calls)
            return self._made(of, made, frame, calls, picture, None, placed_by, box)
        corner = self.corner(fitted.outer, frame)
        area = Area(*corner, *fitted.outer)
        if any(map(self.ops.spatial, calls)):  # they may extend over the picture's edge
            area = area.with_margin(self.canvas)
        area = area.within(turn.visible(*self.size))
        picture, rect = self._on_canvas(of, fitted, corner, calls, offset, area, ago)
        way, outline = self.turning(turn, area, offset), rect or rectangle(0, 0, *fitted.outer)
        return self._made(of, fitted.inner, frame, calls, picture, rect, way, outline)

    def _moving(
        self, of: Subject, frame: Placement, calls: Calls, masks: Calls, offset: int, ago: int
    ) -> Made:
        """A picture that moves.

        It is drawn at its own size, unless it is scalable or an op depends on the position: then as
        large as it is ever shown.
        """
        size = frame.still_box or self._fitted(of.own, frame, (1.0, 1.0)).outer
        scale = drawn_scale(frame, size, self.size)
        largest = self._fitted(of.own, frame, scale)
        if not any(map(self.ops.positional, calls + masks)):
            seen = self._fitted(of.own, frame, largest_scale(frame)).inner
            made = largest.inner if of.scalable else of.read_for(seen)
            box = rectangle(0, 0, *made)
            if frame.still_box is not None:
                box = exact_box(
                    made, fit_factors(of.own, frame.still_box, frame), of.own, frame.still_box
                )
            way, picture = self.motion(Drawn(box, size), frame, offset), of.draw(made, ago, calls)
            return self._made(of, made, frame, calls, picture, None, way, box)
        area = Area(0, 0, *largest.outer)
        if any(map(self.ops.spatial, calls)):  # they may extend over the picture's edge
            area = area.grown(self.margin)
        picture, rect = self._on_canvas(of, largest, (0, 0), calls, offset, area, ago)
        box = rect or rectangle(0, 0, area.width, area.height)
        way = self.motion(Drawn(box, size), frame, offset)
        return self._made(of, largest.inner, frame, calls, picture, rect, way, box)

    def _made(
        self,
        of: Subject,
        shown: Size,
        frame: Placement,
        calls: Calls,
        picture: Node,
        rect: Rectangle | None,
        way: dict[str, Param] | None,
        outline: Rectangle,
    ) -> Made:
        """``shown`` is the size of the picture in the middle of the box, in the pixel units of
        ``outline``."""
        beyond = [shown[axis] - outline[axis + 2] for axis in range(2)]
        fills = min(beyond) > -_HAIR
        solid = fills and of.opaque and not any(map(self.ops.spatial, calls))
        solid = solid and not any(ops.get(call.op).kind == "key" for call in calls)
        cut = max(beyond) > _HAIR or any(map(self.ops.spatial, calls))
        clip = outline if frame.still_box is not None and cut else None
        return Made(picture, rect, way, clip, outline, fills, solid)

    def _on_canvas(
        self,
        of: Subject,
        fitted: Fitted,
        corner: tuple[int, int],
        calls: Calls,
        offset: int,
        area: Area,
        since: int = 0,
    ) -> tuple[Node, Rectangle | None]:
        """A picture graded, put in its place, and changed by what looks around itself.

        ``corner`` is that of its box; ``area`` is what is drawn: the canvas, or of an item that is
        turned afterwards the part that is seen.

        Grades of the colour go on the picture alone. From the first op on that samples elsewhere
        the picture is the whole area, so that a blur may run over the picture's edge; positions
        count from the corner of the box, whose rectangle is returned. If maps of positions come
        first, they see the whole picture, in one sampling.
        """
        inner, (left, top) = fitted.inner, fitted.at
        x, y = corner[0] - area.x, corner[1] - area.y
        whole = (x, y, *fitted.outer) == (0, 0, area.width, area.height)
        rect = None if whole else rectangle(x, y, *fitted.outer)
        inside = None
        if inner != fitted.outer:
            inside = rectangle(-left, -top, *fitted.outer)
        at = corner[0] + left, corner[1] + top
        split = self._split(calls)
        if split.maps or (of.fixed and inner != of.own):

            def mapped(ago: int) -> Node:
                exact = of.scalable or _keeps_size(split.maps)
                made = inner if exact and not of.fixed else of.own
                fit: dict[str, Param] = {
                    "width": area.width,
                    "height": area.height,
                    "anchor": (0.0, 0.0),
                    "pivot": (float(at[0] - area.x), float(at[1] - area.y)),
                    "scale": (inner.width / made.width, inner.height / made.height),
                    "rotation": 0.0,
                }
                seen = node("affine", (of.draw(made, since + ago, split.colors),), fit)
                return self.ops.apply(seen, split.maps, offset - ago, rect)

            return self.ops.apply(mapped(0), split.rest, offset, rect, mapped), rect
        first = next((i for i, c in enumerate(calls) if self.ops.spatial(c)), len(calls))

        def draw(ago: int) -> Node:
            return of.draw(inner, since + ago, ())

        def on_area(ago: int) -> Node:
            graded = self.ops.apply(
                draw(ago), calls[:first], offset - ago, inside, lambda more: draw(ago + more)
            )
            return placed(graded, at, area)

        return self.ops.apply(on_area(0), calls[first:], offset, rect, on_area), rect

    def _split(self, calls: Calls) -> Split:
        colors, maps = [], []
        for index, call in enumerate(calls):
            if not self.ops.positional(call):
                colors.append(call)
            elif _is_map(call):
                maps.append(call)
            else:
                return Split(tuple(colors), tuple(maps), calls[index:])
        return Split(tuple(colors), tuple(maps), ())

    def _fitted(self, own: Size, frame: Placement, scale: Point2) -> Fitted:
        """The item at a scale."""
        at_scale = resting(frame, scale)
        if frame.still_box is None:
            size = Size(*placed_size(*own, *self.size, at_scale))
            return Fitted(size, size)
        outer = Size(
            *(
                max(1, round_half_up(Fraction(str(side)) * Fraction(str(factor))))
                for side, factor in zip(frame.still_box, scale, strict=True)
            )
        )
        by_box = at_scale if frame.fit == "none" else resting(frame, (1.0, 1.0))
        return Fitted(outer, Size(*placed_size(*own, *outer, by_box)))

    def _covers(self, of: Subject, frame: Placement) -> bool:
        """Whether a picture at rest covers the whole canvas."""
        if frame.moves or rotation_of(frame):
            return False
        size = self._fitted(of.own, frame, still(frame.scale)).outer
        x, y = self.corner(size, frame)
        right, bottom = x + size.width, y + size.height
        return x <= 0 and y <= 0 and right >= self.size.width and bottom >= self.size.height


def _is_map(call: OpCall) -> bool:
    """Whether a call only maps positions."""
    op = ops.get(call.op)
    return op.kind == "geometry" and not op.pictures and not op.temporal and call.mask is None


def _keeps_size(maps: Calls) -> bool:
    """Whether maps keep every pixel's size, so that no detail can be missing."""
    return bool(maps) and all(call.op == "flip" for call in maps)
