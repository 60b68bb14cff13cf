"""Grades of colour balance: white balance, and tints by tone."""

from __future__ import annotations

from typing import Final

from vedc.color import Mat3
from vedc.expr.math import Math, Scalar, Vec3
from vedc.ops.core import facts
from vedc.ops.core.registry import Values, param
from vedc.ops.shared import color_conversion, hsl, matrix
from vedc.ops.shared.declare import grade, linear_grade

#: The colour temperature for which incoming pictures are balanced.
DAYLIGHT: Final = 6500.0
#: Steps of `tint` per unit of the CIE 1960 diagram, as in Adobe's DNG specification.
TINT_STEPS: Final = 3000.0


def planckian(temperature: Scalar | float) -> tuple[Scalar | float, ...]:
    """CIE 1960 u and v of a black body of 1000..15000 K, and the tangent of the locus there.

    Krystek, "An algorithm to calculate correlated colour temperature", Color Research and
    Application 10 (1985): within 8e-5 of u and 9e-5 of v. Returns u, v, du, dv; the last two
    are a tangent of no particular length that points to higher temperatures.
    """
    t = temperature
    nu = 0.860117757 + t * (1.54118254e-4 + t * 1.28641212e-7)
    du = 1.0 + t * (8.42420235e-4 + t * 7.08145163e-7)
    nv = 0.317398726 + t * (4.22806245e-5 + t * 4.20481691e-8)
    dv = 1.0 + t * (-2.89741816e-5 + t * 1.61456053e-7)
    slope_u = (
        (1.54118254e-4 + t * 2.57282424e-7) * du - nu * (8.42420235e-4 + t * 1.416290326e-6)
    ) / (du * du)
    slope_v = (
        (4.22806245e-5 + t * 8.40963382e-8) * dv - nv * (-2.89741816e-5 + t * 3.22912106e-7)
    ) / (dv * dv)
    return nu / du, nv / dv, slope_u, slope_v


def white_xyz(m: Math, temperature: Scalar, tint: Scalar) -> Vec3:
    """Tristimulus values, Y = 1, of the light that the two parameters name."""
    u, v, du, dv = planckian(temperature)
    # A step perpendicular to the locus, towards green (larger v) for a positive tint.
    length = m.sqrt(du * du + dv * dv) * TINT_STEPS
    u, v = u + tint * dv / length, v - tint * du / length
    # CIE 1960: u = 4X / (X + 15Y + 3Z), v = 6Y / (X + 15Y + 3Z).
    one = m.number(1.0)
    return Vec3(1.5 * u / v, one, (2.0 - 0.5 * u - 5.0 * v) / v)


def _cones(m: Math) -> Mat3:
    """Linear R, G, B of the canvas to Bradford's cone responses.

    The canvas is identified by its luma weights: BT.2020's, or else BT.709's.
    """
    primaries = "bt2020" if m.weights[0] == 0.2627 else "bt709"
    return matrix.product(color_conversion.BRADFORD, color_conversion.rgb_to_xyz(primaries))


@linear_grade(
    use="Neutralise the light's colour, or warm and cool the picture.",
    identity=facts.neutral(temperature=DAYLIGHT, tint=0.0),
)
def white_balance(
    m: Math,
    rgb: Vec3,
    *,
    temperature: Scalar = param(
        DAYLIGHT,
        low=1700,
        high=15000,
        unit="K",
        doc="Of the scene's light: higher makes the picture warmer.",
        shown=3600.0,
    ),
    tint: Scalar = param(0.0, low=-150, high=150, doc="Above 0 more magenta, below 0 greener."),
) -> Vec3:
    """Adapt the picture from the light that lit the scene to daylight of 6500 K.

    As in a raw converter, `temperature` names the light that should look white: 3200 makes objects
    lit by a tungsten lamp white and everything else bluer; 6500 changes nothing. White is the black
    body of that temperature (Krystek's formula in CIE 1960 u, v), moved perpendicular to the locus
    by `tint / 3000`, as in Adobe's DNG. Adaptation is Bradford's: von Kries gains on Lam and Rigg's
    cone responses. White under that light keeps its luminance.
    """
    before = m.matrix(color_conversion.BRADFORD, white_xyz(m, temperature, tint))
    after = m.matrix(color_conversion.BRADFORD, white_xyz(m, m.number(DAYLIGHT), m.number(0.0)))
    cones = _cones(m)
    adapted = m.matrix(cones, rgb) * (after / before)
    return m.matrix(matrix.inverse(cones), adapted)


