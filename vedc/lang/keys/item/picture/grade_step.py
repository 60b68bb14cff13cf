"""A step of a grade: a call of an op, or one that vedc decides."""

from __future__ import annotations

from typing import Final

from vedc.lang.keys.calls import Call
from vedc.lang.keys.decided.grades import STEP
from vedc.lang.keys.parts import GRADE_CALL
from vedc.lang.schema.records import Key, ListOf
from vedc.lang.schema.values import Json, Type
from vedc.lang.yaml.tree import Problems, SpecNode


class GradeStep(Type):
    """``{op: exposure, stops: 0.3}`` or ``{auto: balance}``."""

    def __init__(self, call: Call) -> None:
        self.call = call

    @property
    def phrase(self) -> str:  # type: ignore[override]  # it names an op, and plugins add some
        return f"{self.call.phrase}, or {{auto: balance}}"

    def schema(self, shared: Json) -> Json:
        if "grade_step" not in shared:
            shared["grade_step"] = {}
            shared["grade_step"] = {
                "if": {"type": "object", "required": ["auto"]},
                "then": STEP.schema(shared),
                "else": self.call.schema(shared),
            }
        return {"$ref": "#/definitions/grade_step"}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, dict) and "auto" in node:
            STEP.check_keys(node, problems)
        elif node.value == "auto":
            hint = "write {auto: balance}"
            self.reject(node, name, problems, hint)
        else:
            self.call.check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return (STEP if "auto" in node else self.call).canonical(node)


GRADE_STEP: Final = GradeStep(GRADE_CALL)
GRADE_LIST: Final = ListOf(GRADE_STEP, "grade step")


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
