"""Further names for transitions: each is one of our ops with parameters.

Names are compared without case, ``_``, ``-`` and spaces (:func:`spelled`), and no two tables have a
name in common, nor is a name here also that of a transition op.

A name of FFmpeg's xfade or of gl-transitions alone is ours: xfade's mean what they mean there, with
smooth edges where xfade's are jagged, and a name of gl-transitions that we do not use otherwise
draws what it draws there. With ``xfade:`` or ``gl:`` before it a name always draws exactly what
that program draws (``vedc.ops.compatible``).

``ripple``, ``swirl`` and ``kaleidoscope`` are also geometry ops; where the name appears decides
which one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any, Final

from vedc.ops.core import registry
from vedc.ops.core.index import MODULES

Preset = tuple[str, dict[str, Any]]
"""An op's name and the parameters that differ from its defaults."""

_WAYS: Final = ("left", "right", "up", "down")
_CORNERS: Final = {
    "tl": "top-left", "tr": "top-right", "bl": "bottom-left", "br": "bottom-right",
}  # fmt: skip


def _ways(stem: str, op: str, **params: Any) -> dict[str, Preset]:
    """One name for each direction: ``stem`` and the direction."""
    return {f"{stem}{way}": (op, {"direction": way, **params}) for way in _WAYS}


def _letters(after: str, op: str) -> dict[str, Preset]:
    """xfade's names with hl, hr, vu, vd for the directions."""
    short = {"hl": "left", "hr": "right", "vu": "up", "vd": "down"}
    return {f"{key}{after}": (op, {"direction": way}) for key, way in short.items()}


#: FFmpeg's xfade (libavfilter/vf_xfade.c).
XFADE: Final[dict[str, Preset]] = {
    **_ways("wipe", "wipe"),
    **_ways("slide", "slide"),
    **_ways("smooth", "smooth_wipe"),
    **_ways("cover", "cover"),
    **_ways("reveal", "reveal"),
    "circlecrop": ("blink", {"shape": "circle", "exponent": 3.0}),
    "rectcrop": ("blink", {"shape": "rectangle"}),
    "fade": ("dissolve", {}),
    "fadeblack": ("dip", {"color": (0.0, 0.0, 0.0)}),
    "fadewhite": ("dip", {"color": (1.0, 1.0, 1.0)}),
    "fadefast": ("difference_fade", {"pace": "fast"}),
    "fadeslow": ("difference_fade", {"pace": "slow"}),
    "radial": ("xfade:radial", {}),
    "circleopen": ("xfade:circleopen", {}),
    "circleclose": ("xfade:circleclose", {}),
    "vertopen": ("barn_doors", {"axis": "vertical", "mode": "open", "softness": 1.0}),
    "vertclose": ("barn_doors", {"axis": "vertical", "mode": "close", "softness": 1.0}),
    "horzopen": ("barn_doors", {"axis": "horizontal", "mode": "open", "softness": 1.0}),
    "horzclose": ("barn_doors", {"axis": "horizontal", "mode": "close", "softness": 1.0}),
    **{f"diag{key}": ("diagonal", {"corner": corner}) for key, corner in _CORNERS.items()},
    **{
        f"wipe{key}": ("box_wipe", {"anchor": corner, "mode": "close"})
        for key, corner in _CORNERS.items()
    },
    **_letters("slice", "slices"),
    **_letters("wind", "wind"),
    "hblur": ("blur_dissolve", {"length": 0.5}),
    "squeezeh": ("squeeze", {"axis": "vertical"}),
    "squeezev": ("squeeze", {"axis": "horizontal"}),
    "distance": ("xfade:distance", {}),
}


def _clock(**params: Any) -> Preset:
    return "clock", params


def _sweep(x: float, y: float, start: float, span: float, **params: Any) -> Preset:
    """A hand that turns about a point on the edge of the canvas."""
    return "clock", {"center": (x, y), "start": start, "span": span, **params}


