"""Lowering: from the resolved edit to the graph of one piece of the film.

``pieces`` cuts the film where anything on any track begins or ends, so that within a piece
the graph is constant; ``lower`` builds that graph, with every time relative to the piece.
It builds plainly (each linear-light op between its own pair of conversions, every grade as
written) and leaves all cleverness to the passes.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction

from vedc import ops
from vedc.color import SDR_VIDEO_TRANSFERS
from vedc.errors import InternalError
from vedc.ir.graph import Node, node
from vedc.ir.image import ImageType, Param
from vedc.spec.codecs import stored_color
from vedc.spec.model import (
    Clip,
    Edit,
    Frame,
    Generated,
    Image,
    Item,
    Keyframe,
    Keyframes,
    OpCall,
    Solid,
    Text,
    Track,
    Transition,
    Value,
)
from vedc.spec.times import round_half_up

#: The blur behind a picture with ``fit: contain-blur``: standard deviation of the Gaussian,
#: in shorter sides of the canvas. Strong enough that no face or letter is recognised.
BACKDROP_BLUR = 0.05

#: Display encodings that are shown alike: taken for one another without conversion, as
#: every player does (an sRGB still in a BT.709 film keeps its code values).
DISPLAY_TRANSFERS = SDR_VIDEO_TRANSFERS | {"iec61966-2-1", "iec61966-2-4", "bt470m", "gamma22"}


@dataclass(frozen=True, slots=True)
class Span:
    """Frames ``start <= n < end`` of the film."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def pieces(edit: Edit) -> tuple[Span, ...]:
    """The film cut at every beginning and end of an item or a transition."""
    edges = {0, edit.duration}
    for track in edit.tracks:
        for item in track.items:
            edges.update((item.start, item.end))
        for transition in track.transitions:
            edges.update((transition.start, transition.end))
    inside = sorted(e for e in edges if 0 <= e <= edit.duration)
    return tuple(Span(a, b) for a, b in itertools.pairwise(inside))


def lower(edit: Edit, span: Span, digest: Callable[[str], str]) -> Node:
    """The graph of ``span``, which must lie within one piece. ``digest`` names files."""
    return _Lowering(edit, span, digest).film()


def within(value: Value | Param, start: int, length: int) -> Param:
    """What frames ``start <= n < start + length`` see of a value, counted from ``start``.

    Keyframes further off are left out: they change none of these frames, so they have no
    part in the piece's key, and a value that rests here is one that does not move.
    """
    if not isinstance(value, Keyframes):
        return value
    frames = [point.frame for point in value.points]
    first = max(0, bisect_right(frames, start) - 1)
    end = bisect_right(frames, start + length - 1) + 1
    return Keyframes(
        tuple(Keyframe(p.frame - start, p.value, p.easing) for p in value.points[first:end])
    )


