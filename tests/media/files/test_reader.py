"""Reading frames: each clip's pictures carry their number, so a frame off cannot hide."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from tests.media.make import luma, number_luma, read_number, write_numbered
from tests.paths import MEDIA
from vedc.edit.media_info import ProbeError
from vedc.errors import InternalError, RenderError
from vedc.media.delivery import Delivery
from vedc.media.probe import probe
from vedc.media.reader import VideoReader

FAST = {"preset": "veryfast", "crf": "28"}
NTSC = Fraction(30000, 1001)
VFR = [i * 40 + (i * i * 7) % 29 for i in range(40)]


def x265(**params: object) -> dict[str, str]:
    text = ":".join(f"{key.replace('_', '-')}={value}" for key, value in params.items())
    return {"preset": "ultrafast", "x265-params": f"log-level=none:{text}"}


@dataclass(frozen=True)
class Case:
    """A clip, and when each of the numbers it shows begins (seconds of source time)."""

    name: str
    frames: int
    rate: Fraction = Fraction(25)
    first: int = 0
    starts: tuple[Fraction, ...] | None = None
    write: tuple[tuple[str, Any], ...] = ()

    def begins(self, index: int) -> Fraction:
        return self.starts[index] if self.starts else index / self.rate

    def shown(self, time: Fraction) -> int:
        """The rule, written another way: the latest beginning that is not after ``time``."""
        begun = [i for i in range(self.frames) if self.begins(i) <= time]
        return self.first + (begun[-1] if begun else 0)


def case(
    name: str,
    frames: int,
    rate: Fraction | int = 25,
    first: int = 0,
    starts: tuple[Fraction, ...] | None = None,
    **write: Any,
) -> Case:
    return Case(name, frames, Fraction(rate), first, starts, tuple(write.items()))


def ticks90k(frames: int) -> dict[str, Any]:
    return {
        "time_base": Fraction(1, 90000),
        "start": 270000,
        "times": [i * 3600 for i in range(frames)],
    }


CASES = [
    case("bframes.mp4", 90, gop=45, b_frames=3, options=FAST),
    case("opengop.mp4", 90, options=FAST | {"x264-params": "open-gop=1:keyint=20:bframes=3"}),
    case("refresh.mkv", 90, options=FAST | {"x264-params": "intra-refresh=1:keyint=20"}),
    case("fragments.mp4", 80, gop=20, b_frames=2, options=FAST,
         container_options={"movflags": "frag_keyframe+empty_moov"}),
    case("hevc.mp4", 60, codec="libx265", options=x265(open_gop=1, keyint=20, bframes=4)),
    case("hevc10.mkv", 40, codec="libx265", pix_fmt="yuv420p10le", options=x265(keyint=20)),
    case("ntsc.mkv", 90, NTSC, gop=30, b_frames=2, options=FAST),
    case("offset.ts", 90, gop=30, b_frames=2, options=FAST, **ticks90k(90)),
    case("opengop.ts", 90, options=FAST | {"x264-params": "open-gop=1:keyint=20:bframes=3"}),
    case("program.mpg", 60, codec="mpeg2video", gop=12, b_frames=2),
    case("vfr.mp4", 40, starts=tuple(Fraction(t, 1000) for t in VFR), times=VFR, gop=12,
         time_base=Fraction(1, 1000), options=FAST),
    case("edited.mp4", 50, first=10, start=-10, gop=40, b_frames=2, options=FAST),
    case("delayed.mp4", 50, start=25, gop=20, b_frames=2, options=FAST),
    case("vp9.webm", 40, codec="libvpx-vp9", gop=16,
         options={"deadline": "realtime", "cpu-used": "8"}),
    case("av1.mp4", 40, codec="libsvtav1", gop=16, options={"preset": "12"}),
    case("prores.mov", 20, codec="prores_ks", pix_fmt="yuv422p10le"),
    case("ffv1.mkv", 30, codec="ffv1", pix_fmt="yuv444p", gop=10),
    case("mpeg4.avi", 40, codec="mpeg4", gop=12, b_frames=2),
    case("h264.avi", 40, gop=12, b_frames=2, options=FAST),
    case("raw.h264", 40, gop=12, b_frames=2, options=FAST),
    case("h264.flv", 60, gop=20, b_frames=2, options=FAST),
]  # fmt: skip

Clips = Callable[[Case], Path]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Write each clip once."""
    folder = tmp_path_factory.mktemp("clips")

    def clip(wanted: Case) -> Path:
        path = folder / wanted.name
        if not path.exists():
            options = dict(wanted.write)
            hidden = wanted.first  # frames before zero are there, behind an edit list
            write_numbered(path, wanted.frames + hidden, wanted.rate, **options)
        return path

    return clip


