"""Signal levels: luma out of range, colours out of gamut."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.color import MATRICES
from vedc.review.check.core.check import Base, Check, Film, Frame, Limit
from vedc.review.check.core.finding import Finding, Runs, Severity

_LOW: Final = (5 - 16) / 219
"""The least level that EBU R 103 prefers: code 5 of 8 bits, 20 of 10, ..."""

_HIGH: Final = (246 - 16) / 219
"""... and the greatest: 246 or 984."""

_SLACK: Final = 0.5 / 219
"""Half a code: averaging rounds."""


class _Levels(Base):
    """Measures the share of each frame that is outside, and keeps the worst of each stretch."""

    check = "range"

    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._share = film.limit(f"{self.check}.area") / 100
        self._runs = Runs(max(1, round(film.rate)))
        self._worst = (0.0, 0.0)
        """Share and level of the worst frame of the stretch."""
        self._places: list[tuple[tuple[int, int], tuple[float, float]]] = []

    def outside(self, codes: tuple[NDArray[Any], ...]) -> tuple[float, float]:
        """The share of pixels outside, and the level that is farthest outside."""
        return _outside(codes[0])

    def push(self, part: Frame, /) -> None:
        if not part.codes:
            return
        share, level = self.outside(part.codes)
        run = self._runs.add(part.number, share > self._share)
        if run is not None:
            self._places.append((run, self._worst))
            self._worst = (0.0, 0.0)
        if share > self._share and share > self._worst[0]:
            self._worst = share, level

    def finish(self) -> Iterable[Finding]:
        if (run := self._runs.close()) is not None:
            self._places.append((run, self._worst))
        for run, (share, level) in self._places:
            yield self.film.found(
                self.check, _severity(self.film), self.message(share, level), run,
                measured=round(100 * share, 2), limit=self.film.limit(f"{self.check}.area"),
                unit="%", cure=self.cure,
            )  # fmt: skip

    cure = "lower the highlights or lift the blacks; check that full range is tagged as full"

    def message(self, share: float, level: float) -> str:
        return (
            f"luma reaches {100 * level:.0f}%, outside of -5 to 105%, in {share:.1%} of the picture"
        )


class _Gamut(_Levels):
    """Colours whose luma is in range, but whose R', G' or B' is not."""

    check = "gamut"
    cure = "lower the saturation of that colour, as with {op: saturation}"

    def __init__(self, film: Film) -> None:
        super().__init__(film)
        matrix = film.media.video.color.matrix if film.media.video else "bt709"
        kr, kb = MATRICES.get(matrix, MATRICES["bt709"])
        kg = 1 - kr - kb
        self._red = np.float32(2 * (1 - kr))
        self._blue = np.float32(2 * (1 - kb))
        self._green = np.float32(-2 * kb * (1 - kb) / kg), np.float32(-2 * kr * (1 - kr) / kg)

    def outside(self, codes: tuple[NDArray[Any], ...]) -> tuple[float, float]:
        luma, cb, cr = codes
        red = luma + self._red * cr
        green = luma + self._green[0] * cb + self._green[1] * cr
        blue = luma + self._blue * cb
        low, high = (
            np.minimum(np.minimum(red, green), blue),
            np.maximum(np.maximum(red, green), blue),
        )
        wrong = (low < _LOW - _SLACK) | (high > _HIGH + _SLACK)
        wrong &= (luma >= _LOW - _SLACK) & (luma <= _HIGH + _SLACK)
        share = float(np.count_nonzero(wrong)) / wrong.size
        if not share:
            return 0.0, 0.0
        below, above = float(low[wrong].min()), float(high[wrong].max())
        return share, above if above - _HIGH > _LOW - below else below

    def message(self, share: float, level: float) -> str:
        return (
            f"a colour channel reaches {100 * level:.0f}%, outside of -5 to 105%, in {share:.1%} "
            "of the picture"
        )


def _outside(levels: NDArray[Any]) -> tuple[float, float]:
    low, high = float(levels.min()), float(levels.max())
    if low >= _LOW - _SLACK and high <= _HIGH + _SLACK:
        return 0.0, 0.0
    wrong = np.count_nonzero((levels < _LOW - _SLACK) | (levels > _HIGH + _SLACK))
    return wrong / levels.size, high if high - _HIGH > _LOW - low else low


def _severity(film: Film) -> Severity:
    """A broadcaster sends it back; for the web it is worth knowing."""
    return "error" if film.target is not None and film.target.name == "broadcast" else "warning"


_AREA: Final = Limit("area", 1.0, "%", "the share of the picture that may be outside")
_HOW: Final = (
    "Samples of Y'CbCr of limited range are averaged to a picture of at most 320 pixels a side, "
    "so that overshoots at edges do not count, and compared with -5 to 105%: codes 5 to 246 of 8 "
    "bits, 20 to 984 of 10."
)
_R103: Final = "EBU R 103, version 3: -5 to 105%, except in 1% of the picture"

RANGE: Final = Check(
    "range", "luma outside what broadcasters accept", "picture", _HOW, _R103, _Levels, (_AREA,),
)  # fmt: skip
GAMUT: Final = Check(
    "gamut",
    "colours that R', G' and B' cannot show",
    "picture",
    f"{_HOW} R', G' and B' are computed from them; pixels whose luma is outside are left to "
    "`range`.",
    _R103,
    _Gamut,
    (_AREA,),
)
