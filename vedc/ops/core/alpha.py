"""A blend's effect on coverage, found by running it on a few pixels.

These facts follow from a blend's body, so they are not declared a second time: an identity of
rational functions that holds on a handful of points holds everywhere.
"""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Clock, Pixel, Position, Tracer, Vec3
from vedc.expr.rules import simplify
from vedc.ops.core import call
from vedc.ops.core.registry import Op
from vedc.support.lazy_dataclass import dataclass

_Color = tuple[float, float, float, float]

#: Premultiplied pixels.
_CLEAR: Final[_Color] = (0.0, 0.0, 0.0, 0.0)
_SOURCES: Final[tuple[_Color, ...]] = (
    (0.1, 0.7, 0.3, 0.9), (0.21, 0.02, 0.4, 0.53), (0.9, 0.8, 0.7, 1.0), (0.1, 0.05, 0.2, 1.0),
    _CLEAR,
)  # fmt: skip
_BACKDROPS: Final[tuple[_Color, ...]] = (
    (0.3, 0.6, 0.05, 1.0), (0.92, 0.11, 0.47, 1.0), (0.2, 0.05, 0.13, 0.31),
)  # fmt: skip
#: Of blends that look at the position.
_POSITIONS: Final = ((0.5, 0.5), (30.5, 2.5), (7.5, 19.5))


@dataclass(frozen=True, slots=True)
class BlendFacts:
    keeps_backdrop: bool = False
    """Whether a clear source changes nothing."""
    keeps_opaque: bool = False
    """Whether an opaque backdrop stays opaque under any source."""
    opaque: bool = False
    """Whether two opaque pictures make an opaque one."""
    covers: bool = False
    """Whether an opaque source hides the backdrop."""


def blend_facts(op: Op) -> BlendFacts:
    """The facts of a blend with its default parameters; none are claimed if it has pictures."""
    if op.pictures:
        return BlendFacts()
    met = [
        (backdrop, source, _blended(op, backdrop, source, position))
        for position in (_POSITIONS if op.positional else _POSITIONS[:1])
        for backdrop in _BACKDROPS
        for source in _SOURCES
    ]
    return BlendFacts(
        all(result == backdrop for backdrop, source, result in met if source is _CLEAR),
        all(result[3] == 1.0 for backdrop, _, result in met if backdrop[3] == 1.0),
        all(result[3] == 1.0 for b, source, result in met if b[3] == source[3] == 1.0),
        all(result == source for _, source, result in met if source[3] == 1.0),
    )


def _blended(op: Op, backdrop: _Color, source: _Color, at: tuple[float, float]) -> _Color:
    m = Tracer()
    x, y, size, zero = (m.number(n) for n in (*at, 64.0, 0.0))
    scene = call.Scene(Position(x, y, size, size), Clock(zero, zero))
    arguments = call.arguments(op, op.defaults(), scene)
    blended = op.body(m, _pixel(m, backdrop), _pixel(m, source), **arguments)
    r, g, b, a = (round(e.value, 9) for e in simplify([*blended.rgb.channels, blended.a]))
    return r, g, b, a


def _pixel(m: Tracer, color: _Color) -> Pixel:
    r, g, b, a = (m.number(c) for c in color)
    return Pixel(Vec3(r, g, b), a)