@grade(
    use="Tint shadows, midtones and highlights separately.",
    identity=facts.neutral(shadows=0.0, midtones=0.0, highlights=0.0),
)
def color_balance(
    m: Math,
    rgb: Vec3,
    *,
    shadows: Vec3 = param(
        0.0, kind="rgb", low=-1, high=1, doc="Added to the darkest third.", shown=(-0.3, 0.0, 0.4)
    ),
    midtones: Vec3 = param(0.0, kind="rgb", low=-1, high=1, doc="Added to the middle."),
    highlights: Vec3 = param(
        0.0, kind="rgb", low=-1, high=1, doc="Added to the lightest third.", shown=(0.4, 0.1, -0.4)
    ),
) -> Vec3:
    """Add a colour to each range of tones.

    The ranges are those of FFmpeg's `colorbalance`, taken from GIMP: with l the sum of the largest
    and smallest channel, shadows weigh `clamp((1/3 - l) * 4 + 0.5)`, highlights
    `clamp((l - 2/3) * 4 + 0.5)`, and midtones the product of what both leave; all weights are
    multiplied by 0.7. The result is clamped to 0..1.
    """
    tone = hsl.brightest(m, rgb) + hsl.darkest(m, rgb)
    edge, slope, strength = 0.333, 4.0, 0.7
    dark = m.clamp((edge - tone) * slope + 0.5) * strength
    middle = m.clamp((tone - edge) * slope + 0.5) * m.clamp((1.0 - tone - edge) * slope + 0.5)
    light = m.clamp((tone + edge - 1.0) * slope + 0.5) * strength
    return m.saturate(rgb + shadows * dark + midtones * (middle * strength) + highlights * light)


@grade(
    use="Give shadows and highlights different colours, such as teal and orange.",
    identity=facts.neutral(shadows=0.5, highlights=0.5),
)
def split_tone(
    m: Math,
    rgb: Vec3,
    *,
    shadows: Vec3 = param(
        0.5, kind="color", doc="Of the shadows; middle grey does nothing.", shown=(0.1, 0.5, 0.8)
    ),
    highlights: Vec3 = param(
        0.5, kind="color", doc="Of the lights; middle grey does nothing.", shown=(0.9, 0.55, 0.15)
    ),
    balance: Scalar = param(0.0, low=-1, high=1, doc="Above 0 more counts as highlight."),
) -> Vec3:
    """Lay one colour over the shadows and another over the highlights, in soft light.

    The highlights' share is `t = clamp(luma + balance)`. Each colour, mixed with middle grey by its
    share, is applied by `x * x * (1 - 2c) + 2 * x * c`, shadows first: black and white stay pure.
    Unity's render pipeline splits tones the same way.
    """
    share = m.clamp(m.clamp(m.luma(rgb)) + balance)
    half = m.color((0.5, 0.5, 0.5))
    toned = rgb
    for tint in (m.mix3(shadows, half, share), m.mix3(half, highlights, share)):
        toned = toned * toned * (1.0 - 2.0 * tint) + 2.0 * toned * tint
    return toned


def _unmixed(values: Values) -> dict[str, object] | None:
    rows = [facts.numbers(values[name]) for name in ("red", "green", "blue")]
    if any(row is None or len(row) != 3 for row in rows):
        return None
    mixing: Mat3 = tuple(rows)  # type: ignore[assignment]  # three of three, as seen above
    if abs(matrix.determinant(mixing)) < 1e-3:
        return None  # nearly singular: rounding would be blown up
    return {**values, **dict(zip(("red", "green", "blue"), matrix.inverse(mixing), strict=True))}


@grade(
    use="Rebuild each channel from parts of the others.",
    identity=lambda values: (values["red"], values["green"], values["blue"]) == matrix.IDENTITY,
    inverse=_unmixed,
)
def channel_mixer(
    m: Math,
    rgb: Vec3,
    *,
    red: Vec3 = param(
        (1.0, 0.0, 0.0),
        kind="rgb",
        low=-2,
        high=2,
        doc="What red is made of.",
        shown=(0.0, 0.0, 1.0),
    ),
    green: Vec3 = param((0.0, 1.0, 0.0), kind="rgb", low=-2, high=2, doc="What green is made of."),
    blue: Vec3 = param(
        (0.0, 0.0, 1.0),
        kind="rgb",
        low=-2,
        high=2,
        doc="What blue is made of.",
        shown=(1.0, 0.0, 0.0),
    ),
) -> Vec3:
    """Multiply the colour by a 3x3 matrix: each parameter is one result's row.

    `red: [rr, rg, rb]` and so on are the coefficients of FFmpeg's `colorchannelmixer`. A row that
    adds up to 1 preserves the lightness of greys.
    """

    def mixed(row: Vec3) -> Scalar:
        parts = rgb * row
        return parts.r + parts.g + parts.b

    return Vec3(mixed(red), mixed(green), mixed(blue))
