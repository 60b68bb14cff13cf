"""Resolution: timing to the frame, defaults, and every check with its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from vedc.color import CANVAS_COLORS, Color
from vedc.edit.contents import Clip, Solid, Text
from vedc.edit.font_info import FontInfo
from vedc.edit.media_info import AudioInfo, MediaInfo, ProbeError, VideoInfo
from vedc.edit.model import Edit, Track
from vedc.edit.sounds import SoundFade
from vedc.edit.values import Keyframe, Keyframes
from vedc.errors import MissingError, SpecError, UserError
from vedc.lang.resolve.compile import check
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.load import load

BT601 = Color("smpte170m", "smpte170m", "smpte170m", "full")
PQ = Color("bt2020", "smpte2084", "bt2020nc", "limited")
CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))


def video(
    width: int = 1280,
    height: int = 720,
    rate: Fraction = Fraction(30),
    color: Color = Color(),  # noqa: B008  (frozen)
    frames: int | None = 300,
) -> VideoInfo:
    return VideoInfo(
        width, height, Fraction(1), 0, "yuv420p", "yuv420p", rate, color, True, "h264",
        Fraction(1, 90000), frames,
    )  # fmt: skip


SOUND = AudioInfo(48000, 2, "stereo", "aac", Fraction(0), Fraction(10))
SONG = AudioInfo(44100, 2, "stereo", "flac", Fraction(0), Fraction(60))
MEDIA: dict[str, tuple[str, Fraction | None, VideoInfo | None, AudioInfo | None]] = {
    "a.mp4": ("video", Fraction(10), video(), SOUND),
    "b.mp4": ("video", Fraction(10), video(640, 480, Fraction(25), BT601, 250), None),
    "odd.mp4": ("video", Fraction(10), video(853, 479), None),
    "longsound.mp4": ("video", Fraction(20), video(), SOUND),
    "hdr.mp4": ("video", Fraction(10), video(color=PQ), None),
    "endless.mkv": ("video", None, video(frames=None), None),
    "song.flac": ("audio", Fraction(60), None, SONG),
    "pic.png": ("image", None, video(400, 200), None),
}  # fmt: skip


def prober(path: Path) -> MediaInfo:
    known = MEDIA | {"outside.mp4": MEDIA["a.mp4"], "link.mp4": MEDIA["a.mp4"]}
    if path.name not in known:
        raise ProbeError("not-media", f"{path.name} is not a media file", "name another")
    kind, duration, picture, sound = known[path.name]
    return MediaInfo(str(path), 1, 1, kind, "x", duration, picture, sound)  # type: ignore[arg-type]  # a literal


def fonts(path: Path) -> FontInfo:
    return FontInfo(str(path), "Plain", ((32, 126),))


Run = Callable[..., list[Edit]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in (*MEDIA, "notes.txt", "font.ttf"):
        (folder / name).write_bytes(b"x")
    (folder / "look.cube").write_text(CUBE)
    (folder / "bad.cube").write_text("LUT_3D_SIZE two\n")
    (folder / "folder").mkdir()
    (tmp_path / "outside.mp4").write_bytes(b"x")
    (folder / "link.mp4").symlink_to(tmp_path / "outside.mp4")

    def run_it(text: str, *, allow: tuple[Path, ...] = ()) -> list[Edit]:
        spec = folder / "trip.vedc.yaml"
        spec.write_text(text, encoding="utf-8")
        return check(load(spec), CheckContext(folder, prober, fonts, allow))

    return run_it


def one(run: Run, timeline: str, rest: str = "") -> Edit:
    return run(f"version: 1\ntimeline: {timeline}\n{rest}")[0]


def spans(track: Track) -> list[tuple[int, int]]:
    return [(item.start, item.end) for item in track.items]


# Timing


def test_the_canvas_is_the_first_clip(run: Run) -> None:
    profile = one(run, "[{color: red, duration: 1s}, {clip: b.mp4}, {clip: a.mp4}]").profile
    assert (profile.width, profile.height, profile.fps) == (640, 480, 25)
    assert profile.color == BT601
    assert (profile.sample_rate, profile.channels) == (48000, 2)


def test_without_a_clip_the_canvas_is_1080p30(run: Run) -> None:
    profile = one(run, "[{color: red, duration: 1s}]").profile
    assert (profile.width, profile.height, profile.fps) == (1920, 1080, 30)
    assert profile.color == CANVAS_COLORS["bt709"]


def test_an_odd_clip_makes_an_even_canvas(run: Run) -> None:
    profile = one(run, "[{clip: odd.mp4}]").profile
    assert (profile.width, profile.height) == (854, 480)


def test_an_output_is_resolved_again(run: Run) -> None:
    wide, tall, slow = run(
        "version: 1\nprofile: {width: 1920}\n"
        "timeline: [{clip: a.mp4, duration: 50f}, {clip: b.mp4, in: 0, out: 25f}]\n"
        "outputs: [{path: w.mp4}, {path: t.mp4, width: 1080, height: 1920}, {path: s.mp4, fps: 10}]"
    )
    assert (wide.profile.width, wide.profile.height) == (1920, 1080)
    assert (tall.profile.width, tall.profile.height) == (1080, 1920)
    # A duration in frames counts the profile's rate, also where the output has its own; a
    # source range the source's. So all outputs last 5/3 + 1 seconds.
    assert spans(wide.tracks[0]) == [(0, 50), (50, 80)]
    assert spans(slow.tracks[0]) == [(0, 17), (17, 27)]


def test_edges_are_rounded_once_half_up_from_absolute_times(run: Run) -> None:
    edit = one(run, "[" + ", ".join(["{color: red, duration: 0.51s}"] * 4) + "]")
    # 15.3, 30.6, 45.9 and 61.2 frames at 30 a second.
    assert spans(edit.tracks[0]) == [(0, 15), (15, 31), (31, 46), (46, 61)]
    half = one(run, "[{color: red, duration: 0.05s}, {color: red, duration: 0.05s}]")
    assert spans(half.tracks[0]) == [(0, 2), (2, 3)]


def test_floats_are_their_shortest_decimals(run: Run) -> None:
    edit = one(run, "[{clip: a.mp4, in: 0.1, out: 0.3}]")
    content = edit.tracks[0].items[0].content
    assert isinstance(content, Clip)
    assert content.time_map.source_at(0) == Fraction(1, 10)
    assert spans(edit.tracks[0]) == [(0, 6)]


def test_a_transition_makes_the_track_shorter(run: Run) -> None:
    edit = one(
        run,
        "[{clip: a.mp4, duration: 4s}, {transition: dissolve, duration: 1s}, "
        "{clip: b.mp4, duration: 3s}, {transition: wipe, duration: 0.5s}, "
        "{color: red, duration: 2s}]",
    )
    track = edit.tracks[0]
    assert spans(track) == [(0, 120), (90, 180), (165, 225)]
    assert [(t.name, t.start, t.end, t.left, t.right) for t in track.transitions] == [
        ("dissolve", 90, 120, 0, 1),
        ("wipe", 165, 180, 1, 2),
    ]
    assert edit.duration == 225


def test_items_enter_from_nothing_and_exit_to_it(run: Run) -> None:
    edit = one(
        run,
        "[{clip: a.mp4, duration: 2s, enter: fade, exit: {preset: slide, direction: up,"
        " duration: 12f, easing: ease-in, audio: cut}}, {color: red, duration: 1s, enter: dip},"
        " {image: pic.png, duration: 1s, exit: fade, enabled: false}]",
    )
    track = edit.tracks[0]
    assert spans(track) == [(0, 60), (60, 90)]
    enter, leave, dip = track.transitions
    assert (enter.name, enter.start, enter.end, enter.left, enter.right, enter.sound) == (
        "dissolve", 0, 15, None, 0, None,
    )  # fmt: skip
    assert (leave.name, leave.start, leave.end, leave.left, leave.right, leave.sound) == (
        "slide", 48, 60, 0, None, "cut",
    )  # fmt: skip
    assert (leave.easing, leave.params) == ("ease-in", (("direction", "up"),))
    assert (dip.name, dip.start, dip.end, dip.left, dip.right) == ("dip", 60, 75, None, 1)


def test_an_item_that_enters_or_exits_may_also_be_joined_to_another(run: Run) -> None:
    edit = one(
        run,
        "[{clip: a.mp4, duration: 2s, enter: {preset: fade, duration: 1s}},"
        " {transition: dissolve, duration: 1s, audio: {name: dip, curve: [exp, log]}},"
        " {clip: b.mp4, duration: 2s}]",
    )
    enter, joint = edit.tracks[0].transitions
    assert (enter.start, enter.end, joint.start, joint.end) == (0, 30, 30, 60)
    assert (enter.sound, joint.sound, joint.curves) == (None, "dip", ("exp", "log"))


def test_a_centered_transition_keeps_the_length_and_takes_handles(run: Run) -> None:
    edit = one(
        run,
        "[{clip: a.mp4, in: 1s, out: 3s},"
        " {transition: dissolve, duration: 1s, placement: centered},"
        " {clip: a.mp4, in: 5s, out: 7s, opacity: {keyframes: [{time: 0s, value: 0},"
        " {time: 100%, value: 1}]}},"
        " {transition: dip, duration: 10f, placement: centered}, {color: red, duration: 2s}]",
    )
    track = edit.tracks[0]
    assert edit.duration == 180
    assert spans(track) == [(0, 75), (45, 125), (115, 180)]
    assert [(t.start, t.end) for t in track.transitions] == [(45, 75), (115, 125)]
    first, second = (item.content for item in track.items[:2])
    assert isinstance(first, Clip) and isinstance(second, Clip)
    assert (first.time_map.source_at(0), first.time_map.length) == (1, Fraction(5, 2))
    assert (second.time_map.source_at(0), second.time_map.length) == (
        Fraction(9, 2), Fraction(8, 3),
    )  # fmt: skip
    # Keyframes count from the cut, and 100% is the length that the spec gives.
    opacity = track.items[1].frame.opacity
    assert isinstance(opacity, Keyframes)
    assert [point.frame for point in opacity.points] == [15, 75]


def test_a_missing_handle_is_reported_with_the_numbers(run: Run) -> None:
    with pytest.raises(SpecError) as caught:
        one(
            run,
            "[{clip: a.mp4, out: 9.7s}, {transition: wipe, duration: 1s, placement: centered},"
            " {clip: b.mp4, in: 100ms}]",
        )
    after, before = caught.value.problems
    assert after.message == (
        "a centered transition of 1s shows 0.5s of 'a.mp4' after its end, and the file has "
        "0.3s there"
    )
    assert after.hint == (
        "make it at most 0.6s, end the clip 0.2s earlier, or write placement: overlap"
    )
    assert "0.5s of 'b.mp4' before its start, and the file has 0.1s" in before.message
    assert before.hint == (
        "make it at most 0.2s, begin the clip 0.4s later, or write placement: overlap"
    )


def test_the_handles_of_a_clip_that_plays_backwards_are_at_the_other_ends(run: Run) -> None:
    with pytest.raises(SpecError) as caught:
        one(
            run,
            "[{clip: a.mp4, out: 5s, speed: -2}, {transition: wipe, duration: 1s, placement: "
            "centered}, {clip: b.mp4, in: 4s, reverse: true}]",
        )
    after, before = caught.value.problems
    assert after.hint is not None and before.hint is not None
    assert after.hint.startswith("let its range (`in`) begin 1s later,")
    assert before.hint.startswith("let its range (`out`) end 0.5s earlier,")


def test_a_random_transition_is_the_same_each_time(run: Run) -> None:
    def picks(*transitions: str) -> list[str]:
        clips = "{color: red, duration: 2s}"
        joined = "".join(f", {{transition: {each}}}, {clips}" for each in transitions)
        return [
            f"{t.name} {dict(t.params).get('direction', '')}".strip()
            for t in one(run, f"[{clips}{joined}]").tracks[0].transitions
        ]

    several = picks(*["random"] * 12)
    assert several == picks(*["{name: random}"] * 12)
    assert len(set(several)) > 4
    # The other items on the track do not matter, and a seed fixes the pick wherever it is.
    assert picks("dissolve", "random", "{name: random, seed: 4}", "random") == [
        "dissolve", several[0], *picks("{name: random, seed: 4}"), several[1],
    ]  # fmt: skip
    seeded = [picks(f"{{name: random, seed: {n}, from: [wipe, iris, dip]}}")[0] for n in range(30)]
    assert {name.split()[0] for name in seeded} == {"wipe", "iris", "dip"}
    # A further candidate changes only the picks that fall on it.
    more = [
        picks(f"{{name: random, seed: {n}, from: [clock, wipe, iris, dip]}}")[0] for n in range(30)
    ]
    assert {new for old, new in zip(seeded, more, strict=True) if old != new} == {"clock clockwise"}


def test_holes_and_gaps(run: Run) -> None:
    edit = one(
        run,
        "[{clip: a.mp4, duration: 1s}, {gap: 1s}, {clip: a.mp4, duration: 1s}, "
        "{clip: a.mp4, start: 5s, duration: 1s}, {transition: dissolve, duration: 0.5s}, "
        "{gap: 2s}]",
    )
    track = edit.tracks[0]
    assert spans(track) == [(0, 30), (60, 90), (150, 180)]
    assert [(t.start, t.end, t.left, t.right) for t in track.transitions] == [(165, 180, 2, None)]
    assert edit.duration == 225


def test_a_disabled_item_keeps_its_time(run: Run) -> None:
    edit = one(
        run,
        "[{clip: a.mp4, duration: 2s}, {transition: dissolve, duration: 1s}, "
        "{clip: b.mp4, duration: 2s, enabled: false}, {clip: a.mp4, duration: 1s}]",
    )
    track = edit.tracks[0]
    assert spans(track) == [(0, 60), (90, 120)]
    assert [(t.left, t.right) for t in track.transitions] == [(0, None)]


def test_shares_of_the_timeline(run: Run) -> None:
    edit = run("""\
