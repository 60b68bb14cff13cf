"""Values that all parts of a film state alike, so that players change nothing at a join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Signal:
    """Values common to all parts of a film. Colours are by the numbers of H.273."""

    primaries: int
    transfer: int
    matrix: int
    full_range: bool
    rate: Fraction
    level: int
    reorder: int
    """The most frames that precede a frame in the stream and follow it on the screen."""
    buffering: int
    """Frames of the decoded picture buffer."""


class Sequenced(Protocol):
    """A sequence parameter set."""

    @property
    def level(self) -> int: ...

    @property
    def reorder(self) -> int: ...

    @property
    def buffering(self) -> int: ...


def signal_for(
    every: Sequence[Sequenced], reorder: int, color: tuple[int, int, int, bool], rate: Fraction
) -> Signal:
    """Values that suit all sequences of a film, whose frames are reordered by at most
    ``reorder``."""
    level = max(sps.level for sps in every)
    reorder = max(reorder, *(sps.reorder for sps in every))
    buffering = max(reorder + 1, *(sps.buffering for sps in every))
    return Signal(*color, rate, level, reorder, buffering)
