"""Probing real and made files, refusing files that are not media, and caching results."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from PIL import ImageCms

from tests.media.make import numbered_frame, write_numbered
from tests.paths import MEDIA
from vedc.color import Color
from vedc.edit.media_info import USUAL, MediaInfo, ProbeError, Streams, VideoInfo
from vedc.errors import UserError
from vedc.media import probe as probe_module
from vedc.media.demux.container import local_only
from vedc.media.digest import file_digest
from vedc.media.known_files import LookCache, ProbeCache
from vedc.media.picture.orientation import Orientation, of_frame, of_matrix
from vedc.media.probe import probe

FAST = {"preset": "veryfast", "crf": "28"}


def real(name: str) -> Path:
    path = MEDIA / name
    if not path.exists():
        pytest.skip(f"the test media are not here: {path}")
    return path


def video_of(path: Path) -> VideoInfo:
    info = probe(path)
    assert info.video is not None
    return info.video


def code_of(path: Path) -> str:
    with pytest.raises(ProbeError) as caught:
        probe(path)
    assert str(path) in caught.value.message
    return caught.value.code


# --- real files: their values as their makers and FFmpeg's own tools state them ---------------


@pytest.mark.parametrize(
    ("name", "size", "rate", "duration", "frames"),
    [
        ("video/talk.mp4", (1280, 720), Fraction(30), Fraction("42.4"), 1272),
        ("video/crystal.mp4", (720, 480), Fraction(30), Fraction(359, 30), 359),
        ("video/car-detection.mp4", (768, 432), Fraction(25, 2), Fraction("30.16"), 377),
        ("odd/testsrc-hevc.mp4", (640, 360), Fraction(30), Fraction("2.02"), 60),
        ("odd/test_yuv422p.mp4", (640, 360), Fraction(30), Fraction("2.02"), 60),
        ("odd/mov_text.mp4", (300, 200), Fraction(20), Fraction(2), 40),
        ("odd/webvtt.mkv", (300, 200), Fraction(20), Fraction(2), None),
        ("odd/testsrc_with_attachment.mkv", (640, 360), Fraction(30), Fraction("2.02"), None),
    ],
)
def test_real_video(
    name: str, size: tuple[int, int], rate: Fraction, duration: Fraction, frames: int | None
) -> None:
    info = probe(real(name))
    video = info.video
    assert info.kind == "video" and video is not None
    assert (video.width, video.height) == size
    assert (video.rate, info.duration, video.frames) == (rate, duration, frames)
    assert (video.rotation, video.sar) == (0, 1)


def test_non_square_pixels() -> None:
    video = video_of(real("odd/SAR-2by3.mp4"))
    assert video.sar == Fraction(2, 3)
    assert video.display_size == (640, 540)


def test_cover_art_does_not_count() -> None:
    video = video_of(real("odd/h264-png.mkv"))
    assert (video.codec, video.width, video.height) == ("h264", 640, 360)
    sound = probe(real("audio/vibe_ace.ogg"))  # has a 720 x 720 picture attached
    assert sound.kind == "audio" and sound.video is None and sound.audio is not None


@pytest.mark.parametrize(
    ("name", "rate", "channels", "duration"),
    [
        ("odd/aac.m4a", 16000, 1, Fraction("6.625")),
        ("odd/mono.mp3", 16000, 1, None),
        ("audio/speech_1.ogg", 16000, 1, Fraction(222561, 16000)),
        ("audio/vibe_ace.ogg", 44100, 2, None),
    ],
)
def test_real_sound(name: str, rate: int, channels: int, duration: Fraction | None) -> None:
    path = real(name)
    info = probe(path)
    assert info.kind == "audio" and info.video is None and info.audio is not None
    assert (info.audio.rate, info.audio.channels, info.audio.start) == (rate, channels, 0)
    with av.open(str(path)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert info.duration is not None
    # A codec's last block may reach beyond the end that the container states.
    assert 0 <= samples - info.duration * rate <= 1024
    assert duration in (None, info.duration)


def test_sound_before_the_picture_starts_before_zero() -> None:
    info = probe(real("odd/testsrc_with_attachment.mkv"))
    assert info.audio is not None
    assert info.audio.start == Fraction(-23, 1000)  # the first picture's pts is 0.023 s


@pytest.mark.parametrize("name", ["starry_night.jpg", "the_scream.jpg", "wave.jpg"])
def test_real_pictures(name: str) -> None:
    path = real(f"style/{name}")
    info = probe(path)
    assert info.kind == "image" and info.duration is None and info.video is not None
    with pytest.importorskip("PIL.Image").open(path) as image:
        assert info.video.display_size == image.size
    assert info.video.color == Color("bt709", "iec61966-2-1", "rgb", "full")


# --- made files ------------------------------------------------------------------------------


def test_edit_lists_and_offsets_move_zero(tmp_path: Path) -> None:
    edited = write_numbered(tmp_path / "a.mp4", 60, start=-10, gop=50, b_frames=2, options=FAST)
    delayed = write_numbered(tmp_path / "b.mp4", 60, start=25, gop=50, b_frames=2, options=FAST)
    assert probe(edited).duration == 2
    assert probe(delayed).duration == Fraction(60, 25)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts", "a.mov", "a.webm"])
@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)])
def test_rate_and_duration_are_exact(name: str, rate: Fraction, tmp_path: Path) -> None:
    codec = "libvpx" if name.endswith("webm") else "libx264"
    path = write_numbered(tmp_path / name, 48, rate, codec=codec, gop=12)
    info = probe(path)
    assert info.video is not None
    assert (info.video.rate, info.duration) == (rate, 48 / rate)


def test_an_elementary_stream_is_counted(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.h264", 40, b_frames=2, options=FAST)
    assert probe(path).duration == Fraction(40, 25)


@pytest.mark.parametrize(
    ("size", "guess"),
    [
        ((720, 480), Color("smpte170m", "smpte170m", "smpte170m")),
        ((720, 576), Color("bt470bg", "smpte170m", "bt470bg")),
        ((640, 360), Color("smpte170m", "smpte170m", "smpte170m")),
        ((1280, 720), Color("bt709", "bt709", "bt709")),
        ((608, 1080), Color("bt709", "bt709", "bt709")),
    ],
)
def test_untagged_colour_is_guessed_by_size(
    size: tuple[int, int], guess: Color, tmp_path: Path
) -> None:
    width, height = size
    path = write_numbered(tmp_path / "a.mp4", 1, width=width, height=height, options=FAST)
    video = video_of(path)
    assert (video.color, video.tagged) == (guess, False)


#: Primaries and white of P3-D65, as x265 takes them.
_P3 = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)"


@pytest.mark.parametrize(
    ("reported", "peak"),
    [
        ("", None),
        ("max-cll=800,400", 800.0),
        (f"{_P3}L(40000000,50)", 4000.0),
        (f"{_P3}L(10000000,50):max-cll=4000,400", 1000.0),
        (f"{_P3}L(40000000,50):max-cll=600,100", 600.0),
    ],
)
def test_the_largest_light_is_read_from_hdr_metadata(
    reported: str, peak: float | None, tmp_path: Path
) -> None:
    """MaxCLL or the mastering display's peak, whichever is less; written by x265."""
    options = {"preset": "ultrafast", "x265-params": f"log-level=none:{reported}".rstrip(":")}
    path = write_numbered(
        tmp_path / "a.mkv", 1, codec="libx265", pix_fmt="yuv420p10le", options=options,
        color=(9, 9, 16, 1),
    )  # fmt: skip
    assert video_of(path).peak == peak


