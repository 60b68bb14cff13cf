"""From a camera's path to the position, the scale and the angle of the strokes' canvas."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vedc import ops
from vedc.decide.analyses.results import Curves
from vedc.decide.effects.camera.similarity import STILL, Similarity
from vedc.decide.effects.keyframed import moving
from vedc.decide.effects.strokes import View, decision, description, keyframes, path_of
from vedc.decide.grades.clip_time import in_clip_time
from vedc.edit.contents import Clip
from vedc.edit.time_map import TimeMap
from vedc.edit.times import parse_time
from vedc.lang.keys.decided.effects import EFFECTS, PAINTINGS
from vedc.lang.resolve.grades.question import GradedItem
from vedc.lang.resolve.grades.spliced import _settled

WIDE = 16 / 9
WHOLE = View(1.0, 1.0, 0.0, 0.0, WIDE)
CORNERS = np.array([complex(x, y) for x in (-WIDE / 2, WIDE / 2) for y in (-0.5, 0.5)])
RATE = Fraction(25)


def times(count: int) -> list[Fraction]:
    return [n / RATE for n in range(count)]


def at(value: Any, count: int) -> Any:
    """A value of a step in each frame."""
    if not isinstance(value, dict):
        return np.repeat(np.atleast_2d(value), count, axis=0)
    frames = [float(Fraction(p["time"].removesuffix("s")) * RATE) for p in value["keyframes"]]
    held = np.array([np.atleast_1d(p["value"]) for p in value["keyframes"]])
    return np.stack([np.interp(np.arange(count), frames, row) for row in held.T], 1)


def off(step: tuple[Any, Any, Any], motions: list[Similarity]) -> Any:
    """By how much the canvas slides off what is at the corners, in each frame."""
    place, scale, angle = (at(value, len(motions)) for value in step)
    shift = (place[:, 0] - 0.5) * WIDE + 1j * (place[:, 1] - 0.5)
    gain = scale[:, 0] * np.exp(1j * np.radians(angle[:, 0]))
    return np.array(
        [
            np.abs(g * m.back()(CORNERS) + s - CORNERS).max()
            for g, s, m in zip(gain, shift, motions, strict=True)
        ]
    )


def keyed(motions: list[Similarity]) -> tuple[Any, Any, Any]:
    return keyframes(path_of(motions, 0.4, 2.5), WHOLE, times(len(motions)))


def test_an_even_pan_is_two_keyframes() -> None:
    position, scale, angle = keyed([Similarity(1, 0.02 * n) for n in range(50)])
    assert position == {
        "keyframes": [
            {"time": "0s", "value": [0.5, 0.5]},
            {"time": "49/25s", "value": [round(0.5 + 0.98 / WIDE, 6), 0.5]},
        ]
    }
    assert (scale, angle) == (1.0, 0.0)


@pytest.mark.parametrize("seed", range(4))
def test_between_keyframes_the_canvas_is_off_by_a_pixel_of_720_lines_at_most(
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    walks = np.cumsum(np.cumsum(random.normal(0, 2e-4, (4, 90)), axis=1), axis=1)
    motions = [Similarity(complex(np.exp(z / 4 + 1j * t)), complex(x, y)) for x, y, z, t in walks.T]
    motions = [motion.after(motions[0].back()) for motion in motions]
    step = keyed(motions)
    assert off(step, motions).max() < 1 / 720 + 1e-5
    assert len(step[0]["keyframes"]) < 20


def test_keyframes_need_not_lie_on_a_noisy_path() -> None:
    random = np.random.default_rng(1)
    noise = random.normal(0, 0.4 / 720, (100, 2))
    motions = [Similarity(1, complex(0.01 * n + x, y)) for n, (x, y) in enumerate(noise)]
    motions = [motion.after(motions[0].back()) for motion in motions]
    step = keyed(motions)
    assert off(step, motions).max() < 1 / 720 + 1e-5
    assert len(step[0]["keyframes"]) < 30


def test_what_nobody_sees_is_left_out() -> None:
    random = np.random.default_rng(0)
    motions = [
        Similarity(complex(np.exp(1e-4 * random.normal() + 1e-4j * random.normal())), 0.01 * n)
        for n in range(40)
    ]
    motions[0] = STILL
    _, scale, angle = keyed(motions)
    assert (scale, angle) == (1.0, 0.0)
    position, scale, angle = keyed([Similarity(complex(np.exp(0.01 * n))) for n in range(40)])
    assert (
        position == [0.5, 0.5]
        and angle == 0
        and at(scale, 40)[-1, 0] == pytest.approx(np.exp(0.39), abs=1e-3)
    )


def test_angles_are_clockwise_and_not_limited_to_one_turn() -> None:
    motions = [Similarity(complex(np.exp(1j * np.radians(10 * n)))) for n in range(50)]
    _, _, angle = keyed(motions)
    assert at(angle, 50)[-1, 0] == pytest.approx(490)


def test_strokes_do_not_outgrow_the_painting() -> None:
    motions = [Similarity(complex(np.exp(0.05 * n)), 0.01 * n) for n in range(60)]
    _, scale, _ = keyed(motions)
    assert at(scale, 60)[-1, 0] == 2.5 and at(scale, 60).max() == 2.5
    path = path_of(motions, 0.4, 2.5)
    # What is in the middle of the picture is followed still.
    step = motions[59].after(motions[58].back())
    assert path.place[59] == pytest.approx(path.place[58] + step.shift, abs=1e-9)


def item(**place: Any) -> Any:
    still = {"still_box": None, "fit": "contain", "box_moves": False, "pixel": 1}
    crop = {"crop": place.pop("crop")} if "crop" in place else {}
    frame = SimpleNamespace(**{**still, **place}, of=lambda op: crop)
    media = SimpleNamespace(video=SimpleNamespace(display_size=(1920, 1080)))
    return SimpleNamespace(media=media, shown=SimpleNamespace(frame=frame))


PROFILE: Any = SimpleNamespace(width=1280, height=720)


def test_the_whole_picture_is_seen_as_it_is() -> None:
    view = View.of(item(), PROFILE)
    assert (view.across, view.down, view.right, view.below) == pytest.approx((1, 1, 0, 0))
    assert view.wide == pytest.approx(WIDE)


def test_a_crop_enlarges_the_motion() -> None:
    view = View.of(item(crop=(960.0, 540.0, 960.0, 540.0)), PROFILE)
    assert (view.across, view.down) == pytest.approx((2, 2))
    shifted = Similarity(1, 0.1 + 0.2j)
    turned = Similarity(1j)
    moved, around = view.seen([shifted, turned])
    assert moved.shift == pytest.approx(0.2 + 0.4j) and moved.gain == 1
    # The middle of the crop is a quarter of the picture from the middle of the picture.
    middle = complex(WIDE / 4, 0.25)
    assert around.shift == pytest.approx(2 * (1j * middle - middle))


def test_a_box_that_is_covered_cuts_the_sides_off() -> None:
    view = View.of(item(still_box=(720.0, 720.0), fit="cover"), PROFILE)
    assert (view.across, view.down, view.wide) == pytest.approx((1, 1, 1))


def test_a_camera_in_words() -> None:
    assert description([Similarity(1, 0.02 * n) for n in range(26)], 25.0) == (
        "pans 0.5 of the height per second"
    )
    there_and_back = [Similarity(1, 0.1 * np.sin(n / 2)) for n in range(26)]
    assert description(there_and_back, 25.0).startswith("sways")
    around = [Similarity(complex(np.exp(0.01 * n + 0.02j * n))) for n in range(26)]
    assert description(around, 25.0) == "zooms to 1.28 times, turns 29° counterclockwise"
    assert description([STILL] * 9, 25.0) == "hardly moves"


OPTIONS = {"src": None, "painting": "the_scream", "strokes": 0.5} | dict.fromkeys(
    ("strength", "color", "detail")
)


def decided(
    share: float | list[float],
    x: Any = 0.0,
    area: float = 0.9,
    across: float = 0.8,
    **options: Any,
) -> Any:
    count = 20
    rows = {name: np.zeros(count, np.float32) for name in ("x", "y", "zoom", "turn")}
    rows["x"] += np.float32(x)
    rows["area"] = np.full(count, np.float32(area))
    rows["across"] = np.full(count, np.float32(across))
    rows["share"] = np.zeros(count, np.float32) + np.float32(share)
    seen: Any = SimpleNamespace(item=item())
    return decision(seen, Curves(rows, RATE), PROFILE, {**OPTIONS, **options})


def test_on_a_tripod_the_values_are_plain() -> None:
    made = decided(0.9)
    assert made.steps == (
        {
            "op": "style",
            "painting": "the_scream",
            "strokes": 0.5,
            "position": [0.5, 0.5],
            "scale": 1.0,
            "angle": 0.0,
        },
    )
    assert made.score == 0.9 and made.reasons[0].name == "tripod"


def test_where_nothing_is_seen_the_lock_says_so() -> None:
    made = decided(0.0)
    assert made.steps[0]["position"] == [0.5, 0.5] and made.score == 0
    assert made.reasons[-1].name == "nothing to follow"
    made = decided([0.8] * 15 + [0.0] * 5, 0.01 * np.arange(20))
    assert made.score == 0.6 == pytest.approx(sum(r.points for r in made.reasons))
    assert "25% of the frames" in made.reasons[-1].value
    assert made.reasons[0].value.startswith("pans 0.25 of the height per second")


def test_somebody_before_a_plain_wall_is_not_followed() -> None:
    skyline = decided(0.9, 0.01 * np.arange(20), area=0.2, across=0.6)
    assert "keyframes" in skyline.steps[0]["position"] and skyline.score == 0.9
    made = decided(0.9, 0.01 * np.arange(20), area=0.2, across=0.1)
    assert made.steps[0]["position"] == [0.5, 0.5] and made.score == 0
    assert made.reasons[-1].value.startswith(
        "what can be followed covers 20% of the picture and 10%"
    )


def test_the_lock_says_where_the_canvas_is_too_far_away() -> None:
    near, far = (decided(0.8, pace * np.arange(20)) for pace in (0.8, 1.0))
    assert "9 pictures away" not in near.reasons[0].value
    assert "strokes slide where they are 9 pictures away" in far.reasons[0].value
    places = [key["value"] for key in far.steps[0]["position"]["keyframes"]]
    assert max(x for x, _ in places) == 9.5


def test_a_style_of_ones_own_takes_the_place_of_the_painting() -> None:
    step = decided(0.9, src="mine", color="keep").steps[0]
    assert step["asset"] == "mine" and "painting" not in step and step["color"] == "keep"


def test_the_options_are_those_of_the_op() -> None:
    op, keys = ops.get("style"), EFFECTS["strokes"].record.keys
    assert op.param("painting").choices == PAINTINGS
    assert {"position", "scale", "angle"} <= {param.name for param in op.params}
    for name, key in keys.items():
        param = op.param(name)
        if name in ("strokes", "strength", "detail"):
            assert (param.low, param.high) == (key.type.low, key.type.high)  # type: ignore[attr-defined]
        if name == "color":
            assert param.choices == key.type.words  # type: ignore[attr-defined]


def test_the_keyframes_of_a_long_clip_are_in_order() -> None:
    """The last two frames of a file are nearer to each other than a thousandth of its length."""
    length = Fraction(140)
    asked = filmed(TimeMap.linear(0, 1, length))
    shown = [0, 3498, 3499]
    moved = moving([n / RATE for n in range(3500)], [n / 3499 for n in range(3500)], shown)
    made = in_clip_time({"op": "style", "angle": moved}, asked)["angle"]["keyframes"]
    found = [parse_time(point["time"]).seconds(RATE) for point in made]
    assert found == sorted(found) and len(set(found)) == len(found) >= 3


def filmed(time_map: TimeMap, sampling: str = "nearest") -> GradedItem:
    """A clip of a file of 25 frames a second in a film of as many."""
    frame = SimpleNamespace(of=lambda op: {"sampling": sampling})
    media = SimpleNamespace(video=SimpleNamespace(rate=RATE, scan="progressive"))
    content = Clip(media, None, time_map)  # type: ignore[arg-type]
    shown: Any = SimpleNamespace(frame=frame, content=content)
    assert time_map.length is not None
    return GradedItem("a", "a", shown, RATE, length=time_map.length)


@pytest.mark.parametrize("speed", ["1", "2", "1/2", "13/10", "-1", "-2", "-1/3", "-13/10"])
@pytest.mark.parametrize("begin", [Fraction(2), Fraction(203, 100)])
def test_each_frame_of_the_film_has_the_value_of_the_frame_that_it_shows(
    speed: str, begin: Fraction
) -> None:
    slope = Fraction(speed)
    values = [0.0, 1.0, 5.0, 2.0, 9.0]
    frames = [10, 40, 50, 51, 90]
    moved = moving([n / RATE for n in range(91)], np.interp(range(91), frames, values), frames)
    asked = filmed(TimeMap.linear(begin, slope, Fraction(1)))
    angle = in_clip_time({"op": "style", "angle": moved}, asked)["angle"]
    for n in range(25):
        seen = (begin + slope * n / RATE) * RATE
        frame = int(np.ceil(seen)) - 1 if slope < 0 else int(np.floor(seen))
        found = _settled(angle, ops.get("style").param("angle"), n / RATE, RATE)
        assert found == pytest.approx(np.interp(frame, frames, values), abs=1e-5)


def test_where_frames_are_blended_the_strokes_move_on_between_them() -> None:
    moved = moving([Fraction(0), Fraction(2)], [0.0, 2.0], [0, 1])
    asked = filmed(TimeMap.linear(0, Fraction(1, 2), Fraction(2)), "blend")
    angle = in_clip_time({"op": "style", "angle": moved}, asked)["angle"]["keyframes"]
    assert all("easing" not in point for point in angle)
