"""Parameters to try geometry ops and generators with: none leaves the picture as it is."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "transform": {"position": (40.5, -12.25), "scale": (0.6, 0.7), "rotation": 20.0},
    "crop": {"left": 0.1, "top": 0.2, "right": 0.15, "bottom": 0.05},
    "flip": {"horizontal": True, "vertical": False},
    "zoom": {"amount": 1.7, "center": (0.3, 0.4)},
    "skew": {"horizontal": 15.0, "vertical": -5.0},
    "scroll": {"speed": (60.0, 25.0), "offset": (10.0, 0.5)},
    "tile": {"columns": 3.0, "rows": 2.5, "offset": (0.25, 0.0)},
    "mirror": {"angle": 30.0, "center": (0.5, 0.45)},
    "shake": {"amount": (30.0, 15.0), "rotation": 3.0, "zoom": 1.1, "seed": 4},
    "corner_pin": {
        "top_left": (0.1, 0.15),
        "top_right": (0.85, 0.05),
        "bottom_right": (0.95, 0.9),
        "bottom_left": (0.05, 0.75),
    },
    "tilt": {"pitch": 35.0, "yaw": -30.0, "roll": 5.0, "zoom": 0.9},
    "cylinder": {"bend": 140.0, "turn": 10.0},
    "reframe360": {"yaw": 40.0, "pitch": 15.0, "roll": -10.0, "fov": 100.0},
    "lens": {"k1": -0.25, "k2": 0.06, "direction": "distort"},
    "fisheye": {"fov": 140.0},
    "polar": {"direction": "to_polar", "radius": 1.2},
    "kaleidoscope": {"segments": 7.0, "angle": 15.0, "source": 40.0},
    "ripple": {"amplitude": 14.0, "wavelength": 60.0, "speed": 0.7},
    "wave": {"amplitude": 15.0, "wavelength": 130.0, "angle": 70.0},
    "swirl": {"angle": 140.0, "radius": 0.9},
    "bulge": {"amount": 0.7, "radius": 0.9},
    "displace": {"map": "picture", "amount": (25.0, -15.0)},
    "pixelate": {"size": (24.0, 18.0)},
    "solid_color": {"color": (0.2, 0.5, 0.7), "opacity": 0.8},
    "linear_gradient": {"start": (0.1, 0.0), "end": (0.8, 1.0), "colors": 4},
    "radial_gradient": {"center": (0.4, 0.5), "radius": 1.4, "colors": 3},
    "conic_gradient": {"angle": 30.0, "colors": 3},
    "checker": {"size": 37.5},
    "stripes": {"width": 48.5, "ratio": 0.3, "angle": 30.0, "speed": 20.0},
    "grid": {"size": (61.5, 40.0), "thickness": 2.5, "opacity": 0.4},
    "noise": {"pattern": "fractal", "size": 90.0, "octaves": 4, "colored": True, "seed": 3},
    "color_bars": {"pattern": "smpte_hd"},
    "zone_plate": {"frequency": 1.0, "speed": 0.3},
    "ramp": {"channels": "all", "steps": 32, "low": 0.1, "high": 0.9},
    "countdown": {"start": 8, "period": 0.8},
}
