"""Words for sounds: the curves of fades, and named loudness targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

#: Curves of fades and crossfades, under the names that FFmpeg's afade has for them: the shape from
#: silence to full level.
CURVES: Final[Mapping[str, str]] = {
    "tri": "a straight line",
    "qsin": "a quarter of a sine",
    "hsin": "half a sine",
    "esin": "an exponential sine",
    "log": "logarithmic",
    "ipar": "an inverted parabola",
    "qua": "quadratic",
    "cub": "cubic",
    "squ": "a square root",
    "cbr": "a cubic root",
    "par": "a parabola",
    "exp": "exponential",
    "iqsin": "an inverted quarter of a sine",
    "ihsin": "an inverted half of a sine",
    "dese": "a double exponential seat",
    "desi": "a double exponential sigmoid",
    "losi": "a logistic sigmoid",
    "sinc": "a sine cardinal",
    "isinc": "an inverted sine cardinal",
    "quat": "to the fourth power",
    "quatr": "the fourth root",
    "qsin2": "the square of a quarter of a sine",
    "hsin2": "the square of half a sine",
}


class Named(NamedTuple):
    """A publisher's loudness target."""

    integrated: float
    """LUFS."""
    true_peak: float
    """dBTP."""
    doc: str


TARGETS: Final[Mapping[str, Named]] = {
    "broadcast": Named(-23, -1, "European broadcasting, EBU R 128"),
    "atsc": Named(-24, -2, "American broadcasting, ATSC A/85"),
    "streaming": Named(-14, -1, "what YouTube, Spotify and most platforms play at"),
    "podcast": Named(-16, -1, "podcasts, and what Apple Music plays at"),
}