class _Lowering:
    def __init__(self, edit: Edit, span: Span, digest: Callable[[str], str]) -> None:
        self.edit, self.span, self.digest = edit, span, digest
        self.width, self.height = edit.profile.width, edit.profile.height
        self.color = edit.profile.color

    def film(self) -> Node:
        picture = self.solid((0.0, 0.0, 0.0, 1.0))
        for track in self.edit.tracks:
            layer = self.track(track)
            if layer is not None:
                picture = node("over", (picture, layer))
        picture = self.grade(picture, self.edit.effects, self.span.start)
        output = self.edit.output
        color = stored_color(output.codec, output.pix_fmt, self.color)
        return node(
            "encode",
            (picture,),
            {"matrix": color.matrix, "range": color.range, "format": output.pix_fmt},
        )

    def here(self, value: Value, offset: int) -> Param:
        """A value as the span sees it, which begins ``offset`` frames into the value's time."""
        return within(value, offset, self.span.length)

    def track(self, track: Track) -> Node | None:
        picture = self.track_picture(track)
        if picture is None:
            return None
        picture = self.grade(picture, track.effects, self.span.start)
        if track.opacity != 1.0:
            picture = node(
                "opacity", (picture,), {"value": self.here(track.opacity, self.span.start)}
            )
        return picture

    def track_picture(self, track: Track) -> Node | None:
        first = self.span.start
        for transition in track.transitions:
            if transition.start <= first < transition.end:
                return self.transition(track, transition)
        for item in track.items:
            if item.start <= first < item.end:
                return self.item(item)
        return None

    def transition(self, track: Track, transition: Transition) -> Node | None:
        sides = [
            None if index is None else self.item(track.items[index])
            for index in (transition.left, transition.right)
        ]
        if sides == [None, None]:
            return None  # only sound on both sides
        empty = self.solid((0.0, 0.0, 0.0, 0.0))
        progress = Keyframes(
            (
                Keyframe(Fraction(transition.start - 1), 0.0),
                Keyframe(Fraction(transition.end), 1.0, transition.easing),
            )
        )
        params: dict[str, Param] = {"progress": self.here(progress, self.span.start)}
        for name, value in transition.params:
            params[name] = self.here(value, self.span.start - transition.start)
        left, right = (empty if side is None else side for side in sides)
        return node(transition.name, (left, right), params)

    def item(self, item: Item) -> Node | None:
        """The item on the canvas; None where it has nothing to show."""
        offset = self.span.start - item.start
        content, frame, calls = item.content, item.frame, (*item.grade, *item.effects)
        picture: Node | None
        if isinstance(content, Text):
            picture = self.grade(self.title(content, frame), calls, offset)
        elif isinstance(content, Solid):
            picture = self.place(self.grade(self.rectangle(content, frame), calls, offset), frame)
        elif isinstance(content, Generated):
            raise InternalError("generators are not lowered yet")
        else:
            picture = self.fitted(content, frame, calls, offset)
        if picture is None:
            return None
        return node("opacity", (picture,), {"value": self.here(frame.opacity, offset)})

    def fitted(
        self, content: Clip | Image, frame: Frame, calls: tuple[OpCall, ...], offset: int
    ) -> Node | None:
        """A clip's or a still's picture in its place, with its backdrop if it is to have one."""
        given = _picture_size(content)
        if given is None:
            return None
        size = placed_size(*given, self.width, self.height, frame)
        front = self.picture(content, size, offset)
        if frame.fit != "contain-blur" or self.covers(size, frame):
            return self.place(self.grade(front, calls, offset), frame)
        backdrop = self.picture(content, (self.width, self.height), offset, BACKDROP_BLUR)
        # Grades of the colour alone go on both layers, where they fuse with their decoding.
        # From the first op that looks at the place on, the item is one picture, the canvas.
        split = next((i for i, c in enumerate(calls) if ops.get(c.op).positional), len(calls))
        backdrop, front = (self.grade(p, calls[:split], offset) for p in (backdrop, front))
        composed = node("over", (backdrop, self.place(front, frame)))
        return self.grade(composed, calls[split:], offset)

    def picture(
        self, content: Clip | Image, size: tuple[int, int], offset: int, blur: float | None = None
    ) -> Node:
        """A clip or a still at ``size``; with ``blur``, covering that size and blurred."""
        extra: dict[str, Param] = {} if blur is None else {"blur": blur}
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

    def title(self, text: Text, frame: Frame) -> Node:
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
                "position": frame.position,
                "anchor": frame.anchor,
                "offset": frame.offset,
                "width": self.width,
                "height": self.height,
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

    def rectangle(self, solid: Solid, frame: Frame) -> Node:
        size = placed_size(self.width, self.height, self.width, self.height, frame)
        return self.solid(solid.color, size)

    def corner(self, size: tuple[int, int], frame: Frame) -> tuple[int, int]:
        """The canvas pixel of the upper left corner of a picture of ``size``."""
        x, y = (
            corner(frame.position[i], frame.offset[i], frame.anchor[i], canvas, size[i])
            for i, canvas in enumerate((self.width, self.height))
        )
        return x, y

    def covers(self, size: tuple[int, int], frame: Frame) -> bool:
        """Whether a picture of ``size``, in its place, leaves nothing of the canvas free."""
        x, y = self.corner(size, frame)
        return x <= 0 and y <= 0 and x + size[0] >= self.width and y + size[1] >= self.height

    def place(self, picture: Node, frame: Frame) -> Node:
        x, y = self.corner((picture.type.width, picture.type.height), frame)
        return node(
            "place", (picture,), {"x": x, "y": y, "width": self.width, "height": self.height}
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

    def grade(self, picture: Node, calls: tuple[OpCall, ...], offset: int) -> Node:
        for call in calls:
            declared = ops.get(call.op)
            if declared.kind != "grade":
                raise InternalError(f"{call.op} is a {declared.kind}, not a grade")
            linear = declared.space == "linear"
            if linear:
                picture = node("to_linear", (picture,))
            picture = node(
                call.op,
                (picture,),
                {name: self.file(self.here(v, offset), call, name) for name, v in call.params},
            )
            if linear:
                picture = node("to_display", (picture,), {"transfer": picture.type.transfer})
        return picture

    def file(self, value: Param, call: OpCall, name: str) -> Param:
        """A table's path becomes its digest; other values stay."""
        kind = next(p.kind for p in ops.get(call.op).params if p.name == name)
        if kind != "table":
            return value
        if not isinstance(value, str):
            raise InternalError(f"{call.op}.{name} is not a path: {value!r}")
        return self.digest(value)


def _labelled(given: ImageType, labels: Mapping[str, str]) -> bool:
    return given.primaries == labels["primaries"] and given.transfer == labels["transfer"]


def _picture_size(content: Clip | Image) -> tuple[int, int] | None:
    """Width and height as shown, in square pixels; None for sound alone."""
    if isinstance(content, Image):
        return content.width, content.height
    return None if content.media.video is None else content.media.video.display_size


def placed_size(
    width: int, height: int, canvas_width: int, canvas_height: int, frame: Frame
) -> tuple[int, int]:
    """The size in canvas pixels of a picture of ``width`` x ``height``, at least 1 x 1."""
    across, down = Fraction(canvas_width, width), Fraction(canvas_height, height)
    if frame.fit in ("contain", "contain-blur"):
        across = down = min(across, down)
    elif frame.fit == "cover":
        across = down = max(across, down)
    elif frame.fit == "none":
        across = down = Fraction(1)
    scale = Fraction(str(frame.scale))
    return (
        max(1, round_half_up(width * across * scale)),
        max(1, round_half_up(height * down * scale)),
    )


def corner(position: float, offset: float, anchor: float, canvas: int, own: int) -> int:
    """Along one axis: the canvas pixel where a picture of ``own`` pixels begins."""
    place = Fraction(str(position)) * canvas + Fraction(str(offset))
    return round_half_up(place - Fraction(str(anchor)) * own)
