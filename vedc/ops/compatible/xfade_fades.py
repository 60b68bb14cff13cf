"""xfade's fades, and the transitions in which pictures move.

The formulas are those of libavfilter/vf_xfade.c. Where they depend on how colours are stored,
they are computed in Y'CbCr of limited range, as xfade does with video.
"""

from __future__ import annotations

import math

from vedc.expr.math import Pixel, Scalar, Vec3
from vedc.ops.compatible.stage import TIE, Raster, xfade
from vedc.ops.compatible.xfade_wipes import WAYS, black, from_video_planes, video_planes
from vedc.ops.shared.pixels import mixed

_PHASE = 0.2


def _through(s: Raster, first: Pixel, second: Pixel) -> Pixel:
    """From a to ``first``, over to ``second``, from there to b."""
    m = s.m
    before = mixed(first, s.a, m.smoothstep(1.0 - _PHASE, 1.0, s.left))
    after = mixed(s.b, second, m.smoothstep(_PHASE, 1.0, s.left))
    return mixed(after, before, s.left)


def _fade(name: str, white: bool) -> None:
    @xfade(f"fade{name}", family="fade", sound="dip")
    def fade(s: Raster) -> Pixel:
        """Fade quickly to a colour, then slowly from it."""
        between = black(s, white)
        return _through(s, between, between)


_fade("black", white=False)
_fade("white", white=True)


@xfade("fadegrays", family="fade")
def _fadegrays(s: Raster) -> Pixel:
    """Dissolve through grey: colour leaves quickly and returns slowly."""

    def grey(pixel: Pixel) -> Pixel:
        luma = s.m.luma(pixel.rgb)
        return Pixel(Vec3(luma, luma, luma), pixel.a)

    return _through(s, grey(s.a), grey(s.b))


def _paced(name: str, slow: bool) -> None:
    @xfade(name, family="dissolve")
    def fade(s: Raster) -> Pixel:
        """Dissolve each of Y', Cb and Cr at its own pace, by how much they differ."""
        m = s.m

        def plane(x: Scalar, y: Scalar) -> Scalar:
            apart = m.clamp(m.abs(x - y))
            share = m.log2(2.0 - apart if slow else 1.0 + apart) * math.log(2.0) + 1.0
            return y + (x - y) * m.pow(s.left, share)

        first, second = video_planes(s, s.a), video_planes(s, s.b)
        luma, cb, cr = (plane(x, y) for x, y in zip(first, second, strict=True))
        alpha = m.clamp(plane(s.a.a, s.b.a))
        # Rounding leaves traces of colour where both pictures are clear.
        there = m.step(1e-6, alpha)
        return Pixel(from_video_planes(s, luma, cb, cr) * there, alpha * there)


_paced("fadefast", slow=False)
_paced("fadeslow", slow=True)


def _moved(way: str, name: str, first: bool, second: bool) -> None:
    across, back = WAYS[way]

    @xfade(f"{name}{way}", samples=True, family="slide")
    def move(s: Raster) -> Pixel:
        """Move the pictures by whole pixels: one pushes, covers or uncovers the other."""
        place, size = (s.x, s.at.width) if across else (s.y, s.at.height)
        way = s.whole(s.left * size)
        place = place - way if back else place + way

        def at(shift: Scalar) -> tuple[Scalar, Scalar]:
            return (shift, s.y) if across else (s.x, shift)

        a = s.first_at(*at(place + size if back else place - size)) if first else s.a
        b = s.second_at(*at(place)) if second else s.b
        return s.where(place >= 0.0 if back else place < size, b, a)


for _way in WAYS:
    _moved(_way, "slide", first=True, second=True)
    _moved(_way, "cover", first=False, second=True)
    _moved(_way, "reveal", first=True, second=False)


def _squeezed(name: str, across: bool) -> None:
    @xfade(name, samples=True, family="slide")
    def squeeze(s: Raster) -> Pixel:
        """Squeeze the first picture to a line in the middle."""
        m = s.m
        place, size = (s.x, s.at.width) if across else (s.y, s.at.height)
        z = 0.5 + (place / size - 0.5) / m.max(s.left, 1e-6)
        near = m.floor(m.clamp(z) * (size - 1.0) + 0.5 + 1e-3)
        seen = s.first_at(near, s.y) if across else s.first_at(s.x, near)
        return s.where(m.step(-TIE, z) * m.step(z, 1.0 + TIE), seen, s.b)


_squeezed("squeezeh", across=False)
_squeezed("squeezev", across=True)


@xfade("zoomin", family="zoom", samples=True)
def _zoomin(s: Raster) -> Pixel:
    """Zoom into the first picture, then dissolve to the second."""
    m = s.m
    zoom = m.smoothstep(0.5, 1.0, s.left)

    def near(place: Scalar, size: Scalar) -> Scalar:
        u = 0.5 + (place / size - 0.5) * zoom
        return -s.whole(u * -(size - 1.0))  # rounded up

    seen = s.first_at(near(s.x, s.at.width), near(s.y, s.at.height))
    return mixed(s.b, seen, m.smoothstep(0.0, 0.5, s.left))


@xfade("pixelize", family="glitch", samples=True)
def _pixelize(s: Raster) -> Pixel:
    """Dissolve through squares that grow to a tenth of the smaller side, then shrink."""
    m = s.m
    steps = -m.floor(m.min(s.left, s.progress) * -50.0 + 1e-4)
    square = m.max(steps / 50.0, 0.02) * m.min(s.at.width, s.at.height) / 10.0

    def near(place: Scalar, size: Scalar) -> Scalar:
        middle = (m.floor(place / square + 1e-4) + 0.5) * square
        return m.floor(m.min(middle, size - 1.0) + 1e-3)

    x, y = near(s.x, s.at.width), near(s.y, s.at.height)
    return mixed(s.second_at(x, y), s.first_at(x, y), s.left)
