"""Lowering: from the resolved edit to the graph of one piece of the film.

``pieces`` cuts the film where anything on any track begins or ends, so that within a piece
the graph is constant; ``lower`` builds that graph, with every time relative to the piece.
It builds plainly (each linear-light op between its own pair of conversions, every grade as
written) and leaves all cleverness to the passes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction

from vedc import ops
from vedc.color import FORMATS, SDR_VIDEO_TRANSFERS
from vedc.edit.codecs import stored_color
from vedc.edit.model import (
    Clip,
    Edit,
    Generated,
    Image,
    Keyframe,
    Keyframes,
    OpCall,
    ParamValue,
    Placement,
    Solid,
    Text,
    TimelineItem,
    Track,
    Transition,
)
from vedc.edit.placement import picture_size, placed_size
from vedc.ir.graph import Node, node, walk
from vedc.ir.image import ImageType, Param
from vedc.ir.lower_ops import Earlier, OpLowering, Rectangle, within
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

#: Display encodings that are shown alike: taken for one another without conversion, as
#: every player does (an sRGB still in a BT.709 film keeps its code values).
DISPLAY_TRANSFERS = SDR_VIDEO_TRANSFERS | {
    "bt470bg",
    "bt470m",
    "gamma22",
    "iec61966-2-1",
    "iec61966-2-4",
}


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Frames ``start <= n < end`` of the film."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def pieces(edit: Edit) -> tuple[FrameRange, ...]:
    """The film cut at every beginning and end of an item or a transition."""
    edges = {0, edit.duration}
    for track in edit.tracks:
        for item in track.items:
            edges.update((item.start, item.end))
        for transition in track.transitions:
            edges.update((transition.start, transition.end))
    inside = sorted(e for e in edges if 0 <= e <= edit.duration)
    return tuple(FrameRange(a, b) for a, b in itertools.pairwise(inside))


def lower(edit: Edit, span: FrameRange, digest: Callable[[str], str]) -> Node:
    """The graph of ``span``, which must lie within one piece. ``digest`` names files."""
    return _Lowering(edit, span, digest).film()


class _Lowering:
    def __init__(self, edit: Edit, span: FrameRange, digest: Callable[[str], str]) -> None:
        self.edit, self.span, self.digest = edit, span, digest
        self.width, self.height = edit.profile.width, edit.profile.height
        self.canvas = Area(0, 0, self.width, self.height)
        self.color = edit.profile.color
        self.look = OpLowering(span.length, edit.profile.fps, digest)

    def film(self) -> Node:
        picture = self.solid((0.0, 0.0, 0.0, 1.0))
        for track in self.edit.tracks:
            picture = self.track(track, picture)
        picture = self.look.apply(picture, self.edit.effects, self.span.start)
        output = self.edit.output
        color = stored_color(output.codec, output.pix_fmt, self.color)
        params: dict[str, Param] = {
            "matrix": color.matrix, "range": color.range, "format": output.pix_fmt
        }  # fmt: skip
        if self.dithers(picture):
            params["dither"] = True
        return node("encode", (picture,), params)

    def dithers(self, picture: Node) -> bool:
        """Whether samples are dithered: where depth is lost, or a smooth ramp would show steps."""
        wanted, depth = self.edit.output.dither, FORMATS[self.edit.output.pix_fmt].depth
        if wanted != "auto":
            return wanted == "ordered"
        for below in walk(picture):
            if below.facts.fetched == "stream" and FORMATS[below.type.format].depth > depth:
                return True
            if depth == 8 and below.facts.ramps:
                return True
        return False

    def here(self, value: ParamValue, offset: int) -> Param:
        """A value as the span sees it, which begins ``offset`` frames into the value's time."""
        return within(value, offset, self.span.length)

    def track(self, track: Track, below: Node) -> Node:
        """``below`` with the track over it."""
        first = self.span.start
        for transition in track.transitions:
            if transition.start <= first < transition.end:
                return self.transition(track, transition, below)
        for item in track.items:
            if item.start <= first < item.end:
                layer = self.layer(track, self.item(item))
                return below if layer is None else self.blend(below, layer, track, item)
        return below

    def layer(self, track: Track, picture: Node | None) -> Node | None:
        """A picture of a track with what the track does to it."""
        if picture is None:
            return None
        picture = self.look.apply(picture, track.effects, self.span.start)
        if track.mask is not None:
            picture = self.look.masked(picture, track.mask, self.span.start)
        if track.opacity != 1.0:
            picture = node(
                "opacity", (picture,), {"value": self.here(track.opacity, self.span.start)}
            )
        return picture

    @staticmethod
    def mode(track: Track, item: TimelineItem) -> tuple[str, str]:
        """By which blend, in which light, an item meets what lies below its track."""
        own = (item.blend, item.blend_space)
        return own if own != ("normal", "display") else (track.blend, track.blend_space)

    def blend(self, below: Node, layer: Node, track: Track, item: TimelineItem) -> Node:
        mode, space = self.mode(track, item)
        if space == "linear":
            under, over = (node("to_linear", (picture,)) for picture in (below, layer))
            met = self.blended(under, over, mode)
            return node("to_display", (met,), {"transfer": below.type.transfer})
        return self.blended(below, layer, mode)

    def blended(self, below: Node, layer: Node, mode: str) -> Node:
        if mode == "normal":
            return node("over", (below, layer))
        params = dict(ops.get(mode).defaults())
        return node(mode, (below, layer), params)

    def transition(self, track: Track, transition: Transition, below: Node) -> Node:
        items = [
            None if index is None else track.items[index]
            for index in (transition.left, transition.right)
        ]
        sides = [None if item is None else self.item(item) for item in items]
        if sides == [None, None]:
            return below  # only sound on both sides
        modes = {self.mode(track, item) for item in items if item is not None}
        if modes == {("normal", "display")}:
            empty = self.solid((0.0, 0.0, 0.0, 0.0))
            left, right = (empty if side is None else side for side in sides)
            crossed = self.layer(track, self.crossing(transition, left, right))
            assert crossed is not None
            return node("over", (below, crossed))
        # Other blends are not straight lines: each side meets what lies below, then they cross.
        results = []
        for item, side in zip(items, sides, strict=True):
            layer = self.layer(track, side)
            known = item is not None and layer is not None
            results.append(self.blend(below, layer, track, item) if known else below)  # type: ignore[arg-type]
        return self.crossing(transition, *results)

    def crossing(self, transition: Transition, left: Node, right: Node) -> Node:
        """From one picture to the other, as far as the frame has come."""
        progress = Keyframes(
            (
                Keyframe(Fraction(transition.start - 1), 0.0),
                Keyframe(Fraction(transition.end), 1.0, transition.easing),
            )
        )
        call = OpCall(transition.name, transition.params, location=transition.location)
        first: dict[str, Param] = {"progress": self.here(progress, self.span.start)}
        return self.look.call((left, right), call, self.span.start - transition.start, first)

    def item(self, item: TimelineItem) -> Node | None:
        """The item on the canvas; None where it has nothing to show."""
        offset = self.span.start - item.start
        content, frame = item.content, item.frame
        picture: Node | None
        rect: Rectangle | None = None
        turn: dict[str, Param] | None = None
        calls = (*item.grade, *item.effects)
        if isinstance(content, Text):
            area, rotation = self.canvas, rotation_of(frame)
            if rotation:
                turning = turn_of_text(rotation, frame, (self.width, self.height))
                area = turning.visible(self.width, self.height)
                rect = (float(-area.x), float(-area.y), float(self.width), float(self.height))
                turn = self.turning(turning, area, offset)
            title = self.title(content, frame, area)
            picture = self.look.apply(title, calls, offset, rect, lambda ago: title)
        elif isinstance(content, Generated):
            clear = self.solid((0.0, 0.0, 0.0, 0.0))

            def generated(ago: int) -> Node:
                return self.look.call((clear,), content.call, offset - ago)

            picture = self.look.apply(generated(0), calls, offset, None, generated)
        elif isinstance(content, Solid):
            drawn = self.rectangle(content, frame)
            picture, rect = self.on_canvas(lambda ago: drawn, frame, calls, offset, self.canvas)
        else:
            masks = () if item.mask is None else (item.mask,)
            picture, rect, turn = self.fitted(content, frame, calls, masks, offset)
        if picture is None:
            return None
        if item.mask is not None:
            picture = self.look.masked(picture, item.mask, offset, rect)
        if turn is not None:
            picture = node("affine", (picture,), turn)
        return node("opacity", (picture,), {"value": self.here(frame.opacity, offset)})

    def on_canvas(
        self, draw: Earlier, frame: Placement, calls: tuple[OpCall, ...], offset: int, area: Area
    ) -> tuple[Node, Rectangle | None]:
        """A picture graded, put in its place, and changed by what looks around itself.

        ``draw`` gives the picture as it is, some frames ago; ``area`` is what is drawn: the
        canvas, or of an item that is turned afterwards the part that is seen.

        Grades of the colour go on the picture alone. From the first op on that looks at other
        places the picture is the whole area, so that a blur may run over the picture's edge;
        places are still counted from the picture's own corner, which is returned.
        """
        split = next((i for i, c in enumerate(calls) if self.look.spatial(c)), len(calls))
        given = draw(0).type
        size = (given.width, given.height)
        x, y = self.corner(size, frame)
        x, y = x - area.x, y - area.y
        whole = (x, y, *size) == (0, 0, area.width, area.height)
        rect = None if whole else (float(x), float(y), float(size[0]), float(size[1]))

        def placed(ago: int) -> Node:
            graded = self.look.apply(
                draw(ago), calls[:split], offset - ago, None, lambda more: draw(ago + more)
            )
            return self.place(graded, frame, area)

        return self.look.apply(placed(0), calls[split:], offset, rect, placed), rect

    def fitted(
        self,
        content: Clip | Image,
        frame: Placement,
        calls: tuple[OpCall, ...],
        masks: tuple[OpCall, ...],
        offset: int,
    ) -> tuple[Node | None, Rectangle | None, dict[str, Param] | None]:
        """A clip's or a still's picture in its place, with its backdrop if it is to have one.

        The rectangle is the one that a mask's places count from. Parameters of ``affine`` come
        with a picture that is not in its place yet.
        """
        given = picture_size(content)
        if given is None:
            return None, None, None
        source: dict[str, Param] = dict(frame.of("source"))
        crop = source.get("crop")
        if isinstance(crop, tuple):
            given = int(crop[2]), int(crop[3])
        size = placed_size(*given, self.width, self.height, frame)
        rotation = rotation_of(frame)

        def picture(size: tuple[int, int], ago: int, **extra: Param) -> Node:
            return self.picture(content, size, offset - ago, source | extra)

        def front(ago: int) -> Node:
            return picture(size, ago)

        if frame.fit != "contain-blur" or (self.covers(size, frame) and not rotation):
            if not rotation:
                return *self.on_canvas(front, frame, calls, offset, self.canvas), None
            turn = turn_of_picture(rotation, frame, size, (self.width, self.height))
            if quarter_turns(rotation) is None and not any(map(self.look.placed, calls + masks)):
                whole = self.look.apply(picture(given, 0), calls, offset)
                return whole, None, self.turned_at_once(turn, given, size, frame, offset)
            area = Area(*self.corner(size, frame), *size)
            if any(map(self.look.spatial, calls)):  # they may run over the picture's edge
                area = area.grown(min(self.width, self.height) // 8)
            area = area.within(turn.visible(self.width, self.height))
            drawn, rect = self.on_canvas(front, frame, calls, offset, area)
            return drawn, rect, self.turning(turn, area, offset)
        # Grades of the colour alone go on both layers, where they fuse with their decoding.
        # From the first op that looks at the place on, the item is one picture, the canvas.
        split = next((i for i, c in enumerate(calls) if self.look.placed(c)), len(calls))

        def composed(ago: int) -> Node:
            backdrop = picture((self.width, self.height), ago, blur=BACKDROP_BLUR)
            below = self.look.apply(backdrop, calls[:split], offset - ago)
            if not rotation:
                above = self.look.apply(front(ago), calls[:split], offset - ago)
                return node("over", (below, self.place(above, frame, self.canvas)))
            contained = replace(frame, fit="contain")
            turned, _, turn = self.fitted(content, contained, calls[:split], (), offset - ago)
            assert turned is not None and turn is not None
            return node("over", (below, node("affine", (turned,), turn)))

        return self.look.apply(composed(0), calls[split:], offset, None, composed), None, None

    def turning(self, turn: Turn, area: Area, offset: int) -> dict[str, Param]:
        """The parameters of ``affine`` for what is drawn in an area of the unturned plane."""
        return {
            "width": self.width,
            "height": self.height,
            "anchor": (turn.anchor[0] - area.x, turn.anchor[1] - area.y),
            "pivot": turn.pivot,
            "scale": (1.0, 1.0),
            "rotation": self.here(turn.rotation, offset),
        }

    def turned_at_once(
        self,
        turn: Turn,
        given: tuple[int, int],
        size: tuple[int, int],
        frame: Placement,
        offset: int,
    ) -> dict[str, Param]:
        """The same for a picture of the size ``given`` that is scaled to ``size`` as well."""
        anchor = (frame.anchor[0] * given[0], frame.anchor[1] * given[1])
        scale = (size[0] / given[0], size[1] / given[1])
        return self.turning(turn, self.canvas, offset) | {"anchor": anchor, "scale": scale}

    def picture(
        self,
        content: Clip | Image,
        size: tuple[int, int],
        offset: int,
        extra: Mapping[str, Param],
    ) -> Node:
        """A clip or a still at ``size``; with ``blur``, covering that size and blurred."""
        if isinstance(content, Image):
            return self.still(content, size, extra)
        return self.clip(content, size, offset, extra)

    def clip(
        self, clip: Clip, size: tuple[int, int], offset: int, extra: Mapping[str, Param]
    ) -> Node:
        video = clip.media.video
        assert video is not None
        step = 1 / self.edit.profile.fps
        picture = node(
            "decode",
            (
                node(
                    "source",
                    (),
                    {
                        "digest": self.digest(clip.media.path),
                        "start": clip.source_in + offset * step,
                        "step": step,
                        "width": size[0],
                        "height": size[1],
                        "format": video.format,
                        "primaries": clip.color.primaries,
                        "transfer": clip.color.transfer,
                        "matrix": clip.color.matrix,
                        "range": clip.color.range,
                        **extra,
                    },
                ),
            ),
        )
        # Primaries that were only guessed are taken for the canvas's: a guess is not worth
        # a change of every colour.
        known = video.tagged or clip.color.primaries != video.color.primaries
        return self.to_canvas(picture, known)

    def still(self, image: Image, size: tuple[int, int], extra: Mapping[str, Param]) -> Node:
        return node(
            "still",
            (),
            {
                "digest": self.digest(image.path),
                "width": size[0],
                "height": size[1],
                "primaries": self.color.primaries,
                "transfer": self.color.transfer,
                **extra,
            },
        )

    def title(self, text: Text, frame: Placement, area: Area) -> Node:
        position, offset = frame.position, frame.offset
        if area != self.canvas:
            canvas = (self.width, self.height)
            x, y = (position[i] * canvas[i] + offset[i] for i in range(2))
            position, offset = (0.0, 0.0), (x - area.x, y - area.y)
        params: dict[str, Param] = {
            f"text_{f.name}": getattr(text, f.name) for f in fields(text) if f.name != "font"
        }
        return node(
            "title",
            (),
            {
                **params,
                "digest": self.digest(text.font),
                "scale": frame.scale,
                "position": position,
                "anchor": frame.anchor,
                "offset": offset,
                "width": area.width,
                "height": area.height,
                "primaries": self.color.primaries,
                "transfer": self.color.transfer,
            },
        )

    def solid(
        self, color: tuple[float, float, float, float], size: tuple[int, int] | None = None
    ) -> Node:
        width, height = size or (self.width, self.height)
        return node(
            "solid",
            (),
            {
                "color": color,
                "width": width,
                "height": height,
                "primaries": self.color.primaries,
                "transfer": self.color.transfer,
            },
        )

    def rectangle(self, solid: Solid, frame: Placement) -> Node:
        size = placed_size(self.width, self.height, self.width, self.height, frame)
        return self.solid(solid.color, size)

    def corner(self, size: tuple[int, int], frame: Placement) -> tuple[int, int]:
        """The canvas pixel of the upper left corner of a picture of ``size``."""
        return corner_of(frame, frame.anchor, size, (self.width, self.height))

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

    def to_canvas(self, picture: Node, known: bool) -> Node:
        """From the source's own colour to the canvas's."""
        given, wanted = picture.type, self.color
        if given.transfer not in DISPLAY_TRANSFERS or (
            known and given.primaries != wanted.primaries
        ):
            picture = node("to_linear", (picture,))
            if known and given.primaries != wanted.primaries:
                picture = node("primaries", (picture,), {"to": wanted.primaries})
            picture = node("to_display", (picture,), {"transfer": wanted.transfer})
        labels = {"primaries": wanted.primaries, "transfer": wanted.transfer}
        return picture if _labelled(picture.type, labels) else node("relabel", (picture,), labels)


def _labelled(given: ImageType, labels: Mapping[str, str]) -> bool:
    return given.primaries == labels["primaries"] and given.transfer == labels["transfer"]
