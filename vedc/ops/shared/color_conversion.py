"""Conversions between encodings: samples, display values, scene light, primaries.

The formulas are those of ITU-T H.273 (which collects those of BT.601, BT.709, BT.2020 and
IEC 61966-2-1); HDR is in ``hdr``, cameras' log curves in ``camera_log``.
Matrices are computed once, in float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from vedc.color import MATRICES, PRIMARIES, SPECIAL_MATRICES, Color, Mat3, PixelFormat, Vec3f
from vedc.errors import InternalError
from vedc.expr.math import (
    Math,
    Pixel,
    Scalar,
    Vec3,
    opaque,
    premultiply,
    unpremultiply,
)
from vedc.ops.shared import camera_log, hdr, matrix
from vedc.support.lazy_dataclass import dataclass

Shape = Callable[[Scalar], Scalar]
Chromaticity = tuple[float, float]

# ---------------------------------------------------------------- samples <-> R'G'B'


@dataclass(frozen=True, slots=True)
class _Scale:
    """code value = offset + span * signal (H.273 section 8.3)."""

    offset: float
    span: float


def _scales(format: PixelFormat, color: Color) -> tuple[_Scale, _Scale]:
    """How luma (or R, G, B) and chroma are coded. Chroma's signal is -0.5..0.5."""
    if format.floating:
        return _Scale(0.0, 1.0), _Scale(0.0, 1.0)
    unit = float(1 << (format.depth - 8))
    if color.range == "limited":
        return _Scale(16 * unit, 219 * unit), _Scale(128 * unit, 224 * unit)
    return _Scale(0.0, format.peak), _Scale(128 * unit, format.peak)


def _luma_weights(color: Color) -> tuple[float, float]:
    try:
        return MATRICES[color.matrix]
    except KeyError:
        raise InternalError(f"no Y'CbCr matrix called {color.matrix!r}") from None


def decode(m: Math, leaf: int, format: PixelFormat, color: Color) -> Pixel:
    """The samples of a leaf as a premultiplied pixel of R'G'B'.

    Alpha is full range; ``rgba`` and layers are stored premultiplied, other formats are not.
    R'G'B' outside 0..1 is preserved.
    """
    if format.layout == "rgba":
        return decode_rgba(m, leaf)
    samples = [m.load(leaf, channel) for channel in range(format.channels)]
    return decode_samples(m, samples, format, color)


def decode_samples(m: Math, samples: Sequence[Scalar], format: PixelFormat, color: Color) -> Pixel:
    """Code values of a format that is not packed as a premultiplied pixel of R'G'B'."""
    if format.layout == "rgb":
        return Pixel(Vec3(*samples[:3]), samples[3] if format.alpha else m.number(1.0))
    luma, chroma = _scales(format, color)
    if format.layout == "gbr":
        g, b, r = ((s - luma.offset) / luma.span for s in samples[:3])
    else:
        y = (samples[0] - luma.offset) / luma.span
        cb, cr = ((s - chroma.offset) / chroma.span for s in samples[1:3])
        if color.matrix in SPECIAL_MATRICES:
            rgb = _special(m, y, cb, cr, color)
            return premultiply(rgb, samples[3] / format.peak) if format.alpha else opaque(m, rgb)
        kr, kb = _luma_weights(color)
        r = y + cr * (2.0 * (1.0 - kr))
        b = y + cb * (2.0 * (1.0 - kb))
        g = (y - r * kr - b * kb) / (1.0 - kr - kb)
    rgb = Vec3(r, g, b)
    return premultiply(rgb, samples[3] / format.peak) if format.alpha else opaque(m, rgb)


def _special(m: Math, y: Scalar, cb: Scalar, cr: Scalar, color: Color) -> Vec3:
    """R'G'B' of samples whose matrix is one of ``SPECIAL_MATRICES``."""
    if color.matrix == "ycgco":  # Cg is stored as Cb, Co as Cr
        return Vec3(y - cb + cr, y + cb, y - cb - cr)
    return hdr.rgb_of_ictcp(m, Vec3(y, cb, cr), color.transfer)


def decode_rgba(m: Math, leaf: int) -> Pixel:
    """A leaf of packed, premultiplied 8-bit R, G, B, A as a pixel."""
    r, g, b, a = (m.load(leaf, channel) / 255.0 for channel in range(4))
    return Pixel(Vec3(r, g, b), a)


