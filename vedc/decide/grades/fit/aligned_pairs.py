"""Pictures of a film's stretches, paired with those of the raw files that they show."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from vedc.decide.align.alignment import Alignment
from vedc.decide.analyses.analysis import video_of
from vedc.decide.arrays import Floats
from vedc.decide.grades.fit.pair_frames import SIDE, Pair, part_of, read_frames, spread

_RIM: Final = 10
"""A stretch is examined without the first and the last tenth of its length."""


def aligned_pairs(
    found: Alignment, stretches: Sequence[int], each: int = 4, *, side: int = SIDE
) -> dict[int, Pair]:
    """Raw and finished pictures of some stretches of an alignment, by their number.

    ``stretches``: numbers of stretches that show a raw file; ``each``: pictures per stretch, none
    of them in a transition; ``side``: the longer side to which larger pictures are reduced.
    """
    frames: dict[int, int] = {}
    for number in stretches:
        low, high = clear_of(found, number)
        rim = (high - low) // _RIM
        frames |= dict.fromkeys(spread(low + rim, max(high - 1 - rim, low + rim), each), number)
    order = sorted(frames)
    side = min(side, max(video_of(found.film).display_size))  # raw pictures are shrunk by means
    after = read_frames(found.film, [Fraction(f) / found.rate for f in order], side)
    before: dict[int, Floats] = {}
    for source in {found.segments[number].source for number in frames.values()}:
        assert source is not None
        mine = [f for f in order if found.segments[frames[f]].source == source]
        placed = []
        for frame in mine:
            located = found.time_of(frame)
            assert located is not None
            placed.append((max(located[1], Fraction(0)), frame))
        placed.sort()
        pictures = read_frames(found.raws[source], [time for time, _ in placed], side)
        before |= {frame: picture for (_, frame), picture in zip(placed, pictures, strict=True)}
    pairs: dict[int, Pair] = {}
    for frame, picture in zip(order, after, strict=True):
        number = frames[frame]
        rows, columns = picture.shape[:2]
        shape = max(4, round(rows * found.area.height)), max(4, round(columns * found.area.width))
        pair = pairs.setdefault(number, ([], []))
        pair[0].append(part_of(before[frame], found.segments[number].crop, shape))
        pair[1].append(part_of(picture, found.area, shape))
    return pairs


def clear_of(found: Alignment, number: int) -> tuple[int, int]:
    """The frames of a stretch outside transitions, half open; all if there are none."""
    segment = found.segments[number]
    low, high = segment.start, segment.end
    if segment.boundary not in ("start", "cut"):
        low = max(low, segment.boundary_range[1])
    if number + 1 < len(found.segments):
        following = found.segments[number + 1]
        if following.boundary not in ("start", "cut"):
            high = min(high, following.boundary_range[0])
    return (low, high) if high - low >= 1 else (segment.start, segment.end)
