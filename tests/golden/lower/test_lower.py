"""How one item on the canvas is lowered: listings beside this file, one per case.

Rewrite them with ``make goldens``.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest

from vedc import ops
from vedc.color import Color
from vedc.edit.contents import Clip, Image, Placement
from vedc.edit.media_info import MediaInfo, VideoInfo
from vedc.edit.model import Content, Edit, Output, Profile, TimelineItem, Track
from vedc.edit.time_map import TimeMap
from vedc.edit.values import Keyframe, Keyframes, OpCall, ParamValue
from vedc.ir.lower.film import FrameRange, lower
from vedc.ir.text import print_graph
from vedc.ir.verify import verify

FOLDER = Path(__file__).parent
FADING = Keyframes((Keyframe(Fraction(0), 0.0), Keyframe(Fraction(9), 1.0)))


def clip(width: int, height: int) -> Clip:
    video = VideoInfo(
        width, height, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(25), Color(), True, "h264",
        Fraction(1, 12800), 100,
    )  # fmt: skip
    media = MediaInfo("clip.mp4", 1, 1, "video", "mp4", Fraction(4), video)
    return Clip(media, Color(), TimeMap.linear(1))


def call(name: str, **given: ParamValue) -> OpCall:
    params = ops.get(name).params
    return OpCall(name, tuple((p.name, given.get(p.name, p.default)) for p in params))


def item(
    content: Content,
    frame: Placement,
    grade: tuple[OpCall, ...] = (),
    effects: tuple[OpCall, ...] = (),
) -> TimelineItem:
    return TimelineItem("main[0]", 0, 10, content, frame, grade, effects)


BLURRED = Placement(fit="contain-blur")
PORTRAIT, LANDSCAPE = clip(90, 160), clip(320, 180)

CASES = {
    "contain": item(PORTRAIT, Placement()),
    "contain-blur": item(PORTRAIT, BLURRED),
    "contain-blur-of-a-still": item(Image("still.png", 60, 80), BLURRED),
    "contain-blur-without-a-rest": item(LANDSCAPE, BLURRED),
    "contain-blur-made-smaller": item(
        LANDSCAPE,
        Placement("contain-blur", position=(0.0, 0.0), anchor=(0.0, 0.0), scale=(0.5, 0.5)),
    ),
    "contain-blur-pushed-aside": item(LANDSCAPE, Placement("contain-blur", offset=(1.0, 0.0))),
    "contain-blur-with-a-look": item(
        PORTRAIT,
        Placement("contain-blur", opacity=FADING),
        grade=(call("saturation", amount=1.2),),
        effects=(call("vignette", amount=0.5), call("contrast", amount=1.1)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_item(name: str) -> None:
    edit = Edit(
        "edit.vedc.yaml",
        Profile(64, 36, Fraction(25), Color()),
        (Track("main", (CASES[name],)),),
        (),
        (),
        Output("film.mp4", "h264", "yuv420p"),
        10,
    )
    graph = lower(edit, FrameRange(0, 10), str)
    verify(graph)
    golden = FOLDER / f"{name}.txt"
    if os.environ.get("VEDC_UPDATE_GOLDENS"):
        golden.write_text(print_graph(graph))
    assert print_graph(graph) == golden.read_text()


def test_no_golden_without_a_case() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(CASES)
