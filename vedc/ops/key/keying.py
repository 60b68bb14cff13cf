"""Keys: making parts of a picture clear by colour.

The mattes are those of FFmpeg's ``chromakey``, ``colorkey``, ``lumakey`` and ``despill``, so
settings carry over. A matte multiplies the existing coverage.
"""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Pixel, Scalar, Vec3
from vedc.ops.core import facts
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import grade, key
from vedc.ops.shared.matte import HARD, band, chroma_distance, ramp, rgb_distance
from vedc.ops.shared.pixels import straight

#: Powers of two by which a `choke` of 1 shifts a matte's odds, m / (1 - m).
CHOKE: Final = 4.0


@key(use="Remove a green or blue screen.")
def chroma_key(
    m: Math,
    pixel: Pixel,
    *,
    color: Vec3 = param((0.0, 0.69, 0.25), kind="color", doc="The screen's colour."),
    similarity: Scalar = param(0.1, low=0, high=1, doc="Chroma distance that is fully clear."),
    softness: Scalar = param(0.08, low=0, high=1, doc="Distance from fully clear to opaque."),
    clip_black: Scalar = param(0.0, low=0, high=1, doc="Matte values up to this become clear."),
    clip_white: Scalar = param(1.0, low=0, high=1, doc="Matte values from this become opaque."),
    choke: Scalar = param(
        0.0, low=-1, high=1, doc="Above 0 pulls soft edges in, below 0 lets them out."
    ),
    despill: Scalar = param(1.0, low=0, high=1, doc="How much of the screen's light to remove."),
    shadows: Scalar = param(0.0, low=0, high=1, doc="How much of the screen's shadows to keep."),
) -> Pixel:
    """Make a colour clear by its chroma, however brightly it is lit.

    The distance is `sqrt((dCb^2 + dCr^2) / 2) * 224 / 255`, with Cb and Cr in -0.5..0.5, as in
    FFmpeg's `chromakey`, pixel by pixel. The matte is `clamp((distance - similarity) / softness)`,
    with a softness of at least 1/1024. It is then stretched so that `clip_black` becomes 0 and
    `clip_white` 1, and bent by `choke`: `m / (m + (1 - m) * 2**(4 choke))`, which keeps 0 and 1.

    `despill` lowers the larger of the screen's green and blue to the mean of the other two channels
    where it exceeds it. `shadows` leaves black over the cleared parts, as far as they are darker
    than the screen's colour.
    """
    rgb = straight(m, pixel)
    matte = ramp(m, chroma_distance(m, rgb, color), similarity, softness)
    matte = m.clamp((matte - clip_black) / m.max(clip_white - clip_black, HARD))
    matte = matte / (matte + (1.0 - matte) * m.exp2(choke * CHOKE))
    spilled = pixel.rgb
    green = m.step(color.b, color.g) * despill * spill(m, spilled, "green")
    blue = m.apply("lt", color.g, color.b) * despill * spill(m, spilled, "blue")
    clean = Vec3(spilled.r, spilled.g - green, spilled.b - blue)
    shade = m.clamp(1.0 - m.luma(rgb) / m.max(m.luma(color), HARD))
    shadow = (1.0 - matte) * shade * shadows
    return Pixel(clean * matte, pixel.a * (matte + shadow))


@key(use="Remove a plain background by colour or brightness.")
def color_key(
    m: Math,
    pixel: Pixel,
    *,
    color: Vec3 = param((0.0, 0.69, 0.25), kind="color", doc="The colour to remove."),
    similarity: Scalar = param(0.1, low=0, high=1, doc="Distance that is fully clear.", shown=0.16),
    softness: Scalar = param(0.08, low=0, high=1, doc="Distance from fully clear to opaque."),
) -> Pixel:
    """Make a colour clear by its distance in R, G and B.

    The matte is `clamp((distance - similarity) / softness)`, with the distance
    `sqrt((dR^2 + dG^2 + dB^2) / 3)`: FFmpeg's `colorkey`. The softness is at least 1/1024.
    """
    return pixel * ramp(m, rgb_distance(m, straight(m, pixel), color), similarity, softness)


@key(use="Lay fire, smoke or writing over a picture: remove black or white.")
def luma_key(
    m: Math,
    pixel: Pixel,
    *,
    low: Scalar = param(0.0, low=0, high=1, doc="Darkest luma that is fully clear.", shown=0.55),
    high: Scalar = param(0.1, low=0, high=1, doc="Brightest luma that is fully clear.", shown=1.0),
    softness: Scalar = param(0.1, low=0, high=1, doc="Fade, in luma, beyond both limits."),
    invert: bool = param(False, doc="Whether to keep the range and clear the rest."),
) -> Pixel:
    """Make a range of luma clear.

    The matte is 0 from `low` to `high` and rises linearly to 1 at `softness` below and above:
    FFmpeg's `lumakey` with `threshold` in the middle and `tolerance` half the range. Luma uses the
    canvas's weights, clamped to 0..1.
    """
    inside = band(m, m.clamp(m.luma(straight(m, pixel))), low, high, softness)
    return pixel * (inside if invert else 1.0 - inside)


@key(use="Isolate what moves in front of a still background shot empty.")
def difference_key(
    m: Math,
    pixel: Pixel,
    *,
    plate: Pixel = param(
        kind="picture", doc="The background alone, from the same camera.", shown="sunset.jpg"
    ),
    threshold: Scalar = param(
        0.05, low=0, high=1, doc="Difference that is fully clear: noise.", shown=0.03
    ),
    softness: Scalar = param(0.1, low=0, high=1, doc="From fully clear to opaque."),
) -> Pixel:
    """Make clear what equals the clean plate.

    The matte is `clamp((distance - threshold) / softness)`, with the distance of `color_key` to the
    plate's colour at the same position.
    """
    distance = rgb_distance(m, straight(m, pixel), straight(m, plate))
    return pixel * ramp(m, distance, threshold, softness)


def spill(m: Math, rgb: Vec3, screen: str, mix: Scalar | float = 0.5) -> Scalar:
    """How far the screen's channel exceeds a mix of the other two; at least 0."""
    own, other = (rgb.g, rgb.b) if screen == "green" else (rgb.b, rgb.g)
    return m.max(own - (rgb.r * mix + other * (1.0 - mix)), 0.0)


@grade(
    use="Remove green or blue light that a screen casts on skin and hair.",
    identity=facts.neutral(amount=0.0),
)
def despill(
    m: Math,
    rgb: Vec3,
    *,
    screen: str = param("green", choices=("green", "blue"), doc="The screen's colour."),
    amount: Scalar = param(0.0, low=0, high=1, doc="How much of the spill to remove.", shown=1.0),
    mix: Scalar = param(0.5, low=0, high=1, doc="Red's share in the limit; the rest is the other."),
    brightness: Scalar = param(0.0, low=-1, high=1, doc="Removed light given back as white."),
) -> Vec3:
    """Lower green, or blue, to a mix of the other two channels.

    The spill is `max(0, G - (mix R + (1 - mix) B))`. `amount` of it is taken from green and
    `amount * brightness` of it given to all channels: FFmpeg's `despill` with `expand` 0 and its
    channel scales at 0, -1, 0. For a blue screen G and B are swapped.
    """
    light = spill(m, rgb, screen, mix) * amount
    white = light * brightness
    r, g, b = (x + white for x in rgb.channels)
    if screen == "green":
        return Vec3(r, g - light, b)
    return Vec3(r, g, b - light)
