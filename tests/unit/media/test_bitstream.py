"""Bits of H.264 streams, against FFmpeg's own reader of headers and against the standard."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.bitstream import BitStreamFilterContext
from hypothesis import given
from hypothesis import strategies as st

from tests.media.make import write_numbered
from tests.media.strict_h264 import logged, units_of
from vedc.media.bitstream import h264, h264_slices
from vedc.media.bitstream import units as nal
from vedc.media.bitstream.bits import (
    BitReader,
    BitsError,
    BitWriter,
    code_length,
    escape,
    longer_codes,
    other_code,
    unescape,
    with_codes,
)


@given(st.binary(max_size=40), st.binary(max_size=3))
def test_escaped_bytes_hold_no_start_code(data: bytes, zeros: bytes) -> None:
    payload = data.replace(b"\xff", b"\0") + zeros + b"\x80"
    written = escape(payload)
    assert unescape(written) == payload
    assert not any(written[k : k + 3] in (b"\0\0\0", b"\0\0\1", b"\0\0\2") for k in range(99))


def test_codes_of_the_standard() -> None:
    """Table 9-2 of H.264: code words and their numbers."""
    words = ["1", "010", "011", "00100", "00101", "00110", "00111", "0001000"]
    for number, word in enumerate(words):
        assert code_length(number) == len(word)
        data = int(word.ljust(8, "1"), 2).to_bytes(1, "big")
        assert BitReader(data).ue() == number
        bits = BitWriter().ue(number).payload()
        assert bin(bits[0])[2:].zfill(8).startswith(word)


@given(st.lists(st.integers(0, 70_000), min_size=1, max_size=6), st.data())
def test_a_longer_code_moves_what_follows_by_whole_bytes(
    numbers: list[int], data: st.DataObject
) -> None:
    out, places = BitWriter(), []
    for number in numbers:
        places.append(len(places) and places[-1] + code_length(numbers[len(places) - 1]))
        out.ue(number)
    payload = out.payload()
    index = data.draw(st.integers(0, len(numbers) - 1))
    other = data.draw(st.sampled_from(longer_codes(numbers[index], 1 << 30)[:64]))
    changed = with_codes(payload, [(places[index], numbers[index], other)])
    assert len(changed) == len(payload) + 1
    read = BitReader(changed)
    assert [read.ue() for _ in numbers] == [*numbers[:index], other, *numbers[index + 1 :]]
    assert not read.more()


@pytest.mark.parametrize("number", [0, 1, 2, 14, 255, 4094, 8191, 30_000, 65_534, 65_535])
def test_every_number_of_an_idr_picture_has_another_one(number: int) -> None:
    """idr_pic_id counts to 65535, and high ones have no longer code."""
    other = other_code(number, 65_535)
    assert other != number and 0 <= other <= 65_535
    payload = BitWriter().ue(number).u(5, 9).payload()
    read = BitReader(with_codes(payload, [(0, number, other)]))
    assert (read.ue(), read.u(5), read.more()) == (other, 9, False)


def test_zeros_at_the_end_are_closed() -> None:
    """cabac_zero_words (7.4.2.10): a NAL unit does not end with a zero byte (7.4.1)."""
    unit = b"\x80\0\0\3\0\0\3"
    assert escape(unescape(unit)) == unit


def test_only_whole_bytes_are_moved() -> None:
    with pytest.raises(BitsError, match="moves what follows"):
        with_codes(b"\xff", [(0, 0, 1)])


@pytest.mark.parametrize("length", [1, 2, 3, 4, None])
def test_packets_of_every_kind_are_taken_apart(length: int | None) -> None:
    units = [b"\x67\x01\x02", b"\x68", b"\x65" + bytes(range(1, 40))]
    if length is None:
        data = b"\0" + b"".join(b"\0\0\1" + unit for unit in units) + b"\0\0"
    else:
        data = b"".join(len(unit).to_bytes(length, "big") + unit for unit in units)
    assert nal.units_of(data, length) == units
    if length is not None:
        with pytest.raises(BitsError, match="longer than its packet"):
            nal.units_of(data[:-1], length)


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bits") / "clip.mp4"
    options = {"x264-params": "ref=3:scenecut=0:slices=2"}
    return write_numbered(path, 24, gop=8, b_frames=2, options=options, color=(1, 1, 1, 1))


def traced(path: Path) -> tuple[list[dict[str, int]], list[tuple[bytes, list[dict[str, int]]]]]:
    """FFmpeg's reading of a file's header and of each packet."""
    packets = []
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        with logged(av.logging.TRACE) as lines:
            tracer = BitStreamFilterContext("trace_headers", video)
        headers = units_of(lines)
        for packet in container.demux(video):
            if packet.size:
                data = bytes(packet)
                with logged(av.logging.TRACE) as lines:
                    list(tracer.filter(packet))
                packets.append((data, units_of(lines)))
    return headers, packets


def headers_in(path: Path) -> h264.Headers:
    with av.open(str(path)) as container:
        return h264.headers_of(container.streams.video[0].codec_context.extradata or b"")[0]


def test_headers_say_what_ffmpeg_reads(stream: Path) -> None:
    (sps, pps), packets = traced(stream)
    headers = headers_in(stream)
    parsed = h264.parse_sps(headers.sequence[0])
    assert (parsed.profile, parsed.level) == (sps["profile_idc"], sps["level_idc"])
    assert parsed.frame_num_bits == 4 + sps["log2_max_frame_num_minus4"]
    assert parsed.reference_frames == sps["max_num_ref_frames"]
    assert parsed.macroblocks == (6, 4)
    assert parsed.restriction is not None
    assert parsed.restriction[5] == sps["max_num_reorder_frames"]
    assert parsed.buffering == sps["max_dec_frame_buffering"]
    assert h264.parse_pps(headers.picture[0]).id == pps["pic_parameter_set_id"]
    sets = headers.sets()
    for data, seen in packets:
        units = [u for u in nal.units_of(data, 4) if h264.kind_of(u) in (h264.SLICE, h264.IDR)]
        reported = [u for u in seen if u["nal_unit_type"] in (1, 5)]
        for unit, elements in zip(units, reported, strict=True):
            head = h264_slices.parse_slice(unit, sets)
            assert head.frame_num == elements["frame_num"]
            assert head.first_macroblock == elements["first_mb_in_slice"]
            assert head.idr_id == elements.get("idr_pic_id")


def test_restated_headers_keep_what_shapes_the_pictures(stream: Path) -> None:
    sps = h264.parse_sps(headers_in(stream).sequence[0])
    signal = h264.Signal(9, 14, 9, True, Fraction(30000, 1001), 51, 4, 7)
    again = h264.parse_sps(sps.restated(5, signal))
    assert again.core == sps.core
    assert (again.id, again.level, again.buffering) == (5, 51, 7)
    assert again.restriction is not None
    assert again.restriction[:5] == (sps.restriction or ())[:5]
    pps = h264.parse_pps(headers_in(stream).picture[0])
    other = h264.parse_pps(pps.restated(200, 5))
    assert (other.id, other.sps, other.rest) == (200, 5, pps.rest)


def test_a_record_is_read_as_written(stream: Path) -> None:
    headers = headers_in(stream)
    twice = h264.Headers(headers.sequence * 2, headers.picture * 3)
    assert h264.read_record(h264.write_record(twice)) == (twice, 4)
    with av.open(str(stream)) as container:
        assert h264.write_record(headers) == container.streams.video[0].codec_context.extradata


def test_what_only_the_source_should_say_is_left_out() -> None:
    point, x264 = b"\x06\x01\xc4", b"\x05\x12" + bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef")
    caption = b"\x04\x03\xb5\x00\x31"
    unit = b"\x06" + caption + point + x264 + b"hi\x80"
    assert h264.kept_information(unit) == b"\x06" + point + x264 + b"hi\x80"
    assert h264.kept_information(b"\x06" + caption + b"\x80") is None


@pytest.mark.parametrize("unit", [b"\x67", b"\x67\x64\x00\x1f", b"\x68", b"\x67" + b"\0" * 30])
def test_broken_headers_are_refused(unit: bytes) -> None:
    parse = h264.parse_sps if unit[0] & 31 == 7 else h264.parse_pps
    with pytest.raises(BitsError):
        parse(unit)
