"""Lists whose elements may be repeated and left out: the editor schema of ``repeat`` and ``if``.

Both are removed before a spec is checked (``vedc/lang/expr/repeat.py``), so this is only a schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vedc.lang.schema.records import ListOf, Record
from vedc.lang.schema.values import Json, Type

_NAME: Final = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
_ELEMENTS: Final = {"type": ["array", "object"]}


def _keys(shared: Json) -> Json:
    """The schemas of ``repeat`` and ``if``."""
    shared["repeat"] = {
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
                **_ELEMENTS,
                "description": "What is repeated, where it is more than one element.",
            },
            "between": {
                **_ELEMENTS,
                "description": "What stands between two, such as {transition: dissolve}.",
            },
        },
        "required": ["for", "in"],
        "additionalProperties": False,
    }
    left_out = "If false, the element is left out, as if it were not written."
    return {
        "repeat": {"$ref": "#/definitions/repeat"},
        "if": {"type": ["boolean", "string"], "description": left_out},
    }


class RepeatedList(ListOf):
    """A list of ``item``, which is one of ``records``."""

    def __init__(
        self, item: Type, noun: str, *, records: Sequence[Record], empty: str | None = None
    ) -> None:
        super().__init__(item, noun, empty=empty)
        for record in records:
            record.beside = _keys

    def schema(self, shared: Json) -> Json:
        schema = super().schema(shared)
        several = {"type": "object", "required": ["each"]}
        group = {"type": "object", "required": ["repeat"], "properties": {"repeat": several}}
        alone = {
            "type": "object",
            "properties": _keys(shared),
            "additionalProperties": False,
        }
        schema["items"] = {"if": group, "then": alone, "else": schema["items"]}
        return schema
