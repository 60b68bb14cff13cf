"""The size and place of a picture, and its tone mapping."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from vedc.edit.contents import Clip, Image, Placement
from vedc.edit.model import Composition
from vedc.edit.times import round_half_up
from vedc.edit.values import Keyframes, Motion, Number, OpCall, Point2


def picture_size(content: Clip | Composition | Image) -> tuple[int, int] | None:
    """Width and height as shown, in square pixels; None for sound alone."""
    if isinstance(content, Image):
        return content.width, content.height
    return None if content.media.video is None else content.media.video.display_size


def placed_size(
    width: int, height: int, canvas_width: int, canvas_height: int, frame: Placement
) -> tuple[int, int]:
    """The size in whole canvas pixels of a picture of ``width`` x ``height``, at least 1 x 1.

    The scale must not move: see :func:`resting`.
    """
    factors = still(frame.scale)
    as_it_is = frame.fit != "none" or frame.pixel == 1
    if (width, height) == (canvas_width, canvas_height) and factors == (1, 1) and as_it_is:
        return width, height
    across, down = Fraction(canvas_width, width), Fraction(canvas_height, height)
    if frame.fit in ("contain", "contain-blur"):
        across = down = min(across, down)
    elif frame.fit == "cover":
        across = down = max(across, down)
    elif frame.fit == "none":
        across = down = Fraction(frame.pixel)
    wide, high = (Fraction(str(factor)) for factor in factors)
    return (
        max(1, round_half_up(width * across * wide)),
        max(1, round_half_up(height * down * high)),
    )


def fit_factors(own: Point2, box: Point2, frame: Placement) -> Point2:
    """Canvas pixels for a pixel of a picture of size ``own``, at scale 1 in a box; not rounded."""
    across, down = box[0] / own[0], box[1] / own[1]
    if frame.fit in ("contain", "contain-blur"):
        across = down = min(across, down)
    elif frame.fit == "cover":
        across = down = max(across, down)
    elif frame.fit == "none":
        across = down = float(frame.pixel)
    return across, down


def box_of(
    width: Number | None,
    height: Number | None,
    picture: tuple[float, float] | None,
    canvas: tuple[int, int],
) -> tuple[Number, Number]:
    """The box of an item, one side of which may be missing.

    That side follows the proportions of its ``picture``; without a picture it is the canvas's.
    """
    if picture is None:
        across = float(canvas[0]) if width is None else width
        return across, float(canvas[1]) if height is None else height
    if width is None:
        assert height is not None
        return _in_proportion(height, picture[0], picture[1]), height
    return width, _in_proportion(width, picture[1], picture[0]) if height is None else height


def _in_proportion(side: Number, this: float, other: float) -> Number:
    """The side of a box beside ``side``, where the picture's are ``this`` and ``other``."""
    if not isinstance(side, Keyframes):
        return side * this / other
    points = []
    for point in side.points:
        assert isinstance(point.value, float)
        points.append(replace(point, value=point.value * this / other))
    return replace(side, points=tuple(points))


def largest_box(frame: Placement) -> Point2 | None:
    """The largest width and the largest height of its box."""
    if frame.box is None:
        return None
    sides = [
        max(p.value for p in side.points if isinstance(p.value, float))
        if isinstance(side, Keyframes)
        else side
        for side in frame.box
    ]
    return sides[0], sides[1]


def still(value: Motion) -> Point2:
    """A pair that does not move."""
    assert not isinstance(value, Keyframes)
    return value[0], value[1]


def resting(frame: Placement, scale: Point2) -> Placement:
    """The placement of the picture drawn for a moving item: at that scale, at the upper left."""
    corner = (0.0, 0.0)
    return replace(frame, position=corner, anchor=corner, offset=corner, scale=scale)


def largest_scale(frame: Placement) -> Point2:
    """The largest scale across and down; the item is never seen if one is 0."""
    if not isinstance(frame.scale, Keyframes):
        return still(frame.scale)
    values = [point.value for point in frame.scale.points]
    across, down = (max(v[i] for v in values if isinstance(v, tuple)) for i in range(2))
    return across, down


#: The largest picture that is drawn for an item that moves, in areas of the canvas.
_MOST_CANVASES = 4


def drawn_scale(frame: Placement, size: Point2, canvas: tuple[int, int]) -> Point2:
    """The scale at which a moving picture, of ``size`` at scale 1, is drawn before it is placed.

    Its largest scale, unless that is far larger than the canvas.
    """
    across, down = largest_scale(frame)
    canvases = size[0] * across * size[1] * down / (canvas[0] * canvas[1])
    less = math.sqrt(_MOST_CANVASES / canvases) if canvases > _MOST_CANVASES else 1.0
    return across * less, down * less


def drawn_text_scale(frame: Placement, size: float, canvas: tuple[int, int]) -> float:
    """The scale at which a title in type of ``size`` is drawn before it is placed.

    Its largest scale, unless letters would be higher than the canvas.
    """
    return min(max(largest_scale(frame)), max(1.0, canvas[1] / size))


def tone_map_of(frame: Placement, calls: tuple[OpCall, ...]) -> str:
    """How an item with these ops goes from HDR to SDR: a method of the op ``tone_map``, or ``none``
    if its own ops do that."""
    method = str(frame.of("to_sdr").get("method", "auto"))
    if method != "auto":
        return method
    return "none" if any(call.op == "tone_map" for call in calls) else "bt2390"


@lru_cache(maxsize=1024)
def corner(position: float, offset: float, anchor: float, canvas: int, own: int) -> int:
    """Along one axis: the canvas pixel where a picture of ``own`` pixels begins."""
    location = Fraction(str(position)) * canvas + Fraction(str(offset))
    return round_half_up(location - Fraction(str(anchor)) * own)


def lies(frame: Placement, own: tuple[int, int], canvas: tuple[int, int]) -> bool:
    """Whether a picture lies on the canvas unchanged, pixel on pixel."""
    if own != canvas or frame.moves or frame.pixel != 1 or frame.of("affine").get("rotation"):
        return False
    if frame.box is not None and frame.box != (float(canvas[0]), float(canvas[1])):
        return False
    return frame.position == frame.anchor and frame.offset == (0, 0) and frame.scale == (1, 1)
