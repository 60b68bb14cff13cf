"""Cover art, and the light that an HDR film says it has, as FFmpeg reads them back."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from av.stream import Disposition
from av.video.frame import VideoFrame
from PIL import Image

from tests.media.film.test_audio_mix import noise, write_wav
from tests.parity.ops.films import build
from vedc.media.mark import is_sealed, read_mark
from vedc.media.stream import send
from vedc.workspace.deliver import deliver

PROFILE = {"width": 128, "height": 128, "fps": 25}
#: Two segments of film.
TIMELINE = [{"color": "#808080", "duration": "2s"}, {"color": "#c08040", "duration": "2s"}]


def made(folder: Path, output: dict[str, Any], **more: Any) -> Path:
    spec = {"profile": PROFILE, "timeline": TIMELINE, **more, "outputs": [output]}
    (report,) = deliver(build(folder, spec), replace=True)
    return Path(report.target)


def cover(path: Path) -> bytes | None:
    with av.open(str(path)) as file:
        for stream in file.streams.video:
            if stream.disposition & Disposition.attached_pic:
                return next(bytes(p) for p in file.demux(stream) if p.size)
    return None


@pytest.mark.parametrize("ending", ["mp4", "mkv", "m4a", "mp3", "flac", "opus", "ogg", "mka"])
@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_the_cover_is_the_file_byte_for_byte(tmp_path: Path, ending: str, kind: str) -> None:
    Image.effect_noise((80, 80), 90).convert("RGB").save(tmp_path / f"c.{kind}")
    write_wav(tmp_path / "a.wav", noise(1, 5))
    output = {"path": f"out/a.{ending}", "metadata": {"title": "Spring", "cover": f"c.{kind}"}}
    file = made(tmp_path, output, audio=[{"clip": "a.wav"}])
    assert cover(file) == (tmp_path / f"c.{kind}").read_bytes()
    with av.open(str(file)) as opened:
        tags = {**opened.metadata, **opened.streams[0].metadata}
        assert tags["title"] == "Spring"
        assert sum(frame.samples for frame in opened.decode(audio=0)) >= 48000
    mark = read_mark(file)
    assert mark is not None and is_sealed(file, mark)


def test_a_new_cover_renders_nothing(tmp_path: Path) -> None:
    digests = []
    for color in ("red", "blue"):
        Image.new("RGB", (16, 16), color).save(tmp_path / "c.png")
        output = {"path": "out/a.mp4", "metadata": {"cover": "c.png"}}
        spec = {"profile": PROFILE, "timeline": TIMELINE, "outputs": [output]}
        (report,) = deliver(build(tmp_path, spec), replace=True)
        mark = read_mark(Path(report.target))
        assert mark is not None
        digests.append(mark.plan_digest)
    assert report.rendered_frames == 0
    assert digests[0] != digests[1]


def test_a_stream_has_no_cover(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), "red").save(tmp_path / "c.png")
    film = made(tmp_path, {"path": "out/a.mp4", "metadata": {"cover": "c.png"}})
    for kind in ("mp4", "ts"):
        sink = io.BytesIO()
        send(film, sink, kind)
        sink.seek(0)
        with av.open(sink) as file:
            assert len(file.streams.video) == 1
            assert sum(1 for _ in file.decode(video=0)) == 100


def light(frame: VideoFrame) -> dict[str, tuple[float, ...]]:
    """Side data as libavutil lays it out: AVRational pairs, and two counts."""
    found = {}
    for side in frame.side_data:
        raw = bytes(side)
        if side.type.name == "MASTERING_DISPLAY_METADATA":
            numbers = struct.unpack("<22i", raw[:88])
            pairs = zip(numbers[:20:2], numbers[1:20:2], strict=True)
            found["display"] = tuple(float(Fraction(*pair)) for pair in pairs)
            assert numbers[20:] == (1, 1)
        elif side.type.name == "CONTENT_LIGHT_LEVEL":
            found["content"] = tuple(struct.unpack("<2I", raw[:8]))
    return found


#: Chromaticities as published (SMPTE RP 431-2 with D65, ITU-R BT.2020).
P3 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290)
BT2020 = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)


@pytest.mark.parametrize(
    ("codec", "preset", "name"),
    [("hevc", "ultrafast", "a.mp4"), ("hevc", "ultrafast", "a.mkv"), ("av1", "12", "a.webm")],
)
@pytest.mark.parametrize(
    ("display", "wanted"),
    [
        ({}, (*P3, 0.005, 1000)),
        ({"primaries": "bt2020", "min": 0.0001, "max": 4000}, (*BT2020, 0.0001, 4000)),
    ],
)
def test_hdr10_metadata_is_in_every_segment(
    tmp_path: Path,
    codec: str,
    preset: str,
    name: str,
    display: dict[str, Any],
    wanted: tuple[float, ...],
) -> None:
    hdr = {"mastering_display": display, "max_cll": 812, "max_fall": 180}
    profile = {**PROFILE, "color": "bt2100-pq"}
    output = {"path": f"out/{name}", "codec": codec, "preset": preset, "hdr": hdr}
    film = made(tmp_path, output, profile=profile)
    with av.open(str(film)) as file:
        context = file.streams.video[0].codec_context
        tags = context.color_primaries, context.color_trc, context.colorspace, context.color_range
        assert tags == (9, 16, 9, 1)
        frames = list(file.decode(video=0))
    assert len(frames) == 100
    for frame in (frames[0], frames[60]):
        reported = light(frame)
        assert reported["content"] == (812, 180)
        # AV1 counts 2**-16 of chromaticity, 2**-14 and 2**-8 cd/m2; HEVC 0.00002 and 0.0001.
        assert reported["display"][:8] == pytest.approx(wanted[:8], abs=2e-5)
        assert reported["display"][8] == pytest.approx(wanted[8], abs=2**-14)
        assert reported["display"][9] == pytest.approx(wanted[9], abs=2**-8)


@pytest.mark.parametrize(("color", "transfer"), [("bt2100-pq", 16), ("bt2100-hlg", 18)])
def test_without_it_there_are_only_the_tags(tmp_path: Path, color: str, transfer: int) -> None:
    output = {"path": "out/a.mp4", "codec": "hevc", "preset": "ultrafast"}
    film = made(tmp_path, output, profile={**PROFILE, "color": color})
    with av.open(str(film)) as file:
        frame = next(file.decode(video=0))
        assert file.streams.video[0].codec_context.color_trc == transfer
    assert light(frame) == {}