@pytest.mark.parametrize(
    ("tags", "color"),
    [
        ((1, 1, 1, 1), Color("bt709", "bt709", "bt709", "limited")),
        ((6, 6, 6, 1), Color("smpte170m", "smpte170m", "smpte170m", "limited")),
        ((5, 5, 6, 2), Color("bt470bg", "smpte170m", "bt470bg", "full")),
        ((9, 9, 16, 1), Color("bt2020", "smpte2084", "bt2020nc", "limited")),
        ((9, 9, 18, 1), Color("bt2020", "arib-std-b67", "bt2020nc", "limited")),
        ((1, 12, 13, 1), Color("smpte432", "iec61966-2-1", "bt709", "limited")),
    ],
)
def test_colour_tags_are_read(
    tags: tuple[int, int, int, int], color: Color, tmp_path: Path
) -> None:
    path = write_numbered(tmp_path / "a.mp4", 1, options=FAST, color=tags)
    video = video_of(path)
    assert (video.color, video.tagged) == (color, True)


def test_half_tagged_colour_is_completed_from_what_is_tagged(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 1, options=FAST, color=(9, 2, 2, 1))
    video = video_of(path)
    assert (video.color, video.tagged) == (Color("bt2020", "bt2020-10", "bt2020nc"), False)


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "name", "kernel"),
    [
        ("libx264", "yuv420p", "a.mp4", "yuv420p"),
        ("mjpeg", "yuvj422p", "a.avi", "yuv422p"),
        ("ffv1", "yuv411p", "a.mkv", "yuv444p"),
        ("ffv1", "gray", "a.mkv", "yuv420p"),
        ("ffv1", "yuv422p9le", "a.mkv", "yuv422p10le"),
        ("ffv1", "yuv420p16le", "a.mkv", "yuv420p16le"),
        ("ffv1", "yuva420p16le", "a.mkv", "yuva420p16le"),
        ("ffv1", "gbrp16le", "a.mkv", "gbrp16le"),
        ("rawvideo", "bgr24", "a.avi", "gbrp"),
        ("png", "rgba", "a.mov", "gbrap"),
    ],
)
def test_nearest_kernel_format(
    codec: str, pix_fmt: str, name: str, kernel: str, tmp_path: Path
) -> None:
    video = video_of(write_numbered(tmp_path / name, 2, codec=codec, pix_fmt=pix_fmt))
    assert (video.pix_fmt, video.format) == (pix_fmt, kernel)


