"""Scaling the lengths of a design to a canvas of another size.

A spec gives lengths in pixels of the profile. An output of another size shows the same design,
larger or smaller by the ratio of the two canvases' smaller sides.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final, TypeVar, cast

from vedc.edit.contents import Clip, Image, Placement, Text
from vedc.edit.model import Composition, Content
from vedc.edit.times import round_half_up
from vedc.edit.values import Keyframes

Value = TypeVar("Value")

#: The fields of a title that are lengths.
OF_TEXT: Final = (
    "size", "box", "letter_spacing", "max_width", "stroke_width", "shadow_offset", "shadow_blur",
    "padding",
)  # fmt: skip


def ratio(canvas: tuple[int, int], design: tuple[int, int]) -> Fraction:
    """The scale of a design on a canvas relative to its own."""
    return Fraction(min(canvas), min(design))


def scaled(value: Value, by: Fraction) -> Value:
    """A length, a tuple of lengths, or either in motion; anything else (None) as it is."""
    result: object = value
    if isinstance(value, Keyframes):
        points = tuple(replace(p, value=scaled(p.value, by)) for p in value.points)
        low, high = value.limits
        result = replace(value, points=points, limits=(low * float(by), high * float(by)))
    elif isinstance(value, tuple):
        result = tuple(scaled(part, by) for part in value)
    elif isinstance(value, float):
        result = float(Fraction(value) * by)
    return cast(Value, result)


def scaled_content(content: Content, by: Fraction) -> Content:
    """A title with type of another size; anything else as it is."""
    if by == 1 or not isinstance(content, Text):
        return content
    return replace(content, **{name: scaled(getattr(content, name), by) for name in OF_TEXT})


def scaled_placement(frame: Placement, content: Content, by: Fraction) -> Placement:
    """The placement of an item. A picture shown pixel for pixel is scaled with the rest."""
    if by == 1:
        return frame
    if isinstance(content, Composition):
        params = tuple(
            (op, name, _whole(scaled(value, content.design)) if name == "crop" else value)
            for op, name, value in frame.params
        )
        frame = replace(frame, params=params)
        by /= content.design
    if frame.fit == "none" and isinstance(content, (Clip, Composition, Image)):
        frame = replace(frame, pixel=by)
    return frame


def _whole(value: Value) -> Value:
    """A rectangle in whole pixels, at least one of them wide and high; one that moves as it is."""
    if not isinstance(value, tuple):
        return value
    x, y, width, height = (float(round_half_up(Fraction(side))) for side in value)
    return cast(Value, (x, y, max(width, 1.0), max(height, 1.0)))