def encode(
    m: Math, rgb: Vec3, format: PixelFormat, color: Color, alpha: Scalar | None = None
) -> tuple[Scalar, ...]:
    """R'G'B' as code values, not yet rounded or clamped, in the order of the format's planes.

    ``rgb`` is premultiplied. ``alpha`` is required if the format has it; otherwise the picture is
    encoded as it looks over black.
    """
    if format.alpha != (alpha is not None):
        raise InternalError(f"{format.name} {'needs' if format.alpha else 'has no'} alpha")
    if format.layout == "rgb":
        return rgb.channels if alpha is None else (*rgb.channels, alpha)
    if alpha is None:
        return _encode_color(m, rgb, format, color)
    if format.layout == "rgba":
        return tuple(c * 255.0 for c in (*rgb.channels, alpha))
    straight = unpremultiply(m, Pixel(rgb, alpha))
    return (*_encode_color(m, straight, format, color), alpha * format.peak)


def _encode_color(m: Math, rgb: Vec3, format: PixelFormat, color: Color) -> tuple[Scalar, ...]:
    luma, chroma = _scales(format, color)
    if format.layout == "gbr":
        return tuple(c * luma.span + luma.offset for c in (rgb.g, rgb.b, rgb.r))
    kr, kb = _luma_weights(color)
    y = m.dot(rgb, (kr, 1.0 - kr - kb, kb))
    cb = (rgb.b - y) / (2.0 * (1.0 - kb))
    cr = (rgb.r - y) / (2.0 * (1.0 - kr))
    return (
        y * luma.span + luma.offset,
        cb * chroma.span + chroma.offset,
        cr * chroma.span + chroma.offset,
    )


# ---------------------------------------------------------------- R'G'B' <-> light


class Transfer(Protocol):
    """A transfer characteristic: both ways between display or camera values and light."""

    def linearize(self, m: Math, rgb: Vec3) -> Vec3: ...

    def delinearize(self, m: Math, rgb: Vec3) -> Vec3: ...


@dataclass(frozen=True, slots=True)
class Curve:
    """``slope * L`` below ``knee``, above it ``alpha * L**exponent - (alpha - 1)``; mirrored
    for negative light.
    """

    exponent: float
    alpha: float = 1.0
    knee: float = 0.0
    slope: float = 0.0

    def linearize(self, m: Math, rgb: Vec3) -> Vec3:
        if self.exponent == 1.0:
            return rgb
        return rgb.map(
            lambda v: _mirrored(
                m,
                v,
                self.slope * self.knee,
                lambda size: m.pow((size + (self.alpha - 1.0)) / self.alpha, 1.0 / self.exponent),
                lambda v: v / self.slope,
            )
        )

    def delinearize(self, m: Math, rgb: Vec3) -> Vec3:
        if self.exponent == 1.0:
            return rgb
        return rgb.map(
            lambda light: _mirrored(
                m,
                light,
                self.knee,
                lambda size: self.alpha * m.pow(size, self.exponent) - (self.alpha - 1.0),
                lambda light: light * self.slope,
            )
        )


def _mirrored(m: Math, x: Scalar, knee: float, above: Shape, below: Shape) -> Scalar:
    """``above`` of the size of x, with the sign of x; ``below`` where the size is < knee."""
    signed = m.mirrored(x, above)
    return m.select(m.abs(x) < knee, below(x), signed) if knee else signed


@dataclass(frozen=True, slots=True)
class Log:
    """``1 + log10(L) / span`` of light from ``10**-span`` on; less light is 0 (H.273 table 3)."""

    span: float

    def linearize(self, m: Math, rgb: Vec3) -> Vec3:
        scale = self.span * math.log2(10.0)
        return rgb.map(lambda x: m.select(x > 0.0, m.exp2((x - 1.0) * scale), 0.0))

    def delinearize(self, m: Math, rgb: Vec3) -> Vec3:
        least, scale = 10.0**-self.span, 1.0 / (self.span * math.log2(10.0))
        return rgb.map(lambda light: 1.0 + m.log2(m.max(light, least)) * scale)


#: H.273 gives BT.709's constants with enough digits for the two parts of the curve to meet.
_BT709: Final = Curve(0.45, 1.09929682680944, 0.018053968510807, 4.5)