def test_stills_and_moving_pictures(tmp_path: Path) -> None:
    still = write_numbered(tmp_path / "a.png", 1, codec="png", pix_fmt="rgb24")
    one = write_numbered(tmp_path / "b.gif", 1, codec="gif", pix_fmt="rgb8")
    many = write_numbered(tmp_path / "c.gif", 10, codec="gif", pix_fmt="rgb8")
    assert [probe(path).kind for path in (still, one, many)] == ["image", "image", "video"]
    assert probe(many).duration == Fraction(2, 5)


def test_a_percent_sign_in_a_name_is_no_sequence(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.png", 1, codec="png", pix_fmt="rgb24")
    odd = path.rename(tmp_path / "shot %03d, 100%.png")
    assert probe(odd).kind == "image"


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.mp4", b""),
        ("notes.txt", b"one two three\n" * 40),
        ("notes.nfo", b"one two three\n" * 40),
        ("noise.mp4", random.Random(1).randbytes(20_000)),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nclip.mp4\n#EXT-X-ENDLIST\n"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile 'clip.mp4'\n"),
        ("session.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=video 5004 RTP/AVP 96\n"),
        ("page.html", b"<!doctype html><html><body>404</body></html>"),
    ],
)
def test_not_media(name: str, content: bytes, tmp_path: Path) -> None:
    write_numbered(tmp_path / "clip.mp4", 2, options=FAST)  # what the lists would reach for
    path = tmp_path / name
    path.write_bytes(content)
    assert code_of(path) == "not-media"


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{pipe}\n#EXT-X-ENDLIST\n",
        "\ufeff#EXTM3U\n#EXTINF:1,\n{pipe}\n",
        "ffconcat version 1.0\nfile '{pipe}'\n",
        "# a comment\nffconcat version 1.0\nfile '{pipe}'\n",
        "v=0\r\no=- 0 0 IN IP4 ::1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n",
        '<?xml version="1.0"?>\n<!-- made by hand -->\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">'
        "<Period><BaseURL>{pipe}</BaseURL></Period></MPD>",
    ],
)
@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list"])
def test_nothing_that_a_playlist_names_is_opened(text: str, name: str, tmp_path: Path) -> None:
    """Opening the pipe would wait for a writer that never comes."""
    os.mkfifo(tmp_path / "pipe.ts")
    path = tmp_path / name
    path.write_text(text.format(pipe=tmp_path / "pipe.ts"))
    done = subprocess.run(
        [sys.executable, "-m", "vedc", "probe", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0 and "error[not-media]" in done.stderr


def test_a_stored_segment_is_not_a_playlist(tmp_path: Path) -> None:
    """A segment store may have been shipped with a spec."""
    os.mkfifo(tmp_path / "pipe.ts")
    path = tmp_path / "segment"
    path.write_text(f"#EXTM3U\n#EXTINF:1,\n{tmp_path / 'pipe.ts'}\n#EXT-X-ENDLIST\n")
    with pytest.raises(av.FFmpegError):
        av.open(str(path), options=local_only())


def test_folders_pipes_and_missing_files(tmp_path: Path) -> None:
    assert code_of(tmp_path) == "not-media"
    assert code_of(tmp_path / "nothing.mp4") == "no-such-file"
    (tmp_path / "file").write_text("x")
    assert code_of(tmp_path / "file" / "clip.mp4") == "no-such-file"
    os.mkfifo(tmp_path / "pipe.mp4")
    assert code_of(tmp_path / "pipe.mp4") == "not-media"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_no_permission(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 1, options=FAST)
    path.chmod(0)
    assert code_of(path) == "not-readable"


def test_subtitles_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    assert code_of(path) == "no-streams"


def without_index(data: bytes) -> bytes:
    return data[: data.index(b"moov")]


def cut_short(data: bytes) -> bytes:
    return data[: len(data) * 6 // 10]


def wiped(data: bytes) -> bytes:
    at = data.index(b"mdat") + 4
    return data[:at] + bytes(len(data) - at)


@pytest.mark.parametrize(
    ("options", "damage"),
    [
        ({}, without_index),
        ({"movflags": "faststart"}, wiped),
    ],
)
def test_damaged_files(
    options: dict[str, str], damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    whole = write_numbered(tmp_path / "a.mp4", 100, gop=10, options=FAST, container_options=options)
    broken = tmp_path / "b.mp4"
    broken.write_bytes(damage(whole.read_bytes()))
    assert code_of(broken) == "damaged-media"


def test_a_file_cut_short_is_as_long_as_what_is_there(tmp_path: Path) -> None:
    whole = write_numbered(
        tmp_path / "a.mp4",
        100,
        gop=10,
        options=FAST,
        container_options={"movflags": "faststart"},
    )
    broken = tmp_path / "b.mp4"
    broken.write_bytes(cut_short(whole.read_bytes()))
    size = broken.stat().st_size
    with av.open(str(whole)) as file:  # packets that lie wholly within the remainder
        entries = file.streams.video[0].index_entries
        there = sum(1 for entry in entries if entry.pos + entry.size <= size)
    info = probe(broken)
    (note,) = info.notes
    assert (note.code, note.part) == ("cut-short", "picture")
    assert f"ends after {there / 25:.2f} s, but its index says 4.00 s" in note.message
    assert info.clip_length == Fraction(there, 25)


def test_encrypted_files(tmp_path: Path) -> None:
    path = write_numbered(
        tmp_path / "a.mp4",
        10,
        options=FAST,
        container_options={
            "encryption_scheme": "cenc-aes-ctr",
            "encryption_key": "00112233445566778899aabbccddeeff",
            "encryption_kid": "00112233445566778899aabbccddeeff",
        },
    )
    assert code_of(path) == "encrypted-media"


def test_unknown_codecs(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 3, options=FAST)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz9"))
    assert code_of(path) == "unsupported-codec"


def test_unknown_pixels(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mkv", 1, codec="ffv1", pix_fmt="gray")
    assert video_of(path).format == "yuv420p"
    frame = numbered_frame(1, 96, 64, "gbrpf32le")
    path = write_numbered(
        tmp_path / "a.nut", 1, codec="rawvideo", pix_fmt="gbrpf32le", pictures=[frame]
    )
    assert code_of(path) == "unsupported-pixels"


def shown(video: VideoInfo) -> tuple[int, bool]:
    return video.rotation, video.mirrored


ONE = 1 << 16


@pytest.mark.parametrize(
    ("matrix", "position"),
    [
        ((1, 0, 0, 1), (0, False)),
        ((0, 1, -1, 0), (90, False)),
        ((-1, 0, 0, -1), (180, False)),
        ((0, -1, 1, 0), (270, False)),
        ((-1, 0, 0, 1), (0, True)),
        ((0, -1, -1, 0), (90, True)),
        ((1, 0, 0, -1), (180, True)),
        ((0, 1, 1, 0), (270, True)),
        ((2, 0, 0, 3), (0, False)),
        ((0, 0, 0, 0), (0, False)),
    ],
)
def test_display_matrices(
    matrix: tuple[int, ...], position: tuple[int, bool], tmp_path: Path
) -> None:
    a, b, c, d = (ONE * part for part in matrix)
    whole = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path = write_numbered(tmp_path / "a.mp4", 1, options=FAST, matrix=whole)
    assert shown(video_of(path)) == position


@pytest.mark.parametrize(("angle", "turn"), [(2, 0), (30, 0), (60, 90), (200, 180)])
def test_odd_angles(angle: int, turn: int, tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 1, options=FAST, rotation=angle)
    assert shown(video_of(path)) == (turn, False)


@pytest.mark.parametrize(
    ("matrix", "ending"),
    [
        ((1, 0, 0, 1), " fps"),
        ((0, 1, -1, 0), " fps, rotated by 90 degrees"),
        ((-1, 0, 0, 1), " fps, mirrored"),
        ((0, -1, -1, 0), " fps, mirrored and rotated by 90 degrees"),
    ],
)
def test_what_probe_says_of_orientation(
    matrix: tuple[int, ...], ending: str, tmp_path: Path
) -> None:
    from vedc.report.probe import text

    a, b, c, d = (ONE * part for part in matrix)
    whole = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path = write_numbered(tmp_path / "a.mp4", 1, options=FAST, matrix=whole)
    line = next(line for line in text(probe(path)).splitlines() if line.startswith("  video"))
    assert line.endswith(ending)


def test_odd_matrices_are_reported() -> None:
    assert of_matrix(0, 0, 0, 0) == Orientation()
    assert of_matrix(1, 0, 0, 0).note is not None
    assert of_matrix(math.cos(0.01), math.sin(0.01), -math.sin(0.01), math.cos(0.01)).note is None
    note = of_matrix(math.cos(0.5), math.sin(0.5), -math.sin(0.5), math.cos(0.5)).note
    assert note == "it is rotated by 29 degrees; shown rotated by 0"


def test_a_png_with_a_colour_profile(tmp_path: Path) -> None:
    """In a separate process: PyAV's list of side data crashes a process on such a file."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    PIL.Image.new("RGB", (64, 48), "red").save(tmp_path / "a.png", icc_profile=profile)
    done = subprocess.run(
        [sys.executable, "-m", "vedc", "probe", "--json", str(tmp_path / "a.png")],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["kind"] == "image"


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_side_data_of_an_unknown_type(turn: int, tmp_path: Path) -> None:
    """PyAV then lists none of it, and only the rotation is available."""

    class Picture:
        rotation = -turn if turn < 270 else 90

        @property
        def side_data(self) -> None:
            raise ValueError("'31' is not a valid Type")

    assert of_frame(cast("av.VideoFrame", Picture())) == Orientation(turn)


@pytest.mark.parametrize("orientation", range(9))
def test_exif_orientation(orientation: int, tmp_path: Path) -> None:
    """Against Pillow, which turns the picture itself."""
    rows = np.array([[0, 50, 100], [150, 200, 250]], np.uint8)
    image = PIL.Image.fromarray(rows)
    exif = image.getexif()
    exif[274] = orientation
    image.save(tmp_path / "a.png", exif=exif)
    turn, mirrored = shown(video_of(tmp_path / "a.png"))
    upright = np.rot90(rows[:, ::-1] if mirrored else rows, -turn // 90)
    with PIL.Image.open(tmp_path / "a.png") as stored:
        assert (upright == np.asarray(PIL.ImageOps.exif_transpose(stored))).all()


@pytest.mark.parametrize("seed", range(12))
def test_no_damage_ends_in_anything_but_a_probe_error(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    whole = write_numbered(tmp_path / "a.mp4", 20, gop=5, options=FAST).read_bytes()
    path = tmp_path / "b.mp4"
    for _ in range(10):
        data = bytearray(whole)
        for _ in range(draw.choice([1, 5, 50])):
            data[draw.randrange(len(data))] = draw.randrange(256)
        path.write_bytes(data[: draw.randrange(1, len(data))] if draw.random() < 0.3 else data)
        with contextlib.suppress(ProbeError):
            assert probe(path).video is not None


# --- what is remembered ----------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The paths that were really probed."""
    seen: list[Path] = []

    def counting(path: Path, streams: Streams = USUAL) -> MediaInfo:
        seen.append(path)
        return probe(path)

    monkeypatch.setattr(probe_module, "probe", counting)
    return seen


def test_a_file_is_probed_once(tmp_path: Path, counted: list[Path]) -> None:
    clip = write_numbered(
        tmp_path / "clip ü.mp4", 10, Fraction(30000, 1001), options=FAST, sar=Fraction(4, 3)
    )
    first = ProbeCache(tmp_path / "cache")(clip)
    assert ProbeCache(tmp_path / "cache")(clip) == first == probe(clip)
    assert len(counted) == 1


def test_a_changed_file_is_probed_again(tmp_path: Path, counted: list[Path]) -> None:
    clip = write_numbered(tmp_path / "clip.mp4", 10, options=FAST)
    cache = ProbeCache(tmp_path / "cache")
    assert cache(clip).duration == Fraction(10, 25)
    write_numbered(clip, 20, options=FAST)
    assert cache(clip).duration == Fraction(20, 25)
    assert len(counted) == 2


def edited(text: str, **changes: Any) -> str:
    return json.dumps(json.loads(text) | changes)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[1, 2]",
        lambda text: "\xff\xfe",
        lambda text: edited(text, version=0),
        lambda text: edited(text, path="/elsewhere"),
        lambda text: edited(text, fields={}),
        lambda text: edited(text, fields={"kind": "video", "video": {"width": 1}, "audio": None}),
        lambda text: text.replace('"1/12800"', '"1/0"'),
        lambda text: text.replace('"25"', '"many"'),
    ],
)
def test_a_damaged_record_counts_as_none(
    damage: Callable[[str], str], tmp_path: Path, counted: list[Path]
) -> None:
    clip = write_numbered(tmp_path / "clip.mp4", 10, options=FAST)
    cache = ProbeCache(tmp_path / "cache")
    first = cache(clip)
    (record,) = (tmp_path / "cache").iterdir()
    changed = damage(record.read_text())
    assert changed != record.read_text()
    record.write_text(changed, encoding="latin-1")
    assert cache(clip) == first
    assert len(counted) == 2
    assert cache(clip) == first  # and it has been put right
    assert len(counted) == 2


def test_a_cache_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    clip = write_numbered(tmp_path / "clip.mp4", 10, options=FAST)
    (tmp_path / "cache").write_text("in the way")
    assert ProbeCache(tmp_path / "cache")(clip) == probe(clip)
    assert file_digest(clip, tmp_path / "cache") == file_digest(clip, None)


def test_failures_are_not_kept(tmp_path: Path) -> None:
    cache = ProbeCache(tmp_path / "cache")
    with pytest.raises(ProbeError):
        cache(tmp_path / "clip.mp4")
    write_numbered(tmp_path / "clip.mp4", 10, options=FAST)
    assert cache(tmp_path / "clip.mp4").kind == "video"


def test_a_file_seen_before_loads_no_decoder(tmp_path: Path) -> None:
    clip = write_numbered(tmp_path / "clip.mp4", 10, options=FAST)
    ProbeCache(tmp_path / "cache")(clip)
    program = (
        "import sys; from pathlib import Path; from vedc.media.known_files import ProbeCache;"
        "info = ProbeCache(Path(sys.argv[1]))(Path(sys.argv[2]));"
        "assert info.video.width == 96;"
        "heavy = {'av', 'numpy', 'PIL', 'llvmlite'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path / "cache", clip], check=True)


def test_the_digest_is_of_the_bytes_and_follows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 100_000)
    expected = hashlib.blake2b(b"x" * 100_000, digest_size=32).hexdigest()
    assert file_digest(path, tmp_path / "cache") == file_digest(path, None) == expected
    (record,) = (tmp_path / "cache").iterdir()
    record.write_text(record.read_text().replace(expected, "0" * 64))
    assert file_digest(path, tmp_path / "cache") == expected  # a damaged record counts as none
    with monkeypatch.context() as patch:
        patch.delattr(hashlib, "file_digest")
        assert file_digest(path, tmp_path / "cache") == expected  # the bytes were not read
    os.utime(path, ns=(1, 1))
    assert file_digest(path, tmp_path / "cache") == expected


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_alpha_of_webm(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "sprite.webm"
    pictures = [av.VideoFrame(96, 64, "yuva420p") for _ in range(3)]
    options = {"auto-alt-ref": "0"}
    write_numbered(path, 3, codec=codec, pix_fmt="yuva420p", options=options, pictures=pictures)
    video = video_of(path)
    assert (video.pix_fmt, video.format) == ("yuva420p", "yuva420p")
    assert video.codec == {"libvpx": "vp8", "libvpx-vp9": "vp9"}[codec]


def test_a_table_that_read_well_is_not_read_again(tmp_path: Path) -> None:
    table, cache = tmp_path / "a.cube", LookCache(tmp_path / "cache")
    table.write_text("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n")
    cache(table)
    cache(table)
    assert len(list((tmp_path / "cache").iterdir())) == 1
    table.write_text("LUT_1D_SIZE 2\n0 0 0\n1 1 1 1\n")  # another size
    with pytest.raises(UserError):
        cache(table)
    with pytest.raises(UserError):  # failures are not cached
        LookCache(tmp_path / "cache")(table)


def test_all_streams_are_listed(tmp_path: Path) -> None:
    from tests.media.zoo.video import write_streams
    from vedc.report.probe import text

    path = tmp_path / "two.mkv"
    write_streams(path, (40, 200), 1, tones=(440, 880), default_tone=0, languages=("fra", "deu"))
    info = probe(path)
    assert info.video is not None and info.audio is not None
    assert (info.video.stream, info.audio.stream) == (1, 0)
    found = [(s.kind, s.index, s.codec, s.language, s.default) for s in info.streams]
    assert found == [
        ("video", 0, "h264", None, False),
        ("video", 1, "h264", None, True),
        ("audio", 0, "flac", "fra", True),
        ("audio", 1, "flac", "deu", False),
    ]
    assert "  stream audio 1: flac, 1 channel, deu\n" in text(info)
