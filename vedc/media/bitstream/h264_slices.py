"""Reading and rewriting the beginnings of H.264 slices.

Source: ITU-T H.264 (08/2021), clause 7.3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vedc.media.bitstream.bits import BitReader, BitsError, escape, unescape, with_codes
from vedc.media.bitstream.h264 import IDR, Pps, Sps, kind_of


@dataclass(frozen=True, slots=True)
class SliceHead:
    """The beginning of a slice header; places are bits of the payload."""

    first_macroblock: int
    pps: int
    pps_at: int
    frame_num: int
    field: bool
    idr_id: int | None
    idr_id_at: int


def _head_of(unit: bytes) -> tuple[bytes, int]:
    """Enough of a slice for its ids, and where the rest begins: after a byte that no start code can
    span."""
    cut = 40
    while cut < len(unit) and unit[cut - 1] <= 3:
        cut += 1
    return unescape(unit[1:cut]), min(cut, len(unit))


def parse_slice(unit: bytes, sets: Mapping[int, Sps]) -> SliceHead:
    """``sets``: by the id of a picture parameter set, its sequence's. Raises BitsError."""
    return _parse_slice(_head_of(unit)[0], kind_of(unit) == IDR, sets)


def _parse_slice(head: bytes, idr: bool, sets: Mapping[int, Sps]) -> SliceHead:
    read = BitReader(head)
    first = read.ue()
    read.ue()
    pps_at, pps = read.at, read.ue()
    if pps not in sets:
        raise BitsError(f"a slice names picture parameter set {pps}, which there is not")
    sps = sets[pps]
    if sps.separate_planes:
        read.u(2)
    frame_num = read.u(sps.frame_num_bits)
    field = not sps.progressive and read.flag()
    if field:
        read.flag()
    at = read.at
    return SliceHead(first, pps, pps_at, frame_num, field, read.ue() if idr else None, at)


def restated_slice(
    unit: bytes, sets: Mapping[int, Sps], ids: Mapping[int, int], idr_id: int | None = None
) -> bytes:
    """A slice that names another picture parameter set, by ``ids``, and has another ``idr_id``."""
    head, cut = _head_of(unit)
    found = _parse_slice(head, kind_of(unit) == IDR, sets)
    codes = []
    if ids[found.pps] != found.pps:
        codes.append((found.pps_at, found.pps, ids[found.pps]))
    if idr_id is not None and found.idr_id is not None:
        codes.append((found.idr_id_at, found.idr_id, idr_id))
    if not codes:
        return unit
    return unit[:1] + escape(with_codes(head, codes)) + unit[cut:]


def letting_show(unit: bytes, sets: Mapping[int, Sps], pictures: Mapping[int, Pps]) -> bytes:
    """A slice of an IDR picture that does not ask to drop decoded pictures not yet shown.
    ``pictures``: picture parameter sets by id. Raises BitsError."""
    head, cut = _head_of(unit)
    found = _parse_slice(head, True, sets)
    sps, pps = sets[found.pps], pictures[found.pps]
    if not unit[0] >> 5:
        raise BitsError("an IDR picture is no reference")
    read = BitReader(head)
    read.at = found.idr_id_at
    read.ue()
    if sps.poc_type == 0:
        read.u(sps.poc_lsb_bits)
        orders = pps.field_orders
    else:
        orders = sps.poc_deltas and pps.field_orders
        if sps.poc_deltas:
            read.se()
    if orders and not found.field:
        read.se()
    if pps.redundant:
        read.ue()
    asked = 1 << (read.size - read.at - 1)  # no_output_of_prior_pics_flag
    value = int.from_bytes(head, "big")
    if not read.flag():
        return unit
    return unit[:1] + escape((value ^ asked).to_bytes(len(head), "big")) + unit[cut:]
