"""Other programs' names for transitions: each is one of our ops with parameters.

A spec may use these names in place of ours. None is also the name of a transition op. Where
another program's name is one of our op names, both mean the same transition (gl-transitions'
``cube``, ``doorway``, ``morph`` and others), with two exceptions:

* ``fade``, a plain mix in xfade and gl-transitions, is our ``dissolve``;
* ``dissolve``, a random one in xfade, is our ``random_dissolve``.

``ripple``, ``swirl`` and ``kaleidoscope`` are also geometry ops; where the name appears decides
which one is meant.
"""

from __future__ import annotations

from typing import Any, Final

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
    "fadeblack": ("fade", {"color": (0.0, 0.0, 0.0)}),
    "fadewhite": ("fade", {"color": (1.0, 1.0, 1.0)}),
    "fadegrays": ("fade_grays", {}),
    "fadefast": ("difference_fade", {"pace": "fast"}),
    "fadeslow": ("difference_fade", {"pace": "slow"}),
    "radial": ("clock", {"softness": 0.16}),
    "circleopen": ("iris", {"shape": "circle", "mode": "open", "softness": 1.0}),
    "circleclose": ("iris", {"shape": "circle", "mode": "close", "softness": 1.0}),
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
    "zoomin": ("zoom_in", {}),
    "distance": ("distance_dissolve", {}),
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

#: gl-transitions (gl-transitions.com), in snake case. Ours follow the idea, not the code.
GL: Final[dict[str, Preset]] = {
    "angular": ("clock", {"start": 90.0}),
    "bow_tie_horizontal": ("bow_tie", {"axis": "horizontal", "depth": 2.0}),
    "bow_tie_vertical": ("bow_tie", {"axis": "vertical", "depth": 2.0}),
    "butterfly_wave_scrawler": ("butterfly_wave", {"amplitude": 0.4, "waves": 10.0}),
    "circle": ("iris", {"shape": "circle"}),
    "colour_distance": ("distance_dissolve", {}),
    "colorphase": ("color_phase", {}),
    "crosshatch": ("cross_hatch", {}),
    "crosswarp": ("cross_warp", {}),
    "crosszoom": ("cross_zoom", {}),
    "directional": ("slide", {"direction": "up"}),
    "directional_warp": ("cross_warp", {"direction": "right", "angle": -45.0, "softness": 0.5}),
    "directional_wipe": ("smooth_wipe", {"direction": "right", "angle": -45.0, "softness": 0.5}),
    "displacement": ("smoke", {}),
    "doom_screen_transition": ("melt", {}),
    "dreamy_zoom": ("fly_through", {"twist": 90.0}),
    "edge_transition": ("edge_dissolve", {}),
    "fadecolor": ("fade", {}),
    "fadegrayscale": ("fade_grays", {"phase": 0.3}),
    "film_burn": ("light_leak", {"strength": 1.5, "width": 0.8}),
    "flyeye": ("fly_eye", {}),
    "glitch_displace": ("glitch_cut", {"columns": 12.0, "rows": 12.0, "amount": 0.3}),
    "glitch_memories": ("glitch_cut", {"columns": 32.0, "rows": 18.0, "color": 0.8}),
    "heart": ("iris", {"shape": "heart"}),
    "inverted_page_curl": ("page_curl", {}),
    "left_right": ("stretch", {"direction": "right"}),
    "luma": ("luma_key_fade", {}),
    "luminance_melt": ("melt", {"luma": 1.0, "columns": 600.0, "uneven": 1.2}),
    "pinwheel": ("clock", {"blades": 8, "softness": 0.05}),
    "polar_function": ("iris", {"shape": "flower", "points": 5, "mode": "close"}),
    "polka_dots_curtain": ("dots", {"center": (0.0, 0.0)}),
    "random_noisex": ("random_dissolve", {"size": 4.0}),
    "random_squares": ("matrix_wipe", {"columns": 10, "rows": 10, "softness": 0.5}),
    "rectangle_crop": ("blink", {"shape": "rectangle", "exponent": 2.0}),
    "rolls": ("roll", {}),
    "rotate_scale_fade": ("rotate_scale", {"scale": 8.0}),
    "rotate_scale_vanish": ("grow", {"turns": 1.0, "fade": True}),
    "scale_in": ("grow", {"fade": True}),
    "simple_zoom": ("zoom_in", {"quickness": 0.8, "overlap": 0.2}),
    "slides": ("grow", {"anchor": "bottom-right"}),
    "squares_wire": (
        "matrix_wipe",
        {"order": "diagonal", "fill": "grow", "columns": 10, "rows": 10},
    ),
    "star_wipe": ("iris", {"shape": "star", "spin": 90.0}),
    "static_wipe": ("tv_static", {"bars": 1.0}),
    "stereo_viewer": ("viewer", {}),
    "tangent_motion_blur": ("whip_pan", {"distance": 1}),
    "top_bottom": ("stretch", {"direction": "down"}),
    "undulating_burn_out": ("burn_out", {}),
    "water_drop": ("ripple_dissolve", {"spread": 1.0, "waves": 6.0, "speed": 3.0}),
    "window_blinds": ("blinds", {"softness": 0.3}),
    "window_slice": ("slices", {"direction": "right", "spread": 1.0}),
    **{f"wipe_{way}": ("wipe", {"direction": way}) for way in _WAYS},
    "burn": ("burn_dissolve", {}),
    "kaleidoscope": ("kaleidoscope_dissolve", {}),
    "linear_blur": ("blur_dissolve", {"length": 0.1, "angle": 45.0}),
    "mosaic": ("mosaic_wall", {}),
    "perlin": ("cloud_wipe", {}),
    "ripple": ("ripple_dissolve", {}),
    "swirl": ("swirl_dissolve", {}),
    "x_axis_translation": ("slide", {"direction": "left"}),
}

_ALSO: Final = {
    "directionalwarp": "directional_warp",
    "directionalwipe": "directional_wipe",
    "randomsquares": "random_squares",
    "squareswire": "squares_wire",
    "windowblinds": "window_blinds",
    "windowslice": "window_slice",
}
GL.update({name: GL[other] for name, other in _ALSO.items()})

#: Editors' own words.
EDITORS: Final[dict[str, Preset]] = {
    "additive_dissolve": ("additive", {}),
    "checkerboard": ("matrix_wipe", {"order": "checker", "softness": 0.5}),
    "clock_wipe": ("clock", {}),
    "cross_dissolve": ("dissolve", {}),
    "diamond": ("iris", {"shape": "diamond"}),
    "crt_off": ("tube_off", {}),
    "dip_to_black": ("fade", {"color": (0.0, 0.0, 0.0)}),
    "dip_to_white": ("fade", {"color": (1.0, 1.0, 1.0)}),
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

#: Every name above; no name is in two tables.
PRESETS: Final[dict[str, Preset]] = {**XFADE, **SMPTE, **GL, **EDITORS}
