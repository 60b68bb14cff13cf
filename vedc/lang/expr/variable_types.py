"""Types of variables, apart from the expression language because the schema only needs these."""

from __future__ import annotations

from typing import Final, Literal

Type = Literal["string", "number", "integer", "boolean", "array", "object"]

TYPES: Final[tuple[Type, ...]] = (
    "string", "number", "integer", "boolean", "array", "object",
)  # fmt: skip
DATA_TYPES: Final[tuple[Type, ...]] = ("array", "object")
"""Those with the whole of JSON Schema."""
FORMATS: Final = ("color",)