@pytest.fixture
def reader() -> Iterator[Callable[..., VideoReader]]:
    """Make readers, closed at the end of the test."""
    made: list[VideoReader] = []

    def make(path: Path, delivery: Delivery | None = None, threads: int = 2) -> VideoReader:
        made.append(VideoReader(probe(path), delivery, threads))
        return made[-1]

    yield make
    for one in made:
        one.close()


Readers = Callable[..., VideoReader]


@pytest.mark.parametrize("clip", CASES, ids=lambda c: c.name)
def test_every_frame_in_order(clip: Case, clips: Clips, reader: Readers) -> None:
    source = reader(clips(clip))
    got = [read_number(source.frame_at(clip.begins(i))) for i in range(clip.frames)]
    assert got == [clip.first + i for i in range(clip.frames)]
    assert source.decoded <= clip.frames + 2  # nothing was decoded twice


@pytest.mark.parametrize("clip", CASES, ids=lambda c: c.name)
def test_any_frame_at_random(clip: Case, clips: Clips, reader: Readers) -> None:
    source, draw = reader(clips(clip)), random.Random(clip.name)
    for _ in range(60):
        index = draw.randrange(clip.frames)
        following = clip.begins(index + 1) if index + 1 < clip.frames else clip.begins(index) + 1
        inside = Fraction(draw.choice([0, 10, 50, 90]), 100)
        time = clip.begins(index) + inside * (following - clip.begins(index))
        assert read_number(source.frame_at(time)) == clip.first + index, float(time)


