"""Conditions of ``keep``: which moments stay, by their measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final, Literal

from vedc.edit.times import MAX_CHARACTERS, MAX_SECONDS
from vedc.errors import SourceLocation
from vedc.lang.keys import not_yet
from vedc.lang.schema.records import Key, ListOf, Record, Several
from vedc.lang.schema.times import TimeSpan, time_pattern
from vedc.lang.schema.values import Json, Number, Text, Type, is_number
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass
from vedc.support.suggest import did_you_mean

Measure = Literal[
    "speech", "silence", "loudness", "motion", "sharpness", "brightness", "colorfulness",
    "novelty",
]  # fmt: skip

#: What a condition may ask of a moment.
MEASURES: Final[Mapping[Measure, str]] = {
    "speech": "somebody speaks: probability, 0 to 1",
    "silence": "nothing is heard",
    "loudness": "the level of the sound, in dB of full scale",
    "motion": "how much moves from frame to frame, 0 to 1",
    "sharpness": "how sharp the picture is, 0 to 1",
    "brightness": "the picture's mean luma, 0 to 1",
    "colorfulness": "how colourful the picture is, 0 to 1",
    "novelty": "how unlike the seconds before it the picture is, 0 to 1",
}


#: Condition on a moment other than a measure.
SAID: Final = "said"
_SAID_DOC: Final = "this is said, or one of these, whatever the case and punctuation"
_TEXTS: Final = Several(Text("what is said", like='"next quarter"'), "text")


@dataclass(frozen=True, slots=True)
class Margin:
    """Seconds added before and after what is selected; negative values trim it."""

    before: Fraction
    after: Fraction


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition for keeping a moment: a measure, what is ``said``, or ``and``, ``or``, ``not`` of
    ``parts``."""

    kind: str
    parts: tuple[Condition, ...] = ()
    above: float | None = None
    below: float | None = None
    margin: Margin | None = None
    said: tuple[str, ...] = ()
    """For ``said``: texts, one of which is said at the moment."""
    location: SourceLocation | None = None
    """Where these texts stand."""

    @property
    def asks_words(self) -> bool:
        """Whether it depends on what is said."""
        return self.kind == SAID or any(part.asks_words for part in self.parts)


Seconds = Callable[[SpecNode, str], Fraction]
"""A time of the spec in seconds."""