version: 1
timeline:
  tracks:
    - clips: [{clip: a.mp4, duration: 8s}]
    - clips: [{image: pic.png, duration: 100%}]
    - clips: [{gap: 2s}, {text: Hi, duration: 100%}]
    - clips: [{color: red, start: 50%, duration: 25%}]
    - clips: [{clip: a.mp4, in: 10%, out: 50%}]
""")[0]
    assert [spans(t) for t in edit.tracks] == [
        [(0, 240)], [(0, 240)], [(60, 240)], [(120, 180)], [(0, 120)],
    ]  # fmt: skip
    assert edit.duration == 240


def test_a_clip_ends_with_its_picture_not_with_its_sound(run: Run) -> None:
    assert one(run, "[{clip: longsound.mp4}]").duration == 300


@pytest.mark.parametrize(
    ("keys", "frames", "begin", "slope"),
    [
        ("in: 2s, out: 6s, speed: 2", 60, 2, 2), ("in: 2s, duration: 2s, speed: 2", 60, 2, 2),
        ("out: 3s, speed: 0.5", 180, 0, Fraction(1, 2)),
        ("in: 2s, out: 6s, reverse: true", 120, 6, -1),
        ("in: 1s, duration: 3s, reverse: true", 90, 4, -1),
        ("speed: -1.25", 240, 10, Fraction(-5, 4)), ("speed: 0.3", 1000, 0, Fraction(3, 10)),
        ("in: 1s, duration: 2s, speed: 1.5, reverse: true", 60, 4, Fraction(-3, 2)),
        ("in: 4s, duration: 50f, speed: 3.6", 50, 4, Fraction(18, 5)),
    ],
)  # fmt: skip
def test_speed_and_direction(
    run: Run, keys: str, frames: int, begin: Fraction, slope: Fraction
) -> None:
    edit = one(run, f"[{{clip: a.mp4, {keys}}}, {{color: red, duration: 1s}}]")
    clip, after = edit.tracks[0].items
    assert isinstance(clip.content, Clip) and clip.content.pitch == "keep"
    times = clip.content.time_map
    assert (clip.end, after.start) == (frames, frames)
    assert (times.source_at(0), times.slope_at(0)) == (begin, slope)


@pytest.mark.parametrize(
    ("keys", "frames", "seen"),
    [
        ("freeze: 2s, duration: 3s", 90, {0: 2, 2: 2}),
        ("freeze: -1s, duration: 0.5s", 15, {0: 9}),
        ("in: 1s, out: 3s, loop: 3", 180, {0: 1, 1: 2, 2: 1, 5: 2}),
        ("out: 3s, loop: true, duration: 5s", 150, {0: 0, 4: 1}),
        ("out: 4s, speed: 2, reverse: true, loop: 2", 120, {0: 4, 1: 2, 2: 4}),
        ("in: 8s, duration: 5s, on_end: hold", 150, {0: 8, 1: 9, 3: 10, 4: 10}),
        ("in: 8s, duration: 5s, on_end: hold, speed: -1", 150, {0: 10, 1: 9, 3: 8, 4: 8}),
        ("in: 8s, out: 12s, on_end: hold", 120, {1: 9, 3: 10}),
        ("in: 8s, duration: 5s, on_end: loop", 150, {1: 9, 2: 8, 4: 8}),
        ("in: 8s, duration: 5s, on_end: loop, reverse: true", 150, {0: 10, 1: 9, 2: 10}),
        ("in: 1s, duration: 2s, on_end: loop, reverse: true", 60, {0: 3, 1: 2}),
        ("in: -4s, out: -1s", 90, {0: 6}),
        ("in: -25%, out: -10f", 65, {0: Fraction(15, 2)}),
        (
            "time_map: {keyframes: [{time: 1s, value: 2s}, {time: 3s, value: 6s}]}",
            90,
            {0: 2, 1: 2, 2: 4},
        ),
        (
            "duration: 4s, time_map: {keyframes: [{time: 0s, value: -2s}, {time: 50%, value: 0%}]}",
            120,
            {0: 8, 1: 4, 3: 0},
        ),
        (
            "on_end: hold, time_map: {keyframes: [{time: 0s, value: 8s}, {time: 4s, value: 12s}]}",
            120,
            {1: 9, 3: 10},
        ),
        (
            "on_end: loop, time_map: {keyframes: [{time: 0s, value: 8s}, {time: 4s, value: 12s}]}",
            120,
            {1: 9, 3: 1},
        ),
    ],
)
def test_what_is_shown_when(
    run: Run, keys: str, frames: int, seen: dict[int, Fraction | int]
) -> None:
    """``seen``: source seconds by seconds of the clip."""
    tracks = f"{{tracks: [{{clips: [{{clip: a.mp4, {keys}}}, {{color: red, duration: 1s}}]}}]}}"
    clip, after = one(run, tracks).tracks[0].items
    assert isinstance(clip.content, Clip)
    assert (clip.end, after.start) == (frames, frames)
    assert {time: clip.content.time_map.source_at(time) for time in seen} == seen


def test_times_count_from_the_end_of_the_film(run: Run) -> None:
    edit = run("""version: 1
