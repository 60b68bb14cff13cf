"""Ops for tests of the language: one of each kind, with every kind of parameter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vedc.expr.math import Math, Pixel, Scalar, Vec3
from vedc.expr.picture import Picture
from vedc.ops import names
from vedc.ops.core import registry
from vedc.ops.core.registry import op, param


@contextmanager
def declared() -> Iterator[None]:
    """The ops below are known inside, and unknown again after."""
    before = set(names())
    try:
        _declare()
        yield
    finally:
        for name in set(names()) - before:
            registry.remove(name)


def _declare() -> None:
    @op("grade", space="display", use="Test.")
    def every_kind(
        m: Math,
        rgb: Vec3,
        *,
        amount: Scalar = param(1.0, low=0, high=2),
        count: int = param(3, kind="integer", low=1, high=9),
        gain: Vec3 = param(1.0, kind="rgb", low=0, high=4),
        center: tuple[Scalar, Scalar] = param((0.5, 0.5), kind="pair", low=0, high=1),
        tint: Vec3 = param(0.0, kind="color"),
        mode: str = param("soft", choices=("soft", "hard")),
        clip: bool = param(False),
        shape: Any = param((0.0, 0.0, 1.0, 1.0), kind="curve", low=0, high=1),
        knots: Any = param((0.1, 0.2, 0.3, 0.4), kind="points"),
        label: str = param("none", kind="text"),
    ) -> Vec3:
        """Has a parameter of every kind that needs no file."""
        return rgb * amount

    @op("grade", space="display", use="Test.")
    def two_pictures(
        m: Math,
        rgb: Vec3,
        *,
        src: Pixel = param(kind="picture"),
        other: Pixel = param(kind="picture"),
    ) -> Vec3:
        """Adds two pictures."""
        return rgb + src.rgb + other.rgb

    @op("mask", space="display", use="Test.")
    def left_half(m: Math, rgb: Vec3, *, edge: Scalar = param(0.5, low=0, high=1)) -> Scalar:
        """Nothing but a number."""
        return edge

    @op("mask", space="display", use="Test.")
    def drawn(m: Math, rgb: Vec3, *, src: Pixel = param(kind="picture")) -> Scalar:
        """The red of a picture."""
        return src.rgb.r

    @op("key", space="display", use="Test.")
    def half_clear(m: Math, pixel: Pixel) -> Pixel:
        """Half of it."""
        return pixel * 0.5

    @op("stencil", space="linear", use="Test.")
    def twice(m: Math, picture: Picture) -> Pixel:
        """Twice as bright."""
        return picture.here * 2.0

    @op("generator", space="display", use="Test.")
    def plain_grey(m: Math, *, level: Scalar = param(0.5, low=0, high=1)) -> Pixel:
        """Grey."""
        return Pixel(Vec3(level, level, level), m.number(1.0))

    @op("transition", space="display", use="Test.")
    def by_picture(
        m: Math,
        a: Pixel,
        b: Pixel,
        progress: Scalar,
        *,
        src: Pixel = param(kind="picture"),
        softness: Scalar = param(0.1, low=0, high=1),
        direction: str = param("left", choices=("left", "right")),
    ) -> Pixel:
        """Mix by a picture."""
        return a + b * (progress + src.rgb.r)
