"""The meaning of plain YAML scalars: the core schema of YAML 1.2 (section 10.3.2).

``no``, ``on``, ``12:30:45``, ``2024-01-31`` and ``1_000`` are strings, ``010`` is ten and
``1e3`` a thousand.
"""

from __future__ import annotations

import math
import re
from typing import Final

from vedc.errors import shorten

Scalar = str | int | float | bool | None

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS: Final = {
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INT: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o[0-7]+")
_HEX: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITY: Final = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NANS: Final = frozenset({".nan", ".NaN", ".NAN"})
#: The characters that a scalar other than a string can start with.
_SPECIAL: Final = frozenset("0123456789+-.~nNtTfF")

#: Integers are limited to 64 bits, signed or unsigned.
INTEGER_LOW: Final = -(2**63)
INTEGER_HIGH: Final = 2**64 - 1


def resolve_plain(text: str) -> Scalar:
    """The value of an unquoted, untagged scalar.

    Raises ``ValueError``, worded for the user, for a number that 64 bits cannot hold.
    """
    if text and text[0] not in _SPECIAL:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    number = to_number(text)
    return text if number is None else number


def to_number(text: str) -> int | float | None:
    """The number that ``text`` denotes in the core schema, or None. Raises as above."""
    if _INT.fullmatch(text):
        return _integer(text, 10)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise ValueError(f"{shorten(text)} is too large for a 64-bit number")
        return number
    if _OCTAL.fullmatch(text):
        return _integer(text, 8)
    if _HEX.fullmatch(text):
        return _integer(text, 16)
    if found := _INFINITY.fullmatch(text):
        return -math.inf if found[1] == "-" else math.inf
    return math.nan if text in _NANS else None


def _integer(text: str, base: int) -> int:
    digits = text.lstrip("+-").removeprefix("0o").removeprefix("0x").lstrip("0")
    # Python refuses to read thousands of decimal digits; 22 octal ones hold 64 bits.
    if len(digits) <= 22:
        number = int(digits or "0", base)
        number = -number if text.startswith("-") else number
        if INTEGER_LOW <= number <= INTEGER_HIGH:
            return number
    raise ValueError(f"{shorten(text)} is too large for a 64-bit number")


def resolve_tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with a core tag: ``str``, ``int``, ``float``, ``bool``, ``null``.

    Raises ``KeyError`` for another tag, ``ValueError`` for text that the tag does not fit.
    """
    if tag == "str":
        return text
    value = resolve_plain(text)
    match tag, value:
        case ("null", None) | ("bool", bool()) | ("float", float()):
            return value
        case ("int" | "float", bool()):
            pass
        case ("int", int()):
            return value
        case ("float", int()):
            return float(value)
    if tag in ("null", "bool", "int", "float"):
        raise ValueError(f"{shorten(text)!r} is not what the tag !!{tag} says")
    raise KeyError(tag)
