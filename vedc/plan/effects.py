"""Sound filters in terms of libavfilter's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

from vedc.edit.sounds import Effect, Reverb
from vedc.edit.times import round_half_up
from vedc.edit.values import Keyframes, Number
from vedc.plan.settings import Curve, Room, SoundFilter

_EQ: Final[Mapping[str, str]] = {
    "peak": "equalizer",
    "low_shelf": "lowshelf",
    "high_shelf": "highshelf",
    "highpass": "highpass",
    "lowpass": "lowpass",
    "notch": "bandreject",
}

#: For each filter and parameter, libavfilter's name and unit: decibels as an amplitude factor,
#: seconds as milliseconds, or the number unchanged.
_PARAMS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "denoise": {
        "amount": ("noise_reduction", "number"),
        "floor": ("noise_floor", "number"),
    },
    "gate": {
        "threshold": ("threshold", "factor"),
        "by": ("range", "cut"),
        "ratio": ("ratio", "number"),
        "attack": ("attack", "ms"),
        "release": ("release", "ms"),
    },
    "compressor": {
        "threshold": ("threshold", "factor"),
        "ratio": ("ratio", "number"),
        "attack": ("attack", "ms"),
        "release": ("release", "ms"),
        "knee": ("knee", "factor"),
        "makeup": ("makeup", "factor"),
    },
}
_BAND: Final = {
    "frequency": ("frequency", "number"),
    "q": ("width", "number"),
    "gain": ("gain", "number"),
}
_NAMES: Final = {"denoise": "afftdn", "gate": "agate", "compressor": "acompressor", **_EQ}
_ALWAYS: Final = {
    "gate": "detection=rms:link=maximum",
    "compressor": "detection=rms:link=maximum",
    **dict.fromkeys(_EQ, "width_type=q:precision=f64"),
}


def sound_filter(effect: Effect, curve: Callable[[Number], float | Curve]) -> SoundFilter:
    """The filter that implements an effect. ``curve`` gives values over samples."""
    options = [_ALWAYS[effect.name]] if effect.name in _ALWAYS else []
    moving = []
    for name, value in effect.params:
        option, unit = _PARAMS.get(effect.name, _BAND)[name]
        found = curve(value)
        if isinstance(found, Curve):
            moving.append((option, found, unit == "factor"))
            found = found.points[0].value
        options.append(f"{option}={_in_unit(found, unit):.9g}")
    return SoundFilter(_NAMES[effect.name], ":".join(options), tuple(moving))


def _in_unit(value: float, unit: str) -> float:
    match unit:
        case "factor":
            return float(10.0 ** (value / 20))
        case "cut":
            return float(10.0 ** (-value / 20))
        case "ms":
            return 1000 * value
    return value


def room(reverb: Reverb | None, rate: int) -> Room | None:
    if reverb is None or not reverb.amount:
        return None

    def samples(seconds: Fraction) -> int:
        return round_half_up(seconds * rate)

    return Room(reverb.amount, samples(reverb.time), samples(reverb.delay))


def highest_frequency(effect: Effect) -> float:
    """The highest frequency of an equaliser band, in Hz; 0 for other filters."""
    found: Number = dict(effect.params).get("frequency", 0.0)
    if isinstance(found, Keyframes):
        return max(float(p.value) for p in found.points if not isinstance(p.value, tuple))
    return found
