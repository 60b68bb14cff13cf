"""The plan of the sound: positions, fades, loops, and where there is none."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedc.color import CANVAS_COLORS
from vedc.edit.contents import Clip
from vedc.edit.media_info import AudioInfo, MediaInfo
from vedc.edit.model import (
    AudioItem,
    Edit,
    JoinSound,
    Output,
    Profile,
    TimelineItem,
    Track,
    Transition,
)
from vedc.edit.sounds import Effect, Sound, SoundFade
from vedc.edit.time_map import TimeMap
from vedc.errors import SpecError
from vedc.plan.keys import sound_key
from vedc.plan.settings import AudioPlan, Fade, SoundFilter
from vedc.plan.sound import plan_sound

BT709 = CANVAS_COLORS["bt709"]
NO_FADE = SoundFade(Fraction(0))
PLAIN = Sound(fade_in=NO_FADE, fade_out=NO_FADE)
NTSC = Fraction(30000, 1001)


def media(path: str = "/a.mov", start: Fraction = Fraction(0), *, heard: bool = True) -> MediaInfo:
    audio = AudioInfo(48000, 2, "stereo", "aac", start, Fraction(60)) if heard else None
    return MediaInfo(path, 1, 1, "video", "mov", Fraction(60), None, audio)


def clip(
    start: int,
    end: int,
    source_in: Fraction = Fraction(0),
    sound: Sound | None = PLAIN,
    of: MediaInfo | None = None,
) -> TimelineItem:
    return TimelineItem(
        "clip", start, end, Clip(of or media(), BT709, TimeMap.linear(source_in)), sound=sound
    )


def edit(
    *items: TimelineItem,
    fps: Fraction = Fraction(25),
    transitions: tuple[Transition, ...] = (),
    audio: tuple[AudioItem, ...] = (),
    duration: int | None = None,
    path: str = "/film.mp4",
    codec: str | None = "aac",
    rate: int = 48000,
    channels: int = 2,
    at: int | None = None,
) -> Edit:
    return Edit(
        "/e.yaml",
        Profile(64, 64, fps, BT709, rate, channels),
        (Track("main", items, transitions),),
        (),
        audio,
        Output(path, "h264" if at is None else "png", "yuv420p", audio_codec=codec, at=at),
        duration if duration is not None else max((i.end for i in items), default=0),
    )


def planned(made: Edit) -> AudioPlan:
    plan = plan_sound(made, lambda path: f"digest of {path}")
    assert plan is not None
    return plan


def test_frames_become_samples_half_up() -> None:
    plan = planned(edit(clip(1, 5), clip(5, 8), fps=NTSC))
    # A frame is 1601.6 samples.
    assert [(p.start, p.start + p.length) for p in plan.pieces] == [(1602, 8008), (8008, 12813)]
    assert plan.length == 12813
    # 0.5 samples, exactly: 25 fps at 44.1 kHz has none, 32 fps at 48.016 kHz has.
    assert (
        planned(edit(clip(1, 2), fps=Fraction(32), rate=48016, codec="flac")).pieces[0].start
        == 1501
    )


@given(
    fps=st.sampled_from([NTSC, Fraction(24000, 1001), Fraction(25), Fraction(60)]),
    rate=st.sampled_from([44100, 48000]),
    begin=st.fractions(0, 50, max_denominator=90000),
    late=st.fractions(-1, 1, max_denominator=90000),
    lengths=st.lists(st.integers(1, 200), min_size=2, max_size=6),
)
def test_clips_that_continue_in_the_source_continue_in_the_sound(
    fps: Fraction, rate: int, begin: Fraction, late: Fraction, lengths: list[int]
) -> None:
    items, at = [], 0
    for length in lengths:
        items.append(clip(at, at + length, begin + at / fps, of=media(start=late)))
        at += length
    pieces = planned(edit(*items, fps=fps, rate=rate)).pieces
    for left, right in pairwise(pieces):
        assert right.start == left.start + left.length
        assert right.source_in == left.source_in + left.length
    for piece in pieces:
        played = Fraction(piece.source_in, rate) + late
        wanted = begin + Fraction(piece.start, rate)
        assert abs(played - wanted) <= Fraction(1, 2 * rate)


def test_the_sound_of_a_source_may_begin_late() -> None:
    piece = planned(edit(clip(0, 50, Fraction(1), of=media(start=Fraction(3, 2))))).pieces[0]
    assert piece.source_in == -24000


def test_a_dissolve_is_a_crossfade_of_constant_power() -> None:
    made = edit(
        clip(0, 100),
        clip(75, 200),
        transitions=(Transition("dissolve", 75, 100, 0, 1, "ease-in-out"),),
    )
    left, right = planned(made).pieces
    assert left.fades == (Fade("out", 75 * 1920, 25 * 1920, "qsin"),)
    assert right.fades == (Fade("in", 0, 25 * 1920, "qsin"),)
    assert (left.start + left.length, right.start) == (100 * 1920, 75 * 1920)


def test_a_fade_through_colour_is_out_and_then_in() -> None:
    made = edit(clip(0, 100), clip(75, 200), transitions=(Transition("dip", 75, 100, 0, 1),))
    left, right = planned(made).pieces
    assert left.fades == (Fade("out", 75 * 1920, 24000, "tri"),)
    assert right.fades == (Fade("in", 24000, 24000, "tri"),)


def test_a_transition_from_or_to_a_gap_fades_the_one_side() -> None:
    made = edit(clip(10, 100), transitions=(Transition("dissolve", 10, 20, None, 0),))
    assert planned(made).pieces[0].fades == (Fade("in", 0, 10 * 1920, "qsin"),)
    made = edit(clip(10, 100), transitions=(Transition("wipe", 90, 100, 0, None),))
    assert planned(made).pieces[0].fades == (Fade("out", 80 * 1920, 10 * 1920, "qsin"),)


def test_the_sound_of_a_transition_may_be_chosen() -> None:
    def fades(sound: JoinSound, left: int | None = 0) -> list[tuple[Fade, ...]]:
        joint = Transition("dissolve", 75, 100, left, 1, sound=sound)
        return [
            piece.fades
            for piece in planned(edit(clip(0, 100), clip(75, 200), transitions=(joint,))).pieces
        ]

    begin, half = 75 * 1920, 24000
    assert fades("dip") == [(Fade("out", begin, half),), (Fade("in", half, half),)]
    assert fades("crossfade") == [
        (Fade("out", begin, 2 * half, "qsin"),),
        (Fade("in", 0, 2 * half, "qsin"),),
    ]
    # Within 5 ms, in the middle; and nothing where only one side is heard.
    assert fades("cut") == [
        (Fade("out", begin + half - 120, 240, "qsin"),),
        (Fade("in", half - 120, 240, "qsin"),),
    ]
    assert fades("cut", None) == [(), ()]


def test_a_transition_may_have_its_own_curves() -> None:
    joint = Transition("dissolve", 75, 100, 0, 1, curves=("exp", "log"))
    left, right = planned(edit(clip(0, 100), clip(75, 200), transitions=(joint,))).pieces
    assert (left.fades[0].curve, right.fades[0].curve) == ("exp", "log")


JOIN_IN, JOIN_OUT = Fade("in", 0, 240, "hsin"), Fade("out", 100 * 1920 - 240, 240, "hsin")


def fades_of(*items: TimelineItem) -> list[tuple[Fade, ...]]:
    return [piece.fades for piece in planned(edit(*items)).pieces]


def test_a_cut_takes_5_ms_unless_the_sound_goes_on() -> None:
    free = Sound()
    # From the file's beginning, and from inside it; then the same sound going on.
    assert fades_of(clip(0, 100, sound=free)) == [(JOIN_OUT,)]
    assert fades_of(clip(0, 100, Fraction(1), free)) == [(JOIN_IN, JOIN_OUT)]
    assert fades_of(clip(0, 100, sound=free), clip(100, 200, Fraction(4), free)) == [
        (),
        (JOIN_OUT,),
    ]
    # A jump in the file, and a gap. Where another sound precedes, a file's beginning is a join too.
    apart = clip(0, 100, sound=free), clip(100, 200, Fraction(5), free)
    assert fades_of(*apart) == [(JOIN_OUT,), (JOIN_IN, JOIN_OUT)]
    assert fades_of(clip(0, 100, sound=free), clip(101, 201, sound=free)) == [(JOIN_OUT,)] * 2
    beside = clip(0, 100, sound=free), clip(100, 200, sound=free, of=media("/b.mov"))
    assert fades_of(*beside) == [(JOIN_OUT,), (JOIN_IN, JOIN_OUT)]
    # To the file's end: 60 s.
    assert fades_of(clip(0, 100, Fraction(56), free)) == [(JOIN_IN,)]


def test_a_cut_is_as_the_spec_says() -> None:
    reported = Sound(fade_in=NO_FADE, fade_out=NO_FADE)
    assert fades_of(clip(0, 100, Fraction(1), reported)) == [()]
    faded = Sound(fade_in=SoundFade(Fraction(1)))
    assert fades_of(clip(0, 100, Fraction(1), faded)) == [(Fade("in", 0, 48000), JOIN_OUT)]
    # A sound that fades out does not continue, even if the source does.
    out = Sound(fade_out=SoundFade(Fraction(1)))
    second = fades_of(clip(0, 100, sound=out), clip(100, 200, Fraction(4), Sound()))[1]
    assert second == (JOIN_IN, JOIN_OUT)


def test_a_level_goes_over_where_the_sound_continues() -> None:
    one, other = planned(
        edit(clip(0, 100, sound=Sound(0.0)), clip(100, 200, Fraction(4), Sound(-6.0)))
    ).pieces
    assert (one.length, other.start) == (100 * 1920 + 240, 100 * 1920)
    assert one.fades == (Fade("out", 100 * 1920, 240, "hsin"),)
    assert other.fades == (JOIN_IN, JOIN_OUT)


def test_audio_items_continue_one_another() -> None:
    def item(start: int, source: int) -> AudioItem:
        time_map = TimeMap.linear(source, 1, Fraction(4))
        return AudioItem("a", start, start + 100, media("/m.flac"), time_map)

    plan = planned(edit(clip(0, 200, sound=None), audio=(item(0, 0), item(100, 4))))
    assert [piece.fades for piece in plan.pieces] == [(), (JOIN_OUT,)]
    plan = planned(edit(clip(0, 200, sound=None), audio=(item(0, 0), item(100, 5))))
    assert [piece.fades for piece in plan.pieces] == [(JOIN_OUT,), (JOIN_IN, JOIN_OUT)]


def test_sound_backwards_continues_too() -> None:
    def back(start: int, source: int) -> TimelineItem:
        content = Clip(media(), BT709, TimeMap.linear(source, -1))
        return TimelineItem("clip", start, start + 100, content, sound=Sound())

    assert fades_of(back(0, 60), back(100, 56)) == [(), (JOIN_OUT,)]
    assert fades_of(back(0, 60), back(100, 4)) == [(JOIN_OUT,), (JOIN_IN,)]


def test_an_items_own_level_and_fades() -> None:
    sound = Sound(-6.0, SoundFade(Fraction(1, 2)), SoundFade(Fraction(1), "exp"))
    piece = planned(edit(clip(0, 100, sound=sound))).pieces[0]
    assert piece.gain_db == -6.0
    assert piece.fades == (Fade("in", 0, 24000), Fade("out", 100 * 1920 - 48000, 48000, "exp"))


def music(
    end: int, out: Fraction, *, loop: bool = False, fade_out: SoundFade = NO_FADE
) -> AudioItem:
    time_map = TimeMap.linear(2, 1, out - 2)
    time_map = time_map.loop() if loop else time_map
    return AudioItem(
        "music", 0, end, media("/m.flac"), time_map, Sound(fade_in=NO_FADE, fade_out=fade_out)
    )


def test_audio_items_loop_or_end_with_their_range_and_with_the_film() -> None:
    looped, once = planned(
        edit(
            clip(0, 100, sound=None),
            audio=(
                music(1000, Fraction(5, 2), loop=True, fade_out=SoundFade(Fraction(1))),
                music(1000, Fraction(5, 2)),
            ),
        )
    ).pieces
    assert looped.length == 100 * 1920
    assert looped.retimed is not None and looped.retimed.period == 24000
    assert looped.fades == (Fade("out", 100 * 1920 - 48000, 48000),)
    assert (once.length, once.retimed) == (24000, None)
    assert once.source_in == looped.source_in == 96000


@pytest.mark.parametrize(
    "silent",
    [
        edit(),
        edit(clip(0, 10, sound=None)),
        edit(clip(0, 10, of=media(heard=False))),
        edit(clip(0, 10, sound=Sound(volume=-math.inf))),
        edit(clip(0, 10), codec=None),
        edit(clip(0, 10), at=3, path="/p.png"),
        edit(clip(0, 10, sound=None), audio=(music(0, Fraction(4)),)),
    ],
)
def test_no_plan_where_nothing_sounds(silent: Edit) -> None:
    assert plan_sound(silent, str) is None


def test_settings_follow_the_output() -> None:
    settings = planned(edit(clip(0, 10), path="/a.webm", codec="opus", rate=44100)).settings
    assert (settings.encoder, settings.rate, settings.muxer) == ("libopus", 48000, "webm")
    settings = planned(edit(clip(0, 10), path="/a.MKV", codec="flac", rate=44100)).settings
    assert (settings.rate, settings.muxer, settings.bitrate) == (44100, "matroska", None)
    assert planned(edit(clip(0, 10), codec="mp3", rate=96000)).settings.rate == 48000
    with pytest.raises(SpecError, match="audio-channels"):
        plan_sound(edit(clip(0, 10), codec="mp3", channels=6), str)


def test_many_channels_without_speakers_are_refused_where_they_are_heard() -> None:
    def of(layout: str, channels: int) -> TimelineItem:
        audio = AudioInfo(48000, channels, layout, "pcm_s16le", Fraction(0), Fraction(60))
        return clip(0, 10, of=replace(media(), audio=audio))

    with pytest.raises(SpecError, match=r"audio-channels.*'/a.mov' has 16 channels"):
        plan_sound(edit(of("16 channels", 16)), str)
    assert plan_sound(edit(replace(of("16 channels", 16), sound=None)), str) is None
    for layout, channels in (("8 channels", 8), ("7.1.4", 12), ("hexadecagonal", 16)):
        planned(edit(of(layout, channels)))


def test_a_band_above_half_the_rate_is_refused() -> None:
    band = Effect("peak", (("frequency", 6000.0), ("q", 1.0), ("gain", 3.0)))
    sound = Sound(eq=(band,))
    filters = planned(edit(clip(0, 10, sound=sound))).pieces[0].filters
    options = "width_type=q:precision=f64:frequency=6000:width=1:gain=3"
    assert filters == (SoundFilter("equalizer", options),)
    with pytest.raises(SpecError, match=r"filter-frequency.*at 6000 Hz, .* ends at 4000 Hz"):
        plan_sound(edit(clip(0, 10, sound=sound), codec="flac", path="/a.mkv", rate=8000), str)


def test_the_key_follows_what_is_heard_and_not_where_files_lie() -> None:
    one, moved, louder, other = (
        plan_sound(
            edit(clip(0, 10, sound=Sound(volume), of=media(path))), {path: digest}.__getitem__
        )
        for volume, path, digest in (
            (0.0, "/a.mov", "x"),
            (0.0, "/b.mov", "x"),
            (1.0, "/a.mov", "x"),
            (0.0, "/a.mov", "y"),
        )
    )
    assert one and moved and louder and other
    assert sound_key(one) == sound_key(moved)
    in_mkv = replace(one, settings=replace(one.settings, muxer="matroska"))
    assert len({sound_key(plan) for plan in (one, louder, other, in_mkv)}) == 4
