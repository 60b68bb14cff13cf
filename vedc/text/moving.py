"""Titles animating in or out.

The text is set and drawn once, twice as large, each unit separately; a frame places these
pictures by the poses of its preset. At its final place, where two by two pixels merge into one, a
unit equals the title at rest; between whole pixels it stays nearly as sharp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vedc.edit.contents import Animation, Text
from vedc.edit.text_motion import PRESETS, REST, Pose, backing, poses
from vedc.text import ink, paint
from vedc.text.bitmap import Bitmap
from vedc.text.layout import lay_out
from vedc.text.shaping import Box
from vedc.text.units import Unit, units

Floats = npt.NDArray[np.float32]
Vector = npt.NDArray[np.floating]

#: Scale of drawn units relative to the title.
_TIMES = 2
#: Smaller blurs, in pixels, are invisible.
_SEEN = 0.05
#: OpenCV addresses pictures by 16 bits.
_MAX_SIDE = 32_000


class _Picture:
    """A picture and smaller copies of it, made on demand.

    (height, width, 4) of premultiplied colour, then, where letters have an outline, (height,
    width, 2): the coverage of the letters, and that of the visible outline around them.
    """

    def __init__(self, corner: tuple[float, float], times: float, *planes: Floats) -> None:
        self.corner, self.times = np.array(corner), times
        self.levels: list[tuple[Floats, ...]] = [planes]

    def level(self, scale: float) -> tuple[float, tuple[Floats, ...]]:
        """The copy for a scale, at most two of whose pixels merge into one; and that ratio."""
        number = max(math.ceil(math.log2(self.times / scale / _TIMES) - 1e-9), 0)
        while len(self.levels) <= number:
            last = self.levels[-1]
            if min(last[0].shape[:2]) < 2:
                break
            self.levels.append(tuple(_halved(plane) for plane in last))
        number = min(number, len(self.levels) - 1)
        return self.times / 2**number, self.levels[number]


@dataclass(frozen=True, slots=True)
class _Shot:
    """A picture and the pixels of the canvas that it is drawn to."""

    planes: tuple[Floats, ...]
    matrix: Vector
    """From the picture's pixels to those of the canvas: (2, 3)."""
    area: tuple[int, int, int, int]
    """Left, top, right, bottom."""
    opacity: float
    blur: float
    """Standard deviation in pixels."""
    seen: tuple[Vector, Vector] | None = None
    """Its visible share, by column and by row of the area."""


