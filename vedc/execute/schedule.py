"""The order in which several outputs are rendered together: by the time of the film.

Outputs of one rate show the same stretches of the film, and so fetch the same pictures at the same
times. What they are to render is therefore grouped into stretches, and those are read side by
side, always the one whose next frame is first in the film: a decoder that several of them share
never has to go back.
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
    """What one output shows of a stretch."""

    output: int
    """Index of the output."""
    segment: Segment
    piece: Piece

    @property
    def first(self) -> int:
        """The frame of the segment that the piece begins with."""
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
        """When a frame of the stretch is shown, in seconds of the film."""
        return (self.start + frame) / self.fps


def schedule(wanted: Sequence[tuple[Plan, Iterable[Segment]]]) -> list[Stretch]:
    """The stretches that render some segments of each output, by their time in the film.

    The segments have been planned; an output's are in order.
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
    """What ``open_stretch`` yields for the frames of each stretch, by the time of the film.

    It yields once for each frame. ``stretches`` are sorted; each is opened when its turn comes.
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
            next(frames, None)  # it ends, and gives back what it has borrowed
