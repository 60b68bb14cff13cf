"""Lowering of calls of ops, with their masks, each in the encoding that the op works in.

Every op gets its own pair of conversions; the passes cancel those that undo each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from vedc import ops
from vedc.edit.values import Keyframe, Keyframes, OpCall, ParamValue
from vedc.errors import InternalError
from vedc.ir.graph import Node, node
from vedc.ir.image import Param

Rectangle = tuple[float, float, float, float]
"""x, y, width, height in canvas pixels."""

Earlier = Callable[[int], Node]
"""A picture some frames ago; negative values are later frames."""

#: Kinds of op that change one picture.
CHANGES = frozenset({"grade", "key", "geometry", "stencil"})


def within(value: ParamValue | Param, start: int | Fraction, length: int) -> Param:
    """A value for frames ``start <= n < start + length``, counted from ``start``.

    Keyframes further off are left out: they change none of these frames, so the piece's key does
    not depend on them, and a value that rests here is a constant.
    """
    if not isinstance(value, Keyframes):
        return value
    frames = [point.frame for point in value.points]
    first = max(0, bisect_right(frames, start) - 1)
    end = bisect_right(frames, start + length - 1) + 1
    points = [Keyframe(p.frame - start, p.value, p.easing) for p in value.points[first:end]]
    points[-1] = replace(points[-1], easing="linear")
    return Keyframes(tuple(points), value.limits)


class OpLowering:
    """Applies calls of ops to pictures, for a span of ``length`` frames.

    An ``offset`` is the number of frames from the start of the call's item or track to the span.
    """

    def __init__(self, length: int, fps: Fraction, digest: Callable[[str], str]) -> None:
        self.length, self.fps, self.digest = length, fps, digest
        self.lag = Fraction(0)
        """Frames by which all motion is ahead of the span."""

    def rebased(self, value: ParamValue, offset: int) -> Param:
        """A value in the span's time, which begins ``offset`` frames into the value's."""
        return within(value, offset + self.lag, self.length)

    @staticmethod
    def spatial(call: OpCall) -> bool:
        """Whether a call needs the whole picture in memory."""
        return ops.get(call.op).spatial or (call.mask is not None and OpLowering.spatial(call.mask))

    @staticmethod
    def positional(call: OpCall) -> bool:
        """Whether a call depends on the position or on the whole picture."""
        declared = ops.get(call.op)
        if declared.positional or declared.spatial or declared.temporal or declared.pictures:
            return True
        return call.mask is not None and OpLowering.positional(call.mask)

    def apply(
        self,
        picture: Node,
        calls: tuple[OpCall, ...],
        offset: int,
        rect: Rectangle | None = None,
        earlier: Earlier | None = None,
    ) -> Node:
        """The picture after every call. Positions count from ``rect``, else from the picture.

        ``earlier`` gives the same picture some frames ago, if known.
        """
        for index, call in enumerate(calls):
            declared = ops.get(call.op)
            if declared.kind not in CHANGES:
                raise InternalError(f"{call.op} is a {declared.kind}, not a change of a picture")
            if declared.temporal:
                if earlier is None:
                    raise InternalError(f"{call.op} is used where earlier frames are not known")
                past = self.before(calls[:index], offset, rect, earlier)
                if declared.past:
                    changed = self.trail(call, offset, past)
                else:
                    changed = self.windowed(picture, call, offset, rect, past)
            else:
                changed = self.changed(picture, call, offset, rect)
            if call.mask is not None:
                matte = self.matte(picture, call.mask, offset, rect)
                changed = node("mixed", (picture, changed, matte))
            picture = changed
        return picture

    def before(
        self, calls: tuple[OpCall, ...], offset: int, rect: Rectangle | None, earlier: Earlier
    ) -> Earlier:
        """The picture after ``calls`` some frames ago."""

        def then(ago: int) -> Node:
            return self.apply(
                earlier(ago), calls, offset - ago, rect, lambda more: earlier(ago + more)
            )

        return then

    def trail(self, call: OpCall, offset: int, picture: Earlier) -> Node:
        """A recursive op, from the oldest frame that counts to this one."""
        frames = dict(call.params)["frames"]
        assert isinstance(frames, int)
        before = picture(frames)
        for ago in reversed(range(frames)):
            before = self.call((picture(ago), before), call, offset - ago)
        return before

    def windowed(
        self,
        picture: Node,
        call: OpCall,
        offset: int,
        rect: Rectangle | None,
        other: Earlier,
    ) -> Node:
        """An op that sees a window of frames around its own: ``other`` gives them by their distance
        in the past, later ones below 0. The own frame replaces those outside the window."""
        before, after = ops.get(call.op).window
        over = dict(call.params).get("over", max(before, after))
        assert isinstance(over, int)
        ways = (ago for ago in range(before, -after - 1, -1) if ago)
        around = [other(ago) if abs(ago) <= over else picture for ago in ways]
        return self.call((picture, *around), call, offset, rect=rect)

    def changed(self, picture: Node, call: OpCall, offset: int, rect: Rectangle | None) -> Node:
        if ops.get(call.op).space == "display":
            return self.call((picture,), call, offset, rect=rect)
        lit = self.call((node("to_linear", (picture,)),), call, offset, rect=rect)
        return node("to_display", (lit,), {"transfer": picture.type.transfer})

    def masked(
        self, picture: Node, mask: OpCall, offset: int, rect: Rectangle | None = None
    ) -> Node:
        """The picture where the mask is 1."""
        return node("masked", (picture, self.matte(picture, mask, offset, rect)))

    def matte(self, picture: Node, mask: OpCall, offset: int, rect: Rectangle | None) -> Node:
        if ops.get(mask.op).space == "linear":
            picture = node("to_linear", (picture,))
        return self.call((picture,), mask, offset, rect=rect)

    def call(
        self,
        pictures: tuple[Node, ...],
        call: OpCall,
        offset: int,
        first: Mapping[str, Param] | None = None,
        rect: Rectangle | None = None,
    ) -> Node:
        """One op on its pictures; ``first`` are parameters that precede its own."""
        declared = ops.get(call.op)
        params: dict[str, Param] = dict(first or {})
        stills = []
        for name, value in call.params:
            kind = declared.param(name).kind
            if kind == "picture" and value:
                still = self.still(pictures[0], str(value), rect)
                lit = declared.space == "linear" and declared.kind != "blend"
                stills.append(node("to_linear", (still,)) if lit else still)
            elif kind == "picture":
                params[name] = ""
            elif kind == "table" or (kind in ("correction", "weights", "palette") and value):
                params[name] = self.digest(str(value))
            else:
                params[name] = self.rebased(value, offset)
        if rect is not None and (declared.positional or declared.spatial):
            params["bounds"] = rect
        if declared.timed:
            params["clock"], params["fps"] = offset, self.fps
        return node(call.op, (*pictures, *stills), params)

    def still(self, picture: Node, path: str, rect: Rectangle | None) -> Node:
        """A picture parameter: a still stretched over the picture, or over its rectangle."""
        type = picture.type
        x, y, width, height = rect or (0.0, 0.0, float(type.width), float(type.height))
        drawn = node(
            "still",
            (),
            {
                "digest": self.digest(path),
                "width": int(width),
                "height": int(height),
                "primaries": type.primaries,
                "transfer": type.transfer,
            },
        )
        if rect is None:
            return drawn
        return node(
            "place",
            (drawn,),
            {"x": int(x), "y": int(y), "width": type.width, "height": type.height},
        )
