"""A strict reader of H.264 films: every picture meets what a decoder may rely on.

Syntax elements are read by FFmpeg's own parser of headers (``trace_headers``), which shares no code
with vedc. The rules are written here: every slice names parameter sets that are in the header;
another sequence begins only with an IDR picture, and two of these in a row can be distinguished; no
reference picture is missing (7.4.3, frame_num); pictures are shown in the order of their counts
(8.2.1) and no later than the header says (E.2.1); times are even, and rise.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import av
import av.logging
from av.bitstream import BitStreamFilterContext

_ELEMENT = re.compile(r"^\d+\s+(\S+)\s+[01]*\s*=\s*(-?\d+)$")

Unit = dict[str, int]


@contextmanager
def logged(level: int) -> Iterator[list[tuple[int, str, str]]]:
    """FFmpeg's messages within the block."""
    before, repeated = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(level)
    av.logging.set_skip_repeated(False)
    lines: list[tuple[int, str, str]] = []
    try:
        with av.logging.Capture() as found:
            yield lines
        lines += found
    finally:
        av.logging.set_level(before)
        av.logging.set_skip_repeated(repeated)


def units_of(lines: list[tuple[int, str, str]]) -> list[Unit]:
    """The NAL units of a trace, each with its syntax elements by name, the first of each name."""
    units: list[Unit] = []
    for _, name, text in lines:
        found = _ELEMENT.match(text.strip()) if "trace_headers" in name else None
        if found is None:
            continue
        element, value = found[1], int(found[2])
        if element == "forbidden_zero_bit":
            units.append({})
        if units:
            units[-1].setdefault(element, value)
    return units


@dataclass
class Sequence:
    """The state of a coded video sequence."""

    sps: int
    last_reference: int = 0
    msb: int = 0
    lsb: int = 0
    offset: int = 0
    before: int = 0
    counts: list[tuple[int, int]] = field(default_factory=list)
    """(picture order count, time) of its pictures, in the order in which they are stored."""


@dataclass
class Film:
    """The data read from a film."""

    frames: int = 0
    sequences: int = 0
    sets: set[int] = field(default_factory=set)
    """The ids of the picture parameter sets that slices name."""
    warnings: list[str] = field(default_factory=list)


def check_film(path: Path) -> Film:
    """Raises AssertionError where anything is not as it must be."""
    film = Film()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base, rate = stream.time_base, stream.average_rate
        assert base is not None and rate is not None
        with logged(av.logging.TRACE) as lines:
            tracer = BitStreamFilterContext("trace_headers", stream)
        headers = units_of(lines)
        sequence_sets = {u["seq_parameter_set_id"]: u for u in headers if u["nal_unit_type"] == 7}
        picture_sets = {u["pic_parameter_set_id"]: u for u in headers if u["nal_unit_type"] == 8}
        assert len(sequence_sets) + len(picture_sets) == len(headers), "two sets have one id"
        _check_alike(list(sequence_sets.values()))
        state: Sequence | None = None
        idr_before: int | None = None
        times: list[tuple[int, int | None]] = []
        for packet in container.demux(stream):
            if not packet.size:
                continue
            pts, dts, key = packet.pts, packet.dts, packet.is_keyframe
            assert pts is not None
            with logged(av.logging.TRACE) as lines:
                list(tracer.filter(packet))  # which empties the packet
            units = units_of(lines)
            kinds = [unit["nal_unit_type"] for unit in units]
            assert not {7, 8} & set(kinds), "a parameter set beside those of the header"
            slices = [unit for unit in units if unit["nal_unit_type"] in (1, 5)]
            assert slices and slices[0]["first_mb_in_slice"] == 0
            assert len({(s["frame_num"], s["pic_parameter_set_id"]) for s in slices}) == 1
            first = slices[0]
            pps = picture_sets[first["pic_parameter_set_id"]]
            film.sets.add(first["pic_parameter_set_id"])
            sps = sequence_sets[pps["seq_parameter_set_id"]]
            idr = first["nal_unit_type"] == 5
            assert key == idr
            if idr:
                assert first["idr_pic_id"] != idr_before, "two IDR pictures look like one"
                assert first["frame_num"] == 0
                _check_order(state, sequence_sets)
                state = Sequence(pps["seq_parameter_set_id"])
                film.sequences += 1
            idr_before = first["idr_pic_id"] if idr else None
            assert state is not None, "the film does not begin with an IDR picture"
            assert state.sps == pps["seq_parameter_set_id"], "another sequence without an IDR"
            _check_references(state, first, sps, idr)
            shown = round(pts * base * rate)
            state.counts.append((_count(state, first, sps, idr), shown))
            # Matroska has no decoding times; FFmpeg does not guess those of the first packets.
            times.append((shown, None if dts is None else round(dts * base * rate)))
        _check_order(state, sequence_sets)
    film.frames = len(times)
    begin = min(pts for pts, _ in times)
    assert sorted(pts - begin for pts, _ in times) == list(range(len(times))), "uneven times"
    known = [(pts, dts) for pts, dts in times if dts is not None]
    assert all(a < b for (_, a), (_, b) in pairwise(known)), "decoding times do not rise"
    assert all(pts >= dts for pts, dts in known)
    film.warnings = complaints(path)
    return film


