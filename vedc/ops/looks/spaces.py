"""The spaces that colour files work in: display values, light, cameras' and the Academy's logs."""

from __future__ import annotations

import re
from typing import Final, Literal

from vedc.color import Color
from vedc.expr.math import Math, Vec3
from vedc.ops.shared import color_conversion
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Space:
    """Primaries and transfer of a space; ``None`` is the canvas's own."""

    primaries: str | None
    transfer: str | None
    words: str


#: By the names that specs use.
SPACES: Final = {
    "display": Space(None, None, "display values"),
    "linear": Space(None, "linear", "scene light"),
    "linear-bt709": Space("bt709", "linear", "linear light of BT.709"),
    "aces": Space("ap0", "linear", "ACES2065-1"),
    "acescg": Space("ap1", "linear", "ACEScg"),
    "acescct": Space("ap1", "acescct", "ACEScct"),
    "logc3": Space("awg3", "logc3", "ARRI LogC3"),
    "logc4": Space("awg4", "logc4", "ARRI LogC4"),
    "slog3": Space("sgamut3cine", "slog3", "S-Log3 of S-Gamut3.Cine"),
    "slog3-sgamut3": Space("sgamut3", "slog3", "S-Log3 of S-Gamut3"),
    "vlog": Space("vgamut", "vlog", "V-Log"),
    "log3g10": Space("rwg", "log3g10", "Log3G10"),
    "clog3": Space("cgamut", "clog3", "Canon Log 3"),
    "dlog": Space("dgamut", "dlog", "D-Log"),
    "davinci": Space("davinci-wg", "davinci", "DaVinci Intermediate"),
}
AUTO: Final = "auto"

#: What files call them, the more special first.
_WORDS: Final = (
    (r"aces ?cct", "acescct"),
    (r"aces ?cg|lin_ap1", "acescg"),
    (r"aces ?2065|\bap0\b", "aces"),
    (r"log ?c ?4", "logc4"),
    (r"log ?c", "logc3"),
    (r"s-?log ?3.*gamut ?3(?!\.? ?cine)|gamut ?3(?!\.? ?cine).*s-?log ?3", "slog3-sgamut3"),
    (r"s-?log ?3", "slog3"),
    (r"\bv-?log\b", "vlog"),
    (r"log ?3 ?g ?10", "log3g10"),
    (r"c(anon)? ?-?log ?3", "clog3"),
    (r"\bd-?log\b", "dlog"),
    (r"davinci", "davinci"),
    (r"lin(ear)?[ _-]*(light)?[ _-]*\(?(srgb|rec\.? ?709|bt\.? ?709)", "linear-bt709"),
    (r"srgb|rec\.? ?\.?709|bt\.? ?709|1886|\bvideo\b|\bdisplay\b|gamma ?2", "display"),
    (r"\b(scene[ -]?)?linear\b", "linear"),
)


def named(text: str) -> str | None:
    """The space that a file's words mean; None where they say none that is known."""
    lowered = text.lower()
    return next((name for words, name in _WORDS if re.search(words, lowered)), None)


def convert(m: Math, rgb: Vec3, name: str, canvas: Color, way: Literal["into", "out of"]) -> Vec3:
    """Display values of a canvas ``into`` a space, or back ``out of`` it."""
    space = SPACES["display" if name == AUTO else name]
    if space.transfer is None:
        return rgb
    ends = (canvas.primaries, space.primaries or canvas.primaries)
    if way == "into":
        light = color_conversion.linearize(m, rgb, canvas.transfer)
        if ends[0] != ends[1]:
            light = m.matrix(color_conversion.primaries_matrix(*ends), light)
        return color_conversion.delinearize(m, light, space.transfer)
    light = color_conversion.linearize(m, rgb, space.transfer)
    if ends[0] != ends[1]:
        light = m.matrix(color_conversion.primaries_matrix(ends[1], ends[0]), light)
    return color_conversion.delinearize(m, light, canvas.transfer)
