"""Transitions, and those that vedc chooses."""

from __future__ import annotations

from typing import Final

from vedc.lang.keys.auto import JOIN
from vedc.lang.keys.items import TransitionItem
from vedc.lang.keys.parts import (
    COMMON,
    TRANSITION_KEYS,
)
from vedc.lang.keys.random_pick import TransitionCall
from vedc.lang.schema.records import Key, Record, Short

TRANSITION: Final = TransitionItem(
    "transition item",
    "From the item before to the item after. They overlap for its duration, so the track gets "
    "shorter by it; with `placement: centered` it keeps its length.",
    (
        Key(
            "transition",
            TransitionCall(),
            "Name of a transition (case, `_`, `-` and spaces do not count), or the long form; or "
            "random, or [its long form](#random-transition).",
            required=True,
        ),
        *TRANSITION_KEYS,
        COMMON[1],
    ),
    advice={
        "enabled": "remove it or comment it out; without it, the track is longer",
        "direction": "parameters go into the long form: transition: {name: wipe, direction: left}",
        "color": "parameters go into the long form: transition: {name: dip, color: white}",
    },
)
CHOSEN_ITEM: Final = Record(
    "chosen transition item",
    "A transition that vedc chooses between the clips before and after; it is in vedc.lock.",
    (
        Key(
            "transition",
            Short("name", JOIN),
            "auto, or the long form with its options.",
            required=True,
        ),
        COMMON[1],
    ),
    advice={
        "duration": "put it into the long form: transition: {name: auto, duration: 0.5s}",
        "level": "put it into the long form: transition: {name: auto, level: lively}",
        "choose": "put it into the long form: transition: {name: auto, choose: [dissolve, wipe]}",
        "weights": "put it into the long form: transition: {name: auto, weights: joins.json}",
    },
)