#: SMPTE 258M's wipe codes, as W3C's SMIL 2.0 (transition taxonomy) and GStreamer describe them.
SMPTE: Final[dict[str, Preset]] = {
    "smpte1": ("wipe", {"direction": "right"}),
    "smpte2": ("wipe", {"direction": "down"}),
    "smpte3": ("box_wipe", {"anchor": "top-left"}),
    "smpte4": ("box_wipe", {"anchor": "top-right"}),
    "smpte5": ("box_wipe", {"anchor": "bottom-right"}),
    "smpte6": ("box_wipe", {"anchor": "bottom-left"}),
    "smpte7": ("box_wipe", {"quarters": True, "anchor": "bottom-right"}),
    "smpte8": ("box_wipe", {"quarters": True, "anchor": "center"}),
    "smpte21": ("barn_doors", {"axis": "vertical"}),
    "smpte22": ("barn_doors", {"axis": "horizontal"}),
    "smpte23": ("box_wipe", {"anchor": "top"}),
    "smpte24": ("box_wipe", {"anchor": "right"}),
    "smpte25": ("box_wipe", {"anchor": "bottom"}),
    "smpte26": ("box_wipe", {"anchor": "left"}),
    "smpte41": ("wipe", {"direction": "right", "angle": 45.0}),
    "smpte42": ("wipe", {"direction": "down", "angle": 45.0}),
    "smpte43": ("bow_tie", {"axis": "vertical"}),
    "smpte44": ("bow_tie", {"axis": "horizontal"}),
    "smpte45": ("barn_doors", {"angle": 45.0}),
    "smpte46": ("barn_doors", {"angle": -45.0}),
    "smpte61": ("zigzag", {"direction": "down"}),
    "smpte62": ("zigzag", {"direction": "left"}),
    "smpte63": ("zigzag", {"direction": "up"}),
    "smpte64": ("zigzag", {"direction": "right"}),
    "smpte65": ("zigzag", {"direction": "down", "barn": True, "depth": 1.0}),
    "smpte66": ("zigzag", {"direction": "left", "barn": True, "depth": 1.0}),
    "smpte67": ("zigzag", {"direction": "up", "barn": True, "depth": 1.0}),
    "smpte68": ("zigzag", {"direction": "right", "barn": True, "depth": 1.0}),
    "smpte71": ("zigzag", {"direction": "right", "teeth": 8.0, "depth": 0.15}),
    "smpte72": ("zigzag", {"direction": "down", "teeth": 8.0, "depth": 0.15}),
    "smpte73": ("zigzag", {"direction": "right", "teeth": 8.0, "depth": 0.15, "barn": True}),
    "smpte74": ("zigzag", {"direction": "down", "teeth": 8.0, "depth": 0.15, "barn": True}),
    "smpte101": ("iris", {"shape": "rectangle"}),
    "smpte102": ("iris", {"shape": "diamond"}),
    "smpte103": ("iris", {"shape": "polygon", "points": 3}),
    "smpte104": ("iris", {"shape": "polygon", "points": 3, "angle": 90.0}),
    "smpte105": ("iris", {"shape": "polygon", "points": 3, "angle": 180.0}),
    "smpte106": ("iris", {"shape": "polygon", "points": 3, "angle": 270.0}),
    "smpte111": ("iris", {"shape": "polygon", "points": 5}),
    "smpte112": ("iris", {"shape": "polygon", "points": 5, "angle": 180.0}),
    "smpte113": ("iris", {"shape": "polygon", "points": 6, "angle": 90.0}),
    "smpte114": ("iris", {"shape": "polygon", "points": 6}),
    "smpte119": ("iris", {"shape": "circle"}),
    "smpte120": ("iris", {"shape": "oval"}),
    "smpte127": ("iris", {"shape": "star", "points": 4}),
    "smpte128": ("iris", {"shape": "star", "points": 5}),
    "smpte129": ("iris", {"shape": "star", "points": 6}),
    "smpte130": ("iris", {"shape": "heart"}),
    "smpte201": _clock(),
    "smpte202": _clock(start=90.0),
    "smpte203": _clock(start=180.0),
    "smpte204": _clock(start=270.0),
    "smpte205": _clock(blades=2),
    "smpte206": _clock(blades=2, start=90.0),
    "smpte207": _clock(blades=4),
    "smpte211": _clock(fan=True),
    "smpte212": _clock(fan=True, start=90.0),
    "smpte213": _clock(fan=True, blades=2),
    "smpte214": _clock(fan=True, blades=2, start=90.0),
    "smpte221": _sweep(0.5, 0.0, 90.0, 180.0),
    "smpte222": _sweep(1.0, 0.5, 180.0, 180.0),
    "smpte223": _sweep(0.5, 1.0, 270.0, 180.0),
    "smpte224": _sweep(0.0, 0.5, 0.0, 180.0),
    "smpte225": _sweep(0.5, 0.0, 90.0, 180.0, mirror="vertical"),
    "smpte226": _sweep(0.0, 0.5, 0.0, 180.0, mirror="horizontal"),
    "smpte231": _sweep(0.5, 0.0, 180.0, 180.0, fan=True),
    "smpte232": _sweep(1.0, 0.5, 270.0, 180.0, fan=True),
    "smpte233": _sweep(0.5, 1.0, 0.0, 180.0, fan=True),
    "smpte234": _sweep(0.0, 0.5, 90.0, 180.0, fan=True),
    "smpte235": _sweep(0.5, 0.0, 180.0, 180.0, fan=True, mirror="vertical"),
    "smpte236": _sweep(0.0, 0.5, 90.0, 180.0, fan=True, mirror="horizontal"),
    "smpte241": _sweep(0.0, 0.0, 90.0, 90.0),
    "smpte242": _sweep(0.0, 1.0, 0.0, 90.0),
    "smpte243": _sweep(1.0, 1.0, 270.0, 90.0),
    "smpte244": _sweep(1.0, 0.0, 180.0, 90.0),
    "smpte251": _sweep(0.0, 0.0, 90.0, 90.0, mirror="horizontal"),
    "smpte252": _sweep(0.0, 0.0, 180.0, 90.0, mirror="vertical", direction="counterclockwise"),
    "smpte253": _sweep(0.0, 1.0, 90.0, 90.0, mirror="horizontal", direction="counterclockwise"),
    "smpte254": _sweep(1.0, 0.0, 180.0, 90.0, mirror="vertical"),
    "smpte261": _clock(center=(0.5, 0.25), mirror="vertical", start=90.0),
    "smpte262": _clock(center=(0.25, 0.5), mirror="horizontal"),
    "smpte301": ("matrix_wipe", {"order": "snake", "softness": 0.0}),
    "smpte302": ("matrix_wipe", {"order": "snake_down", "softness": 0.0}),
    "smpte310": ("matrix_wipe", {"order": "spiral", "softness": 0.0}),
}

