"""A linear mapping from frames of the film to raw frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vedc.decide.arrays import Ints


@dataclass(frozen=True, slots=True)
class FrameMap:
    """Frame ``j`` of the film shows raw frame ``floor(at + slope * (j - origin))``."""

    matcher: int
    """Index of the matcher, which stands for a raw file under a crop."""
    origin: int
    at: float
    slope: float
    """Raw frames per film frame; negative plays backwards."""

    def frames(self, film: Ints) -> Ints:
        # The epsilon keeps a whole frame from rounding down.
        return np.asarray(np.floor(self.at + self.slope * (film - self.origin) + 1e-6), np.int64)
