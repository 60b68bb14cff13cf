"""The words of Shotstack in vedc's."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

SIZES: Final = {
    "preview": (512, 288, 15), "mobile": (640, 360, 25), "sd": (1024, 576, 25),
    "hd": (1280, 720, 25), "1080": (1920, 1080, 25), "4k": (3840, 2160, 25),
}  # fmt: skip
FITS: Final = {"crop": "cover", "cover": "stretch", "contain": "contain", "none": "none"}
PLACES: Final = {
    "center": "center", "top": "top", "bottom": "bottom", "left": "left", "right": "right",
    "topLeft": "top-left", "topRight": "top-right", "bottomLeft": "bottom-left",
    "bottomRight": "bottom-right",
}  # fmt: skip

_WAYS: Final = ("Left", "Right", "Up", "Down")
#: A transition by its name without its speed: what it is here, and whether it looks the same.
TRANSITIONS: Final[dict[str, tuple[dict[str, Any], bool]]] = {
    "fade": ({"preset": "dissolve"}, True),
    "reveal": ({"preset": "wipe", "direction": "right"}, True),
    "wipeLeft": ({"preset": "wipe", "direction": "left", "softness": 0.5}, True),
    "wipeRight": ({"preset": "wipe", "direction": "right", "softness": 0.5}, True),
    "zoom": ({"preset": "dissolve"}, False),
    **{f"slide{way}": ({"preset": "dissolve"}, False) for way in _WAYS},
    **{f"carousel{way}": ({"preset": f"slide{way.lower()}"}, True) for way in _WAYS},
    **{
        f"shuffle{name}": ({"preset": f"slide{way}"}, False)
        for name, way in {
            "TopRight": "left", "RightTop": "left", "RightBottom": "left", "BottomRight": "left",
            "BottomLeft": "right", "LeftBottom": "right", "LeftTop": "right", "TopLeft": "right",
        }.items()
    },
}  # fmt: skip
#: Seconds of a transition by the end of its name.
SPEEDS: Final = {"": Fraction(1), "Fast": Fraction(1, 2), "Slow": Fraction(2)}

#: A filter: its steps, and whether they are a grade; greyscale and negative are exact.
FILTERS: Final[dict[str, tuple[str, list[dict[str, Any]], bool]]] = {
    "blur": ("effects", [{"op": "gaussian_blur", "radius": 12}], False),
    "boost": (
        "grade",
        [{"op": "contrast", "amount": 1.2}, {"op": "saturation", "amount": 1.4}],
        False,
    ),
    "contrast": ("grade", [{"op": "contrast", "amount": 1.3}], False),
    "darken": ("grade", [{"op": "exposure", "stops": -1}], False),
    "greyscale": ("grade", [{"op": "saturation", "amount": 0}], True),
    "lighten": ("grade", [{"op": "exposure", "stops": 1}], False),
    "muted": (
        "grade",
        [{"op": "saturation", "amount": 0.6}, {"op": "contrast", "amount": 0.85}],
        False,
    ),
    "negative": ("grade", [{"op": "invert"}], True),
}
#: Animations of texts that look alike here.
ANIMATIONS: Final = {"typewriter": "typewriter", "fadeIn": "fade"}
TITLE_SIZES: Final = {
    "xx-small": "2.5%", "x-small": "3.5%", "small": "5%", "medium": "7%", "large": "10%",
    "x-large": "14%", "xx-large": "19%",
}  # fmt: skip
