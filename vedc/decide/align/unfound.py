"""A stretch of a film between two that were found in the raw files: both sides as it shows them,
and how far a transition may reach into them."""

from __future__ import annotations

from typing import Final

import numpy as np

from vedc.decide.align.best_path import Segment
from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.matcher import Matcher
from vedc.decide.arrays import Float, Ints

_MORE: Final = 0.5
"""Seconds by which a transition may be longer on each side than frames that are not found."""


def film_values(matcher: Matcher, frames: Ints) -> Float:
    """Frames of the film (n, pixels), less what the tone of a match adds."""
    return np.asarray(matcher.film_parts(frames) - matcher.tone.bias, np.float32)


def side_values(matcher: Matcher, mapping: FrameMap, frames: Ints) -> Float:
    """What the raw file of a side would show in frames of the film (n, pixels)."""
    shown = matcher.raw_pictures(mapping.frames(frames)) / np.sqrt(matcher.tone.weight)
    return np.asarray(shown, np.float32)


def reached(
    begin: int, end: int, sides: tuple[Segment, Segment, Segment], matcher: Matcher
) -> tuple[int, int]:
    """A transition, half open, that holds all frames that were not found and reaches little into
    the sides before and after them: ``sides`` are the one before, those frames, the one after."""
    last, segment, following = sides
    reach = int(_MORE * float(matcher.film.rate))
    begin = min(max(begin, segment.start - reach, last.start), segment.start)
    return begin, max(min(end, segment.end + reach, following.end), segment.end)
