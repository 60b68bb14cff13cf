"""xfade's wipes: every pixel shows one of the pictures, or a mix of them, in its place.

The formulas are those of libavfilter/vf_xfade.c. Edges are as hard as there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedc.expr.math import Pixel, Scalar, Vec3, ease
from vedc.ops.compatible.stage import PI, TIE, Raster, xfade
from vedc.ops.shared.pixels import mixed
from vedc.ops.shared.plane_geometry import length

#: For each way a picture may go: whether along x, and whether towards the origin.
WAYS: Final = {
    "left": (True, True), "right": (True, False), "up": (False, True), "down": (False, False),
}  # fmt: skip
#: For each corner: whether it is on the right, and whether it is below.
_CORNERS: Final = {
    "tl": (False, False), "tr": (True, False), "bl": (False, True), "br": (True, True),
}  # fmt: skip


def _wipe(way: str) -> None:
    across, back = WAYS[way]

    @xfade(f"wipe{way}", family="wipe")
    def wipe(s: Raster) -> Pixel:
        """Replace the picture behind a hard edge that crosses it."""
        place, size = (s.x, s.at.width) if across else (s.y, s.at.height)
        if back:
            return s.where(place > s.whole(size * s.left), s.b, s.a)
        return s.where(place > s.whole(size * s.progress), s.a, s.b)


def _corner_wipe(corner: str) -> None:
    right, below = _CORNERS[corner]

    @xfade(f"wipe{corner}", family="wipe")
    def wipe(s: Raster) -> Pixel:
        """Let the picture shrink into a corner behind two hard edges."""

        def kept(place: Scalar, size: Scalar, far: bool) -> Scalar:
            if far:
                return place > s.whole(size * s.progress)
            return place <= s.whole(size * s.left)

        shown = kept(s.x, s.at.width, right) * kept(s.y, s.at.height, below)
        return s.where(shown, s.a, s.b)


def _smooth(name: str, doc: str, field: Callable[[Raster], Scalar]) -> None:
    """Where the second picture's share is the smoothstep of a field less twice xfade's progress."""

    def shown(s: Raster) -> Pixel:
        return mixed(s.a, s.b, ease(s.m.clamp(field(s) - s.left * 2.0)))

    shown.__doc__ = doc
    xfade(name, family="wipe")(shown)


def _x(s: Raster, far: bool = False) -> Scalar:
    return (s.at.width - 1.0 - s.x if far else s.x) / s.at.width


def _y(s: Raster, far: bool = False) -> Scalar:
    return (s.at.height - 1.0 - s.y if far else s.y) / s.at.height


def _off_middle(s: Raster, across: bool) -> Scalar:
    """0 in the middle, 1 at the edges."""
    place, size = (s.x, s.at.width) if across else (s.y, s.at.height)
    return s.m.abs(place * 2.0 - size) / size


def _from_center(s: Raster) -> tuple[Scalar, Scalar]:
    """The offset from the middle, whose column and row are integers, and a corner's distance."""
    m = s.m
    cx, cy = m.floor(s.at.width * 0.5), m.floor(s.at.height * 0.5)
    return length(m, s.x - cx, s.y - cy), length(m, cx, cy)


def _slices(name: str, across: bool, far: bool) -> None:
    @xfade(f"{name}slice", family="wipe")
    def slices(s: Raster) -> Pixel:
        """Replace the picture in ten slices, one after another."""
        m = s.m
        place, size = (s.x, s.at.width) if across else (s.y, s.at.height)
        if far:
            place = size - 1.0 - place
        shown = m.smoothstep(-0.5, 0.0, place / size - s.left * 1.5)
        tenths = place * 10.0  # an integer, so that slices begin where they begin in xfade
        fraction = (tenths - m.floor((tenths + 0.5) / size) * size) / size
        return s.where(m.step(shown, fraction + TIE), s.a, s.b)


for _way in WAYS:
    _wipe(_way)
for _corner in _CORNERS:
    _corner_wipe(_corner)

_EDGE: Final = "Replace the picture behind a soft edge as wide as it."
_smooth("smoothleft", _EDGE, lambda s: 1.0 + _x(s))
_smooth("smoothright", _EDGE, lambda s: 1.0 + _x(s, far=True))
_smooth("smoothup", _EDGE, lambda s: 1.0 + _y(s))
_smooth("smoothdown", _EDGE, lambda s: 1.0 + _y(s, far=True))

_DOORS: Final = "Split the picture, or close in on it, behind two soft edges."
_smooth("vertopen", _DOORS, lambda s: 2.0 - _off_middle(s, across=True))
_smooth("vertclose", _DOORS, lambda s: 1.0 + _off_middle(s, across=True))
_smooth("horzopen", _DOORS, lambda s: 2.0 - _off_middle(s, across=False))
_smooth("horzclose", _DOORS, lambda s: 1.0 + _off_middle(s, across=False))

