"""Keys shared by the records of several kinds of item."""

from __future__ import annotations

from typing import Final

SOUND_ADVICE: Final = {
    "fade_in": "it is for sound; a picture fades in with enter: {preset: fade, duration: 0.4s}",
    "fade_out": "it is for sound; a picture fades out with exit: {preset: fade, duration: 0.4s}",
    "volume": "only clips and audio items have sound",
}
PLACE_WORDS: Final = ("position", "anchor", "offset", "scale", "rotation", "crop", "fit")
ONE_CROP: Final = (("crop", "ken_burns"), "ken_burns is a crop that moves: keep one of them")
