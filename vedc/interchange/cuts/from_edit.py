"""From a resolved edit to cuts: exact, in frames of the film."""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.contents import Clip
from vedc.edit.model import Composition, Edit, TimelineItem, Track
from vedc.interchange.cuts.model import CutTrack, Join, Piece


def cut_tracks(edit: Edit) -> list[CutTrack]:
    """The tracks of the film, bottom first."""
    return [cut_track(track, edit.profile.fps) for track in edit.tracks]


def cut_track(track: Track, fps: Fraction) -> CutTrack:
    begins = [item.start for item in track.items]
    ends = [item.end for item in track.items]
    joins = []
    for each in track.transitions:
        if each.left is not None and each.right is not None:
            cut = each.start + (each.end - each.start) // 2
            ends[each.left] = begins[each.right] = cut
        elif each.right is not None:
            cut = begins[each.right]
        else:
            assert each.left is not None
            cut = ends[each.left]
        index = each.right if each.right is not None else (each.left or 0) + 1
        join = Join(index, (cut - each.start) / fps, (each.end - cut) / fps, {}, transition=each)
        join.edge = "exit" if each.right is None else "enter" if each.left is None else ""
        joins.append(join)
    pieces = [
        _piece(item, begin, end, fps)
        for item, begin, end in zip(track.items, begins, ends, strict=True)
    ]
    return CutTrack(track.id, pieces, joins, track)


def _piece(item: TimelineItem, begin: int, end: int, fps: Fraction) -> Piece:
    piece = Piece(begin / fps, end / fps, {}, item=item)
    content = item.content
    if not isinstance(content, Clip | Composition):
        return piece
    times = content.time_map.window((begin - item.start) / fps)
    piece.source = times.source_at(Fraction(0))
    piece.speed = steady_speed(item) or Fraction(0)
    if piece.speed < 0:
        piece.source += piece.speed * piece.length
    if content.media.video is not None:
        piece.rate = content.media.video.rate
    return piece


def steady_speed(item: TimelineItem) -> Fraction | None:
    """The one speed at which a clip plays; None for one that changes, or a loop."""
    content = item.content
    if not isinstance(content, Clip | Composition):
        return None
    times = content.time_map
    if times.period is not None or len(times.ramps) != 1:
        return None
    return times.ramps[0].slope
