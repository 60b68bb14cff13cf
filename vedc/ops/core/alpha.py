"""What a blend does to coverage, found by trying it.

Whether a clear source leaves the backdrop as it is, and whether an opaque backdrop stays
opaque, follow from a blend's body; so they are not declared a second time. The body is run on
a handful of fixed pixels: an identity of rational functions that holds on them holds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from vedc import ops
from vedc.expr.math import Pixel, Tracer, Vec3
from vedc.expr.rules import simplify

_Color = tuple[float, float, float, float]

#: Premultiplied pixels: dark, light, translucent, clear.
_SOURCES: Final[tuple[_Color, ...]] = (
    (0.1, 0.7, 0.3, 0.9), (0.21, 0.02, 0.4, 0.53), (0.9, 0.8, 0.7, 1.0), (0.0, 0.0, 0.0, 0.0),
)  # fmt: skip
_BACKDROPS: Final[tuple[_Color, ...]] = (
    (0.3, 0.6, 0.05, 1.0), (0.92, 0.11, 0.47, 1.0), (0.2, 0.05, 0.13, 0.31),
)  # fmt: skip


@cache
def keeps_backdrop(blend: str) -> bool:
    """Whether a clear source changes nothing."""
    clear = _SOURCES[3]
    return _holds(blend, lambda backdrop, source, met: source is not clear or met == backdrop)


@cache
def keeps_opaque(blend: str) -> bool:
    """Whether what is laid over an opaque backdrop is opaque, whatever the source's alpha."""
    return _holds(blend, lambda backdrop, source, met: backdrop[3] != 1.0 or met[3] == 1.0)


def _holds(blend: str, claim: Callable[[_Color, _Color, _Color], bool]) -> bool:
    op = ops.get(blend)
    if op.positional or op.timed or op.pictures:
        return False
    return all(claim(b, s, _met(op, b, s)) for b in _BACKDROPS for s in _SOURCES)


def _met(op: ops.Op, backdrop: _Color, source: _Color) -> _Color:
    m = Tracer()
    made = op.body(m, _pixel(m, backdrop), _pixel(m, source), **op.defaults())
    r, g, b, a = (round(e.value, 9) for e in simplify([*made.rgb.channels, made.a]))
    return r, g, b, a


def _pixel(m: Tracer, color: _Color) -> Pixel:
    r, g, b, a = (m.number(c) for c in color)
    return Pixel(Vec3(r, g, b), a)
