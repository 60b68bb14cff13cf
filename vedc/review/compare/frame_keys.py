"""A key for each frame of a plan that determines how it looks; no frame is drawn.

A segment's key stands for hundreds of frames. To know which of them can differ, each frame gets its
own key: the optimised graph of its piece with every moving value taken at this frame. Equal keys
mean equal frames, wherever in their films they are. Frames with different keys may look the same (a
grade of black is black), so more frames differ by key than in fact.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import floor
from typing import Any, Final

from vedc.edit.contents import Caption
from vedc.edit.values import Keyframes
from vedc.ir.caption_text import decoded
from vedc.ir.graph import Node, walk
from vedc.ir.image import Param
from vedc.ir.text import print_value
from vedc.plan.logical import LogicalPiece, LogicalPlan

FrameKey = tuple[Any, ...]
"""Hashable; equal for frames that are drawn alike."""

Moving = Keyframes | int | tuple[Caption, ...]
"""A value over the frames of a piece; a clock by its first; captions, counted from the piece."""

_MOVES: Final = "\0moves"
"""In a listing, what is taken at each frame: no text of a spec holds a NUL."""


def frame_keys(plan: LogicalPlan) -> tuple[list[FrameKey], list[FrameKey]]:
    """Two keys for each frame of a plan's segments, in order: one determines how it looks, the
    other which moments of which files it shows.

    The second pairs frames of two edits that show the same with a different look.
    """
    looks, shows = [], []
    keys = _Keys(plan.compositions)
    for segment in plan.segments:
        for piece in segment.pieces:
            for look, shown in keys.of(piece):
                looks.append(look)
                shows.append(shown)
    return looks, shows


class _Keys:
    """``compositions``: the plans of the films that a graph reads as files, by digest."""

    def __init__(self, compositions: Mapping[str, LogicalPlan]) -> None:
        self._compositions = compositions
        self._inner: dict[str, list[FrameKey]] = {}
        self._graphs: dict[Node, _Graph] = {}

    def of(self, piece: LogicalPiece) -> list[tuple[FrameKey, FrameKey]]:
        graph = self._graphs.get(piece.graph)
        if graph is None:
            graph = self._graphs[piece.graph] = _Graph(piece.graph)
        return [(self._look(graph, n), graph.shown(n)) for n in range(piece.length)]

    def _look(self, graph: _Graph, frame: int) -> FrameKey:
        sources = tuple(self._source(node, frame) for node in graph.sources)
        moved = tuple(_at(value, frame) for value in graph.moving)
        return graph.still, sources, moved

    def _source(self, node: Node, frame: int) -> FrameKey:
        """A stream's picture at a frame: a moment of a file, or a frame of a composition."""
        digest, time = node.text("digest"), _time(node, frame)
        film = self._compositions.get(digest)
        if "sampling" in dict(node.params):  # looks at what lies between two frames
            return digest, time, node.fraction("step")
        if film is None or film.video is None:
            return digest, time
        if digest not in self._inner:
            self._inner[digest] = frame_keys(film)[0]
        inner = self._inner[digest]
        number = min(max(floor(time * film.video.rate), 0), len(inner) - 1)
        # The film is kept in its own format, which is therefore part of the key.
        return repr(film.video), inner[number]


class _Graph:
    """A graph of a piece: its constant part, and the values taken at each frame."""

    def __init__(self, root: Node) -> None:
        self.sources: list[Node] = []
        self.moving: list[Moving] = []
        names: dict[int, str] = {}
        lines = []
        titles = []
        for index, node in enumerate(walk(root)):
            names[id(node)] = f"%{index}"
            arguments = [names[id(below)] for below in node.inputs]
            if node.facts.fetched == "stream":
                self.sources.append(node)
            for name, value in node.params:
                if node.facts.fetched == "stream" and name in ("digest", "start", "step"):
                    continue
                moving = _moving(node, name, value)
                if moving is not None:
                    self.moving.append(moving)
                arguments.append(f"{name}={_MOVES if moving is not None else print_value(value)}")
            made = node.facts.op
            origin = "" if made is None else f" {made.version} {made.source or ''}"
            lines.append(f"{node.op}{origin}({', '.join(arguments)}) : {node.type}")
            if node.op in ("still", "title"):
                titles.append(node.get("digest") or node.get("text_text"))
        self.still = "\n".join(lines)
        self._pictures = tuple(titles)

    def shown(self, frame: int) -> FrameKey:
        """The files and moments that a frame shows, whatever is done to them."""
        times = tuple((node.text("digest"), _time(node, frame)) for node in self.sources)
        return times, () if times else self._pictures


def _time(node: Node, frame: int) -> Fraction:
    return node.fraction("start") + frame * node.fraction("step")


def _moving(node: Node, name: str, value: Param) -> Moving | None:
    """A parameter that is taken at each frame; None for one that stays."""
    if node.op == "captions":
        return decoded(node.text(name)) if name == "captions" else None
    if name == "clock":
        return node.integer(name)
    return value if isinstance(value, Keyframes) else None


def _at(value: Moving, frame: int) -> FrameKey:
    """The moving values at a frame of its piece."""
    if isinstance(value, Keyframes):
        return _keyframes_at(value, frame)
    if isinstance(value, int):
        return ("clock", value + frame)
    seen = (caption for caption in value if caption.start <= frame < caption.end)
    return tuple(replace(c, start=c.start - frame, end=c.end - frame) for c in seen)


def _keyframes_at(value: Keyframes, frame: int) -> FrameKey:
    """The value where it rests, otherwise the two points that a frame lies between."""
    points = value.points
    after = bisect_right(points, Fraction(frame), key=lambda point: point.frame)
    if after == 0:
        return ("rests", points[0].value)
    if after == len(points):
        return ("rests", points[-1].value)
    left, right = points[after - 1], points[after]
    if left.value == right.value:
        return ("rests", left.value)
    return (left.frame - frame, left.value, left.easing, right.frame - frame, right.value,
            value.limits)  # fmt: skip
