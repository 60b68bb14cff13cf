"""Lowering: from the resolved edit to the graph of one piece of the film.

``pieces`` cuts the film where anything on any track begins or ends, so that within a piece
the graph is constant; ``lower`` builds that graph, with every time relative to the piece.
It translates literally (each linear-light op between its own pair of conversions, every grade as
written) and leaves optimisation to the passes.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, TypeVar

from vedc import ops
from vedc.color import FORMATS
from vedc.edit.contents import Caption, Clip, Text
from vedc.edit.easing import overshoots
from vedc.edit.model import Composition, Edit, TimelineItem, Track, Transition
from vedc.edit.tables.codecs import stored_color
from vedc.edit.values import UNLIMITED, Keyframe, Keyframes, OpCall
from vedc.ir.graph import Node, node, walk
from vedc.ir.image import Param
from vedc.ir.lower.item import ItemLowering
from vedc.ir.lower.ops import OpLowering
from vedc.ir.lower.source import SourceLowering
from vedc.support.lazy_dataclass import dataclass

_Stretch = TypeVar("_Stretch", TimelineItem, Transition)


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Frames ``start <= n < end`` of the film."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def pieces(edit: Edit) -> tuple[FrameRange, ...]:
    """The film cut where any item begins or ends, animates in or out, or changes speed."""
    edges = {0, edit.duration}
    for track in edit.tracks:
        for item in track.items:
            edges.update((item.start, item.end))
            if isinstance(item.content, Clip):
                runs = item.content.time_map.frame_runs(edit.profile.fps, item.end - item.start)
                edges.update(item.start + run.first for run in runs)
            elif isinstance(item.content, Composition):
                moved = item.start - first_frame(item.content, edit.profile.fps)
                inner = (moved + span.start for span in pieces(item.content.edit))
                edges.update(edge for edge in inner if item.start < edge < item.end)
            elif isinstance(item.content, Text):
                way_in, way_out = item.content.animate_in, item.content.animate_out
                edges.add(item.start + way_in.frames if way_in else item.start)
                edges.add(item.end - way_out.frames if way_out else item.end)
        for transition in track.transitions:
            edges.update((transition.start, transition.end))
    inside = sorted(e for e in edges if 0 <= e <= edit.duration)
    return tuple(FrameRange(a, b) for a, b in itertools.pairwise(inside))


def first_frame(content: Composition, fps: Fraction) -> int:
    """The frame of a composition that its item begins with; both have ``fps`` frames a second."""
    return math.floor(content.time_map.source_at(0) * fps)


def lower(edit: Edit, span: FrameRange, digest: Callable[[str], str]) -> Node:
    """The graph of ``span``, which must lie within one piece. ``digest`` names files."""
    return _Lowering(edit, span, digest).film()


#: Effective bits of a smooth ramp: it shows steps at 8.
_RAMP: Final = 9


def depth_of(picture: Node) -> int:
    """The largest bit depth in a picture; 0 if no part needs more."""
    depth = 0
    for below in walk(picture):
        if below.facts.fetched == "stream":
            bits = below.get("depth")
            depth = max(depth, bits if isinstance(bits, int) else FORMATS[below.type.format].depth)
        elif below.facts.ramps:
            depth = max(depth, _RAMP)
    return depth


def _at(stretches: Sequence[_Stretch], frame: int) -> _Stretch | None:
    """The first of a track's ordered items or transitions that contains a frame."""
    index = bisect_right(stretches, frame, key=lambda s: s.start) - 1
    if index < 0 or stretches[index].end <= frame:
        return None
    while index and stretches[index - 1].end > frame:
        index -= 1
    return stretches[index]