_CORNER: Final = "Replace the picture from a corner on, behind a soft curved edge."
_smooth("diagtl", _CORNER, lambda s: 1.0 + _x(s) * _y(s))
_smooth("diagtr", _CORNER, lambda s: 1.0 + _x(s, far=True) * _y(s))
_smooth("diagbl", _CORNER, lambda s: 1.0 + _x(s) * _y(s, far=True))
_smooth("diagbr", _CORNER, lambda s: 1.0 + _x(s, far=True) * _y(s, far=True))

for _name, _across, _far in (
    ("hl", True, False), ("hr", True, True), ("vu", False, False), ("vd", False, True),
):  # fmt: skip
    _slices(_name, _across, _far)


@xfade("radial")
def _radial(s: Raster) -> Pixel:
    """Replace the picture behind a soft hand that sweeps round the middle."""
    m = s.m
    cx, cy = m.floor(s.at.width * 0.5), m.floor(s.at.height * 0.5)
    turned = m.atan2(s.x - cx, s.y - cy) - (s.left - 0.5) * (PI * 2.5)
    return mixed(s.a, s.b, ease(m.clamp(turned)))


@xfade("circleopen", family="iris")
def _circleopen(s: Raster) -> Pixel:
    """Open a soft circle onto the second picture."""
    away, corner = _from_center(s)
    return mixed(s.b, s.a, ease(s.m.clamp(away / corner + (s.left - 0.5) * 3.0)))


@xfade("circleclose", family="iris")
def _circleclose(s: Raster) -> Pixel:
    """Close a soft circle on the first picture."""
    away, corner = _from_center(s)
    return mixed(s.a, s.b, ease(s.m.clamp(away / corner + (s.progress - 0.5) * 3.0)))


@xfade("circlecrop", family="iris")
def _circlecrop(s: Raster) -> Pixel:
    """Close a circle on the first picture, then open it on the second; black is around it."""
    m = s.m
    away, corner = _from_center(s)
    size = m.abs(s.left - 0.5) * 2.0
    shown = s.where(s.left < 0.5, s.b, s.a)
    return s.where(size * size * size * corner < away, black(s), shown)


@xfade("rectcrop", family="iris")
def _rectcrop(s: Raster) -> Pixel:
    """Close a rectangle on the first picture, then open it on the second; black is around it."""
    m = s.m
    half = m.abs(s.left - 0.5)

    def within(place: Scalar, size: Scalar) -> Scalar:
        return m.abs(place - m.floor(size * 0.5)) < s.whole(half * size)

    shown = s.where(s.left < 0.5, s.b, s.a)
    inside = within(s.x, s.at.width) * within(s.y, s.at.height)
    return s.where(inside, shown, black(s))


@xfade("distance", family="dissolve")
def _distance(s: Raster) -> Pixel:
    """Dissolve; what differs more than is left of the time shows the second picture at once.

    The difference is measured in Y'CbCr, as xfade does with video.
    """
    m = s.m
    apart = [x - y for x, y in zip(video_planes(s, s.a), video_planes(s, s.b), strict=True)]
    far = m.sqrt(apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2])
    return mixed(s.b, s.where(m.step(far, s.left), s.a, s.b), s.left)


def video_planes(s: Raster, pixel: Pixel) -> tuple[Scalar, Scalar, Scalar]:
    """Y', Cb and Cr of limited range, as fractions of the largest code."""
    kr, _, kb = s.m.weights
    luma = s.m.luma(pixel.rgb)
    cb, cr = (pixel.rgb.b - luma) / (2.0 - 2.0 * kb), (pixel.rgb.r - luma) / (2.0 - 2.0 * kr)
    return luma * (219 / 255) + 16 / 255, cb * (224 / 255) + 128 / 255, cr * (224 / 255) + 128 / 255


def from_video_planes(s: Raster, luma: Scalar, cb: Scalar, cr: Scalar) -> Vec3:
    """The inverse of :func:`video_planes`."""
    kr, kg, kb = s.m.weights
    luma = (luma * 255.0 - 16.0) / 219.0
    blue = luma + (cb * 255.0 - 128.0) * ((2.0 - 2.0 * kb) / 224.0)
    red = luma + (cr * 255.0 - 128.0) * ((2.0 - 2.0 * kr) / 224.0)
    return Vec3(red, (luma - red * kr - blue * kb) / kg, blue)


def black(s: Raster, white: bool = False) -> Pixel:
    """xfade's black in video, or its white: luma code 0 or 255, which is beyond them, and 127 for
    Cb and Cr."""
    luma, chroma = s.m.number(1.0 if white else 0.0), s.m.number(127 / 255)
    return s.solid(from_video_planes(s, luma, chroma, chroma))
