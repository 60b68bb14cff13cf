"""How something is heard: level, place, fades, effects."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from vedc.edit.values import Number
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Duck:
    """A sound is lowered while others are heard."""

    under: tuple[str, ...]
    """Ids of tracks, of audio items and of items on tracks."""
    by: float
    """Decibels, 0 or more."""
    attack: Fraction
    """Seconds in which it falls."""
    release: Fraction
    threshold: float
    """Decibels of full scale above which the others are heard."""


@dataclass(frozen=True, slots=True)
class LoudnessTarget:
    """A loudness by EBU R 128."""

    integrated: float
    """LUFS."""
    true_peak: float = -1.0
    """dBTP, at most."""
    range: float | None = None
    """LU, at most; None: as it is."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A filter of a sound, with every parameter: decibels, seconds, hertz, ratios."""

    name: Literal[
        "denoise", "gate", "compressor",
        "peak", "low_shelf", "high_shelf", "highpass", "lowpass", "notch",
    ]  # fmt: skip
    params: tuple[tuple[str, Number], ...]


@dataclass(frozen=True, slots=True)
class Reverb:
    """Reverb around a sound."""

    amount: float
    """Its level relative to the sound: 1 is as loud."""
    time: Fraction
    """Seconds in which it falls by 60 dB."""
    delay: Fraction
    """Seconds before it is heard."""


@dataclass(frozen=True, slots=True)
class SoundFade:
    """From or to silence."""

    duration: Fraction
    """Seconds."""
    curve: str = "tri"
    """One of :data:`vedc.edit.tables.sound_words.CURVES`."""


ChannelMap = Literal["left", "right", "swap", "mono"]
"""The channels heard of stereo: one in both speakers, both swapped, or their mean."""


@dataclass(frozen=True, slots=True)
class Sound:
    """How an item, a track or the film is heard."""

    volume: Number = 0.0
    """Decibels; ``-inf`` is silence."""
    fade_in: SoundFade | None = None
    """None: a short one where the sound would click."""
    fade_out: SoundFade | None = None
    pan: Number = 0.0
    """-1 is left, 1 is right."""
    channels: ChannelMap | None = None
    duck: Duck | None = None
    denoise: Effect | None = None
    gate: Effect | None = None
    eq: tuple[Effect, ...] = ()
    compressor: Effect | None = None
    reverb: Reverb | None = None
    limiter: float | None = None
    """Of the film: its highest true peak in dBTP; None: full scale, as samples count it."""
    loudness: LoudnessTarget | None = None
    """Of the film."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Its filters before its level, in their order."""
        found = self.denoise, self.gate, *self.eq, self.compressor
        return tuple(effect for effect in found if effect is not None)
