"""The order in which several outputs are rendered together: by film time.

Outputs of the same rate show the same stretches of the film, and so fetch the same pictures at the
same times. Their segments are therefore grouped into stretches, which are read in parallel, always
the one whose next frame is earliest in the film: a shared decoder never has to go back.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from typing import TypeVar

from vedc.plan.plan import Piece, Plan, Segment
from vedc.support.lazy_dataclass import dataclass

Frame = TypeVar("Frame")


@dataclass(frozen=True, slots=True)
class Part:
    """One output's share of a stretch."""

    output: int
    """Index of the output."""
    segment: Segment
    piece: Piece

    @property
    def first(self) -> int:
        """The frame of the segment at which the piece begins."""
        return self.piece.start - self.segment.start


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames of the film that one or more outputs show at the same times."""

    fps: Fraction
    start: int
    """In frames."""
    length: int
    parts: tuple[Part, ...]

    def time(self, frame: int) -> Fraction:
        """The film time of a frame of the stretch, in seconds."""
        return (self.start + frame) / self.fps


def schedule(wanted: Sequence[tuple[Plan, Iterable[Segment]]]) -> list[Stretch]:
    """The stretches that render some segments of each output, in order of film time.

    The segments have pieces; each output's are in order.
    """
    parts: dict[tuple[Fraction, int, int], list[Part]] = {}
    for output, (plan, segments) in enumerate(wanted):
        for segment in segments:
            for piece in segment.pieces or ():
                shown = plan.fps, piece.start, piece.length
                parts.setdefault(shown, []).append(Part(output, segment, piece))
    stretches = [Stretch(*shown, tuple(found)) for shown, found in parts.items()]
    return sorted(stretches, key=lambda stretch: stretch.time(0))


def in_film_order(
    stretches: Sequence[Stretch], open_stretch: Callable[[Stretch], Iterator[Frame]]
) -> Generator[Frame, None, None]:
    """The results of ``open_stretch`` for the frames of all stretches, in order of film time.

    It yields once per frame. ``stretches`` are sorted; each is opened when its turn comes.
    """
    waiting = iter(enumerate(stretches))
    coming = next(waiting, None)
    under_way: list[tuple[Fraction, int, int, Iterator[Frame]]] = []
    while under_way or coming is not None:
        if coming is not None and (not under_way or coming[1].time(0) <= under_way[0][0]):
            index, stretch = coming
            after = stretches[index + 1] if index + 1 < len(stretches) else None
            if not under_way and (after is None or after.time(0) >= stretch.time(stretch.length)):
                yield from open_stretch(stretch)  # nothing else is shown meanwhile
                coming = next(waiting, None)
                continue
            heappush(under_way, (stretch.time(0), index, 0, open_stretch(stretch)))
            coming = next(waiting, None)
            continue
        _, index, frame, frames = heappop(under_way)
        yield next(frames)
        if frame + 1 < stretches[index].length:
            time = stretches[index].time(frame + 1)
            heappush(under_way, (time, index, frame + 1, frames))
        else:
            next(frames, None)  # lets it end and return its decoders
