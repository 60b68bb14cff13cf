"""A step of a list that is a call of an op, or that vedc decides."""

from __future__ import annotations

from typing import Final

from vedc.lang.keys.calls import Call
from vedc.lang.keys.decided import effects, grades
from vedc.lang.keys.decided.catalogue import Catalogue
from vedc.lang.keys.parts import EFFECT_CALL, GRADE_CALL
from vedc.lang.schema.records import Key, ListOf, Record
from vedc.lang.schema.values import Json, Type
from vedc.lang.yaml.tree import Problems, SpecNode


class DecidableStep(Type):
    """``{op: exposure, stops: 0.3}`` or ``{auto: balance}``.

    ``step`` is the record of a decided one, ``definition`` the name of the rule in the schema.
    """

    def __init__(self, call: Call, step: Record, catalogue: Catalogue, definition: str) -> None:
        self.call, self.step, self.catalogue = call, step, catalogue
        self.definition, self.example = definition, f"{{{step.keys['auto'].example}}}"

    @property
    def phrase(self) -> str:  # type: ignore[override]  # it names an op, and plugins add some
        return f"{self.call.phrase}, or {self.example}"

    def schema(self, shared: Json) -> Json:
        if self.definition not in shared:
            shared[self.definition] = {}
            shared[self.definition] = {
                "if": {"type": "object", "required": ["auto"]},
                "then": self.step.schema(shared),
                "else": self.call.schema(shared),
            }
        return {"$ref": f"#/definitions/{self.definition}"}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, dict) and "auto" in node:
            self.step.check_keys(node, problems)
        elif node.value == "auto":
            self.reject(node, name, problems, f"write {self.example}")
        elif isinstance(node.value, str) and node.value in self.catalogue.kinds:
            self.reject(node, name, problems, f"write {self.entry(node)}")
        else:
            self.call.check(node, name, problems)

    def entry(self, node: SpecNode) -> str | None:
        word = node.value
        if isinstance(word, str) and word in self.catalogue.kinds:
            return f"{{auto: {word}}}"
        return self.call.entry(node)

    def canonical(self, node: SpecNode) -> SpecNode:
        return (self.step if "auto" in node else self.call).canonical(node)


class WholePictureEffect(Type):
    """An effect of a finished picture, which cannot be decided: it has no shots."""

    call: Final = EFFECT_CALL

    @property
    def phrase(self) -> str:  # type: ignore[override]  # it names an op, and plugins add some
        return self.call.phrase

    def schema(self, shared: Json) -> Json:
        return self.call.schema(shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, dict) and "auto" in node:
            message = "these effects are for the finished picture, which has no shots of its own"
            hint = "put it under the `effects` of each clip, or give it to all: defaults: {clip: "
            at = node["auto"].key_location or node
            problems.add("no-shots", message, at, f"{hint}{{effects: [...]}}}}")
        else:
            self.call.check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return self.call.canonical(node)


GRADE_STEP: Final = DecidableStep(GRADE_CALL, grades.STEP, grades.CATALOGUE, "grade_step")
GRADE_LIST: Final = ListOf(GRADE_STEP, "grade step")
EFFECT_STEP: Final = DecidableStep(
    EFFECT_CALL, effects.EFFECT_STEP, effects.CATALOGUE, "effect_step"
)
EFFECT_LIST: Final = ListOf(EFFECT_STEP, "effect")
#: By the key of the list.
STEP_LISTS: Final = {"grade": GRADE_LIST, "effects": EFFECT_LIST}


def shared_grade(owner: str) -> Key:
    """The grade that all clips of a track, or of the timeline, have in common."""
    after = "their own grade" if owner == "the track" else "their own grade and that of their track"
    return Key(
        "grade",
        GRADE_LIST,
        f"Steps for every clip, image and composition of {owner}, after {after}; keyframes count "
        "in the time of each. Titles, colours and generators stay as they are; `effects` work on "
        "the finished picture instead.",
    )