def complaints(path: Path) -> list[str]:
    """FFmpeg's warnings when it plays a film strictly."""
    with logged(av.logging.WARNING) as lines, av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode+bitstream+buffer+careful"}
        decoded = sum(not frame.is_corrupt for frame in container.decode(stream))
    with av.open(str(path)) as container:
        stored = sum(1 for packet in container.demux(video=0) if packet.size)
    assert decoded == stored, f"{decoded} of {stored} frames decode"
    return [text.strip() for level, _, text in lines if level <= logging.WARNING or level <= 24]


def _check_alike(sets: list[Unit]) -> None:
    """All sequences say the same of what players set up when they begin."""
    names = (
        *("level_idc", "aspect_ratio_idc", "video_full_range_flag", "colour_primaries"),
        *("transfer_characteristics", "matrix_coefficients", "num_units_in_tick", "time_scale"),
        *("max_num_reorder_frames", "max_dec_frame_buffering", "pic_width_in_mbs_minus1"),
        *("pic_height_in_map_units_minus1", "pic_struct_present_flag", "bit_depth_luma_minus8"),
    )
    for name in names:
        assert len({unit.get(name, 0) for unit in sets}) == 1, f"the sets differ in {name}"
    assert all(unit["max_num_ref_frames"] <= unit["max_dec_frame_buffering"] for unit in sets)


def _check_references(state: Sequence, first: Unit, sps: Unit, idr: bool) -> None:
    """No reference picture is missing: frame_num counts them."""
    numbers = 16 << sps["log2_max_frame_num_minus4"]
    number, reference = first["frame_num"], first["nal_ref_idc"] > 0
    if not idr:
        assert number == (state.last_reference + 1) % numbers, (
            f"frame_num {number} after {state.last_reference}"
        )
    if reference:
        state.last_reference = number


def _count(state: Sequence, first: Unit, sps: Unit, idr: bool) -> int:
    """The picture order count (8.2.1.1 and 8.2.1.3)."""
    reference = first["nal_ref_idc"] > 0
    if sps["pic_order_cnt_type"] == 2:
        if idr:
            state.offset = state.before = 0
        elif first["frame_num"] < state.before:
            state.offset += 16 << sps["log2_max_frame_num_minus4"]
        state.before = first["frame_num"]
        return 2 * (state.offset + first["frame_num"]) - (not reference)
    assert sps["pic_order_cnt_type"] == 0
    size, lsb = 16 << sps["log2_max_pic_order_cnt_lsb_minus4"], first["pic_order_cnt_lsb"]
    if idr:
        state.msb = state.lsb = 0
    msb = state.msb
    if lsb < state.lsb and state.lsb - lsb >= size // 2:
        msb += size
    elif lsb > state.lsb and lsb - state.lsb > size // 2:
        msb -= size
    if reference:
        state.msb, state.lsb = msb, lsb
    return msb + lsb


def _check_order(state: Sequence | None, sets: dict[int, Unit]) -> None:
    """Pictures are shown in the order of their counts, none later than the header says."""
    if state is None:
        return
    by_count = [time for _, time in sorted(state.counts)]
    assert by_count == sorted(by_count), "pictures are counted in another order than shown"
    counts = [count for count, _ in state.counts]
    waits = max(
        sum(earlier > count for earlier in counts[:index]) for index, count in enumerate(counts)
    )
    assert waits <= sets[state.sps]["max_num_reorder_frames"]
