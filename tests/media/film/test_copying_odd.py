"""Footage that is valid but unusual is copied as it should be, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests.media.film.test_copying import EVEN, SIZE, X265, clip, make, numbers_of, planned, write
from tests.media.make import write_numbered
from tests.media.strict_h264 import logged, units_of
from vedc.errors import RenderError
from vedc.media.bitstream import h264, h264_slices
from vedc.media.bitstream.bits import BitReader, escape, unescape
from vedc.media.bitstream.units import joined
from vedc.media.bitstream.units import units_of as nal_units
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver


def numbered(path: Path, frames: int = 48, **more: Any) -> Path:
    return write_numbered(path, frames, 25, **{"gop": 12, "options": EVEN} | SIZE | more)


def rewritten(
    source: Path,
    target: Path,
    change: Callable[[bytes, bool], bytes] = lambda data, key: data,
    record: Callable[[bytes], bytes] = lambda record: record,
    begin: float = 0,
) -> None:
    """The packets of a file in another one, changed, from the key frame before a time on."""
    with av.open(str(source)) as read, av.open(str(target), "w") as out:
        stream = read.streams.video[0]
        copy = out.add_stream_from_template(stream, opaque=True)
        assert stream.time_base is not None
        copy.codec_context.extradata = record(stream.codec_context.extradata or b"")
        read.seek(round(begin / stream.time_base), stream=stream)
        for packet in read.demux(stream):
            if packet.size:
                made: av.Packet[Any] = av.Packet(change(bytes(packet), packet.is_keyframe))
                made.pts, made.dts, made.time_base = packet.pts, packet.dts, packet.time_base
                made.is_keyframe, made.duration = packet.is_keyframe, packet.duration
                made.stream = copy
                out.mux(made)


def headers_of(path: Path) -> h264.Headers:
    with av.open(str(path)) as container:
        return h264.headers_of(container.streams.video[0].codec_context.extradata or b"")[0]


def test_several_files_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream that the film's is made like is of a file that is still open."""
    from vedc.media import mux

    usual = mux._picture_stream

    def checked(output: Any, kind: Any, template: Any, settings: Any) -> Any:
        template.container.seek(0)
        return usual(output, kind, template, settings)

    monkeypatch.setattr(mux, "_picture_stream", checked)
    for n in range(3):
        options = EVEN | {"crf": str(10 + n)}
        numbered(tmp_path / f"{n}.mp4", 24, first=100 * n, options=options)
    made = make(write(tmp_path, [{"clip": f"{n}.mp4"} for n in range(3)]))
    assert made.copied == [(0, 24), (24, 24), (48, 24)]
    assert numbers_of(made.path) == [100 * n + k for n in range(3) for k in range(24)]


