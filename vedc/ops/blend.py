"""Blends: a source laid over a backdrop."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel
from vedc.ops.registry import op


@op(
    "blend",
    space="display",
    use="Lay one picture over another.",
    covers=True,
)
def normal(m: Math, backdrop: Pixel, source: Pixel) -> Pixel:
    """Source over backdrop, on premultiplied values.

    `source + backdrop * (1 - source alpha)`, the simple alpha compositing of W3C Compositing
    and Blending, Level 1, section 5; display-encoded values are blended, as browsers and
    editors do.
    """
    return source + backdrop * (1.0 - source.a)
