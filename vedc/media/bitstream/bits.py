"""Bits and Exp-Golomb codes of NAL units, and the bytes that keep start codes out of them.

Source: ITU-T H.264, clauses 7.3.1 and 9.1; H.265 has the same.
"""

from __future__ import annotations

import re
from typing import Final

_PREVENTED: Final = re.compile(b"\0\0\3")
_START_LIKE: Final = re.compile(rb"\x00\x00(?=[\x00-\x03])")


class BitsError(ValueError):
    """The bits end early, or violate the standard."""


def unescape(data: bytes) -> bytes:
    """The payload of a NAL unit, without its emulation prevention bytes."""
    return _PREVENTED.sub(b"\0\0", data)


def escape(payload: bytes) -> bytes:
    """The inverse of :func:`unescape`."""
    escaped = _START_LIKE.sub(b"\0\0\3", payload)
    return escaped + b"\3" if escaped.endswith(b"\0") else escaped


def code_length(value: int) -> int:
    """Bits of ue(``value``)."""
    return 2 * (value + 1).bit_length() - 1


class BitReader:
    """Reads a payload from its first bit. Raises :class:`BitsError` at its end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self.size = 8 * len(data)
        self.at = 0
        """Bits read."""

    def u(self, bits: int) -> int:
        """An unsigned number of that many bits."""
        self.at += bits
        if self.at > self.size:
            raise BitsError("the bits end early")
        return self._value >> (self.size - self.at) & ((1 << bits) - 1)

    def flag(self) -> bool:
        return self.u(1) == 1

    def ue(self) -> int:
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 32:
                raise BitsError("an Exp-Golomb code is too long")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)

    def more(self) -> bool:
        """Whether anything comes before the stop bit."""
        rest = self._value & ((1 << (self.size - self.at)) - 1)
        return rest & (rest - 1) != 0

    def rest(self) -> tuple[int, int]:
        """The rest before the stop bit, and its length in bits."""
        left = self.size - self.at
        rest = self._value & ((1 << left) - 1)
        if not rest:
            raise BitsError("a payload has no stop bit")
        stop = (rest & -rest).bit_length()
        return rest >> stop, left - stop


class BitWriter:
    """Collects bits."""

    def __init__(self) -> None:
        self._value = self._size = 0

    def u(self, bits: int, value: int) -> BitWriter:
        if value >> bits:
            raise BitsError(f"{value} does not fit {bits} bits")
        self._value = self._value << bits | value
        self._size += bits
        return self

    def flag(self, value: bool) -> BitWriter:
        return self.u(1, int(value))

    def ue(self, value: int) -> BitWriter:
        return self.u(code_length(value), value + 1)

    def payload(self) -> bytes:
        """All bits with the stop bit, in whole bytes."""
        padding = -(self._size + 1) % 8
        value = (self._value << 1 | 1) << padding
        return value.to_bytes((self._size + 1 + padding) // 8, "big")


def with_codes(data: bytes, codes: list[tuple[int, int, int]]) -> bytes:
    """A payload with some ue codes replaced: (bit where it begins, old value, new value).

    The lengths of the new and the old code may differ by whole bytes only, so the following bits
    keep their place within bytes: the data of a CABAC slice begin at a byte.
    """
    value, size = int.from_bytes(data, "big"), 8 * len(data)
    for begin, old, new in sorted(codes, reverse=True):
        before, after = code_length(old), code_length(new)
        if (after - before) % 8:
            raise BitsError(f"ue({new}) in place of ue({old}) moves what follows")
        behind = size - begin - before
        head = value >> (size - begin)
        tail = value & ((1 << behind) - 1)
        value = ((head << after | new + 1) << behind) | tail
        size += after - before
    return value.to_bytes(size // 8, "big")


def longer_codes(value: int, highest: int) -> range:
    """The values up to ``highest`` whose ue code is longer by one byte."""
    zeros = code_length(value) // 2 + 4
    return range((1 << zeros) - 1, min((1 << zeros + 1) - 1, highest + 1))


def other_code(value: int, highest: int) -> int:
    """Another value, up to ``highest``, whose ue code has the same length, or a length that differs
    by whole bytes."""
    beside = ((value + 1) ^ 1) - 1
    if value and beside <= highest:
        return beside
    longer = longer_codes(value, highest)
    return longer[0] if longer else (1 << code_length(value) // 2 - 4) - 1
