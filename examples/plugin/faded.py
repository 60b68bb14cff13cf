"""An op of one's own: a faded black, as old prints have it."""

from vedc.expr.math import Math, Scalar, Vec3
from vedc.ops.core.registry import op, param


@op(
    "grade",
    space="display",
    use="Fade blacks as an old print does.",
    identity=lambda values: values["amount"] == 0.0,
)
def faded(
    m: Math, rgb: Vec3, *, amount: Scalar = param(0.0, low=0, high=1, doc="Of black.")
) -> Vec3:
    """Lift black and keep white: `x + amount * (1 - x) / 4`."""
    return rgb + (1.0 - rgb) * (amount * 0.25)
