"""What several records of the language share: keys of items, and the calls of ops."""

from __future__ import annotations

from typing import Final

from vedc.edit.easing import EASINGS
from vedc.lang.keys.calls import Call
from vedc.lang.keys.vocabulary import BlendMode, transition_presets
from vedc.lang.schema.quantities import Pair, Position, TimeSpan, Volume
from vedc.lang.schema.records import Animated, Key, ListOf
from vedc.lang.schema.values import Anything, Boolean, Number, Text, Word


def place_keys(duration: str) -> tuple[Key, ...]:
    return (
        Key("start", TimeSpan(), "Where it starts on the timeline; else where the last item ends."),
        Key("duration", TimeSpan(), duration),
    )


COMMON: Final = (
    Key("enabled", Boolean(), "If false it keeps its time but is neither seen nor heard.", True),
    Key("metadata", Anything(), "Notes for people and tools; not read."),
)
OPACITY: Final = Key(
    "opacity", Animated(Number(0, 1)), "0 is invisible, 1 covers what lies below.", 1
)
BLENDING: Final = (
    Key("blend_mode", BlendMode(), "How it meets what lies below.", "normal"),
    Key(
        "blend_space",
        Word(("display", "linear")),
        "What is blended: the values as they are shown, or the light that they stand for.",
        "display",
    ),
)
MASK_CALL: Final = Call(("mask",), "op", "mask")
_OP_MASK: Final = Key("mask", MASK_CALL, "Where the op works; else everywhere.")
GRADE_CALL: Final = Call(("grade",), "op", "grade op", extra=(_OP_MASK,))
EFFECT_CALL: Final = Call(
    ("grade", "key", "geometry", "stencil"), "op", "effect", extra=(_OP_MASK,)
)
_GRADE: Final = Key("grade", ListOf(GRADE_CALL, "grade op"), "Colour ops, applied in this order.")
_EFFECTS: Final = ListOf(EFFECT_CALL, "effect")


def effects(what: str) -> Key:
    doc = f"Ops applied to {what}, in this order: grade ops, keys, geometry, stencils."
    return Key("effects", _EFFECTS, doc)


def mask(what: str) -> Key:
    return Key("mask", MASK_CALL, f"Where {what} is seen, after its effects; else everywhere.")


OVERLAY: Final = (
    OPACITY,
    *BLENDING,
    Key("position", Position(), "The canvas point that the anchor is put on.", "center"),
    Key("anchor", Position(), "The item's own point; by default the same as position."),
    Key("offset", Pair("[x, y] in pixels"), "Moves it right and down, in canvas pixels.", [0, 0]),
    Key("scale", Number(above=0, high=100), "Factor on its size.", 1),
)
_FIT: Final = Key(
    "fit",
    Word(("contain", "cover", "stretch", "none", "contain-blur")),
    "How it fills the canvas: contain shows all of it, cover leaves nothing empty, stretch "
    "ignores its proportions, none keeps its pixels, contain-blur is contain with the same "
    "picture behind it, covering the canvas and blurred.",
    "contain",
)
OPS: Final = (_GRADE, effects("the item"), mask("the item"))
LOOK: Final = (*OVERLAY, _FIT, *OPS)
SOUND: Final = (
    Key("volume", Volume(), "Gain of the sound.", "0dB"),
    Key("fade_in", TimeSpan(), "The sound rises from silence for this long.", "0s"),
    Key("fade_out", TimeSpan(), "The sound falls to silence for this long.", "0s"),
)
RANGE: Final = (
    Key("in", TimeSpan(), "Where in the file it begins; frames count the file's rate.", "0s"),
    Key("out", TimeSpan(), "Where in the file it ends, itself excluded; else at its end."),
)
RANGE_CONFLICT: Final = (
    ("out", "duration"),
    "together with `in` they say the same twice: keep one of them",
)
LATER_LOOK: Final = ("rotation", "crop", "match")
LATER_TIME: Final = ("speed", "time_map", "reverse", "freeze")
LATER_SOUND: Final = ("duck", "loudness")


def source_key(word: str, what: str, like: str) -> Key:
    return Key(word, Text(f"{what}", like=like), f"{what[0].upper()}{what[1:]}.", required=True)


GENERATOR_CALL: Final = Call(("generator",), "op", "generator", short=True)
EASING: Final = Key("easing", Word(tuple(EASINGS)), "How its progress runs.", "linear")
TRANSITION_DURATION: Final = Key(
    "duration", TimeSpan(percent=False), "How long the two neighbours overlap.", "0.5s"
)
TRANSITION_CALL: Final = Call(
    ("transition",),
    "name",
    "transition",
    extra=(TRANSITION_DURATION, EASING),
    animated=False,
    short=True,
    presets=transition_presets,
)
