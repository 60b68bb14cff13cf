"""Time in a piece's graph: everything that moves is counted from the piece's first frame."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedc import ops
from vedc.color import Color
from vedc.edit.contents import Clip, Generated, Placement, Solid, Text
from vedc.edit.easing import EASINGS, value_at
from vedc.edit.media_info import MediaInfo, VideoInfo
from vedc.edit.model import Edit, Output, Profile, TimelineItem, Track
from vedc.edit.time_map import TimeMap
from vedc.edit.values import Keyframe, Keyframes, OpCall
from vedc.ir.graph import Node, walk
from vedc.ir.lower.film import FrameRange, lower, pieces
from vedc.ir.lower.ops import within

#: From frame 0 to frame 20, linear: the value at a frame is its number.
RISING = Keyframes((Keyframe(Fraction(0), 0.0), Keyframe(Fraction(20), 20.0)))
GREY = Solid((0.5, 0.5, 0.5, 1.0))
CALL = OpCall("exposure", (("stops", RISING),))


def edit(
    items: tuple[TimelineItem, ...],
    of_track: tuple[OpCall, ...] = (),
    of_film: tuple[OpCall, ...] = (),
    opacity: float | Keyframes = 1.0,
) -> Edit:
    return Edit(
        "edit.vedc.yaml",
        Profile(64, 36, Fraction(25), Color()),
        (Track("main", items, effects=of_track, opacity=opacity),),
        of_film,
        (),
        Output("film.mp4", "h264", "yuv420p"),
        20,
    )


def moving(graph: Node) -> list[Keyframes]:
    return [v for n in walk(graph) for _, v in n.params if isinstance(v, Keyframes)]


TWO = (TimelineItem("a", 0, 8, GREY, Placement()), TimelineItem("b", 8, 20, GREY, Placement()))


@pytest.mark.parametrize(
    ("film", "first"),
    [
        (edit(TWO, of_track=(CALL,)), 12.0),
        (edit(TWO, of_film=(CALL,)), 12.0),
        (edit(TWO, opacity=RISING), 12.0),
        (edit((TWO[0], TimelineItem("b", 8, 20, GREY, Placement(), effects=(CALL,)))), 4.0),
        (edit((TWO[0], TimelineItem("b", 8, 20, GREY, Placement(opacity=RISING)))), 4.0),
    ],
    ids=["track effect", "film effect", "track opacity", "item effect", "item opacity"],
)
def test_a_part_of_a_piece_goes_on_where_the_one_before_stopped(film: Edit, first: float) -> None:
    (value,) = moving(lower(film, FrameRange(12, 20), str))
    assert [value_at(value, n) for n in range(8)] == pytest.approx([first + n for n in range(8)])


points = st.lists(
    st.tuples(
        st.fractions(-30, 90, max_denominator=3),
        st.floats(-10, 10),
        st.sampled_from(sorted(EASINGS)),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda point: point[0],
).map(lambda found: Keyframes(tuple(Keyframe(*p) for p in sorted(found))))


@given(points, st.integers(0, 60), st.integers(1, 40))
def test_what_a_piece_sees_is_what_there_was(value: Keyframes, start: int, length: int) -> None:
    seen = within(value, start, length)
    assert isinstance(seen, Keyframes)
    assert [value_at(seen, n) for n in range(length)] == pytest.approx(
        [value_at(value, start + n) for n in range(length)], abs=1e-12
    )


def test_keyframes_that_no_frame_of_the_piece_sees_have_no_part_in_it() -> None:
    value = Keyframes(tuple(Keyframe(Fraction(n), float(n % 3)) for n in (0, 10, 20, 30, 40)))
    seen = within(value, 12, 6)
    assert seen == Keyframes((Keyframe(Fraction(-2), 1.0), Keyframe(Fraction(8), 2.0)))
    resting = within(value, 40, 10)
    assert resting == Keyframes((Keyframe(Fraction(0), 1.0),))


TRAIL = OpCall("motion_trail", (("decay", 0.5), ("frames", 2)))


def test_a_trail_sees_earlier_frames_of_a_generator() -> None:
    noise = Generated(OpCall("noise", tuple(ops.get("noise").defaults().items())))
    film = edit((TimelineItem("a", 0, 20, noise, Placement(), effects=(TRAIL,)),))
    graph = lower(film, FrameRange(0, 20), str)
    assert sorted(n["clock"] for n in walk(graph) if n.op == "noise") == [-2, -1, 0]


def test_a_trail_sees_how_a_title_moved() -> None:
    title = Text("Hi", ("a.ttf",), 20.0, (1.0, 1.0, 1.0, 1.0))
    moved = OpCall("exposure", (("stops", RISING),))
    film = edit((TimelineItem("a", 0, 20, title, Placement(), effects=(moved, TRAIL)),))
    starts = [value_at(k, 5) for k in moving(lower(film, FrameRange(0, 20), str))]
    assert sorted(starts) == [3.0, 4.0, 5.0]


TIME_MAPS = (
    TimeMap.linear(2),
    TimeMap.linear(Fraction(9), -2, Fraction(16, 25)),
    TimeMap.linear(1, 1, Fraction(5, 25)).loop(),
    TimeMap.linear(1, 1, Fraction(4, 25)).loop(Fraction(16, 25)).reverse(Fraction(1, 25)),
    TimeMap.curve(
        [
            (Fraction(1, 10), Fraction(1), "linear"),
            (Fraction(3, 10), Fraction(2), "step-end"),
            (Fraction(1, 2), Fraction(0), "ease-in"),
            (Fraction(3, 5), Fraction(1), "linear"),
        ]
    ),
)


@pytest.mark.parametrize("time_map", TIME_MAPS, ids=repr)
def test_every_frame_of_a_clip_shows_the_source_time_of_its_map(time_map: TimeMap) -> None:
    """The film is cut where the speed changes, so each source node has an even step.

    Backwards, a frame shows what comes just before its time.
    """
    video = VideoInfo(
        64, 36, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(25), Color(), True, "h264",
        Fraction(1, 12800), None,
    )  # fmt: skip
    media = MediaInfo("a.mp4", 1, 1, "video", "mov", Fraction(10), video)
    clip = TimelineItem("a", 2, 18, Clip(media, Color(), time_map))
    shown: list[Fraction] = []
    film = edit((clip,))
    for piece in pieces(film):
        for source in (n for n in walk(lower(film, piece, str)) if n.op == "source"):
            start, step = source.fraction("start"), source.fraction("step")
            hair = Fraction(1, 1_000_000) if step < 0 else 0
            shown += [start + hair + frame * step for frame in range(piece.length)]
    assert shown == [time_map.source_at(Fraction(frame, 25)) for frame in range(16)]


@pytest.mark.parametrize(
    ("rate", "speed", "scan", "pulldown", "fields"),
    [
        (Fraction(25), 1, "top-first", "none", "frames"),
        (Fraction(25, 2), 1, "top-first", "none", "fields"),
        (Fraction(25), Fraction(1, 2), "bottom-first", "none", "fields"),
        (Fraction(25), -Fraction(1, 2), "bottom-first", "none", "fields"),
        (Fraction(25000, 1001), 1, "top-first", "none", "frames"),
        (Fraction(25, 2), 1, "top-first", "hard", "frames"),
        (Fraction(25), Fraction(1, 2), "progressive", "none", None),
    ],
)
def test_both_moments_of_an_interlaced_frame_where_the_film_has_time_for_them(
    rate: Fraction, speed: Fraction, scan: Any, pulldown: Any, fields: str | None
) -> None:
    """The film has 25 frames a second."""
    video = VideoInfo(
        64, 36, Fraction(1), 0, "yuv420p", "yuv420p", rate, Color(), True, "h264",
        Fraction(1, 12800), None, scan=scan, pulldown=pulldown,
    )  # fmt: skip
    media = MediaInfo("a.mp4", 1, 1, "video", "mov", Fraction(10), video)
    clip = Clip(media, Color(), TimeMap.linear(Fraction(5), speed, Fraction(16, 25)))
    for off in (False, True):
        frame = Placement(params=(("source", "fields", "weave"),) if off else ())
        film = edit((TimelineItem("a", 0, 16, clip, frame),))
        nodes = walk(lower(film, pieces(film)[0], str))
        (source,) = (n for n in nodes if n.op == "source")
        assert source.get("fields") == ("weave" if off else fields)
