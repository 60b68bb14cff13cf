"""Items without a file: colours, generators, adjustments, gaps."""

from __future__ import annotations

from typing import Final

from vedc.lang.keys.item import keys_of
from vedc.lang.keys.parts import (
    COMMON,
    GENERATOR_CALL,
    ITEM_ID,
    place_keys,
)
from vedc.lang.records.common import PLACE_WORDS, SOUND_ADVICE
from vedc.lang.schema.quantities import ColorValue
from vedc.lang.schema.records import Key, Record
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import OnlyTrue

COLOR: Final = Record(
    "color",
    "A plain colour, as large as the canvas unless it has a `width` and a `height`.",
    (
        Key("color", ColorValue(), "The colour.", required=True),
        *place_keys("How long it is shown; 100% lasts until the end of the timeline."),
        *keys_of("color"),
        *COMMON,
    ),
    later=("markers",),
    advice={
        **SOUND_ADVICE,
        **dict.fromkeys(
            ("fit", "crop"), "a colour has no picture; for its size write width and height"
        ),
    },
)
GENERATOR: Final = Record(
    "generator",
    "A computed picture, such as bars, gradients or noise. It is as large as the canvas unless it "
    "has a `width` and a `height`.",
    (
        Key(
            "generator",
            GENERATOR_CALL,
            "Name of a generator, or the long form with its parameters.",
            required=True,
            example="generator: checker",
        ),
        *place_keys("How long it is shown; 100% lasts until the end of the timeline."),
        *keys_of("generator"),
        *COMMON,
    ),
    later=("markers",),
    advice={
        **SOUND_ADVICE,
        **dict.fromkeys(("fit", "crop"), "a generator is drawn as large as its width and height"),
        "size": "parameters go into the long form: generator: {op: checker, size: 40}",
        "color": "parameters go into the long form: generator: {op: checker, size: 40}",
    },
)
ADJUSTMENT: Final = Record(
    "adjustment",
    "An adjustment layer: its grade, effects and mask work on everything below its track while it "
    "lasts. `opacity` and `blend_mode` mix the result with what was there.",
    (
        Key(
            "adjustment",
            OnlyTrue(),
            "true.",
            required=True,
            example="adjustment: true",
        ),
        *place_keys("How long it works; 100% lasts until the end of the timeline."),
        *keys_of("adjustment"),
        *COMMON,
    ),
    later=("markers",),
    advice={
        **SOUND_ADVICE,
        **dict.fromkeys(PLACE_WORDS, "it works on the whole canvas; limit it with `mask`"),
    },
)
GAP: Final = Record(
    "gap",
    "An empty stretch of the track: what is below it is visible.",
    (
        Key("gap", TimeSpan(percent=False), "How long.", required=True),
        ITEM_ID,
        COMMON[1],
    ),
    advice={"duration": "the length is the value of `gap`: {gap: 1s}"},
)
