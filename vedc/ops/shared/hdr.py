"""PQ and HLG, the two transfers of ITU-R BT.2100-2, and the tone curve of ITU-R BT.2390.

Light is counted so that 1.0 is reference white, 203 cd/m2 (ITU-R BT.2408): an HDR picture's
greys then match those of an ordinary one, and its highlights lie above 1.0. For PQ 1.0 is
therefore 203 of the 10 000 cd/m2 that its curve covers. HLG is taken as it looks on the
reference display of 1000 cd/m2: its signal is brought to the light of the scene and then, by
the system gamma of 1.2, to that of the display.
"""

from __future__ import annotations

import math
from typing import Final

from vedc.color import Mat3, Vec3f
from vedc.expr.math import Math, Number, Scalar, Vec3
from vedc.ops.shared import matrix

#: Light of reference white, in cd/m2.
WHITE: Final = 203.0
PQ_PEAK: Final = 10000.0
HLG_PEAK: Final = 1000.0
HLG_GAMMA: Final = 1.2
#: Curves that bring HDR into the range of SDR (``vedc.ops.grade.tone_map``).
TONE_CURVES: Final = ("bt2390", "reinhard", "hable", "aces")
_LUMINANCE: Final[Vec3f] = (0.2627, 0.6780, 0.0593)

#: Linear R, G, B of BT.2020 to the cone responses of ICtCp (BT.2100 table 7), given by rows.
LMS: Final[Mat3] = (
    (1688 / 4096, 2146 / 4096, 262 / 4096),
    (683 / 4096, 2951 / 4096, 462 / 4096),
    (99 / 4096, 309 / 4096, 3688 / 4096),
)

_M1: Final = 2610.0 / 16384.0
_M2: Final = 2523.0 / 4096.0 * 128.0
_C1: Final = 3424.0 / 4096.0
_C2: Final = 2413.0 / 4096.0 * 32.0
_C3: Final = 2392.0 / 4096.0 * 32.0

_A: Final = 0.17883277
_B: Final = 1.0 - 4.0 * _A
_C: Final = 0.55991073  # 0.5 - a ln(4a)
_LN2: Final = math.log(2.0)


def pq_signal(m: Math, part: Number) -> Scalar:
    """Of light >= 0 as a part of 10 000 cd/m2 (BT.2100 table 4): 0..1."""
    power = m.pow(part, _M1)
    return m.pow((_C1 + _C2 * power) / (1.0 + _C3 * power), _M2)


def pq_part(m: Math, signal: Number) -> Scalar:
    """The inverse of :func:`pq_signal`, for signals 0..1."""
    power = m.pow(signal, 1.0 / _M2)
    return m.pow(m.max(power - _C1, 0.0) / (_C2 - _C3 * power), 1.0 / _M1)


def hlg_signal(m: Math, scene: Scalar) -> Scalar:
    """Of scene light 0..1, per channel (BT.2100 table 5); 1/12 is the signal 0.5."""
    log = _A * _LN2 * m.log2(m.max(12.0 * scene - _B, 1.0 - _B)) + _C
    return m.select(scene < 1.0 / 12.0, m.sqrt(m.max(3.0 * scene, 0.0)), log)


def hlg_scene(m: Math, signal: Scalar) -> Scalar:
    """The inverse of :func:`hlg_signal`."""
    power = (m.exp2((signal - _C) / (_A * _LN2)) + _B) / 12.0
    return m.select(signal < 0.5, signal * signal / 3.0, power)


def eetf(m: Math, signal: Scalar, peak: Scalar, white: Scalar) -> Scalar:
    """The EETF of BT.2390-10, section 5.4.1, without its lift of the darks.

    All numbers are PQ signals: ``peak`` is the source's largest, which becomes ``white``, that of
    the display. What lies between them bends as a Hermite spline, above a knee below which nothing
    changes. There is no lift, because black is 0 on both sides: the least code of a film is
    whatever black its display has.
    """
    most = white / peak
    knee = 1.5 * most - 0.5
    # If the peak is the display's own, the spline has no range and nothing to do.
    room = m.max(1.0 - knee, 1e-6)
    part = m.clamp(signal / peak)
    t = m.max((part - knee) / room, 0.0)
    square = t * t
    cube = square * t
    spline = (
        (2.0 * cube - 3.0 * square + 1.0) * knee
        + (cube - 2.0 * square + t) * room
        + (3.0 * square - 2.0 * cube) * most
    )
    return m.select(part < knee, part, spline) * peak


class Pq:
    """BT.2100's perceptual quantizer. A signal above 1 counts as 1: the curve ends there."""

    def linearize(self, m: Math, rgb: Vec3) -> Vec3:
        def light(signal: Scalar) -> Scalar:
            return pq_part(m, m.min(signal, 1.0)) * (PQ_PEAK / WHITE)

        return rgb.map(lambda x: m.mirrored(x, light))

    def delinearize(self, m: Math, rgb: Vec3) -> Vec3:
        def signal(light: Scalar) -> Scalar:
            return pq_signal(m, light * (WHITE / PQ_PEAK))

        return rgb.map(lambda x: m.mirrored(x, signal))


class Hlg:
    """BT.2100's hybrid log-gamma, as its reference display of 1000 cd/m2 shows it."""

    def linearize(self, m: Math, rgb: Vec3) -> Vec3:
        scene = rgb.map(lambda x: m.mirrored(x, lambda signal: hlg_scene(m, signal)))
        gain = m.pow(m.max(m.dot(scene, _LUMINANCE), 0.0), HLG_GAMMA - 1.0)
        return scene * (gain * (HLG_PEAK / WHITE))

    def delinearize(self, m: Math, rgb: Vec3) -> Vec3:
        display = rgb * (WHITE / HLG_PEAK)
        # A floor far below the first code value keeps black finite.
        luminance = m.max(m.dot(display, _LUMINANCE), 1e-12)
        gain = m.pow(luminance, 1.0 / HLG_GAMMA - 1.0)
        return (display * gain).map(lambda x: m.mirrored(x, lambda light: hlg_signal(m, light)))


CURVES: Final[dict[str, Pq | Hlg]] = {"smpte2084": Pq(), "arib-std-b67": Hlg()}


#: I, Ct, Cp of the signals of the cone responses, by transfer (BT.2100 table 7).
_ICTCP: Final[dict[str, Mat3]] = {
    "smpte2084": (
        (0.5, 0.5, 0.0),
        (6610 / 4096, -13613 / 4096, 7003 / 4096),
        (17933 / 4096, -17390 / 4096, -543 / 4096),
    ),
    "arib-std-b67": (
        (0.5, 0.5, 0.0),
        (3625 / 4096, -7465 / 4096, 3840 / 4096),
        (9500 / 4096, -9212 / 4096, -288 / 4096),
    ),
}


def rgb_of_ictcp(m: Math, ictcp: Vec3, transfer: str) -> Vec3:
    """R'G'B' of I, Ct and Cp, Ct and Cp -0.5..0.5. HLG's cones see the light of the scene."""
    signals = m.matrix(matrix.inverse(_ICTCP[transfer]), ictcp)
    out_of = matrix.inverse(LMS)
    if transfer == "arib-std-b67":
        scene = m.matrix(out_of, signals.map(lambda x: hlg_scene(m, m.max(x, 0.0))))
        return scene.map(lambda x: m.mirrored(x, lambda light: hlg_signal(m, light)))
    light = m.matrix(out_of, signals.map(lambda x: pq_part(m, m.clamp(x))))
    return light.map(lambda x: m.mirrored(x, lambda part: pq_signal(m, part)))
