"""The part of a title that the canvas cuts off: by arithmetic on a box of 100 x 40 with ink to its
edges."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vedc.edit.contents import Placement
from vedc.edit.overhang import Overhang, overhang
from vedc.edit.text_box import TextBox
from vedc.edit.values import Keyframe, Keyframes, OpCall, ParamValue

BOX = TextBox(100, 40, (0, 0, 100, 40))
CANVAS = (200, 100)
MIDDLE = Placement()


def moving(*points: tuple[int, float | tuple[float, ...]]) -> Keyframes:
    return Keyframes(tuple(Keyframe(Fraction(frame), value) for frame, value in points))


def transform(**given: ParamValue) -> OpCall:
    values: dict[str, ParamValue] = {
        "position": (0.0, 0.0), "scale": (1.0, 1.0), "rotation": 0.0, "anchor": (0.5, 0.5),
    }  # fmt: skip
    return OpCall("transform", tuple((values | given).items()))


def cut(
    frame: Placement = MIDDLE, *effects: OpCall, box: TextBox = BOX, length: int = 100
) -> Overhang | None:
    return overhang(box, frame, effects, CANVAS, length)


def turned(rotation: ParamValue) -> Placement:
    return Placement(params=(("affine", "rotation", rotation),))


def test_in_the_middle_nothing_is_cut() -> None:
    assert cut() is None
    assert cut(box=TextBox(200, 100, (0, 0, 200, 100))) is None
    assert cut(box=TextBox(400, 100, None)) is None


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        ((-70, 0), Overhang(20, 0, 0, 0)),
        ((60.4, 0), Overhang(0, 0, 10, 0)),
        ((0, -31), Overhang(0, 1, 0, 0)),
        ((0, 45), Overhang(0, 0, 0, 15)),
        ((200, 80), Overhang(0, 0, 150, 50)),
    ],
)
def test_an_offset(offset: tuple[float, float], expected: Overhang) -> None:
    assert cut(Placement(offset=offset)) == expected


def test_only_ink_counts() -> None:
    padded = TextBox(240, 140, (50, 50, 190, 90))
    assert cut(box=padded) is None
    assert cut(Placement(offset=(31, 0)), box=padded) == Overhang(0, 0, 1, 0)


def test_less_than_half_a_pixel_is_not_reported() -> None:
    wide = TextBox(201, 40, (-0.4, 0, 200.4, 40))
    assert cut(box=wide) is None


def test_a_turn() -> None:
    """By 90 degrees a box of 100 x 40 is 40 x 100; one of 120 is 10 too high at both ends."""
    assert cut(turned(90.0)) is None
    long = TextBox(120, 40, (0, 0, 120, 40))
    assert cut(turned(90.0), box=long) == Overhang(0, 10, 0, 10)
    assert cut(turned(-90.0), box=long) == Overhang(0, 10, 0, 10)


def test_a_turn_about_the_anchor() -> None:
    """A title whose upper left corner is at (50, 20), turned clockwise by 90 degrees about it."""
    frame = Placement(position=(0.25, 0.2), anchor=(0.0, 0.0), params=turned(90.0).params)
    assert cut(frame) == Overhang(0, 0, 0, 20)


def test_the_op_transform() -> None:
    assert cut(MIDDLE, transform(position=(60.0, 0.0))) == Overhang(0, 0, 10, 0)
    assert cut(MIDDLE, transform(scale=(2.5, 1.0))) == Overhang(25, 0, 25, 0)
    assert cut(MIDDLE, transform(scale=(2.5, 1.0), anchor=(0.25, 0.5))) == Overhang(0, 0, 100, 0)
    both = transform(position=(200.0, 0.0)), transform(position=(-200.0, 0.0))
    assert cut(MIDDLE, *both) is None


def test_a_title_that_flies_in_and_out_is_whole_in_between() -> None:
    path = moving((0, (-300.0, 0.0)), (20, (0.0, 0.0)), (80, (0.0, 0.0)), (99, (300.0, 0.0)))
    assert cut(MIDDLE, transform(position=path)) is None


def test_a_title_that_rests_in_the_wrong_place() -> None:
    """It waits outside, then stops 20 pixels too far to the left."""
    path = moving((10, (-300.0, 0.0)), (20, (-70.0, 0.0)))
    assert cut(MIDDLE, transform(position=path)) == Overhang(20, 0, 0, 0)


def test_what_never_rests_is_meant_to_move() -> None:
    path = moving((0, (300.0, 0.0)), (100, (-300.0, 0.0)))
    assert cut(MIDDLE, transform(position=path)) is None


def test_resting_means_that_nothing_moves() -> None:
    """It stops only while it still turns, and turns upright only once it has moved on."""
    path = moving((0, (0.0, 0.0)), (50, (0.0, 0.0)), (51, (80.0, 0.0)))
    turning = moving((0, 0.0), (50, 360.0))
    found = cut(turned(turning), transform(position=path))
    assert found == Overhang(0, 0, 30, 0)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Overhang(3, 0, 0, 0), "3 px on the left"),
        (Overhang(3, 0, 4, 0), "3 px on the left and 4 px on the right"),
        (
            Overhang(1, 2, 3, 4),
            "1 px on the left, 3 px on the right, 2 px at the top and 4 px at the bottom",
        ),
    ],
)
def test_words(found: Overhang, words: str) -> None:
    assert str(found) == words


def test_a_title_that_moves_counts_where_it_rests() -> None:
    """It flies in from the left, and comes to rest half a pixel and more beyond the right edge."""
    offset = moving((0, (-300.0, 0.0)), (20, (50.75, 0.0)))
    assert cut(Placement(offset=offset)) == Overhang(0, 0, 1, 0)
    assert cut(Placement(offset=moving((0, (-300.0, 0.0)), (100, (300.0, 0.0))))) is None


def test_a_title_that_grows_is_measured_as_large_as_it_is_drawn() -> None:
    frame = Placement(scale=moving((0, (0.5, 0.5)), (20, (2.5, 2.0))))
    drawn = TextBox(250, 100, (0, 0, 250, 100))
    assert overhang(drawn, frame, (), CANVAS, 100, drawn=2.5) == Overhang(25, 0, 25, 0)
