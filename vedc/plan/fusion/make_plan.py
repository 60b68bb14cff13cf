"""From logical plans to plans, by fusing the segments that are to be rendered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from vedc.captions.events import part_of
from vedc.edit.captions import CaptionStream
from vedc.edit.model import Edit, Marker
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import ComputedPiece, ExecutablePiece, Kernel
from vedc.plan.logical import LogicalPlan
from vedc.plan.plan import Piece, Plan, Segment
from vedc.support.gc_pause import without_gc

Fused = dict[int, tuple[Piece, ...]]
"""The pieces of the segments that were fused, by the segment's index."""


def make_plan(
    logical: LogicalPlan,
    read_table: Callable[[str], Cube],
    missing: Collection[str] | None = None,
) -> Plan:
    """Fuse a logical plan, as ``make_plans`` does."""
    (plan,) = make_plans([logical], read_table, missing)
    return plan


@without_gc
def make_plans(
    logicals: Sequence[LogicalPlan],
    read_table: Callable[[str], Cube],
    missing: Collection[str] | None = None,
) -> list[Plan]:
    """Fuse the logical plans of one film's outputs. What several of them draw alike is fused once:
    their plans share the executable piece.

    ``read_table`` reads the .cube file at a path. ``missing`` holds the keys of the segments
    that are to be rendered (default: all). Only those are fused, because fusing takes much
    longer than the rest of planning, and a film that is in the store needs none of it. What is
    planned is complete: executors fuse nothing.
    """
    tables: dict[str, Cube] = {}
    files = {digest: path for logical in logicals for digest, path in logical.files.items()}

    def table(digest: str) -> Cube:
        if digest not in tables:
            tables[digest] = read_table(files[digest])
        return tables[digest]

    fused: list[tuple[Fused, dict[int, int]]] = [({}, {}) for _ in logicals]
    executables: list[ExecutablePiece] = []
    wanted = [
        (plan, index)
        for plan, logical in enumerate(logicals)
        for index, segment in enumerate(logical.segments)
        if missing is None or segment.key in missing
    ]
    if wanted:
        from vedc.plan.fusion.fuse import PieceFuser  # not loaded for a film in the store

        fuser = PieceFuser(table)
        executables = fuser.pieces
        for plan, index in wanted:
            pieces, used = fused[plan]
            made = []
            for piece in logicals[plan].segments[index].pieces:
                executable, times = fuser.fuse(piece.graph)
                number = used.setdefault(executable, len(used))
                made.append(Piece(piece.start, piece.length, number, times))
            pieces[index] = tuple(made)
    return [
        _plan(logical, pieces, tuple(executables[n] for n in used), tables)
        for logical, (pieces, used) in zip(logicals, fused, strict=True)
    ]


def _plan(
    logical: LogicalPlan,
    pieces: Fused,
    executables: tuple[ExecutablePiece, ...],
    tables: dict[str, Cube],
) -> Plan:
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
    steps = (step for e in executables if isinstance(e, ComputedPiece) for step in e.steps)
    kernels = (step for step in steps if isinstance(step, Kernel))
    read = {source for kernel in kernels for source in kernel.tables if isinstance(source, str)}
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
        executables,
        {digest: cube for digest, cube in tables.items() if digest in read},
        logical.sound,
        logical.sound_key,
        logical.files,
        logical.media,
        logical.locations,
        logical.edit.output.metadata,
        chapters_of(edit),
        edit.output.first_number,
        shown[1] - shown[0],
        captions_of(edit),
        edit.output.location,
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
