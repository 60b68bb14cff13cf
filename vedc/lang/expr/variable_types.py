"""What a variable may be: kept apart, as the schema needs the words and not the language."""

from __future__ import annotations

from typing import Final, Literal

Type = Literal["string", "number", "integer", "boolean"]

TYPES: Final[tuple[Type, ...]] = ("string", "number", "integer", "boolean")
FORMATS: Final = ("color",)
