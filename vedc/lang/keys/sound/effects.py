"""Filters of a sound: their records, with units, ranges and defaults."""

from __future__ import annotations

from typing import Final

from vedc.lang.schema.animated import Animated
from vedc.lang.schema.quantities import Volume
from vedc.lang.schema.records import Key, ListOf, Record, Short
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Number, Word


class Decibels(Volume):
    """Decibels, or for some a percentage; the reader checks the range."""

    @classmethod
    def _cure(cls, number: float) -> str | None:
        return f"write {number:g}dB" if abs(number) <= 1000 else None


_TIME: Final = TimeSpan(percent=False)
_MOVES: Final = " May have keyframes."

#: Per kind of band: what its gain does; those without take none.
BANDS: Final = {
    "peak": "raises or lowers what is around its frequency",
    "low_shelf": "raises or lowers all below",
    "high_shelf": "raises or lowers all above",
    "highpass": "removes what is below, by 12 dB an octave",
    "lowpass": "removes what is above, by 12 dB an octave",
    "notch": "removes what is at its frequency",
}
GAINLESS: Final = ("highpass", "lowpass", "notch")

BAND: Final = Record(
    "eq band",
    "A band of an equaliser. " + "; ".join(f"`{name}` {doc}" for name, doc in BANDS.items()) + ".",
    (
        Key("type", Word(tuple(BANDS)), "What it does.", "peak"),
        Key(
            "frequency",
            Animated(Number(10, 40000, unit="Hz")),
            "Where it works." + _MOVES,
            required=True,
            example="frequency: 200",
        ),
        Key(
            "gain",
            Animated(Decibels()),
            "How much it raises or lowers, up to 40 dB; peak and shelves only." + _MOVES,
            "0dB",
        ),
        Key("q", Number(0.1, 50), "How narrow it is: the frequency divided by its width.", 0.707),
    ),
    advice={
        "freq": "use `frequency`",
        "f": "use `frequency`",
        "width": "use `q`: the frequency divided by the width",
        "db": "use `gain`",
    },
)
EQ: Final = ListOf(BAND, "band", empty="empty-list")

DENOISE: Final = Short(
    "amount",
    Record(
        "denoising",
        "Removes steady noise, such as hiss and hum, by FFmpeg's afftdn.",
        (
            Key(
                "amount",
                Decibels(),
                "How much lower the noise gets: 0dB to 97dB.",
                required=True,
                example="amount: 12dB",
            ),
            Key(
                "floor",
                Decibels(),
                "The level of the noise, or somewhat above it: -80dB to -20dB. What is softer "
                "counts as noise.",
                "-50dB",
            ),
        ),
        advice={"strength": "use `amount`", "nr": "use `amount`", "nf": "use `floor`"},
    ),
)
COMPRESSOR: Final = Record(
    "compressor",
    "Makes loud sound softer, all channels alike, by FFmpeg's acompressor.",
    (
        Key(
            "threshold",
            Animated(Decibels()),
            "The level where it sets in: -60dB to 0dB." + _MOVES,
            "-18dB",
        ),
        Key(
            "ratio",
            Number(1, 20),
            "Above the threshold, this many decibels become one.",
            3,
        ),
        Key("attack", _TIME, "How long it takes to set in; at most 2s.", "0.02s"),
        Key("release", _TIME, "How long it takes to let go; at most 9s.", "0.25s"),
        Key("knee", Decibels(), "How wide the bend around the threshold is: 0dB to 18dB.", "9dB"),
        Key("makeup", Decibels(), "How much the whole is raised after it: 0dB to 36dB.", "0dB"),
    ),
    advice={"gain": "use `makeup`", "makeup_gain": "use `makeup`"},
)
GATE: Final = Record(
    "gate",
    "Makes soft sound softer, such as the room tone between words, by FFmpeg's agate.",
    (
        Key(
            "threshold",
            Animated(Decibels()),
            "The level below which it closes: -90dB to 0dB." + _MOVES,
            "-45dB",
        ),
        Key("by", Decibels(), "How much it lowers at most: 0dB to 90dB.", "24dB"),
        Key("ratio", Number(1, 9000), "Below the threshold, one decibel becomes this many.", 4),
        Key("attack", _TIME, "How long it takes to open; at most 9s.", "0.01s"),
        Key("release", _TIME, "How long it takes to close; at most 9s.", "0.25s"),
    ),
    advice={"range": "use `by`", "reduction": "use `by`"},
)

REVERB: Final = Short(
    "amount",
    Record(
        "reverb",
        "A room around a sound. It sounds on after the end of a clip.",
        (
            Key(
                "amount",
                Decibels(),
                "The level of the room relative to the sound: -60dB to 6dB, or a percentage.",
                required=True,
                example="amount: -15dB",
            ),
            Key("time", _TIME, "How long it takes to fall by 60 dB: 0.1s to 10s.", "1.2s"),
            Key("delay", _TIME, "How long after the sound it begins; at most 0.5s.", "0.02s"),
        ),
        advice={
            "size": "use `time`",
            "decay": "use `time`",
            "mix": "use `amount`",
            "wet": "use `amount`",
            "predelay": "use `delay`",
        },
    ),
)
LIMITER: Final = Short(
    "ceiling",
    Record(
        "limiter",
        "Keeps the true peaks of a film below a ceiling.",
        (
            Key(
                "ceiling",
                Decibels(),
                "The highest true peak: -20dB to 0dB.",
                required=True,
                example="ceiling: -1dB",
            ),
        ),
        advice={"threshold": "use `ceiling`", "limit": "use `ceiling`", "level": "use `ceiling`"},
    ),
)
