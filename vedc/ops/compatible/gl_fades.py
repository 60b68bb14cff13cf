"""The transitions of gl-transitions in which every pixel changes in place, by its colours.

The formulas are those of github.com/gl-transitions/gl-transitions.
"""

from __future__ import annotations

from vedc.expr.math import Pixel, Scalar, Vec3
from vedc.ops.compatible.stage import PI, TIE, Shader, gl
from vedc.ops.core.registry import param
from vedc.ops.shared.pixels import mixed


def _through(s: Shader, first: Pixel, second: Pixel, phase: Scalar) -> Pixel:
    """From a to ``first``, over to ``second``, from there to b."""
    m, t = s.m, s.progress
    before = mixed(first, s.a, m.smoothstep(1.0 - phase, 0.0, t))
    return mixed(before, mixed(second, s.b, m.smoothstep(phase, 1.0, t)), t)


@gl("fadecolor", family="fade", sound="dip")
def _fadecolor(
    s: Shader,
    *,
    color: Vec3 = param(0.0, kind="color", doc="The colour in between."),
    colorPhase: Scalar = param(0.4, low=0, high=0.9, doc="How much of the time the colour takes."),
) -> Pixel:
    """Fade to a colour and from it."""
    between = s.solid(color)
    return _through(s, between, between, colorPhase)


@gl("fadegrayscale", family="fade")
def _fadegrayscale(
    s: Shader,
    *,
    intensity: Scalar = param(0.3, low=0, high=0.9, doc="How much of the time it is grey."),
) -> Pixel:
    """Dissolve through grey."""

    def grey(pixel: Pixel) -> Pixel:
        luma = s.m.dot(pixel.rgb, (0.2126, 0.7152, 0.0722))
        return Pixel(Vec3(luma, luma, luma), pixel.a)

    return _through(s, grey(s.a), grey(s.b), intensity)


@gl("colorphase", family="dissolve")
def _colorphase(
    s: Shader,
    *,
    fromStep: Vec3 = param((0.0, 0.2, 0.4), kind="rgb", low=0, high=1, doc="When each begins."),
    toStep: Vec3 = param((0.6, 0.8, 1.0), kind="rgb", low=0, high=1, doc="When each ends."),
) -> Pixel:
    """Dissolve red, green and blue one after another."""
    m = s.m

    def part(a: Scalar, b: Scalar, start: Scalar, end: Scalar) -> Scalar:
        return m.mix(a, b, m.smoothstep(start, start + m.max(end - start, 1e-6), s.progress))

    channels = zip(
        s.a.rgb.channels, s.b.rgb.channels, fromStep.channels, toStep.channels, strict=True
    )
    red, green, blue = (part(*values) for values in channels)
    return Pixel(Vec3(red, green, blue), m.mix(s.a.a, s.b.a, s.progress))


@gl("ColourDistance", family="dissolve")
def _colour_distance(
    s: Shader, *, power: Scalar = param(5.0, low=0, high=100, doc="How late the rest dissolves.")
) -> Pixel:
    """Show the second picture first where it hardly differs, and dissolve the rest late."""
    m, a, b = s.m, s.a, s.b
    apart = (a.rgb + b.rgb * -1.0).map(lambda x: x * x)
    far = m.sqrt(apart.r + apart.g + apart.b + (a.a - b.a) * (a.a - b.a))
    return mixed(mixed(a, b, m.step(far, s.progress)), b, m.pow(s.progress, power))


@gl("Overexposure", family="flash")
def _overexposure(
    s: Shader, *, strength: Scalar = param(0.6, low=0, high=100, doc="How bright the burst is.")
) -> Pixel:
    """Dissolve through a burst of light."""
    m, t = s.m, s.progress
    light = m.sin(t * PI) * strength
    rgb = s.a.rgb * (1.0 - t + light) + s.b.rgb * (t + light)
    return Pixel(rgb, m.mix(s.a.a, s.b.a, t))


@gl("burn")
def _burn(
    s: Shader, *, color: Vec3 = param((0.9, 0.4, 0.2), kind="color", doc="The colour of the flame.")
) -> Pixel:
    """Dissolve through the light of a flame."""
    t = s.progress
    shown = mixed(s.a, s.b, t)
    light = color * (t * (1.0 - t) * 2.0)
    return Pixel(shown.rgb + light * shown.a, shown.a)


@gl("dissolve")
def _dissolve(
    s: Shader,
    *,
    uLineWidth: Scalar = param(
        0.1, low=0.001, high=1, doc="How wide the rim is, in grey levels from 0 to 1."
    ),
    uSpreadClr: Vec3 = param((1.0, 0.0, 0.0), kind="color", doc="The outer colour of the rim."),
    uHotClr: Vec3 = param((0.9, 0.9, 0.2), kind="color", doc="The inner colour of the rim."),
    uPow: Scalar = param(5.0, low=0, high=100, doc="How steeply the rim glows."),
    uIntensity: Scalar = param(1.0, low=0, high=100, doc="How bright the rim is."),
) -> Pixel:
    """Burn the picture away, its dark parts first, with a glowing rim."""
    m = s.m
    luma = m.dot(s.a.rgb, (0.299, 0.587, 0.114))
    left = 0.5 + luma * 0.5 - s.progress
    share = 1.0 - m.smoothstep(0.0, uLineWidth, left)
    glow = m.mix3(uSpreadClr, uHotClr, share).map(lambda x: m.pow(x, uPow) * uIntensity)
    rim = mixed(s.a, Pixel(glow * s.a.a, s.a.a), share)
    return s.where(left < 0.001, s.b, rim)


@gl("HSVfade", family="dissolve")
def _hsv_fade(s: Shader) -> Pixel:
    """Mix hue, saturation and value of the pictures."""
    m = s.m

    def hsv(rgb: Vec3) -> tuple[Scalar, Scalar, Scalar]:
        swap = m.step(rgb.b, rgb.g + TIE)
        high, low = m.mix(rgb.b, rgb.g, swap), m.mix(rgb.g, rgb.b, swap)
        z, w = m.mix(m.number(-1.0), 0.0, swap), m.mix(m.number(2.0 / 3.0), -1.0 / 3.0, swap)
        red = m.step(high, rgb.r + TIE)
        value, rest = m.mix(high, rgb.r, red), m.mix(rgb.r, high, red)
        offset = m.mix(w, z, red)
        chroma = value - m.min(rest, low)
        hue = m.abs(offset + (rest - low) / (chroma * 6.0 + 0.001))
        return hue, chroma / (value + 0.001), value

    first, second = hsv(s.a.rgb), hsv(s.b.rgb)
    hue, saturation, value = (m.mix(x, y, s.progress) for x, y in zip(first, second, strict=True))

    def channel(shift: float) -> Scalar:
        ramp = m.abs(m.fract(hue + shift) * 6.0 - 3.0) - 1.0
        return value * m.mix(m.number(1.0), m.clamp(ramp), saturation)

    alpha = m.mix(s.a.a, s.b.a, s.progress)
    return Pixel(Vec3(channel(1.0), channel(2.0 / 3.0), channel(1.0 / 3.0)), alpha)


@gl("luma")
def _luma(
    s: Shader, *, luma: Pixel = param(kind="picture", doc="Its red says what changes first.")
) -> Pixel:
    """Reveal the second picture in the order of a picture's grey levels, dark ones first."""
    return mixed(s.b, s.a, s.m.step(s.progress, luma.rgb.r))