class MovingTitle:
    """A title with one of its animations. Raises as :func:`vedc.text.titles.render_text`."""

    def __init__(self, text: Text, scale: float, animation: Animation) -> None:
        self.text, self.scale, self.animation = text, scale, animation
        self.preset = PRESETS[animation.preset]
        self.layout = lay_out(text, scale)
        self.width, self.height = self.layout.width, self.layout.height
        self.size = self.layout.shaper.size
        self.stroke = text.stroke_width * scale
        self.units = units(self.layout, animation.by, self.stroke)
        self.pictures = [self._drawn(unit) for unit in self.units]
        self.plate = None if text.background is None else self._plate()

    @property
    def bytes(self) -> int:
        """Memory that its pictures take."""
        pictures = [*self.pictures, *([self.plate] if self.plate else [])]
        return sum(plane.nbytes for picture in pictures for plane in picture.levels[0]) * 4 // 3

    def draw(
        self, share: float, out: bool, corner: tuple[int, int], canvas: tuple[int, int]
    ) -> tuple[Bitmap, int, int]:
        """A frame, at a share of the animation, and the canvas pixel of its corner.

        ``corner``: the canvas pixel of the corner of the title at rest.
        """
        animation, count = self.animation, len(self.units)
        way = (self.preset, animation.easing, animation.stagger, count, share)
        origin = np.array([corner[0] - self.layout.left, corner[1] - self.layout.top], float)
        reach = self._shadow_reach()
        bounds = (-reach, -reach, canvas[0] + reach, canvas[1] + reach)
        shots = []
        placed = poses(*way, out=out)
        for number, pose in enumerate(placed):
            shot = self._shot(number, pose, origin, corner, canvas, bounds)
            shots += [] if shot is None else [shot]
        below = None
        if self.plate is not None:
            pose = backing(*way, out=out) if animation.by != "all" or not count else placed[0]
            below = self._placed(
                self.plate, self._plate_box(), pose, origin, corner, canvas, bounds
            )
        areas = [shot.area for shot in [*shots, *([below] if below else [])]]
        if not areas:
            return Bitmap(1, 1, bytes(4)), 0, 0
        left, top, right, bottom = zip(*areas, strict=True)
        x0, y0 = max(min(left) - reach, -reach), max(min(top) - reach, -reach)
        x1 = min(max(right) + reach, canvas[0] + reach)
        y1 = min(max(bottom) + reach, canvas[1] + reach)
        pixels = self._composed(shots, (x0, y0, x1, y1))
        if below is not None:
            plate = np.zeros_like(pixels)
            _over(plate, _sampled(below)[0], below.area, (x0, y0))
            pixels += (1 - pixels[..., 3:]) * plate
        x, y = max(x0, 0), max(y0, 0)
        inside = pixels[y - y0 : canvas[1] - y0, x - x0 : canvas[0] - x0]
        if not inside.size:
            return Bitmap(1, 1, bytes(4)), 0, 0
        data = np.rint(inside * 255).clip(0, 255).astype(np.uint8)
        return Bitmap(inside.shape[1], inside.shape[0], data.tobytes()), x, y

    # ------------------------------------------------------------ what is drawn once

    def _drawn(self, unit: Unit) -> _Picture:
        own = unit.layout
        times = _TIMES if max(own.width, own.height) * _TIMES <= _MAX_SIDE else 1
        planes = [paint.letters(self.text, self.scale, self.layout, own, times)]
        if self.stroke:
            covered, reached = ink.stroke(own, self.text.color, self.stroke, times)
            planes.append(np.dstack([covered, (1 - covered) * reached]))
        return _Picture((own.left, own.top), times, *planes)

    def _plate(self) -> _Picture:
        """The background, with a clear edge around it."""
        assert self.text.background is not None
        pixels = np.zeros((self.height + 4, self.width + 4, 4), np.float32)
        pixels[2:-2, 2:-2] = paint.premultiplied(self.text.background)
        return _Picture((self.layout.left - 2, self.layout.top - 2), 1, pixels)

    def _plate_box(self) -> Box:
        left, top = self.layout.left, self.layout.top
        return left, top, left + self.width, top + self.height

    def _shadow_reach(self) -> int:
        """Pixels by which the shadow extends beyond the letters."""
        if self.text.shadow is None:
            return 0
        offset = max(abs(value) for value in self.text.shadow_offset)
        return math.ceil((offset + 1.5 * self.text.shadow_blur) * self.scale) + 1

    # ------------------------------------------------------------ a frame

    def _shot(
        self,
        number: int,
        pose: Pose,
        origin: Vector,
        corner: tuple[int, int],
        canvas: tuple[int, int],
        bounds: tuple[int, int, int, int],
    ) -> _Shot | None:
        unit, shown = self.units[number], number if pose.shows is None else pose.shows
        aside = np.array(unit.pen) - np.array(self.units[shown].pen)
        spaced = np.array([pose.spacing * unit.place * self.size, 0.0])
        at = origin + spaced + aside
        box = unit.box if shown == number else self.units[shown].box
        return self._placed(self.pictures[shown], box, pose, at, corner, canvas, bounds)

    def _placed(
        self,
        picture: _Picture,
        box: Box,
        pose: Pose,
        origin: Vector,
        corner: tuple[int, int],
        canvas: tuple[int, int],
        bounds: tuple[int, int, int, int],
    ) -> _Shot | None:
        """A picture in its pose; None if invisible."""
        if pose.opacity <= 0 or min(pose.scale) <= 0:
            return None
        times, planes = picture.level(max(pose.scale))
        about = np.array([box[i] + self.preset.pivot[i] * (box[i + 2] - box[i]) for i in range(2)])
        turn = math.radians(pose.rotation)
        turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        linear = turned * np.array(pose.scale)
        away = np.array(pose.offset) * self.size + self._travelled(pose, corner, canvas)
        still = origin + about + away + linear @ (picture.corner - about)
        height, width = planes[0].shape[:2]
        corners = linear @ np.array([[0, width, 0, width], [0, 0, height, height]]) / times
        blur = pose.blur * self.size / 2
        low = np.floor((still[:, None] + corners).min(axis=1) - 3 * blur).astype(int)
        high = np.ceil((still[:, None] + corners).max(axis=1) + 3 * blur).astype(int)
        area = (
            max(int(low[0]), bounds[0]),
            max(int(low[1]), bounds[1]),
            min(int(high[0]), bounds[2]),
            min(int(high[1]), bounds[3]),
        )
        if area[0] >= area[2] or area[1] >= area[3]:
            return None
        # Pixels count from their middles.
        linear = linear / times
        shift = still + linear @ np.array([0.5, 0.5]) - 0.5 - np.array(area[:2])
        matrix = np.column_stack([linear, shift])
        seen = self._seen(box, pose, origin, area)
        return _Shot(planes, matrix, area, pose.opacity, blur, seen)

    def _travelled(self, pose: Pose, corner: tuple[int, int], canvas: tuple[int, int]) -> Vector:
        """The displacement of a pose towards an edge of the canvas, in pixels."""
        found = np.zeros(2)
        for axis, own in enumerate((self.width, self.height)):
            way = pose.travel[axis]
            beyond = canvas[axis] - corner[axis] if way > 0 else corner[axis] + own
            found[axis] = way * beyond
        return found

    def _seen(
        self, box: Box, pose: Pose, origin: Vector, area: tuple[int, int, int, int]
    ) -> tuple[Vector, Vector] | None:
        """The part of an area that wipes leave visible: the share of each column, and of each
        row."""
        preset = self.preset
        if pose == REST or not (any(preset.wipe) or preset.masked):
            return None
        found = []
        for axis in range(2):
            pixels = np.arange(area[axis], area[axis + 2]) + 0.5
            seen: Vector = np.ones(len(pixels))
            way = preset.wipe[axis]
            if way or (preset.masked and axis):
                room = self.stroke + 1
                start = box[axis] + origin[axis] - room
                end = box[axis + 2] + origin[axis] + room
                seen = _between(pixels, start, end)
                if way:
                    passed = pose.passed * (end - start)
                    edge = start + passed if way > 0 else end - passed
                    before = np.clip((edge - pixels) * way + 0.5, 0, 1)
                    seen = seen * (1 - before if pose.covers else before)
                    seen = preset.dim + (1 - preset.dim) * seen
            found.append(seen)
        return found[0], found[1]

    def _composed(self, shots: Sequence[_Shot], area: tuple[int, int, int, int]) -> Floats:
        """All units, with their outlines below all letters and their shadow below both."""
        size = (area[3] - area[1], area[2] - area[0])
        pixels = np.zeros((*size, 4), np.float32)
        edges = np.zeros((*size, 2), np.float32) if self.stroke else None
        for shot in shots:
            sampled = _sampled(shot)
            _over(pixels, sampled[0], shot.area, area[:2])
            if edges is not None:
                here = _within(edges, shot.area, area[:2])
                np.maximum(here, sampled[1], out=here)
        if edges is not None:
            around = np.minimum(edges[..., 1], 1 - edges[..., 0])
            pixels += around[..., None] * paint.premultiplied(self.text.stroke_color)
        if self.text.shadow is not None:
            x, y = (value * self.scale for value in self.text.shadow_offset)
            shade = ink.shadow(pixels[..., 3], (x, y), self.text.shadow_blur * self.scale)
            under = ((1 - pixels[..., 3]) * shade)[..., None]
            pixels += under * paint.premultiplied(self.text.shadow)
        return pixels


