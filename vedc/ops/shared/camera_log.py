"""Camera makers' log curves, as published.

Light is relative to a white that reflects everything: an 18% grey card is 0.18. Code values
run from 0 to 1 over the full range of samples. Both directions cover all numbers.

``slog3``     Sony, "Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3"
``vlog``      Panasonic, "V-Log/V-Gamut Reference Manual", 2014
``logc3``     ARRI, "ALEXA Log C Curve: Usage in VFX", 2017, for SUP 3.x at EI 800
``logc4``     ARRI, "ARRI LogC4: Logarithmic Color Space Specification", 2022
``log3g10``   RED, "White Paper on REDWideGamutRGB and Log3G10", 2017
``clog3``     Canon, "Canon Log Gamma Curves", 2018; there 1.0 is 90% reflectance
``dlog``      DJI, "White Paper on D-Log and D-Gamut of DJI Cinema Color System", 2017
``acescct``   Academy, S-2016-001
``davinci``   Blackmagic Design, "DaVinci Resolve Wide Gamut Intermediate", 2021
"""

from __future__ import annotations

import math
from typing import Final

from vedc.expr.math import Math, Scalar, Vec3
from vedc.support.lazy_dataclass import dataclass

_DECADES: Final = math.log10(2.0)
"""log10(x) is this times log2(x)."""


@dataclass(frozen=True, slots=True)
class LogCurve:
    """``scale * log2(gain * light + bias) + shift`` from ``cut`` on, below it a straight line
    ``slope * light + start``.

    With ``mirror`` a third piece: the logarithm again for light below ``-mirror``, turned
    round the point (0, start).
    """

    scale: float
    gain: float
    bias: float
    shift: float
    cut: float
    slope: float
    start: float
    mirror: float | None = None
    under: float = 0.0
    """The shift of the third piece."""

    @property
    def cut_code(self) -> float:
        return self.scale * math.log2(self.gain * self.cut + self.bias) + self.shift

    def linearize(self, m: Math, rgb: Vec3) -> Vec3:
        return rgb.map(lambda code: self.decode(m, code))

    def delinearize(self, m: Math, rgb: Vec3) -> Vec3:
        return rgb.map(lambda light: self.encode(m, light))

    def encode(self, m: Math, light: Scalar) -> Scalar:
        """Light as code values."""
        above = self._log(m, light)
        code = m.select(light < self.cut, self.slope * light + self.start, above)
        if self.mirror is None:
            return code
        return m.select(
            light < -self.mirror, self.under - (self._log(m, -light) - self.shift), code
        )

    def decode(self, m: Math, code: Scalar) -> Scalar:
        """Code values as light: the inverse of :meth:`encode`."""
        light = m.select(
            code < self.cut_code,
            (code - self.start) / self.slope,
            self._power(m, (code - self.shift) / self.scale),
        )
        if self.mirror is None:
            return light
        lowest = self.under - self.scale * math.log2(self.gain * self.mirror + self.bias)
        return m.select(
            code < lowest, -self._power(m, (self.under - code) / self.scale), light
        )  # fmt: skip

    def _log(self, m: Math, light: Scalar) -> Scalar:
        # The floor is below the curve's own range; it keeps the other branch finite.
        return self.scale * m.log2(m.max(self.gain * light + self.bias, 1e-6)) + self.shift

    def _power(self, m: Math, x: Scalar) -> Scalar:
        return (m.exp2(x) - self.bias) / self.gain


def _logc4() -> LogCurve:
    a = (2.0**18 - 16.0) / 117.45
    b, c = (1023.0 - 95.0) / 1023.0, 95.0 / 1023.0
    s = 7.0 * math.log(2.0) * 2.0 ** (7.0 - 14.0 * c / b) / (a * b)
    t = (2.0 ** (14.0 * (-c / b) + 6.0) - 64.0) / a
    return LogCurve(b / 14.0, a, 64.0, c - 6.0 * b / 14.0, t, 1.0 / s, -t / s)


CURVES: Final[dict[str, LogCurve]] = {
    "slog3": LogCurve(
        261.5 / 1023.0 * _DECADES, 1.0 / 0.19, 0.01 / 0.19, 420.0 / 1023.0,
        0.01125, (171.2102946929 - 95.0) / 0.01125 / 1023.0, 95.0 / 1023.0,
    ),
    "vlog": LogCurve(0.241514 * _DECADES, 1.0, 0.00873, 0.598206, 0.01, 5.6, 0.125),
    "logc3": LogCurve(
        0.247190 * _DECADES, 5.555556, 0.052272, 0.385537, 0.010591, 5.367655, 0.092809
    ),
    "logc4": _logc4(),
    "log3g10": LogCurve(
        0.224282 * _DECADES, 155.975327, 0.01 * 155.975327 + 1.0, 0.0,
        -0.01, 15.1927, 0.01 * 15.1927,
    ),
    "clog3": LogCurve(
        0.36726845 * _DECADES, 14.98325 / 0.9, 1.0, 0.12240537,
        0.014 * 0.9, 1.9754798 / 0.9, 0.12512219, 0.014 * 0.9, 0.12783901,
    ),
    "dlog": LogCurve(0.256663 * _DECADES, 0.9892, 0.0108, 0.584555, 0.0078, 6.025, 0.0929),
    "acescct": LogCurve(
        1.0 / 17.52, 1.0, 0.0, 9.72 / 17.52, 0.0078125, 10.5402377416545, 0.0729055341958355
    ),
    "davinci": LogCurve(
        0.07329248, 1.0, 0.0075, 7.0 * 0.07329248, 0.00262409, 10.44426855, 0.0
    ),
}  # fmt: skip
