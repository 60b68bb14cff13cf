"""A stretch of a film between two found in the raw files: the appearance of both sides in it, and
how far a transition may reach into them."""

from __future__ import annotations

from typing import Final

import numpy as np

from vedc.decide.align.best_path import Segment
from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.matcher import Matcher
from vedc.decide.arrays import Float, Ints

_MORE: Final = 0.5
"""Seconds by which a transition may extend on each side beyond the frames not found."""


def film_values(matcher: Matcher, frames: Ints) -> Float:
    """Frames of the film (n, pixels), without the overlay of a match's tone."""
    return np.asarray(matcher.film_parts(frames) - matcher.tone.bias, np.float32)


def side_values(matcher: Matcher, mapping: FrameMap, frames: Ints) -> Float:
    """The pictures that a side's raw file would give in frames of the film (n, pixels)."""
    shown = matcher.raw_pictures(mapping.frames(frames)) / np.sqrt(matcher.tone.weight)
    return np.asarray(shown, np.float32)


def reached(
    begin: int, end: int, sides: tuple[Segment, Segment, Segment], matcher: Matcher
) -> tuple[int, int]:
    """A half-open transition that contains all frames not found and extends little into the sides
    before and after them: ``sides`` are the one before, those frames, the one after."""
    last, segment, following = sides
    reach = int(_MORE * float(matcher.film.rate))
    begin = min(max(begin, segment.start - reach, last.start), segment.start)
    return begin, max(min(end, segment.end + reach, following.end), segment.end)