timeline:
  tracks:
    - {clips: [{clip: a.mp4}]}
    - clips:
        - {color: red, start: -3s, duration: 2s, opacity: {keyframes: [
            {time: -0.5s, value: 1}, {time: 100%, value: 0}]}}
  markers: [{time: -2s, name: End}]
audio: [{clip: song.flac, start: -4s}]
outputs: [{path: a.png, at: -1f}]
""")[0]
    (logo,) = edit.tracks[1].items
    assert (logo.start, logo.end) == (210, 270)
    assert isinstance(logo.frame.opacity, Keyframes)
    assert [point.frame for point in logo.frame.opacity.points] == [45, 60]
    assert (edit.audio[0].start, edit.audio[0].end) == (180, 300)
    assert (edit.markers[0].frame, edit.output.at) == (240, 299)


@pytest.mark.parametrize(
    ("keys", "frames", "seen"),
    [
        ("speed: 2, in: 1s", 300, {0: 1, 1: 3}),
        ("speed: 10, duration: 2s", 60, {1: 10}),
        ("reverse: true, out: 5s", 150, {0: 5, 1: 4}),
        ("loop: 2, in: 1s, out: 3s, speed: 0.5", 240, {1: Fraction(3, 2), 4: 1}),
        ("loop: true, in: 1s, out: 3s", 300, {1: 2, 2: 1}),
    ],
)
def test_audio_items_play_at_any_speed(
    run: Run, keys: str, frames: int, seen: dict[int, Fraction | int]
) -> None:
    (item,) = one(
        run, "[{clip: a.mp4}]", f"audio: [{{clip: song.flac, pitch: follow, {keys}}}]"
    ).audio
    assert (item.start, item.end, item.pitch) == (0, frames, "follow")
    assert {time: item.time_map.source_at(time) for time in seen} == seen


def test_defaults_give_a_speed_and_a_pitch(run: Run) -> None:
    edit = one(run, "[{clip: a.mp4}]", "defaults: {clip: {speed: 2, pitch: follow}}")
    (item,) = edit.tracks[0].items
    assert item.end == 150 and isinstance(item.content, Clip) and item.content.pitch == "follow"


def test_frames_count_the_source_in_ranges_and_the_canvas_in_durations(run: Run) -> None:
    edit = one(run, "[{clip: a.mp4, duration: 1s}, {clip: b.mp4, in: 25f, duration: 15f}]")
    item = edit.tracks[0].items[1]
    assert isinstance(item.content, Clip)
    assert item.content.time_map.source_at(0) == 1
    assert (item.start, item.end) == (30, 45)


# Values


def test_everything_that_is_left_out_has_its_default(run: Run) -> None:
    edit = one(run, "[{text: Hi, duration: 1s, position: bottom-left}]")
    item = edit.tracks[0].items[0]
    content = item.content
    assert isinstance(content, Text)
    assert Path(content.fonts[0]).name.startswith("default.")
    assert (content.color, content.line_height) == ((1, 1, 1, 1), 1.2)
    sides = edit.profile.width, edit.profile.height
    assert content.size == pytest.approx(0.06 * min(sides))
    assert content.max_width == pytest.approx(0.8 * sides[0])
    assert item.frame.anchor == (0, 1)
    width, height = edit.profile.width, edit.profile.height
    margin = 0.05 * min(width, height)
    assert item.frame.position == pytest.approx((margin / width, 1 - margin / height))
    assert item.frame.fit == "none"
    assert item.sound is None
    assert edit.output.path.endswith("/trip.mp4")
    assert (edit.output.codec, edit.output.pix_fmt) == ("h264", "yuv420p")


def test_ops_have_every_parameter(run: Run) -> None:
    item = (
        one(
            run,
            "[{clip: a.mp4, grade: [{op: cdl, slope: 1.1}, {op: lut, src: look.cube}],"
            " opacity: {keyframes: [{time: 0s, value: 0, easing: easeIn}, {time: 50%,"
            " value: 1}]}}]",
        )
        .tracks[0]
        .items[0]
    )
    cdl, lut = item.grade
    assert dict(cdl.params) == {
        "src": "", "id": "", "slope": (1.1, 1.1, 1.1), "offset": (0, 0, 0), "power": (1, 1, 1),
        "saturation": 1,
    }  # fmt: skip
    assert str(dict(lut.params)["src"]).endswith("/project/look.cube")
    assert item.frame.opacity == Keyframes(
        (Keyframe(Fraction(0), 0.0, "ease-in"), Keyframe(Fraction(150), 1.0))
    )


@pytest.mark.parametrize(
    ("item", "hint"),
    [
        ("position: bottom-left, offset: [48, -36]", "margin: [48, 36] in its place"),
        ("position: bottom, offset: [0, -36]", "margin: [0, 36] in its place"),
        ("position: right, offset: [-20, 5]", "margin: 0 beside it"),
        ("position: left, offset: [-20, 0]", ""),
        ("position: left, margin: 0, offset: [20, 0]", ""),
        ("position: [0, 0.5], offset: [20, 0]", ""),
        ("offset: [20, 0]", ""),
    ],
)
def test_an_offset_that_adds_to_the_margin_of_a_title_is_noted(
    run: Run, item: str, hint: str
) -> None:
    edit = one(run, f"[{{text: I, size: 8, duration: 1s, {item}}}]")
    hints = [str(w.hint) for w in edit.warnings if w.code == "margin-and-offset"]
    assert len(hints) == bool(hint)
    assert all(hint in each for each in hints)


def test_an_easing_that_leads_nowhere_is_reported(run: Run) -> None:
    points = "[{time: 0, value: 0}, {time: 1, value: 1, easing: ease-out}]"
    edit = one(run, f"[{{clip: a.mp4, opacity: {{keyframes: {points}}}}}]")
    (warning,) = edit.warnings
    assert warning.code == "idle-easing" and "easing: ease-out" in str(warning.hint)
    assert warning.location is not None and warning.location.line == 2


def test_easings_that_overshoot_keep_to_the_limits_of_their_key(run: Run) -> None:
    points = "[{time: 0, value: 0, easing: ease-out-back}, {time: 1, value: 1}]"
    item = f"{{clip: a.mp4, opacity: {{keyframes: {points}}}, rotation: {{keyframes: {points}}}}}"
    frame = one(run, f"[{item}]").tracks[0].items[0].frame
    rotation = frame.of("affine")["rotation"]
    assert isinstance(frame.opacity, Keyframes) and frame.opacity.limits == (0, 1)
    assert isinstance(rotation, Keyframes) and rotation.limits == (-36000, 36000)


def test_colours_and_sound(run: Run) -> None:
    edit = run("""\
