"""Parameters for every grade: some that change the picture, and some that do not.

``curve`` parameters are flat tuples, ``color`` ones display-encoded triples, as the ops
declare their defaults. A ``table`` is left to the test.
"""

from __future__ import annotations

from typing import Any

#: Values that are neither defaults nor limits.
EXAMPLES: dict[str, dict[str, Any]] = {
    "exposure": {"stops": 0.7},
    "contrast": {"amount": 1.3, "pivot": 0.25},
    "saturation": {"amount": 1.4},
    "cdl": {
        "slope": (1.1, 0.9, 1.2), "offset": (0.02, -0.03, 0.05), "power": (0.8, 1.3, 1.1),
        "saturation": 0.7,
    },
    "lift_gamma_gain": {
        "lift": (0.1, -0.05, 0.0), "gamma": (1.2, 0.9, 1.0), "gain": (1.1, 1.0, 0.9),
    },
    "lut": {"strength": 0.6},
    "vignette": {"amount": 0.8, "size": 0.3, "softness": 0.4},
    "brightness": {"amount": 0.12},
    "gamma": {"amount": (1.3, 0.8, 1.1)},
    "offset": {"amount": (0.05, -0.1, 0.02)},
    "levels": {
        "in_black": (0.05, 0.1, 0.0), "in_white": (0.9, 0.95, 1.1), "gamma": (1.2, 0.8, 1.0),
        "out_black": (0.02, 0.0, 0.1), "out_white": (1.0, 0.9, 0.95),
    },
    "shadows_highlights": {"shadows": 0.6, "highlights": -0.5},
    "white_balance": {"temperature": 4300.0, "tint": 12.0},
    "color_balance": {
        "shadows": (-0.2, 0.0, 0.3), "midtones": (0.1, -0.1, 0.05), "highlights": (0.3, 0.1, -0.2),
    },
    "split_tone": {
        "shadows": (0.3, 0.5, 0.6), "highlights": (0.7, 0.55, 0.4), "balance": 0.1,
    },
    "channel_mixer": {
        "red": (0.8, 0.3, -0.1), "green": (0.1, 0.9, 0.05), "blue": (-0.2, 0.2, 1.1),
    },
    "hue": {"degrees": 40.0},
    "vibrance": {"amount": 0.7},
    "curves": {
        "master": (0.0, 0.05, 0.3, 0.2, 0.7, 0.8, 1.0, 0.95), "red": (0.0, 0.0, 0.4, 0.5, 1.0, 1.0),
        "green": (0.1, 0.0, 0.9, 1.0), "blue": (0.0, 0.1, 1.0, 0.9),
        "luma": (0.0, 0.0, 0.25, 0.2, 0.75, 0.85, 1.0, 1.0),
    },
    "hue_vs_hue": {"curve": (0.1, 0.5, 0.3, 0.58, 0.5, 0.5)},
    "hue_vs_sat": {"curve": (0.05, 0.5, 0.35, 0.8, 0.6, 0.3)},
    "hue_vs_luma": {"curve": (0.0, 0.6, 0.3, 0.45, 0.65, 0.3, 1.0, 0.6)},
    "luma_vs_sat": {"curve": (0.0, 0.0, 0.3, 0.6, 0.8, 0.5, 1.0, 0.2)},
    "monochrome": {"weights": (0.5, 0.4, 0.2), "filter": (1.0, 0.6, 0.2), "amount": 0.8},
    "sepia": {"amount": 0.7},
    "invert": {"amount": 0.8},
    "posterize": {"levels": 5.0},
    "threshold": {"level": 0.4, "softness": 0.1},
    "solarize": {"level": 0.6},
    "gamut": {"source": "bt2020", "target": "bt709", "method": "compress"},
    "transfer": {"source": "slog3", "target": "bt709"},
    "tone_map": {"method": "bt2390", "peak": 800.0, "white": 180.0},
    "flare": {
        "position": (0.35, 0.4), "intensity": 0.8, "size": 1.3, "color": (1.0, 0.8, 0.5),
        "ghosts": 1.4, "star": 0.8, "streak": 0.6, "ring": 0.7, "blades": 5, "rotation": 20.0,
    },
    "leak": {
        "amount": 0.7, "angle": 30.0, "width": 0.5, "color": (0.9, 0.5, 0.2), "speed": 0.5,
        "seed": 2,
    },
    "false_color": {},
    "zebra": {"low": 0.6, "high": 0.9, "size": 7.0, "color": (0.9, 0.1, 0.2)},
}  # fmt: skip

#: More sets, where an op has choices: each is another formula.
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "lut": ({"interpolation": "nearest"},),
    "gamut": (
        {"source": "sgamut3", "target": "bt709", "method": "clip"},
        {"source": "bt709", "target": "bt2020", "method": "none"},
    ),
    "transfer": (
        {"source": "pq", "target": "srgb"}, {"source": "bt709", "target": "pq"},
        {"source": "hlg", "target": "bt1886"}, {"source": "bt709", "target": "hlg"},
        {"source": "logc4", "target": "linear"}, {"source": "bt709", "target": "clog3"},
        {"source": "clog3", "target": "bt709"}, {"source": "log3g10", "target": "acescct"},
    ),
    "tone_map": (
        {"method": "reinhard", "per_channel": True}, {"method": "hable", "peak": 400.0},
        {"method": "aces", "per_channel": True}, {"method": "bt2390", "per_channel": True},
    ),
}  # fmt: skip

#: With these a grade leaves every picture as it is and says so (``Op.identity``); for the
#: other grades their defaults do. Grades that are None always change something.
NEUTRAL: dict[str, dict[str, Any] | None] = {
    "lut": {"strength": 0.0},
    "flare": {"intensity": 0.0},
    "leak": {"amount": 0.0},
    "monochrome": {"amount": 0.0},
    "sepia": {"amount": 0.0},
    "invert": {"amount": 0.0},
    "gamut": {"source": "bt709", "target": "bt709"},
    "transfer": {"source": "slog3", "target": "slog3"},
    "posterize": None,
    "threshold": None,
    "solarize": None,
    "tone_map": None,
    "false_color": None,
    "zebra": None,
}
