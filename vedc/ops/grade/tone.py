"""Grades of tone, per channel or by luma."""

from __future__ import annotations

from vedc.expr.math import Math, Scalar, Vec3
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import grade


@grade(
    use="Lift or lower the whole picture by a fixed amount.",
    identity=facts.neutral(amount=0.0),
    inverse=facts.negated("amount"),
)
def brightness(
    m: Math,
    rgb: Vec3,
    *,
    amount: Scalar = param(
        0.0, low=-1, high=1, doc="1 makes black white, -1 white black.", shown=0.25
    ),
) -> Vec3:
    """Add `amount` to luma and leave chroma alone.

    This lifts black too; use `exposure` to make a picture look better lit. The formula is FFmpeg's
    `eq=brightness`.
    """
    return rgb + amount


@grade(
    use="Lighten or darken the midtones; black and white stay.",
    identity=facts.neutral(amount=1.0),
    inverse=facts.reciprocal("amount"),
)
def gamma(
    m: Math,
    rgb: Vec3,
    *,
    amount: Vec3 = param(
        1.0, kind="rgb", low=0.1, high=10, doc="Above 1 lightens.", shown=(1.8, 1.8, 1.8)
    ),
) -> Vec3:
    """Raise each channel to the power of `1 / amount`.

    Negative values are mirrored: the magnitude is raised and the sign preserved.
    """
    return rgb.zip(1.0 / amount, lambda x, power: m.mirrored(x, lambda size: m.pow(size, power)))


@grade(
    use="Shift whole channels, like a film laboratory's printer lights.",
    identity=facts.neutral(amount=0.0),
    inverse=facts.negated("amount"),
)
def offset(
    m: Math,
    rgb: Vec3,
    *,
    amount: Vec3 = param(
        0.0,
        kind="rgb",
        low=-1,
        high=1,
        doc="Added to red, green and blue.",
        shown=(0.15, 0.0, -0.15),
    ),
) -> Vec3:
    """Add `amount` to each channel, without clamping."""
    return rgb + amount


@grade(
    use="Set the black and white points by the ends of the histogram.",
    identity=facts.neutral(in_black=0.0, in_white=1.0, gamma=1.0, out_black=0.0, out_white=1.0),
)
def levels(
    m: Math,
    rgb: Vec3,
    *,
    in_black: Vec3 = param(
        0.0, kind="rgb", low=-1, high=1, doc="What becomes black.", shown=(0.2, 0.2, 0.2)
    ),
    in_white: Vec3 = param(
        1.0, kind="rgb", low=0, high=2, doc="What becomes white.", shown=(0.7, 0.7, 0.7)
    ),
    gamma: Vec3 = param(1.0, kind="rgb", low=0.1, high=10, doc="Above 1 lightens the midtones."),
    out_black: Vec3 = param(0.0, kind="rgb", low=0, high=1, doc="What black becomes."),
    out_white: Vec3 = param(1.0, kind="rgb", low=0, high=1, doc="What white becomes."),
) -> Vec3:
    """Stretch each channel between two points, bend it, and fit it between two others.

    `t = clamp((x - in_black) / (in_white - in_black))`, then
    `out_black + (out_white - out_black) * t ** (1 / gamma)`. Values beyond the input points are
    clipped. Where `in_white` is not above `in_black` the result is a step. With `gamma` 1 this is
    FFmpeg's `colorlevels`.
    """
    # The minimum span limits slopes to what float32 can represent.
    span = (in_white - in_black).map(lambda width: m.max(width, 1.0 / 4096))
    unit = m.saturate((rgb - in_black) / span).zip(1.0 / gamma, m.pow)
    return out_black + (out_white - out_black) * unit


@grade(
    use="Open the shadows or recover the highlights independently.",
    identity=facts.neutral(shadows=0.0, highlights=0.0),
)
def shadows_highlights(
    m: Math,
    rgb: Vec3,
    *,
    shadows: Scalar = param(0.0, low=-1, high=1, doc="Above 0 lightens what is dark.", shown=0.9),
    highlights: Scalar = param(
        0.0, low=-1, high=1, doc="Below 0 darkens what is light.", shown=-0.8
    ),
) -> Vec3:
    """Move the dark and the light part of the tone curve.

    Luma y, clamped to 0..1, becomes `y + shadows * y * (1 - y)**3 + highlights * y**3 * (1 - y)`,
    and the colour is scaled with it. Black and white stay, and the curve always rises. Each pixel
    is treated by itself: local contrast is not preserved.
    """
    y = m.clamp(m.luma(rgb))
    dark = 1.0 - y
    return rgb * (1.0 + shadows * (dark * dark * dark) + highlights * (y * y * dark))
