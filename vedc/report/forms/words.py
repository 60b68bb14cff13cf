"""The forms of reports on the language: ops, keys, text animations, targets."""

from __future__ import annotations

from typing import Final, get_args

from vedc.ops import OpKind
from vedc.report.forms.shape import (
    anything,
    choice,
    count,
    either,
    flag,
    listing,
    maybe,
    number,
    record,
    text,
)

PARAMETER: Final = record(
    {
        "name": text(),
        "kind": text("number, integer, rgb, pair, color, enum, boolean, curve, ..."),
        "default": anything("Null where there is none."),
        "low": maybe(number("Smallest value.")),
        "high": maybe(number("Largest value.")),
        "unit": text(),
        "summary": text(),
        "choices": listing(text()),
        "periodic": flag("Of a curve: whether x = 1 continues at x = 0, as hues do."),
        "shown": anything("A value for illustrations; null is the default."),
        "least": count("Of points: how many there must be."),
        "relative": flag("Whether a pair is a point in fractions of the picture."),
        "network": text("Of weights: the network that they are for."),
        "instead": text("Of a file: the parameter whose place it takes, or empty."),
        "required": flag(),
    }
)
_KIND: Final = choice("", *get_args(OpKind), "item key")
FOUND_OP: Final = record(
    {
        "name": text("As a spec writes it."),
        "kind": _KIND,
        "summary": text(),
        "params": listing(PARAMETER),
    }
)
OPS: Final = listing(FOUND_OP)

_NAMED: Final = {"name": text(), "summary": text()}
EXPLAINED_OP: Final = record(
    {
        **FOUND_OP["properties"],
        "op": text("The op behind a preset."),
        "use": text("When to use it."),
        "doc": text(),
        "works_on": choice("The encoding of its colours.", "linear", "display"),
        "leaves_the_picture": listing(text(), "Parameters with which it does nothing."),
        "keys": listing(record(_NAMED), "What a call takes besides its parameters."),
        "example": text("YAML."),
    }
)
EXPLAINED_KEY: Final = record(
    {
        **_NAMED,
        "kind": choice("", "item key"),
        "value": text("What it takes, in words."),
        "default": anything("Null where there is none."),
        "animated": flag("Whether it takes keyframes."),
        "items": listing(text(), "The kinds of item that have it."),
    }
)
EXPLAINED_ANIMATION: Final = record(
    {
        **_NAMED,
        "kind": choice("", "text animation"),
        "by": text("What moves."),
        "duration": number("Seconds.", 0),
        "easing": text(),
        "stagger": number("", 0),
        "example": text("YAML."),
    }
)
EXPLAINED_TARGET: Final = record(
    {
        **_NAMED,
        "kind": choice("", "target"),
        "settings": listing(record({"key": text(), "value": anything(), "reason": text()})),
        "notes": listing(text()),
    }
)
EXPLAINED: Final = either(
    EXPLAINED_OP, EXPLAINED_ANIMATION, EXPLAINED_TARGET, EXPLAINED_KEY, what="What a name means."
)