version: 1
timeline:
  tracks:
    - clips: [{clip: a.mp4, volume: -6dB, fade_in: 500ms}, {clip: a.mp4, mute: true}, {clip: b.mp4}]
    - {mute: true, clips: [{clip: a.mp4}]}
    - clips: [{color: "#ff000080", duration: 1s}]
audio:
  - {clip: song.flac, in: 10s, loop: true, fade_out: 2s}
  - {clip: song.flac, start: 25s, out: 2s}
""")[0]
    first, muted, silent = edit.tracks[0].items
    assert first.sound is not None
    assert (first.sound.volume, first.sound.fade_in) == (-6, SoundFade(Fraction(1, 2)))
    assert first.sound.fade_out is None
    assert muted.sound is None
    assert silent.sound is None
    assert edit.tracks[1].items[0].sound is None
    assert edit.tracks[2].items[0].content == Solid((1.0, 0.0, 0.0, 128 / 255))
    music, jingle = edit.audio
    assert (music.start, music.end, music.time_map.source_range()) == (0, 900, (10, 40))
    assert music.time_map.period == 50
    assert (jingle.start, jingle.end, jingle.time_map.source_range()) == (750, 810, (0, 2))


def test_levels_and_pans_of_items_tracks_and_the_film(run: Run) -> None:
    edit = run("""\
