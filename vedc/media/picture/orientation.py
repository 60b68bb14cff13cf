"""How a stored picture must be turned and mirrored to be shown: display matrices.

A matrix [a b; c d] takes a stored point (x, y), y down, to (ax + cy, bx + dy). A player knows
eight positions: four turns, mirrored or not. A matrix in between is shown in the nearest one.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_EXACT = 1.0
"""Degrees that a matrix may be off a right angle without a note: its numbers are rounded."""


class Orientation(NamedTuple):
    """Mirrored left to right if ``mirrored``, and then turned clockwise by ``rotation`` degrees
    (0, 90, 180, 270). ``note`` describes what a player does not show."""

    rotation: int = 0
    mirrored: bool = False
    note: str | None = None


def of_matrix(a: float, b: float, c: float, d: float) -> Orientation:
    """The position of a display matrix. One of zeros means none, as in every player."""
    area = a * d - b * c
    if not area:
        if any((a, b, c, d)):
            return Orientation(
                note="its display matrix squeezes the picture to nothing and is ignored"
            )
        return Orientation()
    mirrored = area < 0
    if mirrored:  # the rest of the matrix after mirroring
        a, b = -a, -b
    turn = math.degrees(math.atan2(b, a))
    right = round(turn / 90) * 90
    note = None
    if abs(turn - right) > _EXACT:
        note = f"it is rotated by {turn:.0f} degrees; shown rotated by {right % 360}"
    return Orientation(right % 360, mirrored, note)


def of_frame(picture: VideoFrame) -> Orientation:
    """The position that a video frame asks for.

    Never read a still's side data: PyAV 18 crashes the process on an ICC profile.
    """
    from av.sidedata.sidedata import SideData

    try:
        matrix = picture.side_data.get("DISPLAYMATRIX")
    except ValueError:  # PyAV lists no side data at all where it does not know one of the types
        turn = -math.radians(picture.rotation)
        return of_matrix(math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn))
    if matrix is None:
        return Orientation()
    assert isinstance(matrix, SideData)  # narrows PyAV's too wide type
    a, b, _, c, d, *_ = struct.unpack("<9i", matrix)
    return of_matrix(a, b, c, d)
