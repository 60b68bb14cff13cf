"""The content of an item, drawable at any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from vedc.edit.contents import Generated, Placement, Solid
from vedc.edit.model import Composition
from vedc.edit.placement import (
    placed_size,
)
from vedc.edit.times import round_half_up
from vedc.edit.values import Keyframes, OpCall, Point2
from vedc.ir.graph import Node, node
from vedc.ir.lower.fitting import (
    Fitted,
    enough,
    in_pixels_of,
    shown_whole,
)
from vedc.ir.lower.motion import view_of_box
from vedc.ir.lower.stage import Size, Stage, placed
from vedc.ir.lower.turn import Area
from vedc.support.lazy_dataclass import dataclass

Calls = tuple[OpCall, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """The content of an item, at any size."""

    own: Size
    draw: Callable[[tuple[int, int], int, Calls], Node]
    """The picture in a size, some frames ago, with grades of colour."""
    scalable: bool = False
    """Whether it is sharp at any size; otherwise it has the detail of its own size."""
    fixed: bool = False
    """Whether it is drawn only at its own size."""
    alone: bool = False
    """Whether it needs a separate picture unless it lies on the canvas unchanged."""
    opaque: bool = False

    def read_for(self, shown: Size) -> Size:
        """The size at which to draw it if never shown larger than ``shown``."""
        return self.own if self.fixed else enough(self.own, shown)


class SubjectLowering(Stage):
    """Makes subjects from the content of an item."""

    def drawn(self, content: Solid | Generated, frame: Placement, offset: int) -> Subject:
        """A plain colour or a generator, as large as its box."""
        box = frame.still_box or self.size
        own = Size(*(max(1, round_half_up(Fraction(str(side)))) for side in box))
        if isinstance(content, Solid):
            color = content.color

            def plain(size: tuple[int, int], ago: int, graded: Calls) -> Node:
                return self.ops.apply(self.sources.solid(color, size), graded, offset - ago)

            return Subject(own, plain, scalable=True, opaque=color[3] == 1.0)
        call = content.call

        def generated(size: tuple[int, int], ago: int, graded: Calls) -> Node:
            made = self.sources.generated(
                lambda clear: self.ops.call((clear,), call, offset - ago), size
            )
            return self.ops.apply(made, graded, offset - ago)

        opaque = generated(own, 0, ()).type.opaque
        return Subject(own, generated, fixed=True, opaque=opaque)

    def composed(self, content: Composition, tone_map: str, offset: int) -> Subject:
        """A composition, as large as its own canvas."""
        shown = self.sources.composition(content, offset, tone_map)
        own = Size(shown.type.width, shown.type.height)

        def draw(size: tuple[int, int], ago: int, graded: Calls) -> Node:
            assert (size, ago) == (own, 0)  # other compositions become films
            return self.ops.apply(shown, graded, offset)

        return Subject(own, draw, fixed=True, alone=True, opaque=shown.type.opaque)

    def panning(self, of: Subject, crop: Keyframes, frame: Placement, offset: int) -> Subject:
        """The picture of a moving crop: the box, in one sampling of the file's picture."""
        box = frame.still_box or (float(self.size.width), float(self.size.height))
        inside = replace(frame, anchor=(0.5, 0.5)) if frame.still_box else frame
        read = enough(of.own, shown_whole(of.own, crop, box, frame))
        if frame.fit != "none" and read != of.own:
            crop = in_pixels_of(crop, read, of.own)
        else:
            read = of.own

        def view(size: tuple[int, int], ago: int, graded: Calls) -> Node:
            whole = of.draw(read, ago, graded)
            seen = view_of_box(
                crop, inside, box, size, lambda value: self.ops.rebased(value, offset - ago)
            )
            return node("affine", (whole,), seen)

        own = Size(*(max(1, round_half_up(Fraction(str(side)))) for side in box))
        opaque = of.opaque and frame.fit in ("cover", "stretch")
        return Subject(own, view, scalable=True, opaque=opaque)

    def backed(
        self,
        front: Subject,
        backdrop: Callable[[tuple[int, int], int, Calls], Node],
        box: Point2,
        boxed: bool,
    ) -> Subject:
        """A picture in the middle of a box filled by its blurred copy.

        ``boxed``: whether it is drawn with the empty parts of the box.
        """

        def composed(size: tuple[int, int], ago: int, graded: Calls) -> Node:
            inner = Size(*(size if boxed else placed_size(*front.own, *size, Placement())))
            above = front.draw(inner, ago, graded)
            if inner == size and not boxed:
                return above
            below = backdrop(size, ago, graded)
            at = Fitted(Size(*size), inner).at
            return node("over", (below, placed(above, at, Area(0, 0, *size))))

        own = Size(*(max(1, round_half_up(Fraction(str(side)))) for side in box))
        return Subject(own, composed, scalable=True, opaque=front.opaque or boxed)
