"""Porter and Duff's operators: which parts of two pictures remain.

W3C Compositing and Blending, Level 1, section 9: ``co = Cs Fa + Cb Fb`` and
``ao = as Fa + ab Fb`` on premultiplied values. Source-over is the blend ``normal``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper

from vedc.expr.math import Math, Number, Pixel, Scalar
from vedc.ops.core.registry import Op, op

Fractions = Callable[[Scalar, Scalar], tuple[Number, Number]]


def _operator(*, use: str, nothing: bool = False) -> Callable[[Fractions], Op]:
    """Declare an operator by its fractions Fa, Fb of source and backdrop, given both alphas."""

    def declare(fractions: Fractions) -> Op:
        def body(m: Math, backdrop: Pixel, source: Pixel) -> Pixel:
            fa, fb = fractions(source.a, backdrop.a)
            return source * fa + backdrop * fb

        return op(
            "blend",
            space="display",
            use=use,
            identity=lambda values: nothing,
        )(update_wrapper(body, fractions))

    return declare


@_operator(use="Empty the canvas.")
def clear(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """Neither picture remains: fractions 0 and 0."""
    return 0.0, 0.0


@_operator(use="Replace everything, the source's clear parts included.")
def copy(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """The source alone remains: fractions 1 and 0."""
    return 1.0, 0.0


@_operator(use="Switch a layer off without taking it out.", nothing=True)
def destination(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """The backdrop alone remains: fractions 0 and 1."""
    return 0.0, 1.0


@_operator(use="Slide a picture in behind what is there.")
def destination_over(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """The source is seen where the backdrop is clear: fractions 1 - ab and 1."""
    return 1.0 - backdrop, 1.0


@_operator(use="Fill the shape of the backdrop with another picture, such as video in letters.")
def source_in(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """The source where the backdrop is: fractions ab and 0."""
    return backdrop, 0.0


@_operator(use="Cut the backdrop to the shape of the source.")
def destination_in(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """The backdrop where the source is: fractions 0 and as."""
    return 0.0, source


@_operator(use="Show a picture only where there is nothing yet, and nothing else.")
def source_out(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """The source where the backdrop is not: fractions 1 - ab and 0."""
    return 1.0 - backdrop, 0.0


@_operator(use="Punch the shape of the source out of the backdrop.")
def destination_out(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """The backdrop where the source is not: fractions 0 and 1 - as."""
    return 0.0, 1.0 - source


@_operator(use="Paint on the backdrop and never beside it.")
def source_atop(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """The source where the backdrop is, over the backdrop: fractions ab and 1 - as."""
    return backdrop, 1.0 - source


@_operator(use="Keep the source's shape, and put the backdrop into it.")
def destination_atop(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """The backdrop where the source is, over the source: fractions 1 - ab and as."""
    return 1.0 - backdrop, source


@_operator(use="Keep what only one of two pictures covers.")
def xor(source: Scalar, backdrop: Scalar) -> tuple[Number, Number]:
    """Each picture where the other is not: fractions 1 - ab and 1 - as."""
    return 1.0 - backdrop, 1.0 - source


@op("blend", space="display", use="Crossfade two layers of one matte without a dip between them.")
def plus_lighter(m: Math, backdrop: Pixel, source: Pixel) -> Pixel:
    """The sum of two premultiplied pictures, at most 1.

    `min(1, Cs + Cb)`, alpha likewise: the W3C's operator lighter, in CSS plus-lighter.
    """
    total = source + backdrop
    return Pixel(total.rgb.map(lambda x: m.min(x, 1.0)), m.min(total.a, 1.0))
