"""Blends: a source laid over a backdrop; and opacity, which prepares a source for it."""

from __future__ import annotations

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.registry import op, param


@op(
    "mask",
    space="display",
    use="Let what lies below shine through.",
    identity=lambda values: values["amount"] == 1.0,
    opaque=False,
)
def opacity(
    m: Math,
    pixel: Pixel,
    *,
    amount: Scalar = param(1.0, low=0, high=1, doc="0 is invisible, 1 unchanged."),
) -> Pixel:
    """Scale the coverage of the whole picture."""
    return pixel * amount


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
