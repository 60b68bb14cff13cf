"""Compositions of an edit: which are fused into the outer film, and which become separate films.

A composition at the film's frame rate and normal speed whose frames are each shown once is part of
the film's graph. Any other becomes a separate film in the segment store: its segments are stored
losslessly, keyed like any film's, and read like a clip wherever the composition is shown. So it is
drawn once, however often and at whatever speed or size it is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from vedc import ops
from vedc.color import FORMATS
from vedc.edit.contents import Clip
from vedc.edit.media_info import kept_path
from vedc.edit.model import KEPT_OPAQUE, Composition, Edit, TimelineItem, Track
from vedc.edit.placement import lies
from vedc.edit.tables.codecs import stored_color
from vedc.ir.lower.film import depth_of, first_frame
from vedc.plan.encoders import video_settings
from vedc.plan.keys import digest
from vedc.plan.settings import VideoSettings

if TYPE_CHECKING:
    from vedc.plan.logical import LogicalPlan

PlanFilm = Callable[[Edit, VideoSettings], "LogicalPlan"]


def kept(edit: Edit) -> frozenset[int]:
    """Ids of the edits of compositions, nested at any depth, that become separate films."""
    shown: dict[int, list[tuple[int, int]]] = {}
    found: set[int] = set()

    def visit(outer: Edit) -> None:
        for item in (item for track in outer.tracks for item in track.items):
            if not isinstance(item.content, Composition):
                continue
            inner = item.content.edit
            first = (
                first_frame(item.content, outer.profile.fps) if can_be_fused(item, outer) else None
            )
            if first is None:
                found.add(id(inner))
            spans = shown.setdefault(id(inner), [])
            if not spans:
                visit(inner)
            spans.append((first or 0, (first or 0) + item.end - item.start))

    visit(edit)
    for name, spans in shown.items():
        spans.sort()
        if any(later[0] < before[1] for before, later in pairwise(spans)):
            found.add(name)
    return frozenset(found)


def can_be_fused(item: TimelineItem, outer: Edit) -> bool:
    """Whether the outer film can draw a composition itself: frame by frame, and as a whole.

    Ops that sample positions would see colours beyond the edges of a composition smaller than the
    canvas.
    """
    shown, frame = item.content, item.frame
    assert isinstance(shown, Composition)
    inner, map_ = shown.edit.profile, shown.time_map
    if (
        inner.fps != outer.profile.fps
        or frame.fit == "contain-blur"
        or "crop" in frame.of("source")
    ):
        return False
    if len(map_.ramps) != 1 or map_.ramps[0].slope != 1 or map_.period is not None:
        return False
    first = first_frame(shown, inner.fps)
    if first < 0 or first + item.end - item.start > shown.edit.duration:
        return False
    calls = (*item.grade, *item.effects)
    if any(ops.get(call.op).temporal for call in calls):
        return False
    canvas = outer.profile.width, outer.profile.height
    if lies(frame, (inner.width, inner.height), canvas):
        return True
    grades = all(ops.get(c.op).kind == "grade" and not ops.get(c.op).positional for c in calls)
    return grades and not any(call.mask for call in calls) and item.mask is None


class Compositions:
    """Plans the films of compositions, each once. ``kept``: the ids of those that become films."""

    def __init__(self, plan: PlanFilm, kept: frozenset[int]) -> None:
        self._plan, self._kept = plan, kept
        self._known: dict[int, tuple[str, LogicalPlan]] = {}
        """Digest and plan of each composition, by the id of its edit."""

    @property
    def plans(self) -> dict[str, LogicalPlan]:
        """Plans by digest, in the order of first use."""
        return dict(self._known.values())

    def drawn(self, edit: Edit) -> Edit:
        """The edit with compositions that become films replaced by clips of those films."""
        tracks = tuple(map(self._track, edit.tracks))
        return edit if tracks == edit.tracks else replace(edit, tracks=tracks)

    def _track(self, track: Track) -> Track:
        items = tuple(map(self._item, track.items))
        return track if items == track.items else replace(track, items=items)

    def _item(self, item: TimelineItem) -> TimelineItem:
        shown = item.content
        if not isinstance(shown, Composition):
            return item
        if id(shown.edit) not in self._kept:
            return replace(item, content=replace(shown, edit=self.drawn(shown.edit)))
        name, plan = self._film(shown.edit)
        video = shown.media.video
        assert video is not None
        format = plan.edit.output.pix_fmt
        media = replace(
            shown.media,
            path=kept_path(shown.media.path, name),
            video=replace(video, pix_fmt=format, format=format),
        )
        depth = max(depth_of(p.graph) for segment in plan.segments for p in segment.pieces)
        depth = min(depth, FORMATS[format].depth)
        return replace(item, content=Clip(media, video.color, shown.time_map, shown.pitch, depth))

    def _film(self, edit: Edit) -> tuple[str, LogicalPlan]:
        known = id(edit)
        if known not in self._known:
            if edit.background is not None and edit.background[3] == 1:
                edit = replace(edit, output=KEPT_OPAQUE)
            if (managed := edit.profile.management) is not None:  # kept as light, not as a view
                management = replace(managed, out=None)
                edit = replace(edit, profile=replace(edit.profile, management=management))
            plan = self._plan(edit, _settings(edit))
            self._known[known] = film_digest(plan), plan
        return self._known[known]


def film_digest(plan: LogicalPlan) -> str:
    """The content hash that names a composition's film."""
    lengths = (sum(piece.length for piece in segment.pieces) for segment in plan.segments)
    parts = (f"{n} {s.key}" for n, s in zip(lengths, plan.segments, strict=True))
    return digest(["composition", str(plan.edit.profile.fps), *parts])


def _settings(edit: Edit) -> VideoSettings:
    """The encoder's settings for the film of a composition."""
    kept, profile = edit.output, edit.profile
    settings = video_settings(
        kept.codec,
        width=profile.width,
        height=profile.height,
        rate=profile.fps,
        color=stored_color(kept.codec, kept.pix_fmt, profile.color),
        pix_fmt=kept.pix_fmt,
    )
    # Read again soon, and often out of order: faster settings than an archive's.
    fast = {**dict(settings.options), "context": "0", "slicecrc": "0"}
    return replace(settings, options=tuple(sorted(fast.items())))
