"""Untouched footage is copied: frame by frame what the source shows, in a film that is one stream.

Every film is read by a strict parser and played by FFmpeg, which must not complain. Copied parts
are compared with the decoded source bit by bit.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml

from tests.media.make import read_number, write_numbered
from tests.media.strict_h264 import Film, check_film, complaints
from tests.media.strict_hevc import check_hevc_film
from vedc.errors import SpecError
from vedc.execute.output import RenderSummary
from vedc.plan.plan import Plan
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver
from vedc.workspace.planning import fuse_plan, plan_edit

WIDTH, HEIGHT = 64, 48
LENGTH = 60
SIZE: dict[str, Any] = {"width": WIDTH, "height": HEIGHT}
#: Key frames where ``gop`` says, and nowhere else.
EVEN = {"x264-params": "scenecut=0"}

#: Clips of several encoders' habits: file -> options of ``write_numbered``.
CLIPS: dict[str, dict[str, Any]] = {
    "plain.mp4": {"gop": 12, "options": EVEN},
    "better.mp4": {"gop": 12, "options": EVEN | {"crf": "10"}},
    "pyramid.mkv": {
        "gop": 15,
        "b_frames": 8,
        "options": {"x264-params": "ref=6:b-adapt=0:b-pyramid=strict:scenecut=0"},
    },
    "phone.mov": {
        "gop": 10,
        "options": {"profile": "baseline", "x264-params": "slices=3:scenecut=0"},
    },
    "broadcast.ts": {
        "gop": 12,
        "b_frames": 2,
        "options": {"x264-params": "cabac=0:slices=2:scenecut=0"},
    },
}


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("footage")
    for number, (name, options) in enumerate(CLIPS.items()):
        write_numbered(folder / name, LENGTH, first=100 * number, **SIZE, **options)
    return folder


@pytest.fixture
def folder(tmp_path: Path, footage: Path) -> Path:
    for source in footage.iterdir():
        shutil.copy2(source, tmp_path)
    return tmp_path


Timeline = list[dict[str, Any]]


def write(
    folder: Path, timeline: Timeline, name: str = "film.mp4", fps: int | str = 25, **output: Any
) -> Path:
    output = {"path": name, "audio_codec": "none"} | output
    spec = {
        "version": 1,
        "profile": {"width": WIDTH, "height": HEIGHT, "fps": fps},
        "timeline": timeline,
        "outputs": [output],
    }
    path = folder / "film.vedc.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return path


def clip(name: str, first: int, frames: int, **more: Any) -> dict[str, Any]:
    return {"clip": name, "in": f"{first}f", "duration": f"{frames}f", **more}


@dataclass
class Made:
    """A film that was checked, and how it came to be."""

    path: Path
    plan: Plan
    report: RenderSummary
    film: Film | None

    @property
    def copied(self) -> list[tuple[int, int]]:
        """Film frames that are copied, as (first, number)."""
        return [(s.start, s.frames) for s in self.plan.segments if s.copied is not None]


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def by_number(path: Path, rate: Fraction) -> dict[int, av.VideoFrame]:
    """The frames of a file by when they are shown."""
    frames = frames_of(path)
    times = [frame.pts * frame.time_base for frame in frames if frame.pts is not None]
    return {round((t - times[0]) * rate): f for t, f in zip(times, frames, strict=True)}


def planned(spec: Path) -> Plan:
    build = Build(spec)
    return fuse_plan(plan_edit(build, build.edits()[0]))


def make(spec: Path) -> Made:
    """Render, and check all that holds for every film."""
    plan = planned(spec)
    (report,) = deliver(Build(spec), replace=True)
    path = Path(report.target)
    film = None
    if plan.video is not None and plan.video.codec == "h264":
        film = check_film(path)
        assert film.warnings == []
    elif plan.video is not None and plan.video.codec == "hevc":
        film = check_hevc_film(path)
        assert film.warnings == []
    else:
        assert complaints(path) == []
    _check_copies(plan, path)
    assert report.copied_frames == sum(s.frames for s in plan.segments if s.copied is not None)
    return Made(path, plan, report, film)


def _check_copies(plan: Plan, path: Path) -> None:
    """Copied parts equal the decoded source, sample by sample."""
    shown = frames_of(path)
    assert len(shown) == plan.frames
    sources: dict[str, dict[int, av.VideoFrame]] = {}
    for segment in plan.segments:
        if segment.copied is None:
            continue
        name = plan.files[segment.copied.digest]
        frames = sources.setdefault(name, by_number(Path(name), plan.fps))
        for n in range(segment.frames):
            made = shown[segment.start + n].to_ndarray()
            assert np.array_equal(made, frames[segment.copied.first + n].to_ndarray())


def numbers_of(path: Path) -> list[int]:
    return [read_number(frame) for frame in frames_of(path)]


# ---------------------------------------------------------------- what is copied


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_clips_of_several_encoders_become_one_stream(folder: Path, ending: str) -> None:
    cuts = [(7, 40), (3, 41), (16, 30), (1, 50), (13, 33)]
    timeline = [clip(name, *cut) for name, cut in zip(CLIPS, cuts, strict=True)]
    made = make(write(folder, timeline, f"film{ending}"))
    assert numbers_of(made.path) == [
        100 * k + first + n for k, (first, frames) in enumerate(cuts) for n in range(frames)
    ]
    assert made.film is not None
    assert len(made.film.sets) == 6  # of five clips, and of the encoded parts
    # From the first key frame after each cut to the last frame that can be shown by its end.
    assert [first for first, _ in made.copied] == [5, 49, 95, 120, 172]
    assert made.plan.copied_frames > 120


def test_a_cut_at_a_key_frame_encodes_nothing(folder: Path) -> None:
    made = make(write(folder, [clip("plain.mp4", 12, 24), clip("plain.mp4", 0, 24)]))
    assert made.copied == [(0, 24), (24, 24)]
    assert made.report.rendered_frames == 0
    assert made.report.summary().endswith("48 frames, 0:01.920 of 0:01.920 copied")


@pytest.mark.parametrize("source", ["plain.mp4", "pyramid.mkv", "phone.mov", "broadcast.ts"])
@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_a_whole_file_is_copied(folder: Path, source: str, ending: str) -> None:
    """From any container to any, without a rendered segment to begin with."""
    made = make(write(folder, [{"clip": source}], f"film{ending}"))
    assert made.copied == [(0, LENGTH)]
    with av.open(str(made.path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 25
        assert container.duration is not None
        assert round(container.duration / 1e6, 2) == LENGTH / 25


@pytest.mark.parametrize("seed", range(4))
def test_random_trims_show_the_right_frames(folder: Path, seed: int) -> None:
    choose = random.Random(seed)
    names, wanted, timeline = list(CLIPS), [], []
    for _ in range(6):
        index = choose.randrange(len(names))
        first = choose.randrange(LENGTH - 1)
        length = choose.randint(1, LENGTH - first)
        timeline.append(clip(names[index], first, length))
        wanted += [100 * index + first + n for n in range(length)]
    made = make(write(folder, timeline, choose.choice(["film.mp4", "film.mkv"])))
    assert numbers_of(made.path) == wanted


@pytest.mark.parametrize("edge", [1, 2, 3])
def test_edges_of_few_frames(folder: Path, edge: int) -> None:
    """One encoded frame before a copied stretch puts two IDR pictures side by side."""
    timeline = [clip("plain.mp4", 12 - edge, 24 + edge), clip("pyramid.mkv", 15 - edge, 20)]
    made = make(write(folder, timeline))
    assert made.copied[0][0] == edge
    first = [12 - edge + n for n in range(24 + edge)]
    assert numbers_of(made.path) == first + [200 + 15 - edge + n for n in range(20)]


def test_film_rates_and_rounded_times(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    for ending in ("mkv", "mp4"):
        write_numbered(tmp_path / f"ntsc.{ending}", LENGTH, rate, gop=10, options=EVEN, **SIZE)
    timeline = [clip("ntsc.mkv", 5, 40), clip("ntsc.mp4", 21, 30)]
    made = make(write(tmp_path, timeline, fps="30000/1001"))
    assert made.copied[0][0] == 5
    assert numbers_of(made.path) == [5 + n for n in range(40)] + [21 + n for n in range(30)]


def test_ten_bits_are_copied(tmp_path: Path) -> None:
    deep = {"pix_fmt": "yuv422p10le", "gop": 10, "options": EVEN}
    write_numbered(tmp_path / "deep.mp4", 40, 25, **deep, **SIZE)
    made = make(write(tmp_path, [clip("deep.mp4", 4, 30)], pix_fmt="yuv422p10le"))
    ((first, frames),) = made.copied
    assert first == 6
    assert frames >= 20


def test_parameter_sets_that_say_little_are_completed(tmp_path: Path) -> None:
    """Untagged footage that does not state its reordering: the film states both."""
    options = {"x264-params": "ref=4:scenecut=0"}
    write_numbered(tmp_path / "a.mp4", 40, 25, gop=10, b_frames=3, options=options, **SIZE)
    with av.open(str(tmp_path / "a.mp4")) as source:
        stream = source.streams.video[0]
        record = bytes(stream.codec_context.extradata or b"")
        with av.open(str(tmp_path / "bare.mkv"), "w") as out:
            copy = out.add_stream_from_template(stream, opaque=True)
            copy.codec_context.extradata = _without_usability(record)
            for packet in source.demux(stream):
                if packet.size:
                    packet.stream = copy
                    out.mux(packet)
    made = make(write(tmp_path, [clip("bare.mkv", 7, 30)]))
    assert made.copied == [(3, 27)]
    assert {int(frame.color_primaries) for frame in frames_of(made.path)} == {6}


def _without_usability(record: bytes) -> bytes:
    """A decoder configuration record whose sequence parameter set ends before its VUI."""
    from vedc.media.bitstream import h264
    from vedc.media.bitstream.bits import BitWriter, escape

    headers, _ = h264.read_record(record)
    sps = h264.parse_sps(headers.sequence[0])
    value, size = sps.core
    out = BitWriter().u(8, sps.profile).u(8, sps.constraints).u(8, sps.level).ue(sps.id)
    bare = b"\x67" + escape(out.u(size, value).flag(False).payload())
    return h264.write_record(h264.Headers((bare,), headers.picture))


@pytest.mark.parametrize(
    ("codec", "encoder", "pix_fmt", "options", "ending"),
    [
        ("prores", "prores_ks", "yuv422p10le", {"profile": "hq"}, ".mov"),
        ("prores", "prores_ks", "yuv422p10le", {"profile": "hq"}, ".mkv"),
        ("dnxhr", "dnxhd", "yuv422p", {"profile": "dnxhr_hq"}, ".mov"),
        ("dnxhr", "dnxhd", "yuv422p", {"profile": "dnxhr_hq"}, ".mxf"),
    ],
)
def test_codecs_without_references_are_copied_to_the_frame(
    tmp_path: Path, codec: str, encoder: str, pix_fmt: str, options: Mapping[str, str], ending: str
) -> None:
    tagged = {"color": (1, 1, 1, 1), "options": dict(options), "pix_fmt": pix_fmt}
    write_numbered(tmp_path / "a.mov", 30, 25, encoder, width=256, height=128, **tagged)
    spec = write(
        tmp_path, [clip("a.mov", 3, 20), clip("a.mov", 1, 13)], f"film{ending}", codec=codec
    )
    text = spec.read_text().replace(f"width: {WIDTH}", "width: 256")
    spec.write_text(text.replace(f"height: {HEIGHT}", "height: 128"))
    made = make(spec)
    assert made.copied == [(0, 20), (20, 13)]
    assert numbers_of(made.path) == [*range(3, 23), *range(1, 14)]


# ---------------------------------------------------------------- what is not


TOUCHED: list[tuple[str, dict[str, Any]]] = [
    ("speed", {"speed": 2}),
    ("grade", {"grade": [{"op": "exposure", "stops": 1}]}),
    ("opacity", {"opacity": 0.5}),
    ("effect", {"effects": [{"op": "gaussian_blur", "radius": 2}]}),
    ("reverse", {"reverse": True}),
]


@pytest.mark.parametrize(("what", "more"), TOUCHED, ids=[what for what, _ in TOUCHED])
def test_what_is_touched_is_encoded(folder: Path, what: str, more: dict[str, Any]) -> None:
    plan = planned(write(folder, [clip("plain.mp4", 0, 24, **more)]))
    assert plan.copied_frames == 0, what


def test_titles_and_dissolves_end_what_is_copied(folder: Path) -> None:
    spec = write(folder, [clip("plain.mp4", 0, 48), clip("plain.mp4", 0, 48)])
    edit = yaml.safe_load(spec.read_text())
    edit["timeline"].insert(1, {"transition": "dissolve", "duration": "6f"})
    spec.write_text(yaml.safe_dump(edit, sort_keys=False))
    made = make(spec)
    assert made.copied[0] == (0, made.copied[0][1])
    assert made.copied[0][1] <= 42 <= made.copied[1][0]


#: The difference from the film -> the clip, and the plan's remark on it.
UNLIKE: dict[str, tuple[dict[str, Any], str]] = {
    "rate": ({"rate": 50}, "it has 50 frames a second, and the film 25"),
    "codec": ({"codec": "mpeg4"}, "it is mpeg4, and the output h264"),
    "samples": ({"pix_fmt": "yuv444p"}, ""),
    "sar": ({"sar": Fraction(2, 1)}, ""),
    "turned": ({"rotation": 180}, ""),
    "open groups": (
        {"b_frames": 3, "options": {"x264-params": "open-gop=1:scenecut=0"}},
        "no closed group of pictures begins",
    ),
    "interlaced": ({"options": {"flags": "+ilme+ildct"}}, ""),
}


@pytest.mark.parametrize("what", UNLIKE)
def test_footage_unlike_the_film_is_encoded(tmp_path: Path, what: str) -> None:
    options, reported = UNLIKE[what]
    write_numbered(tmp_path / "clip.mp4", 100, **{"gop": 12} | SIZE | options)
    plan = planned(write(tmp_path, [clip("clip.mp4", 13, 24)]))
    assert plan.copied_frames == 0
    if reported:
        (left,) = plan.uncopied
        assert left.name == "clip.mp4"
        assert left.reason.startswith(reported)


def test_uneven_times_are_not_copied(tmp_path: Path) -> None:
    """A frame that comes late spoils its group, and no other."""
    times = [n + (n >= 17) for n in range(50)]
    write_numbered(
        tmp_path / "late.mkv", 50, 25, gop=10, times=times, b_frames=0,
        options=EVEN, **SIZE,
    )  # fmt: skip
    made = make(write(tmp_path, [{"clip": "late.mkv", "duration": "50f"}], fps=25))
    assert numbers_of(made.path) == [*range(17), 16, *range(17, 49)]
    assert all(first + frames <= 10 or first >= 21 for first, frames in made.copied)


def test_wishes_for_the_encoder_switch_it_off(folder: Path) -> None:
    timeline = [clip("plain.mp4", 0, 24)]
    counts = {
        str(wish): planned(write(folder, timeline, **wish)).copied_frames
        for wish in (
            {},
            {"crf": 20},
            {"bitrate": "1M"},
            {"preset": "fast"},
            {"copy": "never"},
            {"copy": "always", "crf": 20},
        )
    }
    assert list(counts.values()) == [24, 0, 0, 0, 0, 24]


@pytest.mark.parametrize(
    ("name", "more", "reported"),
    [
        ("film.webm", {"codec": "vp9"}, "nothing is copied to vp9"),
        ("film.m3u8", {"audio_codec": "aac"}, "begin at times of their own"),
        ("film.png", {}, "'copy' has no effect on a png image"),
        ("film.wav", {}, "'copy' has no effect on sound alone"),
    ],
)
def test_copying_is_refused_where_it_cannot_be(
    folder: Path, name: str, more: dict[str, Any], reported: str
) -> None:
    spec = write(folder, [clip("plain.mp4", 0, 24)], name, copy="always", **more)
    text = spec.read_text()
    if name.endswith((".wav", ".png")):
        spec.write_text(text.replace("  audio_codec: none\n", ""))
    with pytest.raises(SpecError) as raised:
        Build(spec).edits()
    (problem,) = raised.value.problems
    assert problem.code == "not-for-codec"
    assert reported in problem.message
    assert problem.location is not None


# ---------------------------------------------------------------- work and store


def test_moving_a_cut_renders_its_edges_alone(folder: Path) -> None:
    timeline = [clip("plain.mp4", 5, 30), clip("pyramid.mkv", 4, 40), clip("phone.mov", 3, 40)]
    first = make(write(folder, timeline))
    again = make(write(folder, timeline))
    assert again.report.rendered_frames == 0
    timeline[1]["duration"] = "38f"
    moved = make(write(folder, timeline))
    assert 0 < moved.report.rendered_frames < first.report.rendered_frames
    assert moved.report.rendered_segments == 1


def test_a_part_of_the_film_is_copied_as_well(folder: Path) -> None:
    from vedc.workspace.moments import Part

    spec = write(folder, [clip("plain.mp4", 0, 48)])
    build = Build(spec, part=Part("0.2s", "1.6s"))
    plan = fuse_plan(plan_edit(build, build.edits()[0]))
    assert plan.frames == 35
    assert [(s.start, s.frames) for s in plan.segments if s.copied is not None] == [(12, 28)]


def test_a_file_that_changed_is_not_copied(folder: Path) -> None:
    from vedc.errors import RenderError
    from vedc.execute.render import render
    from vedc.execute.store import Store

    spec = write(folder, [clip("plain.mp4", 0, 24)])
    plan = planned(spec)
    write_numbered(folder / "plain.mp4", LENGTH, first=7, gop=12, **SIZE)
    build = Build(spec)
    with pytest.raises(RenderError) as raised:
        render([plan], Store(build.folder), digest=build.digest)
    assert raised.value.problems[0].code == "media-changed"
    (folder / "plain.mp4").unlink()
    with pytest.raises(RenderError) as raised:
        render([plan], Store(build.folder), digest=build.digest)
    assert raised.value.problems[0].code == "no-such-file"
    assert not (folder / "film.mp4").exists()


# ---------------------------------------------------------------- HEVC


X265 = "log-level=none:scenecut=0:info=0"


@pytest.fixture(scope="module")
def hevc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hevc")
    kinds = {
        "closed.mp4": f"{X265}:keyint=12:min-keyint=12:open-gop=0:bframes=3",
        "open.mkv": f"{X265}:keyint=15:min-keyint=15:open-gop=1:bframes=4",
        "other.ts": f"{X265}:keyint=10:min-keyint=10:open-gop=0:repeat-headers=1:ref=2:sao=0",
    }
    for number, (name, params) in enumerate(kinds.items()):
        options = {"x265-params": params, "preset": "fast"}
        write_numbered(
            folder / name, LENGTH, 25, "libx265", first=100 * number, options=options, **SIZE
        )
    return folder


@pytest.mark.parametrize("seed", range(3))
def test_random_trims_of_hevc_show_the_right_frames(tmp_path: Path, hevc: Path, seed: int) -> None:
    choose = random.Random(seed)
    names, wanted, timeline = ["closed.mp4", "open.mkv", "other.ts"], [], []
    for name in names:
        shutil.copy2(hevc / name, tmp_path)
    for _ in range(5):
        index = choose.randrange(len(names))
        first = choose.randrange(LENGTH - 1)
        length = choose.randint(1, LENGTH - first)
        timeline.append(clip(names[index], first, length))
        wanted += [100 * index + first + n for n in range(length)]
    made = make(write(tmp_path, timeline, codec="hevc"))
    assert numbers_of(made.path) == wanted


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_hevc_of_several_encoders_becomes_one_stream(
    tmp_path: Path, hevc: Path, ending: str
) -> None:
    for source in hevc.iterdir():
        shutil.copy2(source, tmp_path)
    cuts = [("closed.mp4", 7, 40), ("open.mkv", 3, 45), ("other.ts", 5, 33), ("open.mkv", 15, 30)]
    timeline = [clip(*cut) for cut in cuts]
    made = make(write(tmp_path, timeline, f"film{ending}", codec="hevc"))
    assert numbers_of(made.path) == [
        100 * ["closed.mp4", "open.mkv", "other.ts"].index(name) + first + n
        for name, first, frames in cuts
        for n in range(frames)
    ]
    assert [first for first, _ in made.copied] == [5, 52, 90, 118]


@pytest.mark.parametrize("container", ["ts", "mp4", "mkv"])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_copied_film_goes_through_a_pipe(
    folder: Path, hevc: Path, codec: str, container: Any
) -> None:
    """Into containers of other forms, where its headers stand before each key frame."""
    from vedc.media.stream import send

    names = ("plain.mp4", "pyramid.mkv")
    if codec == "hevc":
        names = ("closed.mp4", "open.mkv")
        for name in names:
            shutil.copy2(hevc / name, folder)
    made = make(
        write(folder, [clip(names[0], 7, 30), clip(names[1], 2, 40)], "film.mkv", codec=codec)
    )
    through = folder / f"through.{container}"
    with through.open("wb") as sink:
        send(made.path, sink, container)
    assert complaints(through) == []
    assert numbers_of(through) == numbers_of(made.path)
