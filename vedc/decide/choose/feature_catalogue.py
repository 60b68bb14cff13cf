"""The named features of a score: scales that map raw measures to 0..1, and phrases.

A raw measure has a unit (seconds, decibels, a share). NaN means that it cannot be measured (no
sound, no picture), and contributes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from vedc.decide.arrays import Floats


@dataclass(frozen=True, slots=True)
class Feature:
    """A named measure. ``scale`` maps the raw measure to 0..1; ``say`` puts it in words."""

    of: Literal["cut", "piece"]
    doc: str
    scale: Callable[[Floats], Floats]
    say: Callable[[float], str]

    def value(self, raw: Floats) -> Floats:
        """0 to 1; 0 where the raw measure is unknown."""
        scaled: Floats = np.nan_to_num(np.clip(self.scale(raw), 0.0, 1.0), nan=0.0)
        return scaled


def _s(value: float) -> str:
    return f"{value:.2f} s"


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _same(raw: Floats) -> Floats:
    return raw


def _ramp(low: float, high: float) -> Callable[[Floats], Floats]:
    """0 at ``low``, 1 at ``high``, linear between."""

    def scale(raw: Floats) -> Floats:
        return (raw - low) / (high - low)

    return scale


def _length_fit(raw: Floats) -> Floats:
    """1 from 2.5 to 5 seconds, 0 at one and at twelve, linear in log2 of the length."""
    octaves = np.log2(np.maximum(raw, 1e-3))
    up, down = octaves / np.log2(2.5), (np.log2(12.0) - octaves) / np.log2(12.0 / 5.0)
    fit: Floats = np.minimum(up, down)
    return fit


FEATURES: Final[Mapping[str, Feature]] = {
    "in_word": Feature(
        "cut",
        "The cut falls while somebody speaks: seconds to the nearer end of the speech; "
        "0.5 at its very edge, 1 from 0.3 s on.",
        lambda raw: np.where(raw > 0, 0.5 + raw / 0.6, 0.0),
        lambda raw: f"{_s(raw)} inside speech",
    ),
    "pause": Feature(
        "cut",
        "The cut falls in a pause: seconds to the nearest speech, 1 from 0.25 s on.",
        _ramp(0.0, 0.25),
        lambda raw: f"{_s(raw)} from the nearest word" if raw < 60 else "nobody speaks near it",
    ),
    "beat": Feature(
        "cut",
        "Seconds to the nearest beat: 1 on it, 0 from 0.12 s on.",
        _ramp(0.12, 0.0),
        lambda raw: "on the beat" if raw < 0.005 else f"{_s(raw)} off the beat",
    ),
    "still": Feature(
        "cut",
        "Motion at the cut within the range of the half second around it: 1 at its minimum.",
        _ramp(1.0, 0.0),
        lambda raw: (
            "motion at its least" if raw < 0.02 else f"motion {_share(raw)} up from its least"
        ),
    ),
    "blur": Feature(
        "cut",
        "How much less sharp the frame at the cut is than those around it: 1 at half as sharp.",
        _ramp(0.0, 0.5),
        lambda raw: f"{_share(raw)} less sharp than around it",
    ),
    "quiet": Feature(
        "cut",
        "How far the sound at the cut lies below its loudest within half a second: 1 at 20 dB.",
        _ramp(0.0, 20.0),
        lambda raw: f"{raw:.0f} dB below the sound around it",
    ),
    "boundary": Feature(
        "cut",
        "The cut is where one shot of the source ends and another begins: 1 there, else 0.",
        lambda raw: np.where(raw < 1e-6, 1.0, 0.0),
        lambda raw: "on a shot boundary",
    ),
    "stub": Feature(
        "cut",
        "A few frames of another shot flash: seconds from a piece's beginning to the next shot "
        "boundary, or from the last one to its end; 1 at a frame, 0 from 0.5 s on.",
        _ramp(0.5, 0.0),
        lambda raw: f"{_s(raw)} of another shot",
    ),
    "sharpness": Feature(
        "piece", "Mean sharpness within its file, 0 to 1.", _same,
        lambda raw: f"sharpness {raw:.2f}",
    ),
    "exposure": Feature(
        "piece",
        "How near the mean brightness of its frames is to middle grey (0.45 of the code range); "
        "0 when 0.4 away.",
        _same,
        lambda raw: f"exposure {_share(raw)}",
    ),
    "contrast": Feature(
        "piece",
        "Mean contrast of its frames (deviation of luma): 1 from 0.25 on.",
        _ramp(0.0, 0.25),
        lambda raw: f"contrast {raw:.2f}",
    ),
    "colour": Feature(
        "piece",
        "Mean colourfulness (Hasler and Suesstrunk): 1 from 0.6 on.",
        _ramp(0.0, 0.6),
        lambda raw: f"colourfulness {raw:.2f}",
    ),
    "motion": Feature(
        "piece",
        "Mean motion: 1 from 0.2 longer sides a second on.",
        _ramp(0.0, 0.2),
        lambda raw: f"motion {raw:.2f}",
    ),
    "shake": Feature(
        "piece",
        "How the camera's speed strays, in longer sides a second: 0 up to 0.05, as a steady hand "
        "does, 1 from 0.3 on.",
        _ramp(0.05, 0.3),
        lambda raw: f"the camera shakes by {raw:.2f}",
    ),
    "novelty": Feature(
        "piece",
        "How unlike the seconds before it is: 1 from 0.4 on.",
        _ramp(0.0, 0.4),
        lambda raw: f"novelty {raw:.2f}",
    ),
    "speech": Feature(
        "piece", "Share of its time in which somebody speaks.", _same,
        lambda raw: f"speech for {_share(raw)} of it",
    ),
    "loudness": Feature(
        "piece",
        "Mean level between the file's softest and loudest tenth: 0 to 1.",
        _same,
        lambda raw: f"louder than {_share(raw)} of the file's range",
    ),
    "length": Feature(
        "piece",
        "Seconds: 1 from 2.5 to 5, 0 at one and at twelve, straight in doublings.",
        _length_fit,
        lambda raw: f"{raw:.1f} s long",
    ),
    "whole": Feature(
        "piece", "Share of its shot that is kept.", _same,
        lambda raw: "the whole shot" if raw > 0.995 else f"{_share(raw)} of its shot",
    ),
    "peak": Feature(
        "piece",
        "How far motion, sound, novelty and colour rise above the ten seconds around it; "
        "1 at a quarter of their range.",
        _ramp(0.0, 0.25),
        lambda raw: f"stands out by {_share(raw)} from what is around it",
    ),
    "central": Feature(
        "piece",
        "How much of the film the key frame in it stands for: share covered.",
        _same,
        lambda raw: f"stands for {_share(raw)} of the film",
    ),
    "alike": Feature(
        "piece",
        "How like a better piece that was chosen it looks: 0 to 1.",
        _same,
        lambda raw: f"{_share(raw)} like another piece",
    ),
}  # fmt: skip

CUTS: Final = tuple(name for name, f in FEATURES.items() if f.of == "cut")

PIECES: Final = tuple(name for name, f in FEATURES.items() if f.of == "piece")


def phrase(name: str, raw: float) -> str:
    """A feature's raw measure as a person would say it."""
    return "" if math.isnan(raw) else FEATURES[name].say(raw)
