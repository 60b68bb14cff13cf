"""Numbered pictures and transparency, as Pillow, OpenCV and FFmpeg read them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.parity.ops.films import build
from vedc.errors import UsageError
from vedc.support.file_patterns import is_numbered
from vedc.support.numbered_names import NumberedName
from vedc.workspace.deliver import deliver

Array = NDArray[Any]

FADE = {"preset": "fade", "duration": "5f"}
PROFILE = {"width": 64, "height": 48, "fps": 25}
#: A patch of a half transparent colour in the middle, under a title that fades in.
CLEAR = {
    "tracks": [
        {"clips": [{"color": "#2060ff80", "scale": 0.5, "duration": "10f"}]},
        {"clips": [{"color": "#ff8000", "scale": 0.25, "duration": "10f", "enter": FADE}]},
    ]
}


def made(folder: Path, *outputs: dict[str, Any], replace: bool = True, **more: Any) -> list[Path]:
    spec = {"profile": PROFILE, "timeline": CLEAR, **more, "outputs": list(outputs)}
    return [Path(report.target) for report in deliver(build(folder, spec), replace=replace)]


def pixels(path: Path) -> Array:
    """R, G, B (and alpha) as stored."""
    read = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert read is not None
    return read[..., [2, 1, 0, 3][: read.shape[2]]]


@pytest.mark.parametrize("ending", ["png", "tif", "jpg"])
def test_every_frame_is_a_file(tmp_path: Path, ending: str) -> None:
    steps = [{"color": f"#{n:02x}{n:02x}{n:02x}", "duration": "1f"} for n in range(0, 240, 20)]
    made(tmp_path, {"path": f"out/a.%03d.{ending}"}, timeline=steps)
    files = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in files] == [f"a.{n:03d}.{ending}" for n in range(1, 13)]
    for number, file in enumerate(files):
        with Image.open(file) as opened:
            assert opened.size == (64, 48)
        assert np.abs(pixels(file).astype(int) - 20 * number).max() <= 1


def test_transparency_is_stored_straight(tmp_path: Path) -> None:
    (film,) = made(tmp_path, {"path": "out/%d.png", "alpha": True, "start_number": 0})
    last = pixels(film.with_name("9.png"))
    assert tuple(last[0, 0]) == (0, 0, 0, 0)
    assert tuple(last[24, 18]) == (0x20, 0x60, 0xFF, 0x80)
    assert tuple(last[24, 32]) == (0xFF, 0x80, 0, 0xFF)
    below, above = np.array([0x20, 0x60, 0xFF, 0x80]), np.array([0xFF, 0x80, 0, 0xFF])
    for number in range(6):  # over the patch, by Pillow: the frame's own coverage of orange
        got = pixels(film.with_name(f"{number}.png"))[24, 32]
        share = (int(got[3]) - 128) / 127
        over = Image.new("RGBA", (1, 1), tuple(below))
        over.alpha_composite(Image.new("RGBA", (1, 1), (*above[:3], round(share * 255))))
        assert np.abs(np.array(over.getpixel((0, 0))) - got).max() <= 3


@pytest.mark.parametrize("name", ["%d.png", "%d.tif"])
def test_sixteen_bits(tmp_path: Path, name: str) -> None:
    """Half transparent, its colours match an 8-bit picture, 257 times as large."""
    (fine,) = made(tmp_path, {"path": f"out/{name}", "pix_fmt": "gbrap16le"})
    last = pixels(fine.with_name(name.replace("%d", "10")))
    assert last.dtype == np.uint16
    assert np.abs(last[24, 18].astype(int) - np.array([0x20, 0x60, 0xFF, 0x80]) * 257).max() <= 1


def test_a_shorter_sequence_leaves_none_of_the_longer_one(tmp_path: Path) -> None:
    output = {"path": "out/%02d.png"}
    made(tmp_path, output, timeline=[{"color": "red", "duration": "12f"}])
    (tmp_path / "out" / "other.png").write_bytes(b"mine")
    made(tmp_path, output, timeline=[{"color": "red", "duration": "3f"}], replace=False)
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert names == ["01.png", "02.png", "03.png", "other.png"]


def test_other_peoples_files_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "07.png").write_bytes(b"mine")
    with pytest.raises(UsageError, match="1 of its files"):
        made(tmp_path, {"path": "out/%02d.png"}, replace=False)
    made(tmp_path, {"path": "out/%02d.png"})
    (tmp_path / "out" / "03.png").write_bytes(b"changed")
    with pytest.raises(UsageError, match="10 of its files"):
        made(tmp_path, {"path": "out/%02d.png"}, replace=False)


def test_the_segments_of_a_sequence_are_reused(tmp_path: Path) -> None:
    spec = {"profile": PROFILE, "timeline": CLEAR, "outputs": [{"path": "out/%02d.png"}]}
    deliver(build(tmp_path, spec))
    before = [file.read_bytes() for file in sorted((tmp_path / "out").iterdir())]
    (report,) = deliver(build(tmp_path, spec))
    assert (report.frames, report.rendered_frames) == (10, 0)
    assert [file.read_bytes() for file in sorted((tmp_path / "out").iterdir())] == before


def decoded(path: Path) -> list[Array]:
    """The frames of a film as R, G, B and alpha."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        if stream.codec_context.name != "vp9":
            frames = list(file.decode(stream))
        else:  # only libvpx reads the transparency
            context = av.CodecContext.create("libvpx-vp9", "r")
            packets = [packet if packet.size else None for packet in file.demux(stream)]
            frames = [frame for packet in packets for frame in context.decode(packet)]
            assert stream.metadata.get("ALPHA_MODE", stream.metadata.get("alpha_mode")) == "1"
    for frame in frames:
        frame.colorspace, frame.color_range = 1, 1
    return [frame.reformat(format="rgba").to_ndarray() for frame in frames]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("a.webm", {}),
        ("a.mkv", {"codec": "vp9", "crf": 10}),
        ("a.mkv", {"codec": "ffv1", "pix_fmt": "yuva444p"}),
        ("a.mov", {"codec": "prores"}),
        ("a.mov", {"codec": "prores", "preset": "4444xq"}),
    ],
)
def test_films_keep_transparency(tmp_path: Path, name: str, given: dict[str, Any]) -> None:
    (film, _) = made(
        tmp_path,
        {"path": f"out/{name}", "alpha": True, **given},
        {"path": "out/%d.png", "alpha": True},
    )
    frames = decoded(film)
    assert len(frames) == 10
    for number, frame in enumerate(frames, 1):
        drawn = pixels(film.with_name(f"{number}.png")).astype(int)
        assert np.abs(frame[..., 3] - drawn[..., 3]).mean() < 1.5
        inside = drawn[12:36, 16:48], frame[12:36, 16:48].astype(int)
        assert np.abs(inside[0][..., :3] - inside[1][..., :3]).mean() < 12


