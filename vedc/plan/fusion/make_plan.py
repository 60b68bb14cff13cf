"""From logical plans to plans, by fusing the segments to render."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from math import floor

from vedc import ops
from vedc.captions.events import part_of
from vedc.edit.captions import CaptionStream
from vedc.edit.model import Edit, Marker, Output
from vedc.ops.looks.look_file import LookFile
from vedc.ops.shared.cube import Cube
from vedc.plan.encoders import animation_settings
from vedc.plan.executable import ComputedPiece, ExecutablePiece, Kernel
from vedc.plan.logical import LogicalPlan
from vedc.plan.plan import Piece, Plan, Segment
from vedc.plan.settings import AnimationSettings
from vedc.plan.tables import file_of
from vedc.support.gc_pause import without_gc

Fused = dict[int, tuple[Piece, ...]]
"""The pieces of the fused segments, by segment index."""


def make_plan(
    logical: LogicalPlan,
    read_table: Callable[[str], Cube | LookFile],
    missing: Collection[str] | None = None,
) -> Plan:
    """Fuse a logical plan, as ``make_plans`` does."""
    (plan,) = make_plans([logical], read_table, missing)
    return plan


@without_gc
def make_plans(
    logicals: Sequence[LogicalPlan],
    read_table: Callable[[str], Cube | LookFile],
    missing: Collection[str] | None = None,
) -> list[Plan]:
    """Fuse the logical plans of one film's outputs. A graph that several outputs share is fused
    once: their plans share the executable piece.

    ``read_table`` reads the colour file at a path, or a transform by its identity. ``missing``
    holds the keys of the segments to render (default: all), including those of compositions, of
    which only the parts shown are rendered. Only those are fused, because fusing takes much longer
    than the rest of planning, and a film in the store needs none of it. The plans are complete:
    executors fuse nothing.
    """
    tables: dict[str, Cube | LookFile] = {}
    files = {digest: path for logical in logicals for digest, path in logical.files.items()}

    def table(digest: str) -> Cube | LookFile:
        if digest not in tables:
            tables[digest] = read_table(files.get(digest, digest))
        return tables[digest]

    fused: list[tuple[Fused, dict[int, int]]] = [({}, {}) for _ in logicals]
    executables: list[ExecutablePiece] = []
    wanted = [
        (plan, index)
        for plan, logical in enumerate(logicals)
        for index, segment in enumerate(logical.segments)
        if segment.copied is None and (missing is None or segment.key in missing)
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
        _plan(
            logical,
            pieces,
            tables,
            used_by_plan := tuple(executables[n] for n in used),
            _compositions(logical, used_by_plan, pieces, read_table, missing),
        )
        for logical, (pieces, used) in zip(logicals, fused, strict=True)
    ]


def _plan(
    logical: LogicalPlan,
    pieces: Fused,
    tables: dict[str, Cube | LookFile],
    executables: tuple[ExecutablePiece, ...],
    compositions: dict[str, Plan],
) -> Plan:
    segments = (
        Segment(
            index,
            segment.pieces[0].start,
            sum(p.length for p in segment.pieces),
            segment.key,
            () if segment.copied is not None else pieces.get(index),
            segment.copied,
        )
        for index, segment in enumerate(logical.segments)
    )
    steps = (step for e in executables if isinstance(e, ComputedPiece) for step in e.steps)
    kernels = (step for step in steps if isinstance(step, Kernel))
    read = {digest for kernel in kernels for source in kernel.tables if (digest := file_of(source))}
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
        compositions,
        edit.output.segment,
        cover=logical.cover,
        animation=_animation(edit.output),
        uncopied=logical.uncopied,
        transitions=tuple(
            (range(transition.start, transition.end), transition.location)
            for track in edit.tracks
            for transition in track.transitions
            if (done := ops.get(transition.name).filter) is not None and done.pair
        ),
    )


def _animation(output: Output) -> AnimationSettings | None:
    if output.form != "animation":
        return None
    return animation_settings(
        output.codec,
        plays=output.plays,
        colors=output.colors,
        dither=output.mixed,
        quality=output.quality,
        lossless=output.lossless,
    )


def captions_of(edit: Edit) -> tuple[CaptionStream, ...]:
    """The captions of the part that the output shows, in output time."""
    if edit.part is None or not edit.caption_streams:
        return edit.caption_streams
    begin, end = (frame / edit.profile.fps for frame in edit.part)
    return tuple(part_of(stream, begin, end) for stream in edit.caption_streams)


def _compositions(
    logical: LogicalPlan,
    executables: Sequence[ExecutablePiece],
    pieces: Fused,
    read_table: Callable[[str], Cube | LookFile],
    missing: Collection[str] | None,
) -> dict[str, Plan]:
    """The films of compositions. Only the segments that the pieces show are fused."""
    shown = _shown(logical, executables, [p for made in pieces.values() for p in made])
    found = {}
    for name, film in logical.compositions.items():
        unseen = {segment.key for segment in film.segments} - shown[name]
        needed = {*(film.keys if missing is None else missing)} - unseen
        found[name] = make_plan(film, read_table, needed)
    return found


def _shown(
    logical: LogicalPlan, executables: Sequence[ExecutablePiece], pieces: Iterable[Piece]
) -> dict[str, set[str]]:
    """The keys of the segments that some pieces show, by composition."""
    found: dict[str, set[str]] = {name: set() for name in logical.compositions}
    for piece in pieces:
        reads = executables[piece.executable].reads
        for read, start in zip(reads, piece.times, strict=True):
            if read.digest not in found:
                continue
            film = logical.compositions[read.digest]
            times = (start, start + (piece.length - 1) * read.step)
            fps = film.edit.profile.fps
            first, last = (floor(time * fps) for time in (min(times), max(times)))
            begin = 0
            for segment in film.segments:
                end = begin + sum(p.length for p in segment.pieces)
                before = begin > max(last, 0)
                beyond = end <= first and segment is not film.segments[-1]
                if not before and not beyond:
                    found[read.digest].add(segment.key)
                begin = end
    return found


def chapters_of(edit: Edit) -> tuple[Marker, ...]:
    """The markers of the part that the output shows, in output frames; a chapter already under way
    at the part's start begins with it."""
    first, end = edit.part or (0, edit.duration)
    begun = [marker for marker in edit.markers if marker.frame <= first][-1:]
    inside = [marker for marker in edit.markers if first < marker.frame < end]
    return tuple(Marker(max(marker.frame - first, 0), marker.name) for marker in (*begun, *inside))
