"""Colours of pictures in float: curves, matrices, and ICC profiles of three curves and a matrix.

Pillow's colour management works on 8 bits. This module is for deeper pictures, and for colours
described by chromaticities or code points instead of a profile. Formulas: ICC.1:2022 (10.6 curve,
10.18 parametricCurve), IEC 61966-2-1, and the matrices that SMPTE RP 177 derives from
chromaticities; between white points, Bradford's adaptation (ICC.1 annex E).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedc.color import PRIMARIES
from vedc.support.lazy_dataclass import dataclass

Floats = NDArray[np.float32]
Curve = Callable[[Floats], Floats]

_D50: Final = (0.3457, 0.3585)
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def srgb_to_light(samples: Floats) -> Floats:
    """Mirrored for negative values, so that nothing outside the gamut is lost."""
    size = np.abs(samples)
    light = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    return np.copysign(light, samples).astype(np.float32)


def light_to_srgb(light: Floats) -> Floats:
    """The inverse of :func:`srgb_to_light`."""
    size = np.abs(light)
    samples = np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055)
    return np.copysign(samples, light).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Described:
    """R, G and B as curves to light and a matrix to linear BT.709."""

    curves: tuple[Curve, Curve, Curve]
    matrix: NDArray[np.float64]

    def to_light(self, rgb: Floats) -> Floats:
        """(height, width, 3) to linear BT.709; colours outside its gamut are below 0 or above 1."""
        light = np.stack([curve(rgb[..., i]) for i, curve in enumerate(self.curves)], axis=-1)
        return (light @ self.matrix.T.astype(np.float32)).astype(np.float32)

    def to_srgb(self, rgb: Floats) -> Floats:
        """(height, width, 3) to sRGB, 0 to 1, clipped to its gamut."""
        return light_to_srgb(np.clip(self.to_light(rgb), 0.0, 1.0))


def described(chromaticities: Sequence[tuple[float, float]], curve: Curve) -> Described:
    """Colours with one curve; raises ValueError if the chromaticities span no gamut."""
    try:
        inverse = np.linalg.inv(to_xyz(PRIMARIES["bt709"]))
        adapted = _adaptation(chromaticities[3], PRIMARIES["bt709"][3])
        matrix = inverse @ adapted @ to_xyz(chromaticities)
    except (np.linalg.LinAlgError, ZeroDivisionError) as error:
        raise ValueError("the chromaticities span no gamut") from error
    return Described((curve, curve, curve), matrix)


def same(samples: Floats) -> Floats:
    """The curve of samples that are light."""
    return samples


def power(exponent: float) -> Curve:
    """A power curve from samples to light."""
    return lambda samples: np.clip(samples, 0, None) ** np.float32(exponent)


def to_xyz(chromaticities: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """The matrix from linear RGB to XYZ (SMPTE RP 177)."""
    columns = np.array([_xyz(*xy) for xy in chromaticities[:3]]).T
    return columns * np.linalg.solve(columns, _xyz(*chromaticities[3]))


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _adaptation(source: tuple[float, float], target: tuple[float, float]) -> NDArray[np.float64]:
    """Bradford's matrix from one white point to another."""
    scale = (_BRADFORD @ _xyz(*target)) / (_BRADFORD @ _xyz(*source))
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD
    return adapted


def of_profile(profile: bytes) -> Described | None:
    """The description in an ICC profile; None if it is not one of three curves and a matrix.

    Grey profiles with one curve count, too.
    """
    try:
        space = profile[16:20]
        tags = dict(_tags(profile))
        if space == b"GRAY":
            curve = _curve(tags[b"kTRC"])
            return Described((curve, curve, curve), np.eye(3))
        if space != b"RGB " or b"A2B0" in tags:
            return None
        red, green, blue = (_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
        columns = [struct.unpack(">3i", tags[name][8:20]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        pcs = np.array(columns).T / 65536
        back = np.linalg.inv(to_xyz(PRIMARIES["bt709"])) @ _adaptation(_D50, PRIMARIES["bt709"][3])
        return Described((red, green, blue), back @ pcs)
    except (KeyError, ValueError, struct.error, np.linalg.LinAlgError):
        return None


def _tags(profile: bytes) -> list[tuple[bytes, bytes]]:
    (count,) = struct.unpack(">I", profile[128:132])
    found = []
    for at in range(132, 132 + 12 * min(count, 100), 12):
        name, offset, size = struct.unpack(">4sII", profile[at : at + 12])
        found.append((name, profile[offset : offset + size]))
    return found


def _curve(tag: bytes) -> Curve:
    if tag[:4] == b"curv":
        (count,) = struct.unpack(">I", tag[8:12])
        if count == 0:
            return power(1.0)
        values = np.array(struct.unpack(f">{count}H", tag[12 : 12 + 2 * count]))
        if count == 1:
            return power(float(values[0]) / 256)
        places, light = np.linspace(0, 1, count), values / 65535
        return lambda samples: np.interp(samples, places, light).astype(np.float32)
    if tag[:4] != b"para":
        raise ValueError("no curve")
    (kind,) = struct.unpack(">H", tag[8:10])
    numbers = (
        [value / 65536 for value in struct.unpack(f">{(1, 3, 4, 5, 7)[kind]}i", tag[12:])[:7]]
        if kind < 5 and len(tag) == 12 + 4 * (1, 3, 4, 5, 7)[kind]
        else None
    )
    if numbers is None:
        raise ValueError("no curve that ICC.1 knows")
    g, a, b, c, d, e, f = _parameters(kind, numbers)

    def curve(samples: Floats) -> Floats:
        above = np.clip(a * samples + b, 0, None) ** g + e
        return np.where(samples >= d, above, c * samples + f).astype(np.float32)

    return curve


def _parameters(kind: int, numbers: Sequence[float]) -> tuple[float, ...]:
    """g, a, b, c, d, e, f of the most general form, ICC.1 table 68."""
    g, *rest = numbers
    if kind == 0:
        return g, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    a, b = rest[:2]
    if kind == 1:
        return g, a, b, 0.0, -b / a, 0.0, 0.0
    if kind == 2:
        return g, a, b, 0.0, -b / a, rest[2], rest[2]
    if kind == 3:
        return g, a, b, rest[2], rest[3], 0.0, 0.0
    c, d, e, f = rest[2:]
    return g, a, b, c, d, e, f


#: Chromaticities that differ by less are the same.
_SAME: Final = 0.002

#: Gammas of PNG that mean sRGB: 1/2.2, within libpng's tolerance.
_SRGB_GAMMA: Final = (0.43, 0.48)


def of_chromaticities(
    chromaticities: Sequence[tuple[float, float]], curve: Curve
) -> Described | None:
    """None if they are BT.709's, or implausible."""
    pairs = zip(chromaticities, PRIMARIES["bt709"], strict=True)
    if all(abs(a - b) < _SAME for mine, theirs in pairs for a, b in zip(mine, theirs, strict=True)):
        return None
    try:
        return described(chromaticities, curve)
    except (ValueError, ZeroDivisionError):
        return None


def of_gamma(
    gamma: float | None, chromaticities: Sequence[tuple[float, float]] | None
) -> Described | None:
    """The description in PNG's gAMA and cHRM; None if it is sRGB or missing."""
    plain = gamma is None or gamma <= 0 or _SRGB_GAMMA[0] < gamma < _SRGB_GAMMA[1]
    curve = srgb_to_light if plain or not gamma else power(1 / gamma)
    if chromaticities is not None:
        found = of_chromaticities(chromaticities, curve)
        if found is not None:
            return found
    return None if plain else Described((curve, curve, curve), np.eye(3))
