"""What the kernels of one piece read from outside: decoded videos, stills and titles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

from vedc.edit.model import Text
from vedc.errors import InternalError
from vedc.ir.graph import Node
from vedc.plan.executable import (
    Fetch,
    FetchRef,
    Rect,
    Source,
    StillSource,
    TitleSource,
    VideoRead,
    VideoSource,
)


class Fetches:
    """The fetches of a piece under construction; videos at the same times share a decoder."""

    def __init__(self) -> None:
        self.fetches: list[Fetch] = []
        self._times: list[tuple[str, Fraction, Fraction]] = []
        """Digest, start and step of each decoder."""

    def fetch(self, node: Node, rect: Rect, covers: bool) -> FetchRef:
        fetch = Fetch(self._source(node), rect)
        if fetch not in self.fetches:
            self.fetches.append(fetch)
        return FetchRef(self.fetches.index(fetch), fetch.source.format, covers)

    def keep(self, used: Iterable[int]) -> Mapping[int, int]:
        """Drop all fetches but those ``used``; the places of these in the order of use."""
        places = {old: new for new, old in enumerate(dict.fromkeys(used))}
        self.fetches = [self.fetches[old] for old in places]
        videos = [f.source for f in self.fetches if isinstance(f.source, VideoSource)]
        reads = {old: new for new, old in enumerate(dict.fromkeys(v.read for v in videos))}
        self._times = [self._times[old] for old in reads]
        self.fetches = [
            replace(f, source=replace(f.source, read=reads[f.source.read]))
            if isinstance(f.source, VideoSource)
            else f
            for f in self.fetches
        ]
        return places

    def reads(self) -> tuple[VideoRead, ...]:
        sources = dict.fromkeys(f.source for f in self.fetches)
        return tuple(
            VideoRead(
                step, tuple(s for s in sources if isinstance(s, VideoSource) and s.read == read)
            )
            for read, (_, _, step) in enumerate(self._times)
        )

    def starts(self) -> tuple[Fraction, ...]:
        """The source time of the first frame, by read."""
        return tuple(start for _, start, _ in self._times)

    def _source(self, node: Node) -> Source:
        if node.op == "title":
            return _title(node)
        if node.op not in ("still", "source"):
            raise InternalError(f"{node.op} is not fetched")
        digest, size = node.text("digest"), (node.integer("width"), node.integer("height"))
        blur, crop = node.get("blur"), node.get("crop")
        assert blur is None or isinstance(blur, float)
        assert crop is None or isinstance(crop, tuple)
        rectangle = None if crop is None else tuple(map(int, crop))
        if node.op == "still":
            return StillSource(digest, *size, blur, rectangle)
        time = digest, node.fraction("start"), node.fraction("step")
        if time not in self._times:
            self._times.append(time)
        read = self._times.index(time)
        return VideoSource(digest, read, *size, node.text("format"), blur, rectangle)


def _title(node: Node) -> TitleSource:
    given: dict[str, Any] = {
        f.name: node[f"text_{f.name}"] for f in fields(Text) if f.name != "font"
    }
    scale = node["scale"]
    assert isinstance(scale, float)
    return TitleSource(
        Text(**given, font=node.text("digest")),
        scale,
        (node.integer("width"), node.integer("height")),
        _pair(node, "position"),
        _pair(node, "offset"),
        _pair(node, "anchor"),
    )


def _pair(node: Node, name: str) -> tuple[float, ...]:
    value = node[name]
    assert isinstance(value, tuple)
    return value
