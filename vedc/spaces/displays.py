"""A config's display in terms of a file's tags, found by measuring it."""

from __future__ import annotations

import math
from typing import Any, Final

from vedc.color import PRIMARIES, Color
from vedc.support.lazy_dataclass import dataclass

#: Primaries that files can name, and how far measured chromaticities may be off.
_PRIMARIES: Final = ("bt709", "smpte432", "bt2020", "smpte431", "bt470bg", "smpte170m")
_NEAR: Final = 0.002
#: Code values of grey at which a curve is measured, and how far light may be off, relative to
#: itself.
_GREYS: Final = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
_OFF: Final = 0.01


@dataclass(frozen=True, slots=True)
class Measured:
    """A display's colour, as far as tags can say it."""

    color: Color
    lacks: str = ""
    """What no tag says of it, in words; empty where the tags are exact."""


def _srgb(code: float) -> float:
    return code / 12.92 if code <= 0.04045 else float(((code + 0.055) / 1.055) ** 2.4)


def _pq(code: float) -> float:
    m1, m2 = 1305 / 8192, 2523 / 32
    c1, c2, c3 = 107 / 128, 2413 / 128, 2392 / 128
    root = code ** (1 / m2)
    return float(100.0 * (max(root - c1, 0.0) / (c2 - c3 * root)) ** (1 / m1))


def _hlg(code: float) -> float:
    """Of grey on a display of 1000 cd/m2."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * math.log(4 * a)
    scene = code * code / 3 if code <= 0.5 else (math.exp((code - c) / a) + b) / 12
    return float(10.0 * scene**1.2)


#: Light of code values, 1.0 being 100 cd/m2, by their transfer tag. Displays show pictures tagged
#: BT.709 with a power of 2.4 (ITU-R BT.1886).
_CURVES: Final = {
    "bt709": lambda code: code**2.4,
    "iec61966-2-1": _srgb,
    "gamma22": lambda code: code**2.2,
    "gamma28": lambda code: code**2.8,
    "smpte2084": _pq,
    "arib-std-b67": _hlg,
}


def measured(light: Any) -> Measured:
    """``light`` is OpenColorIO's processor from the display's code values to CIE XYZ."""

    def xyz(red: float, green: float, blue: float) -> tuple[float, float, float]:
        x, y, z = light.applyRGB([red, green, blue])
        return x, y, z

    greys = [xyz(code, code, code)[1] for code in _GREYS]
    transfer = next(
        (
            name
            for name, curve in _CURVES.items()
            if all(
                abs(seen - curve(code)) <= _OFF * curve(code)
                for code, seen in zip(_GREYS, greys, strict=True)
            )
        ),
        None,
    )
    ends = [xyz(1, 0, 0), xyz(0, 1, 0), xyz(0, 0, 1)]
    points = [(x / (x + y + z), y / (x + y + z)) for x, y, z in ends if x + y + z > 0.0]
    primaries = next((name for name in _PRIMARIES if _alike(points, PRIMARIES[name][:3])), None)
    lacks = []
    if primaries is None:
        lacks.append("its primaries")
    if transfer is None:
        lacks.append("its curve")
    matrix = "bt2020nc" if primaries == "bt2020" else "bt709"
    color = Color(primaries or "bt709", transfer or "bt709", matrix, "limited")
    return Measured(color, " and ".join(lacks))


def _alike(points: list[tuple[float, float]], named: tuple[tuple[float, float], ...]) -> bool:
    pairs = zip(points, named, strict=False)
    return len(points) == 3 and all(math.dist(*pair) <= _NEAR for pair in pairs)


def working_name(light: Any) -> str:
    """The name of the primaries of a working space, ``scene`` for others. ``light`` as for
    :func:`measured`."""
    if light is None:
        return "scene"
    points = []
    for one in ([1, 0, 0], [0, 1, 0], [0, 0, 1]):
        x, y, z = light.applyRGB(one)
        points.append((x / (x + y + z), y / (x + y + z)))
    known = ("bt709", "bt2020", "smpte432")
    found = next((name for name in known if _alike(points, PRIMARIES[name][:3])), None)
    # Those of ACES have another white: they are adapted to D65 in what was measured.
    adapted_ap1 = ((0.7145, 0.2942), (0.1555, 0.8336), (0.1311, 0.0460))
    return found or ("ap1" if _alike_loosely(points, adapted_ap1) else "scene")


def _alike_loosely(
    points: list[tuple[float, float]], named: tuple[tuple[float, float], ...]
) -> bool:
    return all(math.dist(*pair) <= 0.02 for pair in zip(points, named, strict=True))