class MarginType(Type):
    """``0.2s``, or ``[before, after]``; negative values trim instead."""

    phrase = "a time such as 0.2s, or [before, after]"

    def schema(self, shared: Json) -> Json:
        time = {
            "type": ["number", "string"],
            "minimum": -MAX_SECONDS,
            "maximum": MAX_SECONDS,
            "maxLength": MAX_CHARACTERS,
            "pattern": f"^-?{time_pattern(percent=False)}$",
        }
        pair = {"type": "array", "items": time, "minItems": 2, "maxItems": 2}
        shared["margin"] = {"anyOf": [time, pair]}
        return {"$ref": "#/definitions/margin"}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, list):
            if len(node.value) != 2:
                self.reject(node, name, problems)
                return
            for part in node.value:
                self._check_one(part, name, problems)
        else:
            self._check_one(node, name, problems)

    @staticmethod
    def _check_one(node: SpecNode, name: str, problems: Problems) -> None:
        TimeSpan(percent=False).check(node.with_value(_unsigned(node)), name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        parts = node.value if isinstance(node.value, list) else [node, node]
        return node.with_value([self._one(part) for part in parts])

    @staticmethod
    def _one(node: SpecNode) -> SpecNode:
        sign = "-" if _unsigned(node) != node.value else ""
        plain = TimeSpan(percent=False).canonical(node.with_value(_unsigned(node)))
        return node.with_value(f"{sign}{plain.value}")


def _unsigned(node: SpecNode) -> str | int | float | bool | None:
    value = node.value
    if isinstance(value, str) and value.startswith("-"):
        return value[1:]
    if is_number(value) and node.number < 0:
        return -node.number
    return None if isinstance(value, (list, dict)) else value


#: Measures that no analysis gives yet.
_LATER: Final = {"faces": not_yet.CURES["faces"]}
_LIMITS: Final = (
    Key("above", Number(), "It must be greater than this."),
    Key("below", Number(), "It must be less than this."),
    Key("margin", MarginType(), "Time to keep before and after it."),
)
_COMPARED: Final = Record("limits", "Limits for a measure.", _LIMITS)


def _rule(measure: Measure) -> Json:
    """The rule for the limits of one measure: silence has no number to compare."""
    return {"propertyNames": {"const": "margin"}} if measure == "silence" else {}


class ConditionType(Type):
    """``speech``, ``{motion: {above: 0.1}}``, or ``and``, ``or`` and ``not`` of such."""

    phrase = "a measure such as speech, or a mapping such as {motion: {above: 0.1}}"

    def schema(self, shared: Json) -> Json:
        if "condition" not in shared:
            shared["condition"] = {}
            self_ = {"$ref": "#/definitions/condition"}
            several = {"type": "array", "items": self_, "minItems": 1}
            limits = _COMPARED.schema(shared)
            shared["condition"] = {
                "description": "A condition under which a moment is kept.",
                "if": {"type": "string"},
                "then": {"enum": list(MEASURES)},
                "else": {
                    "type": "object",
                    "properties": {
                        "and": {**several, "description": "All of these."},
                        "or": {**several, "description": "At least one of these."},
                        "not": {"allOf": [self_], "description": "Not this."},
                        "margin": MarginType().schema(shared),
                        SAID: {**_TEXTS.schema(shared), "description": _SAID_DOC},
                        **{
                            name: {
                                "anyOf": [{"type": "null"}, {"allOf": [limits, _rule(name)]}],
                                "description": doc,
                            }
                            for name, doc in MEASURES.items()
                        },
                    },
                    "additionalProperties": False,
                    # One kind of condition, and perhaps a margin.
                    "minProperties": 1,
                    "if": {"required": ["margin"]},
                    "then": {"minProperties": 2, "maxProperties": 2},
                    "else": {"maxProperties": 1},
                },
            }
        return {"$ref": "#/definitions/condition"}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, str):
            if node.value not in MEASURES:
                self._unknown(node.value, node, problems)
            return
        if not isinstance(node.value, dict):
            self.reject(node, name, problems)
            return
        kinds = [key for key in node.value if key != "margin"]
        if "margin" in node.value:
            MarginType().check(node.value["margin"], "margin", problems)
        if len(kinds) != 1:
            message = f"a condition is one of {', '.join(('and', 'or', 'not', SAID, *MEASURES))}"
            problems.add("bad-condition", message, node, "join several with {and: [...]}")
            return
        kind, held = kinds[0], node.value[kinds[0]]
        if kind in ("and", "or"):
            ListOf(self, "condition", empty="empty-list").check(held, kind, problems)
        elif kind == "not":
            self.check(held, kind, problems)
        elif kind == SAID:
            _TEXTS.check(held, kind, problems)
        elif kind in MEASURES:
            if held.value is not None:
                _COMPARED.check(held, kind, problems)
            if kind == "silence" and isinstance(held.value, dict):
                for limit in {"above", "below"} & held.value.keys():
                    message = "silence is either true or false: it cannot be compared with a number"
                    hint = "compare the level: {loudness: {below: -40}}"
                    problems.add("bad-condition", message, held[limit].key_location, hint)
        else:
            self._unknown(kind, held.key_location or held, problems)

    @staticmethod
    def _unknown(word: str, at: SpecNode | SourceLocation | None, problems: Problems) -> None:
        if word in _LATER:
            message = f"{word!r} is a word of the language that this version does not support yet"
            problems.add("not-yet", message, at, _LATER[word])
            return
        if word == SAID:
            message = "what is to be said? `said` needs words"
            problems.add("bad-condition", message, at, 'write {said: "next quarter"}')
            return
        near = did_you_mean(word, ("and", "or", "not", SAID, *MEASURES))
        tail = f"; did you mean {near!r}?" if near else ""
        hint = None if near else f"there are {', '.join(MEASURES)}"
        problems.add(
            "unknown-measure", f"{word!r} is not something that can be measured{tail}", at, hint
        )

    def canonical(self, node: SpecNode) -> SpecNode:
        if isinstance(node.value, str):
            return node.with_value({node.value: SpecNode({}, node.location)})
        entries: dict[str, SpecNode] = {}
        for key, held in node.entries.items():
            if key in ("and", "or"):
                entries[key] = held.with_value([self.canonical(part) for part in held])
            elif key == "not":
                entries[key] = self.canonical(held)
            elif key == "margin":
                entries[key] = MarginType().canonical(held)
            elif key == SAID:
                entries[key] = _TEXTS.canonical(held)
            elif held.value is None:
                entries[key] = held.with_value({})
            else:
                entries[key] = _COMPARED.canonical(held)
        return node.with_value(entries)


class Keep(Type):
    """``all``, ``best``, or a condition."""

    phrase = "all, best, or a condition such as speech or {motion: {above: 0.1}}"
    _condition = ConditionType()

    def schema(self, shared: Json) -> Json:
        return {"anyOf": [{"enum": ["all", "best"]}, self._condition.schema(shared)]}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if node.value in ("all", "best"):
            return
        self._condition.check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return node if node.value in ("all", "best") else self._condition.canonical(node)


def margin_of(node: SpecNode | None, seconds: Seconds) -> Margin | None:
    if node is None:
        return None

    def one(part: SpecNode) -> Fraction:
        text = part.text
        length = seconds(part.with_value(text.removeprefix("-")), "margin")
        return -length if text.startswith("-") else length

    before, after = (one(part) for part in node)
    return Margin(before, after)


def condition_of(node: SpecNode, seconds: Seconds) -> Condition:
    """A condition in its canonical form."""
    margin = margin_of(node.get("margin"), seconds)
    kind = next(key for key in node.entries if key != "margin")
    held = node[kind]
    if kind in ("and", "or"):
        return Condition(kind, tuple(condition_of(p, seconds) for p in held), margin=margin)
    if kind == "not":
        return Condition(kind, (condition_of(held, seconds),), margin=margin)
    if kind == SAID:
        texts = tuple(text.text for text in held)
        return Condition(kind, margin=margin, said=texts, location=held.location)
    margin = margin_of(held.get("margin"), seconds) or margin

    def limit(name: str) -> float | None:
        return float(held[name].number) if name in held else None

    return Condition(kind, (), limit("above"), limit("below"), margin)
