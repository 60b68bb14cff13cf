"""The graticule of a scope."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.color import Color
from vedc.ops.shared.hdr import PQ_PEAK, pq_signal
from vedc.report.scopes.signal import chroma_of

BARS: Final = {
    "R": (1.0, 0.0, 0.0),
    "Mg": (1.0, 0.0, 1.0),
    "B": (0.0, 0.0, 1.0),
    "Cy": (0.0, 1.0, 1.0),
    "G": (0.0, 1.0, 0.0),
    "Yl": (1.0, 1.0, 0.0),
}
"""Colours of bars, by the names that vectorscopes give them."""

AMPLITUDE: Final = 0.75
"""Amplitude of the bars at the targets: that of most test signals."""

SKIN: Final = 123.0
"""Degrees from Cb, anticlockwise: the I axis of NTSC, near which skin of every tone lies."""


@dataclass(frozen=True, slots=True)
class Target:
    """The place of a bar on a vectorscope."""

    name: str
    cb: float
    cr: float

    @property
    def angle(self) -> float:
        """Degrees from Cb, anticlockwise."""
        return math.degrees(math.atan2(self.cr, self.cb)) % 360


def targets(matrix: str, amplitude: float = AMPLITUDE) -> list[Target]:
    """The bars' places in the chroma of a matrix."""
    return [
        Target(name, *(amplitude * c for c in chroma_of(color, matrix)))
        for name, color in BARS.items()
    ]


def lights(color: Color) -> Iterator[tuple[str, float]]:
    """Levels of known light on an HDR canvas, with names; none on others.

    203 cd/m2 is diffuse white (BT.2408), 58% of PQ and 75% of HLG.
    """
    if color.transfer == "smpte2084":
        for light in (100, 203, 1000, 4000):
            yield f"{light} nits", float(str(pq_signal(NumpyMath(), light / PQ_PEAK)))
    elif color.transfer == "arib-std-b67":
        yield "203 nits", 0.75
