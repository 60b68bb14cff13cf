"""Segments: the unit of work, caching, resuming and distribution.

A segment is a run of whole pieces, or a part of a long one. Segment boundaries depend only on
nearby pieces: changing one clip leaves the segments of other clips, and their keys, unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from vedc.ir.lower.film import FrameRange

#: A piece longer than one and a half times this is split into parts of this length (seconds).
LONG = Fraction(4)
#: A piece shorter than this is joined with its neighbours (seconds).
SHORT = Fraction(1, 2)


def cut(pieces: Iterable[FrameRange], fps: Fraction) -> tuple[tuple[FrameRange, ...], ...]:
    """Group pieces into segments, each a tuple of the frame ranges that it renders in order.

    Short pieces are gathered until they are long enough together; the rest of such a run joins the
    previous segment, or the next if there is none before.
    """
    long, short = round(LONG * fps), max(1, round(SHORT * fps))
    segments: list[tuple[FrameRange, ...]] = []
    run: list[FrameRange] = []

    def flush(run: list[FrameRange]) -> tuple[FrameRange, ...]:
        """End a run of short pieces; returns those that must join the next segment."""
        if not run:
            return ()
        if segments:
            segments[-1] += tuple(run)
            return ()
        return tuple(run)

    lead: tuple[FrameRange, ...] = ()
    for piece in pieces:
        if piece.length < short:
            run.append(piece)
            if sum(p.length for p in run) >= short:
                segments.append(lead + tuple(run))
                run, lead = [], ()
            continue
        lead += flush(run)
        run = []
        for part in _parts(piece, long):
            segments.append((*lead, part))
            lead = ()
    lead += flush(run)
    if lead:
        segments.append(lead)
    return tuple(segments)


def within(
    segments: Iterable[tuple[FrameRange, ...]], first: int, end: int
) -> tuple[tuple[FrameRange, ...], ...]:
    """The segments clipped to the frames ``first <= n < end``.

    Segments inside the range stay whole, so those of the whole film are found in the store.
    """
    cut_off = (
        tuple(
            FrameRange(max(span.start, first), min(span.end, end))
            for span in segment
            if span.start < end and span.end > first
        )
        for segment in segments
    )
    return tuple(segment for segment in cut_off if segment)


def _parts(piece: FrameRange, long: int) -> list[FrameRange]:
    """Split from the piece's start; the last part is between 0.5 and 1.5 times ``long``."""
    parts = []
    start = piece.start
    while piece.end - start > long * 3 // 2:
        parts.append(FrameRange(start, start + long))
        start += long
    parts.append(FrameRange(start, piece.end))
    return parts
