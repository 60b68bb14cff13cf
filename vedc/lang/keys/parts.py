"""Keys and op calls shared by several records of the language."""

from __future__ import annotations

from typing import Final

from vedc.edit.tables.sound_words import CURVES
from vedc.lang.keys.calls import Call
from vedc.lang.keys.vocabulary import (
    transition_name,
    transition_presets,
    transition_spellings,
)
from vedc.lang.schema.easings import EasingType
from vedc.lang.schema.fallback import FALLBACK_TYPE
from vedc.lang.schema.records import Brief, Key, Record, Several, Shared
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Anything, Boolean, Text, Word

ITEM_ID: Final = Key(
    "id",
    Text("a name", like="intro"),
    "A name, by which [expressions](#expressions) refer to it: `${{ end('intro') }}`.",
)


def place_keys(duration: str) -> tuple[Key, ...]:
    return (
        Key(
            "start",
            TimeSpan(from_end=True),
            "Start on the timeline, below 0 from its end; by default, the end of the item before.",
        ),
        Key("duration", TimeSpan(), duration),
        ITEM_ID,
    )


COMMON: Final = (
    Key("enabled", Boolean(), "If false, it keeps its time but is invisible and silent.", True),
    Key("metadata", Anything(), "Notes for people and tools; vedc ignores them."),
)
MASK_CALL: Final = Call(("mask",), "op", "mask")
_OP_MASK: Final = Key("mask", MASK_CALL, "Where the op works; by default, everywhere.")
GRADE_CALL: Final = Call(("grade",), "op", "grade op", extra=(_OP_MASK,))
EFFECT_CALL: Final = Call(
    ("grade", "key", "geometry", "stencil"), "op", "effect", extra=(_OP_MASK,)
)
#: Fallbacks for an op whose weights are missing: calls of effects, by name too.
FALLBACK_CALL: Final = Call(
    EFFECT_CALL.kinds, "op", "effect", extra=(_OP_MASK,), short=True, definition="effect_op"
)
FALLBACK_TYPE.calls = lambda: FALLBACK_CALL
MUTE: Final = Key("mute", Boolean(), "Whether its sound is muted.", False)


def source_key(word: str, like: str) -> Key:
    what = "an asset's id or a file"
    return Key(word, Text(what, like=like), "An asset's id or a file.", required=True)


#: The face detector of a decided crop.
FACES: Final = Key(
    "faces",
    Text("an asset's id or a file", like="yunet.onnx"),
    "A detector of faces for the decision to follow: an asset's id, or an .onnx file of the kind "
    "YuNet. It runs in a process of its own, and only with `--allow-models`.",
)
GENERATOR_CALL: Final = Call(("generator",), "op", "generator", short=True)
EASING: Final = Key("easing", Shared(EasingType()), "Easing of its progress.", "linear")
TRANSITION_DURATION: Final = Key("duration", TimeSpan(percent=False), "How long it lasts.", "0.5s")
FADE_CURVE: Final = Shared(Word(tuple(CURVES)))
TRANSITION_SOUND: Final = Brief(
    "name",
    Record(
        "transition sound",
        "How the sound of a transition goes over.",
        (
            Key(
                "name",
                Word(("crossfade", "dip", "cut")),
                "`crossfade` at constant power, `dip` through silence, `cut` within 5 ms in the "
                "middle (to or from nothing, not at all); by default as suits the transition.",
            ),
            Key(
                "curve",
                Several(FADE_CURVE, "curve", 2),
                "A curve as of FFmpeg's [acrossfade](#fade-curves), or two: how the one goes out, "
                "and how the other comes in. By default qsin, which keeps the power, and tri for a "
                "dip.",
            ),
        ),
        advice={"curve1": "write curve: [exp, log]", "curve2": "write curve: [exp, log]"},
    ),
)
TRANSITION_AUDIO: Final = Key(
    "audio",
    TRANSITION_SOUND,
    "How its sound goes over: `crossfade` at constant power, `dip` through silence, `cut` in the "
    "middle (to or from nothing, not at all); by default as suits the transition. With a curve: "
    "{name: crossfade, curve: exp}.",
)
TRANSITION_PLACEMENT: Final = Key(
    "placement",
    Word(("overlap", "centered")),
    "`overlap` pulls the item after it back by its duration; the track gets shorter. `centered` "
    "puts its middle on the cut, as NLEs do: the track keeps its length, and clips show what their "
    "files have beyond the cut (handles).",
    "overlap",
)
EDGE_KEYS: Final = (TRANSITION_DURATION, EASING, TRANSITION_AUDIO)
#: Keys of every transition between two items, besides the parameters of its op.
TRANSITION_KEYS: Final = (*EDGE_KEYS, TRANSITION_PLACEMENT)
_TRANSITION_ADVICE: Final = {
    "color": "to go through a colour, use dip",
    "direction": "use wipe, slide or cover",
}
TRANSITION_CALL: Final = Call(
    ("transition",),
    "name",
    "transition",
    extra=TRANSITION_KEYS,
    animated=False,
    short=True,
    presets=transition_presets,
    spelled=transition_name,
    spellings=transition_spellings,
    advice=_TRANSITION_ADVICE,
)
#: A transition from or to nothing, at an end of an item.
EDGE_CALL: Final = Call(
    ("transition",),
    "preset",
    "transition",
    extra=EDGE_KEYS,
    animated=False,
    short=True,
    presets=lambda: TRANSITION_CALL.presets(),
    spelled=transition_name,
    spellings=transition_spellings,
    advice={**_TRANSITION_ADVICE, "name": "use `preset`", "type": "use `preset`"},
    like=TRANSITION_CALL,
    definition="edge",
)