@pytest.mark.parametrize("clip", CASES, ids=lambda c: c.name)
def test_a_reader_that_starts_anywhere(clip: Case, clips: Clips, reader: Readers) -> None:
    for index in (clip.frames - 1, clip.frames // 2, clip.frames // 3):
        source = reader(clips(clip))
        assert read_number(source.frame_at(clip.begins(index))) == clip.first + index


@pytest.mark.parametrize("name", ["bframes.mp4", "edited.mp4", "offset.ts", "raw.h264"])
def test_held_before_the_first_and_after_the_last(name: str, clips: Clips, reader: Readers) -> None:
    clip = next(c for c in CASES if c.name == name)
    source = reader(clips(clip))
    last = clip.first + clip.frames - 1
    for time, number in ((-3, clip.first), (1000, last), (0, clip.first), (999, last)):
        assert read_number(source.frame_at(Fraction(time))) == number


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.avi", "coarse.mp4"])
@pytest.mark.parametrize(("source_rate", "film_rate"), [(25, 30), (30, 25), (NTSC, 25), (24, 60)])
def test_rate_conversion_shows_the_frame_that_is_on(
    name: str,
    source_rate: Fraction | int,
    film_rate: Fraction | int,
    tmp_path: Path,
    reader: Readers,
) -> None:
    path = tmp_path / name
    timescale = {"video_track_timescale": str(Fraction(source_rate).numerator)}
    options = timescale if name == "coarse.mp4" else {}  # a tick or 1001 to a frame
    codec = {"codec": "mpeg4", "gop": 10} if name == "clip.avi" else {"options": FAST, "gop": 20}
    write_numbered(path, 60, source_rate, b_frames=2, container_options=options, **codec)
    source = reader(path)
    for n in range(int(60 / source_rate * film_rate)):
        expected = int(n * Fraction(source_rate) / film_rate)
        assert read_number(source.frame_at(Fraction(n) / film_rate)) == expected


def test_vfr_follows_the_times_that_were_written(clips: Clips, reader: Readers) -> None:
    clip = next(c for c in CASES if c.name == "vfr.mp4")
    source = reader(clips(clip))
    for n in range(60):
        time = Fraction(n, 37)
        assert read_number(source.frame_at(time)) == clip.shown(time)


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.ts"])
def test_seeking_does_not_scan(name: str, tmp_path: Path, reader: Readers) -> None:
    gop = 25
    timing = ticks90k(400) if name.endswith("ts") else {}
    path = write_numbered(
        tmp_path / name, 400, 25, gop=gop, b_frames=2, width=48, height=32, options=FAST, **timing
    )
    source = reader(path)
    assert read_number(source.frame_at(Fraction(390, 25))) == 390
    near = 2 * gop + 8  # a group of pictures or two, and what the decoder's threads hold
    assert source.decoded < near
    before = source.decoded
    assert read_number(source.frame_at(Fraction(200, 25))) == 200
    assert source.decoded - before < near


def test_reading_on_does_not_seek_back(tmp_path: Path, reader: Readers) -> None:
    path = write_numbered(tmp_path / "one.mp4", 200, gop=200, options=FAST)
    source = reader(path)
    for index in (0, 60, 120, 180):  # far apart, but no key frame in between
        assert read_number(source.frame_at(Fraction(index, 25))) == index
    assert source.decoded <= 200


def test_a_frame_asked_again_is_the_same_object(clips: Clips, reader: Readers) -> None:
    source = reader(clips(CASES[0]), Delivery(48, 32, "yuv420p"))
    first = source.frame_at(Fraction(10, 25))
    decoded = source.decoded
    assert source.frame_at(Fraction(10, 25) + Fraction(1, 50)) is first
    assert source.decoded == decoded


def test_frames_outlive_their_reader(clips: Clips) -> None:
    source = VideoReader(probe(clips(CASES[0])), None)
    frame = source.frame_at(Fraction(1))
    source.close()
    assert read_number(frame) == 25


def test_many_threads_change_nothing(clips: Clips, reader: Readers) -> None:
    path = clips(CASES[1])
    one, many = reader(path, threads=1), reader(path, threads=5)
    for index in (0, 1, 2, 47, 46, 89, 3):
        a, b = (source.frame_at(Fraction(index, 25)) for source in (one, many))
        assert all((luma(a, i) == luma(b, i)).all() for i in range(3))


@pytest.mark.parametrize(
    ("codec", "pix_fmt"),
    [
        ("libx264", "yuv420p"),
        ("libx264", "yuv422p"),
        ("libx264", "yuv444p"),
        ("libx264", "yuv420p10le"),
        ("libx264", "yuv422p10le"),
        ("ffv1", "yuv444p12le"),
        ("ffv1", "yuva420p"),
        ("libx264rgb", "gbrp"),
        ("ffv1", "gbrp10le"),
    ],
)
def test_planes_pass_through_untouched(
    codec: str, pix_fmt: str, tmp_path: Path, reader: Readers
) -> None:
    written = "rgb24" if codec == "libx264rgb" else pix_fmt
    path = write_numbered(tmp_path / "clip.mkv", 12, codec=codec, pix_fmt=written)
    with av.open(str(path)) as container:
        plain = list(container.decode(video=0))
    source = reader(path)
    for index, frame in enumerate(plain):
        got = source.frame_at(Fraction(index, 25))
        assert got.format.name == frame.format.name == pix_fmt
        assert read_number(got) == index
        for plane in range(len(frame.planes)):
            assert (luma(got, plane) == luma(frame, plane)).all()


@pytest.mark.parametrize(
    "name",
    [
        "video/nasa_13013.mp4",
        "odd/SAR-2by3.mp4",
        "odd/h264-png.mkv",
        "odd/mov_text.mp4",
        "odd/test_yuv422p.mp4",
        "odd/testsrc-hevc.mp4",
        "odd/testsrc_with_attachment.mkv",
        "odd/webvtt.mkv",
    ],
)
def test_real_files_give_the_decoders_own_frames(name: str, reader: Readers) -> None:
    path = MEDIA / name
    if not path.exists():
        pytest.skip(f"the test media are not here: {path}")
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams.video if s.average_rate)
        plain = [(frame.pts * stream.time_base, luma(frame)) for frame in container.decode(stream)]
    info = probe(path)
    assert info.video is not None
    stored = Delivery(info.video.width, info.video.height, info.video.format)
    source, draw = reader(path, stored), random.Random(1)
    order = [*range(len(plain)), *draw.choices(range(len(plain)), k=20)]
    for index in order:
        near = [time for time, _ in plain[max(index - 1, 0) : index + 2]]
        if near != sorted(near):
            continue  # in h264-png.mkv two times are swapped, and nothing says whose they are
        got = source.frame_at(plain[index][0] - plain[0][0] + Fraction(1, 200))
        assert (luma(got) == plain[index][1]).all()


