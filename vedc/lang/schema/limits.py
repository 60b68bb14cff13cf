r"""Patterns for numbers in texts with a largest value, which JSON Schema cannot express.

Digits are ``[0-9]``: ``\d`` differs among programs that read a schema.
"""

from __future__ import annotations


def whole(limit: int) -> str:
    """A pattern of the integers from 0 to ``limit``, leading zeros allowed."""
    return f"0*({'|'.join(_smaller(limit))}|{limit})"


def decimal(limit: int) -> str:
    """A pattern of decimals from 0 to ``limit``: ``2``, ``2.5`` and ``.5``."""
    return rf"(0*({'|'.join(_smaller(limit))})(\.[0-9]+)?|0*{limit}(\.0+)?|\.[0-9]+)"


def _smaller(limit: int) -> list[str]:
    """Patterns that together match the integers below ``limit``, without leading zeros."""
    digits = str(limit)
    found = [rf"[0-9]{_times(1, len(digits) - 1)}"] if len(digits) > 1 else []
    for index, digit in enumerate(digits):
        low = 1 if index == 0 and len(digits) > 1 else 0
        high = int(digit) - 1
        if high < low:
            continue
        one = str(low) if low == high else f"[{low}-{high}]"
        rest = len(digits) - index - 1
        found.append(f"{digits[:index]}{one}" + (rf"[0-9]{_times(rest, rest)}" if rest else ""))
    return found or ["0"]


def _times(least: int, most: int) -> str:
    if least == most:
        return "" if least == 1 else f"{{{least}}}"
    return f"{{{least},{most}}}"