class _Lowering:
    def __init__(self, edit: Edit, span: FrameRange, digest: Callable[[str], str]) -> None:
        self.edit, self.span = edit, span
        self.ops = OpLowering(span.length, edit.profile.fps, digest)
        self.digest = digest
        self.sources = SourceLowering(edit.profile, digest, self.composed)
        self.items = ItemLowering(self.sources, self.ops)

    def composed(self, content: Composition, offset: int) -> Node:
        """The picture of a composition ``offset`` frames after the start of its item."""
        first = first_frame(content, self.edit.profile.fps) + offset
        span = FrameRange(first, first + self.span.length)
        return _Lowering(content.edit, span, self.digest).picture()

    def picture(self) -> Node:
        """The picture of all tracks."""
        clear = FORMATS[self.edit.output.pix_fmt].alpha
        behind = self.edit.background or (0.0, 0.0, 0.0, 0.0 if clear else 1.0)
        picture = self.sources.solid(behind)
        for track in self.edit.tracks:
            picture = self.captioned(track.captions, self.track(track, picture))
        picture = self.ops.apply(picture, self.edit.effects, self.span.start)
        return self.captioned(self.edit.captions, picture)

    def film(self) -> Node:
        output = self.edit.output
        picture = self.sources.colors.shown(self.picture(), self.edit.profile.color)
        color = stored_color(output.codec, output.pix_fmt, self.edit.profile.color)
        params: dict[str, Param] = {
            "matrix": color.matrix, "range": color.range, "format": output.pix_fmt
        }  # fmt: skip
        if self.dithers(picture):
            params["dither"] = True
        return node("encode", (picture,), params)

    def dithers(self, picture: Node) -> bool:
        """Whether samples are dithered: if depth is lost, or a smooth ramp would band."""
        wanted, depth = self.edit.output.dither, FORMATS[self.edit.output.pix_fmt].depth
        if wanted != "auto":
            return wanted == "ordered"
        return depth_of(picture) > depth

    def captioned(self, captions: Sequence[Caption], below: Node) -> Node:
        """``below`` with the span's captions over it."""
        first, end = self.span.start, self.span.end
        seen = [each for each in captions if each.start < end and each.end > first]
        return node("over", (below, self.sources.captions(seen, first))) if seen else below

    def track(self, track: Track, below: Node) -> Node:
        """``below`` with the track over it."""
        first = self.span.start
        transition = _at(track.transitions, first)
        if transition is not None:
            return self.transition(track, transition, below)
        item = _at(track.items, first)
        if item is None:
            return below
        layer = self.layer(track, self.item(item, below))
        return below if layer is None else self.blend(below, layer, track, item)

    def layer(self, track: Track, picture: Node | None) -> Node | None:
        """A picture with the track's effects, mask and opacity."""
        if picture is None:
            return None
        picture = self.ops.apply(picture, track.effects, self.span.start)
        if track.mask is not None:
            picture = self.ops.masked(picture, track.mask, self.span.start)
        if track.opacity != 1.0:
            picture = node(
                "opacity", (picture,), {"value": self.ops.rebased(track.opacity, self.span.start)}
            )
        return picture

    @staticmethod
    def mode(track: Track, item: TimelineItem) -> tuple[str, str]:
        """The blend of an item with the picture below its track, and its encoding."""
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
        sides = [None if item is None else self.item(item, below) for item in items]
        if sides == [None, None]:
            return below  # both sides are sound only
        modes = {self.mode(track, item) for item in items if item is not None}
        if modes == {("normal", "display")}:
            empty = self.sources.solid((0.0, 0.0, 0.0, 0.0))
            left, right = (empty if side is None else side for side in sides)
            crossed = self.layer(track, self.crossing(transition, left, right))
            assert crossed is not None
            return node("over", (below, crossed))
        # Other blends are not linear: each side is blended with the picture below, then they cross.
        results = []
        for item, side in zip(items, sides, strict=True):
            layer = self.layer(track, side)
            known = item is not None and layer is not None
            results.append(self.blend(below, layer, track, item) if known else below)  # type: ignore[arg-type]
        return self.crossing(transition, *results)

    def crossing(self, transition: Transition, left: Node, right: Node) -> Node:
        """The mix of two pictures at the frame's progress."""
        progress = Keyframes(
            (
                Keyframe(Fraction(transition.start - 1), 0.0, transition.easing),
                Keyframe(Fraction(transition.end), 1.0),
            ),
            (0.0, 1.0) if overshoots(transition.easing) else UNLIMITED,
        )
        call = OpCall(transition.name, transition.params, location=transition.location)
        first: dict[str, Param] = {"progress": self.ops.rebased(progress, self.span.start)}
        return self.ops.call((left, right), call, self.span.start - transition.start, first)

    def item(self, item: TimelineItem, below: Node) -> Node | None:
        return self.items.item(item, self.span.start - item.start, below)