version: 1
timeline:
  tracks:
    - volume: -3dB
      pan: {keyframes: [{time: 0s, value: -1}, {time: 100%, value: 1}]}
      clips:
        - clip: a.mp4
          out: 2s
          volume: {keyframes: [{time: 0s, value: 0%}, {time: 50%, value: -6 dB}]}
audio: [{clip: song.flac, pan: 0.5}]
master: {volume: -1dB, fade_out: {duration: 1s, curve: exp}}
""")[0]
    (track,) = edit.tracks
    sound = track.items[0].sound
    assert sound is not None and isinstance(sound.volume, Keyframes)
    assert [(p.frame, p.value) for p in sound.volume.points] == [(0, -math.inf), (30, -6)]
    assert track.sound.volume == -3 and isinstance(track.sound.pan, Keyframes)
    assert [(p.frame, p.value) for p in track.sound.pan.points] == [(0, -1), (60, 1)]
    assert edit.audio[0].sound.pan == 0.5
    assert (edit.master.volume, edit.master.fade_out) == (-1, SoundFade(Fraction(1), "exp"))


def test_sound_ends_with_the_film(run: Run) -> None:
    edit = one(run, "[{clip: a.mp4, duration: 3s}]", "audio: [{clip: song.flac}]")
    assert (edit.audio[0].start, edit.audio[0].end) == (0, 90)


def test_a_percentage_of_a_fade_is_of_what_is_heard(run: Run) -> None:
    item = "{clip: song.flac, start: 1s, duration: 4s, loop: true, fade_in: 50%, fade_out: 25%}"
    edit = one(run, "[{clip: a.mp4, duration: 3s}]", f"audio: [{item}]")
    sound = edit.audio[0].sound
    assert sound.fade_in == SoundFade(Fraction(1)) and sound.fade_out == SoundFade(Fraction(1, 2))


def test_colour_tags_can_be_overridden(run: Run) -> None:
    edit = one(
        run,
        "[{clip: hdr}]",
        "assets: {hdr: {src: hdr.mp4, color: {transfer: bt709, primaries: bt709, matrix: bt709}}}",
    )
    content = edit.tracks[0].items[0].content
    assert isinstance(content, Clip)
    assert content.color == Color()
    assert edit.profile.color == Color()


@pytest.mark.parametrize(
    ("spec", "reported"),
    [
        ("[{clip: hdr.mp4, duration: 1s}, {clip: hdr.mp4, in: 2s}]", 1),  # once for a file
        ("[{clip: hdr.mp4, tone_map: bt2390}]", 0),
        ("[{clip: hdr.mp4, tone_map: none}]", 0),
        ("[{clip: hdr.mp4, grade: [{op: tone_map, method: hable}]}]", 0),
        ("[{clip: a.mp4}]", 0),
    ],
)
def test_unrequested_tone_mapping_is_reported(run: Run, spec: str, reported: int) -> None:
    edit = one(run, spec)
    assert [w.code for w in edit.warnings] == ["tone-mapped"] * reported
    assert edit.profile.color == Color()


@pytest.mark.parametrize(
    ("name", "method", "profile", "why"),
    [
        ("a.mp4", "hable", "{}", "'a.mp4' has no HDR"),
        ("hdr.mp4", "bt2390", "{color: bt2100-pq}", "the canvas has HDR, too"),
        ("a.mp4", "none", "{}", None),
        ("a.mp4", "auto", "{}", None),
        ("hdr.mp4", "hable", "{}", None),
    ],
)
def test_an_unneeded_curve_is_reported(
    run: Run, name: str, method: str, profile: str, why: str | None
) -> None:
    edit = one(run, f"[{{clip: {name}, tone_map: {method}}}]", f"profile: {profile}")
    reported = [(w.code, w.message, w.hint) for w in edit.warnings]
    message = f"'tone_map: {method}' has no effect: {why}"
    assert reported == ([("no-effect", message, "leave it out")] if why else [])


@pytest.mark.parametrize(
    ("peak", "transfer", "words"),
    [
        (4000.0, "smpte2084", "PQ of up to 4000 cd/m2, and"),
        (None, "smpte2084", "PQ of up to 1000 cd/m2 (assumed: the file does not say), and"),
        (None, "arib-std-b67", "HLG, and"),
    ],
)
def test_the_remark_says_what_the_curve_ends_at(
    run: Run, monkeypatch: pytest.MonkeyPatch, peak: float | None, transfer: str, words: str
) -> None:
    picture = replace(video(color=PQ.with_(transfer=transfer)), peak=peak)
    monkeypatch.setitem(MEDIA, "hdr.mp4", ("video", Fraction(10), picture, None))
    (warning,) = one(run, "[{clip: hdr.mp4}]").warnings
    assert words in warning.message


def test_an_hdr_canvas_keeps_hdr_and_takes_ten_bits(run: Run) -> None:
    edit = one(run, "[{clip: hdr.mp4}]", "profile: {color: bt2100-pq}")
    assert (edit.warnings, edit.profile.color) == ((), PQ)
    assert edit.output.pix_fmt == "yuv420p10le"


@pytest.mark.parametrize(
    ("output", "cure"),
    [
        ("{path: a.mp4, pix_fmt: yuv420p}", "yuv420p10le"),
        ("{path: a.webm, codec: vp9}", "SDR canvas"),
        ("{path: a.jpg}", "SDR canvas"),
    ],
)
def test_eight_bits_are_too_few_for_hdr(run: Run, output: str, cure: str) -> None:
    text = "version: 1\nprofile: {color: bt2100-hlg}\ntimeline: [{clip: hdr.mp4}]\n"
    with pytest.raises(SpecError) as raised:
        run(text + f"outputs: [{output}]")
    (problem,) = raised.value.problems
    assert problem.code == "hdr-needs-10-bits" and cure in (problem.hint or "")


def test_allow_path(run: Run, tmp_path: Path) -> None:
    text = "version: 1\ntimeline: [{clip: ../outside.mp4}, {clip: link.mp4}]"
    assert len(run(text, allow=(tmp_path,))[0].tracks[0].items) == 2


def test_names_without_an_extension_and_with_a_colon_are_files(tmp_path: Path) -> None:
    def probe(path: Path) -> MediaInfo:
        return replace(prober(Path("a.mp4")), path=str(path))

    for name in ("noext", "Interview:1.mp4"):
        (tmp_path / name).write_bytes(b"x")
    spec = tmp_path / "trip.vedc.yaml"
    spec.write_text("version: 1\ntimeline: [{clip: noext}, {clip: 'Interview:1.mp4'}]")
    (edit,) = check(load(spec), CheckContext(tmp_path, probe, fonts))
    contents = [item.content for item in edit.tracks[0].items]
    names = [Path(c.media.path).name for c in contents if isinstance(c, Clip)]
    assert names == ["noext", "Interview:1.mp4"]


# Mistakes: § marks the place, the rest of the spec is implied.

MISTAKES = [
    # Files
    ("[{clip: §beech.mp4}]", "file-missing"),
    ("[{clip: §tlak}]\nassets: {talk: a.mp4}", "unknown-asset"),
    ("[{clip: talk}]\nassets: {talk: §talk.mp4}", "file-missing"),
    ("[{clip: a.mp4}]\nassets: {unused: §gone.mp4}", "file-missing"),
    ("[{clip: §./folder}]", "is-a-folder"),
    ("[{clip: §../outside.mp4}]", "outside-root"),
    ("[{clip: §link.mp4}]", "outside-root"),
    ("[{clip: §/etc/passwd.mp4}]", "outside-root"),
    ("[{clip: §https://example.org/a.mp4}]", "url"),
    ("[{clip: §notes.txt}]", "not-media"),
    ("[{clip: §pic.png}]", "not-a-clip"),
    ("[{image: §a.mp4, duration: 1s}]", "not-an-image"),
    ("[{clip: song.flac, §grade: [{op: exposure}]}]", "no-video"),
    ("[{clip: a.mp4}]\naudio: [{clip: §b.mp4}]", "no-audio"),
    ("[{clip: a.mp4, grade: [{op: lut, src: §gone.cube}]}]", "file-missing"),
    ("[{clip: a.mp4, grade: [{op: lut, src: §bad.cube}]}]", "bad-lut"),
    ("[{clip: a.mp4, grade: [{op: lut, asset: §lokk}]}]\nassets: {look: look.cube}",
     "unknown-asset"),
    ("[{text: Hi, duration: 1s, font: §gone.ttf}]", "file-missing"),
    ("[{text: §Grüße 漢, duration: 1s}]", "missing-glyph"),
    # Source ranges
    ("[{clip: a.mp4, in: 5s, out: §3s}]", "in-after-out"),
    ("[{clip: a.mp4, in: 5s, out: §5s}]", "in-after-out"),
    ("[{clip: a.mp4, in: §12s}]", "in-beyond-end"),
    ("[{clip: a.mp4, out: §11s}]", "out-beyond-end"),
    ("[{clip: a.mp4, in: 5s, duration: §6s}]", "out-beyond-end"),
    ("[§{clip: endless.mkv}]", "no-length"),
    ("[{clip: endless.mkv, out: §50%}]", "no-length"),
    # Lengths
    ("[§{image: pic.png}]", "no-duration"),
    ("[{image: pic.png, duration: §100%}]", "no-length"),
    ("[{color: red, duration: §0s}]", "too-short"),
    ("[{clip: a.mp4, duration: §10ms}]", "too-short"),
    ("[{clip: a.mp4, out: §1ms}]", "too-short"),
    ("[{clip: a.mp4}, {image: pic.png, duration: §50%}]", "too-short"),
    ("[{clip: a.mp4, duration: 2s}, {clip: a.mp4, start: §1s}]", "overlap"),
    ("[{color: red, duration: §00:00:01:31}]", "bad-time"),
    # Transitions
    ("[§{transition: dissolve}, {clip: a.mp4}]", "transition-first"),
    ("[{clip: a.mp4}, §{transition: dissolve}]", "transition-last"),
    ("[{clip: a.mp4}, {transition: dissolve}, §{transition: wipe}, {clip: a.mp4}]",
     "transition-doubled"),
    ("[{gap: 1s}, §{transition: dissolve}, {gap: 1s}]", "transition-between-gaps"),
    ("[{clip: a.mp4, out: 1s}, {transition: dissolve, duration: §2s}, {clip: a.mp4}]",
     "transition-too-long"),
    ("[{clip: a.mp4}, {transition: dissolve, duration: §2s}, {clip: a.mp4, out: 1s}]",
     "transition-too-long"),
    ("[{clip: a.mp4}, {transition: dissolve, duration: 1s}, {color: red, duration: 1.5s},"
     " {transition: dissolve, duration: §1s}, {clip: a.mp4}]", "transitions-overlap"),
    ("[{clip: a.mp4}, {transition: dissolve, duration: §5ms}, {clip: a.mp4}]", "too-short"),
    ("[{clip: a.mp4}, {transition: dissolve}, {clip: a.mp4, §start: 20s}]",
     "start-after-transition"),
    ("[{clip: a.mp4}, §{transition: dissolve}, {clip: song.flac}]", "no-video"),
    ("[{clip: a.mp4, in: 1s}, {transition: dissolve, duration: §1s, placement: centered},"
     " {clip: a.mp4, in: 1s}]", "no-handle"),
    ("[{clip: a.mp4, out: 5s}, {transition: dissolve, duration: §1s, placement: centered},"
     " {clip: a.mp4, in: 400ms}]", "no-handle"),
    ("[{clip: a.mp4, out: 5s}, {transition: dissolve, duration: §1s, placement: centered},"
     " {color: red, duration: 0.4s}]", "transition-too-long"),
    ("[{clip: a.mp4}, {transition: {name: random, from: §[]}}, {clip: a.mp4}]", "empty-list"),
    ("[{clip: a.mp4}, {transition: {name: random, from: [§nothing]}}, {clip: a.mp4}]",
     "unknown-op"),
    # Markers
    ("{tracks: [{clips: [{clip: a.mp4}]}], markers: [{time: §10s, name: End}]}",
     "marker-beyond-end"),
    ("{tracks: [{clips: [{clip: a.mp4}]}], markers: [{time: 1s, name: A}, {time: §30f, name: B}]}",
     "same-marker"),
    ("{tracks: [{clips: [{clip: a.mp4}]}], markers: [§{time: 1s}]}", "missing-key"),
    # Adjustments
    ("[§{adjustment: true, grade: [{op: invert}]}]", "no-duration"),
    ("[{adjustment: §false, duration: 1s}]", "wrong-type"),
    ("[{adjustment: §4s}]", "wrong-type"),
    ("[{adjustment: true, duration: 1s, §position: top}]", "unknown-key"),
    ("[{adjustment: true, duration: 1s, effects: [{op: §motion_trail}]}]", "no-earlier-frames"),
    # Enter and exit
    ("[{clip: a.mp4, duration: 2s, enter: {preset: fade, duration: §3s}}]", "transition-too-long"),
    ("[{clip: a.mp4, duration: 2s, enter: {preset: fade, duration: 1s},"
     " exit: {preset: wipe, duration: §1.5s}}]", "transitions-overlap"),
    ("[{clip: a.mp4, duration: 2s, enter: {preset: fade, duration: §1.5s}},"
     " {transition: wipe, duration: 1s}, {clip: a.mp4}]", "transitions-overlap"),
    ("[{clip: a.mp4, enter: {preset: fade, duration: §10ms}}]", "too-short"),
    ("[{clip: a.mp4, §exit: fade}, {transition: wipe}, {clip: a.mp4}]", "edge-at-transition"),
    ("[{clip: a.mp4}, {transition: wipe}, {clip: a.mp4, §enter: fade}]", "edge-at-transition"),
    ("[{gap: 1s}, {transition: wipe}, {clip: a.mp4, §enter: fade}]", "edge-at-transition"),
    ("[{clip: a.mp4}, {clip: song.flac, §enter: fade}]", "no-video"),
    ("[{clip: a.mp4, enter: §dissolv}]", "unknown-op"),
    ("[{clip: a.mp4, enter: {preset: fade, §direction: up}}]", "unknown-key"),
    ("[{clip: a.mp4, enter: {preset: fade, §placement: up}}]", "unknown-key"),
    ("[{clip: a.mp4, exit: {preset: fade, audio: §none}}]", "unknown-value"),
    # Tracks
    ("{tracks: [{id: x, clips: [{gap: 1s}]}, {id: §x, clips: [{gap: 1s}]}]}", "same-id"),
    ("§{tracks: [{enabled: false, clips: [{gap: 1s}]}]}", "empty-timeline"),
    # Keyframes and sound
    ("[{clip: a.mp4, opacity: {keyframes: [{time: 2s, value: 0}, {time: §1s, value: 1}]}}]",
     "keyframe-order"),
    ("[{clip: a.mp4, out: 2s, opacity: {keyframes: [{time: §3s, value: 0}]}}]",
     "keyframe-beyond"),
    ("[{clip: a.mp4, volume: §90dB}]", "out-of-range"),
    ("[{clip: a.mp4, volume: {keyframes: [{time: 0s, value: §61dB}]}}]", "out-of-range"),
    ("[{clip: a.mp4, out: 1s}]\nmaster: {fade_out: §2s}", "fade-too-long"),
    ("[{clip: a.mp4, out: 1s, fade_in: §2s}]", "fade-too-long"),
    ("[{clip: a.mp4}]\naudio: [{clip: song.flac, start: §11s}]", "never-heard"),
    ("[{clip: a.mp4}]\naudio: [{clip: song.flac, duck: {under: §mian}}]", "unknown-id"),
    ("[{clip: a.mp4}]\naudio: [{clip: song.flac, id: x, duck: {under: [main, §x]}}]",
     "duck-itself"),
    ("[{clip: a.mp4, id: x, duck: {under: §x}}]", "duck-itself"),
    ("{tracks: [{id: t, clips: [{clip: a.mp4, duck: {under: §t}}]}]}", "duck-itself"),
    ("{tracks: [{id: t, duck: {under: §x}, clips: [{clip: a.mp4, id: x}]}]}", "duck-itself"),
    ("{tracks: [{id: t, clips: [{clip: a.mp4, duck: {under: u}}]}, "
     "{id: u, clips: [{clip: a.mp4, duck: {under: §t}}]}]}", "duck-circle"),
    ("[{clip: a.mp4, duck: {under: §x}}, {color: red, duration: 1s, id: x}]", "no-audio"),
    ("[{clip: a.mp4, duck: {under: §y}}, {clip: a.mp4, id: x}]", "unknown-id"),
    ("[{clip: a.mp4}]\naudio: [{clip: song.flac, id: §main}]", "same-id"),
    ("[{clip: a.mp4}]\naudio: [{clip: song.flac, duck: {under: main, by: §50%}}]",
     "out-of-range"),
    ("[{clip: a.mp4}]\naudio: [{clip: song.flac, duck: {under: main, by: §-6dB}}]",
     "out-of-range"),
    ("[{clip: a.mp4}]\naudio: [{clip: song.flac, out: §61s}]", "out-beyond-end"),
    ("[{clip: a.mp4}]\naudio: [{clip: song.flac, in: 5s, out: §4s}]", "in-after-out"),
    # Outputs
    ("[{clip: a.mp4}]\noutputs: [{path: x.mp4}, {path: §./x.mp4}]", "same-output"),
    ("[{clip: a.mp4}]\noutputs: [{path: §a.mp4}]", "output-is-input"),
    ("[{clip: a.mp4}]\noutputs: [{path: §../x.mp4}]", "outside-root"),
    ("[{clip: a.mp4}]\noutputs: [{path: §folder/x.mp5}]", "unknown-extension"),
    ("[{clip: a.mp4}]\noutputs: [{path: §trip}]", "unknown-extension"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mp4, codec: §prores}]", "wrong-container"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mp4, codec: §png}]", "wrong-container"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.webm, audio_codec: §aac}]", "wrong-container"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mp4, pix_fmt: §yuv422p12le}]", "wrong-pix-fmt"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mov, codec: prores, pix_fmt: yuv422p10le,"
     " preset: §4444}]", "wrong-pix-fmt"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mp4, crf: §52}]", "out-of-range"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mkv, codec: ffv1, §crf: 5}]", "not-for-codec"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mkv, codec: ffv1, §bitrate: 5M}]", "not-for-codec"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mp4, preset: §fastest}]", "unknown-value"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mp4, §at: 1s}]", "not-for-codec"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.png, at: §10s}]", "at-beyond-end"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.png, §crf: 3}]", "not-for-codec"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mp4, width: §641, height: 480}]", "odd-size"),
    ("[{clip: a.mp4}]\nprofile: {width: §641, height: 480}", "odd-size"),
    ("[{clip: a.mp4}]\nprofile: {sample_rate: 9000}\n"
     "outputs: [{path: x.mp4, audio_codec: §aac}]", "bad-sample-rate"),
    ("[{clip: a.mp4}]\noutputs: [{path: x.mkv, audio_codec: flac, §audio_bitrate: 96k}]",
     "not-for-codec"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("marked", "code"), MISTAKES, ids=[f"{i}-{m[1]}" for i, m in enumerate(MISTAKES)]
)
def test_a_mistake_is_reported_at_its_place(run: Run, marked: str, code: str) -> None:
    text = f"version: 1\ntimeline: {marked}\n"
    before = text.partition("§")[0]
    with pytest.raises(UserError) as caught:
        run(text.replace("§", ""))
    problems = caught.value.problems
    assert [p.code for p in problems] == [code]
    place = problems[0].location
    assert place is not None
    assert place.line == before.count("\n") + 1
    assert place.column == len(before) - (before.rfind("\n") + 1) + 1
    assert caught.value.exit_code == (4 if code == "file-missing" else 3)


def test_messages_give_the_fix(run: Run) -> None:
    with pytest.raises(SpecError) as caught:
        one(run, "[{clip: a.mpp4}, {clip: a.mp4, out: 11s}, {clip: b.mp4, fit: none}]")
    missing, beyond = caught.value.problems
    assert missing.hint == "did you mean 'a.mp4'?"
    assert beyond.message == "a.mp4 is only 10s long, but this needs it until 11s"
    assert beyond.hint == "end at 10s at the latest, or write on_end: hold"
    with pytest.raises(SpecError) as caught:
        one(
            run,
            "[{clip: a.mp4, in: 4s, duration: 7s}]",
            "audio: [{clip: song.flac, in: 59s, duration: 2s}]",
        )
    picture, sound = caught.value.problems
    assert picture.hint == "make it at most 6s, or write on_end: hold"
    assert sound.hint == "make it at most 1s, or set loop: true"


def test_one_source_frame_of_slack_at_the_end(run: Run) -> None:
    assert one(run, "[{clip: b.mp4, out: 10.04s}]").duration == 251
    with pytest.raises(SpecError):
        one(run, "[{clip: b.mp4, out: 10.05s}]")


def test_missing_files_among_other_mistakes_make_the_spec_invalid(run: Run) -> None:
    with pytest.raises(MissingError):
        one(run, "[{clip: x.mp4}, {clip: y.mp4}]")
    with pytest.raises(SpecError) as caught:
        one(run, "[{clip: x.mp4}, {clip: a.mp4, out: 11s}]", "outputs: [{path: a.mp4}]")
    assert {p.code for p in caught.value.problems} == {
        "file-missing", "out-beyond-end", "output-is-input",
    }  # fmt: skip


def test_a_missing_file_is_reported_once_and_without_follow_on_errors(run: Run) -> None:
    with pytest.raises(MissingError) as caught:
        run(
            "version: 1\n"
            "timeline: [{clip: x.mp4, fade_in: 2s}, {transition: wipe, duration: 3s},"
            " {clip: a.mp4, out: 5s}, {clip: a.mp4, start: 1s}]\n"
            "outputs: [{path: w.mp4}, {path: t.mp4, fps: 10}]"
        )
    assert [p.code for p in caught.value.problems] == ["file-missing"]


def test_broken_expressions_and_broken_form_are_reported_together(run: Run) -> None:
    with pytest.raises(SpecError) as caught:
        one(run, '[{clip: a.mp4, opacity: "${{ nothing }}", oppacity: 1}]')
    assert [p.code for p in caught.value.problems][1] == "unknown-key"
    assert len(caught.value.problems) == 2