#: Scene light to display value, by FFmpeg's name (H.273 table 3).
SDR: Final[dict[str, Curve]] = {
    "bt709": _BT709,
    "smpte170m": _BT709,
    "bt2020-10": _BT709,
    "bt2020-12": _BT709,
    "iec61966-2-4": _BT709,
    "bt1361e": _BT709,
    "smpte240m": Curve(0.45, 1.111572195921731, 0.022821585529445, 4.0),
    "iec61966-2-1": Curve(1.0 / 2.4, 1.055, 0.0031308, 12.92),
    "gamma22": Curve(1.0 / 2.2),
    "bt470m": Curve(1.0 / 2.2),
    "gamma28": Curve(1.0 / 2.8),
    "bt470bg": Curve(1.0 / 2.8),
    "linear": Curve(1.0),
}

#: Every transfer that a source may have, by its name in specs. Light 1.0 is display white; for HDR,
#: reference white (see ``hdr``); for a camera, a surface that reflects everything (see
#: ``camera_log``).
CURVES: Final[Mapping[str, Transfer]] = {
    **SDR, "log100": Log(2.0), "log316": Log(2.5), **hdr.CURVES, **camera_log.CURVES,
}  # fmt: skip

#: Display light to display value, for what is made for a display rather than seen by a camera:
#: the power 2.4 of a display with perfect black (ITU-R BT.1886).
DISPLAYS: Final[Mapping[str, Transfer]] = {"bt1886": Curve(1.0 / 2.4)}


def curve(transfer: str) -> Transfer:
    """Raises InternalError for a transfer that has no curve here."""
    try:
        return DISPLAYS[transfer] if transfer in DISPLAYS else CURVES[transfer]
    except KeyError:
        raise InternalError(f"no curve for the transfer {transfer!r}") from None


def linearize(m: Math, rgb: Vec3, transfer: str) -> Vec3:
    """Encoded values as light. Only PQ above its peak is clamped; negatives are mirrored where
    a curve does not define them."""
    return curve(transfer).linearize(m, rgb)


def delinearize(m: Math, rgb: Vec3, transfer: str) -> Vec3:
    """Light as encoded values: the inverse of :func:`linearize`."""
    return curve(transfer).delinearize(m, rgb)


# ---------------------------------------------------------------- primaries


def primaries_matrix(source: str, target: str) -> Mat3:
    """The matrix from linear R, G, B of one set of primaries to another, given by rows.

    Through CIE XYZ, with Bradford chromatic adaptation where the whites differ.
    """
    into, out_of = rgb_to_xyz(source), matrix.inverse(rgb_to_xyz(target))
    white_from, white_to = PRIMARIES[source][3], PRIMARIES[target][3]
    if white_from != white_to:
        into = matrix.product(_bradford(white_from, white_to), into)
    return matrix.product(out_of, into)


def _xyz(xy: Chromaticity) -> Vec3f:
    """Tristimulus values of a chromaticity at Y = 1."""
    x, y = xy
    return x / y, 1.0, (1.0 - x - y) / y


def rgb_to_xyz(name: str) -> Mat3:
    """Linear R, G, B to CIE XYZ, white at Y = 1 (SMPTE RP 177).

    Columns are the primaries, scaled so that R = G = B = 1 is white.
    """
    if name not in PRIMARIES:
        raise InternalError(f"no primaries called {name!r}")
    red, green, blue, white = PRIMARIES[name]
    columns = matrix.transposed((_xyz(red), _xyz(green), _xyz(blue)))
    scale = matrix.apply(matrix.inverse(columns), _xyz(white))
    return matrix.product(columns, matrix.diagonal(scale))


#: Lam and Rigg's cone response matrix, known as Bradford's.
BRADFORD: Final[Mat3] = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)


def _bradford(source: Chromaticity, target: Chromaticity) -> Mat3:
    """XYZ under one white to XYZ under another."""
    before, after = matrix.apply(BRADFORD, _xyz(source)), matrix.apply(BRADFORD, _xyz(target))
    gains = matrix.diagonal((after[0] / before[0], after[1] / before[1], after[2] / before[2]))
    return matrix.product(matrix.inverse(BRADFORD), matrix.product(gains, BRADFORD))
