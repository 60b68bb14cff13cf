"""One H.264 stream made from parts of several, which players cannot distinguish from one of a
single encoder.

Each part keeps its own parameter sets. The sets get unique ids, all are in the file's header, and
each part begins with an IDR picture, where the standard lets a stream switch to others. All state
the same colours, rate, level, reordering and buffers, so a decoder changes nothing. Only the ids in
slices are rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from typing import Final

from vedc.media.bitstream import h264, h264_slices
from vedc.media.bitstream.bits import BitsError, longer_codes, other_code
from vedc.media.bitstream.signal import signal_for
from vedc.media.bitstream.units import joined, units_of
from vedc.media.copying.kinds import Kind, free
from vedc.media.copying.parts import Coded

#: The highest ids (7.4.2.1.1, 7.4.2.2, 7.4.3).
_LAST_SPS: Final = 31
_LAST_PPS: Final = 255
_LAST_IDR: Final = 65535


class H264Stream:
    """``kinds`` in order of precedence for ids: those of later ones change."""

    def __init__(
        self, kinds: Sequence[Kind[h264.Headers]], color: tuple[int, int, int, bool], rate: Fraction
    ) -> None:
        every = [h264.parse_sps(unit) for kind in kinds for unit in kind.headers.sequence]
        signal = signal_for(every, max(kind.reorder for kind in kinds), color, rate)
        self.reorder = signal.reorder
        self._kinds = kinds
        self._sets = [kind.headers.sets() for kind in kinds]
        self._ids: list[dict[int, int]] = []
        self._pictures: list[dict[int, h264.Pps]] = []
        sequence: dict[int, bytes] = {}
        picture: dict[int, bytes] = {}
        for kind in kinds:
            moved = {}
            for sps in map(h264.parse_sps, kind.headers.sequence):
                number = free(sps.id, range(_LAST_SPS + 1), sequence)
                moved[sps.id] = number
                sequence[number] = sps.restated(number, signal)
            ids = {}
            for pps in map(h264.parse_pps, kind.headers.picture):
                number = free(pps.id, longer_codes(pps.id, _LAST_PPS), picture)
                ids[pps.id] = number
                picture[number] = pps.restated(number, moved[pps.sps])
            self._ids.append(ids)
            self._pictures.append(
                {pps.id: pps for pps in map(h264.parse_pps, kind.headers.picture)}
            )
        found = h264.Headers(tuple(sequence.values()), tuple(picture.values()))
        self.record = h264.write_record(found)
        self._last_idr: int | None = None

    def restated(self, kind: int, pictures: Iterable[Coded]) -> Iterator[Coded]:
        """As of ``JoinedStream``."""
        sets, ids = self._sets[kind], self._ids[kind]
        lengths = self._kinds[kind].lengths
        for index, picture in enumerate(pictures):
            units = units_of(picture.data, lengths)
            first = next((unit for unit in units if h264.kind_of(unit) == h264.IDR), None)
            idr_id = None if first is None else h264_slices.parse_slice(first, sets).idr_id
            if index == 0 and idr_id is None:
                raise BitsError("a part does not begin with an IDR picture")
            other = None
            if idr_id is not None and idr_id == self._last_idr:
                other = other_code(idr_id, _LAST_IDR)  # so that two pictures do not merge
            self._last_idr = idr_id if other is None else other
            if first is not None:
                units = [self._letting_show(kind, unit) for unit in units]
            kept = chain.from_iterable(self._kept(unit, sets, ids, other) for unit in units)
            yield Coded(picture.shown, joined(kept), first is not None)

    def _letting_show(self, kind: int, unit: bytes) -> bytes:
        if h264.kind_of(unit) != h264.IDR:
            return unit
        return h264_slices.letting_show(unit, self._sets[kind], self._pictures[kind])

    @staticmethod
    def _kept(
        unit: bytes, sets: dict[int, h264.Sps], ids: dict[int, int], idr_id: int | None
    ) -> Iterator[bytes]:
        """The NAL units that are copied: slices, and what decoders need for them."""
        kind = h264.kind_of(unit)
        if kind in (h264.SLICE, h264.IDR):
            yield h264_slices.restated_slice(unit, sets, ids, idr_id)
        elif kind == h264.SEI:
            information = h264.kept_information(unit)
            if information is not None:
                yield information