@pytest.mark.parametrize("name", ["a.mov", "a.mxf"])
@pytest.mark.parametrize(
    ("given", "profile", "pix_fmt"),
    [
        ({}, "DNXHR HQ", "yuv422p"),
        ({"preset": "lb"}, "DNXHR LB", "yuv422p"),
        ({"preset": "sq"}, "DNXHR SQ", "yuv422p"),
        ({"preset": "hqx"}, "DNXHR HQX", "yuv422p10le"),
        ({"preset": "444"}, "DNXHR 444", "yuv444p10le"),
        ({"pix_fmt": "yuv444p10le"}, "DNXHR 444", "yuv444p10le"),
    ],
)
def test_dnxhr(
    tmp_path: Path, name: str, given: dict[str, Any], profile: str, pix_fmt: str
) -> None:
    size = {"width": 320, "height": 256, "fps": 25}
    clips = [{"color": "#406080", "duration": "6f"}, {"color": "#806040", "duration": "4f"}]
    output = {"path": f"out/{name}", "codec": "dnxhr", **given}
    (film,) = made(tmp_path, output, profile=size, timeline=clips)
    with av.open(str(film)) as file:
        stream = file.streams.video[0]
        assert (stream.profile, stream.codec_context.pix_fmt) == (profile, pix_fmt)
        frames = list(file.decode(stream))
    assert [frame.pts * frame.time_base * 25 for frame in frames] == list(range(10))
    shown = frames[0].reformat(format="rgb24", src_colorspace=1).to_ndarray()
    assert np.abs(shown[100, 100].astype(int) - [0x40, 0x60, 0x80]).max() <= 3


def test_patterns() -> None:
    assert is_numbered("frames/%05d.png") and is_numbered("a%d.png")
    assert not is_numbered("100%.png") and not is_numbered("a%%05d.png")
    name = NumberedName("f/50%%_%03d.png")
    assert str(name.path(7)) == "f/50%_007.png" and str(name.path(1234)) == "f/50%_1234.png"
    for wrong in ("a%d%d.png", "f%d/a%d.png", "a%3d.png", "a%s%d.png"):
        with pytest.raises(ValueError, match=r"number|spaces"):
            NumberedName(wrong)
