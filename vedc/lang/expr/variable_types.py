"""Types of variables, separate from the expression language because the schema needs only these."""

from __future__ import annotations

from typing import Final, Literal

Type = Literal["string", "number", "integer", "boolean", "array", "object"]

TYPES: Final[tuple[Type, ...]] = (
    "string", "number", "integer", "boolean", "array", "object",
)  # fmt: skip
DATA_TYPES: Final[tuple[Type, ...]] = ("array", "object")
"""Types with a full JSON Schema."""
FORMATS: Final = ("color",)
