"""The external inputs of a piece's kernels: decoded videos, stills and titles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any, Final, cast

from vedc.edit.contents import Animation, Text
from vedc.edit.media_info import Fields, Sampling
from vedc.ir.caption_text import decoded, decoded_spans
from vedc.ir.graph import Node
from vedc.plan.executable import (
    CaptionSource,
    Fetch,
    FetchRef,
    Rect,
    Source,
    StillSource,
    TitleMotion,
    TitleSource,
    VideoRead,
    VideoSource,
)


class Fetches:
    """The fetches of a piece under construction; videos at the same times share a decoder."""

    def __init__(self) -> None:
        self.fetches: list[Fetch] = []
        self._times: list[tuple[tuple[str, int], Fraction, Fraction]] = []
        """(digest, stream), start and step of each decoder."""

    def fetch(self, node: Node, rect: Rect, covers: bool) -> FetchRef:
        fetch = Fetch(SOURCES[node.op](self, node), rect)
        if fetch not in self.fetches:
            self.fetches.append(fetch)
        return FetchRef(self.fetches.index(fetch), fetch.source.format, covers)

    def keep(self, used: Iterable[int]) -> Mapping[int, int]:
        """Drop all fetches but those ``used``; returns their new numbers, in order of use."""
        numbers = {old: new for new, old in enumerate(dict.fromkeys(used))}
        self.fetches = [self.fetches[old] for old in numbers]
        videos = [f.source for f in self.fetches if isinstance(f.source, VideoSource)]
        reads = {old: new for new, old in enumerate(dict.fromkeys(v.read for v in videos))}
        self._times = [self._times[old] for old in reads]
        self.fetches = [
            replace(f, source=replace(f.source, read=reads[f.source.read]))
            if isinstance(f.source, VideoSource)
            else f
            for f in self.fetches
        ]
        return numbers

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

    def read(self, digest: str, stream: int, start: Fraction, step: Fraction) -> int:
        """The number of the decoder for these times."""
        time = (digest, stream), start, step
        if time not in self._times:
            self._times.append(time)
        return self._times.index(time)


def _video(fetches: Fetches, node: Node) -> VideoSource:
    digest, stream = node.text("digest"), node.get("stream") or 0
    assert isinstance(stream, int)
    read = fetches.read(digest, stream, node.fraction("start"), node.fraction("step"))
    shape = *_size(node), node.text("format"), *_blur_and_crop(node)
    fields = cast(Fields, node.get("fields") or "frames")
    on_damage = str(node.get("on_damage", "conceal"))
    sampling = cast(Sampling, node.get("sampling") or "nearest")
    return VideoSource(digest, read, *shape, stream, fields, on_damage, sampling)


def _still(fetches: Fetches, node: Node) -> StillSource:
    format = node.get("format", "rgba")
    assert isinstance(format, str)
    return StillSource(node.text("digest"), *_size(node), *_blur_and_crop(node), format)


def _title(fetches: Fetches, node: Node) -> TitleSource:
    given = dict(node.params)
    text: dict[str, Any] = {
        f.name: given[f"text_{f.name}"] for f in fields(Text) if f"text_{f.name}" in given
    }
    if "spans" in text:
        text["spans"] = decoded_spans(text["spans"])
    scale = node["scale"]
    assert isinstance(scale, float)
    return TitleSource(
        Text(**text, fonts=tuple(node.text("fonts").split())),
        scale,
        _size(node),
        _pair(node, "position"),
        _pair(node, "offset"),
        _pair(node, "anchor"),
        _motion(given),
    )


def _motion(given: Mapping[str, Any]) -> TitleMotion | None:
    def animation(way: str) -> Animation | None:
        if f"{way}_preset" not in given:
            return None
        return Animation(**{f.name: given[f"{way}_{f.name}"] for f in fields(Animation)})

    if "clock" not in given:
        return None
    return TitleMotion(animation("in"), animation("out"), given["clock"], given["frames"])


def _captions(fetches: Fetches, node: Node) -> CaptionSource:
    number = node.get("number", 0)
    assert isinstance(number, int)
    return CaptionSource(decoded(node.text("captions")), _size(node), number)


#: By IR op: every op that is fetched has an entry.
SOURCES: Final[Mapping[str, Callable[[Fetches, Node], Source]]] = {
    "source": _video,
    "still": _still,
    "title": _title,
    "captions": _captions,
}


def _size(node: Node) -> tuple[int, int]:
    return node.integer("width"), node.integer("height")


def _blur_and_crop(node: Node) -> tuple[float | None, tuple[int, ...] | None]:
    blur, crop = node.get("blur"), node.get("crop")
    assert blur is None or isinstance(blur, float)
    assert crop is None or isinstance(crop, tuple)
    return blur, None if crop is None else tuple(map(int, crop))


def _pair(node: Node, name: str) -> tuple[float, ...]:
    value = node[name]
    assert isinstance(value, tuple)
    return value
