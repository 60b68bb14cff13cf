"""The result of a shot detector: the places where shots meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DetectedKind = Literal["cut", "dissolve", "fade", "wipe", "slide"]


@dataclass(frozen=True, slots=True)
class Boundary:
    """Two shots meet, over frames ``start`` to ``end`` (half open) that show both.

    No frame of a cut shows both: there ``start == end``, the first frame of the new shot.
    """

    kind: DetectedKind
    start: int
    end: int
    score: float
    """The detector's confidence: 0 to 1."""

    @property
    def middle(self) -> int:
        """The first frame of the new shot when each frame belongs to exactly one shot."""
        return (self.start + self.end + 1) // 2
