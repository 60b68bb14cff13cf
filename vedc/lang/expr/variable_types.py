"""Types of variables, apart from the expression language because the schema only needs these."""

from __future__ import annotations

from typing import Final, Literal

Type = Literal["string", "number", "integer", "boolean"]

TYPES: Final[tuple[Type, ...]] = ("string", "number", "integer", "boolean")
FORMATS: Final = ("color",)
