"""From a logical plan to a plan, by fusing the segments that are to be rendered."""

from __future__ import annotations

from collections.abc import Callable, Collection

from vedc.captions.events import part_of
from vedc.edit.captions import CaptionStream
from vedc.edit.model import Edit, Marker
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import ExecutablePiece
from vedc.plan.logical import LogicalPlan
from vedc.plan.plan import Piece, Plan, Segment
from vedc.support.gc_pause import without_gc


@without_gc
def make_plan(
    logical: LogicalPlan,
    read_table: Callable[[str], Cube],
    missing: Collection[str] | None = None,
) -> Plan:
    """Fuse a logical plan.

    ``read_table`` reads the .cube file at a path. ``missing`` holds the keys of the segments
    that are to be rendered (default: all). Only those are fused, because fusing takes much
    longer than the rest of planning, and a film that is in the store needs none of it. What is
    planned is complete: executors fuse nothing.
    """
    tables: dict[str, Cube] = {}

    def table(digest: str) -> Cube:
        if digest not in tables:
            tables[digest] = read_table(logical.files[digest])
        return tables[digest]

    executables: list[ExecutablePiece] = []
    pieces: dict[int, tuple[Piece, ...]] = {}
    wanted = [n for n, s in enumerate(logical.segments) if missing is None or s.key in missing]
    if wanted:
        from vedc.plan.fusion.fuse import PieceFuser  # not loaded for a film in the store

        fuser = PieceFuser(table)
        executables = fuser.pieces
        for index in wanted:
            pieces[index] = tuple(
                Piece(p.start, p.length, *fuser.fuse(p.graph))
                for p in logical.segments[index].pieces
            )
    segments = (
        Segment(
            index,
            segment.pieces[0].start,
            sum(p.length for p in segment.pieces),
            segment.key,
            pieces.get(index),
        )
        for index, segment in enumerate(logical.segments)
    )
    edit = logical.edit
    shown = edit.part or (0, edit.duration)
    if edit.output.at is not None:
        shown = edit.output.at, edit.output.at + 1
    return Plan(
        edit.output.path,
        edit.output.form,
        edit.profile.fps,
        logical.video,
        tuple(segments),
        tuple(executables),
        tables,
        logical.sound,
        logical.sound_key,
        logical.files,
        logical.media,
        logical.locations,
        logical.edit.output.metadata,
        chapters_of(edit),
        shown[1] - shown[0],
        captions_of(edit),
    )


def captions_of(edit: Edit) -> tuple[CaptionStream, ...]:
    """The captions of what the output shows, in its own time."""
    if edit.part is None or not edit.caption_streams:
        return edit.caption_streams
    begin, end = (frame / edit.profile.fps for frame in edit.part)
    return tuple(part_of(stream, begin, end) for stream in edit.caption_streams)


def chapters_of(edit: Edit) -> tuple[Marker, ...]:
    """The markers of what the output shows, by its own frames; what a part begins in the middle of
    begins with it."""
    first, end = edit.part or (0, edit.duration)
    begun = [marker for marker in edit.markers if marker.frame <= first][-1:]
    inside = [marker for marker in edit.markers if first < marker.frame < end]
    return tuple(Marker(max(marker.frame - first, 0), marker.name) for marker in (*begun, *inside))
