"""Lists whose elements may be repeated and left out: what editors know of ``repeat`` and ``if``.

Both are gone when a spec is checked (``vedc/lang/expr/repeat.py``), so this is only a schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vedc.lang.schema.records import ListOf, Record
from vedc.lang.schema.values import Json, Type

_NAME: Final = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
_IF: Final = {
    "type": ["boolean", "string"],
    "description": "If false, the element is left out, as if it were not written.",
}


class RepeatedList(ListOf):
    """A list of ``item``, which is one of ``records``."""

    def __init__(
        self, item: Type, noun: str, *, records: Sequence[Record], empty: str | None = None
    ) -> None:
        super().__init__(item, noun, empty=empty)
        self.records = records

    def schema(self, shared: Json) -> Json:
        schema = super().schema(shared)
        rule = self._repeat(schema["items"], shared)
        for record in self.records:
            found = record.schema(shared)
            written = shared[found["$ref"].rpartition("/")[2]]
            written["properties"].update({"repeat": rule, "if": _IF})
        group = {
            "type": "object",
            "required": ["repeat"],
            "properties": {"repeat": {"type": "object", "required": ["each"]}},
        }
        alone = {
            "type": "object",
            "properties": {"repeat": rule, "if": _IF},
            "required": ["repeat"],
            "additionalProperties": False,
        }
        schema["items"] = {"if": group, "then": alone, "else": schema["items"]}
        return schema

    def _repeat(self, element: Json, shared: Json) -> Json:
        name = f"repeat_{self.noun.replace(' ', '_')}"
        one_or_more = {"if": {"type": "array"}, "then": {"items": element}, "else": element}
        if name not in shared:
            shared[name] = {
                "type": "object",
                "description": "Makes an element of each value of a list.",
                "properties": {
                    "for": {**_NAME, "description": "What the value is called in expressions."},
                    "in": {
                        "type": ["array", "string"],
                        "description": "The values: a list, or an expression that gives one.",
                    },
                    "index": {
                        **_NAME,
                        "description": "What the number of the element is called, from 0.",
                    },
                    "each": {
                        **one_or_more,
                        "description": "What is repeated, where it is more than one element.",
                    },
                    "between": {
                        **one_or_more,
                        "description": "What stands between two, such as {transition: dissolve}.",
                    },
                },
                "required": ["for", "in"],
                "additionalProperties": False,
            }
        return {"$ref": f"#/definitions/{name}"}