#: Names of gl-transitions whose formulas give something else on every graphics card, mostly because
#: of how they make random numbers. Ours follow the idea.
GL: Final[dict[str, Preset]] = {
    "doom_screen_transition": ("melt", {}),
    "film_burn": ("light_leak", {"strength": 1.5, "width": 0.8}),
    "glitch_displace": ("glitch_cut", {"columns": 12.0, "rows": 12.0, "amount": 0.3}),
    "inverted_page_curl": ("page_curl", {}),
    "luminance_melt": ("melt", {"luma": 1.0, "columns": 600.0, "uneven": 1.2}),
    "mosaic": ("mosaic_wall", {}),
    "perlin": ("cloud_wipe", {}),
    "random_noisex": ("random_dissolve", {"size": 4.0}),
    "random_squares": ("matrix_wipe", {"columns": 10, "rows": 10, "softness": 0.5}),
    "static_wipe": ("tv_static", {"bars": 1.0}),
    "stereo_viewer": ("viewer", {}),
    "tangent_motion_blur": ("whip_pan", {"distance": 1}),
}

#: What another program draws under a name that is one of our ops to the last bit.
SAME: Final[dict[str, Preset]] = {
    "gl:fade": ("dissolve", {}),
    "gl:multiply_blend": ("multiply_blend", {}),
    "xfade:fade": ("dissolve", {}),
}