@pytest.mark.parametrize("order", [("a.mp4", "a.ts"), ("a.ts", "a.mp4")])
def test_the_same_headers_in_containers_of_two_forms(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    """With lengths before NAL units, and with start codes."""
    rewritten(numbered(tmp_path / "a.mp4"), tmp_path / "a.ts")
    made = make(write(tmp_path, [clip(order[0], 12, 24), clip(order[1], 24, 24)]))
    assert made.copied == [(0, 24), (24, 24)]
    assert numbers_of(made.path) == [*range(12, 36), *range(24, 48)]


def test_a_header_without_parameter_sets(tmp_path: Path) -> None:
    """As in ``avc3``, where they stand in the packets."""
    headers = headers_of(numbered(tmp_path / "a.mp4"))
    sets = joined((*headers.sequence, *headers.picture))
    rewritten(
        tmp_path / "a.mp4",
        tmp_path / "b.mkv",
        lambda data, key: sets + data if key else data,
        lambda record: record[:5] + b"\xe0\0",
    )
    plan = planned(write(tmp_path, [clip("b.mkv", 12, 24)]))
    assert plan.copied_frames == 0
    assert "there are no parameter sets" in plan.uncopied[0].reason


def test_two_parameter_sets_of_one_id(tmp_path: Path) -> None:
    headers = headers_of(numbered(tmp_path / "a.mp4"))
    both = h264.Headers(headers.sequence, (*headers.picture, headers.picture[0] + b"\x80"))
    rewritten(tmp_path / "a.mp4", tmp_path / "b.mkv", record=lambda _: h264.write_record(both))
    plan = planned(write(tmp_path, [clip("b.mkv", 12, 24)]))
    assert plan.copied_frames == 0
    assert plan.uncopied[0].reason == "two of its parameter sets have the same id"


def test_parameter_sets_that_change_beside_the_packets(tmp_path: Path) -> None:
    """A recording that was interrupted: the header of FLV comes again, and is another one."""
    for n, params in enumerate(("scenecut=0", "scenecut=0:ref=1:cabac=0:8x8dct=0")):
        options = {"x264-params": params}
        numbered(tmp_path / f"{n}.flv", first=100 * n, options=options)
    data = (tmp_path / "0.flv").read_bytes()
    more, at = (tmp_path / "1.flv").read_bytes(), 13
    while at + 11 <= len(more):  # its tags, later
        size = int.from_bytes(more[at + 1 : at + 4], "big") + 11
        if more[at] == 9:
            time = int.from_bytes(more[at + 4 : at + 7], "big") + 48 * 40
            tag = more[at : at + 4] + time.to_bytes(3, "big") + more[at + 7 : at + size]
            data += tag + size.to_bytes(4, "big")
        at += size + 4
    (tmp_path / "film.flv").write_bytes(data)
    assert numbers_of(tmp_path / "film.flv") == [*range(48), *range(100, 148)]
    plan = planned(write(tmp_path, [{"clip": "film.flv", "duration": "96f"}]))
    assert plan.copied_frames == 0
    assert plan.uncopied[0].reason == "its parameter sets change within the file"


@pytest.mark.parametrize("ending", ["mkv", "ts"])
def test_hevc_that_was_cut_at_an_open_group(tmp_path: Path, ending: str) -> None:
    """It begins with a CRA picture and with pictures that refer to what was before."""
    params = f"{X265}:keyint=15:min-keyint=15:open-gop=1:bframes=4"
    write_numbered(tmp_path / "a.mp4", 60, 25, "libx265", options={"x265-params": params}, **SIZE)
    rewritten(tmp_path / "a.mp4", tmp_path / f"b.{ending}", begin=0.8)
    made = make(write(tmp_path, [{"clip": f"b.{ending}"}], codec="hevc"))
    assert made.copied == [(0, 45)]
    assert numbers_of(made.path) == [*range(15, 60)]


def test_hevc_that_is_coded_larger_than_the_film(tmp_path: Path) -> None:
    """Players would reinitialise at each join."""
    for n, block in enumerate((8, 32)):
        params = f"{X265}:keyint=15:min-keyint=15:open-gop=0:ctu=32:min-cu-size={block}"
        options = {"x265-params": params}
        write_numbered(
            tmp_path / f"{n}.mp4", 30, 25, "libx265", first=100 * n, width=64, height=56,
            options=options,
        )  # fmt: skip
    spec = write(tmp_path, [{"clip": "0.mp4"}, {"clip": "1.mp4"}], codec="hevc")
    spec.write_text(spec.read_text().replace("height: 48", "height: 56"))
    made = make(spec)
    assert made.copied == [(0, 30)]
    (left,) = made.plan.uncopied
    assert left.reason == "it is coded as 64x64 before cropping, and the film as 64x56"


def test_lossless_h264_is_encoded(tmp_path: Path) -> None:
    """FFmpeg, and tools built on it, show it wrongly after footage that is not lossless."""
    numbered(tmp_path / "a.mp4", options={"x264-params": "qp=0:scenecut=0"})
    plan = planned(write(tmp_path, [clip("a.mp4", 12, 24)]))
    assert plan.copied_frames == 0
    assert plan.uncopied[0].reason.startswith("it is lossless")
    numbered(tmp_path / "a.mp4")
    plan = planned(write(tmp_path, [clip("a.mp4", 12, 24)], crf=0, copy="always"))
    assert plan.copied_frames == 0
    assert plan.uncopied[0].reason.startswith("crf 0 is lossless")


def test_idr_pictures_do_not_drop_what_is_before_them(tmp_path: Path) -> None:
    """``no_output_of_prior_pics_flag``, harmless where a file begins, at a join drops frames."""
    numbered(tmp_path / "a.mp4", b_frames=3)
    sets = headers_of(tmp_path / "a.mp4").sets()

    def dropping(unit: bytes) -> bytes:
        if h264.kind_of(unit) != h264.IDR:
            return unit
        payload, head = unescape(unit[1:]), h264_slices.parse_slice(unit, sets)
        read = BitReader(payload)
        read.at = head.idr_id_at
        read.ue()
        read.u(sets[head.pps].poc_lsb_bits)
        bit = 1 << (read.size - read.at - 1)
        return unit[:1] + escape(
            (int.from_bytes(payload, "big") | bit).to_bytes(len(payload), "big")
        )

    rewritten(
        tmp_path / "a.mp4",
        tmp_path / "b.mp4",
        lambda data, key: joined(map(dropping, nal_units(data, 4))),
    )
    assert {*flags(tmp_path / "b.mp4")} == {1}
    made = make(write(tmp_path, [clip("a.mp4", 0, 24), clip("b.mp4", 0, 36)]))
    assert made.copied == [(0, 24), (24, 36)]
    assert numbers_of(made.path) == [*range(24), *range(36)]
    assert {*flags(made.path)} == {0}


def flags(path: Path) -> list[int]:
    """What IDR slices say about earlier pictures, as FFmpeg reads them."""
    found = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        tracer = av.bitstream.BitStreamFilterContext("trace_headers", stream)
        for packet in container.demux(stream):
            with logged(av.logging.TRACE) as lines:
                list(tracer.filter(packet if packet.size else None))
            units = units_of(lines)
            found += [u["no_output_of_prior_pics_flag"] for u in units if u["nal_unit_type"] == 5]
    return found


def test_footage_that_changes_while_the_film_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.media import mux

    spec, usual = write(tmp_path, [{"clip": "a.mp4"}]), mux._write
    numbered(tmp_path / "a.mp4")

    def changing(*given: Any) -> None:
        numbered(tmp_path / "a.mp4", first=500)
        usual(*given)

    monkeypatch.setattr(mux, "_write", changing)
    with pytest.raises(RenderError) as raised:
        deliver(Build(spec))
    assert raised.value.problems[0].code == "media-changed"
    assert not (tmp_path / "film.mp4").exists()


def test_a_file_that_fails_midway_is_not_read_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.media.copying import parts
    from vedc.plan.footage import CopiedPart

    numbered(tmp_path / "a.mp4")
    usual = parts.packets_of
    monkeypatch.setattr(parts, "packets_of", lambda *given: failing(usual(*given)))

    def failing(packets: Any) -> Any:
        for n, packet in enumerate(packets):
            if n == 20:
                raise av.error.OSError(5, "Input/output error")
            yield packet

    part = CopiedPart(tmp_path / "a.mp4", 0, 0, Fraction(512), 36, 2, "")
    read: list[int] = []
    with parts.Footage() as footage, pytest.raises(RenderError, match="error"):
        read.extend(picture.shown for picture in footage.packets(part))
    assert len(read) == len({*read}) == 20
