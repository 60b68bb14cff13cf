"""The steps of ACES in chains: OpenColorIO's fixed functions, as formulas.

The formulas come from the Academy's ACES 1.0 reference rendering transform and the ACES 1.3
Reference Gamut Compression, with the constants of OpenColorIO; tests compare them with its CPU
processor.
"""

from __future__ import annotations

import math

from vedc.color import Vec3f
from vedc.expr.math import Math, Scalar, Vec3
from vedc.support.lazy_dataclass import dataclass


def _brightest(m: Math, rgb: Vec3) -> Scalar:
    return m.max(m.max(rgb.r, rgb.g), rgb.b)


def _yc(m: Math, rgb: Vec3) -> Scalar:
    """Luma that counts chroma (ACES, ``rgb_2_yc`` with a radius of 1.75)."""
    r, g, b = rgb.channels
    chroma = b * (b - g) + g * (g - r) + r * (r - b)
    return (r + g + b + 1.75 * m.sqrt(m.max(chroma, 0.0))) / 3.0


def _saturation(m: Math, rgb: Vec3) -> Scalar:
    high, low = _brightest(m, rgb), m.min(m.min(rgb.r, rgb.g), rgb.b)
    return (m.max(high, 1e-10) - m.max(low, 1e-10)) / m.max(high, 1e-2)


@dataclass(frozen=True, slots=True)
class Glow:
    """The glow module of ACES 1.0's reference rendering transform."""

    inverse: bool
    gain: float = 0.05
    middle: float = 0.08

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        x = (_saturation(m, rgb) - 0.4) * 5.0
        t = m.max(1.0 - m.abs(x * 0.5), 0.0)
        arc = 1.0 - t * t
        gain = (0.5 + 0.5 * m.select(x < 0.0, -arc, arc)) * self.gain
        luma = _yc(m, rgb)
        part = self.middle / m.max(luma, 1e-10) - 0.5
        if self.inverse:
            dark, edge = -gain / (1.0 + gain), (1.0 + gain) * (2.0 / 3.0 * self.middle)
            between = gain * part / (gain * 0.5 - 1.0)
        else:
            dark, edge, between = gain, m.number(2.0 / 3.0 * self.middle), gain * part
        added = m.select(luma < edge, dark, m.select(luma < 2.0 * self.middle, between, 0.0))
        return rgb * (1.0 + added)

    def __str__(self) -> str:
        return f"{'inverse of ' if self.inverse else ''}ACES glow"


@dataclass(frozen=True, slots=True)
class RedModifier:
    """The red modifier of ACES 1.0's reference rendering transform: a hue's weight is a cubic
    B-spline 135 degrees wide around red."""

    inverse: bool
    strength: float = 1.0 - 0.82
    pivot: float = 0.03

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        r, g, b = rgb.channels
        hue = m.atan2((g - b) * math.sqrt(3.0), 2.0 * r - (g + b))
        # In knots from the middle of the spline, whose half is two knots wide.
        x = m.abs(hue) * (4.0 / math.radians(135.0))
        near, far = m.max(1.0 - x, 0.0), m.max(2.0 - x, 0.0)
        weight = (far * far * far - 4.0 * (near * near * near)) * 0.25
        if self.inverse:
            low = m.min(g, b)
            bent = weight * self.strength
            first = bent - 1.0
            second = r - bent * (self.pivot + low)
            third = bent * self.pivot * low
            root = m.sqrt(m.max(second * second - 4.0 * first * third, 0.0))
            red = m.select(weight > 0.0, (-second - root) / (2.0 * first), r)
        else:
            moved = weight * _saturation(m, rgb) * (self.pivot - r)
            red = r + moved * self.strength
        return Vec3(red, g, b)

    def __str__(self) -> str:
        return f"{'inverse of ' if self.inverse else ''}ACES red modifier"


@dataclass(frozen=True, slots=True)
class Surround:
    """Luminance to a power, hue and saturation kept: a viewer's adaptation to the surround."""

    weights: Vec3f
    gamma: float
    least: float
    """Of the luminance that counts; of its size with ``mirror``."""
    mirror: bool = False

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        light = m.dot(rgb, self.weights)
        luminance = m.max(m.abs(light) if self.mirror else light, self.least)
        return rgb * m.pow(luminance, self.gamma - 1.0)

    def __str__(self) -> str:
        return f"luminance to the power {self.gamma:.6g}"


@dataclass(frozen=True, slots=True)
class GamutCompression:
    """The ACES 1.3 Reference Gamut Compression, or its inverse."""

    limits: Vec3f
    thresholds: Vec3f
    power: float
    inverse: bool

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        top = _brightest(m, rgb)
        size = m.abs(top)
        unit = m.select(size > 0.0, 1.0 / size, 0.0)

        def channel(x: Scalar, limit: float, threshold: float) -> Scalar:
            reach = ((1.0 - threshold) / (limit - threshold)) ** -self.power - 1.0
            width = (limit - threshold) / reach ** (1.0 / self.power)
            distance = (top - x) * unit
            along = m.max((distance - threshold) / width, 0.0)
            raised = m.pow(along, self.power)
            if self.inverse:
                bent = m.pow(raised / m.max(1.0 - raised, 1e-10), 1.0 / self.power)
                beyond = m.select(distance < threshold + width, bent, along)
                moved = threshold + width * beyond
            else:
                moved = threshold + width * along * m.pow(1.0 + raised, -1.0 / self.power)
            return m.select(distance < threshold, x, top - moved * size)

        return Vec3(*map(channel, rgb.channels, self.limits, self.thresholds))

    def __str__(self) -> str:
        return f"{'inverse of ' if self.inverse else ''}gamut compression"


@dataclass(frozen=True, slots=True)
class LogShaper:
    """``log2(1 + x / unit)``, mirrored at 0: how light is spread evenly over a table."""

    unit: float

    def apply(self, m: Math, rgb: Vec3) -> Vec3:
        def bent(size: Scalar) -> Scalar:
            return m.log2(1.0 + size * (1.0 / self.unit))

        return rgb.map(lambda x: m.mirrored(x, bent))

    def __str__(self) -> str:
        return f"log of light, from {self.unit:.6g} on"


AcesStep = Glow | RedModifier | Surround | GamutCompression | LogShaper
