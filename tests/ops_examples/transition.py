"""Parameters other than the defaults for every transition: name -> parameters."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "dissolve": {},
    "wipe": {"direction": "down", "angle": 25.0, "softness": 0.2},
    "dip": {"color": (0.2, 0.4, 0.9)},
    # wipes
    "smooth_wipe": {"direction": "up", "angle": 15.0, "softness": 0.4},
    "diagonal": {"corner": "bottom-right", "softness": 0.3},
    "barn_doors": {"axis": "horizontal", "mode": "close", "angle": 30.0, "softness": 0.1},
    "box_wipe": {"anchor": "center", "mode": "close", "quarters": True, "softness": 0.15},
    "blinds": {"direction": "right", "angle": 20.0, "count": 4.5, "softness": 0.3},
    "slices": {"direction": "down", "count": 5.0, "spread": 0.8},
    "wind": {"direction": "right", "size": 0.4, "lines": 30.0, "seed": 3.0},
    "zigzag": {"direction": "left", "teeth": 3.0, "depth": 0.3, "barn": True, "softness": 0.1},
    "bow_tie": {"axis": "horizontal", "depth": 0.5, "softness": 0.1},
    # shapes
    "iris": {
        "shape": "star", "mode": "close", "center": (0.3, 0.6), "points": 6, "angle": 20.0,
        "spin": 45.0, "softness": 0.1,
    },
    "blink": {"shape": "rectangle", "color": (0.8, 0.1, 0.3), "exponent": 2.0},
    "clock": {
        "center": (0.4, 0.7), "start": 30.0, "direction": "counterclockwise", "blades": 3,
        "mirror": "horizontal", "softness": 0.1,
    },
    # patterns
    "random_dissolve": {"size": 2.0, "softness": 0.3, "seed": 4.0},
    "matrix_wipe": {"order": "spiral", "columns": 5, "rows": 4, "fill": "grow", "softness": 0.4},
    "dots": {"count": 5.0, "center": (0.2, 0.9), "spread": 0.5},
    "cloud_wipe": {"scale": 3.0, "softness": 0.3, "seed": 2.0},
    "cross_hatch": {
        "center": (0.1, 0.2), "lines": 12.0, "reach": 0.4, "softness": 0.2, "seed": 5.0,
    },
    "burn_out": {
        "center": (0.7, 0.4), "color": (0.9, 0.3, 0.1), "rim": 0.2, "ragged": 0.8, "scale": 3.0,
        "seed": 6.0,
    },
    "tv_static": {"size": 0.05, "bars": 0.9, "length": 0.4},
    "ring_wipe": {"count": 3.0, "center": (0.25, 0.5), "spread": 0.4},
    # fades
    "fade_grays": {"phase": 0.4},
    "additive": {"overlap": 0.6},
    "non_additive": {},
    "multiply_blend": {},
    "difference_fade": {"pace": "slow"},
    "distance_dissolve": {"softness": 0.3},
    "color_phase": {"delay": (0.7, 0.1, 0.3), "length": 0.4},
    "overexposure": {"strength": 3.0, "color": (1.0, 0.8, 0.6)},
    "burn_dissolve": {"color": (0.1, 0.5, 0.9)},
    "luma_key_fade": {"by": "second", "order": "bright", "softness": 0.4},
    "negative_dissolve": {"hold": 0.6},
    "light_leak": {"color": (0.3, 0.8, 1.0), "strength": 2.0, "width": 0.8},
    # slides
    "slide": {"direction": "down"},
    "cover": {"direction": "right", "shadow": 0.8},
    "reveal": {"direction": "up", "shadow": 0.5},
    "split_apart": {"axis": "vertical"},
    "slats": {"axis": "vertical", "count": 3.0},
    "squeeze": {"axis": "both", "anchor": "bottom-left"},
    "stretch": {"direction": "up"},
    "bounce": {"bounces": 2.5, "shadow": 0.2},
    "grow": {"anchor": "top-right", "turns": 0.7, "fade": True},
    "roll": {"corner": "top-right", "direction": "counterclockwise"},
    "swap": {"axis": "vertical", "depth": 1.0, "wide": 0.8, "color": (0.2, 0.1, 0.4)},
    # space
    "cube": {"direction": "down", "back": 0.6, "eye": 2.0, "color": (0.1, 0.2, 0.3)},
    "card_flip": {"direction": "up", "back": 0.2, "eye": 1.0, "color": (0.3, 0.2, 0.1)},
    "doorway": {"depth": 2.5, "angle": 70.0, "eye": 2.0, "color": (0.2, 0.2, 0.5)},
    "grid_flip": {
        "columns": 3.0, "rows": 2.0, "spread": 0.5, "random": 0.9, "color": (0.5, 0.5, 0.5),
        "seed": 7.0,
    },
    "page_curl": {"angle": 30.0, "radius": 0.3, "paper": 0.4, "shadow": 0.9},
    # zooms
    "zoom_in": {"center": (0.3, 0.6), "quickness": 0.7, "overlap": 0.3},
    "cross_zoom": {"strength": 0.8, "center": (0.7, 0.2)},
    "blur_dissolve": {"length": 0.5, "angle": 60.0},
    "whip_pan": {"direction": "up", "distance": 2, "blur": 0.9},
    "rotate_scale": {"turns": 1.5, "scale": 2.0, "center": (0.2, 0.3), "color": (0.4, 0.1, 0.1)},
    "fly_through": {"zoom": 4.0, "twist": 60.0},
    "zoom_in_circles": {"count": 3.0, "zoom": 0.6},
    "mosaic_wall": {"across": -1, "down": 2, "back": 1.5},
    # warps
    "cross_warp": {"direction": "down", "angle": 20.0, "softness": 0.4},
    "ripple_dissolve": {
        "center": (0.3, 0.4), "waves": 5.0, "amplitude": 0.1, "speed": 2.0, "spread": 0.7,
    },
    "swirl_dissolve": {"center": (0.6, 0.3), "turns": -2.0, "radius": 0.7},
    "dreamy": {"amplitude": 0.2, "waves": 3.0, "speed": -2.0, "axis": "horizontal"},
    "morph": {"strength": 0.3},
    "kaleidoscope_dissolve": {"segments": 4.0, "spin": -45.0},
    "fly_eye": {"size": 0.15, "zoom": 1.0, "color": 0.6},
    "butterfly_wave": {"amplitude": 0.3, "waves": 3.0, "color": 0.7},
    "smoke": {"strength": 0.5, "scale": 2.0, "seed": 8.0},
    "flow_morph": {},
    "melt": {"direction": "up", "columns": 9.0, "uneven": 0.8, "luma": 0.6, "seed": 9.0},
    # cells
    "pixelize": {"size": 0.2, "steps": 12},
    "hexagonalize": {"size": 0.2, "steps": 12},
    "glitch_cut": {
        "rows": 6.0, "columns": 5.0, "amount": 0.3, "color": 0.8, "rate": 7.0, "seed": 10.0,
    },
    "tube_off": {"thickness": 0.05, "glow": 3.0, "color": (0.1, 0.0, 0.2)},
    "edge_dissolve": {"strength": 8.0, "thickness": 1.0},
    "viewer": {
        "direction": "right", "zoom": 0.6, "corner": 0.2, "gap": 0.3, "color": (0.2, 0.3, 0.2),
    },
    # made by the user
    "luma_wipe": {"src": "picture", "softness": 0.3, "invert": True},
    "custom": {
        "expression": "x < p ? mix(b, b(1 - x, y), 1 - p) : mix(a, a(x, fract(y + p)), p)"
    },
}  # fmt: skip
