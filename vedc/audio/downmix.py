"""Mapping of a source's channels to the film's.

Mono and stereo sources follow the W3C's Web Audio API: mono plays in both speakers of a stereo
film and in the centre of a 5.1 film; stereo becomes mono as the mean of its channels, and the
front pair of a 5.1 film. Layouts of three channels and more follow ITU-R BS.775-3, in two stages:
each speaker goes to its place in 5.1 (``_PLACES``), and 5.1 is folded down as

    left  = L + 0.7071 C + 0.7071 Ls
    right = R + 0.7071 C + 0.7071 Rs

Mono is the mean of the two, so a mono film is its stereo film heard from one speaker. These are
the proportions that BS.775 gives for mono, 3 dB lower. The LFE channel is heard only in 5.1.
Nothing is normalised.
"""

from __future__ import annotations

import math
from typing import Final

LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1"}

_HALF: Final = math.sqrt(0.5)
"""Half the power, -3 dB."""

_L, _R, _C, _LFE, _LS, _RS = range(6)

_PLACES: Final[dict[str, dict[int, float]]] = {
    speaker: gains
    for speakers, gains in (
        ("FL FLC WL", {_L: 1.0}),
        ("FR FRC WR", {_R: 1.0}),
        ("FC AMBI0", {_C: 1.0}),
        ("LFE LFE2", {_LFE: 1.0}),
        ("BL SL SDL", {_LS: 1.0}),
        ("BR SR SDR", {_RS: 1.0}),
        ("BC", {_LS: _HALF, _RS: _HALF}),
        # Speakers above and below: 3 dB softer, in the nearest one at ear height.
        ("TFL BFL", {_L: _HALF}),
        ("TFR BFR", {_R: _HALF}),
        ("TFC BFC", {_C: _HALF}),
        ("TBL TSL", {_LS: _HALF}),
        ("TBR TSR", {_RS: _HALF}),
        ("TBC", {_LS: 0.5, _RS: 0.5}),
        ("TC", {_L: 0.5, _R: 0.5}),
    )
    for speaker in speakers.split()
}
"""FFmpeg's names of speakers, and their gains in 5.1. Of Ambisonics only the omnidirectional
channel is heard."""

_FOLD: Final = ((1.0, 0.0, _HALF, 0.0, _HALF, 0.0), (0.0, 1.0, _HALF, 0.0, 0.0, _HALF))
"""Stereo from 5.1."""

_BY_COUNT: Final = {
    3: ("FL", "FR", "LFE"),
    4: ("FL", "FR", "FC", "BC"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
"""FFmpeg's default layouts, for files that name no speakers."""


def matrix(speakers: tuple[str, ...], channels: int) -> list[list[float]] | None:
    """Gains of shape (channels, speakers), for a film of 1, 2 or 6 channels.

    ``speakers`` are FFmpeg's names in the order of the source's channels. Unknown ones among known
    ones are silent; ``None`` if all are unknown and their number has no usual layout.
    """
    if len(speakers) == 1:
        return [[1.0]] * channels if channels <= 2 else [[float(n == _C)] for n in range(channels)]
    if len(speakers) == 2:
        left_right = [[1.0, 0.0], [0.0, 1.0]]
        return [[0.5, 0.5]] if channels == 1 else left_right + [[0.0, 0.0]] * (channels - 2)
    if not any(speaker in _PLACES for speaker in speakers):
        if len(speakers) not in _BY_COUNT:
            return None
        speakers = _BY_COUNT[len(speakers)]
    surround = [[_PLACES.get(name, {}).get(place, 0.0) for name in speakers] for place in range(6)]
    if channels == 6:
        return surround
    stereo = [
        [
            sum(g * row[n] for g, row in zip(gains, surround, strict=True))
            for n in range(len(speakers))
        ]
        for gains in _FOLD
    ]
    if channels == 2:
        return stereo
    return [[(left + right) / 2 for left, right in zip(*stereo, strict=True)]]


def pan(speakers: tuple[str, ...], channels: int) -> str | None:
    """The options of FFmpeg's ``pan`` filter for ``matrix``; ``None`` where that is ``None``."""
    gains = matrix(speakers, channels)
    if gains is None:
        return None
    rows = (
        f"c{out}=" + ("+".join(f"{gain!r}*c{n}" for n, gain in enumerate(row) if gain) or "0*c0")
        for out, row in enumerate(gains)
    )
    return "|".join((LAYOUTS[channels], *rows))
