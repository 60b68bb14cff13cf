"""Colours of finished films: untouched samples, round trips, conversions, tags."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.media.make import write_numbered
from tests.media.moving import samples
from tests.parity.ops.films import (
    BT601,
    BT709,
    MATRIX,
    PRIMARIES,
    RANGE,
    TRANSFER,
    distance,
    frames_of,
    noise,
    painted,
    planes_of,
    render,
    smooth,
    through,
    write_source,
)
from tests.paths import MEDIA
from vedc.color import CANVAS_COLORS, FORMATS, Color
from vedc.edit.tables.codecs import VIDEO_CODECS, stored_color
from vedc.edit.tables.containers import CONTAINERS

needs_media = pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")

YUV = ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le")
COLORS = [c.with_(range=r) for c, r in itertools.product((BT601, BT709), ("limited", "full"))]


def name_of(value: object) -> str:
    return f"{value.matrix}-{value.range}" if isinstance(value, Color) else str(value)


# ---------------------------------------------------------------- untouched


@pytest.mark.parametrize("color", COLORS, ids=name_of)
@pytest.mark.parametrize("pix_fmt", [*YUV, "yuv420p12le", "gbrp10le"])
def test_a_film_without_ops_has_the_samples_of_its_source(
    tmp_path: Path, pix_fmt: str, color: Color
) -> None:
    if pix_fmt.startswith("gbr"):
        color = color.with_(matrix="rgb", range="full")
    source = write_source(tmp_path / "source.mkv", noise(1), pix_fmt, color)
    film = render(
        tmp_path,
        {
            "timeline": [{"clip": "source.mkv"}],
            "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": pix_fmt}],
        },
    )
    got, want = planes_of(film), planes_of(source)
    assert len(got) == len(want) == 3
    assert [distance(g, w) for g, w in zip(got, want, strict=True)] == [0, 0, 0]
    frame = next(frames_of(film))
    assert frame.format.name == pix_fmt
    assert tags(frame) == expected_tags(color)


@needs_media
@pytest.mark.parametrize(
    ("clip", "pix_fmt"),
    [
        ("video/crystal.mp4", "yuv420p"),
        ("video/talk.mp4", "yuv420p"),
        ("video/nasa_13013.mp4", "yuv420p"),
        ("video/car-detection.mp4", "yuv420p"),
        ("odd/test_yuv422p.mp4", "yuv422p"),
        ("odd/testsrc-hevc.mp4", "yuv420p"),
    ],
)
def test_a_real_clip_without_ops_keeps_its_samples(tmp_path: Path, clip: str, pix_fmt: str) -> None:
    shutil.copyfile(MEDIA / clip, tmp_path / "source.mp4")
    frames = 24
    film = render(
        tmp_path,
        {
            "timeline": [{"clip": "source.mp4", "in": "7f", "duration": f"{frames}f"}],
            "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": pix_fmt}],
        },
    )
    source = itertools.islice(frames_of(tmp_path / "source.mp4"), 7, 7 + frames)
    count = 0
    for want, got in zip(source, frames_of(film), strict=True):
        assert distance(samples(got), samples(want)) == 0
        count += 1
    assert count == frames


def test_motion_jpeg_keeps_its_samples(tmp_path: Path) -> None:
    """Its pixel format is full range by name, and the film's by tag.

    In 4:4:4, because its subsampled chroma is sited differently from the film's, and is moved.
    """
    pictures = (painted(noise(n), 64, 48, "yuv444p") for n in range(3))
    source = write_numbered(
        tmp_path / "source.mov", 3, 25, "mjpeg", "yuvj444p",
        width=64, height=48, pictures=(f.reformat(format="yuvj444p") for f in pictures),
        options={"qmin": "1", "qmax": "1"},
    )  # fmt: skip
    film = render(
        tmp_path,
        {
            "timeline": [{"clip": "source.mov"}],
            "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}],
        },
    )
    for want, got in zip(frames_of(source), frames_of(film), strict=True):
        planes = [np.frombuffer(p, np.uint8).reshape(-1, p.line_size)[:, : p.width]
                  for p in want.planes]  # fmt: skip
        assert distance(samples(got), planes) == 0
        assert int(got.color_range) == RANGE["full"]


# ---------------------------------------------------------------- there and back


def _moving(first: float, last: float) -> dict[str, Any]:
    points = ((0, first), ("100%", last))
    return {"keyframes": [{"time": time, "value": value} for time, value in points]}


#: Keys of a clip that the optimiser cannot drop and that change nothing visible.
HARMLESS: dict[str, dict[str, Any]] = {
    "display": {"opacity": _moving(1, 0.999999)},
    "linear": {"grade": [{"op": "exposure", "stops": _moving(0, 0.000001)}]},
    "remembered": {"grade": [{"op": "exposure", "stops": 0.000001}]},
}


@pytest.mark.parametrize("way", HARMLESS)
@pytest.mark.parametrize("color", COLORS, ids=name_of)
@pytest.mark.parametrize("pix_fmt", YUV)
def test_to_rgb_and_back_within_one_code_value(
    tmp_path: Path, pix_fmt: str, color: Color, way: str
) -> None:
    """Through the kernel, in display values, in light, and through a table of colours."""
    source = write_source(tmp_path / "source.mkv", noise(2), pix_fmt, color)
    film = render(
        tmp_path,
        {
            "timeline": [{"clip": "source.mkv"} | HARMLESS[way]],
            "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": pix_fmt}],
        },
    )
    for got, want in zip(planes_of(film), planes_of(source), strict=True):
        assert distance(got, want) <= 1


# ---------------------------------------------------------------- conversions


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"])
@pytest.mark.parametrize("whole", [False, True], ids=["matrix", "primaries"])
@pytest.mark.parametrize(
    ("given", "wanted"),
    [(a, b) for a, b in itertools.permutations(COLORS, 2)],
    ids=name_of,
)
def test_conversions_match_ffmpeg(
    tmp_path: Path, given: Color, wanted: Color, whole: bool, pix_fmt: str
) -> None:
    """From one matrix and range to another; ``whole``: the primaries differ as well."""
    if not whole:
        given, wanted = (c.with_(primaries="bt709", transfer="bt709") for c in (given, wanted))
    write_source(tmp_path / "canvas.mkv", smooth, pix_fmt, wanted, frames=1)
    source = write_source(tmp_path / "source.mkv", smooth, pix_fmt, given, frames=1)
    film = render(
        tmp_path,
        {
            "timeline": [{"clip": "canvas.mkv"}, {"clip": "source.mkv"}],
            "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": pix_fmt}],
        },
    )
    want = through(next(frames_of(source)), [("colorspace", colorspace(given, wanted))])
    canvas, got = planes_of(film)
    assert distance(canvas, planes_of(tmp_path / "canvas.mkv")[0]) == 0
    assert distance(got, want) <= 2


def colorspace(given: Color, wanted: Color) -> str:
    ranges = {"limited": "tv", "full": "pc"}
    parts = [
        f"{prefix}{key}={value}"
        for prefix, color in (("i", given), ("", wanted))
        for key, value in (
            ("space", color.matrix),
            ("range", ranges[color.range]),
            ("primaries", color.primaries),
            ("trc", color.transfer),
        )
    ]
    return ":".join(parts)


# ---------------------------------------------------------------- tags


def tags(frame: av.VideoFrame) -> tuple[int, int, int, int]:
    return (
        int(frame.color_primaries),
        int(frame.color_trc),
        int(frame.colorspace),
        int(frame.color_range),
    )


def expected_tags(color: Color) -> tuple[int, int, int, int]:
    return (
        PRIMARIES[color.primaries],
        TRANSFER[color.transfer],
        MATRIX[color.matrix],
        RANGE[color.range],
    )


STORED = [(codec, container.extensions[0]) for container in CONTAINERS for codec in container.video]


@pytest.mark.parametrize("canvas", ["bt709", "bt601-525", "bt601-625", "bt2020", "full"])
@pytest.mark.parametrize(("codec", "extension"), STORED)
def test_a_film_says_what_its_samples_mean(
    tmp_path: Path, codec: str, extension: str, canvas: str
) -> None:
    """ProRes alone has no word for the range: there full range must have been converted."""
    source = BT709.with_(range="full")
    entry = VIDEO_CODECS[codec]
    size = {"width": max(64, entry.min_width), "height": max(64, entry.min_size)}
    write_source(tmp_path / "source.mkv", smooth, "yuv420p", source, frames=2, **size)
    presets = {"h264": "ultrafast", "hevc": "ultrafast", "av1": 13, "vp9": 5}
    output: dict[str, Any] = {"path": f"film{extension}", "codec": codec}
    if codec in presets:
        output["preset"] = presets[codec]
    spec: dict[str, Any] = {"timeline": [{"clip": "source.mkv"}], "outputs": [output]}
    if canvas == "full":
        color = source
    else:
        spec["profile"] = {"color": canvas}
        color = CANVAS_COLORS[canvas]
    film = render(tmp_path, spec)
    pix_fmt = entry.pix_fmts[0]
    stored = stored_color(codec, pix_fmt, color)
    if extension == ".mxf" and stored.transfer == "smpte170m":
        stored = stored.with_(transfer="bt709")  # one curve, for which MXF has one name
    assert tags(next(frames_of(film))) == expected_tags(stored)
    if shutil.which("ffprobe"):
        left = FORMATS[pix_fmt].sub_y == 1 and (codec, extension) != ("vp9", ".mp4")
        check_ffprobe(film, stored, left)
    if (codec, extension) == ("vp9", ".mp4"):
        # FFmpeg does not read the chroma siting from the codec's box: byte 6, bits 1 to 3.
        data = film.read_bytes()
        assert data[data.index(b"vpcC") + 4 + 6] >> 1 & 7 == 0


def check_ffprobe(film: Path, color: Color, left: bool) -> None:
    """Another build of FFmpeg; and the chroma siting, which PyAV does not expose."""
    asked = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(film)]
    shown = subprocess.run(asked, capture_output=True, check=True, text=True).stdout
    (stream,) = json.loads(shown)["streams"]
    assert stream["color_primaries"] == color.primaries
    assert stream["color_transfer"] == color.transfer
    assert stream["color_space"] == color.matrix
    assert stream["color_range"] == {"limited": "tv", "full": "pc"}[color.range]
    if left:
        assert stream["chroma_location"] == "left"
