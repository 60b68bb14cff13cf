"""Interlaced and telecined video: recognised by flags or by its pictures, and deinterlaced."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from tests.media.woven import filtered, interlaced, moving, plane, telecined, write
from vedc.color import Color
from vedc.edit.media_info import Fields, VideoInfo
from vedc.media.delivery import Delivery
from vedc.media.describe import kernel_format
from vedc.media.picture.fields import Deinterlacer
from vedc.media.probe import probe
from vedc.media.reader import VideoReader, planes_of

NTSC = Fraction(30000, 1001)


def video_of(path: Path) -> VideoInfo:
    video = probe(path).video
    assert video is not None
    return video


def decoded(path: Path) -> list[VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def same(one: VideoFrame, other: VideoFrame) -> bool:
    return all((plane(one, i) == plane(other, i)).all() for i in range(3))


def reader_of(path: Path, fields: Fields) -> Callable[[Fraction], VideoFrame]:
    info = probe(path)
    assert info.video is not None
    wanted = replace(Delivery.of(info.video), fields=fields)
    return VideoReader(info, wanted, 2).frame_at


KINDS = {
    "tff.mp4": ("libx264", "yuv420p", "tff"),
    "bff.mkv": ("libx264", "yuv420p", "bff"),
    "tff.mpg": ("mpeg2video", "yuv420p", "tff"),
    "bff.mov": ("prores_ks", "yuv422p10le", "bff"),
    "tff.mkv": ("ffv1", "yuv420p", "tff"),
}


@pytest.mark.parametrize("fields", ["frames", "fields"])
@pytest.mark.parametrize("name", KINDS)
def test_flagged_frames_are_what_bwdif_makes_of_the_whole_file(
    name: str, fields: Fields, tmp_path: Path
) -> None:
    """One pass of libavfilter over all frames, against reading on and reading at random."""
    codec, pix_fmt, flag = KINDS[name]
    frames = interlaced(moving(40, 96, 64), flag == "tff")
    path = write(tmp_path / name, frames, codec, pix_fmt=pix_fmt, flag=flag, gop=5)
    video = video_of(path)
    assert (video.scan, video.scan_by) == (
        {"tff": "top-first", "bff": "bottom-first"}[flag],
        "frames",
    )
    mode = "send_frame" if fields == "frames" else "send_field"
    wanted = filtered(decoded(path), ("bwdif", {"mode": mode}))
    step = Fraction(1, 25) if fields == "frames" else Fraction(1, 50)
    assert len(wanted) * step == Fraction(20, 25)
    read = reader_of(path, fields)
    for i, picture in enumerate(wanted):
        assert same(read(i * step), picture), i
    order = random.Random(5).sample(range(len(wanted)), len(wanted))
    other = reader_of(path, fields)
    for i in order:
        assert same(other(i * step), wanted[i]), i
    for i in reversed(range(len(wanted))):
        assert same(read(i * step), wanted[i]), i


PACKED = {
    "nv12": "yuv420p",
    "p010le": "yuv420p10le",
    "uyvy422": "yuv422p",
    "yuyv422": "yuv422p",
    "y210le": "yuv422p10le",
    "rgb24": "gbrp",
    "bgra": "gbrap",
    "rgb48le": "gbrp16le",
}


@pytest.mark.parametrize("stored", PACKED)
def test_packed_formats_lose_nothing(stored: str, tmp_path: Path) -> None:
    """As bwdif makes of the same samples in planes, to which swscale unpacks them."""
    frames = [frame.reformat(format=stored) for frame in interlaced(moving(12, 96, 64))]
    planar = [frame.reformat(format=PACKED[stored]) for frame in frames]
    wanted = filtered(planar, ("bwdif", {"mode": "send_frame", "parity": "tff"}))
    video = replace(
        video_of(write(tmp_path / "a.mkv", moving(1, 96, 64), "ffv1")),
        scan="top-first",
        scan_by="pictures",
        pix_fmt=stored,
        format=kernel_format(frames[0].format) or "",
        color=Color(matrix="rgb", range="full") if frames[0].format.is_rgb else Color(),
    )
    deinterlacer = Deinterlacer(video, planes_of(video))
    around = [None, *frames, None]
    for i, picture in enumerate(wanted):
        (got,) = deinterlacer(*around[i : i + 3], "frames")  # type: ignore[arg-type]
        assert got.format.name == PACKED[stored]
        assert same(got, picture)


@pytest.mark.parametrize("top_first", [True, False])
def test_unflagged_fields_are_seen(top_first: bool, tmp_path: Path) -> None:
    frames = interlaced(moving(28, 720, 576), top_first)
    path = write(tmp_path / "a.avi", frames, "utvideo")
    info = probe(path)
    assert info.video is not None
    order, parity = ("top-first", "tff") if top_first else ("bottom-first", "bff")
    assert (info.video.scan, info.video.scan_by) == (order, "pictures")
    assert [note.code for note in info.notes] == ["interlaced"]
    wanted = filtered(decoded(path), ("bwdif", {"mode": "send_field", "parity": parity}))
    read = reader_of(path, "fields")
    for i in (27, 3, 4, 5, 0, 26):
        assert same(read(Fraction(i, 50)), wanted[i]), i


@pytest.mark.parametrize("fields", ["frames", "fields"])
def test_a_deinterlaced_picture_shows_its_moment(fields: Fields, tmp_path: Path) -> None:
    """Far nearer to the picture that was filmed than the two moments woven together."""
    moments = moving(24, 160, 128)
    frames = interlaced(moments)
    path = write(tmp_path / "a.mp4", frames, flag="tff")
    read, stored = reader_of(path, fields), reader_of(path, "weave")
    every = 2 if fields == "frames" else 1
    for i in range(0, 24, every):
        wanted = plane(moments[i]).astype(float)
        got = abs(plane(read(Fraction(i, 50))) - wanted).mean()
        woven = abs(plane(stored(Fraction(i, 50))) - wanted).mean()
        assert same(stored(Fraction(i, 50)), frames[i // 2])
        assert got < woven / 4


def test_progressive_frames_are_not_touched(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", moving(6, 720, 576))
    info = probe(path)
    assert info.video is not None and info.video.scan == "progressive" and not info.notes
    reader = VideoReader(info, None)
    assert reader.frame_at(Fraction(1, 25)) is reader.decoded_at(Fraction(1, 25))


@pytest.mark.parametrize("speed", [0, 1, 2, 7, 40])
@pytest.mark.parametrize("detail", ["rows", "noise", "text"])
def test_progressive_pictures_are_not_taken_for_fields(
    speed: int, detail: str, tmp_path: Path
) -> None:
    """Not even rows of alternating brightness that scroll up or down."""
    draw = np.random.default_rng(3)
    tall = {
        "rows": np.tile(np.arange(4000)[:, None] % 2 * 150 + 40, (1, 720)),
        "noise": draw.integers(16, 236, (4000, 720)),
        "text": np.kron(draw.integers(0, 2, (1000, 180)) * 200 + 20, np.ones((4, 4), int)),
    }[detail].astype(np.uint8)
    frames = []
    for i in range(12):
        frame = VideoFrame(720, 576, "gray")
        frame.planes[0].update(tall[speed * i : speed * i + 576].tobytes())
        frames.append(frame)
    path = write(tmp_path / "a.mkv", frames, "ffv1", pix_fmt="gray")
    assert video_of(path).scan == "progressive"


def film_in(path: Path, film: Sequence[VideoFrame], times: Sequence[Fraction]) -> list[int]:
    """Which pictures of a film are shown, exactly."""
    read = reader_of(path, "frames")
    shown = []
    for time in times:
        picture = read(time)
        (found,) = [i for i, frame in enumerate(film) if same(frame, picture)]
        shown.append(found)
    return shown


@pytest.mark.parametrize("flag", ["tff", ""])
def test_telecined_film_is_put_together_again(flag: str, tmp_path: Path) -> None:
    film = moving(32, 720, 480, 4)
    path = write(tmp_path / "a.mkv", telecined(film), "ffv1", NTSC, flag=flag)
    info = probe(path)
    assert info.video is not None and info.video.pulldown == "hard"
    assert "telecined" in [note.code for note in info.notes]
    times = [i / NTSC for i in range(40)]
    # Of five frames the third is woven from two pictures and shows the one or the other again.
    shown = film_in(path, film, times)
    assert shown == sorted(shown) and set(shown) == set(range(32))
    order = [17, 3, 39, 20, 0, 21]
    assert film_in(path, film, [times[i] for i in order]) == [shown[i] for i in order]


def test_repeat_flags_are_reported(tmp_path: Path) -> None:
    """Film with repeat flags decodes to whole frames that last three and two fields in turn."""
    fields = [(5 * i + 1) // 2 for i in range(24)]
    times = [round(count * 1001 / 60) for count in fields]
    path = write(
        tmp_path / "a.mkv",
        moving(24, 720, 480),
        "mpeg2video",
        Fraction(24000, 1001),
        times=times,
        time_base=Fraction(1, 1000),
    )
    video = video_of(path)
    assert (video.scan, video.pulldown) == ("progressive", "soft")
    assert not probe(path).notes


@pytest.mark.parametrize("size", [(96, 63), (97, 65), (96, 2), (4, 4), (720, 486)])
def test_odd_and_tiny_pictures(size: tuple[int, int], tmp_path: Path) -> None:
    """bwdif refuses tiny pictures: they stay as they are."""
    pix_fmt = "yuv444p" if size[0] % 2 else "yuv420p"
    frames = [frame.reformat(format=pix_fmt) for frame in interlaced(moving(8, *size), False)]
    path = write(tmp_path / "a.mkv", frames, "ffv1", pix_fmt=pix_fmt, flag="bff")
    assert video_of(path).scan == "bottom-first"
    picture = reader_of(path, "fields")(Fraction(3, 50))
    assert (picture.width, picture.height) == size


def test_a_black_beginning_hides_no_field_order(tmp_path: Path) -> None:
    black = [VideoFrame(96, 64, "yuv420p") for _ in range(4)]
    for frame in black:
        for of, code in zip(frame.planes, (16, 128, 128), strict=True):
            of.update(bytes([code]) * of.buffer_size)
    frames = interlaced([*black, *moving(8, 96, 64)], False)
    assert video_of(write(tmp_path / "a.mp4", frames, flag="bff")).scan == "bottom-first"


@pytest.mark.parametrize("name", ["a.h264", "a.ts"])
def test_files_that_are_not_easily_sought_are_probed(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name, interlaced(moving(40, 720, 576)), gop=5)
    # An elementary stream cannot be sought, so its pictures are not judged.
    assert video_of(path).scan == ("top-first" if name == "a.ts" else "progressive")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert video_of(path).codec == "h264"
