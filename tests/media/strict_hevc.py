"""A strict reader of HEVC films, as ``strict_h264`` is of H.264.

Every slice names a picture parameter set of the header, and that its other sets. Another sequence
begins only with an IDR or BLA picture. Pictures are shown in the order of their counts (8.3.1),
none later than the header says, and no leading picture has lost what it refers to. FFmpeg, which
decodes with all checks on, misses no reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import av
import av.logging
from av.bitstream import BitStreamFilterContext

from tests.media.strict_h264 import Film, Unit, complaints, logged, units_of

_IDR = (19, 20)
_BLA = (16, 17, 18)
_SKIPPED = (8, 9)
_LEADING = (6, 7, 8, 9)


@dataclass
class _Sequence:
    sps: int
    broken: bool
    """Whether it begins with a BLA picture."""
    msb: int = 0
    lsb: int = 0
    counts: list[tuple[int, int]] = field(default_factory=list)


def check_hevc_film(path: Path) -> Film:
    """Raises AssertionError where anything is not as it must be."""
    film = Film()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base, rate = stream.time_base, stream.average_rate
        assert base is not None and rate is not None
        with logged(av.logging.TRACE) as lines:
            tracer = BitStreamFilterContext("trace_headers", stream)
        headers = units_of(lines)
        video = {u["vps_video_parameter_set_id"] for u in headers if u["nal_unit_type"] == 32}
        sequences = {u["sps_seq_parameter_set_id"]: u for u in headers if u["nal_unit_type"] == 33}
        pictures = {u["pps_pic_parameter_set_id"]: u for u in headers if u["nal_unit_type"] == 34}
        assert len(video) + len(sequences) + len(pictures) == len(headers), "two sets have one id"
        assert all(u["sps_video_parameter_set_id"] in video for u in sequences.values())
        _check_alike(list(sequences.values()))
        state: _Sequence | None = None
        times: list[tuple[int, int | None]] = []
        for packet in container.demux(stream):
            if not packet.size:
                continue
            pts, dts, key = packet.pts, packet.dts, packet.is_keyframe
            assert pts is not None
            with logged(av.logging.TRACE) as lines:
                list(tracer.filter(packet))  # which empties the packet
            units = units_of(lines)
            kinds = {unit["nal_unit_type"] for unit in units}
            assert len(kinds) == 1, f"a picture of {kinds}"
            first = units[0]
            kind = first["nal_unit_type"]
            assert kind < 32
            assert first["first_slice_segment_in_pic_flag"] == 1
            assert key == (16 <= kind <= 23)
            pps = pictures[first["slice_pic_parameter_set_id"]]
            film.sets.add(first["slice_pic_parameter_set_id"])
            sps = sequences[pps["pps_seq_parameter_set_id"]]
            shown = round(pts * base * rate)
            if kind in (*_IDR, *_BLA):
                assert not first["no_output_of_prior_pics_flag"], "pictures before are dropped"
                _check_order(state, sequences)
                state = _Sequence(pps["pps_seq_parameter_set_id"], kind in _BLA)
                film.sequences += 1
            assert state is not None, "the film does not begin where decoding can"
            assert state.sps == pps["pps_seq_parameter_set_id"], "another sequence amid one"
            if kind in _LEADING and state.broken:
                before = state.counts[0][1]
                assert kind not in _SKIPPED or shown > before, "a picture that players skip"
            state.counts.append((_count(state, first, sps, kind), shown))
            times.append((shown, None if dts is None else round(dts * base * rate)))
        _check_order(state, sequences)
    film.frames = len(times)
    begin = min(pts for pts, _ in times)
    assert sorted(pts - begin for pts, _ in times) == list(range(len(times))), "uneven times"
    known = [(pts, dts) for pts, dts in times if dts is not None]
    assert all(a < b for (_, a), (_, b) in pairwise(known)), "decoding times do not rise"
    assert all(pts >= dts for pts, dts in known)
    film.warnings = complaints(path)
    return film


def _check_alike(sets: list[Unit]) -> None:
    names = (
        *("general_level_idc", "aspect_ratio_idc", "video_full_range_flag", "colour_primaries"),
        *("transfer_characteristics", "matrix_coefficients", "vui_num_units_in_tick"),
        *("vui_time_scale", "sps_max_dec_pic_buffering_minus1[0]", "sps_max_num_reorder_pics[0]"),
        *("pic_width_in_luma_samples", "pic_height_in_luma_samples", "bit_depth_luma_minus8"),
    )
    for name in names:
        assert len({unit.get(name, 0) for unit in sets}) == 1, f"the sets differ in {name}"


def _count(state: _Sequence, first: Unit, sps: Unit, kind: int) -> int:
    """The picture order count."""
    size = 16 << sps["log2_max_pic_order_cnt_lsb_minus4"]
    lsb = first.get("slice_pic_order_cnt_lsb", 0)
    msb = 0
    if kind not in (*_IDR, *_BLA):
        msb = state.msb
        if lsb < state.lsb and state.lsb - lsb >= size // 2:
            msb += size
        elif lsb > state.lsb and lsb - state.lsb > size // 2:
            msb -= size
    # Of the supported syntax: no sub-layer, no leading picture, nothing unreferenced.
    if first["nuh_temporal_id_plus1"] == 1 and kind not in _LEADING and (kind > 14 or kind % 2):
        state.msb, state.lsb = msb, lsb
    return msb + lsb


def _check_order(state: _Sequence | None, sets: dict[int, Unit]) -> None:
    if state is None:
        return
    by_count = [time for _, time in sorted(state.counts)]
    assert by_count == sorted(by_count), "pictures are counted in another order than shown"
    counts = [count for count, _ in state.counts]
    waits = max(
        sum(earlier > count for earlier in counts[:index]) for index, count in enumerate(counts)
    )
    assert waits <= max(v for k, v in sets[state.sps].items() if "max_num_reorder" in k)