def _between(pixels: Vector, start: float, end: float) -> Vector:
    share: Vector = np.clip(pixels - start + 0.5, 0, 1) * np.clip(end - pixels + 0.5, 0, 1)
    return share


def _halved(plane: Floats) -> Floats:
    """Half as large, the mean of four pixels each; an odd last row or column fades out."""
    rows, columns = plane.shape[0] % 2, plane.shape[1] % 2
    even = np.pad(plane, ((0, rows), (0, columns), (0, 0)))
    height, width, channels = even.shape
    blocks = even.reshape(height // 2, 2, width // 2, 2, channels)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def _sampled(shot: _Shot) -> list[Floats]:
    """The pixels of a shot's area, by plane."""
    left, top, right, bottom = shot.area
    found = []
    for plane in shot.planes:
        drawn = cv2.warpAffine(plane, shot.matrix, (right - left, bottom - top))
        if shot.blur > _SEEN:
            drawn = cv2.GaussianBlur(drawn, (0, 0), shot.blur, borderType=cv2.BORDER_CONSTANT)
        pixels = np.asarray(drawn, np.float32)
        if shot.opacity != 1:
            pixels = pixels * np.float32(shot.opacity)
        if shot.seen is not None:
            columns, rows = shot.seen
            pixels = pixels * (rows[:, None] * columns).astype(np.float32)[..., None]
        found.append(pixels)
    return found


def _within(whole: Floats, area: tuple[int, int, int, int], corner: tuple[int, ...]) -> Floats:
    """The part of a picture, whose corner is given, that an area takes."""
    x, y = corner
    return whole[area[1] - y : area[3] - y, area[0] - x : area[2] - x]


def _over(
    whole: Floats, pixels: Floats, area: tuple[int, int, int, int], corner: tuple[int, ...]
) -> None:
    here = _within(whole, area, corner)
    here *= 1 - pixels[..., 3:]
    here += pixels
