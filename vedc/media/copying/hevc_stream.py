"""One HEVC stream made from parts of several, as in ``h264_stream``.

A part may also begin with a clean random access picture: pictures shown before it are then left
out, and it is marked as a broken link (BLA), which players understand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final

from vedc.media.bitstream import hevc
from vedc.media.bitstream.bits import BitsError, longer_codes
from vedc.media.bitstream.signal import signal_for
from vedc.media.bitstream.units import joined, units_of
from vedc.media.copying.kinds import Kind, free
from vedc.media.copying.parts import Coded

#: The highest ids (7.4.3.1 to 7.4.3.3).
_LAST_VPS: Final = 15
_LAST_SPS: Final = 15
_LAST_PPS: Final = 63


class HevcStream:
    """``kinds`` in order of precedence for ids: those of later ones change."""

    def __init__(
        self,
        kinds: Sequence[Kind[hevc.Headers]],
        color: tuple[int, int, int, bool],
        rate: Fraction,
    ) -> None:
        every = [hevc.parse_sps(unit) for kind in kinds for unit in kind.headers.sequence]
        signal = signal_for(every, max(kind.reorder for kind in kinds), color, rate)
        self.reorder = signal.reorder
        self._kinds = kinds
        self._ids: list[dict[int, int]] = []
        video: dict[int, bytes] = {}
        sequence: dict[int, bytes] = {}
        picture: dict[int, bytes] = {}
        for kind in kinds:
            above, moved, ids = {}, {}, {}
            for unit in kind.headers.video:
                number = free(hevc.vps_id(unit), range(_LAST_VPS + 1), video)
                above[hevc.vps_id(unit)] = number
                video[number] = hevc.restated_vps(unit, number, signal.level)
            for sps in map(hevc.parse_sps, kind.headers.sequence):
                number = free(sps.id, range(_LAST_SPS + 1), sequence)
                moved[sps.id] = number
                if sps.vps not in above:
                    raise BitsError(f"there is no video parameter set {sps.vps}")
                sequence[number] = sps.restated(number, above[sps.vps], signal)
            for pps in map(hevc.parse_pps, kind.headers.picture):
                number = free(pps.id, longer_codes(pps.id, _LAST_PPS), picture)
                ids[pps.id] = number
                if pps.sps not in moved:
                    raise BitsError(f"there is no sequence parameter set {pps.sps}")
                picture[number] = pps.restated(number, moved[pps.sps])
            self._ids.append(ids)
        sets = (tuple(each.values()) for each in (video, sequence, picture))
        self.record = hevc.write_record(hevc.Headers(*sets))

    def restated(self, kind: int, pictures: Iterable[Coded]) -> Iterator[Coded]:
        """As of ``JoinedStream``."""
        ids, lengths = self._ids[kind], self._kinds[kind].lengths
        for index, picture in enumerate(pictures):
            slices = [unit for unit in units_of(picture.data, lengths) if hevc.is_slice(unit)]
            first = hevc.kind_of(slices[0]) if slices else 0
            if index == 0 and first not in (*hevc.IDR, hevc.CRA):
                raise BitsError("a part does not begin where decoding can")
            kept = (hevc.restated_slice(unit, ids, index == 0) for unit in slices)
            yield Coded(picture.shown, joined(kept), first in hevc.RANDOM_ACCESS)
