"""Masks drawn on the canvas: shapes, gradients and greyscale pictures.

Positions are fractions of the canvas, from (0, 0) at the top left to (1, 1) at the bottom right.
Radii and feathers are fractions of its height, hence equal in both directions.
"""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Pixel, Position, Scalar, Vec3, ease
from vedc.ops.core.registry import param
from vedc.ops.shared import signed_distance
from vedc.ops.shared.declare import angle_param, mask
from vedc.ops.shared.matte import edge
from vedc.ops.shared.plane_geometry import Point, offset_from, rotated_back, to_pixels

Points = tuple[Point, ...]

# Parameters that several masks share.
_CENTER: Final = param(
    (0.5, 0.5), kind="pair", low=-10, high=10, unit="fraction of the canvas", doc="Its centre."
)
_ROTATION: Final = angle_param("Clockwise.", limit=3600)
_FEATHER: Final = param(
    0.0,
    low=0,
    high=4,
    unit="fraction of the height",
    doc="Width of the soft edge, half of it inside; at least one pixel.",
)


def _around(m: Math, at: Position, center: Point, rotation: Scalar) -> Point:
    """The pixel's offset from the centre in the axes of the rotated shape, in pixels."""
    return rotated_back(m, *offset_from(at, *to_pixels(at, center)), rotation)


@mask(use="Confine a change to a box, a window or a band.", ramps=True)
def rectangle(
    m: Math,
    rgb: Vec3,
    at: Position,
    *,
    center: Point = _CENTER,
    size: Point = param(
        (0.5, 0.5),
        kind="pair",
        low=0,
        high=10,
        unit="fraction of the canvas",
        doc="Width and height, in fractions of the canvas's.",
        shown=(0.4, 0.8),
    ),
    radius: Scalar = param(
        0.0, low=0, high=4, unit="fraction of the height", doc="Radius of the corners.", shown=0.1
    ),
    rotation: Scalar = _ROTATION,
    feather: Scalar = _FEATHER,
) -> Scalar:
    """A rectangle, optionally rotated and rounded.

    The soft edge follows the distance to the outline, so it is equally wide all round. The corner
    radius is at most half the shorter side.
    """
    x, y = _around(m, at, center, rotation)
    across, down = size[0] * at.width * 0.5, size[1] * at.height * 0.5
    distance = signed_distance.box(m, x, y, across, down, radius * at.height)
    return edge(m, at, distance, feather)


@mask(use="Confine a change to a face, a lamp, the centre of the picture.", ramps=True)
def ellipse(
    m: Math,
    rgb: Vec3,
    at: Position,
    *,
    center: Point = _CENTER,
    radius: Point = param(
        (0.25, 0.25),
        kind="pair",
        low=0,
        high=10,
        unit="fraction of the height",
        doc="Across and down; equal values make a circle on any canvas.",
        shown=(0.4, 0.46),
    ),
    rotation: Scalar = _ROTATION,
    feather: Scalar = _FEATHER,
) -> Scalar:
    """An ellipse or circle, optionally rotated.

    The soft edge is equally wide all round. Radii are at least half a pixel.
    """
    x, y = _around(m, at, center, rotation)
    distance = signed_distance.ellipse(m, x, y, radius[0] * at.height, radius[1] * at.height)
    return edge(m, at, distance, feather)


@mask(use="Confine a change to any outline of straight lines.", ramps=True)
def polygon(
    m: Math,
    rgb: Vec3,
    at: Position,
    *,
    points: Points = param(
        kind="points",
        least=3,
        unit="fraction of the canvas",
        doc="Its corners, in either direction; the last is joined to the first.",
        shown=(0.35, 0.0, 0.6, 0.45, 0.5, 0.95, 0.2, 0.95, 0.1, 0.4),
    ),
    feather: Scalar = _FEATHER,
) -> Scalar:
    """A closed polygon.

    Overlapping outlines follow the even-odd rule: a point is inside if a ray from outside reaches
    it after an odd number of crossings. The soft edge follows the distance to the nearest side.
    """
    corners = [(px * at.width, py * at.height) for px, py in points]
    return edge(m, at, signed_distance.polygon(m, at.x, at.y, corners), feather)


@mask(use="Fade a change in across the picture: darken a sky, light one side.", ramps=True)
def gradient_mask(
    m: Math,
    rgb: Vec3,
    at: Position,
    *,
    shape: str = param(
        "linear", choices=("linear", "radial"), doc="Along a line, or around a point."
    ),
    start: Point = param(
        (0.5, 0.0),
        kind="pair",
        low=-10,
        high=10,
        unit="fraction of the canvas",
        doc="Where the matte is 0; the centre of a radial one.",
    ),
    end: Point = param(
        (0.5, 1.0),
        kind="pair",
        low=-10,
        high=10,
        unit="fraction of the canvas",
        doc="Where the matte is 1; on the rim of a radial one.",
    ),
    smooth: bool = param(False, doc="Whether to ease in and out, as a smoothstep does."),
) -> Scalar:
    """A ramp from 0 at `start` to 1 at `end`, linear or radial.

    A linear ramp is constant across its direction on the screen; a radial one is round on the
    screen. Points less than a pixel apart count as one pixel apart.
    """
    x, y = offset_from(at, *to_pixels(at, start))
    ex, ey = (end[0] - start[0]) * at.width, (end[1] - start[1]) * at.height
    square = m.max(ex * ex + ey * ey, 1.0)
    along = (x * ex + y * ey) / square if shape == "linear" else m.sqrt((x * x + y * y) / square)
    t = m.clamp(along)
    return ease(t) if smooth else t


@mask(use="Take a painted or rendered matte from a picture file.")
def image_mask(
    m: Math,
    rgb: Vec3,
    *,
    src: Pixel = param(kind="picture", doc="The picture, stretched over the canvas."),
    channel: str = param(
        "luma", choices=("luma", "alpha", "red", "green", "blue"), doc="Which of its values to use."
    ),
) -> Scalar:
    """A picture's brightness, coverage or one of its channels.

    Clear parts are outside, whatever their colour. Luma is display-encoded, with the canvas's
    weights. The matte is clamped to 0..1.
    """
    seen = {"alpha": src.a, "red": src.rgb.r, "green": src.rgb.g, "blue": src.rgb.b}
    return m.clamp(seen[channel] if channel in seen else m.luma(src.rgb))
