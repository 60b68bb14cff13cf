"""Parameters that show each stencil, and each op of ``vedc.ops.filter.stylize``, at work."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "gaussian_blur": {"radius": 6.5},
    "box_blur": {"radius": 4.5, "iterations": 2},
    "directional_blur": {"length": 24.0, "angle": 30.0},
    "zoom_blur": {"amount": 0.25, "center": (0.4, 0.55)},
    "spin_blur": {"angle": 8.0, "center": (0.5, 0.45)},
    "lens_blur": {
        "radius": 7.0, "blades": 6, "rotation": 15.0, "highlights": 3.0, "threshold": 0.6,
    },
    "sharpen": {"amount": 1.2, "radius": 1.5, "threshold": 0.01},
    "clarity": {"amount": 0.6, "radius": 25.0},
    "halo": {"threshold": 0.5, "radius": 12.0, "amount": 0.6},
    "glow": {"amount": 0.6, "radius": 12.0},
    "median": {"radius": 1},
    "bilateral": {"spatial": 3.0, "tonal": 0.2},
    "denoise": {"strength": 0.08, "patch": 1, "search": 3},
    "wavelet_denoise": {"strength": 0.08, "chroma": 2.0},
    "grow_matte": {"radius": -2.5},
    "edge": {"style": "light", "amount": 1.5, "samples": 2},
    "emboss": {"angle": 225.0, "height": 1.5, "amount": 1.5},
    "chromatic_aberration": {"amount": 5.0},
    "rgb_shift": {"red": (-3.0, 0.5), "green": (0.0, 0.0), "blue": (3.0, -1.0)},
    "glitch": {"amount": 0.1, "share": 0.4, "stripes": 20, "split": 5.0, "seed": 3},
    "scan_lines": {"amount": 0.5, "spacing": 3.0, "speed": 7.0, "samples": 2},
    "god_rays": {
        "center": (0.3, 0.1), "amount": 1.5, "length": 0.8, "threshold": 0.3, "softness": 0.4,
        "color": (1.0, 0.8, 0.6),
    },
    "lens_dirt": {
        "amount": 3.0, "threshold": 0.3, "softness": 0.6, "spread": 0.08, "seed": 3,
    },
    "paint": {"size": 0.04, "relief": 0.5, "paper": 0.6, "color": 0.8, "amount": 0.9},
    "film_grain": {"amount": 0.08, "size": 1.6, "colored": True, "seed": 2, "samples": 2},
    "halftone": {"size": 6.0, "angle": 45.0, "samples": 2},
}  # fmt: skip