@pytest.mark.parametrize("lost", [3, 10, 17])
def test_a_recording_that_begins_in_the_middle(lost: int, tmp_path: Path, reader: Readers) -> None:
    whole = write_numbered(
        tmp_path / "whole.ts", 80, gop=20, b_frames=2, options={"crf": "10", "sc_threshold": "0"}
    ).read_bytes()
    path = tmp_path / "rest.ts"
    tables = 3 * 188  # transport packets: what programs there are
    path.write_bytes(whole[:tables] + whole[tables + lost * 188 :])
    source = reader(path)
    first = read_number(source.frame_at(Fraction(0)))
    assert 0 < first <= 20
    for index in (0, 30, 7, 59, 58, 1, 20):
        assert read_number(source.frame_at(Fraction(index, 25))) == first + index


def play(source: VideoReader, frames: int) -> None:
    for index in range(frames):
        source.frame_at(Fraction(index, 25))


def moving(count: int) -> Iterator[VideoFrame]:
    """Numbered frames over a pattern that moves, which makes packets large enough to hit."""
    ground = np.random.default_rng(1).integers(0, 60, (128, 192 + 2 * count))
    for i in range(count):
        picture = number_luma(i, 192, 128) * 0.7 + ground[:, 2 * i : 2 * i + 192]
        grey = VideoFrame.from_ndarray(picture.astype(np.uint8), format="gray8")
        yield grey.reformat(format="yuv420p")


def write_moving(path: Path, codec: str = "libx264", **options: Any) -> Path:
    return write_numbered(
        path, 72, codec=codec, width=192, height=128, gop=12, pictures=moving(72), **options
    )


def packets(path: Path) -> list[tuple[int, int, int]]:
    """Frame number, place and size of every packet, in the file's order."""
    with av.open(str(path)) as file:
        found = [(p.pts, p.pos, p.size) for p in file.demux(video=0) if p.size]
    order = sorted(pts for pts, _, _ in found)
    return [(order.index(pts), pos, size) for pts, pos, size in found]


