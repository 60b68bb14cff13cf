"""Rotation of an item:

where its picture is drawn before it is turned, and its placement afterwards. The *unturned
plane* is the canvas as it would be without the turn, extended beyond its edges. An item's
effects and its mask work there; the op ``affine`` brings the result onto the canvas.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from vedc.edit.contents import Placement
from vedc.edit.placement import corner, still
from vedc.edit.times import round_half_up
from vedc.edit.values import Keyframes, ParamValue
from vedc.ops.shared.plane_geometry import cos_sin
from vedc.support.lazy_dataclass import dataclass

#: Pixels around the visible part, for the reach of filters.
_AROUND = 4


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the unturned plane, in whole canvas pixels."""

    x: int
    y: int
    width: int
    height: int

    def grown(self, by: int, down: int | None = None) -> Area:
        """Larger by ``by`` on every side, or by ``down`` above and below."""
        down = by if down is None else down
        return Area(self.x - by, self.y - down, self.width + 2 * by, self.height + 2 * down)

    def with_margin(self, canvas: Area) -> Area:
        """Larger by an eighth of the canvas on the sides that lie within it.

        Parts beyond the other sides are never visible for an item that is not turned.
        """
        margin = min(canvas.width, canvas.height) // 8
        left, top = margin * (self.x > 0), margin * (self.y > 0)
        right = margin * (self.x + self.width < canvas.width)
        bottom = margin * (self.y + self.height < canvas.height)
        return Area(
            self.x - left, self.y - top, self.width + left + right, self.height + top + bottom
        )

    def within(self, other: Area) -> Area:
        """The intersection, at least a pixel."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Area(x, y, max(1, right - x), max(1, bottom - y))


@dataclass(frozen=True, slots=True)
class Turn:
    """``rotation`` degrees clockwise: the point ``anchor`` of the unturned plane goes to ``pivot``
    of the canvas."""

    rotation: float | Keyframes
    anchor: tuple[float, float]
    pivot: tuple[float, float]

    def visible(self, width: int, height: int) -> Area:
        """The part of the unturned plane that a canvas of that size can show at any time."""
        ways = [
            (x - self.pivot[0], y - self.pivot[1])
            for x, y in itertools.product((0, width), (0, height))
        ]
        if isinstance(self.rotation, Keyframes):
            reach = max(math.hypot(*way) for way in ways)
            ways = [(-reach, -reach), (reach, reach)]
        else:
            c, s = cos_sin(self.rotation)
            ways = [(x * c + y * s, y * c - x * s) for x, y in ways]
        (left, right), (top, bottom) = (
            (math.floor(min(along) + start), math.ceil(max(along) + start))
            for along, start in zip(zip(*ways, strict=True), self.anchor, strict=True)
        )
        return Area(left, top, right - left, bottom - top).grown(_AROUND)


def rotation_of(frame: Placement) -> float | Keyframes:
    """The item's rotation; 0.0 if it is upright."""
    rotation: ParamValue = frame.of("affine").get("rotation", 0.0)
    assert isinstance(rotation, (float, Keyframes))
    upright = isinstance(rotation, float) and rotation % 360 == 0
    return 0.0 if upright else rotation


def quarter_turns(rotation: float | Keyframes) -> int | None:
    """The number of quarter turns of a constant rotation; None if it is not a multiple."""
    if isinstance(rotation, Keyframes) or rotation % 90:
        return None
    return int(rotation // 90) % 4


def turn_of_picture(
    rotation: float | Keyframes, frame: Placement, size: tuple[int, int], canvas: tuple[int, int]
) -> Turn:
    """The turn of a picture of ``size``, about its anchor.

    Quarter turns and no turn map whole pixels to whole pixels.
    """
    quarters = quarter_turns(rotation)
    left, top = corner_of(frame, still(frame.anchor), size, canvas)
    if quarters is None:
        x, y = still(frame.anchor)
        anchor = left + x * size[0], top + y * size[1]
        return Turn(rotation, anchor, anchor)
    x, y = still(frame.anchor)
    turned = ((x, y), (1 - y, x), (1 - x, 1 - y), (y, 1 - x))[quarters]
    shown = size[::-1] if quarters % 2 else size
    x, y = corner_of(frame, turned, shown, canvas)
    # The new place of the picture's upper left corner.
    landing = ((x, y), (x + shown[0], y), (x + shown[0], y + shown[1]), (x, y + shown[1]))[quarters]
    return Turn(rotation, (float(left), float(top)), (float(landing[0]), float(landing[1])))


def turn_of_text(rotation: float | Keyframes, frame: Placement, canvas: tuple[int, int]) -> Turn:
    """The turn of a title, whose size is known only when it is set, about its anchor."""
    position, offset = still(frame.position), still(frame.offset)
    x, y = (position[i] * canvas[i] + offset[i] for i in range(2))
    if quarter_turns(rotation) is not None:
        x, y = (float(round_half_up(Fraction(at))) for at in (x, y))
    return Turn(rotation, (x, y), (x, y))


def corner_of(
    frame: Placement, anchor: tuple[float, float], size: tuple[int, int], canvas: tuple[int, int]
) -> tuple[int, int]:
    """The canvas pixel of the upper left corner of a picture of ``size``."""
    position, offset = still(frame.position), still(frame.offset)
    x, y = (corner(position[i], offset[i], anchor[i], canvas[i], size[i]) for i in range(2))
    return x, y
