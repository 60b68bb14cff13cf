"""Compositions of an edit: each becomes a film of its own, which the segment store keeps.

Its segments are kept without loss and keyed like those of any film; where it is shown they are
read as a clip is. So it is drawn once, however often and at whatever speed or size it is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from vedc.color import FORMATS
from vedc.edit.codecs import stored_color
from vedc.edit.media_info import kept_path
from vedc.edit.model import KEPT_OPAQUE, Clip, Composition, Edit, TimelineItem, Track
from vedc.ir.lower.film import depth_of
from vedc.plan.encoders import video_settings
from vedc.plan.keys import digest
from vedc.plan.settings import VideoSettings

if TYPE_CHECKING:
    from vedc.plan.logical import LogicalPlan

PlanFilm = Callable[[Edit, VideoSettings], "LogicalPlan"]


class Compositions:
    """Plans the compositions of an edit, each once."""

    def __init__(self, plan: PlanFilm) -> None:
        self._plan = plan
        self._known: dict[int, tuple[str, LogicalPlan]] = {}
        """By the identity of a composition's edit: its digest and its plan."""

    @property
    def plans(self) -> dict[str, LogicalPlan]:
        """By digest, in the order of their first use."""
        return dict(self._known.values())

    def shown_as_clips(self, edit: Edit) -> Edit:
        """The edit with clips of the kept films in place of compositions."""
        tracks = tuple(map(self._track, edit.tracks))
        return edit if tracks == edit.tracks else replace(edit, tracks=tracks)

    def _track(self, track: Track) -> Track:
        items = tuple(map(self._item, track.items))
        return track if items == track.items else replace(track, items=items)

    def _item(self, item: TimelineItem) -> TimelineItem:
        shown = item.content
        if not isinstance(shown, Composition):
            return item
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
            plan = self._plan(edit, _settings(edit))
            self._known[known] = film_digest(plan), plan
        return self._known[known]


def film_digest(plan: LogicalPlan) -> str:
    """What names the film of a composition by its content."""
    lengths = (sum(piece.length for piece in segment.pieces) for segment in plan.segments)
    parts = (f"{n} {s.key}" for n, s in zip(lengths, plan.segments, strict=True))
    return digest(["composition", str(plan.edit.profile.fps), *parts])


def _settings(edit: Edit) -> VideoSettings:
    """The encoder's settings for the film of a composition."""
    kept, profile = edit.output, edit.profile
    return video_settings(
        kept.codec,
        width=profile.width,
        height=profile.height,
        rate=profile.fps,
        color=stored_color(kept.codec, kept.pix_fmt, profile.color),
        pix_fmt=kept.pix_fmt,
    )