def test_damage_from_a_lost_packet_is_concealed_and_reported(tmp_path: Path) -> None:
    """Every frame of these files stands alone: damage is where the bytes were changed."""
    for name, codec, options in (
        ("clip.mov", "prores_ks", {"pix_fmt": "yuv422p10le"}),
        ("clip.avi", "mjpeg", {"pix_fmt": "yuvj420p"}),
    ):
        path = write_moving(tmp_path / name, codec, **options)
        places = {number: (pos, size) for number, pos, size in packets(path)}
        data = bytearray(path.read_bytes())
        for number in (20, 21, 22, 50):
            pos, size = places[number]
            header = 8 if name == "clip.avi" else 0
            data[pos + header : pos + size] = bytes(size - header)
        path.write_bytes(data)
        source = VideoReader(probe(path), None)
        reported: set[int] = set()
        for i in range(72):
            frame = source.decoded_at(Fraction(i, 25))
            reported |= {int(time * 25) for time in source.damage}
            if i not in (20, 21, 22, 50):
                assert read_number(frame) == i and not source.damage
            else:  # nothing of it is left: the frame before it stays
                assert read_number(frame) == (49 if i == 50 else 19)
        assert reported == {20, 21, 22, 50}


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("clip.mp4", "libx264", {"b_frames": 2}),
        ("clip.mkv", "libx264", {"b_frames": 2}),
        ("clip.ts", "libx264", {"b_frames": 2}),
        ("m.ts", "mpeg2video", {"b_frames": 2}),
        ("clip.avi", "mpeg4", {"b_frames": 2}),
        ("open.mkv", "libx264", {"options": {"x264-params": "open-gop=1:bframes=3:scenecut=0"}}),
    ],
)
def test_damage_looks_the_same_however_it_is_reached(
    name: str, codec: str, options: dict[str, Any], tmp_path: Path
) -> None:
    whole = write_moving(tmp_path / name, codec, **options).read_bytes()
    # Pictures only: no player shows an MP4 file whose index is lost, and the size of its
    # pictures depends on the encoder's threads.
    end = max(pos + length for _, pos, length in packets(tmp_path / name))
    draw = random.Random(name)
    damaged = False
    for _ in range(4):
        data = bytearray(whole)
        for _ in range(draw.choice([1, 2, 3])):
            at = draw.randrange(len(data) // 6, end - 400)
            count = draw.choice([1, 4, 300])
            data[at : at + count] = draw.randbytes(count)
        path = tmp_path / f"damaged-{name}"
        path.write_bytes(data)
        info = probe(path)
        assert info.clip_length is not None and info.video is not None
        times = [Fraction(i, 25) for i in range(int(info.clip_length * 25))]
        source = VideoReader(info, None, 2)
        shown = []
        for time in times:
            shown.append(source.decoded_at(time).to_ndarray().tobytes())
            damaged |= bool(source.damage)
        source = VideoReader(info, None, 2)
        for i in draw.sample(range(len(times)), 15):
            assert source.decoded_at(times[i]).to_ndarray().tobytes() == shown[i], (name, i)
    assert damaged


def test_a_file_cut_short_shows_its_last_whole_frame(tmp_path: Path) -> None:
    path = write_moving(tmp_path / "clip.mkv", b_frames=0)
    size = path.stat().st_size * 2 // 3
    there = sum(1 for _, pos, length in packets(path) if pos + length <= size)
    path.write_bytes(path.read_bytes()[:size])
    info = probe(path)
    assert info.clip_length == Fraction(there, 25)
    assert read_number(VideoReader(info, None).decoded_at(Fraction(there - 1, 25))) == there - 1


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.avi", "clip.webm"])
def test_no_damage_ends_in_anything_but_an_error_of_ours(name: str, tmp_path: Path) -> None:
    codec = {"webm": "libvpx", "avi": "mpeg4"}.get(name.split(".")[1], "libx264")
    whole = write_numbered(tmp_path / name, 30, codec=codec, gop=10).read_bytes()
    draw = random.Random(name)
    path = tmp_path / f"damaged-{name}"
    for _ in range(20):
        data = bytearray(whole)
        for _ in range(draw.choice([1, 10, 100])):
            data[draw.randrange(len(data))] = draw.randrange(256)
        path.write_bytes(data)
        with contextlib.suppress(ProbeError, RenderError):
            source = VideoReader(probe(path), Delivery(48, 32, "yuv420p"))
            for index in (0, 25, 7, 29, 15):
                frame = source.frame_at(Fraction(index, 25))
                assert (frame.width, frame.height) == (48, 32)


def test_file_gone_since_the_probe(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "clip.mp4", 5, options=FAST)
    info = probe(path)
    path.unlink()
    with pytest.raises(RenderError) as caught:
        VideoReader(info, None).frame_at(Fraction(0))
    assert caught.value.problems[0].code == "no-such-file"


def test_sound_has_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=800)
        frame.sample_rate = 8000
        frame.planes[0].update(bytes(1600))
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(InternalError):
        VideoReader(probe(path), None)


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_alpha_of_webm_moves_with_its_picture(codec: str, tmp_path: Path) -> None:
    """A transparent edge that moves by two pixels a frame, read on and at random."""

    def pictures() -> Iterator[VideoFrame]:
        for i in range(30):
            frame = VideoFrame(96, 64, "yuva420p")
            for k, plane in enumerate(frame.planes):
                rows = np.full((plane.height, plane.line_size), (120, 100, 150, 255)[k], np.uint8)
                if k == 3:
                    rows[:, 20 + 2 * i :] = 0
                plane.update(rows.tobytes())
            yield frame

    path = write_numbered(
        tmp_path / "a.webm", 30, codec=codec, pix_fmt="yuva420p", gop=8, pictures=pictures(),
        options={"auto-alt-ref": "0", "crf": "4", "b": "4M"},
    )  # fmt: skip
    source = VideoReader(probe(path), None)
    for i in (*range(30), 3, 29, 14, 0, 22, 21):
        frame = source.frame_at(Fraction(i, 25))
        assert frame.format.name == "yuva420p"
        alpha = luma(frame, 3)
        edge = 20 + 2 * i
        assert (alpha[:, : edge - 4] > 250).all() and (alpha[:, edge + 4 :] < 5).all()
    source.close()