#: Editors' own words.
EDITORS: Final[dict[str, Preset]] = {
    "additive_dissolve": ("additive", {}),
    "checkerboard": ("matrix_wipe", {"order": "checker", "softness": 0.5}),
    "clock_wipe": ("clock", {}),
    "cross_dissolve": ("dissolve", {}),
    "crossfade": ("dissolve", {}),
    "diamond": ("iris", {"shape": "diamond"}),
    "crt_off": ("tube_off", {}),
    "dip_to_black": ("dip", {"color": (0.0, 0.0, 0.0)}),
    "dip_to_white": ("dip", {"color": (1.0, 1.0, 1.0)}),
    "iris_cross": ("iris", {"shape": "cross"}),
    "iris_hexagon": ("iris", {"shape": "polygon", "points": 6}),
    "iris_oval": ("iris", {"shape": "oval"}),
    "iris_rectangle": ("iris", {"shape": "rectangle"}),
    "iris_square": ("iris", {"shape": "square"}),
    "iris_star": ("iris", {"shape": "star"}),
    "iris_triangle": ("iris", {"shape": "polygon", "points": 3}),
    "spiral_boxes": ("matrix_wipe", {"order": "spiral"}),
    "zigzag_blocks": ("matrix_wipe", {"order": "snake"}),
    **_ways("push_", "slide"),
    **_ways("whip_", "whip_pan"),
}


#: What is left out where names are compared.
_GAP: Final = "[-_ ]*"


def folded(name: str) -> str:
    """The compared form of a name."""
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")


def spellings(names: Iterable[str]) -> str:
    """A pattern, of the kind that JSON Schema has, of all that is compared as one of some names.

    It takes only ASCII letters for theirs, where :func:`folded` takes a few more.
    """
    return _pattern(tuple(sorted({folded(name) for name in names})))


@cache
def _pattern(names: tuple[str, ...]) -> str:
    return f"^{_GAP}{_tree([*names])}$"


def _tree(tails: list[str]) -> str:
    """A pattern of texts, of which no two begin with the same branch."""
    groups = groupby((tail for tail in tails if tail), key=lambda tail: tail[0])
    branches = [_letter(first) + _tree([t[1:] for t in group]) for first, group in groups]
    if len(branches) == 1 and tails[0]:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'' if tails[0] else '?'}" if branches else ""


def _letter(letter: str) -> str:
    known = f"[{letter.upper()}{letter}]" if letter.isalpha() else re.escape(letter)
    return known + _GAP


def _transitions() -> list[str]:
    """The names of vedc's own transition ops."""
    rooms = ("transition", "compatible")
    return [name for name, module in MODULES.items() if module.partition(".")[0] in rooms]


def _bare() -> dict[str, Preset]:
    """The names of gl-transitions, alone, that are not used otherwise."""
    used = {folded(name) for name in (*_transitions(), *XFADE, *SMPTE, *GL, *EDITORS)}
    names = [name.removeprefix("gl:") for name in _transitions() if name.startswith("gl:")]
    return {name: (f"gl:{name}", {}) for name in names if folded(name) not in used}


#: Every name that is not an op's.
PRESETS: Final[dict[str, Preset]] = {**XFADE, **SMPTE, **GL, **SAME, **EDITORS, **_bare()}


@cache
def _known() -> dict[str, str]:
    return {folded(name): name for name in (*_transitions(), *PRESETS)}


def spelled(name: str) -> str:
    """The name of the transition or preset that is meant, as it is listed; the name itself if none
    is."""
    key = folded(name)
    if key in _known():
        return _known()[key]
    plugins = {folded(op.name): op.name for op in registry.by_kind("transition")}
    return plugins.get(key, name)


def namesakes(name: str) -> tuple[str, ...]:
    """The names with ``gl:`` or ``xfade:`` of what other programs draw under that name."""
    alone = folded(name.rpartition(":")[2])
    known = (_known().get(f"{program}:{alone}") for program in ("gl", "xfade"))
    return tuple(n for n in known if n is not None and n != name)
